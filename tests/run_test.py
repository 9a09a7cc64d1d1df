"""pixmill run: chains of jobs, their options, their files, what they refuse."""

import shutil
import unittest

from png_file import png, png_header, png_lines, png_pixels
from program import ProgramTest, disc


def grainy_disc(x: int, y: int) -> tuple:
    return tuple(min(255, max(0, v + (x * 7 + y * 13) % 23 - 11)) for v in disc(x, y))


class Chains(ProgramTest):
    def setUp(self):
        super().setUp()
        # A short job of a cut-out takes fp32 until some other job has asked for the processor's speeds.
        self.environment["PIXMILL_PRECISION"] = "fp32"

    def step_by_step(self, source, *steps):
        """The file that the steps make one after the other, each read from the PNG file of the one before."""
        for i, words in enumerate(steps):
            target = self.folder / f"step{i}.png"
            self.run_program(words[0], source, "-o", target, *words[1:])
            source = target
        return source.read_bytes()

    def chain(self, source, steps, *words):
        target = self.folder / "chain.png"
        target.unlink(missing_ok=True)
        self.run_program("run", steps, source, "-o", target, *words)
        return target.read_bytes()

    def test_a_chain_makes_the_pixels_of_its_steps_run_through_files(self):
        source = self.write("a.png", png(64, 64, grainy_disc))
        expected = self.step_by_step(source, ["denoise"], ["cutout"], ["upscale"])
        got = self.chain(source, "denoise,cutout,upscale")
        self.assertEqual(png_header(got), (128, 128, 8, 6))
        self.assertEqual(png_pixels(got), png_pixels(expected))

    def test_sixteen_bits_are_kept_from_step_to_step(self):
        source = self.write(
            "a.png", png(64, 64, lambda x, y: tuple(v * 257 + (x + y) % 200 for v in disc(x, y)), depth=16)
        )
        expected = self.step_by_step(source, ["denoise"], ["cutout", "--background", "#102030"])
        got = self.chain(source, "denoise,cutout", "--cutout.background", "#102030")
        self.assertEqual(png_header(got), (64, 64, 16, 2))
        self.assertEqual(png_header(got), png_header(expected))
        self.assertEqual(png_lines(got), png_lines(expected))

    def test_options_of_steps(self):
        source = self.write("a.png", png(64, 64, disc))
        expected = self.step_by_step(source, ["cutout", "--trim"], ["upscale", "--scale", "3"])
        got = self.chain(source, "cutout,upscale", "--cutout.trim", "--upscale.scale", "3")
        self.assertEqual(png_pixels(got), png_pixels(expected))

    def test_one_step_is_a_chain_too_and_the_same_job_may_stand_twice(self):
        source = self.write("a.png", png(64, 64, disc))
        self.assertEqual(png_pixels(self.chain(source, "cutout")), png_pixels(self.step_by_step(source, ["cutout"])))
        twice = self.step_by_step(source, ["cutout"], ["cutout"])
        self.assertEqual(png_pixels(self.chain(source, "cutout,cutout")), png_pixels(twice))

    def test_folders_names_formats_and_resume(self):
        source = self.discs(3)
        words = ["run", "denoise,cutout", source, "-o", self.folder / "out", "--format", "webp"]
        ended = self.events(*words)[-1]
        self.assertEqual((ended["done"], ended["skipped"], ended["failed"]), (3, 0, 0))
        self.assertEqual(self.files(), [f"img{i}_nobg.webp" for i in range(3)])
        self.assertEqual(self.events(*words)[-1]["skipped"], 3)
        again = self.events(*words, "--denoise.strength", "0.5")[-1]
        self.assertEqual((again["done"], again["skipped"]), (3, 0))
        again = self.events(*words, "--denoise.strength", "0.5", "--cutout.refine", "none")[-1]
        self.assertEqual((again["done"], again["skipped"]), (3, 0))

    def test_results_have_the_name_of_the_last_step(self):
        source = self.discs(1)
        self.run_program("run", "denoise,upscale", source, "-o", self.folder / "out")
        self.assertEqual(self.files(), ["img0_x2.png"])

    def test_dry_run_and_events(self):
        source = self.discs(2)
        events = self.events("run", "denoise,cutout", source, "-o", self.folder / "out", "--dry-run")
        self.assertEqual([e["event"] for e in events if e["event"] == "planned"], ["planned"] * 2)
        self.assertFalse((self.folder / "out").exists() and self.files())
        began = next(e for e in events if e["event"] == "began")
        self.assertEqual(began["model"], "starter-denoise+starter")

    def test_steps_take_settings_as_their_jobs_do(self):
        source = self.write("a.png", png(64, 64, disc))
        self.write("home/settings.yaml", b"cutout:\n  background: '#102030'\n")
        self.assertEqual(png_header(self.chain(source, "denoise,cutout"))[3], 2)
        self.assertEqual(png_header(self.chain(source, "denoise,cutout", "--cutout.background", "none"))[3], 6)


class ChainFiles(ProgramTest):
    SHOP = b"""name: shop
options:
  format: jpeg
  quality: 80
steps:
  - denoise
  - job: cutout
    name: white
    options:
      background: white
      trim: true
"""

    def test_a_file_says_what_the_command_line_could(self):
        chain = self.write("shop.yaml", self.SHOP)
        source = self.discs(1)
        self.run_program("run", "--chain", chain, source, "-o", self.folder / "out")
        self.run_program(
            "run",
            "denoise,cutout",
            source,
            "-o",
            self.folder / "same",
            "--format",
            "jpeg",
            "--quality",
            "80",
            "--cutout.background",
            "white",
            "--cutout.trim",
        )
        self.assertEqual(self.files(), ["img0_nobg.jpg"])
        self.assertEqual(
            (self.folder / "out/img0_nobg.jpg").read_bytes(), (self.folder / "same/img0_nobg.jpg").read_bytes()
        )

    def test_the_command_line_goes_before_the_file(self):
        chain = self.write("shop.yaml", self.SHOP)
        source = self.discs(1)
        self.run_program(
            "run", "--chain", chain, source, "-o", self.folder / "out", "--format", "png", "--cutout.background", "none"
        )
        self.assertEqual(png_header((self.folder / "out/img0_nobg.png").read_bytes())[3], 6)

    def test_steps_of_one_job_with_options_of_their_own(self):
        chain = self.write(
            "two.yaml",
            b"steps:\n  - job: cutout\n    options: {trim: true}\n  - job: cutout\n    options: {background: black}\n",
        )
        source = self.write("a.png", png(64, 64, disc))
        self.run_program("run", "--chain", chain, source, "-o", self.folder / "got.png")
        self.run_program("cutout", source, "--trim", "-o", self.folder / "first.png")
        self.run_program("cutout", self.folder / "first.png", "--background", "black", "-o", self.folder / "second.png")
        self.assertEqual(
            png_pixels((self.folder / "got.png").read_bytes()), png_pixels((self.folder / "second.png").read_bytes())
        )

    def test_own_chains_have_names(self):
        self.write("home/chains/shop.yaml", self.SHOP)
        source = self.discs(1)
        self.run_program("run", "shop", source, "-o", self.folder / "out", "--name", "{job}_{stem}")
        self.assertEqual(self.files(), ["shop_img0.jpg"])
        done = self.run_program("run", "shpo", source, "-o", self.folder / "out", code=2)
        self.assertIn("did you mean shop?", done.stderr)

    def test_mistakes_in_a_file_have_a_line_and_the_nearest_word(self):
        source = self.discs(1)
        cases = {
            b"setps: [cutout]\n": ["chain.yaml:1: there is no key 'setps'", "did you mean steps?"],
            b"steps:\n  - cutuot\n": ["chain.yaml:2: there is no job 'cutuot'", "did you mean cutout?"],
            b"steps:\n  - job: cutout\n    options: {backgrond: white}\n": [
                "chain.yaml:3: there is no option 'backgrond' of cutout",
                "did you mean background?",
            ],
            b"steps:\n  - job: cutout\n    options: {threshold: 7}\n": ["chain.yaml:3", "from 0 to 1"],
            b"steps:\n  - job: cutout\n    optoins: {}\n": ["chain.yaml:3: there is no key 'optoins'"],
            b"steps:\n  - job: cutout\n    options: {device: cpu}\n": ["chain.yaml:3", "under `options` at the top"],
            b"options: {background: white}\nsteps: [cutout]\n": ["chain.yaml:1", "under its step"],
            b"steps:\n  - name: x\n": ["chain.yaml:2: a step without 'job'"],
            b"steps: []\n": ["chain.yaml:1", "a list of jobs"],
            b"steps: [cutout\n": ["not YAML"],
            b"- cutout\n": ["chain.yaml:1: a chain is written as"],
            b"steps: [cutout]\nsteps: [cutout]\n": ["appears twice"],
        }
        for text, expected in cases.items():
            chain = self.write("chain.yaml", text)
            done = self.run_program("run", "--chain", chain, source, "-o", self.folder / "out", code=2)
            for words in expected:
                self.assertIn(words, done.stderr, text)
        done = self.run_program("run", "--chain", self.folder / "none.yaml", source, "-o", self.folder / "out", code=2)
        self.assertIn("none.yaml", done.stderr)
        self.assertFalse((self.folder / "out").exists())


class Refusals(ProgramTest):
    def refused(self, *words, expected):
        done = self.run_program("run", *words, "-o", self.folder / "out", code=2)
        for text in expected:
            self.assertIn(text, done.stderr, words)
        self.assertFalse((self.folder / "out").exists())

    def test_what_cannot_be_a_chain(self):
        source = self.discs(1)
        self.refused("cutout,detect", source, expected=["detect makes no picture", "run it on its own"])
        self.refused("cutuot,denoise", source, expected=["there is no job 'cutuot'", "did you mean cutout?"])
        self.refused(source, expected=["there is no job and no chain", "the steps come first"])
        self.refused("cutout,", source, expected=["there is no job ''"])
        self.refused("cutout,denoise", source, "--cutout.mask", expected=["step 1, cutout makes 2 pictures"])
        self.refused("cutout,denoise", source, "--cutout.format", "png", expected=["step 1, cutout writes no file"])
        self.refused("cutout", source, "--denoise.strength", "1", expected=["the chain has no step denoise"])
        self.refused("cutout", source, "--cutout.backgrond", "x", expected=["did you mean --cutout.background?"])
        self.refused("cutout", source, "--cutout.threshold", "7", expected=["--cutout.threshold", "from 0 to 1"])
        self.refused(
            "denoise,cutout",
            source,
            "--format",
            "jpeg",
            expected=["step 2, cutout: jpeg cannot be transparent", "--background white"],
        )
        self.refused("denoise,cutout", source, "--format", "jpgx", expected=["takes one of"])
        self.refused("denoise,cutout", source, "--cutout.model", "starter-denoise", expected=["starter-denoise"])
        self.refused("denoise,cutout", expected=["no input was named"])
        self.refused(expected=["no chain was named"])

    def test_a_picture_that_fails_says_in_which_step(self):
        source = self.discs(2)
        self.write("in/tiny.png", png(1, 1))
        shutil.copy(source / "img0.png", source / "broken.png")
        (source / "broken.png").write_bytes((source / "broken.png").read_bytes()[:60])
        ended = self.events("run", "denoise,cutout", source, "-o", self.folder / "out", code=1)[-1]
        self.assertEqual((ended["done"], ended["failed"]), (3, 1))

    def test_help_names_the_options_of_steps(self):
        text = self.run_program("run", "--help").stdout
        for option in ("--cutout.background", "--cutout.model", "--denoise.strength", "--upscale.scale", "--chain"):
            self.assertIn(option, text)
        self.assertNotIn("--detect.", text)
        self.assertLess(len(self.run_program("run", "-h").stdout.splitlines()), 50)
        self.assertIn("--cutout.background", self.run_program("completion", "bash").stdout)


if __name__ == "__main__":
    unittest.main()

"""`pixmill upscale` and `pixmill denoise` as a user runs them, with the models that are built in."""

import contextlib
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from png_file import large_png, png, png_header, png_pixels
from program import SANITIZED, ProgramTest, program
from tiny_upscaler import tiny_upscaler


def waves(x: int, y: int) -> tuple:
    return ((x * 5 + y * 3) % 200 + 20, (x * 2 + y * 7) % 180 + 30, (x + y) % 220 + 10)


def see_through(x: int, y: int) -> tuple:
    return (*waves(x, y), 255 if (x - 20) ** 2 + (y - 15) ** 2 < 120 else 0)


class Upscale(ProgramTest):
    def test_twice_the_size_offline_and_named_by_the_scale(self):
        photo = self.write("in/waves.png", png(70, 41, waves))
        self.run_program("upscale", photo)
        made = (self.folder / "in/waves_x2.png").read_bytes()
        self.assertEqual(png_header(made)[:2], (140, 82))
        # Each 2x2 pixels are near the pixel that they were.
        (_, _, _), small = png_pixels(photo.read_bytes())
        (_, _, _), large = png_pixels(made)
        off = [
            abs(
                sum(large[((2 * y + v) * 140 + 2 * x + u) * 3 + c] for u in (0, 1) for v in (0, 1)) / 4
                - small[(y * 70 + x) * 3 + c]
            )
            for x in range(8, 60)
            for y in range(8, 30)
            for c in range(3)
        ]
        self.assertLess(sum(off) / len(off), 12)

    def test_a_folder_mirrored_and_resumed(self):
        for name in ("a.png", "sub/b.png", "sub/deep/c.png"):
            self.write("in/" + name, png(30, 20, waves))
        out = self.folder / "out"
        self.run_program("upscale", self.folder / "in", "-o", out)
        self.assertEqual(self.files(), ["a_x2.png", "sub/b_x2.png", "sub/deep/c_x2.png"])
        ended = self.events("upscale", self.folder / "in", "-o", out)[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (0, 3))

    def test_names_scales_and_formats(self):
        photo = self.write("p.png", png(30, 20, waves))
        for words, name, size in (
            (("--scale", "3"), "p_x3.png", (90, 60)),
            (("--scale", "1.5"), "p_x1.5.png", (45, 30)),
            (("--name", "{stem}-{scale}-{model}"), "p-2-starter-upscale-x2.png", (60, 40)),
        ):
            self.run_program("upscale", photo, *words)
            self.assertEqual(png_header((self.folder / name).read_bytes())[:2], size)
        for name, head in (("o.jpg", b"\xff\xd8"), ("o.webp", b"RIFF"), ("o.tif", b"II*\0")):
            self.run_program("upscale", photo, self.folder / name)
            self.assertEqual((self.folder / name).read_bytes()[: len(head)], head)
        said = self.run_program("upscale", photo, "--name", "{width}", code=2).stderr
        self.assertIn("{scale}", said)

    def test_tiles_make_no_difference(self):
        photo = self.write("p.png", png(150, 110, waves))
        whole = self.folder / "whole.png"
        self.run_program("upscale", photo, "-o", whole, "--tile", "512", "--precision", "fp32")
        self.run_program("upscale", photo, "-o", self.folder / "tiled.png", "--tile", "64", "--precision", "fp32")
        _, a = png_pixels(whole.read_bytes())
        _, b = png_pixels((self.folder / "tiled.png").read_bytes())
        self.assertLessEqual(max(abs(p - q) for p, q in zip(a, b)), 1)
        done = self.events("upscale", photo, "-o", self.folder / "t.png", "--tile", "64", "--check-seams")
        note = next(e for e in done if e["event"] == "done")["notes"][0]
        self.assertRegex(note, r"seams: at most 0\.\d+/255")
        tallies = done[-1]["tallies"]
        self.assertGreater(tallies["tiles"], 6)
        self.assertGreater(tallies["pixels inferred"], tallies["pixels enhanced"])

    def test_transparency_is_enlarged_on_its_own(self):
        photo = self.write("p.png", png(40, 30, see_through))
        self.run_program("upscale", photo, "-o", self.folder / "o.png")
        (width, height, channels), samples = png_pixels((self.folder / "o.png").read_bytes())
        self.assertEqual((width, height, channels), (80, 60, 4))
        self.assertEqual(samples[(30 * 80 + 40) * 4 + 3], 255)
        self.assertEqual(samples[3], 0)

    def test_sixteen_bits_stay(self):
        self.write("deep.png", png(40, 30, lambda x, y: (x * 900, y * 1500, 30000 + x * y), depth=16))
        self.run_program("upscale", self.folder / "deep.png", "-o", self.folder / "o.png")
        self.assertEqual(png_header((self.folder / "o.png").read_bytes()), (80, 60, 16, 2))

    def test_small_narrow_and_broken_pictures(self):
        self.write("in/one.png", png(1, 1, waves))
        self.write("in/narrow.png", png(700, 2, waves))
        self.write("in/empty.png", b"")
        self.write("in/cut.png", png(300, 200, waves)[:900])
        self.write("in/text.png", b"no picture at all, but words")
        said = self.run_program("upscale", self.folder / "in", "-o", self.folder / "out", code=1).stderr
        self.assertEqual(self.files(), ["narrow_x2.png", "one_x2.png"])
        for name in ("empty.png", "cut.png", "text.png"):
            self.assertIn(name, said)
        self.assertEqual(png_header((self.folder / "out/one_x2.png").read_bytes())[:2], (2, 2))

    def test_what_a_format_cannot_hold_is_named(self):
        self.write("in/wide.png", png(40000, 1, lambda x, y: (x % 256, 0, 0)))
        said = self.run_program(
            "upscale", self.folder / "in", "-o", self.folder / "out", "--format", "jpeg", code=1
        ).stderr
        self.assertIn("wide.png", said)
        self.assertIn("65500 pixels a side", said)

    def test_refused_options(self):
        photo = self.write("p.png", png(30, 20, waves))
        for words, said in (
            (("--strength", "2"), "--strength"),
            (("--tile", "0"), "--tile"),
            (("--scale", "99"), "--scale"),
            (("-m", "starter"), "cutout"),
            (("-m", "starter-denoise"), "denoise"),
        ):
            self.assertIn(said, self.run_program("upscale", photo, *words, code=2).stderr)

    def test_denoise(self):
        noise = random.Random(5)
        noisy = png(96, 80, lambda x, y: tuple(min(255, max(0, round(noise.gauss(120, 25)))) for c in range(3)))
        photo = self.write("n.png", noisy)
        self.run_program("denoise", photo)
        (size), clean = png_pixels((self.folder / "n_denoised.png").read_bytes())
        self.assertEqual(size[:2], (96, 80))

        def spread(samples):
            mean = sum(samples) / len(samples)
            return (sum((s - mean) ** 2 for s in samples) / len(samples)) ** 0.5

        self.assertLess(spread(clean), spread(png_pixels(noisy)[1]) / 2)
        self.run_program("denoise", photo, "-o", self.folder / "none.png", "--strength", "0")
        self.assertEqual(png_pixels((self.folder / "none.png").read_bytes())[1], png_pixels(noisy)[1])

    @unittest.skipIf(SANITIZED, "the sanitizers' own memory counts")
    def test_a_result_larger_than_the_memory_it_takes(self):
        """20,000 x 12,000 pixels are 720 MB, with --memory 512M; other formats and sizes in tests/gigapixel_test.py."""
        self.write("big.png", large_png(5000, 3000))
        model = self.write("repeat-x4.onnx", tiny_upscaler(4))
        words = ["upscale", self.folder / "big.png", "-o", self.folder / "out.png", "-m", model, "--memory", "512M"]
        ended = self.events(*words)[-1]
        self.assertEqual(ended["done"], 1)
        self.assertLess(ended["peak_memory_bytes"], 600 << 20)

    def kill_while_a_file_grows(self, *words) -> bool:
        """Kills a run when some file below the folder of results has got a megabyte; whether it was still alive."""
        with subprocess.Popen(
            [program(), *map(str, words)], stderr=subprocess.DEVNULL, env=self.environment
        ) as running:
            while running.poll() is None and not any(p.stat().st_size > 1 << 20 for p in self.files_of(running.pid)):
                time.sleep(0.002)
            running.kill()
        return running.returncode == -signal.SIGKILL

    def files_of(self, process: int) -> list:
        """What it has open, files without a name too."""
        found = []
        for handle in pathlib.Path(f"/proc/{process}/fd").glob("*"):
            with contextlib.suppress(OSError):
                if str(self.folder / "out") in os.readlink(handle):
                    found.append(handle)
        return found

    def test_a_run_killed_in_the_middle_of_a_large_picture_starts_it_again(self):
        self.write("in/big.png", large_png(1500, 1500))
        model = self.write("repeat-x4.onnx", tiny_upscaler(4))
        words = ["upscale", self.folder / "in", "-o", self.folder / "out", "-m", model, "--format", "tiff"]
        self.assertTrue(self.kill_while_a_file_grows(*words), "it was done before the kill")
        self.assertNotIn("big_x4.tif", self.files())
        ended = self.events(*words)[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (1, 0))
        self.assertEqual(self.files(), ["big_x4.tif"])
        self.assertEqual(self.events(*words)[-1]["skipped"], 1)

    def test_a_disk_that_fills_in_the_middle_of_a_large_picture(self):
        place = self.small_disk("400k")
        noise = random.Random(7)
        self.write("big.png", png(600, 600, lambda x, y: noise.randbytes(3)))
        model = self.write("repeat-x4.onnx", tiny_upscaler(4))
        words = ["upscale", self.folder / "big.png", "-o", place / "big.tif", "-m", model]
        events = self.events(*words, code=1)
        self.assertEqual([e["code"] for e in events if e["event"] == "failed"], ["disk_full"])
        self.assertEqual([p for p in place.rglob("*") if p.is_file()], [])
        subprocess.run(["mount", "-o", "remount,size=100m", place], check=True)
        self.assertEqual(self.events(*words)[-1]["done"], 1)

    def test_a_factor_that_the_model_does_not_have(self):
        photo = self.write("p.png", png(40, 30, waves))
        wrong = self.write("wrong-x2.onnx", tiny_upscaler(4))
        said = self.run_program("upscale", photo, "-o", self.folder / "o.png", "-m", wrong, code=1).stderr
        self.assertIn("made 160x128 of 40x32, and its card says 80x64", said)
        self.assertFalse((self.folder / "o.png").exists())

    def test_models_without_a_card_are_read_by_shapes_and_names(self):
        photo = self.write("p.png", png(40, 30, waves))
        for name, size in (("thing_4x.onnx", (160, 120)), ("x4plus.onnx", (160, 120))):
            model = self.write(name, tiny_upscaler(4))
            said = self.run_program("upscale", photo, "-o", self.folder / "o.png", "-m", model, "--overwrite").stderr
            self.assertIn("read as an upscaler x4", said)
            self.assertEqual(png_header((self.folder / "o.png").read_bytes())[:2], size)
        nameless = self.write("thing.onnx", tiny_upscaler(4))
        self.assertIn("card", self.run_program("upscale", photo, "-m", nameless, code=2).stderr)


if __name__ == "__main__":
    unittest.main()

"""pixmill cutout: inputs, outputs, resume, exit codes, events."""

import csv
import json
import os
import subprocess
import time
import unittest

from png_file import png, png_header
from program import EXAMPLES, ProgramTest, disc


class Outputs(ProgramTest):
    def test_examples_become_transparent_pictures_of_their_own_size(self):
        self.run_program("cutout", EXAMPLES, "-o", self.folder / "out")
        for source in EXAMPLES.glob("*.png"):
            width, height, depth, colour = png_header((self.folder / "out" / f"{source.stem}_nobg.png").read_bytes())
            self.assertEqual((width, height, depth, colour), (*png_header(source.read_bytes())[:2], 8, 6))

    def test_one_input_goes_beside_itself_or_where_it_is_told(self):
        source = self.write("horse.png", png(64, 64, disc))
        self.run_program("cutout", source)
        self.run_program("cutout", source, "-o", self.folder / "cut.webp")
        self.run_program("cutout", source, "-o", f"{self.folder}/dir/")
        self.assertTrue((self.folder / "horse_nobg.png").exists())
        self.assertEqual((self.folder / "cut.webp").read_bytes()[8:12], b"WEBP")
        self.assertTrue((self.folder / "dir/horse_nobg.png").exists())

    def test_standard_input_and_output(self):
        data = png(64, 64, disc)
        done = self.run_program("cutout", "-", "-o", "-", input=data, text=False)
        self.assertEqual(png_header(done.stdout), (64, 64, 8, 6))
        done = self.run_program("cutout", "-", input=data, text=False)
        self.assertEqual(png_header(done.stdout)[:2], (64, 64))
        self.run_program("cutout", "-", "-o", self.folder / "x.png", input=data, text=False)
        self.assertTrue((self.folder / "x.png").exists())

    def test_tree_is_mirrored(self):
        self.write("in/a.png", png(32, 32, disc))
        self.write("in/sub/deep/a.png", png(32, 32, disc))
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out")
        self.assertEqual(self.files(), ["a_nobg.png", "sub/deep/a_nobg.png"])

    def test_masks(self):
        source = self.write("a.png", png(64, 48, disc))
        self.run_program("cutout", source, "-o", f"{self.folder}/both/", "--mask")
        self.assertEqual(self.files("both"), ["a_nobg.png", "a_nobg_mask.png"])
        self.assertEqual(png_header((self.folder / "both/a_nobg_mask.png").read_bytes()), (64, 48, 8, 0))
        self.run_program("cutout", source, "-o", f"{self.folder}/only/", "--only-mask")
        self.assertEqual(self.files("only"), ["a_mask.png"])

    def test_formats_and_backgrounds(self):
        source = self.write("a.png", png(64, 64, disc))
        magic = {"png": b"\x89PNG", "webp": b"RIFF", "tiff": b"II*\0", "jpeg": b"\xff\xd8", "avif": None}
        for name, start in magic.items():
            extension = {"jpeg": "jpg", "tiff": "tif"}.get(name, name)
            self.run_program("cutout", source, "-o", f"{self.folder}/out/", "--format", name, "--background", "#336699")
            made = [p for p in (self.folder / "out").iterdir() if p.suffix.startswith("." + extension[:3])]
            self.assertEqual(len(made), 1, (name, self.files()))
            if start:
                self.assertTrue(made[0].read_bytes().startswith(start))
        for background in ("white", "blur", "blur:3", str(source)):
            self.run_program("cutout", source, "-o", self.folder / "b.png", "--background", background)
            self.assertEqual(png_header((self.folder / "b.png").read_bytes())[3], 2)
        failed = self.run_program("cutout", source, "-o", self.folder / "c.jpg", code=2)
        self.assertIn("--background", failed.stderr)

    def test_canvas_trim_and_margin(self):
        source = EXAMPLES / "chelsea.png"
        self.run_program("cutout", source, "-o", self.folder / "c.png", "--canvas", "300x200", "--margin", "8%")
        self.assertEqual(png_header((self.folder / "c.png").read_bytes())[:2], (300, 200))
        self.run_program("cutout", source, "-o", self.folder / "t.png", "--trim")
        trimmed = png_header((self.folder / "t.png").read_bytes())
        whole = png_header(source.read_bytes())
        self.assertLessEqual(trimmed[0], whole[0])
        self.assertLessEqual(trimmed[1], whole[1])

    def test_name_template(self):
        self.discs(2)
        self.run_program(
            "cutout", self.folder / "in", "-o", self.folder / "out", "--name", "{index}-{stem}-{model}-{job}"
        )
        self.assertEqual(self.files(), ["1-img0-starter-cutout.png", "2-img1-starter-cutout.png"])


class Plans(ProgramTest):
    def test_refusals_before_the_first_byte(self):
        inputs = self.discs(2)
        twin = self.write("in/img0.webp", png(8, 8))
        self.assertIn("both be written", self.run_program("cutout", inputs, "-o", self.folder / "out", code=2).stderr)
        twin.unlink()
        self.assertIn("-o", self.run_program("cutout", inputs, code=2).stderr)
        self.assertIn("next run", self.run_program("cutout", inputs, "-o", inputs / "out", code=2).stderr)
        self.assertIn("next run", self.run_program("cutout", inputs, "-o", inputs, code=2).stderr)
        self.assertEqual(self.files("in"), ["img0.png", "img1.png"])
        self.assertFalse((self.folder / "out").exists())

    def test_dry_run_writes_nothing(self):
        self.discs(2)
        done = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--dry-run")
        self.assertIn("img1_nobg.png", done.stderr + done.stdout)
        self.assertFalse((self.folder / "out").exists())
        planned = [
            e
            for e in self.events("cutout", self.folder / "in", "-o", self.folder / "out", "--dry-run")
            if e["event"] == "planned"
        ]
        self.assertEqual([e["action"] for e in planned], ["write", "write"])

    def test_inputs_lists_globs_shards_and_limits(self):
        self.discs(12)
        out = self.folder / "out"
        listed = self.write("list.txt", b"in/img3.png\n# comment\nin/img11.png\n")
        self.run_program("cutout", f"@{listed}", "-o", out)
        self.assertEqual(self.files(), ["in/img11_nobg.png", "in/img3_nobg.png"])
        self.run_program("cutout", f"{self.folder}/in/img1*.png", "-o", out)
        self.assertEqual(len(self.files()), 5)
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "limited", "--limit", 2)
        self.assertEqual(self.files("limited"), ["img0_nobg.png", "img1_nobg.png"])
        for shard in (1, 2, 3):
            self.run_program("cutout", self.folder / "in", "-o", self.folder / "sharded", "--shard", f"{shard}/3")
        self.assertEqual(len(self.files("sharded")), 12)
        self.run_program(
            "cutout", self.folder / "in", "-o", self.folder / "filtered", "--include", "img?.png", "--exclude", "*5*"
        )
        self.assertEqual(len(self.files("filtered")), 9)

    def test_output_names_decide_format_file_and_folder(self):
        source = self.write("a.png", png(32, 32, disc))
        self.run_program("config", "set", "cutout.format", "webp")
        self.run_program("cutout", source, "-o", self.folder / "z.png")
        self.assertEqual((self.folder / "z.png").read_bytes()[:4], b"\x89PNG")
        self.run_program("cutout", source, "-o", self.folder / "y.png", "--format", "webp", code=2)
        self.run_program("cutout", source, "-o", self.folder / "y.gif", code=2)
        self.run_program("cutout", source, "-o", self.folder / "y.jpg", "--only-mask", code=2)
        self.run_program("cutout", source, "-o", self.folder / "new")
        self.assertEqual(self.files("new"), ["a_nobg.webp"])
        self.discs(2)
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "many.png", code=2)

    def test_links_do_not_hide_that_results_would_be_fed_back(self):
        self.discs(1)
        (self.folder / "link").symlink_to("in")
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "link/out", code=2)

    def test_no_picture_is_exit_code_3(self):
        (self.folder / "empty").mkdir()
        self.run_program("cutout", self.folder / "empty", "-o", self.folder / "out", code=3)


class Resume(ProgramTest):
    def test_what_is_done_is_skipped_and_what_changed_is_made_again(self):
        inputs = self.discs(4)
        out = self.folder / "out"
        words = ("cutout", inputs, "-o", out)
        self.assertEqual(self.events(*words)[-1]["done"], 4)
        before = {p: (out / p).stat().st_mtime_ns for p in self.files()}
        self.assertEqual(self.events(*words)[-1]["skipped"], 4)
        self.assertEqual(before, {p: (out / p).stat().st_mtime_ns for p in self.files()})
        self.write("in/img2.png", png(20, 20, disc))
        ended = self.events(*words)[-1]
        self.assertEqual((ended["done"], ended["skipped"]), (1, 3))
        self.assertEqual(self.events(*words, "--feather", "2")[-1]["done"], 4)
        self.assertEqual(self.events(*words, "--feather", "2")[-1]["skipped"], 4)
        self.assertEqual(self.events(*words, "--feather", "2", "--force")[-1]["done"], 4)
        (out / "img0_nobg.png").unlink()
        self.assertEqual(self.events(*words, "--feather", "2")[-1]["done"], 1)

    def test_a_job_with_nothing_left_loads_no_model(self):
        self.discs(1)
        words = ("cutout", self.folder / "in", "-o", self.folder / "out")
        self.run_program(*words)
        self.assertIsNone(self.events(*words)[-1]["session"])

    def test_foreign_files_are_left_alone(self):
        self.discs(2)
        foreign = self.write("out/img0_nobg.png", b"mine")
        done = self.events("cutout", self.folder / "in", "-o", self.folder / "out", code=1)
        failed = [e for e in done if e["event"] == "failed"]
        self.assertEqual([e["code"] for e in failed], ["collision"])
        self.assertEqual(foreign.read_bytes(), b"mine")
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--overwrite")
        self.assertNotEqual(foreign.read_bytes(), b"mine")
        foreign.write_bytes(b"edited")
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", code=1)
        self.assertEqual(foreign.read_bytes(), b"edited")


class Speech(ProgramTest):
    def test_events(self):
        self.discs(3)
        self.write("in/bad.png", b"no picture")
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out", code=1)
        kinds = [e["event"] for e in events]
        self.assertEqual(kinds[0], "began")
        self.assertEqual(kinds[-1], "ended")
        self.assertEqual(kinds.count("done"), 3)
        done = next(e for e in events if e["event"] == "done")
        self.assertEqual(set(done["ms"]), {"read", "decode", "preprocess", "infer", "postprocess", "encode", "write"})
        failed = next(e for e in events if e["event"] == "failed")
        self.assertTrue(failed["message"] and failed["hint"] and failed["code"])
        ended = events[-1]
        self.assertEqual((ended["total"], ended["done"], ended["failed"], ended["success_rate"]), (4, 3, 1, 75.0))
        self.assertGreater(sum(ended["session"]["placement"].values()), 0)
        self.assertGreater(ended["peak_memory_bytes"], 0)

    def test_summary_and_standard_output(self):
        self.discs(2)
        done = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out")
        self.assertEqual(done.stdout, "")
        self.assertIn("Success rate: 100.0%", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 3, done.stderr)  # and the advice on models, once
        self.assertNotIn("peak memory", done.stderr)
        again = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--force", "-v")
        self.assertIn("peak memory", again.stderr)
        quiet = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "-q", "--force")
        self.assertEqual(quiet.stderr, "")

    def test_reports(self):
        self.discs(2)
        self.write('in/bad,"quoted".png', b"no picture")
        for kind in ("json", "csv", "html"):
            report = self.folder / f"report.{kind}"
            self.run_program("cutout", self.folder / "in", "-o", self.folder / kind, "--report", report, code=1)
            text = report.read_text()
            if kind == "json":
                content = json.loads(text)
                self.assertEqual(len(content["results"]), 3)
                self.assertEqual(content["summary"]["failed"], 1)
            elif kind == "csv":
                rows = list(csv.DictReader(text.splitlines()))
                self.assertEqual(sorted(r["state"] for r in rows), ["done", "done", "failed"])
            else:
                self.assertIn("bad,&quot;quoted&quot;.png", text)
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "x", "--report", "report.doc", code=2)

    def test_log_file_is_appended_to(self):
        self.discs(2)
        log = self.folder / "log.txt"
        for _ in range(2):
            self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--log-file", log)
        lines = log.read_text().splitlines()
        self.assertEqual(sum('"event":"ended"' in line for line in lines), 2)
        self.assertRegex(lines[0], r'^\d{4}-\d\d-\d\dT[0-9:]+\S+ \{"event":"began"')
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", "--log-file", "/proc/x/y", code=2)

    def test_interrupt_finishes_what_is_in_flight(self):
        self.discs(300)
        running = self.start("cutout", self.folder / "in", "-o", self.folder / "out")
        running.send_signal(2)
        rest = running.communicate(timeout=60)[0]
        self.assertEqual(running.returncode, 130)
        ended = json.loads(rest.splitlines()[-1])
        self.assertTrue(ended["interrupted"])
        self.assertEqual(len(self.files()), ended["done"])
        again = self.events("cutout", self.folder / "in", "-o", self.folder / "out")[-1]
        self.assertEqual((again["skipped"], again["done"]), (ended["done"], 300 - ended["done"]))

    def test_second_interrupt_ends_at_once(self):
        self.discs(100)
        running = self.start("cutout", self.folder / "in", "-o", self.folder / "out")
        for _ in range(50):
            running.send_signal(2)
            time.sleep(0.002)
            if running.poll() is not None:
                break
        running.communicate(timeout=60)
        self.assertEqual(running.returncode, 130)
        for name in self.files():
            if not os.path.basename(name).startswith("."):
                png_header((self.folder / "out" / name).read_bytes())


class Words(ProgramTest):
    def test_help_fits_a_screen_and_knows_every_flag(self):
        for command in ("cutout", "models", "devices", "config", "completion"):
            text = self.run_program(command, "-h").stdout
            self.assertLessEqual(len(text.splitlines()), 44, command)
            self.assertLessEqual(max(map(len, text.splitlines())), 120, command)
        everything = self.run_program("cutout", "--help", "all").stdout
        self.assertEqual(everything, self.run_program("cutout", "--help").stdout)
        self.assertEqual(everything, self.run_program("help", "cutout").stdout)
        self.assertIn("known: cutout", self.run_program("help", "nothing", code=2).stderr)
        self.assertNotIn("--shard", self.run_program("cutout", "-h").stdout)
        for flag in ("--feather", "--max-pixels", "--shard", "--memory", "--shadow", "--log-file"):
            self.assertIn(flag, everything)
        self.assertIn("cutout", self.run_program("--help").stdout)
        self.assertRegex(self.run_program("--version").stdout, r"^pixmill \d+\.\d+\.\d+$")
        self.run_program(code=2)

    def test_slips_of_the_finger(self):
        source = self.write("a.png", png(8, 8))
        self.assertIn("--background", self.run_program("cutout", source, "--backgruond", "white", code=2).stderr)
        self.assertIn("cutout", self.run_program("cuotut", source, code=2).stderr)
        for words in (
            ("--format", "gif"),
            ("--threads", "0"),
            ("--jobs", "0"),
            ("--imgsz", "500"),
            ("--threshold", "2"),
            ("--canvas", "0x5"),
            ("--margin", "80%"),
            ("--shard", "4/3"),
            ("--newer-than", "soon"),
            ("--memory", "much"),
            ("--quality", "0"),
            ("--precision", "fp8"),
            ("--background", "#12345"),
            ("--name", "{nope}"),
            ("--name", "../{stem}"),
        ):
            failed = self.run_program("cutout", source, *words, code=2)
            self.assertIn(words[0].lstrip("-").split("-")[0], failed.stderr, words)
            self.assertIn("hint", failed.stderr, words)

    def test_settings_come_from_file_environment_and_flags(self):
        source = self.write("a.png", png(32, 32, disc))
        self.run_program("config", "set", "cutout.format", "webp")
        self.run_program("cutout", source)
        self.assertTrue((self.folder / "a_nobg.webp").exists())
        self.environment["PIXMILL_FORMAT"] = "tiff"
        self.run_program("cutout", source)
        self.assertTrue(list(self.folder.glob("a_nobg.tif*")))
        self.run_program("cutout", source, "--format", "png")
        self.assertTrue((self.folder / "a_nobg.png").exists())
        shown = json.loads(self.run_program("config", "show", "--json").stdout)
        self.assertEqual((shown["format"]["value"], shown["format"]["origin"]), ("tiff", "environment"))
        self.write("home/settings.yaml", b"cutout:\n  fromat: png\n")
        self.assertIn("did you mean format", self.run_program("cutout", source, code=2).stderr)
        self.environment["PIXMILL_FORMAT"] = "doc"
        self.write("home/settings.yaml", b"")
        self.assertIn("PIXMILL_FORMAT", self.run_program("cutout", source, code=2).stderr)

    def test_completion_and_manual_page(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn(
                "--background" if shell != "fish" else "background", self.run_program("completion", shell).stdout
            )
        script = self.run_program("completion", "bash").stdout
        check = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        self.assertEqual(check.returncode, 0, check.stderr)
        self.assertIn(".SH EXIT STATUS", self.run_program("man").stdout)


if __name__ == "__main__":
    unittest.main()

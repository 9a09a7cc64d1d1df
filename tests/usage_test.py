"""The command line: outputs that are not overwritten, lists and globs, limits, questions, advice."""

import csv
import json
import os
import pty
import resource
import signal
import subprocess
import unittest

from png_file import png, png_header
from program import SOURCE, ProgramTest, disc, program

STARTER = SOURCE / "models/starter/cutout.onnx"


class FilesOfOthers(ProgramTest):
    def test_no_report_and_no_log_replaces_a_file_of_the_user(self):
        photo = self.write("photo.png", png(24, 24, disc))
        notes = self.write("notes.html", b"<html>mine</html>")
        kept = {file: file.read_bytes() for file in (photo, notes)}
        out = self.folder / "out.png"
        for words in (
            ("doctor", "--device", "cpu", "--report", notes),
            ("cutout", photo, "-o", out, "--report", notes),
            ("cutout", photo, "-o", out, "--log-file", notes),
            ("bench", "cutout", photo, "--report", notes),
        ):
            self.assertIn("--overwrite", self.run_program(*words, code=2).stderr, words)
        for words in (
            ("doctor", "--device", "cpu", "--report", photo),
            ("cutout", photo, "-o", out, "--report", self.write("photo.json", photo.read_bytes()), "--overwrite"),
            ("cutout", photo, "-o", out, "--log-file", photo, "--overwrite"),
        ):
            self.assertIn("is a picture", self.run_program(*words, code=2).stderr, words)
        self.assertEqual({file: file.read_bytes() for file in kept}, kept)
        self.assertFalse(out.exists())
        self.run_program("cutout", photo, "-o", out, "--report", notes, "--overwrite")
        self.assertIn("pixmill report", notes.read_text())

    def test_reports_are_written_again_several_at_once(self):
        photo = self.write("photo.png", png(24, 24, disc))
        names = [self.folder / f"r.{ending}" for ending in ("json", "csv", "html")]
        reports = [word for name in names for word in ("--report", name)]
        logs = ("--log-file", self.folder / "a.txt", "--log-file", self.folder / "b.txt")
        for _ in range(2):
            self.run_program("cutout", photo, "-o", self.folder / "o.png", *reports, *logs)
        self.assertEqual(json.loads(names[0].read_text())["summary"]["skipped"], 1)
        self.assertEqual([row["state"] for row in csv.DictReader(names[1].read_text().splitlines())], ["skipped"])
        self.assertIn("pixmill report", names[2].read_text())
        for name in ("a.txt", "b.txt"):
            self.assertEqual((self.folder / name).read_text().count('"event":"ended"'), 2)
        twice = ("--report", names[0], "--log-file", names[0])
        self.assertIn("named twice", self.run_program("cutout", photo, "-o", "o.png", *twice, code=2).stderr)

    def test_reports_of_bench_and_doctor_are_written_again(self):
        photo = self.write("photo.png", png(24, 24, disc))
        names = [self.folder / f"b.{ending}" for ending in ("json", "csv", "html")]
        reports = [word for name in names for word in ("--report", name)]
        for _ in range(2):
            self.run_program("bench", "cutout", photo, "--runs", 1, *reports)
            self.run_program("doctor", "--device", "cpu", "--report", self.folder / "d.txt")

    def test_a_preset_written_by_hand_is_not_replaced(self):
        mine = self.write("home/presets/shop.yaml", b"# my own words\nbatch: 2\n")
        save = ("config", "preset", "save", "shop", "--background", "white")
        self.assertIn("--overwrite", self.run_program(*save, code=2).stderr)
        self.assertIn("my own words", mine.read_text())
        self.run_program(*save, "--overwrite")
        self.run_program(*save[:-1], "black")  # pixmill's own by now
        self.assertIn("black", mine.read_text())

    def test_a_report_that_could_not_be_written_whole_is_an_error(self):
        for i in range(2500):
            self.write(f"in/broken_{i:03}.png", b"no picture")
        report = self.folder / "r.json"

        def small_files_only():
            resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

        words = ("cutout", self.folder / "in", "-o", self.folder / "out", "-q", "--report", report)
        failed = self.run_program(*words, code=1, preexec_fn=small_files_only)
        self.assertIn("r.json could not be written whole: File too large", failed.stderr)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("r.json")], [])

    def test_a_lost_report_alone_is_an_error(self):
        photos = self.discs(3)
        report = self.folder / "reports/r.csv"
        report.parent.mkdir()
        running = self.start("cutout", photos, "-o", self.folder / "out", "--report", report, "--limit", 3)
        for staged in report.parent.iterdir():
            staged.unlink()
        running.communicate(timeout=60)
        self.assertEqual(running.returncode, 1)


class Inputs(ProgramTest):
    def setUp(self):
        super().setUp()
        for i, name in enumerate(("photos/a/x.png", "photos/a/deep/x.png", "photos/b/x.png")):
            self.write(name, png(20 + i, 20, disc))

    def test_the_last_name_is_the_output_where_it_does_not_exist(self):
        source, out = self.folder / "photos/a/x.png", self.folder / "out.webp"
        said = self.run_program("cutout", source, out).stderr
        self.assertIn("out.webp does not exist, so it is used as the output", said)
        self.assertEqual(out.read_bytes()[8:12], b"WEBP")
        again = self.run_program("cutout", source, out, code=2).stderr
        self.assertIn(f"-o {out}", again)
        events = self.events("cutout", source, self.folder / "other.png")
        self.assertIn("used as the output", next(e for e in events if e["event"] == "warning")["message"])
        three = ("cutout", source, self.folder / "photos/b/x.png", self.folder / "gone.png", "-o", self.folder / "o")
        self.assertEqual(self.events(*three, "--name", "{index}", code=1)[-1]["failed"], 1)
        self.assertIn("-o new/", self.run_program("cutout", self.folder / "photos", "new.png", code=2).stderr)

    def test_globs_cross_folders_and_mirror_what_is_below(self):
        self.run_program("cutout", self.folder / "photos/**/x.png", "-o", self.folder / "out")
        self.assertEqual(self.files(), ["a/deep/x_nobg.png", "a/x_nobg.png", "b/x_nobg.png"])
        self.run_program("cutout", "photos/*/x.png", "-o", "out2", cwd=self.folder)
        self.assertEqual(self.files("out2"), ["a/x_nobg.png", "b/x_nobg.png"])
        self.run_program("cutout", self.folder / "photos/*/deep/*.png")  # one picture: beside itself
        self.assertTrue((self.folder / "photos/a/deep/x_nobg.png").exists())

    def test_lists_on_standard_input_and_with_nul_bytes(self):
        def done(*words, text):
            run = self.run_program("cutout", *words, "--name", "{index}", "--json", input=text, cwd=self.folder)
            return json.loads(run.stdout.splitlines()[-1])["done"]

        self.write("photos/new\nline.png", png(30, 20, disc))
        self.assertEqual(done("@-", "-o", "one", text="photos/a/x.png\n# no\nphotos/b/x.png\n"), 2)
        two = ("cutout", "@-", "-o", "mirrored")
        self.run_program(*two, input="photos/a/x.png\n./photos/b/x.png\n", cwd=self.folder)
        self.assertEqual(self.files("mirrored"), ["photos/a/x_nobg.png", "photos/b/x_nobg.png"])
        names = "photos/a/x.png\0photos/new\nline.png\0"
        self.assertEqual(done("--files0-from", "-", "-o", "two", text=names), 2)
        self.write("lists/names", names.encode())
        self.assertEqual(done("--files0-from", "lists/names", "-o", "three", text=""), 2)
        self.run_program("cutout", "@-", "--files0-from", "-", "-o", "x", input="", code=2)
        self.run_program("cutout", "--files0-from", "-", "-o", "x", input="", code=3)
        self.run_program("cutout", "--files0-from", self.folder / "gone", "-o", "x", code=2)
        self.run_program("bench", "cutout", "@-", input="", code=2)
        other = self.write("other.png", png(24, 20, disc))
        two = ("bench", "cutout", self.folder / "photos/a/x.png", other, "--runs", 1)
        self.assertEqual(json.loads(self.run_program(*two, "--json").stdout)["pictures"], 2)
        self.assertIn("gone.png: no such file", self.run_program(*two[:3], "gone.png", code=2).stderr)

    def test_existing_results_are_left_alone(self):
        photos, out = self.folder / "photos", self.folder / "out"
        self.write("out/a/x_nobg.png", b"mine")
        words = ("cutout", photos, "-o", out, "-n", "--background", "red")
        planned = [e for e in self.events(*words, "--dry-run") if e["event"] == "planned"]
        self.assertEqual(sorted(e["action"] for e in planned), ["skip", "write", "write"])
        events = self.events(*words)
        self.assertEqual((events[-1]["done"], events[-1]["skipped"]), (2, 1))
        self.assertEqual(next(e for e in events if e["event"] == "skipped")["reason"], "exists")
        self.assertEqual((out / "a/x_nobg.png").read_bytes(), b"mine")
        again = self.events("cutout", photos, "-o", out, "--skip-existing", "--background", "blue")[-1]
        self.assertEqual((again["done"], again["skipped"]), (0, 3))  # other settings, and still not made again
        self.run_program("cutout", photos, "-o", out, "-n", "-y", code=2)
        self.assertEqual(self.events("cutout", photos, "-o", out, "-y")[-1]["done"], 3)

    def test_a_dry_run_that_refuses_a_picture_ends_with_1(self):
        self.run_program("cutout", self.folder / "photos", "-o", self.folder / "out", "--dry-run")
        self.write("out/a/x_nobg.png", b"mine")
        refused = self.run_program("cutout", self.folder / "photos", "-o", self.folder / "out", "--dry-run", code=1)
        self.assertIn("2 to write, 0 to skip, 1 refused", refused.stderr)


class Options(ProgramTest):
    def cutout(self, *words, code=0):
        source = self.write("a.png", png(32, 32, disc))
        return self.run_program("cutout", source, "-o", self.folder / "out.png", "--force", *words, code=code)

    def test_backgrounds(self):
        for background, colour_type in (("1,2,3", 2), ("1,2,3,128", 6), ("RebeccaPurple", 2), ("transparent", 6)):
            self.cutout("--background", background)
            self.assertEqual(png_header((self.folder / "out.png").read_bytes())[3], colour_type, background)
        refused = self.cutout("--background", "1,2,3,128", "--format", "jpeg", "-o", self.folder / "o.jpg", code=2)
        self.assertIn("jpeg cannot be transparent", refused.stderr)

    def test_devices_by_number_and_those_that_are_not_here(self):
        if any(d["available"] for d in self.devices() if d["id"] == "cuda"):
            self.skipTest("there is a GPU")
        self.assertIn("device 'cuda:0' is not available", self.cutout("-d", "0", code=2).stderr)
        said = self.cutout("-d", "cuda,cpu").stderr
        self.assertIn("cuda is left out: device 'cuda' is not available", said)
        self.assertIn("ran on cpu", said)
        self.cutout("-d", "cuda,cpu", "--require-device", code=2)
        self.cutout("-d", "cuda,directml", code=2)

    def devices(self):
        return json.loads(self.run_program("devices", "--json").stdout)["devices"]

    def test_jobs_and_threads(self):
        photos = self.discs(4)
        for i, (words, workers, streams, threads) in enumerate(
            (
                (("-j", 1), 1, 1, 1),
                (("--threads", 1), 1, 1, 1),
                (("-j", 3, "--threads", 1), 1, 1, 1),
            )
        ):
            ended = self.events("cutout", photos, "-o", self.folder / f"o{i}", *words)[-1]
            session = ended["session"]
            self.assertEqual((ended["workers"], session["streams"], session["threads"]), (workers, streams, threads))
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("the rest needs two cores")
        ended = self.events("cutout", photos, "-o", self.folder / "o", "-j", 1, "--threads", 2)[-1]
        self.assertEqual((ended["workers"], ended["session"]["streams"], ended["session"]["threads"]), (1, 1, 2))

    def test_the_size_of_the_input(self):
        small = self.cutout("--imgsz", "64", "--only-mask", "--json", "--overwrite")
        self.assertEqual(json.loads(small.stdout.splitlines()[-1])["done"], 1)
        mask = (self.folder / "out.png").read_bytes()
        self.cutout("--imgsz", "256", "--only-mask")
        self.assertNotEqual((self.folder / "out.png").read_bytes(), mask)
        skipped = self.events("cutout", self.folder / "a.png", "-o", self.folder / "out.png", "--only-mask")[-1]
        self.assertEqual(skipped["skipped"], 0)  # another size is another result

    def test_the_advice_comes_once(self):
        source = self.write("a.png", png(32, 32, disc))
        words = ("cutout", source, "-o", self.folder / "out.png", "--force")
        for silent in (("-q",), ("--json",), ("--dry-run",), ("-m", "starter")):
            self.assertNotIn("models pull", self.run_program(*words, *silent).stderr, silent)
        self.assertIn("pixmill models pull u2netp", self.run_program(*words).stderr)
        self.assertNotIn("models pull", self.run_program(*words).stderr)


class Models(ProgramTest):
    def test_several_at_once(self):
        shown = json.loads(self.run_program("models", "show", "starter", "u2netp", "--json").stdout)
        self.assertEqual([entry["id"] for entry in shown], ["starter", "u2netp"])
        text = self.run_program("models", "show", "starter", "u2netp").stdout
        self.assertIn("id: starter", text)
        self.assertIn("id: u2netp", text)
        self.assertIn("nonesuch", self.run_program("models", "show", "starter", "nonesuch", code=2).stderr)
        self.assertIn("nonesuch", self.run_program("models", "pull", "starter", "nonesuch", code=2).stderr)
        self.assertEqual(self.run_program("models", "pull", "starter", "starter").stderr.count("nothing to fetch"), 2)
        self.assertIn("one argument too many", self.run_program("models", "list", "cutout", code=2).stderr)

    def test_several_are_removed(self):
        weights = STARTER.read_bytes()
        for name in ("one", "two", "three"):
            file = self.write(f"{name}.onnx", weights + b"\xa2\x06\x02" + name[:2].encode())
            self.run_program("models", "add", file, "--id", name)
        self.run_program("models", "remove", "one", "nonesuch", "--yes", code=2)
        self.assertIn("one", self.ids())
        self.run_program("models", "remove", "one", "two", "--yes")
        self.assertEqual([name for name in ("one", "two", "three") if name in self.ids()], ["three"])

    def ids(self):
        return [entry["id"] for entry in json.loads(self.run_program("models", "list", "--all", "--json").stdout)]

    def test_inspect_says_each_dimension_and_whether_batching_works(self):
        text = self.run_program("models", "inspect", STARTER).stdout
        self.assertRegex(text, r"Dimension 0: dynamic \(\w+\)\n    Dimension 1: fixed \(3\)\n    Dimension 2: dynamic")
        self.assertIn("batching works: dimension 0 of the input is dynamic", text)


class Questions(ProgramTest):
    def ask(self):
        """`models remove` on a terminal, where it asks; returns the process and the terminal's other end."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        asking = subprocess.Popen(
            [program(), "models", "remove", "u2netp"], stdin=theirs, stderr=subprocess.PIPE, env=self.environment
        )
        os.close(theirs)
        self.addCleanup(asking.stderr.close)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(asking.stderr.fileno(), 100)
        return asking, ours

    def test_the_first_interrupt_ends_a_question(self):
        asking, _ = self.ask()
        asking.send_signal(signal.SIGINT)
        self.assertEqual(asking.wait(timeout=30), 130)

    def test_no_is_2(self):
        asking, terminal = self.ask()
        os.write(terminal, b"n\n")
        self.assertEqual(asking.wait(timeout=30), 2)

    def test_without_a_terminal(self):
        refused = self.run_program("models", "remove", "u2netp", code=2, stdin=subprocess.DEVNULL)
        self.assertIn("--yes", refused.stderr)

    def test_the_first_interrupt_ends_the_search_for_pictures(self):
        reading = subprocess.Popen(
            [program(), "cutout", "@-", "-o", str(self.folder / "out")],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment,
        )
        self.addCleanup(reading.stderr.close)
        reading.stdin.write(b"gone.png\n" * 50_000)  # more than a pipe holds: it is reading when this is through
        reading.stdin.flush()
        reading.send_signal(signal.SIGINT)
        self.assertEqual(reading.wait(timeout=30), 130)
        reading.stdin.close()
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()

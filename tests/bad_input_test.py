"""Bad input of every kind: never a crash, never a partial file, every failure reported."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from png_file import RGB, png, png_file, png_header
from program import EXAMPLES, ProgramTest, disc, program


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises a huge picture."""
    return png_file(width, height, 8, RGB, [bytes(99_999)])


class BadPictures(ProgramTest):
    def failures(self, *words, code=1) -> dict:
        events = self.events("cutout", self.folder / "in", "-o", self.folder / "out", *words, code=code)
        self.ended = events[-1]
        return {os.path.basename(e["input"]): e for e in events if e["event"] == "failed"}

    def test_each_bad_file_fails_alone_with_a_reason_and_a_hint(self):
        good = png(64, 64, disc)
        whole = (EXAMPLES / "coffee.png").read_bytes()
        bad = {
            "zero.jpg": b"",
            "text.jpg": b"I am a text, not a picture.\n" * 20,
            "one_byte.png": b"\x89",
            "head_only.png": whole[:33],
            "half.png": whole[: len(whole) // 2],
            "bomb.png": bomb(30_000, 30_000),
            "bomb_max.png": bomb(2**31 - 1, 2**31 - 1),
            "flipped.png": whole[:5000] + bytes(b ^ 0x55 for b in whole[5000:6000]) + whole[6000:],
            "riff.webp": b"RIFF\x10\0\0\0WEBPVP8 " + b"\xff" * 40,
            "jpeg_soi.jpg": b"\xff\xd8\xff\xe0" + b"\0" * 50,
            "tiff.tif": b"II*\0\xff\xff\xff\x7f" + b"\0" * 20,
            "gif.gif": b"GIF89a" + b"\xff" * 30,
            "avif.avif": b"\0\0\0\x20ftypavif" + b"\0" * 30,
            "bmp.bmp": b"BM" + b"\xff" * 60,
            "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
            "pdf.jpg": b"%PDF-1.4\n",
        }
        for name, data in bad.items():
            self.write(f"in/{name}", data)
        self.write("in/good.png", good)
        self.write("in/really_a_png.jpg", png(40, 40, disc))
        failed = self.failures()
        self.assertEqual(set(failed), set(bad))
        for name, event in failed.items():
            self.assertIn(name, event["message"])
            self.assertTrue(event["hint"], name)
        self.assertEqual(failed["bomb.png"]["code"], "too_large")
        self.assertIn("--max-pixels", failed["bomb.png"]["message"] + failed["bomb.png"]["hint"])
        self.assertEqual(self.files(), ["good_nobg.png", "really_a_png_nobg.png"])
        self.assertEqual(self.ended["failed"], len(bad))

    def test_odd_shapes_work(self):
        for width, height in ((1, 1), (1, 2000), (2000, 1), (2, 3), (33, 1)):
            self.write(f"in/{width}x{height}.png", png(width, height))
        self.write("in/tall.png", png(1, 20_000))
        self.assertEqual(self.failures(code=0), {})
        for name in self.files():
            width, height = png_header((self.folder / "out" / name).read_bytes())[:2]
            self.assertTrue(name.startswith(f"{width}x{height}_") or (width, height) == (1, 20_000))

    def test_the_limit_can_be_lifted(self):
        self.write("in/a.png", png(120, 120, disc))
        self.assertEqual(self.failures("--max-pixels", "1000")["a.png"]["code"], "too_large")
        self.failures("--max-pixels", "0", code=0)

    def test_strange_names(self):
        picture = png(16, 16, disc)
        names = [
            "new\nline.png",
            "esc\x1b[31m.png",
            "spa ce.png",
            "'quote\".png",
            "-dash.png",
            "ünï.png",
            "$(touch x).png",
            "{stem}.png",
        ]
        for name in names:
            self.write(f"in/{name}", picture)
        raw = os.fsencode(self.folder / "in") + b"/\xff\xfe.png"
        with open(raw, "wb") as file:
            file.write(picture)
        self.write("in/bad\n\x1b[31mname.jpg", b"x")
        self.failures()
        self.assertEqual(self.ended["done"], len(names) + 1)
        self.assertEqual(len(self.files()), len(names) + 1)
        spoken = self.run_program("cutout", self.folder / "in", "-o", self.folder / "out", code=1).stderr
        self.assertNotIn("\x1b[31m", spoken)
        self.run_program("cutout", "--", "-dash.png", "-o", code=2, cwd=self.folder / "in")
        self.run_program("cutout", "-o", self.folder / "dash.png", "--", "-dash.png", cwd=self.folder / "in")

    def test_folders_links_devices_and_missing_files(self):
        self.write("in/x.jpg/inside.png", png(16, 16, disc))
        (self.folder / "in/broken.jpg").symlink_to("nowhere.jpg")
        self.assertEqual(self.failures(code=0), {})
        self.assertEqual(self.files(), ["x.jpg/inside_nobg.png"])
        self.assertEqual(set(self.failures("--follow")), {"broken.jpg"})
        self.assertIn("missing.jpg", self.run_program("cutout", self.folder / "missing.jpg", code=1).stderr)
        self.run_program("cutout", self.folder / "in/broken.jpg", code=1)
        self.run_program("cutout", "/dev/null", "-o", self.folder / "n.png", code=1)
        self.run_program("cutout", "/dev/zero", "-o", self.folder / "z.png", code=1)

    def test_unreadable_files_and_folders(self):
        self.write("in/a.png", png(16, 16, disc)).chmod(0)
        self.write("in/b.png", png(16, 16, disc))
        self.write("in/closed/c.png", png(16, 16, disc)).parent.chmod(0)
        words = [program(), "cutout", self.folder / "in", "-o", self.folder / "out", "--json"]
        if os.geteuid() == 0:  # root reads everything, unless that right is taken away
            if not shutil.which("setpriv"):
                self.skipTest("root without setpriv")
            words = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", *words]
        done = subprocess.run(words, capture_output=True, env=self.environment, text=True, check=False)
        (self.folder / "in/closed").chmod(0o755)
        self.assertEqual(done.returncode, 1, done.stderr)
        failed = [json.loads(line) for line in done.stdout.splitlines() if '"failed","input"' in line]
        self.assertEqual(
            {os.path.basename(e["input"]): e["code"] for e in failed}, {"a.png": "unreadable", "closed": "unreadable"}
        )
        self.assertEqual(self.files(), ["b_nobg.png"])

    def test_pipes_are_not_waited_for(self):
        os.mkfifo(self.folder / "pipe.jpg")
        self.assertIn("pipe", self.run_program("cutout", self.folder / "pipe.jpg", code=1).stderr)
        source = self.write("a.png", png(16, 16, disc))
        self.run_program("cutout", source, "-m", self.folder / "pipe.jpg", code=2)
        self.run_program(
            "cutout", source, "-o", self.folder / "b.png", "--background", self.folder / "pipe.jpg", code=2
        )
        os.mkfifo(self.folder / "home_settings")
        (self.folder / "home").mkdir(exist_ok=True)
        (self.folder / "home/settings.yaml").symlink_to(self.folder / "home_settings")
        self.run_program("cutout", source, code=2)

    def test_fail_fast_stops(self):
        self.discs(40)
        self.write("in/img.png", b"no picture")
        self.failures("--fail-fast")
        self.assertLess(self.ended["done"], 40)
        self.assertEqual(self.ended["failed"], 1)

    def test_broken_pipe(self):
        source = self.write("a.png", png(600, 600, lambda x, y: (x * y % 256, x % 256, y % 256)))
        shell = f"'{program()}' cutout '{source}' -o - --format tiff | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", shell], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertIn(done.returncode, (0, 1), done.stderr)


class BadModels(ProgramTest):
    def test_models_that_are_none(self):
        source = self.write("a.png", png(16, 16, disc))
        text = self.write("text.onnx", b"this is no model")
        empty = self.write("empty.onnx", b"")
        half = self.write(
            "half.onnx", (pathlib.Path(__file__).parent.parent / "models/starter/cutout.onnx").read_bytes()[:100_000]
        )
        for model in (text, empty, half, self.folder / "missing.onnx", self.folder):
            failed = self.run_program("cutout", source, "-m", model, code=2)
            self.assertIn(str(model), failed.stderr)
            self.assertIn("hint", failed.stderr)
        unknown = self.run_program("cutout", source, "-m", "u2nett", code=2).stderr
        self.assertIn("did you mean", unknown)
        absent = self.run_program("cutout", source, "-m", "u2net", code=2).stderr
        self.assertIn("models pull u2net", absent)

    def test_devices_that_are_not_there(self):
        source = self.write("a.png", png(16, 16, disc))
        devices = self.run_program("devices").stdout
        if " no cuda" in devices:
            failed = self.run_program("cutout", source, "-d", "cuda", code=2)
            self.assertRegex(failed.stderr, "(?i)cuda")
            self.assertIn("hint", failed.stderr)
        self.assertIn("cpu", self.run_program("cutout", source, "-d", "cpuu", code=2).stderr)


class BadPlaces(ProgramTest):
    def test_output_that_cannot_be_written(self):
        self.discs(2)
        self.write("file", b"")
        for place in (self.folder / "file/out", "/proc/out", "/dev/null/out"):
            failed = self.run_program("cutout", self.folder / "in", "-o", place, code=2)
            self.assertIn(str(place), failed.stderr)

    def test_output_folder_that_vanishes(self):
        self.discs(150)
        running = self.start("cutout", self.folder / "in", "-o", self.folder / "out")
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        running.communicate(timeout=120)
        self.assertIn(running.returncode, (0, 1))
        self.run_program("cutout", self.folder / "in", "-o", self.folder / "out")
        self.assertEqual(len(self.files()), 150)

    def test_reports_and_logs_never_replace_a_picture(self):
        source = self.write("a.png", png(16, 16, disc))
        photograph = self.write("photograph.html", source.read_bytes())
        for flag in ("--report", "--log-file"):
            self.run_program("cutout", source, "-o", self.folder / "b.png", flag, photograph, code=2)
        self.assertEqual(photograph.read_bytes(), source.read_bytes())

    def test_a_canvas_that_no_machine_holds_is_refused(self):
        source = self.write("a.png", png(16, 16, disc))
        if os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 20 * 32768**2:
            self.skipTest("this machine holds it")
        failed = self.run_program("cutout", source, "-o", self.folder / "b.png", "--canvas", "32768x32768", code=1)
        self.assertIn("--canvas", failed.stderr)

    def test_two_runs_of_one_job_at_once(self):
        self.discs(60)
        words = ["cutout", self.folder / "in", "-o", self.folder / "out", "--json"]
        runs = [
            subprocess.Popen([program(), *map(str, words)], stdout=subprocess.PIPE, env=self.environment, text=True)
            for _ in range(2)
        ]
        ended = [json.loads(run.communicate(timeout=120)[0].splitlines()[-1]) for run in runs]
        self.assertEqual([(run.returncode, end["failed"]) for run, end in zip(runs, ended, strict=True)], [(0, 0)] * 2)
        self.assertEqual(len(self.files()), 60)

    def test_home_that_cannot_be_written(self):
        source = self.write("a.png", png(16, 16, disc))
        self.write("file", b"")
        self.environment["PIXMILL_HOME"] = str(self.folder / "file/home")
        done = self.run_program("cutout", source, "-o", self.folder / "b.png")
        self.assertIn("resumed", done.stderr)
        self.assertTrue((self.folder / "b.png").exists())

    def test_no_home_at_all_is_a_clear_error(self):
        source = self.write("a.png", png(16, 16, disc))
        for name in ("PIXMILL_HOME", "HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            self.environment.pop(name, None)
        self.environment["TMPDIR"] = str(self.folder)
        refused = self.run_program("cutout", source, "-o", self.folder / "b.png", code=2)
        self.assertIn("PIXMILL_HOME", refused.stderr)
        self.assertFalse((self.folder / "b.png").exists())

    def test_full_disk(self):
        place = self.small_disk("400k")
        count = 60
        for i in range(count):
            self.write(
                f"in/{i}.png",
                png(90, 90, lambda x, y, i=i: ((x * 7919 + y * 104729 + i) % 251, x * y % 256, (x + i) % 256)),
            )
        events = self.events("cutout", self.folder / "in", "-o", place / "out", "--format", "tiff", code=1)
        failed = [e for e in events if e["event"] == "failed"]
        self.assertTrue(failed)
        self.assertEqual({e["code"] for e in failed}, {"disk_full"})
        self.assertIn("disk is full", events[-1]["stopped_because"])
        left = [p for p in (place / "out").rglob("*") if p.is_file()]
        self.assertEqual(len(left), events[-1]["done"])
        for path in left:
            self.assertTrue(path.read_bytes().startswith(b"II*\0"))
        subprocess.run(["mount", "-o", "remount,size=20m", place], check=True)
        self.assertEqual(
            self.events("cutout", self.folder / "in", "-o", place / "out", "--format", "tiff")[-1]["done"],
            count - len(left),
        )


if __name__ == "__main__":
    unittest.main()

"""--draw, --crops and --sheet: pictures of what was found, made from the catalogue without another look."""

import base64
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
import unittest

from detect_test import DetectTest
from png_file import png
from program import program
from tiny_detector import tiny_detector


def jpeg_size(data: bytes) -> tuple:
    """(width, height) of a JPEG file."""
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")


@functools.cache
def large_picture() -> bytes:
    return png(1000, 700, lambda x, y: (x & 255, y & 255, 128))


class Draw(DetectTest):
    def size_of(self, name: str) -> tuple:
        return jpeg_size((self.folder / name).read_bytes())

    def sheet(self, name: str = "sheet.html") -> dict:
        page = (self.folder / name).read_text()
        return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)[1])

    def exported(self, *words, code=0) -> dict:
        events = self.detect_events(*words, code=code)
        return {event["format"]: event for event in events if event["event"] == "exported"}

    def export(self, *words, code=0):
        return self.run_program("export", *words, code=code)

    def test_a_folder_drawn_and_cut_out_of(self):
        photos = self.lights(255, 128, 0)
        self.write("photos/deep/p9.png", png(40, 80, lambda x, y: (255, 255, 255)))
        told = self.exported(photos, "-o", self.folder / "out", "--draw", "--crops")
        self.assertEqual(sorted(told), ["crops", "drawn", "yolo"])
        drawn = [name for name in self.files() if name.startswith("drawn/")]
        self.assertEqual(drawn, ["drawn/deep/p9.jpg", "drawn/p0.jpg", "drawn/p1.jpg", "drawn/p2.jpg"])
        self.assertEqual(
            (self.size_of("out/drawn/p0.jpg"), self.size_of("out/drawn/deep/p9.jpg")), ((80, 40), (40, 80))
        )
        crops = [name for name in self.files() if name.startswith("crops/")]
        self.assertIn("crops/thing/deep/p9_1.jpg", crops)
        self.assertIn("crops/it's_ odd/p0_2.jpg", crops)
        self.assertEqual(self.size_of("out/crops/thing/p0_1.jpg"), (40, 20))
        self.assertEqual(pathlib.Path(told["drawn"]["path"]).name, "drawn")

    def test_nothing_is_made_again_and_another_question_needs_no_model(self):
        photos, out = self.lights(255, 150, 0), self.folder / "out"
        self.detect(photos, "-o", out, "--draw", "--crops")
        self.model.unlink()
        first = (out / "drawn/p0.jpg").read_bytes()
        again = json.loads(self.export("drawn,crops", "--from", photos, "-o", out, "--json").stdout)
        self.assertEqual([(e["written"], e["unchanged"]) for e in again], [(0, 3), (0, 5)])
        changed = json.loads(self.export("drawn", "--from", photos, "-o", out, "--confidence", 0.51, "--json").stdout)
        self.assertEqual(changed[0]["written"], 3)
        self.assertNotEqual((out / "drawn/p0.jpg").read_bytes(), first)
        self.export("drawn", "--from", photos, "-o", out, "--confidence", 0.25)
        self.assertEqual((out / "drawn/p0.jpg").read_bytes(), first)
        (out / "drawn/p1.jpg").unlink()
        (told,) = json.loads(self.export("drawn", "--from", photos, "-o", out, "--json").stdout)
        self.assertEqual((told["written"], told["unchanged"]), (1, 2))
        for words in (("--line-width", 5), ("--no-labels",), ("--no-confidence",)):
            (told,) = json.loads(self.export("drawn", "--from", photos, "-o", out, *words, "--json").stdout)
            self.assertEqual(told["written"], 3, words)

    def test_a_single_picture(self):
        photo = self.lights(255) / "p0.png"
        self.detect(photo, "--draw", "--crops")
        self.assertEqual(
            self.files("photos"),
            ["p0.png", "p0.txt", "p0_crops/it's_ odd/p0_2.jpg", "p0_crops/thing/p0_1.jpg", "p0_drawn.jpg"],
        )
        self.detect(photo, "-o", self.folder / "one/here.jpg", "--draw")
        self.assertEqual(self.files("one"), ["here.jpg"])
        self.detect(photo, self.folder / "two.jpeg", "--draw")
        self.assertEqual(self.size_of("two.jpeg"), (80, 40))
        done = self.run_program("detect", photo, "-m", self.model, "-o", "-", "--draw", "--format", "coco", code=2)
        self.assertIn("there are several", done.stderr)
        done = self.run_program("export", "drawn", "--from", photo, "-o", "-", text=False)
        self.assertEqual(jpeg_size(done.stdout), (80, 40))
        done = self.run_program("detect", photo, "-m", self.model, "-o", self.folder / "x.png", "--draw", code=2)
        self.assertIn("which is .jpg", done.stderr)

    def test_every_kind_of_picture(self):
        self.write("photos/alpha.png", png(80, 40, lambda x, y: (255, 255, 255, 9)))
        self.write("photos/gray16.png", png(64, 48, lambda x, y: (0x8000,), depth=16))
        self.write("photos/one.png", png(1, 1, lambda x, y: (255, 255, 255)))
        self.write("photos/panorama.png", png(6000, 60, lambda x, y: (200, 200, 200)))
        told = self.exported(
            self.folder / "photos", "-o", self.folder / "out", "--draw", "--crops", "--sheet", self.folder / "s.html"
        )
        self.assertEqual([told[name]["failed"] for name in ("drawn", "crops", "sheet")], [[], [], []])
        self.assertEqual(self.size_of("out/drawn/panorama.jpg"), (6000, 60))
        self.assertEqual(self.size_of("out/drawn/one.jpg"), (1, 1))
        self.assertEqual(len(self.sheet("s.html")["pictures"]), 4)

    def test_pictures_that_changed_or_are_gone(self):
        photos, out = self.lights(255, 128, 60, 0), self.folder / "out"
        self.detect(photos, "-o", self.folder / "labels")
        (photos / "p0.png").unlink()
        (photos / "p1.png").write_bytes(b"no picture")
        data = (photos / "p2.png").read_bytes()
        (photos / "p2.png").unlink()
        (photos / "p2.png").write_bytes(data)  # another file with the same content
        done = self.export("drawn,sheet", "--from", photos, "-o", out, code=1)
        self.assertIn("p0.png is not there any more", done.stderr)
        self.assertIn("p1.png", done.stderr)
        self.assertEqual(self.files(), ["drawn/p2.jpg", "drawn/p3.jpg", "sheet.html"])
        self.assertEqual([p["f"] for p in self.sheet("out/sheet.html")["pictures"]], ["p2.png", "p3.png"])
        (photos / "p1.png").write_bytes(png(80, 40, lambda x, y: (1, 2, 3)))
        self.assertIn(
            "was changed after it was looked at", self.export("drawn", "--from", photos, "-o", out, code=1).stderr
        )

    def test_a_sheet(self):
        photos = self.lights(255, 150, 0)
        name = "a </script> & 'ü'.png"
        self.write(f"photos/{name}", png(80, 40, lambda x, y: (9, 9, 9)))
        told = self.exported(photos, "--sheet", self.folder / "pages/sheet.html")
        self.assertEqual((list(told), told["sheet"]["pictures"], self.files("pages")), (["sheet"], 4, ["sheet.html"]))
        data = self.sheet("pages/sheet.html")
        first = data["pictures"][0]
        self.assertEqual((first["f"], first["w"], first["h"]), (name, 80, 40))
        self.assertEqual(first["u"], "../photos/a%20%3C/script%3E%20%26%20%27%C3%BC%27.png")
        kind, small = re.fullmatch(r"data:image/(webp|jpeg);base64,(.*)", first["t"]).groups()
        self.assertIn(base64.b64decode(small, validate=True)[:3], (b"RIF", b"\xff\xd8\xff"), kind)
        self.assertEqual(data["pictures"][1]["d"][0][2:], [20, 10, 60, 30])
        self.assertEqual([c["n"] for c in data["classes"]], ["thing", "it's: odd"])
        page = (self.folder / "pages/sheet.html").read_text()
        self.assertEqual(page.count("</script>"), 2)
        self.assertNotRegex(page, r"https?://(?!www\.w3\.org/2000/svg)")
        again = self.exported(photos, "--sheet", self.folder / "pages/sheet.html")
        self.assertEqual((again["sheet"]["written"], again["sheet"]["unchanged"]), (0, 1))
        self.export("sheet", "--from", photos, "-o", self.folder / "pages/again.html")
        self.assertEqual((self.folder / "pages/again.html").read_text(), page)
        with_labels = self.exported(photos, "-o", self.folder / "out", "--sheet", self.folder / "out/s.html")
        self.assertEqual(sorted(with_labels), ["sheet", "yolo"])
        done = self.run_program("detect", photos, "-m", self.model, "--sheet", self.folder / "out", code=2)
        self.assertIn("is a folder", done.stderr)

    def test_a_sheet_never_replaces_what_pixmill_did_not_make(self):
        photos = self.lights(255)
        self.write("mine.html", b"my page")
        told = self.exported(photos, "--sheet", self.folder / "mine.html", code=1)
        self.assertEqual(len(told["sheet"]["failed"]), 1)
        self.assertEqual(self.text("mine.html"), "my page")

    def test_no_things_and_classes_that_do_not_exist(self):
        self.model.write_bytes(tiny_detector(boxes=()))
        photos = self.lights(10, 20)
        told = self.exported(photos, "-o", self.folder / "out", "--draw", "--crops", "--sheet", self.folder / "s.html")
        self.assertEqual((told["drawn"]["written"], told["crops"]["written"], told["crops"]["pictures"]), (2, 0, 2))
        self.assertEqual([p["d"] for p in self.sheet("s.html")["pictures"]], [[], []])
        self.assertIn(
            "known: thing",
            self.export("drawn", "--from", photos, "-o", self.folder / "x/", "--classes", "cow", code=2).stderr,
        )

    def test_two_pictures_of_one_name(self):
        photos = self.lights(255)
        shutil.copy(photos / "p0.png", photos / "p0.gif.png")
        self.write("photos/p0.webp", (photos / "p0.png").read_bytes())
        self.detect(photos, "-o", self.folder / "labels", "--format", "coco")
        refused = self.export("crops", "--from", photos, "-o", self.folder / "out", code=2)
        self.assertIn("--name", refused.stderr)
        self.export("crops", "--from", photos, "-o", self.folder / "out", "--name", "{dir}/{stem}_{index}.{ext}")
        self.assertIn("crops/thing/p0_3_1.jpg", self.files())

    def test_without_any_font_there_are_no_labels_and_a_word(self):
        photos = self.lights(255, 128)
        self.write("fonts.conf", b'<?xml version="1.0"?><fontconfig></fontconfig>')
        self.environment["FONTCONFIG_FILE"] = str(self.folder / "fonts.conf")
        done = self.detect(photos, "-o", self.folder / "out", "--draw")
        self.assertEqual(done.stderr.count("no font"), 1, done.stderr)
        self.assertEqual(self.size_of("out/drawn/p0.jpg"), (80, 40))

    def test_many_pictures_in_bounded_memory(self):
        for folder, count in (("few", 20), ("many", 150)):
            for i in range(count):
                self.write(f"{folder}/p{i}.png", large_picture())
            self.detect(self.folder / folder, "-o", self.folder / "labels" / folder)
        peaks = [
            self.peak_of("export", "drawn", "--from", self.folder / name, "-o", self.folder / "out" / name)
            for name in ("few", "many")
        ]
        self.assertLess(peaks[1], peaks[0] * 1.3, peaks)

    def peak_of(self, *words) -> int:
        """Resident bytes of a run at its largest moment."""
        pid = os.posix_spawn(
            program(),
            [program(), *map(str, words)],
            self.environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)],
        )
        _, status, usage = os.wait4(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)
        return usage.ru_maxrss * 1024

    def test_interrupted_the_sheet_stays_as_it_was(self):
        for i in range(40):
            self.write(f"photos/p{i}.png", large_picture())
        self.detect(self.folder / "photos", "-o", self.folder / "labels")
        self.write("out/mine.txt", b"")
        running = subprocess.Popen(
            [program(), "export", "drawn,sheet", "--from", str(self.folder / "photos"), "-o", str(self.folder / "out")],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while not (self.folder / "out/drawn").is_dir():
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
        self.assertEqual(running.returncode, 130)
        self.assertNotIn("sheet.html", self.files())
        self.assertEqual([name for name in self.files() if name.startswith(".") or "tmp" in name], [])
        self.export("drawn,sheet", "--from", self.folder / "photos", "-o", self.folder / "out")
        self.assertEqual(len(self.files()), 42)


if __name__ == "__main__":
    unittest.main()

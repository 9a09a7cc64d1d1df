"""--compare FILE.html: each picture of a run before and after, in one page with nothing beside it."""

import base64
import json
import re
import unittest

from png_file import png, png_header
from program import ProgramTest


def data_of(page: str) -> list:
    """What the page shows."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))


class CompareTest(ProgramTest):
    def page(self, name="compare.html") -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def compare(self, *words, code=0, job="cutout"):
        return self.run_program(job, *words, "--compare", self.folder / "compare.html", code=code)

    def test_a_page_with_every_picture_of_the_run(self):
        done = self.compare(self.discs(3), "-o", self.folder / "out")
        self.assertIn("3 pictures before and after", done.stderr)
        pairs = data_of(self.page())
        self.assertEqual([pair["name"].rsplit("/", 1)[-1] for pair in pairs], ["img0.png", "img1.png", "img2.png"])
        for pair in pairs:
            self.assertEqual((pair["before"], pair["after"]), ([48, 48], [48, 48]))
            self.assertNotIn("detail", pair)
            for address in pair["whole"]:
                kind, data = re.fullmatch(r"data:image/(\w+);base64,([A-Za-z0-9+/=]+)", address).groups()
                start = {"webp": b"RIFF", "png": b"\x89PNG", "jpeg": b"\xff\xd8"}[kind]
                self.assertTrue(base64.b64decode(data).startswith(start))

    def test_nothing_outside_of_the_file_is_asked_for(self):
        self.compare(self.discs(1), "-o", self.folder / "out")
        page = re.sub(r"data:image/\w+;base64,[A-Za-z0-9+/=]+", "", self.page())
        for word in ("http:", "https:", "src=", "href=", "url(", "@import", "file:"):
            self.assertNotIn(word, page)

    def test_pictures_that_were_done_before_are_shown_too(self):
        pictures = self.discs(2)
        self.run_program("cutout", pictures, "-o", self.folder / "out")
        self.write("in/more.png", png(20, 30))
        done = self.compare(pictures, "-o", self.folder / "out")
        self.assertIn("1 done, 2 skipped", done.stderr)
        self.assertEqual(len(data_of(self.page())), 3)

    def test_a_large_result_has_its_sharpest_part_at_full_size(self):
        """Noise in the lower right corner of a large, flat picture."""
        noise = lambda x, y: ((x * 7919 + y * 104729) % 251,) * 3 if x > 1900 and y > 1300 else (90, 90, 90)  # noqa: E731
        self.write("in/large.png", png(2400, 1700, noise))
        self.compare(self.folder / "in", "-o", self.folder / "out", "--only-mask")
        (pair,) = data_of(self.page())
        self.assertEqual(pair["after"], [2400, 1700])
        x, y, width, height = pair["part"]
        self.assertEqual((width, height), (1280, 960))
        self.assertLessEqual((x + width, y + height), (2400, 1700))
        self.assertEqual(len(pair["detail"]), 2)

    def test_names_are_text(self):
        name = "<img src=x onerror=alert(1)> & 'co'.png"
        self.write(f"in/{name}", png(16, 16))
        self.compare(self.folder / "in", "-o", self.folder / "out")
        page = self.page()
        self.assertNotIn("<img src=x", page)
        self.assertTrue(data_of(page)[0]["name"].endswith(name))

    def test_a_picture_that_fails_is_not_shown(self):
        self.write("in/bad.png", png(16, 16)[:60])
        self.write("in/good.png", png(16, 16))
        self.compare(self.folder / "in", "-o", self.folder / "out", code=1)
        self.assertEqual(len(data_of(self.page())), 1)

    def test_a_file_of_somebody_else_stays(self):
        pictures = self.discs(1)
        mine = self.write("compare.html", b"<!doctype html><p>mine")
        self.assertIn("was not made by pixmill", self.compare(pictures, "-o", self.folder / "out", code=2).stderr)
        self.assertEqual(mine.read_bytes(), b"<!doctype html><p>mine")
        self.assertFalse((self.folder / "out").exists())
        self.compare(pictures, "-o", self.folder / "out", "--overwrite")
        self.compare(pictures, "-o", self.folder / "out")  # its own page is replaced
        self.assertEqual(len(data_of(self.page())), 1)

    def test_it_is_refused_where_nothing_can_be_compared(self):
        pictures = self.discs(1)
        for words, reason in (
            (("cutout", pictures, "-o", "-", "--compare", "a.html"), "not on standard output"),
            (("detect", pictures, "--compare", "a.html"), "makes no pictures to compare"),
            (("cutout", pictures, "-o", "out", "--compare", "a.txt"), "does not end in .html"),
            (("cutout", pictures, "-o", "out", "--compare", self.folder / "in"), "does not end in .html"),
        ):
            with self.subTest(reason):
                self.assertIn(reason, self.run_program(*words, code=2, cwd=self.folder).stderr)
        self.assertEqual(png_header((pictures / "img0.png").read_bytes())[0], 48)

    def test_a_dry_run_writes_no_page(self):
        self.compare(self.discs(1), "-o", self.folder / "out", "--dry-run")
        self.assertFalse((self.folder / "compare.html").exists())


if __name__ == "__main__":
    unittest.main()

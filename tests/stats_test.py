"""pixmill stats: what the catalogue knows, as figures: in the terminal, as JSON and CSV, as a page with charts."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import unittest

from bench_test import Page
from detect_test import DetectTest
from png_file import png

# Runs the scripts of a page with a document and a Chart that only take notes.
NOTE_TAKER = """
const page = require("fs").readFileSync(0, "utf8"), charts = [];
const scripts = [...page.matchAll(/<script>([\\s\\S]*?)<\\/script>/g)].map((match) => match[1]);
const data = page.match(/id="data">([\\s\\S]*?)<\\/script>/)[1];
const element = () => ({ style: {}, classList: { toggle() {} }, setAttribute() {}, append() {}, replaceChildren() {} });
const named = { data: { textContent: data }, charts: element(), "no-charts": element() };
class Chart {
  static defaults = { font: {} };
  constructor(_, config) { charts.push(config); }
}
require("vm").runInNewContext(scripts.at(-1), {
  Chart, document: { getElementById: (id) => named[id], createElement: element, documentElement: element(), body: {} },
  getComputedStyle: () => ({ getPropertyValue: () => "red" }), matchMedia: () => ({ addEventListener() {} }),
  addEventListener() {},
});
const told = charts.map(({ data }) => ({ labels: data.labels, sets: data.datasets.map((set) => set.data) }));
console.log(JSON.stringify(told));
"""


class Stats(DetectTest):
    def looked_at(self, *levels) -> str:
        """Photographs that the tiny detector has seen: two things each, the first as sure as the picture is bright."""
        photos = self.lights(*levels)
        self.detect(photos, "-o", self.folder / "labels")
        return photos

    def stats(self, *words, **options) -> dict:
        return json.loads(self.run_program("stats", *words, "--json", **options).stdout)

    def test_figures_without_model_and_inference(self):
        photos = self.looked_at(255, 150, 0)  # scores 0.72, 0.52 and 0.22 of the first thing
        self.model.unlink()
        told = self.stats(photos)
        self.assertEqual(told["schema"], "pixmill-stats-1")
        self.assertEqual((told["pictures"], told["known"], told["things"]), (3, 3, 5))
        classes = {c["class"]: c for c in told["classes"]}
        self.assertEqual((classes["thing"]["things"], classes["thing"]["pictures"]), (2, 2))
        self.assertEqual((classes["it's: odd"]["things"], classes["it's: odd"]["pictures"]), (3, 3))
        self.assertEqual(classes["thing"]["median_area"], 0.25, "40 x 20 of 80 x 40")
        self.assertEqual(classes["thing"]["sizes"], {"small": 2, "medium": 0, "large": 0})
        self.assertEqual(told["pictures_by_things"], [0, 1, 2])
        self.assertEqual(told["picture_sizes"], [{"width": 80, "height": 40, "pictures": 3}])
        self.assertEqual(told["orientation"], {"landscape": 3, "portrait": 0, "square": 0})
        self.assertEqual((told["brightness"]["min"], told["brightness"]["median"]), (0, 150))
        self.assertEqual(sum(told["histograms"]["confidence"]["counts"]), 5)
        self.assertEqual(self.stats(photos, "--confidence", 0.05)["things"], 6)
        self.assertEqual(self.stats(photos, "--confidence", 0.6, "--classes", "thing")["things"], 1)
        only = self.stats(photos, "--classes", "thing")
        self.assertEqual((only["things"], only["with_things"], only["known"]), (2, 2, 3))
        self.assertEqual(self.stats(photos / "p0.png", photos / "p1.png")["known"], 2)
        self.assertEqual(self.stats(photos, photos / "p0.png")["known"], 3, "each picture once")
        self.assertEqual(self.stats(cwd=photos)["known"], 3, "the current folder")

    def test_only_pictures_as_they_are_now(self):
        photos = self.looked_at(255, 255, 255, 255)
        (photos / "p0.png").unlink()
        (photos / "p1.png").write_bytes(png(80, 40, lambda x, y: (1, 2, 3)))
        self.write("photos/new.png", png(8, 8))
        told = self.stats(photos)
        self.assertEqual((told["pictures"], told["known"], told["things"]), (4, 2, 4))
        words = self.run_program("stats", photos).stdout
        self.assertIn("2 pictures more were not looked at, or changed since", words)

    def test_labels_of_others(self):
        photos = self.lights(255, 0)
        self.write("marks/classes.txt", b"cat\n<script>alert(1)</script>\n")
        self.write("marks/p0.txt", b"0 0.5 0.5 0.5 0.5\n1 0.5 0.5 1 1\n")
        self.run_program("import", self.folder / "marks", "--pictures", photos)
        told = self.stats(photos)
        self.assertEqual((told["pictures"], told["known"], told["things"]), (2, 1, 2))
        self.assertEqual(told["classes"][0]["median_confidence"], 1)
        self.assertEqual(told["sharpness"], {"count": 0, "min": None, "median": None, "max": None})
        page = self.report(photos)
        self.assertNotIn("<script>alert", page)

    def report(self, photos) -> str:
        path = self.folder / "stats.html"
        self.run_program("stats", photos, "--report", path)
        return path.read_text()

    def test_terminal(self):
        photos = self.looked_at(255, 150, 0)
        words = self.run_program("stats", photos).stdout
        self.assertTrue(words.startswith("5 things in 3 of 3 pictures, with a confidence of 0.25 and more\n"), words)
        self.assertRegex(words, r"\n  it's: odd +3 +3  100\.0 %  +0\.\d\d .* %  █{10,}\n")
        self.assertRegex(words, r"\n  thing +2 +2 +66\.7 % .*  █+.?\n")
        self.assertIn("Sizes of pictures: 3 landscape, 0 portrait, 0 square\n", words)
        self.assertLessEqual(max(map(len, words.splitlines())), 80)

    def test_reports(self):
        photos = self.looked_at(255, 150, 0)
        names = [self.folder / f"stats.{kind}" for kind in ("html", "json", "csv")]
        told = self.stats(photos, *(word for name in names for word in ("--report", name)))
        page, written, table = (name.read_bytes().decode() for name in names)
        self.assertEqual(json.loads(written), told)
        rows = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([(row["class"], row["things"]) for row in rows], [("it's: odd", "3"), ("thing", "2")])
        parsed = Page()
        parsed.feed(page)
        self.assertEqual((parsed.open, parsed.addresses), ([], []))
        self.assertEqual(json.loads(parsed.data), told)
        self.assertEqual(parsed.seen.count("table"), 5)
        self.assertNotIn("{{", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
        for name in names:
            self.run_program("stats", photos, "--report", name)
            name.write_text("mine")
            self.assertIn("not made by pixmill", self.run_program("stats", photos, "--report", name, code=2).stderr)
        self.assertIn("ending", self.run_program("stats", photos, "--report", "a.pdf", code=2).stderr)

    @unittest.skipUnless(shutil.which("node"), "no node on this machine")
    def test_charts(self):
        page = self.report(self.looked_at(255, 150, 0))
        told = subprocess.run(["node", "-e", NOTE_TAKER], input=page, capture_output=True, text=True, check=True)
        classes, sizes, things, confidences, _, brightness = json.loads(told.stdout)
        self.assertEqual(classes, {"labels": ["it's: odd", "thing"], "sets": [[3, 2], [3, 2]]})
        self.assertEqual(sizes["sets"], [[100, 100], [0, 0], [0, 0]])
        self.assertEqual(things, {"labels": ["0", "1", "2"], "sets": [[0, 1, 2]]})
        self.assertEqual(confidences["labels"][0], "0.25")
        self.assertEqual(sum(confidences["sets"][0]), 5)
        self.assertEqual((brightness["labels"][9], brightness["sets"][0][9]), ("144", 1))

    def test_nothing_to_tell(self):
        photos = self.lights(255)
        refused = self.run_program("stats", photos, code=3).stderr
        self.assertIn("nothing is known of the 1 picture in", refused)
        self.assertIn("pixmill detect", refused)
        self.assertIn("no pictures in", self.run_program("stats", self.write("empty/a.txt", b"").parent, code=3).stderr)
        self.assertIn("nowhere", self.run_program("stats", self.folder / "nowhere", code=3).stderr)
        self.looked_at(255)
        refused = self.run_program("stats", photos, "--classes", "thingg", code=2).stderr
        self.assertIn("did you mean thing?", refused)
        self.assertEqual(self.run_program("stats", photos, self.folder / "nowhere", code=1).stderr.count("nowhere"), 1)
        none = self.run_program("stats", photos, "--confidence", 1).stdout
        self.assertTrue(none.startswith("0 things in 0 of 1 picture"), none)

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_a_folder_without_rights(self):
        photos = self.looked_at(255)
        closed = self.write("photos/closed/a.png", png(8, 8)).parent
        closed.chmod(0)
        self.addCleanup(closed.chmod, 0o700)
        done = self.run_program("stats", photos, code=1)
        self.assertIn("closed", done.stderr)
        self.assertIn("2 things in 1 of 1 picture", done.stdout)


if __name__ == "__main__":
    unittest.main()

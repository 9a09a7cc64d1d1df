"""Exports read back by somebody else's reader: pycocotools, in an environment of its own, made once in .env/coco."""

import json
import subprocess
import sys
import unittest

from detect_test import DetectTest
from program import SOURCE, fetched_or_skipped

TOOLS = SOURCE / ".env/coco"
WANTED = ["pycocotools==2.0.10", "numpy==2.4.6"]
READER = """
import json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth = COCO(sys.argv[1])
found = truth.loadRes(truth.dataset["annotations"])
judge = COCOeval(truth, found, "bbox")
judge.evaluate(); judge.accumulate(); judge.summarize()
print(json.dumps({
    "images": [image["file_name"] for image in truth.loadImgs(truth.getImgIds())],
    "classes": [one["name"] for one in truth.loadCats(truth.getCatIds())],
    "things": len(truth.getAnnIds(catIds=truth.getCatIds(catNms=["thing"]))),
    "precision": judge.stats[0]}))
"""


class Pycocotools(DetectTest):
    @classmethod
    def setUpClass(cls):
        stamp = TOOLS / "wanted.txt"
        if stamp.exists() and stamp.read_text() == "\n".join(WANTED):
            return
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--only-binary=:all:", "--upgrade"]
        done = subprocess.run(
            [*command, "--target", TOOLS, *WANTED], capture_output=True, text=True, check=False
        )  # fmt: skip
        assert fetched_or_skipped(done).returncode == 0, done.stderr
        stamp.write_text("\n".join(WANTED))

    def test_coco_is_read_and_agrees_with_itself(self):
        photos, out = self.lights(255, 160, 0), self.folder / "out"
        self.detect(photos, "-o", out, "--format", "coco")
        done = subprocess.run(
            [sys.executable, "-B", "-c", READER, out / "coco.json"],
            env={"PYTHONPATH": str(TOOLS)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        read = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(read["images"], ["p0.png", "p1.png", "p2.png"])
        self.assertEqual(read["classes"], ["thing", "it's: odd"])
        self.assertEqual(read["things"], 2)
        self.assertAlmostEqual(read["precision"], 1.0)


if __name__ == "__main__":
    unittest.main()

"""Mattes beside the families' reference arithmetic (Pillow, NumPy, ONNX Runtime), on every photograph of ../shared.

The mean difference of each matte must stay below 0.002 of the full range, of which the 8 bits of the mask file may
take half.
"""

import json
import unittest

from program import SANITIZED, SHARED, SOURCE, needs_shared
from reference_python import REFERENCE, ReferenceTest, run_reference

TOLERANCE = 0.002


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Golden(ReferenceTest):
    def compare(self, family: str, model, pictures, tolerance: float = TOLERANCE, *words):
        mine = self.folder / "mine"
        name = ("--name", "{stem}.{ext}")
        self.run_program("cutout", *pictures, "-o", mine, "-m", model, "--only-mask", "--refine", "none", *name, *words)
        told = ("--model", model, "--family", family, "--out", self.folder / "reference")
        run_reference(REFERENCE / "matte_reference.py", *told, *pictures)
        apart = json.loads(run_reference(REFERENCE / "compare_mattes.py", self.folder / "reference", mine))
        self.assertGreaterEqual(len(apart), len(list(pictures)))
        for stem, difference in apart.items():
            self.assertLess(difference, tolerance, stem)
        mean, worst = sum(apart.values()) / len(apart), max(apart.values())
        print(f"{family} {' '.join(words)}: {len(apart)} mattes, mean difference {mean:.5f}, worst {worst:.5f}")

    def photographs(self) -> list:
        folders = (SHARED / "images/photos", SHARED / "datasets/ecssd/images")
        return [path for folder in folders for path in sorted(folder.iterdir())]

    def test_starter_on_every_photograph(self):
        model = SOURCE / "models/starter/cutout.onnx"
        self.compare("starter", model, self.photographs(), TOLERANCE, "--precision", "fp32", "--backend", "onnxruntime")

    def quality(self, refine: str, *words) -> dict:
        ecssd = SHARED / "datasets/ecssd"
        out = self.folder / refine
        options = ("--only-mask", "--refine", refine, "--name", "{stem}.{ext}")
        self.run_program("cutout", ecssd / "images", "-o", out, *options, *words)
        return json.loads(run_reference(REFERENCE / "quality.py", ecssd / "masks", out))

    def test_refinement_leaves_or_betters_the_error(self):
        """With the starter and with u2netp; and the starter is as good as its card says (MAE 0.089, IoU 0.74)."""
        for words in ((), ("-m", SHARED / "models/matting/u2netp.onnx", "--precision", "bf16")):
            plain, guided = self.quality("none", *words), self.quality("guided", *words)
            print(f"{words[1:2]}: {plain} plain, {guided} guided")
            self.assertEqual(plain["count"], 134)
            self.assertLessEqual(guided["mae"], plain["mae"] + 0.0001)
            self.assertGreaterEqual(guided["iou"], plain["iou"])
            if not words:
                self.assertLess(guided["mae"], 0.090)
                self.assertGreater(guided["iou"], 0.735)

    def test_starter_in_bf16(self):
        """Half precision moves single edge pixels; the mean may move by what was measured, with a margin."""
        model = SOURCE / "models/starter/cutout.onnx"
        self.compare("starter", model, self.photographs(), 0.01, "--precision", "bf16")

    def test_u2netp_on_every_photograph(self):
        model = SHARED / "models/matting/u2netp.onnx"
        self.compare("u2net", model, self.photographs(), TOLERANCE, "--precision", "fp32", "--backend", "openvino")


if __name__ == "__main__":
    unittest.main()

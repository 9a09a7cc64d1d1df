"""Masks of persons beside the truth of CCP (person with what is worn and carried): the figures of docs/masks.md.

For each model and dilation: the IoU with the truth, the share of the person that stays outside of the mask, and the
share of the rest of the picture that the mask takes. `python3 tests/mask_quality_test.py --table` prints the table.
"""

import json
import sys
import unittest

from program import SANITIZED, SHARED, needs_shared
from reference_python import ReferenceTest, run_reference

CCP = SHARED / "datasets/ccp"
MODELS = {
    "yolo11n-seg (640, int8)": ("segment/yolo11n-seg_int8_640.onnx",),
    "yolov8n-seg (320, int8)": ("segment/yolov8n-seg_int8_320.onnx",),
    "deeplab-v3-pascal": ("segment/deeplab_v3_pascal.onnx",),
    "pan-skin-clothes-hair": ("segment/pan_skin_clothes_hair.onnx", "--classes", "skin,clothes,hair"),
    "yolov8n (640, int8), boxes": ("detect/yolov8n_int8_640.onnx",),
    "yolox-nano-416, boxes": ("detect/yolox_nano_416.onnx",),
}
DILATIONS = (0, 5, 10, 15, 20, 30)

MEASURE = """
import json, pathlib, sys
import numpy as np
from PIL import Image

truth, masks = map(pathlib.Path, sys.argv[1:3])
overlap, outside, taken = [], [], []
for file in sorted(truth.glob("*.png")):
    person = np.asarray(Image.open(file)) > 0
    masked = np.asarray(Image.open(masks / (file.stem + ".jpg.png"))) == 0
    overlap.append((person & masked).sum() / (person | masked).sum())
    outside.append((person & ~masked).sum() / person.sum())
    taken.append((~person & masked).sum() / (~person).sum())
print(json.dumps([float(np.mean(one)) for one in (overlap, outside, taken)]))
"""


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Quality(ReferenceTest):
    def measured(self, model: tuple, dilation: int) -> list:
        """[IoU, share of the person outside, share of the rest inside], means over the pictures."""
        out = self.folder / f"masks{dilation}"
        file, *options = model
        self.run_program("mask", CCP / "images", "-m", SHARED / "models" / file, *options, "--dilate", dilation,
                         "--profile", "colmap", "-o", out)  # fmt: skip
        return json.loads(run_reference("-c", MEASURE, CCP / "labels", out))

    def test_the_best_model_leaves_little_of_a_person_outside(self):
        model = MODELS["yolo11n-seg (640, int8)"]
        overlap, outside, taken = self.measured(model, 0)
        self.assertGreater(overlap, 0.80)
        self.assertLess(outside, 0.12)
        grown = self.measured(model, 15)
        self.assertLess(grown[1], 0.7 * outside, "a grown mask leaves less of the person outside")
        self.assertGreater(grown[2], taken, "and takes more of the rest")

    def test_what_is_carried_belongs_to_the_person(self):
        model = MODELS["yolo11n-seg (640, int8)"]
        with_bags = self.measured(model, 0)[1]
        alone = self.measured((*model, "--classes", "person"), 0)[1]
        self.assertLess(with_bags, alone)


def print_table() -> None:
    Quality.setUpClass()
    print("| model | " + " | ".join(f"dilate {one}" for one in DILATIONS) + " |")
    print("|---" * (len(DILATIONS) + 1) + "|")
    for name, model in MODELS.items():
        cells = []
        for dilation in DILATIONS:
            test = Quality()
            test.setUp()
            overlap, outside, taken = test.measured(model, dilation)
            test.doCleanups()
            cells.append(f"{overlap:.3f} / {100 * outside:.1f} % / {100 * taken:.1f} %")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    if "--table" in sys.argv:
        print_table()
    else:
        unittest.main()

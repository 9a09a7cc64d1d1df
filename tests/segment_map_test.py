"""Mean average precision of segmenters on COCO's pictures beside that of the reference arithmetic (pycocotools).

Both see the pictures as PNG: two JPEG decoders differ in last bits, at which dynamically quantised models jump, and
over 50 pictures that alone moves a figure by 0.007.
"""

import json
import unittest

from program import SANITIZED, SHARED, needs_shared
from records import records
from reference_python import REFERENCE, ReferenceTest, run_reference

TOLERANCE = 0.005
TRUTH = SHARED / "datasets/coco_val/labels_seg"
MODELS = ("yolo11n-seg_int8_640", "yolov8n-seg_int8_320")
AS_PNG = """
import pathlib, sys
from matte_reference import load
for path in map(pathlib.Path, sys.argv[2:]):
    load(path).save(pathlib.Path(sys.argv[1]) / (path.stem + ".png"), compress_level=1)
"""


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Precision(ReferenceTest):
    def precision(self, found: dict) -> dict:
        return json.loads(run_reference(REFERENCE / "coco_map.py", TRUTH, input=json.dumps(found)))

    def reference(self, model, pictures) -> dict:
        words = ("--model", model, "--family", "yolov8", "--overlap", 0.7)
        found = json.loads(run_reference(REFERENCE / "segment_reference.py", *words, *pictures))
        for one in found.values():
            one["things"] = [{"label": t[0], "box": t[1:5], "score": t[5], "runs": t[6]} for t in one["things"]]
        return found

    def mine(self, model, pictures) -> dict:
        home = self.folder / model.stem
        self.environment["PIXMILL_HOME"] = str(home)
        self.run_program(
            "segment", *pictures, "-o", self.folder / "out" / model.stem, "-m", model, "--iou", 0.7,
            "--precision", "fp32", "--backend", "onnxruntime",
        )  # fmt: skip
        return records(home)

    def test_masks_and_boxes_are_as_precise_as_the_references(self):
        photos = sorted((SHARED / "datasets/coco_val/images").iterdir())
        folder = self.folder / "png"
        folder.mkdir()
        run_reference("-c", AS_PNG, folder, *photos)
        pictures = sorted(folder.iterdir())
        self.assertEqual(len(pictures), len(photos))
        for name in MODELS:
            with self.subTest(name):
                model = SHARED / "models/segment" / f"{name}.onnx"
                reference = self.precision(self.reference(model, pictures))
                mine = self.precision(self.mine(model, pictures))
                print(f"{name}: mine {mine}, reference {reference} (mAP50-95, mAP50)")
                for kind in ("bbox", "segm"):
                    self.assertGreater(mine[kind][1], 0.3)
                    for one, other in zip(mine[kind], reference[kind]):
                        self.assertAlmostEqual(one, other, delta=TOLERANCE)


if __name__ == "__main__":
    unittest.main()

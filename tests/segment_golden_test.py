"""Masks beside the families' reference arithmetic (NumPy, ONNX Runtime), on segmenters and photographs of ../shared.

A thing's partner has the same class and a score that is no more than 0.03 off (of dynamically quantised models, whose
outputs jump with the last bit of a pixel, 0.1). Things within that of the lowest confidence may be there or not.
"""

import json
import unittest

from program import SANITIZED, SHARED, needs_shared
from records import iou, records
from reference_python import REFERENCE, ReferenceTest, run_reference

CONFIDENCE = 0.25
MODELS = {  # family, share of things with a partner, mean IoU with it
    "yolo11n-seg_int8_640": ("yolov8", 0.95, 0.99),
    "yolov8n-seg_int8_320": ("yolov8", 0.95, 0.985),
    "deeplab_v3_pascal": ("deeplab", 0.98, 0.99),
    "pan_skin_clothes_hair": ("pan", 0.98, 0.99),
}


def partners(things, others, slack: float) -> tuple:
    """Things that surely count, and of those with a partner the largest IoU with one."""
    sure = [thing for thing in things if thing["score"] >= CONFIDENCE + slack]
    found = []
    for thing in sure:
        like = [o for o in others if o["label"] == thing["label"] and abs(o["score"] - thing["score"]) <= slack]
        best = max((iou(thing["runs"], other["runs"]) for other in like), default=0.0)
        if best > 0.5:
            found.append(best)
    return len(sure), found


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Segmenters(ReferenceTest):
    def reference(self, model, family: str, pictures) -> dict:
        words = ("--model", model, "--family", family)
        found = json.loads(run_reference(REFERENCE / "segment_reference.py", *words, *pictures))
        for one in found.values():
            one["things"] = [{"label": t[0], "box": t[1:5], "score": t[5], "runs": t[6]} for t in one["things"]]
        return found

    def mine(self, model, pictures) -> dict:
        home = self.folder / model.stem
        self.environment["PIXMILL_HOME"] = str(home)
        self.run_program(
            "segment", *pictures, "-o", self.folder / "out" / model.stem, "-m", model,
            "--precision", "fp32", "--backend", "onnxruntime",
        )  # fmt: skip
        return records(home)

    def test_every_family_on_photographs(self):
        pictures = sorted((SHARED / "datasets/coco_val/images").iterdir())[::6]
        pictures += [SHARED / "images/photos" / name for name in ("bus.jpg", "portrait_street.jpg", "zidane.jpg")]
        for name, (family, share, likeness) in MODELS.items():
            with self.subTest(name):
                model = SHARED / "models/segment" / f"{name}.onnx"
                reference, mine = self.reference(model, family, pictures), self.mine(model, pictures)
                self.assertEqual(set(reference), set(mine))
                slack = 0.1 if "int8" in name else 0.03
                total, found = 0, []
                for stem, one in reference.items():
                    self.assertEqual(one["size"], mine[stem]["size"])
                    for things, others in ((one, mine[stem]), (mine[stem], one)):
                        sure, matched = partners(things["things"], others["things"], slack)
                        total, found = total + sure, found + matched
                mean = sum(found) / len(found)
                print(f"{name}: {len(found)} of {total} things of {len(mine)} pictures, both ways; mean IoU {mean:.4f}")
                self.assertGreater(total, 5)
                self.assertGreaterEqual(len(found) / total, share)
                self.assertGreaterEqual(mean, likeness)


if __name__ == "__main__":
    unittest.main()

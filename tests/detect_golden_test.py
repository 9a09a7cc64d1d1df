"""Boxes beside the families' reference arithmetic (NumPy, ONNX Runtime), on the detectors and photographs of ../shared.

Of 100 boxes at least 98 (of dynamically quantised models, whose outputs jump with the last bit of a pixel, 95) must
have a partner of the same class with an IoU of 0.95 or more, a score that is no more than 0.03 (0.1) off and landmarks
within 3 % of its width; boxes within that of the lowest confidence may be there or not. DETR's kin stand as small files
with their inputs and outputs, for no weights are at hand.
"""

import json
import unittest

import tiny_detr
from program import SANITIZED, SHARED, needs_shared
from reference_python import REFERENCE, ReferenceTest, run_reference

CONFIDENCE = 0.25
MODELS = {
    "yolox_nano_416": "yolox",
    "yolox_nano_416_dynbatch": "yolox",
    "light_person_192": "yolox",
    "yolov5n_fp16_640": "yolov5",
    "yolov8n_int8_640": "yolov8",
    "yolo11n_int8_320": "yolov8",
    "nanodet_m_320": "nanodet",
    "FastestDet_352": "fastestdet",
    "yunet_face_640": "yunet",
}


def iou(a, b) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return common / (both - common)


def matched(boxes, others, score: float) -> tuple:
    """How many boxes that surely count there are, and how many of them have a partner. A box: class, sides, score."""
    sure = [box for box in boxes if box[5] >= CONFIDENCE + score]

    def is_partner(box, other):
        near = all(abs(a - b) <= 0.03 * (box[3] - box[1]) for a, b in zip(box[6:], other[6:], strict=True))
        return near and other[0] == box[0] and abs(other[5] - box[5]) <= score and iou(other[1:5], box[1:5]) >= 0.95

    def has_partner(box):
        return any(is_partner(box, other) for other in others)

    return len(sure), sum(map(has_partner, sure))


class BothSides(ReferenceTest):
    """Boxes of the reference arithmetic and of pixmill: by the picture's stem, [class, sides, score, landmarks...]."""

    def reference(self, model, family: str, pictures) -> dict:
        words = ("--model", model, "--family", family, "--confidence", 0.05)
        return json.loads(run_reference(REFERENCE / "detect_reference.py", *words, *pictures))

    def mine(self, model, pictures) -> dict:
        out = self.folder / model.stem
        self.run_program(
            "detect", *pictures, "-o", out, "-m", model, "--format", "coco", "--confidence", 0.05, "--max", 1000,
            "--precision", "fp32", "--backend", "onnxruntime",
        )  # fmt: skip
        coco = json.loads((out / "coco.json").read_text())
        stems = {image["id"]: image["file_name"].rsplit(".", 1)[0] for image in coco["images"]}
        found = {stem: [] for stem in stems.values()}
        for one in coco["annotations"]:
            x, y, width, height = one["bbox"]
            points = one.get("keypoints", [])
            box = [one["category_id"] - 1, x, y, x + width, y + height, one["score"]]
            box += [value for i, value in enumerate(points) if i % 3 < 2]
            found[stems[one["image_id"]]].append(box)
        return found


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class Detectors(BothSides):
    def test_every_family_on_photographs(self):
        pictures = sorted((SHARED / "datasets/coco_val/images").iterdir())[::3]
        for name, family in MODELS.items():
            with self.subTest(name):
                model = SHARED / "models/detect" / f"{name}.onnx"
                reference, mine = self.reference(model, family, pictures), self.mine(model, pictures)
                self.assertEqual(set(reference), set(mine))
                score, share = (0.1, 0.95) if "int8" in name else (0.03, 0.98)
                total = good = 0
                for stem, boxes in reference.items():
                    for one, other in ((boxes, mine[stem]), (mine[stem], boxes)):
                        sure, found = matched(one, other, score)
                        total, good = total + sure, good + found
                print(f"{name}: {good} of {total} boxes of {len(mine)} pictures, both ways")
                self.assertGreater(total, 5)
                self.assertGreaterEqual(good / total, share)

    def test_detrs_kin_on_photographs(self):
        pictures = sorted((SHARED / "datasets/coco_val/images").iterdir())[::5]
        for family, data in (
            ("dfine", tiny_detr.dfine()),
            ("rtdetr", tiny_detr.rtdetr()),
            ("rfdetr", tiny_detr.rfdetr()),
            ("rfdetr", tiny_detr.rfdetr(columns=4)),
        ):
            with self.subTest(family):
                model = self.write(f"{family}_{len(data)}.onnx", data)
                reference, mine = self.reference(model, family, pictures), self.mine(model, pictures)
                boxes = {tuple(round(side) for side in box[1:5]) for found in mine.values() for box in found}
                self.assertGreater(len(boxes), len(pictures), "they follow the picture")
                for stem, found in reference.items():
                    for one, other in ((found, mine[stem]), (mine[stem], found)):
                        sure, partners = matched(one, other, 0.002)
                        self.assertEqual(sure, partners, stem)


if __name__ == "__main__":
    unittest.main()

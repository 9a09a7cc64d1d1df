"""Mean average precision on 50 photographs of COCO, by pycocotools: of pixmill's boxes and of the reference's.

They may be 0.005 apart. Prints the table of docs/DETECTORS.md.
"""

import json
import unittest

import detect_golden_test
from program import SANITIZED, SHARED, needs_shared
from reference_python import run_reference

DATA = SHARED / "datasets/coco_val"
APART = 0.005
JUDGE = """
import contextlib, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
truth, found = (json.load(open(path)) for path in sys.argv[1:])
with contextlib.redirect_stdout(sys.stderr):
    known = COCO()
    known.dataset = truth
    known.createIndex()
    judge = COCOeval(known, known.loadRes(found), "bbox")
    judge.evaluate(); judge.accumulate(); judge.summarize()
print(json.dumps([judge.stats[1], judge.stats[0]]))
"""


def sides(x: float, y: float, width: float, height: float, picture) -> list:
    """A box of YOLO's text as COCO has it: left, top, width, height in pixels."""
    wide, high = picture
    return [(x - width / 2) * wide, (y - height / 2) * high, width * wide, height * high]


def size_of(picture) -> tuple:
    """Of a JPEG file: the first frame header says it."""
    data, at = picture.read_bytes(), 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")


@needs_shared
@unittest.skipIf(SANITIZED, "the arithmetic is the release build's matter")
class MeanPrecision(detect_golden_test.BothSides):
    def truth(self, pictures) -> dict:
        images, things = [], []
        for number, picture in enumerate(pictures, 1):
            wide, high = size_of(picture)
            images.append({"id": number, "file_name": picture.name, "width": wide, "height": high})
            for line in (DATA / "labels_det" / f"{picture.stem}.txt").read_text().splitlines():
                kind, *box = map(float, line.split())
                box = sides(*box, (wide, high))
                things.append(
                    {"id": len(things) + 1, "image_id": number, "category_id": int(kind) + 1, "bbox": box,
                     "area": box[2] * box[3], "iscrowd": 0}
                )  # fmt: skip
        classes = [{"id": number, "name": str(number)} for number in range(1, 81)]
        return {"info": {}, "images": images, "annotations": things, "categories": classes}

    def precision(self, truth: dict, boxes: dict) -> list:
        """mAP50 and mAP50-95."""
        found = [
            {"image_id": image["id"], "category_id": box[0] + 1, "score": box[5],
             "bbox": [box[1], box[2], box[3] - box[1], box[4] - box[2]]}
            for image in truth["images"] for box in boxes[image["file_name"].rsplit(".", 1)[0]]
        ]  # fmt: skip
        files = (
            self.write("truth.json", json.dumps(truth).encode()),
            self.write("found.json", json.dumps(found).encode()),
        )
        return json.loads(run_reference("-c", JUDGE, *files))

    def test_the_references_figures(self):
        pictures = sorted((DATA / "images").iterdir())
        truth = self.truth(pictures)
        print("model: mAP50, mAP50-95; of the reference arithmetic")
        for name, family in detect_golden_test.MODELS.items():
            if name in ("yunet_face_640", "light_person_192"):
                continue  # not of COCO's classes
            with self.subTest(name):
                model = SHARED / "models/detect" / f"{name}.onnx"
                mine = self.precision(truth, self.mine(model, pictures))
                reference = self.precision(truth, self.reference(model, family, pictures))
                print(f"{name}: {mine[0]:.4f}, {mine[1]:.4f}; {reference[0]:.4f}, {reference[1]:.4f}", flush=True)
                for one, other in zip(mine, reference):
                    self.assertLessEqual(abs(one - other), APART)
                self.assertGreater(mine[0], 0.2, "or nothing was found")


if __name__ == "__main__":
    unittest.main()

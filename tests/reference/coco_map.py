#!/usr/bin/env python3
"""Mean average precision as COCO defines it (pycocotools), of things found in pictures with labels in YOLO's text.

    coco_map.py LABELS < found.json

`found.json`: {STEM: {"size": [height, width], "things": [{"label", "box", "score", "runs"}, ...]}}, boxes as left, top,
right, bottom in pixels, masks as COCO's runs (without: boxes only). LABELS: a folder of STEM.txt with a line
`class x y x y ...` for each thing, shares of the picture. Prints {"bbox": [mAP50-95, mAP50], "segm": [...]}.
"""

import contextlib
import io
import json
import pathlib
import sys

from pycocotools import mask as masks
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def truth_of(path, height, width) -> list:
    things = []
    for line in path.read_text().splitlines() if path.exists() else []:
        label, *shares = line.split()
        points = [float(share) * side for share, side in zip(shares, [width, height] * (len(shares) // 2))]
        shape = masks.frPyObjects([points], height, width)[0]
        x, y = points[::2], points[1::2]
        box = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
        things.append((int(label), box, shape))
    return things


def evaluate(folder: pathlib.Path, found: dict) -> dict:
    images, truth, results = [], [], []
    for image, (stem, one) in enumerate(sorted(found.items()), 1):
        height, width = one["size"]
        images.append({"id": image, "height": height, "width": width})
        for label, box, shape in truth_of(folder / f"{stem}.txt", height, width):
            entry = {"id": len(truth) + 1, "image_id": image, "category_id": label, "bbox": box, "iscrowd": 0}
            truth.append({**entry, "segmentation": shape, "area": float(masks.area(shape))})
        for thing in one["things"]:
            left, top, right, bottom = thing["box"]
            entry = {"image_id": image, "category_id": thing["label"], "score": thing["score"]}
            entry["bbox"] = [left, top, right - left, bottom - top]
            if "runs" in thing:
                runs = {"size": [height, width], "counts": thing["runs"]}
                entry["segmentation"] = masks.frPyObjects(runs, height, width)
            results.append(entry)
    kinds = ["bbox", "segm"] if results and "segmentation" in results[0] else ["bbox"]
    scores = {}
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        labels = sorted({entry["category_id"] for entry in truth})
        coco.dataset = {
            "info": {}, "images": images, "annotations": truth, "categories": [{"id": label} for label in labels]
        }  # fmt: skip
        coco.createIndex()
        for kind in kinds:
            # Without their masks boxes are compared as such; with them loadRes() would take the masks' boxes.
            shown = [
                {k: v for k, v in r.items() if k != ("segmentation" if kind == "bbox" else "bbox")} for r in results
            ]
            judged = COCOeval(coco, coco.loadRes(shown), kind)
            judged.evaluate()
            judged.accumulate()
            judged.summarize()
            scores[kind] = [float(judged.stats[0]), float(judged.stats[1])]
    return scores


if __name__ == "__main__":
    json.dump(evaluate(pathlib.Path(sys.argv[1]), json.load(sys.stdin)), sys.stdout)

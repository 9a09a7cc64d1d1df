#!/usr/bin/env python3
"""Boxes as the families of detectors compute them: Pillow, NumPy and ONNX Runtime, one picture at a time.

    detect_reference.py --model yolox_nano_416.onnx --family yolox photos/*.jpg > boxes.json

Prints {STEM: [[class, left, top, right, bottom, score, landmarks: x, y, ...], ...]}, in pixels of the picture, best
first: what is left of boxes above --confidence after overlaps of one class above --overlap are removed; those of DETR's
kin do not overlap. `pixmill detect` is compared with it.
"""

import argparse
import dataclasses
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from matte_reference import load
from PIL import Image

GRAY = 114
onnxruntime.set_default_logger_severity(3)  # one file lists its weights as inputs, and each is a warning


@dataclasses.dataclass(frozen=True)
class Family:
    fit: str = "letterbox"  # letterbox | corner | stretch
    bgr: bool = False
    scale: float = 1.0  # value * scale
    mean: tuple = (0.0, 0.0, 0.0)  # in the order of the model's channels
    std: tuple = (1.0, 1.0, 1.0)
    pillow: bool = False  # resized as Pillow's BILINEAR does it, which averages what it shrinks


FAMILIES = {
    "yolov8": Family(scale=1 / 255),
    "yolov5": Family(scale=1 / 255),
    "yolox": Family(fit="corner", bgr=True),
    "nanodet": Family(bgr=True, mean=(103.53, 116.28, 123.675), std=(57.375, 57.12, 58.395)),
    "fastestdet": Family(fit="stretch", bgr=True, scale=1 / 255),
    "yunet": Family(fit="corner", bgr=True),
    "rtdetr": Family(fit="stretch", scale=1 / 255),
    "dfine": Family(fit="stretch", scale=1 / 255, pillow=True),
    "rfdetr": Family(fit="stretch", scale=1 / 255, pillow=True, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
}


def linear(picture, width, height):
    """OpenCV's INTER_LINEAR: the two samples around each output's middle. Rounded to 8 bits after each direction, as
    Pillow and pixmill do it; OpenCV does so once, which moves single samples by one level. Of the boxes of FastestDet,
    the most sensitive one here, 8 % then have an IoU below 0.95 with what they were, of YOLOX none."""

    def places(inputs, outputs):
        at = np.clip((np.arange(outputs) + 0.5) * (inputs / outputs) - 0.5, 0, inputs - 1)
        first = np.minimum(at.astype(int), max(inputs - 2, 0))
        return first, np.minimum(first + 1, inputs - 1), (at - first).astype(np.float64)

    values = np.asarray(picture, np.float64)
    first, second, share = places(values.shape[1], width)
    values = np.floor(values[:, first] * (1 - share)[None, :, None] + values[:, second] * share[None, :, None] + 0.5)
    first, second, share = places(values.shape[0], height)
    values = values[first] * (1 - share)[:, None, None] + values[second] * share[:, None, None]
    return np.floor(values + 0.5).astype(np.uint8)


def prepare(picture, family, width, height, resize=linear):
    """The input tensor, and how its pixels become the picture's: (x - left) / across, (y - top) / down."""
    if family.fit == "stretch":
        squash = picture.resize((width, height), Image.Resampling.BILINEAR) if family.pillow else None
        canvas, left, top = np.asarray(squash) if squash else resize(picture, width, height), 0, 0
        across, down = width / picture.width, height / picture.height
    else:
        across = down = min(width / picture.width, height / picture.height)
        whole = (lambda side: int(side + 1e-9)) if family.fit == "corner" else round  # YOLOX cuts, YOLO rounds to even
        inner = max(1, whole(picture.width * across)), max(1, whole(picture.height * across))
        spare = (width - inner[0]) / 2, (height - inner[1]) / 2
        left, top = (0, 0) if family.fit == "corner" else (round(spare[0] - 0.1), round(spare[1] - 0.1))
        canvas = np.full((height, width, 3), GRAY, np.uint8)
        canvas[top : top + inner[1], left : left + inner[0]] = resize(picture, *inner)
    values = canvas[..., ::-1] if family.bgr else canvas
    values = (values.astype(np.float32) * np.float32(family.scale) - np.float32(family.mean)) / np.float32(family.std)
    return values.transpose(2, 0, 1)[None], (left, top, across, down)


def cells(width, height):
    """x, y and stride of the cells of strides 8, 16 and 32, row by row."""
    rows = []
    for stride in (8, 16, 32):
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        rows.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1))
    return np.concatenate(rows).astype(np.float32)


def centred(x, y, w, h):
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def decode(name, outputs, width, height):
    """Boxes (n x 4, pixels of the input) and their scores for each class (n x classes)."""
    grid = cells(width, height)
    x, y, stride = grid[:, 0], grid[:, 1], grid[:, 2]
    if name == "yolov8":
        rows = outputs[0][0].T
        return centred(*rows[:, :4].T), rows[:, 4:]
    if name in ("yolov5", "yolox"):
        rows = outputs[0][0].astype(np.float32)
        scores = rows[:, 5:] * rows[:, 4:5]
        if name == "yolov5":
            return centred(*rows[:, :4].T), scores
        size = np.exp(rows[:, 2:4]) * stride[:, None]
        return centred((rows[:, 0] + x) * stride, (rows[:, 1] + y) * stride, *size.T), scores
    if name == "nanodet":
        scores = np.concatenate([one[0] for one in outputs[:3]])
        logits = np.concatenate([one[0] for one in outputs[3:6]]).reshape(len(grid), 4, -1)
        weights = np.exp(logits - logits.max(2, keepdims=True))
        sides = (weights * np.arange(logits.shape[2])).sum(2) / weights.sum(2) * stride[:, None]
        middle = np.stack([x + 0.5, y + 0.5], 1) * stride[:, None]
        return np.concatenate([middle - sides[:, :2], middle + sides[:, 2:]], 1), scores
    if name == "fastestdet":
        table = outputs[0][0]
        rows, columns = table.shape[1:]
        y, x = np.mgrid[:rows, :columns]
        middle = (x + np.tanh(table[1])) / columns * width, (y + np.tanh(table[2])) / rows * height
        size = sigmoid(table[3]) * width, sigmoid(table[4]) * height
        scores = table[0] ** 0.6 * table[5:] ** 0.4
        return centred(*(part.ravel() for part in (*middle, *size))), scores.reshape(len(scores), -1).T
    assert name == "yunet", name
    classes, objects, boxes = (np.concatenate([one[0] for one in outputs[i : i + 3]]) for i in (0, 3, 6))
    middle, size = (boxes[:, :2] + grid[:, :2]) * stride[:, None], np.exp(boxes[:, 2:]) * stride[:, None]
    return centred(*middle.T, *size.T), np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1)).reshape(-1, 1)


def landmarks(name, outputs, width, height):
    """Five points of each of YuNet's cells, x and y in turns; no columns for other families."""
    grid = cells(width, height)
    if name != "yunet":
        return None
    points = np.concatenate([one[0] for one in outputs[9:12]]).reshape(len(grid), 5, 2)
    return ((points + grid[:, None, :2]) * grid[:, None, 2:]).reshape(len(grid), 10)


# COCO's numbers of its classes go from 1 to 90, with gaps.
COCO_NUMBERS = [n for n in range(1, 91) if n not in (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)]


def chosen(name, outputs, width, height):
    """Boxes in pixels of the input, labels and scores of graphs whose boxes do not overlap."""
    if name == "dfine":
        labels, boxes, scores = (one[0] for one in outputs)
        return boxes, labels.astype(int), scores
    scale = [width, height] * 2
    if name == "rtdetr":
        rows = outputs[0][0]
        return centred(*(rows[:, :4] * scale).T), rows[:, 4:].argmax(1), rows[:, 4:].max(1)
    assert name == "rfdetr", name
    shares, logits = outputs[0][0], outputs[1][0]
    scores = sigmoid(logits).ravel()
    best = np.argsort(-scores, kind="stable")[: len(shares)]
    labels = best % logits.shape[1]
    if logits.shape[1] == 91:
        used = np.isin(labels, COCO_NUMBERS)
        best, labels = best[used], np.searchsorted(COCO_NUMBERS, labels[used])
    return centred(*(shares * scale).T)[best // logits.shape[1]], labels, scores[best]


def overlaps(box, boxes):
    width = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    height = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    common = np.clip(width, 0, None) * np.clip(height, 0, None)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return common / ((box[2] - box[0]) * (box[3] - box[1]) + area - common)


def suppress(boxes, scores, labels, overlap):
    """Indices of the boxes that stay, best first."""
    order, kept = np.argsort(-scores, kind="stable"), []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[(labels[order] != labels[best]) | (overlaps(boxes[best], boxes[order]) <= overlap)]
    return kept


def detect(session, name, picture, confidence, overlap, resize=linear):
    port, *others = session.get_inputs()
    height, width = (side if isinstance(side, int) else 640 for side in port.shape[2:])
    tensor, (left, top, across, down) = prepare(picture, FAMILIES[name], width, height, resize)
    tensor = tensor.astype(np.float16 if "16" in port.type else np.float32)
    feed = {port.name: tensor, **{one.name: np.array([[width, height]], np.int64) for one in others}}
    outputs = [one.astype(np.float32) for one in session.run(None, feed)]
    if name in ("rtdetr", "dfine", "rfdetr"):
        (boxes, labels, best), points, overlap = chosen(name, outputs, width, height), None, 1.0
    else:
        boxes, scores = decode(name, outputs, width, height)
        labels, best, points = scores.argmax(1), scores.max(1), landmarks(name, outputs, width, height)
    points = np.zeros((len(boxes), 0)) if points is None else points
    sure = best >= confidence
    boxes, labels, best, points = boxes[sure], labels[sure], best[sure], points[sure]
    kept = suppress(boxes, best, labels, overlap)
    boxes = (boxes[kept] - [left, top, left, top]) / [across, down, across, down]
    boxes = np.clip(boxes, 0, [picture.width, picture.height] * 2)
    points = (points[kept].reshape(len(kept), points.shape[1] // 2, 2) - [left, top]) / [across, down]
    return [
        [int(label), *map(float, box), float(score), *map(float, five.ravel())]
        for label, box, score, five in zip(labels[kept], boxes, best[kept], points)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--family", required=True, choices=FAMILIES)
    parser.add_argument("--confidence", type=float, default=0.05)
    parser.add_argument("--overlap", type=float, default=0.45)
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    found = {
        path.stem: detect(session, options.family, load(path), options.confidence, options.overlap)
        for path in options.pictures
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()

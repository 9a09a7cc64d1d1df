#!/usr/bin/env python3
"""Masks as the families of segmenters compute them: Pillow, NumPy and ONNX Runtime, one picture at a time.

    segment_reference.py --model yolo11n-seg.onnx --family yolov8 photos/*.jpg > masks.json

Prints {STEM: {"size": [height, width], "things": [[class, left, top, right, bottom, score, runs], ...]}}, in pixels of
the picture, best first. `runs`: COCO's, down the columns, the first one outside. `pixmill segment` is compared with it.

YOLO: boxes as detect_reference.py has them. The sum of the prototypes is enlarged to the picture, cut to the box and
at 0. Where the picture lies over the prototypes is a fraction of a sample; Ultralytics' own code cuts it to whole ones
(--whole), which moves masks by up to a sample: 4 pixels of the input.

Pixel classes: all channels are enlarged to the picture; the largest of them, or those above a half, are there. So does
the code of Kazuhito00/Image-Processing-Node-Editor (node/deep_learning_node/semantic_segmentation/deeplab_v3).
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from detect_reference import FAMILIES, Family, decode, prepare, sigmoid, suppress
from matte_reference import IMAGENET, load

onnxruntime.set_default_logger_severity(3)
MAPS = {  # how a picture becomes the input of models of pixel classes, and what of their output is no thing
    "deeplab": (Family(fit="stretch", scale=1 / 127.5, mean=(1.0, 1.0, 1.0)), 0),
    "pan": (Family(fit="stretch", scale=1 / 255, mean=IMAGENET[0], std=IMAGENET[1]), None),
}


def bilinear(begin, extent, pixels, first, last):
    """The matrix (pixels x samples) that interpolates a row of samples, which are one apart, the first one's middle at
    0.5: pixel i is at begin + (i + 0.5) / pixels * extent, held at the samples `first` and `last`."""
    at = np.clip(begin + (np.arange(pixels) + 0.5) * (extent / pixels) - 0.5, first, last)
    left = np.clip(np.floor(at).astype(int), first, max(first, last - 1))
    right = np.minimum(left + 1, last)
    matrix = np.zeros((pixels, last + 1), np.float32)
    matrix[np.arange(pixels), right] = at - left
    matrix[np.arange(pixels), left] += 1 - (at - left)
    return matrix


def placed(begin, extent, pixels, samples, whole):
    """The same for a picture that covers `extent` of `samples` samples from `begin` on."""
    if whole:
        begin, extent = int(begin), samples - 2 * int(begin)
        return bilinear(begin, extent, pixels, begin, begin + extent - 1)
    first = min(max(int(np.ceil(begin - 0.5)), 0), samples - 1)
    last = min(max(int(np.floor(begin + extent - 0.5)), first), samples - 1)
    return bilinear(begin, extent, pixels, first, last)


def runs(mask):
    """Of a boolean picture: COCO's run lengths."""
    flat = np.concatenate([[False], mask.T.ravel(), [not mask[-1, -1]]])
    at = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], at])).tolist()


def instances(session, family, picture, confidence, overlap, whole):
    port = session.get_inputs()[0]
    height, width = (side if isinstance(side, int) else 640 for side in port.shape[2:])
    tensor, (left, top, across, down) = prepare(picture, FAMILIES["yolov8"], width, height)
    table, prototypes = (one.astype(np.float32) for one in session.run(None, {port.name: tensor})[:2])
    count = prototypes.shape[1]
    rows = table[0].T if family == "yolov8" else table[0]
    rows, weights = rows[:, :-count], rows[:, -count:]
    if family == "end_to_end":
        boxes, best, labels = rows[:, :4], rows[:, 4], rows[:, 5].astype(int)
    else:
        boxes, scores = decode(family, [rows.T[None] if family == "yolov8" else rows[None]], width, height)
        labels, best = scores.argmax(1), scores.max(1)
    sure = best >= confidence
    boxes, labels, best, weights = boxes[sure], labels[sure], best[sure], weights[sure]
    kept = range(len(boxes)) if family == "end_to_end" else suppress(boxes, best, labels, overlap)

    maps = prototypes.shape[2:]
    inner = [min(round(side * across), limit) for side, limit in ((picture.height, height), (picture.width, width))]
    rows_of, columns_of = (
        placed(begin * samples / side, extent * samples / side, pixels, samples, whole)
        for begin, extent, side, samples, pixels in (
            (top, inner[0], height, maps[0], picture.height),
            (left, inner[1], width, maps[1], picture.width),
        )
    )
    things = []
    for index in kept:
        box = (boxes[index] - [left, top, left, top]) / [across, down, across, down]
        box = np.clip(box, 0, [picture.width, picture.height] * 2)
        x0, y0, x1, y1 = np.ceil(box).astype(int)
        if x0 >= x1 or y0 >= y1:
            continue
        values = np.tensordot(weights[index], prototypes[0], 1)
        values = sigmoid(values) - 0.5 if family == "yolov5" else values
        part = rows_of[y0:y1] @ values[: rows_of.shape[1], : columns_of.shape[1]] @ columns_of[x0:x1].T
        mask = np.zeros((picture.height, picture.width), bool)
        mask[y0:y1, x0:x1] = part > 0
        if mask.any():
            things.append([int(labels[index]), *map(float, box), float(best[index]), runs(mask)])
    return things


def pixel_classes(session, family, picture):
    """A thing for each class that is there: its pixels, the box around them, how sure the model is of its samples."""
    port = session.get_inputs()[0]
    planar = port.shape[1] == 3
    height, width = port.shape[2:] if planar else port.shape[1:3]
    prepared, background = MAPS[family]
    tensor, _ = prepare(picture, prepared, width, height)
    output = session.run(None, {port.name: tensor if planar else tensor.transpose(0, 2, 3, 1)})[0][0]
    maps = (output if planar else output.transpose(2, 0, 1)).astype(np.float32)
    rows_of, columns_of = (
        bilinear(0, samples, pixels, 0, samples - 1)
        for samples, pixels in zip(maps.shape[1:], (picture.height, picture.width))
    )
    large = [rows_of @ one @ columns_of.T for one in maps]
    if family == "pan":  # layers, already 0..1
        shares, masks, samples = maps, [one > 0.5 for one in large], [one > 0.5 for one in maps]
    else:
        shares = np.exp(maps - maps.max(0))
        shares /= shares.sum(0)
        best, nearest = np.argmax(large, 0), maps.argmax(0)
        masks, samples = ([labels == k for k in range(len(maps))] for labels in (best, nearest))
    things = []
    for label, mask in enumerate(masks):
        if label == background or not mask.any():
            continue
        score = shares[label][samples[label]].mean() if samples[label].any() else shares[label].max()
        y, x = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        box = [float(side) for side in (x[0], y[0], x[-1] + 1, y[-1] + 1)]
        things.append([label, *box, float(score), runs(mask)])
    return sorted(things, key=lambda thing: -thing[5])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--family", required=True, choices=["yolov8", "yolov5", "end_to_end", *MAPS])
    parser.add_argument("--confidence", type=float, default=0.05)
    parser.add_argument("--overlap", type=float, default=0.45)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    found = {}
    for path in options.pictures:
        picture = load(path)
        if options.family in MAPS:
            things = pixel_classes(session, options.family, picture)
        else:
            things = instances(session, options.family, picture, options.confidence, options.overlap, options.whole)
        found[path.stem] = {"size": [picture.height, picture.width], "things": things}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()

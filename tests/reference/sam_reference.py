#!/usr/bin/env python3
"""Masks as segment-anything and SAM 2 compute them from ONNX files: Pillow, NumPy and ONNX Runtime.

    sam_reference.py --family sam --encoder E.onnx --decoder D.onnx --prompts prompts.json photos/*.jpg > masks.json

`prompts.json`: {FILE NAME: [{"points": [[x, y]], "labels": [1], "box": [x0, y0, x1, y1]}, ...]}, pixels; or
"everything": {FILE NAME: {"everything": 8}} with so many points a side. Prints {FILE NAME: [[score, [run, ...]], ...]}:
the runs of pixels outside and inside by turns in the order of the columns, as COCO counts them.
`pixmill segment` is compared with it.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image

SIDE = 1024
MEAN, STD = np.float32([123.675, 116.28, 103.53]), np.float32([58.395, 57.12, 57.375])
IMAGENET_MEAN, IMAGENET_STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def enlarged(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, half-pixel centres, no antialias, along the last two axes (torch's align_corners=False)."""
    for axis, size in ((-2, height), (-1, width)):
        count = values.shape[axis]
        at = np.maximum((np.arange(size) + 0.5) * (count / size) - 0.5, 0)
        first = np.minimum(at.astype(int), count - 1)
        second = np.minimum(first + 1, count - 1)
        weight = (at - first).astype(np.float32)
        weight = weight[:, None] if axis == -2 else weight
        values = np.take(values, first, axis) * (1 - weight) + np.take(values, second, axis) * weight
    return values


class Sam:
    """Encoder, decoder and one photo."""

    def __init__(self, options, photo: Image.Image):
        self.second = options.family == "sam2"
        encoder = onnxruntime.InferenceSession(options.encoder)
        self.decoder = onnxruntime.InferenceSession(options.decoder)
        self.width, self.height = photo.size
        port = encoder.get_inputs()[0]
        picture = self.input(photo, len(port.shape) == 3)
        picture = picture.astype(np.uint8 if port.type == "tensor(uint8)" else np.float32)
        names = [output.name for output in encoder.get_outputs()]
        self.embeddings = dict(zip(names, encoder.run(None, {port.name: picture}), strict=True))

    def input(self, photo: Image.Image, raw: bool) -> np.ndarray:
        if self.second:
            self.size = (SIDE, SIDE)
            resized = np.asarray(photo.resize(self.size, Image.Resampling.BILINEAR), np.float32)
            return ((resized / 255 - IMAGENET_MEAN) / IMAGENET_STD).transpose(2, 0, 1)[None]
        scale = SIDE / max(photo.size)
        self.size = tuple(int(side * scale + 0.5) for side in photo.size)
        resized = np.asarray(photo.resize(self.size, Image.Resampling.BILINEAR), np.float32)
        if raw:
            return resized
        square = np.zeros((1, 3, SIDE, SIDE), np.float32)
        square[0, :, : self.size[1], : self.size[0]] = ((resized - MEAN) / STD).transpose(2, 0, 1)
        return square

    def answers(self, points, labels, box=None) -> tuple:
        """Logits at the photo's size and scores of all masks, and how many points the decoder got."""
        points = [list(point) for point in points] + ([box[:2], box[2:]] if box else [])
        labels = list(labels) + ([2, 3] if box else [])
        coords = np.float32(points).reshape(-1, 2) * np.float32([self.size[0] / self.width, self.size[1] / self.height])
        if not box and not self.second:
            coords, labels = np.concatenate([coords, np.zeros((1, 2), np.float32)]), [*labels, -1]
        inputs = {
            "point_coords": coords[None].astype(np.float32),
            "point_labels": np.float32([labels]),
            "mask_input": np.zeros((1, 1, 256, 256), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
            "orig_im_size": np.float32([self.height, self.width]),
            **self.embeddings,
        }
        inputs = {port.name: inputs[port.name] for port in self.decoder.get_inputs()}
        masks, scores = self.decoder.run(["masks", "iou_predictions"], inputs)
        if self.second:
            masks = enlarged(masks, self.height, self.width)
        return masks[0], scores[0], len(labels)

    def prompted(self, prompt) -> list:
        points = prompt.get("points", [])
        masks, scores, count = self.answers(points, prompt.get("labels", [1] * len(points)), prompt.get("box"))
        weights = scores + (count - 2.5) * np.float32([1000, 0, 0, 0]) if len(scores) == 4 else scores
        best = int(np.argmax(weights))
        return [(float(scores[best]), masks[best] > 0)]

    def everything(self, side: int) -> list:
        found = []
        for row in range(side):
            for column in range(side):
                point = [(column + 0.5) / side * self.width, (row + 0.5) / side * self.height]
                masks, scores, _ = self.answers([point], [1])
                for mask, score in list(zip(masks, scores, strict=True))[1 if len(scores) == 4 else 0 :]:
                    wide = (mask > -1).sum()
                    if score > 0.88 and wide and (mask > 1).sum() / wide >= 0.95 and (mask > 0).any():
                        found.append((float(score), mask > 0))
        found.sort(key=lambda one: -one[0])
        kept = []
        for score, mask in found:
            if all(overlap(box_of(mask), box_of(other)) <= 0.7 for _, other in kept):
                kept.append((score, mask))
        return kept


def box_of(mask: np.ndarray) -> tuple:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def overlap(a, b) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


def runs(mask: np.ndarray) -> list:
    flat = np.concatenate([[False], mask.T.ravel()])
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]), mask.size)
    return np.diff(np.concatenate([[0], ends])).tolist()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--family", choices=["sam", "sam2"], default="sam")
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--decoder", required=True)
    parser.add_argument("--prompts", type=pathlib.Path, required=True)
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    prompts, answer = json.loads(options.prompts.read_text()), {}
    for picture in options.pictures:
        sam, wanted = Sam(options, Image.open(picture).convert("RGB")), prompts[picture.name]
        found = sam.everything(wanted["everything"]) if isinstance(wanted, dict) else sum(map(sam.prompted, wanted), [])
        answer[picture.name] = [[score, runs(mask)] for score, mask in found if mask.any()]
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()

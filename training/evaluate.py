#!/usr/bin/env python3
"""MAE and IoU of a matting model on a folder with ground truth.

    evaluate.py cutout.onnx IMAGES MASKS
    evaluate.py u2netp.onnx IMAGES MASKS --size 320 --scale image_max --rescale minmax

The matte is enlarged bilinearly to the truth's size or, with --square, the truth stretched to the matte's (Lanczos);
numbers of the two kinds do not compare. IoU counts what lies above 0.5. Means over the pictures.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from matting_model import CHOICES, MattingModel, ModelOptions
from metrics import intersection_over_union, mean_absolute_error
from pictures import enlarge, find_examples, read_pair, stretch


def evaluate(model, examples, square=False):
    """float [N, 2]: MAE and IoU of each example."""
    scores = []
    for example in examples:
        picture, mask = read_pair(example)
        matte = model.matte(picture)
        if square:
            mask = stretch(mask, len(matte))
        else:
            matte = enlarge(matte, *picture.size)
        truth = np.asarray(mask, np.float32) / 255
        scores.append((mean_absolute_error(matte, truth), intersection_over_union(matte, truth)))
    return np.array(scores)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--labels", action="store_true", help="the masks are label maps: all but 0 is the subject")
    parser.add_argument("--size", type=int, default=256, help="edge of the model's input (default 256)")
    parser.add_argument("--scale", choices=CHOICES["scale"], default="255", help="what pixels are divided by")
    parser.add_argument("--rescale", choices=CHOICES["rescale"], default="none", help="what is done to the matte")
    parser.add_argument("--square", action="store_true", help="compare at the model's size, not at the picture's")
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="also name the N pictures of the lowest IoU")
    options = parser.parse_args()
    arithmetic = ModelOptions(options.model, options.size, options.scale, options.rescale, threads=options.threads)
    examples = find_examples(options.pictures, options.masks, options.labels)
    scores = evaluate(MattingModel(arithmetic), examples, options.square)
    error, overlap = scores.mean(0)
    summary = {"pictures": len(examples), "mae": round(error, 4), "iou": round(overlap, 4)}
    print(json.dumps({"model": options.model.name, "size": options.size, "square": options.square, **summary}))
    for index in np.argsort(scores[:, 1])[: options.worst]:
        print(f"{examples[index].picture.name}  MAE {scores[index, 0]:.3f}  IoU {scores[index, 1]:.3f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How good mattes are: quality.py TRUTH MATTES, two folders of gray pictures with the same stems.

Prints one JSON object: mean absolute error (0..1) and intersection over union at one half, averaged over the pictures.
"""

import json
import pathlib
import sys

import numpy as np
from PIL import Image


def gray(path):
    return np.asarray(Image.open(path).convert("L"), np.float32) / 255.0


def main():
    truth, mattes = map(pathlib.Path, sys.argv[1:3])
    errors, overlaps = [], []
    for path in sorted(truth.iterdir()):
        wanted, found = gray(path), gray(mattes / f"{path.stem}.png")
        errors.append(np.abs(wanted - found).mean())
        inside, claimed = wanted > 0.5, found > 0.5
        overlaps.append((inside & claimed).sum() / max(1, (inside | claimed).sum()))
    print(json.dumps({"count": len(errors), "mae": float(np.mean(errors)), "iou": float(np.mean(overlaps))}))


if __name__ == "__main__":
    main()

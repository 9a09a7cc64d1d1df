#!/usr/bin/env python3
"""How far two folders of mattes are apart: compare_mattes.py REFERENCE MINE.

The reference is .npy (0..1), mine is 8-bit PNG of the same stem. Prints one JSON object: the mean absolute difference
of each picture, in parts of the full range.
"""

import json
import pathlib
import sys

import numpy as np
from PIL import Image


def main():
    reference, mine = map(pathlib.Path, sys.argv[1:3])
    apart = {}
    for path in sorted(reference.glob("*.npy")):
        expected = np.load(path)
        found = np.asarray(Image.open(mine / f"{path.stem}.png"), np.float32) / 255.0
        if expected.shape != found.shape:
            raise SystemExit(f"{path.stem}: {found.shape} where {expected.shape} was expected")
        apart[path.stem] = float(np.abs(expected - found).mean())
    print(json.dumps(apart))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Cuts the clean patches that train.py learns from.

    patches.py OUT.npy FOLDER:SCALE [...] [--leave-out FOLDER]

Each photograph is made smaller by SCALE first, by Lanczos: noise and the traces of JPEG go. It is then covered by
patches of 128x128; those without any detail are thinned out. Photographs that look like one of those below --leave-out
(the pictures of an evaluation) are not used.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 128
FLAT = 6.0  # standard deviation, of 255, below which a patch counts as flat
FLAT_KEPT = 0.15
ENDINGS = {".jpg", ".jpeg", ".png"}


def look(picture):
    """A 9x8 thumbnail's signs of gradient: 64 bits, equal for one photograph at any size."""
    small = np.asarray(picture.convert("L").resize((9, 8), Image.BOX), dtype=np.int16)
    return np.packbits(small[:, 1:] > small[:, :-1]).view(np.uint64)[0]


def pictures_below(folder):
    return sorted(f for f in Path(folder).rglob("*") if f.suffix.lower() in ENDINGS)


def cover(length):
    """Starts of patches that cover `length` pixels evenly, each pixel by one or two of them."""
    count = -(-length // SIDE)
    return [] if length < SIDE else [round(i * (length - SIDE) / max(1, count - 1)) for i in range(count)]


def patches_of(picture, scale, rng):
    size = (int(picture.width / scale), int(picture.height / scale))
    pixels = np.asarray(picture.resize(size, Image.LANCZOS))
    for y in cover(size[1]):
        for x in cover(size[0]):
            patch = pixels[y : y + SIDE, x : x + SIDE]
            if patch.std() >= FLAT or rng.random() < FLAT_KEPT:
                yield patch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("folders", nargs="+", metavar="FOLDER:SCALE")
    parser.add_argument("--leave-out", action="append", default=[], metavar="FOLDER")
    options = parser.parse_args()

    rng = np.random.default_rng(7)
    kept_back = np.array(
        [look(Image.open(f)) for folder in options.leave_out for f in pictures_below(folder)], dtype=np.uint64
    )
    found, left_out = [], 0
    for entry in options.folders:
        folder, scale = entry.rsplit(":", 1)
        before = len(found)
        for file in pictures_below(folder):
            picture = Image.open(file).convert("RGB")
            distances = np.bitwise_count(kept_back ^ look(picture)) if kept_back.size else np.array([64])
            if distances.min() <= 6:
                left_out += 1
                continue
            found.extend(patches_of(picture, float(scale), rng))
        print(f"{folder}: {len(found) - before} patches")
    if not found:
        raise SystemExit("no patches: the pictures are smaller than 128x128 or were all left out")
    order = rng.permutation(len(found))
    np.save(options.out, np.stack([found[i] for i in order]))
    print(f"{len(found)} patches, {left_out} pictures left out")


if __name__ == "__main__":
    main()

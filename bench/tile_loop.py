#!/usr/bin/env python3
"""Enlarges pictures the straightforward way: a loop over tiles with ONNX Runtime, NumPy and Pillow.

    tile_loop.py MODEL.onnx FACTOR FOLDER OUT [--tile 128] [--overlap 32]

What bench/upscale.py measures pixmill against. Prints the seconds, the loading of the model left out.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


def starts(length, tile, step):
    if length <= tile:
        return [0]
    return [*range(0, length - tile, step), length - tile]


def enlarged(session, picture, factor, tile, overlap):
    """[H,W,3] in 0..1, from the same; overlaps averaged with weights that fall towards the edges of a tile."""
    name = session.get_inputs()[0].name
    height, width, _ = picture.shape
    total = np.zeros((height * factor, width * factor, 3), np.float32)
    weights = np.zeros((height * factor, width * factor, 1), np.float32)
    for y in starts(height, tile, tile - overlap):
        for x in starts(width, tile, tile - overlap):
            part = picture[y : y + tile, x : x + tile]
            result = session.run(None, {name: part.transpose(2, 0, 1)[None]})[0][0].transpose(1, 2, 0)
            rows, columns = (np.hanning(side + 2)[1:-1].astype(np.float32) for side in result.shape[:2])
            weight = np.outer(rows, columns)[..., None] + 1e-6
            place = slice(y * factor, y * factor + len(rows)), slice(x * factor, x * factor + len(columns))
            total[place] += result * weight
            weights[place] += weight
    return total / weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("factor", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--tile", type=int, default=128)
    parser.add_argument("--overlap", type=int, default=32)
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(options.model, providers=["CPUExecutionProvider"])
    options.out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    for path in sorted(options.folder.glob("*.png")):
        picture = np.asarray(Image.open(path).convert("RGB"), np.float32) / 255
        result = enlarged(session, picture, options.factor, options.tile, options.overlap)
        Image.fromarray((result.clip(0, 1) * 255).round().astype(np.uint8)).save(options.out / path.name)
    print(f"{time.perf_counter() - start:.3f}")


if __name__ == "__main__":
    main()

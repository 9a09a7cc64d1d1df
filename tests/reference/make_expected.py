#!/usr/bin/env python3
"""Makes tests/expected/ anew: what the starter makes of the photographs in examples/, by the reference arithmetic.

    make_expected.py [FOLDER]

NAME.matte.png is the matte (8-bit gray), CUT_OUT.cutout.png the finished cut-out of one photograph (RGBA, colours
estimated), both without refinement. tests/expected_test.py compares the program with them. To be run in the environment
of tests/reference/requirements.txt, and only when the starter, its preprocessing or an example has changed.
"""

import pathlib
import sys

import numpy as np
import onnxruntime
from foreground_reference import foreground
from matte_reference import FAMILIES, enlarge, finish, load, pictures_of, prepare
from PIL import Image

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CUT_OUT = "chelsea"


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE / "tests/expected"
    family = FAMILIES["starter"]
    session = onnxruntime.InferenceSession(SOURCE / "models/starter/cutout.onnx", providers=["CPUExecutionProvider"])
    out.mkdir(parents=True, exist_ok=True)
    for path in pictures_of([SOURCE / "examples"]):
        picture = load(path)
        answer = session.run(
            [session.get_outputs()[0].name], {session.get_inputs()[0].name: prepare(picture, family, family.size)}
        )[0]
        alpha = enlarge(finish(answer, family), picture.size)
        opacity = np.round(255.0 * alpha).astype(np.uint8)
        Image.fromarray(opacity).save(out / f"{path.stem}.matte.png", optimize=True)
        if path.stem == CUT_OUT:
            colours = foreground(np.asarray(picture), alpha)
            colours[opacity == 0] = 0
            Image.fromarray(np.dstack([colours, opacity])).save(out / f"{path.stem}.cutout.png", optimize=True)


if __name__ == "__main__":
    main()

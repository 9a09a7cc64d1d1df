#!/usr/bin/env python3
"""Gathers pictures and mattes into the one file that train.py reads.

    prepare.py sets.toml -o data.npz [--size 256]

sets.toml names the folders (see sets.example.toml). data.npz holds, all stretched to a square:
    X  uint8 [N, S, S, 3]  pictures            EX, EY  the same for evaluation
    Y  uint8 [N, S, S]     their mattes        W  float32 [N]  sampling weights
"""

import argparse
import sys
import tomllib
from pathlib import Path

import numpy as np

from pictures import enlarge, find_examples, read_pair, read_picture, stretch

FOLDERS = {"pictures", "masks", "labels"}


def read_sets(path):
    """The table with its folders made absolute; unknown keys are refused."""
    sets = tomllib.loads(Path(path).read_text())
    known = {"train": FOLDERS | {"weight"}, "evaluate": FOLDERS}
    unknown = set(sets) - set(known) - {"teacher"}
    if unknown:
        raise ValueError(f"{path}: unknown table {sorted(unknown)[0]!r}")
    for kind, keys in known.items():
        if not sets.get(kind):
            raise ValueError(f"{path}: no [[{kind}]] table")
        for entry in sets[kind]:
            if unknown := set(entry) - keys:
                raise ValueError(f"{path}: unknown key {sorted(unknown)[0]!r} in [[{kind}]]")
            if "masks" in entry and "labels" in entry:
                raise ValueError(f"{path}: {entry['pictures']} has masks and labels; give one")
            entry.update({key: Path(path).parent / entry[key] for key in FOLDERS & set(entry)})
    if "teacher" in sets:
        sets["teacher"]["model"] = Path(path).parent / sets["teacher"]["model"]
    return sets


def examples_of(entry):
    return find_examples(entry["pictures"], entry.get("labels", entry.get("masks")), "labels" in entry)


def gather(examples, size, teacher=None):
    """(pictures, mattes, indices of the examples that they came from). What cannot be read is named and left out."""
    if teacher is None and any(example.mask is None for example in examples):
        raise ValueError("pictures without masks need a [teacher]")
    pictures = np.empty((len(examples), size, size, 3), np.uint8)
    mattes = np.empty((len(examples), size, size), np.uint8)
    kept = []
    for index, example in enumerate(examples):
        try:
            if example.mask:
                picture, matte = (stretch(image, size) for image in read_pair(example))
            else:
                photograph = read_picture(example.picture)
                picture, matte = stretch(photograph, size), teach(teacher, photograph, size)
        except (OSError, ValueError) as error:
            print(f"left out: {example.picture}: {error}", file=sys.stderr)
            continue
        pictures[len(kept)], mattes[len(kept)] = picture, matte
        kept.append(index)
    return pictures[: len(kept)], mattes[: len(kept)], kept


def teach(teacher, photograph, size):
    """The teacher's matte, uint8 [size, size]."""
    return (enlarge(teacher.matte(photograph), size, size).clip(0, 1) * 255 + 0.5).astype(np.uint8)


def load_teacher(sets):
    if "teacher" not in sets:
        return None
    from matting_model import MattingModel, ModelOptions

    return MattingModel(ModelOptions(**sets["teacher"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--size", type=int, default=256, help="edge of the squares (default 256)")
    options = parser.parse_args()
    sets = read_sets(options.sets)
    held_out = [example for entry in sets["evaluate"] for example in examples_of(entry)]
    held_out_contents = {example.content() for example in held_out}
    training, weights = [], []
    for entry in sets["train"]:
        examples = [example for example in examples_of(entry) if example.content() not in held_out_contents]
        training += examples
        weights += [entry.get("weight", 1)] * len(examples)
    X, Y, kept = gather(training, options.size, load_teacher(sets))
    EX, EY, _ = gather(held_out, options.size)
    np.savez(options.output, X=X, Y=Y, W=np.float32(weights)[kept], EX=EX, EY=EY)
    print(f"{options.output}: {len(X)} pictures to train on, {len(EX)} to evaluate on, {options.size}x{options.size}")


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError) as error:
        sys.exit(f"prepare.py: {error}")

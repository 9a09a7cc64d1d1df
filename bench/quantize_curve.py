#!/usr/bin/env python3
"""Speed against quality of a model in int8, with more and more layers left in float: a table in Markdown.

quantize_curve.py PIXMILL MODEL --with PICTURES --check PICTURES --masks MASKS
The rest of the words goes to `pixmill quantize` as it is. Variants are kept in a PIXMILL_HOME of their own.
"""

import json
import os
import subprocess
import sys
import tempfile

COUNTS = (0, 1, 2, 4, 8, 16, 32)


def row(program, words, count, home):
    command = [program, "quantize", *words, "--in-float", str(count), "--force", "--json"]
    done = subprocess.run(command, env={**os.environ, "PIXMILL_HOME": home}, stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    iou = result.get("truth_iou", {"base": 0, "variant": 0})
    speeds = [f"{s['variant']:.1f} | {s['variant'] / s['base']:.2f}" for s in result["speed"]]
    backends = [s["backend"] for s in result["speed"]]
    cells = [str(result["in_float"]), f"{iou['base']:.4f}", f"{iou['variant']:.4f}", f"{result['loss']:.4f}", *speeds]
    return backends, cells


def main(words):
    if len(words) < 4:
        raise SystemExit(__doc__)
    with tempfile.TemporaryDirectory() as temporary:
        home = os.environ.get("PIXMILL_HOME", temporary)
        for number, count in enumerate(COUNTS):
            backends, cells = row(words[0], words[1:], count, home)
            if number == 0:
                heads = ["layers in float", "IoU fp32", "IoU int8", "loss"]
                heads += [head for backend in backends for head in (f"{backend} img/s", "x fp32")]
                print("| " + " | ".join(heads) + " |")
                print("|" + "---|" * len(heads))
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""Wall time of `rembg p` over a folder of photographs, start of the program included, as a user waits for it.

    run.sh rembg_folder.py IMAGES --model u2netp.onnx

The model is a local u2netp.onnx, put where rembg looks for one downloaded before: nothing is downloaded now.
One picture is done first, untimed: the first run on a machine compiles for the better part of a minute.
Prints one JSON object.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path


def cut_out(images, output, models):
    """Seconds; rembg swallows what goes wrong with a picture, so the pictures written are counted."""
    rembg = Path(sys.executable).with_name("rembg")
    started = time.perf_counter()
    command = [rembg, "p", "-m", "u2netp", images, output]
    subprocess.run(command, check=True, stdout=sys.stderr, env={**os.environ, "U2NET_HOME": str(models)})
    seconds = time.perf_counter() - started
    wanted, written = len(list(images.iterdir())), len(list(output.iterdir()))
    if written != wanted:
        raise SystemExit(f"rembg wrote {written} of {wanted} pictures of {images}")
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path, help="a folder of pictures and nothing else")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--limit", type=int, help="only the first N pictures by name")
    options = parser.parse_args()
    pictures = sorted(options.images.iterdir())[: options.limit]
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch, name) for name in ("models", "one", "one_out", "all", "all_out")}
        for folder in folders.values():
            folder.mkdir()
        (folders["models"] / "u2netp.onnx").symlink_to(options.model.resolve())
        shutil.copy(pictures[0], folders["one"])
        for picture in pictures:
            shutil.copy(picture, folders["all"])
        cut_out(folders["one"], folders["one_out"], folders["models"])
        seconds = cut_out(folders["all"], folders["all_out"], folders["models"])
    count = len(pictures)
    rate = {"images": count, "seconds": round(seconds, 2), "images_per_second": round(count / seconds, 2)}
    print(json.dumps({"name": "rembg p", "version": version("rembg"), "model": options.model.name, **rate}))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""pixmill upscale beside the bare inference of its tiles and beside a loop in Python, in turns; medians.

    upscale.py BUILD MODEL.onnx FACTOR FOLDER [--rounds 3] [--peer-python .env/peers/bin/python]

Wants a quiet machine. The bare session runs as pixmill's did: backend, precision, streams and threads are read from
its events.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path


def events(words):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def seconds(words):
    return float(subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True).stdout.split()[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("model")
    parser.add_argument("factor", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", default=".env/peers/bin/python")
    parser.add_argument("--tile", type=int, default=1024, help="for the bare session; pixmill measures its own")
    parser.add_argument("--overlap", type=int, default=64)
    options = parser.parse_args()
    times = {"pixmill": [], "bare": [], "loop": []}
    with tempfile.TemporaryDirectory() as folder:
        job = [
            options.build / "pixmill",
            "upscale",
            options.folder,
            "-m",
            options.model,
            "--force",
            "--overwrite",
            "--json",
        ]
        job += ["-o", Path(folder) / "pixmill", "--overlap", options.overlap]
        loop = [options.peer_python, Path(__file__).with_name("tile_loop.py"), options.model, options.factor]
        for _ in range(options.rounds):
            ended = events(job)[-1]
            times["pixmill"].append(ended["elapsed_s"] - ended["session"]["load_s"])
            session = ended["session"]
            bare = [options.build / "tiles_bench", options.model, options.folder, options.tile, options.overlap]
            bare += [session[key] for key in ("backend", "device", "precision", "streams", "threads")]
            done = subprocess.run(list(map(str, bare)), capture_output=True, text=True, check=True).stdout.split()
            times["bare"].append(float(done[0]))
            times["loop"].append(seconds([*loop, options.folder, Path(folder) / "loop"]))
    middle = {name: statistics.median(values) for name, values in times.items()}
    print(json.dumps({"seconds": times, "session": session, "tallies": ended["tallies"]}))
    given, delivered = (ended["tallies"][name] for name in ("pixels inferred", "pixels enhanced"))
    print(f"pixels inferred : delivered {given / delivered:.3f}, of the bare session {int(done[2]) / delivered:.3f}")
    print(f"pixmill {middle['pixmill']:.2f} s, {middle['pixmill'] / middle['bare']:.3f} x the bare inference of tiles")
    print(f"the loop {middle['loop']:.2f} s, {middle['loop'] / middle['pixmill']:.2f} x pixmill")


if __name__ == "__main__":
    main()

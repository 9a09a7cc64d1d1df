"""rembg's side of pixmill bench: `rembg p` over a folder, in the process that bench has started.

Arguments: model, folder with MODEL.onnx, folder of pictures. Lines of JSON on standard output, as those of
bench_worker().
"""

import json
import os
import sys
import time
from pathlib import Path

model, models, pictures = sys.argv[1:]
os.environ.update(U2NET_HOME=models, MODEL_CHECKSUM_DISABLED="1", ORT_DISABLE_TELEMETRY="1")
folder = Path(os.environ["PIXMILL_BENCH_FOLDER"])
passes = os.environ["PIXMILL_BENCH_PASSES"].split(",")
wanted = len(list(Path(pictures).iterdir()))


def say(**line):
    print(json.dumps(line), flush=True)


def memory(which):
    """VmRSS (now) or VmHWM (at most so far), in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(which))


def run(name):
    """Seconds; rembg swallows what goes wrong with a picture, so the pictures written are counted."""
    from rembg.commands.p_command import p_command

    say(**{"pass": name, "done": 0, "total": wanted})
    begun = time.perf_counter()
    p_command.main(["-m", model, pictures, str(folder / name)], standalone_mode=False)
    seconds = time.perf_counter() - begun
    done = len(list((folder / name).iterdir()))
    say(**{"pass": name, "done": done, "total": wanted, "ended": True})
    return seconds, done


if passes == ["profile"]:
    say(error={"message": "rembg does not trace its operators"})
    sys.exit()
before = memory("VmRSS")
result = {}
for name in passes:
    seconds, done = run(name)
    if done == 0:
        say(error={"message": f"rembg made none of {wanted} pictures"})
        sys.exit()
    result[f"{name}_s"] = seconds
say(
    run={
        **result,
        "done": done,
        "failed": wanted - done,
        "memory_before": before,
        "memory_after": memory("VmRSS"),
        "memory_peak": memory("VmHWM"),
        "model": model,
    }
)

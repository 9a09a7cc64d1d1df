#!/usr/bin/env python3
"""pixmill cutout beside the bare runtimes and rembg: rounds in turns, medians, ratios. bench/run.sh calls it."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER_COUNTS = (100, 1000)


def lines(command):
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Pixmill:
    """The program in a home of its own."""

    def __init__(self, path, scratch):
        self.path, self.scratch = Path(path).resolve(), Path(scratch)
        self.environment = {**os.environ, "PIXMILL_HOME": str(self.scratch / "home")}
        self.version = self.output("--version").split()[1]

    def output(self, *words):
        return subprocess.run(
            [self.path, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True, env=self.environment
        ).stdout

    def cutout(self, images, *words):
        """(seconds as a user waits for them, the last event)."""
        out = tempfile.mkdtemp(dir=self.scratch)
        started = time.perf_counter()
        text = self.output("cutout", images, "-o", out, "--json", *words)
        return time.perf_counter() - started, json.loads(text.splitlines()[-1])

    def start(self, *words):
        """Milliseconds of a whole process, the median of eleven."""
        times = []
        for _ in range(11):
            started = time.perf_counter()
            subprocess.run(
                [self.path, *map(str, words)],
                check=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self.environment,
            )
            times.append(1000 * (time.perf_counter() - started))
        return statistics.median(times)


def many(images, count, folder):
    """A folder of `count` different files: the photographs over and over, each with its number behind its last byte."""
    folder.mkdir()
    sources = sorted(images.iterdir())
    for i in range(count):
        source = sources[i % len(sources)]
        (folder / f"{i:05}{source.suffix}").write_bytes(source.read_bytes() + i.to_bytes(4, "big"))
    return folder


def one_round(pixmill, options):
    """Images a second by contender."""
    count = len(list(options.images.iterdir()))
    rates = {}
    runs = {
        "pixmill onnxruntime fp32 u2netp": ("-m", options.model, "--backend", "onnxruntime", "--precision", "fp32"),
        "pixmill openvino fp32 u2netp": ("-m", options.model, "--backend", "openvino", "--precision", "fp32"),
        "pixmill openvino bf16 u2netp": ("-m", options.model, "--backend", "openvino", "--precision", "bf16"),
        "pixmill starter": (),
    }
    bare = [HERE / "peers/run.sh", "bare.py"]
    for row in lines([*bare, options.model, "--size", 320, "--seconds", options.seconds]):
        rates[f"bare {row['name']} u2netp"] = row["images_per_second"]
        options.versions[row["name"].split()[0]] = row["version"]
    for name, words in runs.items():
        seconds, ended = pixmill.cutout(options.images, *words)
        assert ended["done"] == count, ended
        rates[name] = count / seconds
        options.stages[name] = {stage: ms / count for stage, ms in ended["ms"].items()}
    for row in lines([*bare, options.starter, "--size", 256, "--seconds", options.seconds]):
        rates[f"bare {row['name']} starter"] = row["images_per_second"]
    if not options.no_rembg:
        row = lines([HERE / "peers/run.sh", "rembg_folder.py", options.images, "--model", options.model])[0]
        rates["rembg p u2netp"] = row["images_per_second"]
        options.versions["rembg"] = row["version"]
    return rates


def processor():
    model = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    flags = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")).split()
    able = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8") if name in flags]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (
        f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; {' '.join(able)}; Linux {platform.release()}"
    )


def report(options, rounds, starts, peaks):
    median = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}

    def ratio(a, b):
        both = [r[a] / r[b] for r in rounds if a in r and b in r]
        return f"{statistics.median(both):.2f}" if both else "-"

    out = [
        "# Measured",
        "",
        "`make bench` writes this page. Rounds are run in turns on one machine; figures are medians, ratios are",
        "medians of the ratios within a round.",
        "",
        f"- Date: {time.strftime('%Y-%m-%d')}. Machine: {processor()}.",
        f"- pixmill {options.pixmill_version}; "
        + ", ".join(f"{k} {v}" for k, v in sorted(options.versions.items()))
        + ".",
        f"- {len(list(options.images.iterdir()))} photographs of ECSSD (about 400x300, JPEG), cut-outs written as PNG,"
        f" wall time of the whole process; {len(rounds)} rounds.",
        "",
        "| what | images/s | min..max |",
        "|---|---|---|",
    ]
    for name in sorted(median):
        values = [r[name] for r in rounds]
        out.append(f"| {name} | {median[name]:.1f} | {min(values):.1f}..{max(values):.1f} |")
    out += ["", "| ratio | measured | aim |", "|---|---|---|"]
    for a, b, aim in (
        ("bare onnxruntime fp32 u2netp", "pixmill onnxruntime fp32 u2netp", "wall time at most 1.05 x bare"),
        ("bare openvino fp32 u2netp", "pixmill openvino fp32 u2netp", "wall time at most 1.05 x bare"),
        ("bare openvino bf16 u2netp", "pixmill openvino bf16 u2netp", "-"),
        ("bare openvino bf16 starter", "pixmill starter", "-"),
        ("pixmill onnxruntime fp32 u2netp", "rembg p u2netp", "-"),
        ("pixmill openvino bf16 u2netp", "rembg p u2netp", "at least 2"),
        ("pixmill starter", "rembg p u2netp", "at least 15"),
    ):
        if a in median and b in median:
            out.append(f"| {a} : {b} | {ratio(a, b)} | {aim} |")
    out += [
        "",
        "Milliseconds a picture by stage, summed over the workers:",
        "",
        "| run | " + " | ".join(next(iter(options.stages.values()))) + " |",
    ]
    out.append("|---" * (1 + len(next(iter(options.stages.values())))) + "|")
    for name, stages in options.stages.items():
        out.append(f"| {name} | " + " | ".join(f"{ms:.1f}" for ms in stages.values()) + " |")
    few, plenty = (peaks[n] / 2**20 for n in FOLDER_COUNTS)
    out += [
        "",
        f"- Start: `pixmill --version` {starts['version']:.0f} ms (aim: below 50); one cut-out of a 400x300 photograph"
        f" with the starter {starts['one']:.0f} ms (aim: below 300).",
        f"- Peak memory with the starter: {few:.0f} MiB for {FOLDER_COUNTS[0]} pictures, {plenty:.0f} MiB for"
        f" {FOLDER_COUNTS[1]}: {plenty / few:.2f} x (aim: at most 1.1).",
        "",
    ]
    return "\n".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pixmill")
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="u2netp.onnx")
    parser.add_argument("--starter", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="for each bare setting")
    parser.add_argument("--no-rembg", action="store_true")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()
    options.versions, options.stages = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        pixmill = Pixmill(options.pixmill, scratch)
        options.pixmill_version = pixmill.version
        rounds = []
        for number in range(options.rounds):
            rounds.append(one_round(pixmill, options))
            print(f"round {number + 1}: " + ", ".join(f"{k} {v:.1f}" for k, v in rounds[-1].items()), flush=True)
        photograph = sorted(options.images.iterdir())[0]
        starts = {
            "version": pixmill.start("--version"),
            "one": pixmill.start("cutout", photograph, "-o", Path(scratch) / "one.png", "--force"),
        }
        peaks = {
            n: pixmill.cutout(many(options.images, n, Path(scratch) / str(n)))[1]["peak_memory_bytes"]
            for n in FOLDER_COUNTS
        }
    tail = options.output.with_name("NOTES.md")
    options.output.write_text(report(options, rounds, starts, peaks) + (tail.read_text() if tail.exists() else ""))
    print(options.output)


if __name__ == "__main__":
    main()

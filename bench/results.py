#!/usr/bin/env python3
"""Writes bench/RESULTS.md from the reports of `pixmill bench`; bench/run.sh calls it.

results.py PIXMILL IMAGES REPORT.json...
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER_COUNTS = (100, 1000)


def run(*words):
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True).stdout


def start(*words):
    """Milliseconds of a whole process, the median of eleven."""

    def once():
        started = time.perf_counter()
        run(*words)
        return 1000 * (time.perf_counter() - started)

    return statistics.median(once() for _ in range(11))


def peak(pixmill, images, count, folder):
    """MiB that a folder of `count` different files takes: the photographs over and over, a number behind each."""
    folder.mkdir()
    sources = sorted(images.iterdir())
    for i in range(count):
        source = sources[i % len(sources)]
        (folder / f"{i:05}{source.suffix}").write_bytes(source.read_bytes() + i.to_bytes(4, "big"))
    ended = run(pixmill, "cutout", folder, "-o", folder.with_name(f"{folder.name}-out"), "--json").splitlines()[-1]
    return json.loads(ended)["peak_memory_bytes"] / 2**20


def number(value):
    return (
        "-" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
    )


def rows(bench):
    """Each contender, named by what ran: backend, precision, model; another program by its own name."""
    for contender in bench["contenders"]:
        run = contender["runs"][0] if contender["runs"] else {}
        session = run.get("session")
        what = [session["backend"], session["precision"]] if session else [contender["name"]]
        name = ", ".join(filter(None, [*what, Path(run.get("model", "")).stem]))
        options = contender["options"].values()
        yield f"{name} (auto)" if session and (not options or "auto" in options) else name, contender


def table(head, lines):
    return [
        "| " + " | ".join(head) + " |",
        "|---" * len(head) + "|",
        *("| " + " | ".join(line) + " |" for line in lines),
        "",
    ]


def speed(benches):
    for bench in benches:
        for name, contender in rows(bench):
            if contender["state"] == "failed":
                yield [name, contender["failure"], *[""] * 5]
                continue
            summary = contender["summary"]
            rate, cold = summary["rate"], summary["cold_s"]["median"]
            yield [
                name,
                number(rate["median"]),
                f"{number(rate['min'])}..{number(rate['max'])}",
                number(bench["pictures"] / cold),
                number(summary["bare_rate"]["median"]),
                number(summary["bare_ratio"]),
                f"{summary['memory_bytes']['peak'] / 2**20:.0f}",
            ]


def stages(benches):
    for bench in benches:
        for name, contender in rows(bench):
            if contender["summary"]["latency_ms"]["count"]:
                yield [name, *(number(stage["mean"]) for stage in contender["summary"]["stages_ms"].values())]


def main():
    pixmill, images = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    benches = [json.loads(Path(name).read_text()) for name in sys.argv[3:]]
    machine = benches[0]["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["backends"].items())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        version = start(pixmill, "--version")
        one = start(pixmill, "cutout", sorted(images.iterdir())[0], "-o", folder / "one.png", "--force")
        few, plenty = (peak(pixmill, images, count, folder / str(count)) for count in FOLDER_COUNTS)
    stage_names = list(benches[0]["contenders"][0]["summary"]["stages_ms"])
    out = [
        "# Measured",
        "",
        "`make bench` writes this page with `pixmill bench`; [docs/bench.md](../docs/bench.md) says what is measured.",
        "",
        f"- Date: {benches[0]['date'][:10]}. Machine: {machine['processor']}, {machine['cores']} cores"
        f" ({', '.join(machine['features'])}), {machine['memory_bytes'] / 2**30:.0f} GiB; {machine['kernel']}.",
        f"- pixmill {benches[0]['pixmill']}; {versions}.",
        f"- {benches[0]['pictures']} photographs of ECSSD (about 400x300, JPEG), cut-outs written as PNG;"
        f" {benches[0]['runs']} runs in turns, medians.",
        "",
        *table(
            ["contender", "img/s", "min..max", "img/s, whole process", "the model alone", "alone : it", "peak MiB"],
            speed(benches),
        ),
        "Milliseconds a picture by stage:",
        "",
        *table(["contender", *stage_names], stages(benches)),
        *(f"- {sentence}" for bench in benches for sentence in bench["verdict"]),
        f"- Start: `pixmill --version` {version:.0f} ms (aim: below 50); one cut-out of a 400x300 photograph with the"
        f" starter {one:.0f} ms (aim: below 300).",
        f"- Peak memory with the starter: {few:.0f} MiB for {FOLDER_COUNTS[0]} pictures, {plenty:.0f} MiB for"
        f" {FOLDER_COUNTS[1]}: {plenty / few:.2f} x (aim: at most 1.1).",
        "",
    ]
    (HERE / "RESULTS.md").write_text("\n".join(out) + (HERE / "NOTES.md").read_text())
    print(HERE / "RESULTS.md")


if __name__ == "__main__":
    main()

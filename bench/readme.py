#!/usr/bin/env python3
"""Writes the figures of bench/RESULTS.md into README.md, between the two comments that mark their place.

The figures are copied as they stand in RESULTS.md, without further rounding. bench/run.sh calls it, and
tests/readme_test.py compares the two pages by the same code.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "<!-- figures of bench/RESULTS.md: bench/readme.py writes them -->\n"
END = "<!-- end of the figures -->\n"
COLUMNS = ("contender", "img/s, whole process", "img/s", "the model alone")


def one(pattern, text):
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"RESULTS.md has no line like: {pattern}")
    return found.groups()


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows(results):
    """The rows of the first table, each with COLUMNS only. A contender that failed is left out."""
    lines = results.splitlines()
    start = next((i for i, line in enumerate(lines) if cells(line)[0] == COLUMNS[0]), None)
    if start is None:
        raise ValueError("RESULTS.md has no table")
    head = cells(lines[start])
    at = [head.index(column) for column in COLUMNS]
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        row = cells(line)
        if re.fullmatch(r"[\d.]+", row[at[1]]):
            found.append([row[i] for i in at])
    if not found:
        raise ValueError("RESULTS.md has a table without figures")
    return found


def figures(results):
    """What stands between BEGIN and END."""
    (machine,) = one(r"Machine: (.+? cores? \([^)]*\))", results)
    pictures, kind = one(r"- (\d+) photographs of \w+ \((.+?), JPEG\)", results)
    start_ms, cutout_ms = one(r"--version` (\d+) ms.*? with the starter (\d+) ms", results)
    few, few_count, plenty, plenty_count = one(r"starter: (\d+) MiB for (\d+) pictures, (\d+) MiB for (\d+)", results)
    table = ["| | img/s, whole process | img/s, second pass | img/s, the model alone |", "|---|---|---|---|"]
    table += ["| " + " | ".join(row) + " |" for row in rows(results)]
    return "\n".join(
        [
            f"{machine}; {pictures} photographs ({kind}), JPEG to PNG:",
            "",
            *table,
            "",
            f"`pixmill --version` takes {start_ms} ms, one cut-out with the starter {cutout_ms} ms, start included."
            f" Peak memory: {few} MiB for {few_count} pictures, {plenty} MiB for {plenty_count}.",
            "",
        ]
    )


def split(readme):
    """README.md before the figures, the figures, and what follows them."""
    before, begin, rest = readme.partition(BEGIN)
    now, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md lacks one of the lines {BEGIN.strip()!r} and {END.strip()!r}")
    return before, now, after


def main():
    page = ROOT / "README.md"
    before, _, after = split(page.read_text())
    page.write_text(before + BEGIN + figures((ROOT / "bench/RESULTS.md").read_text()) + END + after)
    print(page)


if __name__ == "__main__":
    main()

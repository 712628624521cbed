#!/usr/bin/env python3
"""Extraction beside Python's trafilatura, in one run: python3 benches/beside.py DIR

DIR is laid out as the project's samples are (extraction-*/html/*.html.gz). Needs `pip install trafilatura` and
`cargo build --release --example eval`. Both are run in turn, three times, on one core; the medians over the pages, and the
ratio of their medians over the runs, are printed.
"""

import gzip
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import trafilatura

ROUNDS = 3


def theirs(folder):
    """Pages per second of trafilatura over the pages in folder: the median page, each at its best of three."""
    times = []
    for path in sorted(folder.glob("html/*.gz")):
        page = gzip.open(path).read()
        best = float("inf")
        for _ in range(3):
            begun = time.perf_counter()
            trafilatura.bare_extraction(page, with_metadata=True)
            best = min(best, time.perf_counter() - begun)
        times.append(best)
    return 1 / statistics.median(times)


def ours(samples):
    """Pages per second by set, as the evaluation prints them."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    run = subprocess.run([target / "release/examples/eval", samples], capture_output=True, text=True, check=True)
    lines = (line.split() for line in run.stdout.splitlines() if re.match(r"extraction-", line))
    return {words[0]: float(words[-1]) for words in lines}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    samples = pathlib.Path(sys.argv[1])
    folders = sorted(path for path in samples.glob("extraction-*") if path.is_dir())
    rounds = [(ours(samples), {f.name: theirs(f) for f in folders}) for _ in range(ROUNDS)]
    for folder in folders:
        mine = statistics.median(r[0][folder.name] for r in rounds)
        other = statistics.median(r[1][folder.name] for r in rounds)
        print(f"{folder.name:<16} tidings {mine:7.0f} pages/s   trafilatura {other:6.1f} pages/s   ratio {mine / other:.1f}")


if __name__ == "__main__":
    main()

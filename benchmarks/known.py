"""What it costs to look for known secrets in a history: for none, one, and a thousand of them.

`make bench-known REPOS="DIR ..."`, or `python benchmarks/known.py REPO [REPO ...] [--values N] [--turns N]`. Prints a
Markdown table. The values are made up, go to tightlip on its standard input, and are in no file.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import string
import subprocess
import sys
import time
from pathlib import Path

_CHARACTERS = string.ascii_letters + string.digits + "+/&"
_MOST = 1.3
"""How often the time of one value that of many may be."""


def values(count: int) -> bytes:
    """Return made-up values of 16 to 40 characters, one on each line."""
    dice = random.Random(7)
    return "\n".join("".join(dice.choices(_CHARACTERS, k=dice.randint(16, 40))) for _ in range(count)).encode()


def seconds(repository: Path, given: bytes) -> float:
    """Return how long a scan of a whole history takes, with nothing remembered of earlier ones."""
    command = [sys.executable, "-m", "tightlip", "scan-history", str(repository), "--no-cache", "--quiet"]
    if given:
        command += ["--known", "lines:-"]
    start = time.perf_counter()
    done = subprocess.run(command, input=given, capture_output=True, check=False, env=dict(os.environ))
    took = time.perf_counter() - start
    assert done.returncode in {0, 1, 3}, done.stderr.decode()
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPO", help="a repository")
    parser.add_argument("--values", type=int, default=1000, help="how many are many (default: 1000)")
    parser.add_argument(
        "--turns", type=int, default=5, help="how often each is measured; the median counts (default: 5)"
    )
    args = parser.parse_args()
    counts = (0, 1, args.values)
    print(
        f"| repository | no known secret | one | {args.values:,} | {args.values:,} to one |\n|---|---:|---:|---:|---:|"
    )
    for repository in args.repositories:
        times: dict[int, list[float]] = {count: [] for count in counts}
        seconds(repository, b"")  # rules are compiled, and the disk is read
        for _ in range(args.turns):  # in turns, so that what else runs slows down all of them
            for count in counts:
                times[count].append(seconds(repository, values(count)))
        none, one, many = (statistics.median(times[count]) for count in counts)
        print(f"| {repository.name} | {none:.2f} s | {one:.2f} s | {many:.2f} s | {many / one:.2f} |", flush=True)
        if many / one > _MOST:
            print(f"{repository.name}: more than {_MOST}", file=sys.stderr)


if __name__ == "__main__":
    main()

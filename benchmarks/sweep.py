"""False alarms: scans of checked-out code that holds no secret, beside the scanners that PyPI serves.

`make bench-sweep TREES="DIR ..."`, or `python benchmarks/sweep.py DIR [DIR ...] [--only NAME]`. Prints a table, then
each alarm of tightlip, with its value redacted; the exit code says nothing of them. Give it copies.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import _peers

_TEST = re.compile(r"(?<![A-Za-z])(?:[Tt]ests?|testdata|testing|[Ss]pecs?|[Ff]ixtures?)(?![A-Za-z])|[a-z]Tests?[./]")
"""What a path says where what it leads to is there for tests."""


class Tree(NamedTuple):
    """A folder to scan, and what there is in it."""

    path: Path
    files: int
    size: int

    @property
    def name(self) -> str:
        """The name of the folder."""
        return self.path.name


class Count(NamedTuple):
    """How many lines a tool reports, and how many of them outside of tests."""

    lines: int
    outside: int

    def __str__(self) -> str:
        return f"{self.lines} ({self.outside})"


class Alarm(NamedTuple):
    """A place that tightlip reports; the value is redacted."""

    tree: str
    path: str
    line: int
    rule: str
    confidence: float
    value: str


def tree(path: str) -> Tree:
    """Look at a folder."""
    folder = Path(path).resolve(strict=True)
    sizes = [(Path(top) / name).lstat().st_size for top, _, names in os.walk(folder) for name in names]
    return Tree(folder, len(sizes), sum(sizes))


def ours(where: Tree) -> list[Alarm]:
    """Scan a folder with this checkout's tightlip, at its defaults."""
    report = _peers.tightlip().scan_files([where.path])
    assert report.complete, report.unscanned
    start = f"{where.path}/"
    alarms = [
        Alarm(
            where.name,
            place.path.removeprefix(start),
            place.line,
            finding.rule,
            finding.confidence,
            finding.secret.redacted(),
        )
        for finding in report.findings
        for place in finding.occurrences
    ]
    return sorted(alarms, key=lambda alarm: (alarm.path, alarm.line))


def lines_of(places: Iterable[tuple[str, int]]) -> Count:
    """Count lines with an alarm: a tool that says two things of a line, or names it twice, interrupts once."""
    distinct = set(places)
    return Count(len(distinct), sum(not _TEST.search(path) for path, _ in distinct))


def table(trees: list[Tree], counts: dict[str, dict[str, Count]]) -> str:
    """Return the counts as Markdown, a line for each folder and one for all."""
    size = sum(it.size for it in trees)
    total = {tool: Count(*map(sum, zip(*of.values(), strict=True))) for tool, of in counts.items()}
    lines = [
        ["tree", "files", "MB", *counts],
        ["---", *["---:"] * (2 + len(counts))],
        *(
            [it.name, f"{it.files:,}", f"{it.size / 1e6:.1f}", *(str(of[it.name]) for of in counts.values())]
            for it in trees
        ),
        ["**all**", f"{sum(it.files for it in trees):,}", f"{size / 1e6:.1f}", *map(str, total.values())],
        ["for each MB", "", "", *(f"{count.lines / size * 1e6:.2f}" for count in total.values())],
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    """Scan every folder with every tool and print how often each raises an alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", metavar="DIR", help="a folder of code that holds no secret")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=_peers.NAMES, help="run this tool; repeatable"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write all alarms to a file")
    args = parser.parse_args()
    trees = [tree(path) for path in args.trees]
    places: dict[str, dict[str, list[_peers.Place]]] = {}
    alarms: list[Alarm] = []
    counts: dict[str, dict[str, Count]] = {}
    if args.only is None or "tightlip" in args.only:
        alarms = [alarm for it in trees for alarm in ours(it)]
        counts["tightlip"] = {
            it.name: lines_of((alarm.path, alarm.line) for alarm in alarms if alarm.tree == it.name) for it in trees
        }
    for peer in _peers.peers(args.only):
        print(f"running {peer.name}", file=sys.stderr)
        places[peer.name] = {it.name: peer.scan(it.path) for it in trees}
        counts[peer.name] = {
            name: lines_of((place.path, place.line) for place in found) for name, found in places[peer.name].items()
        }
    print("Lines with an alarm; in brackets, those outside of tests.\n\n" + table(trees, counts) + "\n")
    for alarm in alarms:
        print(f"{alarm.tree}/{alarm.path}:{alarm.line}  {alarm.rule}  {alarm.confidence:.2f}  {alarm.value}")
    if args.json:
        everything = {"counts": counts, "tightlip": [alarm._asdict() for alarm in alarms], "peers": places}
        args.json.write_text(json.dumps(everything, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

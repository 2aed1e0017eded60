"""What is found and what is not, on labelled candidates, beside the scanners that PyPI serves.

`make bench-quality DATA=FILE`, or `python benchmarks/quality.py FILE.jsonl.gz [--only NAME]`. Prints Markdown tables;
the exit code says nothing of quality. The file is no part of this repository, and only `--show` prints any of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import _corpus
import _env
import _peers
from _corpus import Row
from _score import FULL, Score, Tool, fitted, score

DEFAULT = 0.5
"""The least confidence that tightlip reports without being asked for more."""

THRESHOLDS = tuple(tenths / 10 for tenths in range(1, 10))


class Hit(NamedTuple):
    """What tightlip says about a row's lines: the surest finding, and the surest that overlaps the value itself."""

    rule: str
    confidence: float
    exact: float


def ours(rows: list[Row]) -> dict[int, Hit]:
    """Scan each row with this checkout's tightlip, with no least confidence; `DEFAULT` is applied afterwards."""
    tightlip = _peers.tightlip()
    scanner = tightlip.Scanner(min_confidence=0.0)
    hits: dict[int, Hit] = {}
    for row in rows:
        report = tightlip.scan_text(row.text, row.path, scanner=scanner)
        assert report.complete, report.unscanned
        starts = [0, *(place + 1 for place, letter in enumerate(row.text) if letter == "\n")]
        for finding in report.findings:
            for place in finding.occurrences:
                if place.part == "content" and place.line <= row.last and place.end_line >= row.first:
                    start = starts[place.line - 1] + place.column - 1
                    end = starts[place.end_line - 1] + place.end_column - 1
                    exact = finding.confidence if start < row.end and end > row.start else 0.0
                    hit = hits.get(row.number, Hit("", -1.0, 0.0))
                    best = max(hit, Hit(finding.rule, finding.confidence, 0), key=lambda hit: hit.confidence)
                    hits[row.number] = best._replace(exact=max(exact, hit.exact))
    return hits


def surest(hits: dict[int, Hit], least: float, *, exact: bool = False) -> frozenset[int]:
    """Return the rows that tightlip reports at a least confidence."""
    return frozenset(number for number, hit in hits.items() if (hit.exact if exact else hit.confidence) >= least)


def others(rows: list[Row], only: list[str] | None) -> list[Tool]:
    """Let the peers scan the rows, or take what they said of the same rows before from the user's cache."""
    kept = _env.cache() / "quality" / _corpus.digest(rows)
    kept.mkdir(parents=True, exist_ok=True)
    tools = []
    with tempfile.TemporaryDirectory() as folder:
        for peer in _peers.peers(only):
            file = kept / f"{peer.package}-{peer.version}.json"
            if not file.exists():
                if not any(Path(folder).iterdir()):
                    _corpus.unfold(rows, Path(folder))
                print(f"running {peer.name}", file=sys.stderr)
                file.write_text(json.dumps(peer.scan(Path(folder))), "utf-8")
            tools.append(Tool(peer.package, peer.version, on_lines(rows, json.loads(file.read_text("utf-8")))))
    return tools


def on_lines(rows: list[Row], places: list[tuple[str, int, int, str]]) -> frozenset[int]:
    """Return the rows of which a tool reports a line of the value."""
    by_path = {row.path: row for row in rows}
    found = set()
    for path, line, end_line, _ in places:
        row = by_path.get(path)
        if row and line <= row.last and end_line >= row.first:
            found.add(row.number)
    return frozenset(found)


def _weights(rows: list[Row], tools: list[Tool]) -> str:
    """Return what weight gives each peer the F1 of all F rows, which is known to two digits, and what fits best."""
    scores = {tool.name: score(rows, tool.found) for tool in tools if tool.name in FULL}
    if not scores:
        return "No peer, so no weight to be fitted.\n"
    weight = fitted(scores)
    lines = [
        [
            name,
            f"{FULL[name]:.2f}",
            *(f"{max(it.weight(FULL[name] + off), 0.0):.2f}" for off in (0, 0.005, -0.005)),
            f"{it.f1(weight):.3f}",
        ]
        for name, it in scores.items()
    ]
    head = ["peer", "F1 on all F rows", "weight that gives it", "at least", "at most", f"F1 at F×{weight:.2f}"]
    return f"The weight that fits all of them best is {weight:.2f}.\n\n{_table(head, lines)}"


def _table(head: list[str], lines: Iterable[list[str]]) -> str:
    rule = "|---|" + "---:|" * (len(head) - 1)
    return "\n".join(["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(line) + " |" for line in lines)]) + "\n"


def _of(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "–"


def _number(value: float) -> str:
    return "–" if value != value else f"{value:.3f}"  # noqa: PLR0124 - not a number


def _scores(first: str, named: Iterable[tuple[str, Score]], weight: float) -> str:
    """Return a table with a line for each score."""
    head = [
        first,
        "T found",
        "F found",
        "X found",
        "precision",
        "recall",
        "F1",
        f"precision, F×{weight:g}",
        f"F1, F×{weight:g}",
    ]
    lines = [
        [
            name,
            _of(it.true, it.all_true),
            _of(it.false, it.all_false),
            _of(it.open, it.all_open),
            *map(_number, (it.precision(), it.recall, it.f1(), it.precision(weight), it.f1(weight))),
        ]
        for name, it in named
    ]
    return _table(head, lines)


def _parts(first: str, rows: list[Row], tools: list[Tool], part: Callable[[Row], str], weight: float) -> str:
    """Return a table with a line for each part of the rows: of each tool F1 at `weight`, recall, and how many F."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(part(row), []).append(row)
    lines = []
    for name, some in sorted(parts.items(), key=lambda item: -len(item[1])):
        scores = [score(some, tool.found) for tool in tools]
        cells = [f"{_number(it.f1(weight))} ({_number(it.recall)}, {it.false})" for it in scores]
        lines.append([name, str(scores[0].all_true), str(scores[0].all_false), *cells])
    note = f"In each cell: F1 at F×{weight:g} (recall, F rows found).\n\n"
    return note + _table([first, "T", "F", *(tool.name for tool in tools)], lines)


def tables(rows: list[Row], tools: list[Tool], hits: dict[int, Hit], weight: float) -> str:
    """Return all that is measured, as Markdown."""
    main = [row for row in rows if row.counts]
    vectors = [row for row in rows if row.repo == _corpus.VECTORS]
    elsewhere = [row for row in rows if row.repo != _corpus.VECTORS and row.group in _corpus.APART]
    everything = [(f"{tool.name} {tool.version}", score(main, tool.found)) for tool in tools]
    if hits:
        everything.append(("tightlip, on the value itself", score(main, surest(hits, DEFAULT, exact=True))))
    sections = [
        f"## All ({len(main)} rows; without {_corpus.VECTORS} and {', '.join(_corpus.APART)})",
        _scores("tool", everything, weight),
        "## The weight of F rows",
        _weights(main, tools),
        "## By group of categories",
        _parts("group", main, tools, lambda row: row.group, weight),
        "## By kind of file",
        _parts("file", main, tools, lambda row: row.kind_of_file, weight),
        "## Apart: groups",
        _parts("group", elsewhere, tools, lambda row: row.group, weight),
        f"## Apart: repository {_corpus.VECTORS}",
        _parts("group", vectors, tools, lambda row: row.group, weight),
    ]
    if hits:
        by_confidence = [(f"{least:.1f}", score(main, surest(hits, least))) for least in THRESHOLDS]
        sections[4:4] = ["## tightlip by --min-confidence", _scores("least", by_confidence, weight)]
    return "\n".join(f"{section}\n" for section in sections)


def show(rows: list[Row], tools: list[Tool], hits: dict[int, Hit], what: str) -> None:
    """Print rows as they are, with the value between ⟦ and ⟧, what tightlip says, and who else found it."""
    for row in rows:
        hit = hits.get(row.number)
        said = f"{hit.rule} {hit.confidence:.2f}" if hit else "nothing"
        found = ", ".join(tool.name for tool in tools if row.number in tool.found and tool.name != "tightlip")
        print(f"=== {what} {row.number}: {row.label} {row.repo} {row.category} [{row.group}] {row.extension or '-'}")
        print(f"=== tightlip says {said}; found by: {found or 'nobody else'}")
        marked = row.text[: row.start] + "⟦" + row.text[row.start : row.end] + "⟧" + row.text[row.end :]
        print("".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in marked.expandtabs(4)))


def chosen(rows: list[Row], found: frozenset[int], what: str, group: str | None) -> list[Row]:
    """Return the secrets that tightlip missed (`fn`), its false alarms (`fp`), or the X rows that it reports (`x`).

    Without a group they are those of the main figures; a group that stands apart has to be named.
    """
    label, reported = {"fn": ("T", False), "fp": ("F", True), "x": ("X", True)}[what]
    return [
        row
        for row in rows
        if row.label == label
        and (row.number in found) == reported
        and (row.counts if group is None else row.group == group and row.repo != _corpus.VECTORS)
    ]


def _record(rows: list[Row], tools: list[Tool], hits: dict[int, Hit], weight: float) -> dict[str, object]:
    """Return everything as `--json` writes it: rows by their number in the file, and no text of them."""
    main = [row for row in rows if row.counts]
    return {
        "data": _corpus.digest(rows),
        "weight": weight,
        "main": {
            tool.name: score(main, tool.found)._asdict()
            | {"f1": score(main, tool.found).f1(), "weighted_f1": score(main, tool.found).f1(weight)}
            for tool in tools
        },
        "versions": {tool.name: tool.version for tool in tools},
        "found": {tool.name: sorted(tool.found) for tool in tools},
        "tightlip": {number: hit._asdict() for number, hit in hits.items()},
    }


def main() -> None:
    """Scan the rows with every tool and print what they found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", metavar="FILE.jsonl.gz", type=Path, help="labelled candidates")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=_peers.NAMES, help="run this tool; repeatable"
    )
    parser.add_argument("--weight", type=float, default=5.0, help="how often an F row counts (default: %(default)s)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="also write what each tool found to a file")
    parser.add_argument("--show", choices=("fn", "fp", "x"), help="instead print rows that tightlip misses, or reports")
    groups = [*dict.fromkeys(name for name, _ in _corpus.ORDER), _corpus.IDENTIFIER]
    parser.add_argument("--group", choices=groups, help="of --show, only those of this group of categories")
    parser.add_argument("-n", type=int, default=20, help="of --show, at most this many (default: %(default)s)")
    args = parser.parse_args()
    rows = _corpus.read(args.data)
    hits = ours(rows) if args.only is None or "tightlip" in args.only else {}
    found = surest(hits, DEFAULT)
    tools = [Tool("tightlip", _peers.tightlip().__version__, found)] if hits else []
    tools += others(rows, args.only)
    if args.show:
        show(chosen(rows, found, args.show, args.group)[: args.n], tools, hits, args.show)
        return
    print(tables(rows, tools, hits, args.weight))
    if args.json:
        args.json.write_text(json.dumps(_record(rows, tools, hits, args.weight)) + "\n", "utf-8")


if __name__ == "__main__":
    main()

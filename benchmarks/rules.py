"""The prefilter's throughput on source text: the whole rule set, and each pattern alone. Takes a minute or two.

`python benchmarks/rules.py [--repo PATH] [--turns N]`, where tightlip is installed from this checkout. Prints Markdown
tables; the exit code says nothing of speed.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from tightlip import builtin, necessary, rules
from tightlip.engine import prefilter, selfcheck

WORST = 10
"""How many are named: the slowest, and those with most hits."""

_T = TypeVar("_T")
_Texts = Sequence[bytes]


class Pattern(NamedTuple):
    """What a rule's pattern gives Hyperscan to look for."""

    rule: str
    expressions: Sequence[bytes]
    caseless: bool


class Scanned(NamedTuple):
    """What it took to look through all texts: the fastest turn's seconds, and how many hits there were."""

    seconds: float
    hits: int


def library() -> _Texts:
    """Return the modules of the running Python's standard library, without its tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    others = {"site-packages", "test", "tests", "idle_test", "__pycache__"}
    files = sorted(file for file in folder.rglob("*.py") if not others & set(file.relative_to(folder).parts))
    return [file.read_bytes() for file in files]


def at_head(repo: str) -> _Texts:
    """Return the text files of a repository's HEAD."""
    git = ["git", "-C", repo, "archive", "--format=tar", "HEAD"]
    with tarfile.open(fileobj=io.BytesIO(subprocess.run(git, check=True, stdout=subprocess.PIPE).stdout)) as archive:
        files = [found.read() for member in archive if (found := archive.extractfile(member))]
    return [file for file in files if b"\0" not in file]


def database(patterns: Sequence[Pattern]) -> bytes:
    """Compile as the engine does."""
    return prefilter.compile_database([(pattern.expressions, pattern.caseless) for pattern in patterns])


def scan(databases: Sequence[bytes], texts: _Texts, turns: int) -> list[Scanned]:
    """Look through the texts with each database in turns, A B C A B C, so that a busy moment hits all of them."""
    fastest = [float("inf")] * len(databases)
    hits = [0] * len(databases)
    loaded = [prefilter.HyperscanPrefilter(database, {}) for database in databases]
    for _ in range(turns):
        for at, one in enumerate(loaded):
            start = time.perf_counter()
            found = [one.candidates(text) for text in texts]
            fastest[at] = min(fastest[at], time.perf_counter() - start)
            hits[at] = sum(len(ends) for candidates in found for ends in candidates.values() if ends)
    return list(map(Scanned, fastest, hits))


def phases() -> Iterator[tuple[str, float]]:
    """Yield what a first run does with the built-in rules, and the seconds that each step takes."""
    loaded, seconds = timed(lambda: [rule.rule for rule in rules.read(builtin.folder())])
    yield "reading and checking the rule files", seconds
    necessary.of.cache_clear()
    patterns, seconds = timed(lambda: built_in(loaded))
    yield "of this, cutting the patterns down", seconds
    compiled, seconds = timed(lambda: database(patterns))
    yield "Hyperscan", seconds
    fast = prefilter.HyperscanPrefilter(compiled, {})
    _, seconds = timed(lambda: selfcheck.missed(fast, [rule.pattern for rule in loaded]))
    yield "seeing whether it loses a rule", seconds


def timed(work: Callable[[], _T]) -> tuple[_T, float]:
    """Return what `work` does, and the seconds it takes."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def built_in(loaded: Sequence[rules.Rule]) -> list[Pattern]:
    """Cut the patterns of rules down to what the prefilter looks for."""
    found = [(rule.id, necessary.of(rule.pattern)) for rule in loaded]
    return [Pattern(rule, part.expressions, part.caseless) for rule, part in found]


def worst(alone: Sequence[Scanned]) -> dict[str, list[int]]:
    """Return the indexes of the slowest and of those with most hits, by title."""
    everything = range(len(alone))
    return {
        f"The {WORST} slowest alone": sorted(everything, key=lambda at: -alone[at].seconds)[:WORST],
        f"The {WORST} with most hits": sorted(everything, key=lambda at: -alone[at].hits)[:WORST],
    }


def table(
    title: str, patterns: Sequence[Pattern], named: Sequence[int], columns: Sequence[Callable[[int], str]]
) -> str:
    """Return the named patterns as Markdown."""
    rows = [" | ".join(["", patterns[at].rule, *(column(at) for column in columns), ""]).strip() for at in named]
    heads = ["| rule | GB/s alone | hits per MB | share of the whole set's time |", "|---|---:|---:|---:|"]
    return "\n".join([f"### {title}", "", *heads, *rows, ""])


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repo", metavar="PATH", help="read the files of a repository's HEAD as well")
    parser.add_argument("--turns", type=int, default=5, help="how often each is timed (default: %(default)s)")
    args = parser.parse_args()
    if prefilter.hs is None:
        sys.exit("there is no Hyperscan here, so no throughput of its to measure")
    texts = [*library(), *(at_head(args.repo) if args.repo else [])]
    size = sum(map(len, texts))
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(
        f"Python {platform.python_version()}, {cpu}; {len(texts):,} files, {size / 1e6:.1f} MB; best of {args.turns}.\n"
    )

    print("### The first run\n\n| step | s |\n|---|---:|")
    for step, seconds in phases():
        print(f"| {step} | {seconds:.2f} |", flush=True)

    patterns = built_in(rules.load_rules().rules)
    alone = scan([database([pattern]) for pattern in patterns], texts, args.turns)
    titles = worst(alone)
    named = sorted({at for found in titles.values() for at in found})
    sets = [database(patterns), *(database(patterns[:at] + patterns[at + 1 :]) for at in named)]
    whole, *others = scan(sets, texts, 5 * args.turns)  # they differ by little
    without = dict(zip(named, others, strict=True))

    print(f"\n### The whole set\n\n{len(patterns)} patterns in a database of {len(sets[0]) / 1e6:.1f} MB: ", end="")
    print(f"{size / whole.seconds / 1e9:.2f} GB/s, {whole.hits / size * 1e6:.1f} hits per MB.\n")
    columns = (
        lambda at: f"{size / alone[at].seconds / 1e9:.2f}",
        lambda at: f"{alone[at].hits / size * 1e6:.2f}",
        lambda at: f"{round(100 * (1 - without[at].seconds / whole.seconds))} %",
    )
    for title, found in titles.items():
        print(table(title, patterns, found, columns))


if __name__ == "__main__":
    main()

"""The prefilter's throughput on source text: the whole rule set, and each pattern alone. Takes a minute or two.

`python benchmarks/rules.py [--repo PATH] [--turns N]`, where tightlip is installed from this checkout. Prints Markdown
tables; the exit code says nothing of speed. `tightlip rules bench` measures the same, and what confirming takes; this
says as well what a pattern costs beside all others, and what a first run does.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence

from tightlip import builtin, necessary, rules, sourcetext, throughput
from tightlip.engine import prefilter, selfcheck

WORST = 10
"""How many are named: the slowest, and those with most hits."""


def at_head(repo: str) -> list[bytes]:
    """Return the text files of a repository's HEAD."""
    git = ["git", "-C", repo, "archive", "--format=tar", "HEAD"]
    with tarfile.open(fileobj=io.BytesIO(subprocess.run(git, check=True, stdout=subprocess.PIPE).stdout)) as archive:
        files = [found.read() for member in archive if (found := archive.extractfile(member))]
    return [file for file in files if b"\0" not in file]


def phases() -> Iterator[tuple[str, float]]:
    """Yield what a first run does with the built-in rules, and the seconds that each step takes."""
    loaded, seconds = throughput.timed(lambda: [it.rule for it in rules.read(builtin.folder()) if it.rule.pattern])
    yield "reading and checking the rule files", seconds
    necessary.of.cache_clear()
    _, seconds = throughput.timed(lambda: [necessary.of(rule.pattern) for rule in loaded])
    yield "of this, cutting the patterns down", seconds
    compiled, seconds = throughput.timed(lambda: throughput.database(loaded))
    yield "Hyperscan", seconds
    fast = prefilter.HyperscanPrefilter(compiled, {})
    _, seconds = throughput.timed(lambda: selfcheck.missed(fast, [rule.pattern for rule in loaded]))
    yield "seeing whether it loses a rule", seconds


def worst(alone: Sequence[throughput.Scanned]) -> dict[str, list[int]]:
    """Return the indexes of the slowest and of those with most hits, by title."""
    everything = range(len(alone))
    return {
        f"The {WORST} slowest alone": sorted(everything, key=lambda at: -alone[at].seconds)[:WORST],
        f"The {WORST} with most hits": sorted(everything, key=lambda at: -alone[at].hits)[:WORST],
    }


def table(
    title: str, every: Sequence[rules.Rule], named: Sequence[int], columns: Sequence[Callable[[int], str]]
) -> str:
    """Return the named rules as Markdown."""
    rows = [" | ".join(["", every[at].id, *(column(at) for column in columns), ""]).strip() for at in named]
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
    texts = [*sourcetext.modules(), *(at_head(args.repo) if args.repo else [])]
    size = sum(map(len, texts))
    cpu = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    print(
        f"Python {platform.python_version()}, {cpu}; {len(texts):,} files, {size / 1e6:.1f} MB; best of {args.turns}.\n"
    )

    print("### The first run\n\n| step | s |\n|---|---:|")
    for step, seconds in phases():
        print(f"| {step} | {seconds:.2f} |", flush=True)

    every = [rule for rule in rules.load_rules().rules if rule.pattern]
    alone = throughput.scan([throughput.database([rule]) for rule in every], texts, args.turns)
    titles = worst(alone)
    named = sorted({at for found in titles.values() for at in found})
    sets = [throughput.database(every), *(throughput.database(every[:at] + every[at + 1 :]) for at in named)]
    whole, *others = throughput.scan(sets, texts, 5 * args.turns)  # they differ by little
    without = dict(zip(named, others, strict=True))

    print(f"\n### The whole set\n\n{len(every)} patterns in a database of {len(sets[0]) / 1e6:.1f} MB: ", end="")
    print(f"{size / whole.seconds / 1e9:.2f} GB/s, {whole.hits / size * 1e6:.1f} hits per MB.\n")
    columns = (
        lambda at: f"{size / alone[at].seconds / 1e9:.2f}",
        lambda at: f"{alone[at].hits / size * 1e6:.2f}",
        lambda at: f"{round(100 * (1 - without[at].seconds / whole.seconds))} %",
    )
    for title, found in titles.items():
        print(table(title, every, found, columns))


if __name__ == "__main__":
    main()

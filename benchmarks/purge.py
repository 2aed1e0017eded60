"""Taking a value out of a history: `tightlip purge` beside git-filter-repo, on copies of real repositories.

`python benchmarks/purge.py REPO=VALUE [REPO=VALUE ...] [--runs N]`. VALUE is something in its files.
Prints a Markdown table; the exit code is 1 where the two do not come to the same trees in every commit of every ref,
other than in files where git-filter-repo leaves the value in another form: in a binary file, or with escapes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import _env
from tightlip.model import Secret
from tightlip.purge.forms import forms_of
from tightlip.purge.values import Purged

_MARK = "***REMOVED***"
_BACKUP = "taking a backup"
_STAGES = "tightlip: "
_LEFT = "where git-filter-repo leaves the value in another form"


History = dict[str, tuple[str, list[str]]]
"""The tree and the parents of each commit."""


class Run(NamedTuple):
    """Seconds of one purge, without those of the plan and of the backup, which stand apart; and its outcome."""

    seconds: float
    repository: Path
    plan: float = 0.0
    backup: float = 0.0


def main() -> int:
    """Measure, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", nargs="+", metavar="REPO=VALUE")
    parser.add_argument("--runs", type=int, default=3, help="runs of each tool, in turns (default: 3)")
    args = parser.parse_args()
    tightlip, peer = (
        _env.tightlip() / "tightlip",
        _env.installed("git-filter-repo", "git-filter-repo") / "git-filter-repo",
    )
    print("| repository | objects | git-filter-repo s | tightlip: apply s | ratio | plan s | backup s | same trees |")
    print("|---|---:|---:|---:|---:|---:|---:|---|")
    same = True
    for item in args.work:
        repository, _, value = item.partition("=")
        same &= _measure(Path(repository), value, args.runs, tightlip, peer)
    return 0 if same else 1


def _measure(repository: Path, value: str, runs: int, tightlip: Path, peer: Path) -> bool:
    ours: list[Run] = []
    theirs: list[Run] = []
    differing: list[str] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            theirs.append(_filter_repo(peer, _copy(repository, Path(folder) / "theirs"), value))
            ours.append(_purge(tightlip, _copy(repository, Path(folder) / "ours"), value))
            differing = list(_differing(ours[-1].repository, theirs[-1].repository, value))
    objects = len(_git(repository, "cat-file", "--batch-all-objects", "--batch-check", "--unordered").splitlines())
    slow = statistics.median(run.seconds for run in theirs)
    quick, plan, backup = (
        statistics.median(times) for times in zip(*((r.seconds, r.plan, r.backup) for r in ours), strict=True)
    )
    name = repository.name.removesuffix(".git")
    row = [
        name,
        f"{objects:,}",
        f"{slow:.1f}",
        f"**{quick:.1f}**",
        f"{quick / slow:.2f}",
        f"{plan:.1f}",
        f"{backup:.1f}",
    ]
    same = f"all but {', '.join(differing)}" if differing else "yes"
    print(f"| {' | '.join([*row, same])} |", flush=True)
    return all(what.endswith(_LEFT) for what in differing)


def _copy(repository: Path, to: Path) -> Path:
    shutil.copytree(repository, to)
    for lock in (to / "objects/pack").glob("tmp_*"):
        lock.unlink()
    return to


def _filter_repo(program: Path, repository: Path, value: str) -> Run:
    expressions = repository.parent / "expressions"
    expressions.write_text(f"literal:{value}==>{_MARK}\n")
    keep = ("--prune-empty", "never", "--prune-degenerate", "never")
    start = time.perf_counter()
    _run([program, "--force", "--replace-text", expressions, "--replace-message", expressions, *keep], repository)
    return Run(time.perf_counter() - start, repository)


def _purge(program: Path, repository: Path, value: str) -> Run:
    values, plan = repository.parent / "values", repository.parent / "plan.json"
    values.write_text(f"{value}\n")
    start = time.perf_counter()
    _run([program, "purge", "--plan", plan, "--values-from", values, repository], repository)
    planned = time.perf_counter()
    command = [program, "purge", "--apply", plan, "--values-from", values, "--rotated", "nobody", "--prune", repository]
    process = subprocess.Popen(command, cwd=repository, env=_alone(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    stages = list(_stages(process))
    if process.wait() not in (0, 3):
        sys.exit(f"tightlip purge left with {process.returncode}: {stages[-1][1] if stages else ''}")
    end = time.perf_counter()
    backup = next((after - at for (at, what), (after, _) in itertools.pairwise(stages) if what == _BACKUP), 0.0)
    return Run(end - planned - backup, repository, planned - start, backup)


def _stages(process: subprocess.Popen[bytes]) -> Iterator[tuple[float, str]]:
    """Yield when each stage began, and its name."""
    assert process.stderr is not None
    for line in process.stderr:
        yield time.perf_counter(), line.decode().strip().removeprefix(_STAGES)


def _differing(ours: Path, theirs: Path, value: str) -> Iterator[str]:
    """Yield in what the histories of the refs differ, but for modes that fast-import writes otherwise."""
    refs = [_tips(where) for where in (ours, theirs)]
    if refs[0].keys() != refs[1].keys():
        yield "refs"
    pairs: set[tuple[str, str]] = set()
    if not _walk([_history(where) for where in (ours, theirs)], zip(*_common(*refs), strict=True), pairs):
        yield "commits"
    environment = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(theirs / "objects")}
    lines = "".join(f"{mine} {other}\n" for mine, other in pairs)
    rows = [
        line.split()
        for line in _git(ours, "diff-tree", "-r", "--stdin", stdin=lines, environment=environment).splitlines()
        if line.startswith(":")
    ]
    blobs = {row[3] for row in rows if row[2] != row[3]}
    forms = forms_of([Purged(Secret(value.encode()))])
    left = {oid for oid in blobs if forms.found(_blob(ours, oid, environment))}
    if left:
        yield f"{len(left)} {_LEFT}"
    if blobs - left:
        yield f"{len(blobs - left)} files"


def _common(ours: dict[str, str], theirs: dict[str, str]) -> tuple[list[str], list[str]]:
    names = ours.keys() & theirs.keys()
    return [ours[name] for name in names], [theirs[name] for name in names]


def _tips(where: Path) -> dict[str, str]:
    """Return the commit of each ref."""
    lines = _git(where, "for-each-ref", "--format=%(objectname) %(*objectname) %(refname)").splitlines()
    return {words[-1]: words[-2] for words in map(str.split, lines)}


def _history(where: Path) -> History:
    """Return the tree and the parents of each commit."""
    lines = (line.split(" ") for line in _git(where, "log", "--all", "--format=%H %T %P").splitlines())
    return {commit: (tree, [parent for parent in parents if parent]) for commit, tree, *parents in lines}


def _walk(both: list[History], waiting: Iterable[tuple[str, str]], pairs: set[tuple[str, str]]) -> bool:
    """Collect unlike trees of commits that stand for each other; return whether all have as many parents."""
    left, seen = list(waiting), set()
    while left:
        pair = left.pop()
        if pair in seen or not all(commit in history for commit, history in zip(pair, both, strict=True)):
            continue
        seen.add(pair)
        (mine, own), (other, others) = (history[commit] for commit, history in zip(pair, both, strict=True))
        if len(own) != len(others):
            return False
        left += zip(own, others, strict=True)
        if mine != other:
            pairs.add((mine, other))
    return True


def _blob(where: Path, oid: str, environment: dict[str, str]) -> bytes:
    command = ["git", "-C", where, "cat-file", "blob", oid]
    return subprocess.run(command, env=_alone() | environment, check=False, capture_output=True).stdout


def _git(where: Path, *args: str, stdin: str = "", environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["git", "-C", where, *args],
        input=stdin.encode(),
        env=_alone() | (environment or {}),
        check=True,
        capture_output=True,
    )
    return done.stdout.decode("utf-8", "replace")


def _run(command: list[object], where: Path) -> None:
    done = subprocess.run(list(map(str, command)), cwd=where, env=_alone(), check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} left with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}")


def _alone() -> dict[str, str]:
    """Return an environment without the user's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "TIGHTLIP_"))}
    state = tempfile.gettempdir() + "/tightlip-benchmark-state"
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "XDG_STATE_HOME": state}


if __name__ == "__main__":
    sys.exit(main())

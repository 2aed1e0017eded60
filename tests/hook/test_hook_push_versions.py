"""Versions of a file in a push: what is left out because it was there before is nothing that the push brings."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.engine import Scanner
from tightlip.gates import brought
from tightlip.gates.versions import Versions
from tightlip.git.plumbing import Git
from tightlip.tally import Tally

GitCommand = Callable[..., str]
Told = set[tuple[str, str, str | None, str | None, bool | None]]
LINES = [f"def function_{number}(): return {number}" for number in range(240)]
ALLOWED = "  # tightlip: allow made up"


def told(repo: Path, scanner: Scanner, base: str) -> Told:
    """Return what a push of main brings beside what `base` reaches: rule, value, commit, path, if it stays."""
    git, tally = Git(str(repo)), Tally(scanner)
    tip = git.run("rev-parse", "main").decode().strip()
    new = brought.brought(git, [brought.Ref("refs/heads/main", tip)], [base])
    brought.scan(git, tally, new, None)
    assert not tally.unscanned
    return {
        (it.rule, it.secret.reveal().decode(), place.commit, place.path, it.in_head)
        for it in brought.findings(git, tally, new)
        for place in it.occurrences
    }


def edit(rng: random.Random, text: list[str], values: list[str]) -> list[str]:
    """Return a text with a line more, less or moved; some lines hold a secret, some of these may stay."""
    lines = list(text)
    kind = rng.choice(("plain", "secret", "secret", "allowed", "drop", "move", "unallow"))
    at = rng.randrange(len(lines) + 1)
    if kind in ("secret", "allowed"):
        lines.insert(at, f'key = "{rng.choice(values)}"{ALLOWED if kind == "allowed" else ""}')
    elif kind == "plain":
        lines.insert(at, f"x = {rng.randrange(1000)}")
    elif kind == "unallow":
        lines = [line.removesuffix(ALLOWED) for line in lines]
    elif lines:
        line = lines.pop(min(at, len(lines) - 1))
        if kind == "move":
            lines.insert(0, line)
    return lines


@pytest.mark.parametrize("seed", [2, 5])
def test_what_is_told_is_what_a_scan_of_every_version_tells(
    seed: int,
    repo: Path,
    git: GitCommand,
    scanner: Scanner,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng, values = random.Random(seed), [token[:-3] + end for end in ("9xQ", "b7R", "Zk3", "m4W")]
    texts = {"a.py": list(LINES), "b.py": [*LINES, f'old = "{token}"']}
    commits = []
    for _ in range(40):
        for name in rng.sample(sorted(texts), rng.choice((1, 1, 2))):
            texts[name] = edit(rng, texts[name], values)
        for name, lines in texts.items():
            (repo / name).write_text("\n".join([*lines, ""]), "utf-8")
        git("add", "--all")
        git("commit", "-q", "--allow-empty", "-m", "change")
        commits.append(git("rev-parse", "HEAD"))
    base = commits[4]

    quick = told(repo, scanner, base)
    monkeypatch.setattr(Versions, "_brings_nothing", lambda *_: False)
    every = told(repo, scanner, base)

    assert every, "nothing was brought: the test says nothing"
    assert quick == every


def test_versions_that_change_nothing_of_interest_are_not_looked_at(
    repo: Path, git: GitCommand, scanner: Scanner, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []
    look = Tally.look
    monkeypatch.setattr(Tally, "look", lambda self, blob: looked.append(blob.path) or look(self, blob))
    for number in range(5):
        (repo / "a.py").write_text("\n".join([f'key = "{token}"', *LINES, f"x = {number}"]), "utf-8")
        git("add", "--all")
        git("commit", "-q", "-m", "change")

    assert not told(repo, scanner, git("rev-list", "--max-parents=0", "main"))
    assert looked.count(b"a.py") == 1  # its name

"""A repository with every kind of thing that names an object, for the tests of a purge's safety."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tightlip.git.plumbing import Git
from tightlip.purge.repository.layout import shared_refs


def run(where: Path, *args: str | bytes, stdin: bytes = b"", check: bool = True) -> str:
    """Run git there and return what it prints."""
    done = subprocess.run(["git", "-C", str(where), *args], check=check, capture_output=True, input=stdin, timeout=60)
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def do_not_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what only a power cut would need; a kill does not."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setenv("GIT_TEST_FSYNC", "0")


def be_nobody(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Set what tests/conftest.py sets for a test, for what several tests share."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        patch.delenv(name)
    patch.setenv("HOME", str(home))
    patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{who}_NAME", "Ada Example")
        patch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        patch.setenv(f"GIT_{who}_DATE", "2026-01-02T03:04:05+00:00")


def small(where: Path, *options: str) -> Path:
    """Make a repository with three branches, an annotated tag, a stash, a note, a hostile name and a symbolic ref."""
    run(where.parent, "init", "--quiet", "-b", "main", *options, str(where))
    for number in range(2):
        (where / "file").write_text(f"{number}\n")
        run(where, "add", "file")
        run(where, "commit", "--quiet", "-m", f"change {number}")
    run(where, "branch", "feature/one")
    run(where, "branch", "other", "HEAD~1")
    run(where, "update-ref", b"refs/heads/h\xf6stile-\"'$x", "HEAD")
    run(where, "tag", "-a", "-m", "a tag", "v1", "HEAD~1")
    run(where, "notes", "add", "-m", "a note", "HEAD")
    run(where, "update-ref", "refs/remotes/origin/main", "HEAD")
    run(where, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    for number in range(2):
        (where / "file").write_text(f"stashed {number}\n")
        run(where, "stash", "push", "--quiet", "-m", f"stash {number}")
    return where


def large(where: Path) -> Path:
    """Make such a repository that has working trees, pseudo-refs, staged changes and unreachable objects besides."""
    small(where)
    run(where, "worktree", "add", "--quiet", str(where.parent / "on-a-branch"), "other")
    run(where, "worktree", "add", "--quiet", "--detach", str(where.parent / "detached"))
    run(where.parent / "detached", "commit", "--quiet", "--allow-empty", "-m", "on no branch")
    run(where.parent / "detached", "update-ref", "refs/worktree/own", "HEAD")
    run(where, "gc", "--quiet")
    run(where, "commit", "--quiet", "--allow-empty", "-m", "soon undone")
    run(where, "reset", "--quiet", "--soft", "HEAD~1")  # leaves ORIG_HEAD, and a commit for the reflog alone
    run(where, "hash-object", "-w", "--stdin", stdin=b"reached by nothing")
    for tree in (where, where.parent / "detached"):
        (tree / "staged").write_text(f"staged in {tree.name}\n")
        run(tree, "add", "staged")
    (where / ".git" / "FETCH_HEAD").write_text(f"{run(where, 'rev-parse', 'main')}\tnot-for-merge\tbranch 'x' of y\n")
    return where


def rewritten(where: Path) -> dict[str, tuple[str, str]]:
    """Write another history, and return the ids, old and new, of each ref."""
    ids = new_ids(where)
    return {name: (oid, ids[oid]) for name, oid in shared_refs(Git(str(where))).items()}


def new_ids(where: Path) -> dict[str, str]:
    """Write another object for each commit and tag that a ref or a reflog leads to, and return the ids, new by old."""
    made: dict[str, str] = {}
    logged = run(where, "rev-list", "--reflog", "--all").split()
    for oid in (*logged, *shared_refs(Git(str(where))).values()):
        _make_other(where, oid, made)
    return made


def _make_other(where: Path, oid: str, made: dict[str, str]) -> str:
    if oid not in made:
        kind, lines = run(where, "cat-file", "-t", oid), run(where, "cat-file", "-p", oid).split("\n")
        for number, line in enumerate(lines):
            name, _, other = line.partition(" ")
            if name in {"parent", "object"}:
                lines[number] = f"{name} {_make_other(where, other, made)}"
        content = "\n".join([*lines, "", "rewritten", ""]).encode()
        made[oid] = run(where, "hash-object", "-w", "-t", kind, "--stdin", stdin=content)
    return made[oid]


def refs(where: Path) -> dict[str, str]:
    """Return all refs and their ids, as git says."""
    lines = run(where, "for-each-ref", "--format=%(objectname) %(refname)").split("\n")
    return {name: oid for oid, _, name in (line.partition(" ") for line in lines if line)}


def locks(where: Path) -> list[str]:
    """Return the lock files in a git folder."""
    return [name for _, _, names in os.walk(where) for name in names if name.endswith(".lock") or "tightlip" in name]

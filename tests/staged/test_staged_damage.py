"""What is damaged or missing is told, and never called clean."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]


def test_a_missing_object_is_told_with_its_path(
    token: str, repo: Path, git: Git, stage: Stage, scanner: Scanner
) -> None:
    stage("a.txt", "first")
    stage("b.txt", token)
    oid = git("rev-parse", ":a.txt")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    report = tightlip.scan_staged(repo, scanner=scanner)

    assert [finding.occurrences[0].path for finding in report.findings] == ["b.txt"]
    assert [what for what, _ in report.unscanned] == ["a.txt"]
    assert not report.complete


def test_a_missing_old_version_makes_everything_new(
    token: str, repo: Path, git: Git, stage: Stage, found: Found
) -> None:
    """What it held cannot be known, and the new version was read whole."""
    stage("a.txt", f"{token}\n")
    git("commit", "-qm", "one")
    stage("a.txt", f"{token}\nmore\n")
    oid = git("rev-parse", "HEAD:a.txt")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    assert found() == ["a.txt:1:1"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permission")
@pytest.mark.parametrize("damage", [b"", b"DIRC", b"\0" * 200, b"DIRC\0\0\0\x02\0\0\0\x09" + b"x" * 300])
def test_a_damaged_index_is_an_error_and_not_clean(damage: bytes, repo: Path, stage: Stage, scanner: Scanner) -> None:
    stage("a.txt", "nothing")
    (repo / ".git" / "index").write_bytes(damage)

    with pytest.raises(tightlip.UnreadableRepository, match="index") as raised:
        tightlip.scan_staged(repo, scanner=scanner)
    assert "\n" not in str(raised.value)
    assert str(repo) in str(raised.value)


@pytest.mark.parametrize("name", ["plain folder", "nowhere", "a file"])
def test_what_is_no_repository_is_an_error(name: str, tmp_path: Path, scanner: Scanner) -> None:
    where = tmp_path / name
    if name == "plain folder":
        where.mkdir()
    elif name == "a file":
        where.touch()

    with pytest.raises(tightlip.NotARepository) as raised:
        tightlip.scan_staged(where, scanner=scanner)
    assert "\n" not in str(raised.value)
    assert name in str(raised.value)


def test_a_head_that_leads_nowhere_is_an_error(
    token: str, repo: Path, git: Git, stage: Stage, scanner: Scanner
) -> None:
    stage("a.txt", token)
    git("commit", "-qm", "one")
    (repo / ".git" / "refs" / "heads" / "main").write_text("0123456789" * 4 + "\n", "utf-8")

    with pytest.raises(tightlip.UnreadableRepository) as raised:
        tightlip.scan_staged(repo, scanner=scanner)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", ["", "garbage\n", "0123"])
def test_where_the_branch_is_damaged_everything_is_new(
    content: str, token: str, repo: Path, git: Git, stage: Stage, found: Found
) -> None:
    stage("a.txt", token)
    git("commit", "-qm", "one")
    (repo / ".git" / "refs" / "heads" / "main").write_text(content, "utf-8")

    assert found() == ["a.txt:1:1"]

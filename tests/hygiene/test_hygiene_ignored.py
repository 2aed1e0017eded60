"""What git would let in is told, with the pattern that covers a name or the one that takes it back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.git.plumbing import Git
from tightlip.hygiene import gitignore, ignored

Put = Callable[[str, str | bytes], Path]


def missing(repo: Path) -> list[str]:
    return ignored.missing(Git(str(repo)))


def test_a_repository_without_a_gitignore_lacks_every_pattern_and_none_after_they_are_added(repo: Path) -> None:
    first = missing(repo)

    gitignore.add(str(repo), gitignore.lines_for(first))

    assert set(first) == set(ignored.PROBES.values())
    assert missing(repo) == []
    assert [it.name for it in ignored.ask(Git(str(repo)), ignored.EXAMPLES) if it.is_ignored] == []


def test_a_later_exclamation_mark_takes_a_pattern_back_and_is_named(repo: Path, put: Put) -> None:
    put(".gitignore", ".env\n.env.*\n!.env.local\n")

    answers = {it.name: it for it in ignored.ask(Git(str(repo)), [".env", ".env.local"])}

    assert answers[".env"].is_ignored
    assert answers[".env"].by == ".gitignore:1: .env"
    assert not answers[".env.local"].is_ignored
    assert answers[".env.local"].by == ".gitignore:3: !.env.local"


def test_a_global_file_and_info_exclude_count(repo: Path, put: Put, git: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "ignore").write_text("*.pem\n")
    git("config", "core.excludesFile", str(tmp_path / "ignore"))
    put(".git/info/exclude", "*.key\n")

    assert {"*.pem", "*.key"}.isdisjoint(missing(repo))


def test_a_folder_of_secrets_that_git_tracks_need_not_be_ignored(repo: Path, stage: Put) -> None:
    stage("secrets/a.enc.yaml", "x: 1\n")

    assert "secrets/" not in missing(repo)


def test_what_is_tracked_although_ignored_is_told(repo: Path, stage: Put) -> None:
    stage(".gitignore", "*.log\n.env\n")
    stage(".env", "A=1\n")

    assert [it.where for it in ignored.tracked_though_ignored(Git(str(repo)))] == [".env"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b"# What holds secrets (tightlip checkup)\n.env\n"),
        (b"a\n", b"a\n\n# What holds secrets (tightlip checkup)\n.env\n"),
        (b"a", b"a\n\n# What holds secrets (tightlip checkup)\n.env\n"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n\r\n# What holds secrets (tightlip checkup)\r\n.env\r\n"),
        (b"\xff\n", b"\xff\n\n# What holds secrets (tightlip checkup)\n.env\n"),
    ],
    ids=["empty", "a-line", "no-end", "crlf", "no-utf-8"],
)
def test_lines_are_added_in_the_endings_of_the_file_and_once(before: bytes, after: bytes, tmp_path: Path) -> None:
    path = tmp_path / ".gitignore"
    path.write_bytes(before)
    path.chmod(0o640)

    first, second = (gitignore.add(str(tmp_path), [".env"]) for _ in range(2))

    assert (first, second) == ([".env"], [])
    assert path.read_bytes() == after
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == [".gitignore", "home"]

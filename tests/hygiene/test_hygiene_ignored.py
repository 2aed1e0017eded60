"""What git would let in is told, with the pattern that covers a name or the one that takes it back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.hygiene import gitignore, ignored

Put = Callable[[str, str | bytes], Path]


def missing(repo: Path) -> list[str]:
    return ignored.missing(Git(str(repo)), str(repo))


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


def test_a_pattern_for_the_top_alone_does_not_cover_a_file_in_a_folder(repo: Path, stage: Put, put: Put) -> None:
    stage(".gitignore", "/.env\n.env.*\n!.env.example\n")
    stage("app/.env.example", "A=\n")

    (found,) = [it for it in ignored.env_files(Git(str(repo)), ["app/.env.example"]) if not it.is_ignored]
    gitignore.add(str(repo), missing(repo))

    assert (found.name, found.by) == ("app/.env", "")
    assert all(it.is_ignored for it in ignored.env_files(Git(str(repo)), ["app/.env.example"]))


def test_a_folder_that_lets_a_file_in_is_told_and_no_line_is_added_for_it(repo: Path, stage: Put) -> None:
    stage(".gitignore", "\n".join(gitignore.lines_for(missing(repo))) + "\n")
    stage("app/.gitignore", "!.env\n")

    (found,) = [it for it in ignored.env_files(Git(str(repo)), ["app/.gitignore"]) if not it.is_ignored]

    assert (found.by, found.is_let_in_below) == ("app/.gitignore:1: !.env", True)
    assert missing(repo) == []


def test_env_files_with_values_that_git_would_take_are_named_whatever_their_names_are(
    repo: Path, put: Put, git: Callable[..., str]
) -> None:
    put(".gitignore", "\n".join(gitignore.lines_for(missing(repo))) + "\n")
    put("new/prod.env", "A=1\n")
    put("a b/x\ny[1]é.env", "A=1\n")
    put("empty.env", "A=\n")
    put("example.env", "A=1\n")

    lines = missing(repo)
    gitignore.add(str(repo), lines)

    assert lines == ["/a?b/x?y?1?é.env", "/new/prod.env"]
    assert git("ls-files", "--others", "--exclude-standard").split("\n") == [".gitignore", "empty.env", "example.env"]


@pytest.mark.parametrize(
    "before",
    [".env\n!.env\n", "!.env.example\n", ".env*\n", ".env\n.env.*\n"],
    ids=["taken-back", "example-first", "examples-too", "no-examples"],
)
def test_what_is_added_counts_and_examples_stay(repo: Path, put: Put, before: str) -> None:
    put(".gitignore", before)

    gitignore.add(str(repo), gitignore.lines_for(missing(repo)))
    after = (repo / ".gitignore").read_bytes()
    gitignore.add(str(repo), gitignore.lines_for(missing(repo)))

    assert missing(repo) == []
    assert not any(it.is_ignored for it in ignored.ask(Git(str(repo)), ignored.EXAMPLES))
    assert (repo / ".gitignore").read_bytes() == after


def test_a_folder_of_encrypted_secrets_counts_wherever_it_is(repo: Path, stage: Put) -> None:
    stage("app/secrets/a.enc.yaml", "x: 1\n")

    assert "secrets/" not in missing(repo)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_gitignore_that_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitignore")

    with pytest.raises(UsageError, match="no ordinary file"):
        gitignore.add(str(tmp_path), [".env"])

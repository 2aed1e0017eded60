"""What a commit adds is told once, and what only moved is not."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]

LINES = [f"line {number}" for number in range(20)]


@pytest.fixture
def committed(stage: Stage, git: Git) -> Callable[[dict[str, str]], None]:
    """Commit files."""

    def committed(files: dict[str, str]) -> None:
        for name, content in files.items():
            stage(name, content)
        git("commit", "-qm", "before")

    return committed


@pytest.fixture
def key() -> list[str]:
    """A private key in PEM form, by its lines: made up, and of no use."""
    dice = random.Random(1)
    body = ["".join(dice.choices(string.ascii_letters + string.digits + "+/", k=64)) for _ in range(12)]
    kind = "RSA PRIVATE " + "KEY"
    return [f"-----BEGIN {kind}-----", "MII" + body[0][3:], *body[1:], f"-----END {kind}-----"]


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


Committed = Callable[[dict[str, str]], None]


def test_a_line_that_moved_is_not_new(token: str, committed: Committed, stage: Stage, found: Found) -> None:
    committed({"a.txt": text(token, *LINES)})
    stage("a.txt", text(*LINES, f"    moved: {token}"))

    assert found() == []


def test_a_secret_that_moved_between_files_in_one_commit_is_not_new(
    token: str, committed: Committed, stage: Stage, found: Found
) -> None:
    committed({"a.txt": text(token, *LINES), "b.txt": text(*LINES)})
    stage("a.txt", text(*LINES))
    stage("b.txt", text(*LINES, token))
    stage("c.txt", text(token))

    assert found() == []


def test_a_secret_of_a_deleted_or_renamed_file_is_not_new_elsewhere(
    token: str, other: str, committed: Committed, git: Git, stage: Stage, found: Found
) -> None:
    committed({"gone.txt": token, "renamed.txt": text(other, *LINES)})
    git("rm", "-q", "gone.txt")
    git("mv", "renamed.txt", "new.txt")
    stage("c.txt", text(token))

    assert found() == []


def test_a_secret_that_moved_from_a_name_into_a_file_is_not_new(
    token: str, committed: Committed, git: Git, stage: Stage, found: Found
) -> None:
    committed({f"{token}.txt": "nothing"})
    git("mv", f"{token}.txt", "plain.txt")
    stage("plain.txt", f"nothing {token}")

    assert found() == []


def test_a_copy_from_a_file_that_the_commit_does_not_touch_is_new(
    token: str, committed: Committed, stage: Stage, found: Found
) -> None:
    committed({"a.txt": token})
    stage("b.txt", text("copied", token))

    assert found() == ["b.txt:2:1"]


def test_only_the_new_one_of_two_secrets_is_told(
    token: str, other: str, committed: Committed, stage: Stage, found: Found
) -> None:
    committed({"a.txt": text(token, *LINES)})
    stage("a.txt", text(*LINES, token, f"x = {other}"))

    assert found() == ["a.txt:22:5"]


def test_a_secret_that_takes_the_place_of_another_is_new(
    token: str, other: str, committed: Committed, stage: Stage, found: Found
) -> None:
    committed({"a.txt": f"x = {token}\n"})
    stage("a.txt", f"x = {other}\n")

    assert found() == ["a.txt:1:5"]


def test_a_rename_with_a_new_line_is_read(
    token: str, committed: Committed, git: Git, stage: Stage, found: Found
) -> None:
    committed({"a.txt": text(*LINES)})
    git("mv", "a.txt", "b.txt")
    stage("b.txt", text(*LINES, token))

    assert found() == ["b.txt:21:1"]


def test_a_copy_with_a_new_line_is_read(token: str, committed: Committed, stage: Stage, found: Found) -> None:
    committed({"a.txt": text(*LINES)})
    stage("b.txt", text(*LINES, token))

    assert found() == ["b.txt:21:1"]


def test_a_deleted_secret_is_no_news(token: str, committed: Committed, git: Git, found: Found) -> None:
    committed({"a.txt": token, "b.txt": "nothing"})
    git("rm", "-q", "a.txt")

    assert found() == []


def test_a_change_of_mode_alone_is_no_news(token: str, committed: Committed, git: Git, found: Found) -> None:
    committed({"a.sh": token})
    git("update-index", "--chmod=+x", "a.sh")

    assert found() == []


def test_a_value_whose_key_stands_on_an_unchanged_line_is_found(
    committed: Committed, stage: Stage, found: Found
) -> None:
    value = "".join(random.Random(2).choices(string.ascii_letters + string.digits, k=40))
    committed({"a.yaml": text("aws_secret_access_key:", "  none")})
    stage("a.yaml", text("aws_secret_access_key:", f"  {value}"))

    assert found() == ["a.yaml:2:3"]


def test_a_private_key_of_which_one_line_changed_is_new(
    key: list[str], committed: Committed, stage: Stage, found: Found
) -> None:
    committed({"a.txt": text("before", *key)})
    assert len(key[5]) == 64
    changed = [*key[:5], key[5].swapcase(), *key[6:]]
    stage("a.txt", text("before", *changed))

    assert found() == ["a.txt:2:1"]


def test_a_private_key_that_moved_is_not_new(key: list[str], committed: Committed, stage: Stage, found: Found) -> None:
    committed({"a.txt": text(*key, *LINES)})
    stage("a.txt", text(*LINES, *key))

    assert found() == []


def test_the_same_secret_twice_is_one_finding_with_two_occurrences(
    token: str, other: str, repo: Path, stage: Stage, scanner: Scanner
) -> None:
    stage("a.txt", text(token, "", f"x {token}"))
    stage("b.txt", text(token, other))

    report = tightlip.scan_staged(repo, scanner=scanner)

    places = [[(place.path, place.line) for place in finding.occurrences] for finding in report.findings]
    assert places == [[("a.txt", 1), ("a.txt", 3), ("b.txt", 1)], [("b.txt", 2)]]
    assert report.scanned == {"blobs": 2, "names": 2, "bytes": report.scanned["bytes"]}


def test_an_occurrence_names_the_object_that_git_would_commit(
    token: str, repo: Path, git: Git, stage: Stage, scanner: Scanner
) -> None:
    stage("a.txt", token)

    place = tightlip.scan_staged(repo, scanner=scanner).findings[0].occurrences[0]

    assert place.blob == git("rev-parse", ":a.txt")
    assert (place.line, place.column, place.end_line, place.end_column) == (1, 1, 1, 41)
    assert (place.part, place.commit, place.author, place.refs) == ("content", None, None, ())


def test_an_allowed_secret_is_counted_and_not_told(token: str, repo: Path, stage: Stage, scanner: Scanner) -> None:
    stage("a.py", f'x = "{token}"  # tightlip: allow a test\n')

    report = tightlip.scan_staged(repo, scanner=scanner)

    assert (report.findings, report.allowed, report.complete) == ((), 1, True)


def test_an_allowance_that_is_taken_away_makes_the_secret_no_news(
    token: str, committed: Committed, stage: Stage, found: Found
) -> None:
    """It was in the history before: scan-history tells of it."""
    committed({"a.py": f'x = "{token}"  # tightlip: allow a test\n'})
    stage("a.py", f'x = "{token}"\n')

    assert found() == []

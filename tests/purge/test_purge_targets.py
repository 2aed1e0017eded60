"""What is to be purged is read from the repository again: a report holds no values."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.purge import plan, targets
from tightlip.report import FORMATS
from tightlip.report.document import quoted, unquoted

PEM = b"-----BEGIN TEST KEY-----\nabcd\nefgh\n-----END TEST KEY-----"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    where = tmp_path / "project"
    where.mkdir()
    git(where, "init", "--quiet")
    commit(where, "keys.txt", f"token = {TOKEN}\n")
    commit(where, "keys.txt", "nothing\n")
    return where


def report(where: Path) -> bytes:
    out = io.StringIO()
    FORMATS["json"](tightlip.scan_history(where, scanner=scanner(), cache=False), out)
    return out.getvalue().encode()


def found(where: Path, *select: str) -> list[targets.Target]:
    return targets.found(Git(str(where)), scanner(), report(where), select)


def test_values_are_one_a_line_and_keys_are_blocks() -> None:
    made = targets.given(b"first one\r\n\nsecond==>one\nfirst one\n" + PEM + b"\n", b"gone")
    assert [target.value.reveal() for target in made] == [PEM, b"first one", b"second==>one"]
    assert {target.purged.replacement for target in made} == {b"gone"}
    assert made[1].rule == targets.GIVEN


@pytest.mark.parametrize(("text", "why"), [(b"\n\r\n", "no value"), (b"long enough\nabc\n", "value 2 has 3 bytes")])
def test_a_list_without_values_or_with_a_short_one_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        targets.given(text)


def test_a_finding_is_read_again(repository: Path) -> None:
    (target,) = found(repository)
    assert target.value.reveal() == TOKEN.encode()
    assert target.remediation
    assert TOKEN not in repr(target)


@pytest.mark.parametrize("part", ["commit", "tag", "path", "ref"])
def test_it_may_stand_in_a_message_or_a_name(repository: Path, part: str) -> None:
    if part == "commit":
        git(repository, "commit", "--quiet", "--allow-empty", "-m", f"use {OTHER}")
    elif part == "tag":
        git(repository, "tag", "-a", "v1", "-m", f"use {OTHER}")
    elif part == "path":
        commit(repository, f"{OTHER}.txt", "a file")
    else:
        git(repository, "branch", f"wip-{OTHER}")
    assert {target.value.reveal().decode() for target in found(repository)} == {TOKEN, OTHER}


def test_one_of_several_is_selected_by_the_beginning_of_its_fingerprint(repository: Path) -> None:
    commit(repository, "other.txt", f"token = {OTHER}\n")
    every = {target.value.reveal(): target.fingerprint for target in found(repository)}
    (target,) = found(repository, every[OTHER.encode()][:8])
    assert target.value.reveal() == OTHER.encode()
    with pytest.raises(UsageError, match="none of the report's findings begin so"):
        found(repository, "ffffffffffffffffffff")


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"schema_version": "9", "findings": []}', b"\xff"])
def test_what_is_no_report_is_refused(repository: Path, text: bytes) -> None:
    with pytest.raises(UsageError, match="no JSON report of tightlip"):
        targets.found(Git(str(repository)), scanner(), text)


def test_a_known_secret_which_no_rule_finds_is_to_be_given_by_its_value(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("quiet-meadow-77\n")
    commit(repository, "notes.txt", "it is quiet-meadow-77\n")
    scan = ("scan-history", str(repository), "--known", f"lines:{tmp_path / 'own'}", "--report")
    assert main([*scan, f"json:{tmp_path / 'report.json'}"]) == 1
    with pytest.raises(UsageError, match="is a known secret, which no rule finds; give its value with --values-from"):
        targets.found(Git(str(repository)), scanner(), (tmp_path / "report.json").read_bytes())


def test_the_report_of_another_repository_is_refused(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    commit(other, "a", "nothing")
    with pytest.raises(UsageError, match="is not in this repository"):
        targets.found(Git(str(other)), scanner(), report(repository))


@pytest.mark.parametrize(
    "path", [b"plain/\xc3\xbc.txt", b"not utf-8 \xff\xfe", b'"quoted', b"back\\slash\n\xff", b"\x01\x7f\x80"]
)
def test_a_paths_bytes_come_back_from_a_report(path: bytes) -> None:
    assert os.fsencode(unquoted(quoted(os.fsdecode(path)))) == path


def test_values_given_once_more_are_replaced_as_the_plan_says() -> None:
    first, second = targets.given(b"one value\nanother value")
    secrets = [
        {"number": 1, "fingerprint": second.fingerprint, "replacement": "b"},
        {"number": 2, "fingerprint": first.fingerprint, "replacement": "a"},
    ]
    meant = plan.meant({"secrets": secrets}, [first, second])
    assert [(target.fingerprint, target.replacement) for target in meant] == [
        (second.fingerprint, b"b"),
        (first.fingerprint, b"a"),
    ]
    with pytest.raises(UsageError, match="secret 2 of the plan is not among"):
        plan.meant({"secrets": secrets}, [second])


def test_a_rule_may_have_a_replacement_of_its_own(repository: Path) -> None:
    (target,) = found(repository)

    def replaced_with(by_rule: dict[str, bytes]) -> bytes:
        chosen = targets.Replacements(b"other", by_rule)
        return targets.found(Git(str(repository)), scanner(), report(repository), (), chosen)[0].replacement

    assert replaced_with({}) == b"other"
    assert replaced_with({target.rule: b"own"}) == b"own"
    with pytest.raises(UsageError, match="--replace-rule no-such-rule: no finding"):
        replaced_with({target.rule: b"own", "no-such-rule": b"x"})

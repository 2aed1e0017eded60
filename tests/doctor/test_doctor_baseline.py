"""The baseline: stale, expired and unjudged entries, conflicts, and whether branches merge."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from doctoring import Doctor

from tightlip.baseline import dates
from tightlip.cli import main

Commit = Callable[[dict[str, str]], None]
Git = Callable[..., str]

NAME = ".tightlip-baseline.yaml"
STALE = "an entry that matches nothing any more"


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "today", lambda: date(2026, 3, 1))


@pytest.fixture
def adopted(healthy: None, commit: Commit, doctor: Doctor, token: str, other: str) -> None:
    """Two findings that are known, one of them judged."""
    commit({"a.py": f"x = '{token}'\n", "b.py": f"x = '{other}'\n"})
    assert main(["baseline", "create", "--state", "false-alarm", "--why", "made up"]) == 0
    commit({NAME: Path(NAME).read_text(), ".gitattributes": Path(".gitattributes").read_text()})


def judged(path: str, **fields: str) -> None:
    """Change the entry about a file."""
    text = Path(NAME).read_text()
    line = next(line for line in text.splitlines() if f'path: "{path}"' in line)
    kept = re.sub(r"state: .*\}", "", line)
    Path(NAME).write_text(
        text.replace(line, kept + ", ".join(f"{key}: {value}" for key, value in fields.items()) + "}")
    )


def test_without_a_baseline_all_is_well(healthy: None, doctor: Doctor) -> None:
    done = doctor()

    assert done.code == 0
    assert done.seen("there is no baseline") == [NAME]


def test_a_baseline_in_order_is_well(adopted: None, doctor: Doctor) -> None:
    done = doctor()

    assert done.code == 0
    assert done.of("baseline") == []


def test_an_entry_that_matches_nothing_is_stale(adopted: None, commit: Commit, doctor: Doctor) -> None:
    commit({"a.py": "x = 1\n"})

    done = doctor()

    assert done.code == 1
    assert [line.split("  ")[1:] for line in done.seen(STALE)] == [["github-pat-classic", "a.py"]]
    assert [it.how for it in done.of("baseline")] == ["tightlip baseline prune"]


def test_an_entry_that_the_history_needs_is_not_stale_once_that_is_looked_at(
    adopted: None, commit: Commit, doctor: Doctor
) -> None:
    commit({"a.py": "x = 1\n"})

    assert doctor("--history").code == 0


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"state": "unjudged"}, "an entry that nobody has judged"),
        ({"state": "accepted", "why": "later", "until": "2026-02-28"}, "an entry that has expired"),
        ({"state": "real"}, "an entry of a real secret"),
    ],
    ids=["unjudged", "expired", "real"],
)
def test_an_entry_that_asks_for_somebody_is_told(
    fields: dict[str, str], what: str, adopted: None, doctor: Doctor
) -> None:
    judged("a.py", **fields)

    done = doctor()

    assert done.code == 1
    assert ["a.py" in line for line in done.seen(what)] == [True]


def test_an_accepted_critical_secret_is_told_and_need_not_be_mended(adopted: None, doctor: Doctor) -> None:
    judged("a.py", state="accepted", why="later")

    done = doctor()

    assert done.code == 0
    assert ["a.py" in line for line in done.seen("surely one is accepted")] == [True]


def test_a_conflict_that_is_left_in_it_is_told_with_its_line(adopted: None, doctor: Doctor) -> None:
    text = Path(NAME).read_text()
    Path(NAME).write_text(f"<<<<<<< HEAD\n{text}")

    done = doctor()

    assert done.code == 1
    (evidence,) = done.seen("the baseline cannot be read")
    assert evidence.startswith(f"{NAME}:1: git left a conflict here")


def test_a_folder_in_place_of_it_is_to_be_moved_and_no_line_of_it_to_be_mended(adopted: None, doctor: Doctor) -> None:
    Path(NAME).unlink()
    Path(NAME).mkdir()

    (told,) = (it for it in doctor().of("baseline", "mend") if "cannot be read" in it.what)
    assert told.evidence == f"{NAME}: this is no ordinary file of a reasonable size"
    assert told.how == "move it away"


def test_a_baseline_that_git_does_not_merge_is_told_and_the_command_mends_it(
    adopted: None, doctor: Doctor, git: Git, repo: Path
) -> None:
    git("rm", "-q", "--cached", ".gitattributes")
    (repo / ".gitattributes").unlink()

    (told,) = doctor().of("baseline")

    assert told.how == f"echo '{NAME} merge=union' >> .gitattributes && git add .gitattributes"
    (repo / ".gitattributes").write_text(f"{NAME} merge=union\n")
    assert doctor().code == 0


def test_a_baseline_that_nobody_else_has_is_told(adopted: None, doctor: Doctor, git: Git) -> None:
    git("rm", "-q", "--cached", NAME)

    (told,) = doctor().of("baseline")

    assert told.how == f"git add {NAME}"


def test_a_baseline_that_is_named_and_not_there_is_told(adopted: None, commit: Commit, doctor: Doctor) -> None:
    commit({".tightlip.yaml": "baseline: known.yaml\n"})

    done = doctor()

    assert done.code == 1
    assert done.seen("names a baseline that is not there") == [f"known.yaml, and {NAME} counts"]


def test_a_huge_baseline_is_read_in_time(adopted: None, doctor: Doctor) -> None:
    text = Path(NAME).read_text()
    line = next(line for line in text.splitlines() if line.startswith("- "))
    more = (re.sub(r'id: "\w+"', f'id: "{number:020x}"', line) for number in range(20_000))
    Path(NAME).write_text(text + "\n".join(more) + "\n")

    done = doctor()

    assert len(done.seen(STALE)) == 20_000

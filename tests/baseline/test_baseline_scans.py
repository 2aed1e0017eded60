"""Scans and the hook with a baseline: what is known is left out and counted, and nothing is switched off unnoticed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from baselines import NAME, PASSWORD, Run, entries

from plain_git import TOKEN as INVENTED

Commit = Callable[..., None]
Git = Callable[..., str]
Put = Callable[[str, str], Path]
Stage = Callable[[str, str], None]


def judge(run: Run, repo: Path, path: str, *arguments: str) -> None:
    """Judge the finding of an entry."""
    start = next(line for line in entries(repo) if f'"{path}"' in line)[8:20]
    assert run("baseline", "update", "--select", start, *arguments).code == 0


def test_moved_lines_and_renamed_files_stay_known(adopted: Path, run: Run, commit: Commit, git: Git) -> None:
    git("mv", "a.py", "deep.py")
    commit(b_py="\n\n" + (adopted / "b.py").read_text("utf-8"))

    assert run("scan").code == 0
    assert run("scan", "--no-baseline").code == 1
    assert json.loads(run("scan", "--report", "json").out)["scan"]["baselined"] == 3


def test_a_rewritten_history_stays_known(adopted: Path, run: Run, git: Git) -> None:
    assert run("scan-history").code == 0
    git("commit", "-q", "--amend", "-m", "another")
    git("reset", "-q", "--soft", git("rev-list", "--max-parents=0", "HEAD"))
    git("commit", "-q", "--amend", "-m", "all in one")

    assert run("scan-history").code == 0


def test_a_new_secret_on_a_known_line_counts(adopted: Path, run: Run, commit: Commit, token: str) -> None:
    commit(a_py=f"import os\nTOKEN = '{token}', '{INVENTED}'\n")
    done = run("scan", "-q")

    assert done.code == 1
    assert done.out.count("\n") == 1


def test_an_entry_for_a_place_counts_only_there(old: Path, run: Run, commit: Commit) -> None:
    run("baseline", "create", "--per-place")
    assert sum("at: " in line for line in entries(old)) == 4
    assert run("scan").code == 0
    commit(e_py=f"password = '{PASSWORD}'\n")
    done = run("scan", "-q")

    assert done.code == 1
    assert done.out.startswith("e.py:1:")
    assert done.out.count("\n") == 1
    assert run("baseline", "update", "--per-place").out.startswith("1 finding added:\n")
    assert run("scan").code == 0


def test_a_place_is_the_same_from_every_folder(
    old: Path, run: Run, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("baseline", "create", "--per-place")
    (old / "sub").mkdir()
    monkeypatch.chdir(old / "sub")

    assert run("scan", "..").code == 0
    assert run("scan", str(old)).code == 0
    assert run("scan-history", str(old)).code == 0
    assert run("baseline", "check", "--only", "stale").code == 0


def test_a_secret_can_be_judged_for_its_places_only(adopted: Path, run: Run, commit: Commit) -> None:
    judge(run, adopted, "c.py", "--state", "test-value", "--per-place")
    assert sum("at: " in line for line in entries(adopted)) == 2
    assert len(entries(adopted)) == 4
    commit(e_py=f"password = '{PASSWORD}'\n")

    assert run("scan", "-q").out.startswith("e.py:1:")


def test_an_expired_entry_counts_again_and_that_is_told(
    adopted: Path, run: Run, calendar: Callable[[date], None]
) -> None:
    judge(run, adopted, "a.py", "--state", "accepted", "--why", "in spring", "--until", "2026-03-31")
    calendar(date(2026, 3, 31))
    assert run("scan").code == 0
    calendar(date(2026, 4, 1))
    done = run("scan")

    assert done.code == 1
    assert "! an entry of the baseline has expired, on 2026-03-31, and its finding counts again: " in done.out


def test_what_is_critical_and_not_judged_is_still_told(adopted: Path, run: Run) -> None:
    done = run("scan")
    assert done.out.splitlines()[-1] == "! 3 known findings, 1 of them critical and not judged: tightlip baseline check"
    assert json.loads(run("scan", "--report", "json").out)["scan"]["notes"] == [
        "3 known findings, 1 of them critical and not judged: tightlip baseline check"
    ]
    judge(run, adopted, "a.py", "--state", "accepted", "--why", "in spring")
    assert "3 known findings, 1 of them critical and accepted" in run("scan").out
    judge(run, adopted, "a.py", "--state", "revoked")
    assert "critical" not in run("scan").out


def test_another_file_can_be_named_and_must_be_there(old: Path, run: Run) -> None:
    run("baseline", "create", "--baseline", "ci.yaml")

    assert run("scan").code == 1
    assert run("scan", "--baseline", "ci.yaml").code == 0
    assert run("scan", "--baseline", "missing.yaml").code == 2
    assert run("scan", "--baseline", "ci.yaml", "--no-baseline").code == 2


def test_without_a_repository_a_named_file_counts(
    old: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    run("baseline", "create")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.py").write_text(f"TOKEN = '{token}'\n", "utf-8")
    monkeypatch.chdir(outside)

    assert run("scan").code == 1
    assert run("scan", "--baseline", str(old / NAME)).code == 0


def test_a_bare_repository_has_the_file_of_its_head(adopted: Path, run: Run, git: Git, tmp_path: Path) -> None:
    git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))

    assert run("scan-history", str(tmp_path / "bare.git")).code == 0


def test_a_broken_file_is_told_and_not_passed_over(adopted: Path, run: Run) -> None:
    with (adopted / NAME).open("a", encoding="utf-8") as file:
        file.write("=======\n")
    for command in ("scan", "scan-history"):
        done = run(command)
        assert done.code == 2
        assert done.err.startswith(f"tightlip: error: {NAME}:2")


def test_a_pull_request_cannot_switch_off_its_own_check(adopted: Path, run: Run, git: Git, commit: Commit) -> None:
    git("checkout", "-q", "-b", "topic")
    commit(e_py=f"TOKEN = '{INVENTED}'\n")
    run("baseline", "update")
    commit()
    done = run("scan-history", "--base", "main")

    assert run("scan-history").code == 0
    assert done.code == 1
    assert f"HEAD changes {NAME} (1 entry more); until it is merged, the one of main counts" in done.out
    git("checkout", "-q", "main")
    assert run("scan-history", "--base", "main", "--head", "topic").code == 1
    git("merge", "-q", "topic")
    assert run("scan-history", "--base", "HEAD~2").code == 1
    assert "changes" not in run("scan-history", "--base", "main").out


def test_what_is_staged_and_known_is_left_out(adopted: Path, run: Run, stage: Stage, token: str) -> None:
    stage("copy.py", f"TOKEN = '{token}'\n")
    done = run("scan-staged")
    assert done.code == 0
    assert "1 known finding, critical and not judged: tightlip baseline check" in done.out
    assert run("scan-staged", "--no-baseline").code == 1


def test_the_hook_leaves_out_what_is_known(adopted: Path, run: Run, stage: Stage, token: str) -> None:
    stage("copy.py", f"TOKEN = '{token}'\n")
    done = run("hook", "pre-commit")

    assert done == (0, "", "tightlip: note: 1 known finding, critical and not judged: tightlip baseline check\n")
    assert run("hook", "pre-commit", "--no-baseline").code == 1
    assert run("hook", "pre-commit", "--baseline", NAME).code == 0
    assert run("hook", "pre-commit", "--baseline", "missing.yaml").code == 2


def test_the_hook_finds_the_file_from_a_folder_below(
    adopted: Path, run: Run, stage: Stage, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage("sub/copy.py", f"TOKEN = '{token}'\n")
    monkeypatch.chdir(adopted / "sub")

    assert run("hook", "pre-commit").code == 0


def test_the_hook_still_stops_what_is_new_and_never_writes(adopted: Path, run: Run, stage: Stage, token: str) -> None:
    before = (adopted / NAME).read_bytes()
    stage("copy.py", f"TOKEN = '{token}'\nNEW = '{INVENTED}'\n")
    done = run("hook", "pre-commit")

    assert done.code == 1
    assert "1 secret staged" in done.out
    assert "1 known finding left out." in done.out
    assert (adopted / NAME).read_bytes() == before


def test_the_hook_says_that_a_commit_changes_the_file(adopted: Path, run: Run, git: Git, stage: Stage) -> None:
    stage("e.py", f"TOKEN = '{INVENTED}'\n")
    run("baseline", "update")
    judge(run, adopted, "a.py", "--state", "revoked")
    git("add", NAME)

    done = run("hook", "pre-commit")
    assert done.code == 0
    assert f"tightlip: note: this commit changes {NAME} (1 entry more, 1 entry judged anew)\n" in done.err
    git("rm", "-q", "--cached", NAME)
    assert f"{NAME} (3 entries fewer)" in run("hook", "pre-commit").err


def test_the_hook_stops_a_commit_that_breaks_the_file(adopted: Path, run: Run, stage: Stage) -> None:
    stage(NAME, (adopted / NAME).read_text("utf-8") + ">>>>>>> topic\n")
    done = run("hook", "pre-commit")

    assert done.code == 2
    assert "conflict" in done.err


def test_a_secret_in_a_name_is_not_written(repo: Path, run: Run, commit: Commit, put: Put, token: str) -> None:
    put(f"keys/{token}.txt", "nothing\n")
    commit()
    assert run("baseline", "create", "--per-place").code == 0

    assert token not in (repo / NAME).read_text("utf-8")
    (line,) = entries(repo)
    assert 'path: "keys/********.txt"' in line
    assert run("scan").code == 0


def test_a_secret_in_a_message_is_known(repo: Path, run: Run, commit: Commit, git: Git, token: str) -> None:
    commit(a_py="import os\n")
    git("commit", "-q", "--allow-empty", "-m", f"use {token}")
    assert run("baseline", "create", "--history", "--per-place").code == 0

    assert 'path: "a commit\'s message"' in entries(repo)[0]
    assert run("scan-history").code == 0


def test_the_identities_of_two_files_differ_and_both_count_in_one(adopted: Path, run: Run, token: str) -> None:
    first = (adopted / NAME).read_text("utf-8")
    run("baseline", "create", "--baseline", "other.yaml")
    second = (adopted / "other.yaml").read_text("utf-8")
    mine, others = ({line[8:28] for line in text.splitlines() if line[:2] == "- "} for text in (first, second))
    assert not mine & others

    keep = [line for line in first.splitlines() if "a.py" not in line]
    taken = [line for line in second.splitlines() if "a.py" in line or line.startswith("salt")]
    (adopted / NAME).write_text("\n".join(keep[:5] + taken[:1] + keep[5:] + taken[1:]), "utf-8")
    (adopted / "other.yaml").unlink()
    assert run("scan").code == 0
    judge(run, adopted, "a.py", "--state", "revoked")
    assert run("scan").code == 0


def test_a_hook_that_meets_no_finding_does_not_read_the_file(adopted: Path, run: Run, stage: Stage, put: Put) -> None:
    put(NAME, "=======\n")
    stage("clean.py", "import os\n")

    assert run("hook", "pre-commit") == (0, "", "")


@pytest.mark.parametrize("arguments", [("-v",), ("--report", "json"), ("-q",)])
def test_what_is_known_is_hidden_beside_what_is_new(
    arguments: tuple[str, ...], adopted: Path, run: Run, stage: Stage, git: Git, token: str
) -> None:
    stage(f"of-{token}.py", f"TOKEN = '{INVENTED}'\n")
    git("commit", "-q", "-m", f"instead of {token}")
    done = run("scan-history", *arguments)

    assert done.code == 1
    assert token not in done.out


def test_what_is_real_counts_and_is_told_until_it_is_revoked(adopted: Path, run: Run) -> None:
    judge(run, adopted, "b.py", "--state", "real")
    found, told = run("scan", "-q"), run("baseline", "check", "--only", "real")
    judge(run, adopted, "b.py", "--state", "revoked")

    assert (found.code, found.out.count("\n")) == (1, 1)
    assert found.out.startswith("b.py:1:")
    assert told.code == 1
    assert told.out.startswith("1 entry real, and its finding counts: rotate the secret, then judge it revoked:\n")
    assert run("scan").code == 0
    assert run("baseline", "check", "--only", "real").code == 0


def test_a_real_entry_is_neither_added_again_nor_taken_out(adopted: Path, run: Run) -> None:
    judge(run, adopted, "b.py", "--state", "real")

    assert run("baseline", "update").out == "0 findings added; nothing is new\n"
    assert run("baseline", "prune").out == "0 entries taken out\n"


def test_of_entries_of_two_salts_about_the_same_the_later_counts(old: Path, run: Run) -> None:
    run("baseline", "create", "--state", "false-alarm")
    run("baseline", "create", "--baseline", "other.yaml", "--state", "real")
    own, other = ((old / name).read_text("utf-8").splitlines() for name in (NAME, "other.yaml"))
    (old / NAME).write_text("\n".join([*own, *(line for line in other if line.startswith(("salt", "- ")))]), "utf-8")

    assert run("scan", "a.py").code == 1

"""`tightlip scan-history` on real repositories: which part is scanned, what is told of it, and what ends it early."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.advance import Advance
from tightlip.cli import main

Capture = pytest.CaptureFixture[str]
Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def commit(git: Git, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Commit one file on a day of January 2026 and return the commit's id."""

    def commit(day: int, name: str, content: str) -> str:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-01-{day:02}T12:00:00+00:00")
        stage(name, content)
        git("commit", "-q", "-m", f"day {day}")
        return git("rev-parse", "HEAD")

    return commit


@pytest.fixture
def fork(repo: Path, git: Git, commit: Callable[..., str], token: str, other: str) -> Path:
    """main: a secret in old.txt (day 1), nothing (3); feature, from day 1: another secret (5), old.txt edited (6)."""
    commit(1, "old.txt", f"token = {token}\n")
    git("checkout", "-qb", "feature")
    commit(5, "conf/new.env", f"TOKEN={other}\n")
    commit(6, "old.txt", f"# edited\ntoken = {token}\n")
    git("checkout", "-q", "main")
    commit(3, "a.txt", "clean\n")
    return repo


@pytest.fixture
def places(capsys: Capture) -> Callable[..., list[str]]:
    """Run the command and return where secrets are, by day: `5 conf/new.env`."""

    def places(*arguments: str | Path) -> list[str]:
        code = main(["scan-history", *map(str, arguments), "--report", "json"])
        found = json.loads(capsys.readouterr().out)["findings"]
        assert code == bool(found)
        every = [(it["message_subject"], it["path"]) for finding in found for it in finding["occurrences"]]
        return sorted(f"{subject.removeprefix('day ')} {path}" for subject, path in every)

    return places


OLD, NEW = "1 old.txt", "5 conf/new.env"
Places = Callable[..., list[str]]


def test_by_default_and_with_all_everything_is_scanned(fork: Path, git: Git, places: Places) -> None:
    git("branch", "-qD", "feature")

    assert places(fork) == places(fork, "--all") == [OLD, NEW]


def test_a_range_may_follow_the_repository_or_stand_alone(
    fork: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places(fork, "main..feature") == [NEW]
    assert places(fork, "feature..main") == []
    monkeypatch.chdir(fork)
    assert places("main..feature") == [NEW]
    assert places("main...feature") == [NEW]
    assert places("..feature") == [NEW]
    monkeypatch.chdir(fork / ".git")
    assert places("..") == [OLD, NEW]


def test_a_folder_with_the_name_of_a_range_is_a_repository(tmp_path: Path, fork: Path, places: Places) -> None:
    fork.rename(tmp_path / "main..feature")

    assert places(tmp_path / "main..feature") == [OLD, NEW]
    assert places(tmp_path / "main..feature", "main..feature") == [NEW]


def test_a_branch_is_all_that_it_reaches(fork: Path, places: Places) -> None:
    assert places(fork, "--branch", "main") == [OLD]
    assert places(fork, "--branch", "main", "--branch", "feature") == [OLD, NEW]


def test_since_is_a_revision_or_a_date(fork: Path, places: Places) -> None:
    assert places(fork, "--since", "main") == [NEW]
    assert places(fork, "--since", "2026-01-06") == []
    assert places(fork, "--since", "2026-01-05") == [NEW]
    assert places(fork, "--since", "2026-01-01") == [OLD, NEW]
    assert places(fork, "--since", "yesterday") == []


def test_a_number_of_commits_is_the_newest(fork: Path, places: Places) -> None:
    assert places(fork, "--max-count", "1") == []
    assert places(fork, "--max-count", "2") == [NEW]
    assert places(fork, "--max-count", "4") == [OLD, NEW]


def test_paths_are_those_of_any_commit(fork: Path, places: Places) -> None:
    assert places(fork, "--path", "**/*.env") == [NEW]
    assert places(fork, "--path", "conf", "--path", "*.txt") == [OLD, NEW]
    assert places(fork, "--path", "*.md") == []


def test_reachable_only_leaves_out_what_no_branch_reaches(fork: Path, git: Git, places: Places) -> None:
    git("branch", "-qD", "feature")

    assert places(fork, "--reachable-only") == [OLD]


def test_a_request_is_what_it_adds_and_not_what_was_there(fork: Path, git: Git, places: Places) -> None:
    assert places(fork, "--base", "main", "--head", "feature") == [NEW]
    assert places(fork, "--base", "feature") == []
    git("checkout", "-q", "feature")
    assert places(fork, "--base", "main") == [NEW]


def test_what_a_commit_in_scope_moved_or_edited_was_there_before(
    repo: Path, git: Git, commit: Callable[..., str], places: Places, token: str
) -> None:
    commit(1, "a.txt", f"token = {token}\n")
    git("mv", "a.txt", "b.txt")
    commit(2, "b.txt", f"# moved and edited\ntoken = {token}\n")
    commit(3, "b.txt", f"# edited\ntoken = {token}\n")
    commit(4, "b.txt", "gone\n")
    commit(5, "c.txt", f"token = {token}\n")

    assert places(repo, "HEAD~4..HEAD~1") == []
    assert places(repo, "HEAD~4..HEAD") == ["5 c.txt"]
    assert places(repo, "--path", "b.txt") == ["2 b.txt"]


def test_a_secret_that_comes_back_as_it_was_is_not_new_and_a_copy_is(
    repo: Path, git: Git, commit: Callable[..., str], places: Places, token: str
) -> None:
    one, two = f"token = {token}\n", f"# other\ntoken = {token}\n"
    commit(1, "a.txt", one)
    commit(2, "a.txt", two)
    commit(3, "a.txt", one)
    assert places(repo, "HEAD~2..HEAD") == []
    commit(4, "copy.txt", one)
    assert places(repo, "HEAD~3..HEAD") == ["4 copy.txt"]


def test_secrets_in_messages_and_names_belong_to_their_commits(
    repo: Path, git: Git, commit: Callable[..., str], token: str, other: str
) -> None:
    commit(1, "a.txt", "1\n")
    commit(2, f"{token}.txt", "clean\n")
    git("commit", "-q", "--allow-empty", "-m", f"Use {other}")
    git("tag", "-a", "-m", f"Released with {other}", "v1")

    report = tightlip.scan_history(repo, revisions=["HEAD~2..HEAD"])
    assert sorted({place.part for finding in report.findings for place in finding.occurrences}) == [
        "commit",
        "path",
        "tag",
    ]
    report = tightlip.scan_history(repo, revisions=["HEAD~1..HEAD"], paths=["*.md"])
    assert [place.part for finding in report.findings for place in finding.occurrences] == ["commit", "tag"]
    commit(4, f"{token}.txt", "changed\n")
    assert tightlip.scan_history(repo, max_count=1).findings == ()


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--all", "--branch", "main"], "--all scans everything and --branch less than that"),
        (["--all", "main..feature"], "--all scans everything and A..B less than that"),
        (["--all", "--max-count", "3"], "--all scans everything and --max-count less than that"),
        (["main..feature", "--branch", "main"], "a range (A..B) and a branch (--branch) exclude each other"),
        (["--base", "main", "--branch", "main"], "a base (--base) and a branch (--branch) exclude each other"),
        (["--base", "main", "--since", "main"], "a base (--base) and a beginning (--since) exclude each other"),
        (["--base", "main", "main..feature"], "a base (--base) and a range (A..B) exclude each other"),
        (["--head", "main"], "give that as well (--base)"),
        (["--max-count", "0"], "'0' is not a number from 1 on"),
        (["--max-count", "-1"], "argument --max-count: "),
        (["--jobs", "many"], "'many' is not a number from 0 on"),
        (["--path", "/etc"], "'/etc' matches nothing: paths are counted from the top"),
        (["--since", "v1.3"], "there is no branch, tag or commit 'v1.3', and git knows no such date either"),
        (["--since", "2099-01-01"], "is in the future"),
        (["--branch", "mian"], "there is no branch, tag or commit 'mian'"),
        (["main..nowhere"], "there is no branch, tag or commit 'nowhere'"),
        ([".", "main"], "'main' is no range A..B; for all that a branch reaches, use --branch main"),
        (["--base", "origin/main"], "no branch, tag or commit 'origin/main'"),
        (["../nowhere"], "../nowhere: git "),
        ([".", "main..feature", "x"], "x is no argument of tightlip scan-history"),
    ],
)
def test_a_scope_that_cannot_be_is_told_on_one_line(
    arguments: list[str], advice: str, fork: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(fork)

    assert main(["scan-history", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("tightlip: error: ")
    assert err.count("\n") == 1
    assert advice in err


def test_a_request_in_a_clone_that_is_too_shallow_is_never_clean(fork: Path, tmp_path: Path, capsys: Capture) -> None:
    clone = tmp_path / "clone"
    command = ["git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "feature", fork.as_uri(), clone]
    subprocess.run(command, check=True)

    assert main(["scan-history", str(clone), "--base", "origin/main"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "shallow clone; fetch more of the history first: `git fetch --unshallow`" in err
    assert "fetch-depth: 0" in err
    assert err.count("\n") == 1
    assert main(["scan-history", str(clone), "--max-count", "5"]) == 1
    assert "shallow boundary" in capsys.readouterr().out


def test_the_number_of_processes_changes_nothing(fork: Path, places: Places) -> None:
    assert [places(fork, "--jobs", jobs) for jobs in ("0", "1", "2", "3")] == [[OLD, NEW]] * 4


def test_the_threads_of_linear_algebra_are_left_out_unless_somebody_wants_them(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    assert main(["scan-history", str(repo)]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert main(["scan-history", str(repo)]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


SLOW = """
import os, sys, time
from tightlip.cli import main
from tightlip.engine import Scanner
from tightlip.engine.suspect import Suspicion

def slow(function):
    def wait(self, *arguments, **options):
        os.write(2, b"looks\\n")
        time.sleep(0.3)
        return function(self, *arguments, **options)
    return wait

Suspicion.whole, Suspicion.changed, Scanner.scan = map(slow, (Suspicion.whole, Suspicion.changed, Scanner.scan))
sys.exit(main(sys.argv[1:]))
"""
"""The command line, except that to look at an object takes time, and is told."""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the processes do not inherit the patch")
@pytest.mark.parametrize("scope", [["--jobs", "2"], ["--jobs", "1"], ["--branch", "main"], ["--max-count", "90"]])
def test_ctrl_c_ends_a_scan_with_a_report_of_what_was_found_so_far(
    scope: list[str], repo: Path, stage: Stage, git: Git, token: str, tmp_path: Path
) -> None:
    for number in range(60):
        stage(f"{number}.txt", f"{number} {token}\n")
    git("commit", "-q", "-m", "many")
    file = tmp_path / "report.json"
    source = str(Path(tightlip.__file__).parent.parent)
    command = [sys.executable, "-c", SLOW, "scan-history", str(repo), *scope, "--report", f"json:{file}"]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, env=_with(PYTHONPATH=source)
    ) as running:
        assert running.stderr
        for _ in range(4):
            assert running.stderr.readline() == b"looks\n"
        os.killpg(running.pid, signal.SIGINT)
        out, err = running.communicate(timeout=60)

    assert running.returncode == 3, err
    assert not out
    told = [line for line in err.decode().splitlines() if line != "looks"]
    assert re.fullmatch(r"tightlip: .* not scanned; see .*report\.json", told[0])
    assert re.fullmatch(r"tightlip: interrupted, the scan is not complete: (\d+ objects|the rest) not scanned", told[1])
    assert len(told) == 2
    scan = json.loads(file.read_text("utf-8"))["scan"]
    assert scan["complete"] is False
    assert "the scan was interrupted" in [item["why"] for item in scan["unscanned"]]
    assert _is_gone(running.pid)


def test_an_interrupted_scan_says_so_to_a_library_too(fork: Path, scanner: tightlip.Scanner) -> None:
    def interrupt(at: Advance) -> None:
        if at.objects > 2:
            raise KeyboardInterrupt

    for scope in ({}, {"reachable_only": True}, {"max_count": 99}):
        report = tightlip.scan_history(fork, progress=interrupt, scanner=scanner, **scope)  # type: ignore[arg-type]
        assert report.interrupted
        assert not report.complete
    assert not tightlip.scan_history(fork, scanner=scanner).interrupted


def _with(**variables: str) -> dict[str, str]:
    return os.environ | variables


def _is_gone(group: int) -> bool:
    """Whether no process of a group is left, within five seconds."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False

"""The library: the names it promises, what they take, and what they return."""

from __future__ import annotations

import dataclasses
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

import git as gitpython
import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]

NAMES = [
    "Finding",
    "GitError",
    "NoGit",
    "NotARepository",
    "Occurrence",
    "Report",
    "Rule",
    "RuleError",
    "RuleSet",
    "Scanner",
    "Secret",
    "TightlipError",
    "UnreadableRepository",
    "Unscanned",
    "UsageError",
    "__version__",
    "load_rules",
    "scan_bytes",
    "scan_file",
    "scan_files",
    "scan_history",
    "scan_staged",
    "scan_text",
]


def test_the_promised_names_are_there_and_no_others() -> None:
    assert tightlip.__all__ == NAMES
    assert dir(tightlip) == NAMES
    assert all(getattr(tightlip, name) is not None for name in NAMES)


def test_every_promised_name_says_what_it_is() -> None:
    assert [name for name in NAMES if name != "__version__" and not inspect.getdoc(getattr(tightlip, name))] == []


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'scan_everything'"):
        tightlip.scan_everything  # type: ignore[attr-defined]  # noqa: B018


def test_the_package_is_typed() -> None:
    assert files("tightlip").joinpath("py.typed").is_file()


def test_importing_it_is_quick_and_loads_nothing_of_others() -> None:
    code = "import sys; before = set(sys.modules); import tightlip; print(*sorted(set(sys.modules) - before))"
    env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}

    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["__future__", "tightlip"]


def test_every_error_is_one_of_tightlips() -> None:
    errors = [value for value in (getattr(tightlip, name) for name in NAMES) if isinstance(value, type)]
    errors = [error for error in errors if issubclass(error, Exception)]
    assert len(errors) == 7
    assert all(issubclass(error, tightlip.TightlipError) for error in errors)


def test_results_are_frozen(token: str, repo: Path, stage: Stage, scanner: Scanner) -> None:
    stage("a.txt", token)
    report = tightlip.scan_staged(repo, scanner=scanner)
    finding = report.findings[0]

    for result in (report, finding, finding.occurrences[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, dataclasses.fields(result)[0].name, "other")
    with pytest.raises(AttributeError):
        setattr(tightlip.Unscanned("a", "b"), "what", "other")  # noqa: B010 - a type checker refuses it otherwise
    assert isinstance(report.findings, tuple)
    assert isinstance(report.unscanned, tuple)
    assert isinstance(finding.occurrences, tuple)
    assert len({finding, finding}) == 1


def test_a_text_is_scanned_by_what_it_is_called(token: str, scanner: Scanner) -> None:
    report = tightlip.scan_text(f"é {token}", "notes.txt", scanner=scanner)

    assert (report.kind, report.target, report.complete, report.scanned["blobs"]) == ("text", "notes.txt", True, 1)
    assert [(o.path, o.line, o.column) for f in report.findings for o in f.occurrences] == [("notes.txt", 1, 3)]
    line = "db.acme.io:5432:shop:app:" + "tr0ub4dor" + "&3x"
    by_path = {path: len(tightlip.scan_text(line, path, scanner=scanner).findings) for path in ("a.c", ".pgpass")}
    assert by_path == {"a.c": 0, ".pgpass": 1}


def test_a_text_may_hold_what_is_no_character(token: str, scanner: Scanner) -> None:
    assert len(tightlip.scan_text(f"\ud800 {token} \udcff", scanner=scanner).findings) == 1


def test_bytes_are_scanned(token: str, scanner: Scanner) -> None:
    report = tightlip.scan_bytes(b"\xff\n" + token.encode(), scanner=scanner)

    assert [(o.line, o.column) for f in report.findings for o in f.occurrences] == [(2, 1)]
    assert report.findings[0].secret.reveal() == token.encode()


def test_a_finding_tells_all_that_a_person_needs(token: str, scanner: Scanner) -> None:
    finding = tightlip.scan_text(token, scanner=scanner).findings[0]

    assert (finding.rule, finding.provider, finding.severity) == ("github-pat-classic", "GitHub", "critical")
    assert finding.name == "GitHub personal access token (classic)"
    assert 0.5 <= finding.confidence <= 1
    assert finding.reasons
    assert finding.remediation
    assert len(finding.fingerprint) == 20
    assert finding.in_head is None


@pytest.mark.parametrize("kind", [str, Path])
def test_files_and_folders_are_scanned_by_a_path_of_either_kind(
    kind: type, token: str, put: Put, repo: Path, scanner: Scanner
) -> None:
    put("dir/a.txt", token)
    put("dir/deep/b.txt", "clean")

    one = tightlip.scan_file(kind(repo / "dir" / "a.txt"), scanner=scanner)
    folder = tightlip.scan_files([kind(repo / "dir")], scanner=scanner)

    assert (one.kind, one.scanned["blobs"], len(one.findings)) == ("files", 1, 1)
    assert (folder.kind, folder.scanned["blobs"], len(folder.findings)) == ("files", 2, 1)
    assert one.complete
    assert folder.complete


def test_a_file_that_is_not_there_is_an_error(repo: Path, scanner: Scanner) -> None:
    with pytest.raises(tightlip.UsageError, match=r"nowhere\.txt"):
        tightlip.scan_file(repo / "nowhere.txt", scanner=scanner)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_file_that_cannot_be_read_makes_a_report_incomplete(repo: Path, scanner: Scanner) -> None:
    os.mkfifo(repo / "pipe")

    report = tightlip.scan_file(repo / "pipe", scanner=scanner)

    assert not report.complete
    assert report.findings == ()
    assert [unscanned.what for unscanned in report.unscanned] == [str(repo / "pipe")]


@pytest.mark.parametrize("how", ["path", "Path", "git.Repo", "current folder", "a linked worktree's git.Repo"])
def test_a_repository_is_given_as_a_path_an_object_or_not_at_all(
    how: str, token: str, repo: Path, git: Git, stage: Stage, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage("old.txt", "clean\n")
    git("commit", "-qm", "one")
    where = repo
    if "linked" in how:
        where = repo.parent / "linked"
        git("worktree", "add", "-q", where)
    (where / "a.txt").write_text(f"\n{token}", "utf-8")
    subprocess.run(["git", "-C", where, "add", "a.txt"], check=True)
    argument: object = where
    if how == "path":
        argument = str(where)
    elif "git.Repo" in how:
        argument = gitpython.Repo(where)
    elif how == "current folder":
        monkeypatch.chdir(where)
        argument = None

    staged = tightlip.scan_staged(argument, scanner=scanner)  # type: ignore[arg-type]
    subprocess.run(["git", "-C", where, "commit", "-qm", "two"], check=True)
    history = tightlip.scan_history(argument, scanner=scanner)  # type: ignore[arg-type]

    if isinstance(argument, gitpython.Repo):
        argument.close()
    for report in (staged, history):
        assert report.complete
        assert [(o.path, o.line) for f in report.findings for o in f.occurrences] == [("a.txt", 2)]
    assert (staged.kind, history.kind) == ("staged", "history")


def test_a_scanner_of_ones_own_is_used_by_every_scan(token: str, tmp_path: Path, repo: Path, stage: Stage) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(
        "rules:\n  - id: mine\n    name: Mine\n    severity: low\n    confidence: high\n"
        "    pattern: 'mine-(?P<secret>[0-9]{8})'\n    remediation: [Look.]\n"
        "    examples: {match: ['mine-«[0-9]{8}»', 'a mine-«[0-9]{8}»'], no_match: [mine-, mine-1]}\n",
        "utf-8",
    )
    text = f"{token}\nmine-" + "90817264\n"
    stage("a.txt", text)
    mine = Scanner(tightlip.load_rules(file, with_builtin=False))
    path = repo / "a.txt"

    reports = [
        tightlip.scan_text(text, scanner=mine),
        tightlip.scan_bytes(text.encode(), scanner=mine),
        tightlip.scan_file(path, scanner=mine),
        tightlip.scan_files([path], scanner=mine),
        tightlip.scan_staged(repo, scanner=mine),
        tightlip.scan_history(repo, scanner=mine),
    ]

    assert [sorted(finding.rule for finding in report.findings) for report in reports] == [["mine"]] * 6
    assert {report.rules_hash for report in reports} == {mine.rules_hash}


def test_without_a_scanner_the_built_in_rules_are_used(token: str, repo: Path, stage: Stage) -> None:
    stage("a.txt", token)

    assert len(tightlip.scan_text(token).findings) == 1
    assert len(tightlip.scan_staged(repo).findings) == 1
    assert len(tightlip.load_rules().rules) >= 60


def test_a_history_is_scanned_as_far_as_is_said(
    token: str, repo: Path, git: Git, stage: Stage, scanner: Scanner
) -> None:
    stage("old.txt", "clean\n")
    git("commit", "-qm", "one")
    git("tag", "old")
    stage("conf/a.env", f"TOKEN={token}\n")
    git("commit", "-qm", "two")
    scopes: list[tuple[dict[str, object], int]] = [
        ({}, 1),
        ({"jobs": None}, 1),
        ({"branches": ["old"]}, 0),
        ({"branches": "old"}, 0),
        ({"branches": ["main"], "since": "old"}, 1),
        ({"revisions": ["old..main"]}, 1),
        ({"since": "2026-01-02"}, 1),
        ({"since": "2026-01-03"}, 0),
        ({"max_count": 1}, 1),
        ({"paths": ["*.txt"]}, 0),
        ({"paths": "conf"}, 1),
        ({"reachable_only": True}, 1),
        ({"base": "old"}, 1),
        ({"base": "main", "head": "old"}, 0),
    ]

    reports = [tightlip.scan_history(repo, scanner=scanner, **scope) for scope, _ in scopes]  # type: ignore[arg-type]

    assert [(scope, len(report.findings)) for (scope, _), report in zip(scopes, reports, strict=True)] == scopes
    assert all(report.complete and report.kind == "history" for report in reports)


def test_a_library_starts_no_processes_unless_told_to() -> None:
    assert inspect.signature(tightlip.scan_history).parameters["jobs"].default == 1


def test_a_wrong_rule_file_and_a_wrong_revision_are_errors_of_one_line(
    tmp_path: Path, repo: Path, scanner: Scanner
) -> None:
    (tmp_path / "bad.yaml").write_text("rules:\n  - id: x\n", "utf-8")
    with pytest.raises(tightlip.RuleError) as rule:
        tightlip.load_rules(tmp_path / "bad.yaml")
    with pytest.raises(tightlip.UsageError) as usage:
        tightlip.scan_history(repo, since="nowhere", scanner=scanner)

    assert "\n" not in str(rule.value) + str(usage.value)
    assert "bad.yaml" in str(rule.value)
    assert "nowhere" in str(usage.value)

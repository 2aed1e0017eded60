"""What a repository has to say is made of a report: dropped, allowed, or more or less severe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip import policy as policy_module
from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.policy import Place, Policy

RULE = "github-pat-classic"
RULES = """
rules:
  - id: acme-key
    name: Acme key
    severity: high
    confidence: medium
    pattern: '(?P<secret>acme_[0-9a-z]{16})'
    remediation: [Revoke it.]
    examples: {match: ['«acme_[0-9a-z]{16}»']}
"""


@pytest.fixture
def where(tmp_path: Path) -> Path:
    """A repository with two tokens in its history and its files."""
    repository = tmp_path / "shop"
    repository.mkdir()
    git(repository, "init", "--quiet", "-b", "main")
    commit(repository, "app.py", f"token = '{TOKEN}'\n")
    (repository / "tests").mkdir()
    commit(repository, "tests/data.py", f"example = '{OTHER}'  # of the manual\n")
    return repository


def place(where: Path) -> Place:
    return Place(Git(str(where)), str(where))


def paths(where: Path, *, kind: str = "history", **options: object) -> list[str]:
    """Return the paths of what is left of a scan."""
    return [where.path for finding in report(where, kind, **options).findings for where in finding.occurrences]


def report(where: Path, kind: str = "history", **options: object) -> tightlip.Report:
    found = (
        tightlip.scan_history(where, scanner=scanner(), cache=False)
        if kind == "history"
        else tightlip.scan_files([where / "app.py", where / "tests"], scanner=scanner())
    )
    return Policy(place(where), **options).applied(found, scanner())  # type: ignore[arg-type]


def configure(where: Path, text: str) -> None:
    (where / ".tightlip.yaml").write_text(text)


def test_without_a_word_nothing_changes(where: Path) -> None:
    found = tightlip.scan_history(where, scanner=scanner(), cache=False)
    assert Policy(place(where)).applied(found, scanner()) == found


@pytest.mark.parametrize("kind", ["history", "files"])
def test_a_path_that_is_ignored_may_hold_what_it_likes(where: Path, kind: str) -> None:
    (where / ".tightlipignore").write_text("tests/\n")
    assert [Path(path).name for path in paths(where, kind=kind)] == ["app.py"]
    assert report(where, kind).allowed == 1
    assert len(paths(where, kind=kind, allow=False)) == 2


@pytest.mark.parametrize("kind", ["history", "files"])
@pytest.mark.parametrize(
    "condition",
    [
        "paths: ['tests/**']",
        "lines: ['of the manual']",
        "values: ['^ghp_2RtY']",
        f"rules: [{RULE}]\n    stopwords: [2rty8]",
    ],
)
def test_an_entry_of_the_configuration_allows_what_it_says(where: Path, kind: str, condition: str) -> None:
    configure(where, f"allow:\n  - reason: documented\n    {condition}\n")
    assert [Path(path).name for path in paths(where, kind=kind)] == ["app.py"]


def test_a_commit_may_be_allowed(where: Path) -> None:
    first = git(where, "rev-list", "--max-parents=0", "HEAD")
    configure(where, f"allow:\n  - reason: before the audit\n    commits: ['{first[:12]}']\n")
    assert paths(where) == ["tests/data.py"]


def test_a_fingerprint_allows_its_secret_everywhere(where: Path) -> None:
    known = next(f.fingerprint for f in report(where).findings if f.occurrences[0].path == "app.py")
    (where / ".tightlipignore").write_text(f"{known}  # rotated\n")
    assert paths(where) == ["tests/data.py"]


def test_a_rule_can_be_off_or_milder(where: Path) -> None:
    configure(where, f"disable: [{RULE}]\n")
    assert paths(where) == []
    configure(where, f"override: {{{RULE}: {{severity: low}}}}\n")
    assert {finding.severity for finding in report(where).findings} == {"low"}
    configure(where, f"override: {{{RULE}: {{severity: low}}}}\nmin_severity: high\n")
    assert paths(where) == []


def test_what_allows_something_critical_is_told(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_module, "is_live", lambda _: True)
    configure(where, "allow:\n  - reason: documented\n    lines: ['of the manual']\n")
    policy = Policy(place(where))
    policy.applied(tightlip.scan_history(where, scanner=scanner(), cache=False), scanner())
    assert [allowed.reason for allowed in policy.live] == ["documented"]


def test_a_path_that_allows_something_critical_is_told_too(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_module, "is_live", lambda _: True)
    (where / ".tightlipignore").write_text("app.py\n")
    policy = Policy(place(where))
    policy.applied(tightlip.scan_history(where, scanner=scanner(), cache=False), scanner())
    assert [allowed.where for allowed in policy.live] == [".tightlipignore:1"]


# On the command line and in the hook.


def command(where: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.chdir(where)
    return main(list(words))


def test_every_scan_goes_by_what_the_repository_says(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (where / ".tightlipignore").write_text("*.py\n")
    for words in (["scan"], ["scan", "tests"], ["scan-history", "--no-cache"]):
        assert command(where, monkeypatch, *words) == 0
        assert command(where, monkeypatch, *words, "--no-allow") == 1


def test_without_allows_comments_do_not_count_either(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (where / "more.py").write_text(f"key = '{TOKEN}'  # tightlip: allow\n")
    assert command(where, monkeypatch, "scan", "more.py") == 0
    assert command(where, monkeypatch, "scan", "more.py", "--no-allow") == 1
    commit(where, "app.py", "nothing\n")
    git(where, "checkout", "--quiet", "--orphan", "new")
    git(where, "rm", "--quiet", "-r", "--cached", "tests")
    (where / "tests/data.py").unlink()
    commit(where, "again.py", f"key = '{TOKEN}'  # tightlip: allow\n")
    git(where, "branch", "-D", "main")
    git(where, "reflog", "expire", "--expire=now", "--all")
    git(where, "gc", "--quiet", "--prune=now")
    assert command(where, monkeypatch, "scan-history") == 0
    assert command(where, monkeypatch, "scan-history", "--no-allow") == 1
    assert command(where, monkeypatch, "scan-history") == 0


def test_a_merge_cannot_switch_off_its_own_check(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(where, "branch", "base", "HEAD~1")
    (where / ".tightlipignore").write_text("*\n")
    git(where, "add", "--all")
    git(where, "commit", "--quiet", "-m", "look away")
    assert command(where, monkeypatch, "scan-history", "--no-cache") == 0
    assert command(where, monkeypatch, "scan-history", "--no-cache", "--base", "base") == 1


def test_the_hook_goes_by_it_and_tells_when_a_commit_changes_it(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (where / "new.py").write_text(f"token = '{TOKEN[:-1]}Z'\n")
    git(where, "add", "--all")
    assert command(where, monkeypatch, "hook", "pre-commit") == 1
    (where / ".tightlipignore").write_text("new.py\n")
    assert command(where, monkeypatch, "hook", "pre-commit") == 0
    assert command(where, monkeypatch, "hook", "pre-commit", "--no-allow") == 1
    capsys.readouterr()
    git(where, "add", "--all")
    assert command(where, monkeypatch, "hook", "pre-commit") == 0
    assert "this commit changes .tightlipignore" in capsys.readouterr().err


def test_the_hook_tells_when_a_commit_changes_what_the_configuration_reads(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said() -> str:
        git(where, "add", "--all")
        command(where, monkeypatch, "hook", "pre-commit")
        return capsys.readouterr().err

    (where / "own").mkdir()
    for name in ("one", "two"):
        (where / "own" / f"{name}.yaml").write_text(RULES.replace("acme", f"acme-{name}"))
    (where / "base.yaml").write_text("rules: [own]\n")
    configure(where, "extends: [base.yaml]\n")
    said()
    git(where, "commit", "--quiet", "--no-verify", "-m", "rules")

    (where / "other.yaml").write_text("a: b\n")
    assert said() == ""
    (where / "base.yaml").write_text("rules: [own]\nmin_severity: high\n")
    assert "this commit changes base.yaml" in said()
    (where / "own" / "one.yaml").unlink()
    assert "this commit changes own/one.yaml" in said()


@pytest.mark.parametrize("words", [["scan"], ["hook", "pre-commit"], ["scan-staged"], ["scan-history"]])
def test_a_mistake_in_the_configuration_is_one_line(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    configure(where, "min_confidense: high\n")
    assert command(where, monkeypatch, *words) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_rule_file_of_the_configuration_is_used(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (where / "own.yaml").write_text(RULES)
    configure(where, "rules: [own.yaml]\ndisable: ['*']\nenable: [acme-key]\n")
    (where / "keys.txt").write_text("acme_" + "q7w3e9r1t5y8u2i6\n")
    assert command(where, monkeypatch, "scan", "keys.txt") == 1
    assert command(where, monkeypatch, "scan", "app.py") == 0


def test_another_file_may_say_what_is_known(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(where, "baseline: ci/known.yaml\n")
    assert command(where, monkeypatch, "scan") == 1
    (where / "ci").mkdir()
    assert command(where, monkeypatch, "baseline", "create", "--baseline", "ci/known.yaml") == 0
    assert command(where, monkeypatch, "scan") == 0
    (where / "new.py").write_text(f"token = '{TOKEN}'\n")
    git(where, "add", "new.py")
    assert command(where, monkeypatch, "hook", "pre-commit") == 0


def test_a_smaller_limit_is_told_where_it_is_met(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(where, "limits: {max_file_size: 5}\n")
    assert command(where, monkeypatch, "scan", "app.py") == 3


def test_of_a_pyproject_only_the_table_counts(
    where: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said_of(text: str) -> bool:
        (where / "pyproject.toml").write_text(text)
        git(where, "add", "pyproject.toml")
        assert command(where, monkeypatch, "hook", "pre-commit") == 0
        git(where, "commit", "--quiet", "--no-verify", "-m", "change")
        return "this commit changes pyproject.toml" in capsys.readouterr().err

    assert not said_of("[project]\nname = 'shop'\n")
    assert said_of("[project]\nname = 'shop'\n[tool.tightlip]\ndisable = ['aws-*']\n")
    assert not said_of("[project]\nname = 'other'\n\n\n[tool.tightlip]\ndisable = ['aws-*']\n")
    assert said_of("[project]\nname = 'other'\n")


def test_a_branch_or_a_message_is_no_file_that_could_be_left_out(where: Path) -> None:
    (where / ".tightlipignore").write_text("*\n")
    git(where, "commit", "--quiet", "--allow-empty", "-m", f"the token is {TOKEN[:-1]}Q")
    git(where, "branch", f"tests/{OTHER[:-1]}Q")
    assert {place.part for finding in report(where).findings for place in finding.occurrences} == {"commit", "ref"}


def test_an_object_that_was_not_scanned_is_told_whatever_is_left_out(where: Path) -> None:
    (where / ".tightlipignore").write_text("*\n")
    missed = tightlip.Unscanned("object 1f3a", "it is damaged")
    for kind in ("history", "staged", "files"):
        found = replace(tightlip.scan_text("nothing"), kind=kind, unscanned=(missed,))
        assert Policy(place(where)).applied(found, scanner()).unscanned == (missed,)
    left_out = tightlip.Unscanned("app.py", "it is too large")
    found = replace(tightlip.scan_text("nothing"), kind="staged", unscanned=(left_out,))
    assert Policy(place(where)).applied(found, scanner()).unscanned == ()

"""`tightlip config`: show, check, path."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.cli import main

Capture = pytest.CaptureFixture[str]
Put = Callable[[str, str | bytes], Path]
VALUE = "hunter2" + "-k1tt3n"


def run(capsys: Capture, *args: str | Path, code: int = 0) -> str:
    assert main(["config", *map(str, args)]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def test_show_tells_what_holds_and_where_it_comes_from(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "min_confidence: high\ndisable: [aws-*]\n")
    assert run(capsys, "show", repo) == (
        "disable               aws-*\n"
        "min_confidence        0.8\n"
        "min_severity          low\n"
        "limits.max_file_size  268435456\n"
        "baseline              none\n"
    )
    assert run(capsys, "show", repo, "--origin").splitlines()[:3] == [
        "disable               aws-*      .tightlip.yaml:disable[0]",
        "min_confidence        0.8        .tightlip.yaml:min_confidence",
        "min_severity          low        (default)",
    ]


def test_show_tells_other_tools(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "min_confidence: high\n")
    shown = json.loads(run(capsys, "show", repo, "--json"))
    assert shown["files"] == [".tightlip.yaml"]
    assert shown["settings"][0] == {
        "key": "min_confidence",
        "value": 0.8,
        "origin": {"file": ".tightlip.yaml", "key": "min_confidence", "line": 1},
    }


@pytest.mark.parametrize("option", ["--origin", "--json"])
def test_show_hides_what_may_be_a_secret(repo: Path, put: Put, capsys: Capture, option: str) -> None:
    conditions = f"values: ['{VALUE}'], lines: ['{VALUE}'], stopwords: ['{VALUE}']"
    put(".tightlip.yaml", f"allow: [{{rules: [a], paths: [b], {conditions}, reason: made up}}]\n")
    out = run(capsys, "show", repo, option)
    assert VALUE not in out
    assert "made up" in out


def test_show_reads_a_revision(repo: Path, put: Put, git: Callable[..., str], capsys: Capture) -> None:
    put(".tightlip.yaml", "min_severity: high\nextends: [conf/a.yaml]\n")
    put("conf/a.yaml", "baseline: old.json\n")
    git("add", "--all")
    git("commit", "-qm", "first")
    put("conf/a.yaml", "baseline: new.json\n")
    put(".tightlip.yaml", "extends: [conf/a.yaml]\n")
    assert "new.json" in run(capsys, "show", repo)
    out = run(capsys, "show", repo, "--revision", "HEAD")
    assert "old.json" in out
    assert "min_severity          high" in out


def test_show_reads_a_revision_of_a_bare_repository(
    repo: Path, put: Put, git: Callable[..., str], tmp_path: Path, capsys: Capture
) -> None:
    put("pyproject.toml", "[tool.tightlip]\nmin_severity = 'high'\n")
    git("add", "--all")
    git("commit", "-qm", "first")
    git("clone", "-q", "--bare", repo, tmp_path / "bare")
    assert "min_severity          low" in run(capsys, "show", tmp_path / "bare")
    assert "min_severity          high" in run(capsys, "show", tmp_path / "bare", "--revision", "main")


def test_a_link_in_a_revision_is_no_configuration(
    repo: Path, put: Put, git: Callable[..., str], capsys: Capture
) -> None:
    put("other.yaml", "min_severity: high\n")
    (repo / ".tightlip.yaml").symlink_to("other.yaml")
    git("add", "--all")
    git("commit", "-qm", "first")
    assert "min_severity          low" in run(capsys, "show", repo, "--revision", "main")
    assert "min_severity          high" in run(capsys, "show", repo)


def test_check_finds_ids_that_no_rule_has(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "disable: [aws-access-key-id]\n")
    assert run(capsys, "check", repo) == "✓ no mistake in 1 file of configuration\n"
    put(".tightlip.yaml", "disable:\n  - aws-acess-key-id\n")
    error = run(capsys, "check", repo, code=2)
    assert error.startswith(".tightlip.yaml:2: `disable[0]` aws-acess-key-id is about no rule, did you mean ", 17)
    put(".tightlip.yaml", "override: {none-such-rule: {severity: low}}\n")
    assert "`override.none-such-rule.severity` none-such-rule is about no rule" in run(capsys, "check", repo, code=2)
    put(".tightlip.yaml", "allow: [{rules: [none-such-rule], reason: x}]\n")
    assert "none-such-rule is about no rule" in run(capsys, "check", repo, code=2)


def test_check_reads_the_rule_files(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "rules: [mine.yaml]\n")
    put("mine.yaml", "rules: [{id: mine}]\n")
    assert "mine.yaml:1: rule mine: `rules` `name` is missing" in run(capsys, "check", repo, code=2)


def test_path_tells_which_files_are_read(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "extends: [a.yaml]\n")
    put("a.yaml", "")
    out = run(capsys, "path", repo).splitlines()
    assert out[-2:] == [f"repository    {repo / '.tightlip.yaml'}", "extended      a.yaml"]
    assert out[-3].endswith("(not there)")
    assert json.loads(run(capsys, "path", repo, "--json"))["read"] == ["a.yaml", ".tightlip.yaml"]
    out = run(capsys, "path", repo, "--config", repo / "a.yaml").splitlines()
    assert out[-1] == f"repository    {repo / 'a.yaml'}"


def test_outside_of_a_repository_only_the_other_files_count(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / ".tightlip.yaml").write_text("min_severity: high\n")
    assert "min_severity          low" in run(capsys, "show", tmp_path)
    assert "min_severity          high" in run(capsys, "show", tmp_path, "--config", tmp_path / ".tightlip.yaml")


def test_a_mistake_ends_with_2(repo: Path, put: Put, capsys: Capture) -> None:
    put(".tightlip.yaml", "min_severty: high\n")
    assert run(capsys, "show", repo, code=2) == (
        "tightlip: error: .tightlip.yaml:1: `min_severty` is not a key that is known here, did you mean min_severity?\n"
    )

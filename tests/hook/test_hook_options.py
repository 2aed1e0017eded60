"""What the hook may be told among the names of files, as `args:` in a pre-commit configuration does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import hooks

Stage = Callable[..., object]

RULE = """
rules:
  - id: own
    name: Own key
    severity: high
    confidence: medium
    pattern: '(?P<secret>ownkey_[0-9a-z]{12})'
    remediation: [Revoke it.]
    examples: {match: ['«ownkey_[0-9a-z]{12}»']}
"""


@pytest.fixture(autouse=True)
def inside(repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage("a.txt", "ownkey_" + "q7w3e9r1t5y8\n")
    monkeypatch.chdir(repo)


def test_rules_of_ones_own_are_used_as_well(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE, "utf-8")
    assert hooks.main(["pre-commit", "a.txt"]) == 0
    assert hooks.main(["pre-commit", "--rules", str(tmp_path / "own.yaml"), "a.txt"]) == 1


def test_the_least_confidence_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(RULE, "utf-8")
    assert hooks.main(["pre-commit", f"--rules={tmp_path / 'own.yaml'}", "--min-confidence", "high", "a.txt"]) == 0


def test_a_file_may_be_named_like_an_option(stage: Stage) -> None:
    stage("-x", "nothing")
    assert hooks.main(["pre-commit", "-x", "a.txt"]) == 0


@pytest.mark.parametrize(
    "arguments", [["--min-confidence", "huge"], ["--min-confidance", "high"], ["--rules", "nowhere.yaml"], ["--rules"]]
)
def test_a_mistake_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert hooks.main(["pre-commit", *arguments, "a.txt"]) == 2
    assert capsys.readouterr().err.startswith("tightlip: error: ")

"""`tightlip rules`: list, show, test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tightlip import builtin
from tightlip.cli import main

Capture = pytest.CaptureFixture[str]
RULE = r"""
provider: Acme
rules:
  - id: acme-pass
    name: Acme pass
    severity: high
    confidence: high
    pattern: '\b(?P<secret>acme-[0-9a-z]{10})\b'
    entropy: 1.5
    max_length: 40
    requires: {rule: acme-id, within: 3}
    remediation: [Revoke it., Ask for another.]
    references: [https://acme.example/passes]
    examples:
      match:
        - |
          id acme-id-7q
          gate «acme-[0-9a-z]{10}»
      no_match: ['gate acme-[0-9a-z]{10}']
  - id: acme-id
    name: Acme id
    severity: low
    confidence: low
    pattern: '\b(?P<secret>acme-id-[0-9a-z]{2})\b'
    remediation: [Nothing.]
    examples:
      match: ['«acme-id-7q»', 'x «acme-id-8r»']
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    folder.mkdir()
    path = folder / "own.yaml"
    path.write_text(RULE, "utf-8")
    return path


def test_every_rule_is_listed(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    head, *lines, total = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "SEVERITY", "CONFIDENCE", "PROVIDER", "NAME"]
    assert total == f"{len(lines)} rules"
    assert main(["rules", "list", "-q"]) == 0
    assert capsys.readouterr().out.splitlines() == [line.split()[0] for line in lines]


@pytest.mark.parametrize("which", [["--provider", "acme"], ["--area", "acme"]])
def test_rules_are_listed_by_provider_and_by_area(which: list[str], own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", *which, "--rules", str(own)]) == 0
    out = capsys.readouterr().out
    assert "acme-pass  high      high        Acme      Acme pass\n" in out
    assert out.endswith("2 rules\n")


def test_a_mistyped_provider_is_told_with_those_there_are(own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", "--provider", "Akme", "--rules", str(own)]) == 2
    assert "no rule has the provider 'Akme', did you mean Acme?" in capsys.readouterr().err


def test_rules_are_listed_as_json(own: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["rules", "--rules", str(own), "--report", "json", "--provider", "Acme"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    assert (first["id"], first["area"], first["requires"]) == ("acme-pass", "acme", {"rule": "acme-id", "within": 3})
    assert main(["rules", "--report", f"json:{tmp_path / 'rules.json'}"]) == 0
    assert not capsys.readouterr().out
    assert json.loads((tmp_path / "rules.json").read_text())


def test_a_rule_is_shown_with_all_there_is_to_it(own: Path, capsys: Capture) -> None:
    assert main(["rules", "show", "acme-pass", "--rules", str(own)]) == 0
    out = capsys.readouterr().out
    for text in (
        *(
            "acme-pass  Acme pass",
            "Acme",
            "high (0.9)",
            "at least 1.5 bits a byte",
            "acme-id within 3 lines",
            "40 bytes",
        ),
        *("1 that match, 1 that do not", f"{own}:4", "(?P<secret>acme-", "1. Revoke it.", "2. Ask for another."),
        "https://acme.example/passes",
    ):
        assert text in out


def test_a_mistyped_rule_is_told_with_what_is_close(own: Path, capsys: Capture) -> None:
    assert main(["rules", "show", "acme-pas", "--rules", str(own)]) == 2
    assert "there is no rule acme-pas, did you mean acme-pass" in capsys.readouterr().err
    assert main(["rules", "show"]) == 2
    assert main(["rules", "list", "acme-pass"]) == 2
    assert "tightlip rules show acme-pass" in capsys.readouterr().err


def test_every_built_in_example_holds(capsys: Capture) -> None:
    assert main(["rules", "test"]) == 0, capsys.readouterr().out
    assert "all as they should be" in capsys.readouterr().out


def test_the_examples_of_ones_own_rules_are_run_beside_the_built_in_ones(own: Path, capsys: Capture) -> None:
    assert main(["rules", "test", str(own.parent)]) == 0
    assert capsys.readouterr().out == "✓ 4 examples of 2 rules: all as they should be\n"


def test_an_example_that_fails_is_told_with_its_line_and_without_values(
    own: Path, tmp_path: Path, capsys: Capture
) -> None:
    told = tmp_path / "told.txt"
    own.write_text(
        RULE.replace("gate «acme-[0-9a-z]{10}»", "gate acme«-[0-9a-z]{10}»").replace(
            "'gate acme-", "'acme-id-7q acme-"
        ),
        "utf-8",
    )
    assert main(["rules", "test", str(own), "--report", f"text:{told}", "--report", "json"]) == 1
    first, second, last = told.read_text("utf-8").splitlines()
    assert first == (
        f"{own}:16: rule acme-pass: expected ******** (11 characters) at 23-34, got ******** (15 characters) at 19-34"
    )
    assert second.startswith(f"{own}:19: rule acme-pass: expected nothing, got ******** (15 characters) at 11-26")
    assert last == "✖ 2 of 4 examples of 2 rules failed"
    assert [failure["line"] for failure in json.loads(capsys.readouterr().out)] == [16, 19]


def test_rules_that_stand_in_for_built_in_ones_can_be_tested(capsys: Capture) -> None:
    assert main(["rules", "test", str(Path(builtin.folder()) / "source" / "github.yaml")]) == 0
    assert "all as they should be" in capsys.readouterr().out
    assert main(["rules", "test", "no-such-folder"]) == 2
    assert "no-such-folder" in capsys.readouterr().err

"""`tightlip rules`: list, show, test, new, bench, lint, docs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tightlip import builtin, wholefile
from tightlip.cli import main
from tightlip.engine import prefilter

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
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rule file of one's own, beside a few of the built-in ones."""
    few = str(Path(builtin.folder()) / "source")
    monkeypatch.setattr(builtin, "folder", lambda: few)
    folder = tmp_path / "acme"
    folder.mkdir()
    path = folder / "own.yaml"
    path.write_text(RULE, "utf-8")
    return path


def test_every_rule_is_listed(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    head, *lines, total = capsys.readouterr().out.splitlines()
    assert head.split() == ["ID", "SEVERITY", "CONFIDENCE", "PROVIDER", "NAME"]
    assert main(["rules", "list", "-q"]) == 0
    ids = capsys.readouterr().out.splitlines()
    assert total.startswith(f"{len(ids):,} rules, ")
    assert [line.split()[0] for line in lines if line and not re.search(r"  \d+ rules?$", line)] == ids


def test_rules_are_listed_under_their_areas_with_how_many_there_are(own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", "--provider", "acme", "--rules", str(own)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["", "acme  2 rules"]
    assert lines[-1] == "2 rules, 1 provider, 1 area"


@pytest.mark.parametrize("word", ["ACME-PASS", "acme pass"])
def test_rules_are_found_by_a_word_in_id_or_name(word: str, own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", "-q", "--search", word, "--rules", str(own)]) == 0
    assert capsys.readouterr().out == "acme-pass\n"
    assert main(["rules", "list", "--search", "no such thing"]) == 2
    assert "no rule has 'no such thing' in its id, name or provider" in capsys.readouterr().err


@pytest.mark.parametrize("which", [["--provider", "acme"], ["--area", "acme"]])
def test_rules_are_listed_by_provider_and_by_area(which: list[str], own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", *which, "--rules", str(own)]) == 0
    out = capsys.readouterr().out
    assert "acme-pass  high      high        Acme      Acme pass\n" in out
    assert out.endswith("\n2 rules, 1 provider, 1 area\n")


def test_a_mistyped_provider_is_told_with_those_there_are(own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", "--provider", "Akme", "--rules", str(own)]) == 2
    assert "no rule has the provider 'Akme', did you mean acme?" in capsys.readouterr().err


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
        *("https://acme.example/passes", "acme-id within 3 lines (Acme id)"),
    ):
        assert text in out


def test_a_mistyped_rule_is_told_with_what_is_close(own: Path, capsys: Capture) -> None:
    assert main(["rules", "show", "acme-pas", "--rules", str(own)]) == 2
    assert "there is no rule acme-pas, did you mean acme-pass" in capsys.readouterr().err
    assert main(["rules", "show", "acme-id", "--rules", str(own)]) == 0
    assert "required by  acme-pass\n" in capsys.readouterr().out
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
    assert first.startswith(
        f"{own}:16: rule acme-pass: expected ******** (11 characters) at 23-34, got ******** (15 characters) at 19-34: "
        "pattern: it matches with its secret at 19-34, not at 23-34"
    )
    assert second.startswith(f"{own}:19: rule acme-pass: expected nothing, got ******** (15 characters) at 11-26")
    assert last == "✖ 2 of 4 examples of 2 rules failed"
    assert [failure["line"] for failure in json.loads(capsys.readouterr().out)] == [16, 19]


def test_rules_that_stand_in_for_built_in_ones_can_be_tested(capsys: Capture) -> None:
    assert main(["rules", "test", str(Path(builtin.folder()) / "source" / "github.yaml")]) == 0
    assert "all as they should be" in capsys.readouterr().out
    assert main(["rules", "test", "no-such-folder"]) == 2
    assert "no-such-folder" in capsys.readouterr().err


def test_each_action_has_a_help_with_examples(capsys: Capture) -> None:
    assert main(["rules", "--help"]) == 0
    actions = re.findall(r"^  (\w+)  ", capsys.readouterr().out.partition("actions:")[2], re.MULTILINE)
    assert actions == ["list", "show", "test", "new", "bench", "lint", "docs"]
    for action in actions:
        assert main(["rules", action, "--help"]) == 0
        assert f"  tightlip rules {action}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["shwo"],
            "shwo is no action of tightlip rules (list, show, test, new, bench, lint, docs), did you mean show?",
        ),
        (["lint", "--repport"], "did you mean --report"),
        (["lint", "nowhere"], "there is no rule file or folder nowhere"),
        (["bench", "--on", "nowhere"], "--on: there is no folder nowhere"),
        (["bench", "--limit", "0"], "'0' is not a number above 0"),
        (["docs"], "FOLDER"),
        (["new", "acme-key"], "--provider"),
    ],
)
def test_a_mistake_is_told_on_one_line(arguments: list[str], told: str, capsys: Capture) -> None:
    assert main(["rules", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_the_stage_that_decides_on_each_example_is_told_on_request(own: Path, capsys: Capture) -> None:
    assert main(["rules", "test", str(own), "-v"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == f"{own}:16: acme-pass match at 19-34: found: 0.9, it has the form of one"
    assert second == f"{own}:19: acme-pass no_match at 5-20: requires: acme-id does not match"


def test_complaints_are_told_with_file_line_and_advice(own: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["rules", "lint", str(own), "--report", f"json:{tmp_path / 'lint.json'}", "--report", "text"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{own}:25: warning: rule acme-id: `remediation` has one step (thin)" in lines
    assert lines[-1].startswith("✓ 2 rules: 0 errors, ")
    complaints = json.loads((tmp_path / "lint.json").read_text("utf-8"))
    assert {("thin", 25, "acme-id", "warning")} <= {
        (it["check"], it["line"], it["rule"], it["severity"]) for it in complaints
    }


def test_an_error_fails_and_is_all_that_is_told_when_quiet(own: Path, capsys: Capture) -> None:
    own.write_text(RULE.replace("{10})\\b", "{10})", 1), "utf-8")
    assert main(["rules", "lint", str(own), "-q"]) == 1
    first, advice, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{own}:8: error: rule acme-pass: the secret may go on after its end")
    assert "(?![...])" in advice
    assert last.startswith("✖ 2 rules: 1 error, ")


def test_a_file_that_does_not_load_is_a_complaint_and_others_are_read(own: Path, capsys: Capture) -> None:
    (own.parent / "broken.yaml").write_text("provider: X", "utf-8")
    assert main(["rules", "lint", str(own.parent), "-q"]) == 1
    assert (
        capsys.readouterr().out.splitlines()[0].endswith("broken.yaml:1: error: the file has no `rules` list (loads)")
    )


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
def test_what_rules_cost_is_told_slowest_first(own: Path, tmp_path: Path, capsys: Capture) -> None:
    text = "id acme-id-7q\ngate acme-" + "0a1b2c3d4e" + "\n"
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text(text * 1000, "utf-8")
    command = ["rules", "bench", str(own), "--on", str(tmp_path / "sources"), "--turns", "1"]
    assert main([*command, "--limit", "1000"]) == 0
    head, first, second, whole, last = capsys.readouterr().out.splitlines()
    assert head.split() == ["GB/S", "HITS/MB", "MATCHES", "SECRETS", "CONFIRM", "RULE"]
    assert first.split()[0] == second.split()[0] == "slow"
    assert whole.startswith("2 rules together: ")
    assert last == "✖ 2 rules below 1000 GB/s alone"
    assert main([*command, "--report", "json"]) == 0
    rules = {it["rule"]: it for it in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["acme-pass"]["hits"] == rules["acme-pass"]["matches"] == rules["acme-pass"]["secrets"] == 1000


def test_rules_about_whole_files_are_listed_apart_and_shown_with_what_they_find(own: Path, capsys: Capture) -> None:
    assert main(["rules", "list", "--area", "whole-files", "-q"]) == 0
    ids = capsys.readouterr().out.split()
    assert set(ids) == wholefile.RULES.keys() == wholefile.FOUND.keys()
    assert main(["rules", "show", "sops-not-encrypted"]) == 0
    shown = capsys.readouterr().out
    assert (
        "finds        A rule of the nearest `.sops.yaml` says that the file must be encrypted, and it is not." in shown
    )
    assert "1. Encrypt it: `sops encrypt --in-place FILE`" in shown
    assert "defined at" not in shown
    assert main(["rules", "show", "git-crypt-not-encrypted", "--report", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["about"], told["file"], told["line"]) == ("files", None, None)


def test_the_id_of_a_rule_about_whole_files_is_taken(own: Path, capsys: Capture) -> None:
    assert main(["rules", "new", "sops-mac-missing", "--provider", "SOPS"]) == 2
    assert "there is a rule sops-mac-missing already: tightlip rules show" in capsys.readouterr().err

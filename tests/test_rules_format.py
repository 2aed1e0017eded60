"""Rule files may name parts of patterns, and rules may go by the name of a service."""

from __future__ import annotations

from pathlib import Path

import pytest

from tightlip import rules
from tightlip.errors import RuleError

PATTERN = """
define:
  word: 'key|token'
  named: '(?&word)_'
rules:
  - id: x
    name: A name
    severity: high
    confidence: high
    pattern: '(?&named)(?P<secret>[a-z]{9})'
    remediation: [Revoke it.]
    examples: {match: ['key_«abcdefghi»']}
"""
SERVICE = """
rules:
  - id: x
    name: A name
    severity: high
    confidence: high
    service: [acme]
    token: '[a-z0-9]{20}'
    remediation: [Revoke it.]
    examples: {match: ['ACME_KEY="«[a-z0-9]{20}»"']}
"""


def load(folder: Path, text: str) -> rules.RuleSet:
    file = folder / "rules.yaml"
    file.write_text(text, "utf-8")
    return rules.load_rules(file, with_builtin=False)


def test_a_pattern_may_name_parts_that_name_others(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, PATTERN).rules
    assert rule.pattern == "(?:(?:key|token)_)(?P<secret>[a-z]{9})"


@pytest.mark.parametrize(("old", "new", "line"), [("(?&named)", "(?&other)", 10), ("(?&word)", "(?&named)", 4)])
def test_a_part_that_is_not_there_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    with pytest.raises(RuleError) as error:
        load(tmp_path, PATTERN.replace(old, new))
    assert f"rules.yaml:{line}:" in str(error.value)
    assert f"names {new}, which `define` does not have" in str(error.value)


def test_a_rule_may_go_by_a_service_and_the_form_of_its_tokens(tmp_path: Path) -> None:
    (rule,) = load(tmp_path, SERVICE).rules
    assert (rule.pattern, rule.service, rule.token) == ("", ("acme",), "[a-z0-9]{20}")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("    service: [acme]\n", "", "`service` is missing"),
        ("    token: '[a-z0-9]{20}'\n", "", "`token` is missing"),
        ("    service:", "    pattern: 'a(?P<secret>b)'\n    service:", "`pattern` does not go with"),
        ("    service:", "    path: 'a'\n    service:", "`path` does not go with"),
        ("{20}'\n", "{7}'\n", "may be as short as 7"),
        ("{20}'\n", "{20,}'\n", "without an upper bound"),
        ("[acme]", "[Acme]", "small letters"),
        ("[acme]", "[ac]", "three or more"),
        ("[acme]", "[]", "at least one service"),
    ],
)
def test_a_broken_rule_by_service_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(RuleError) as error:
        load(tmp_path, SERVICE.replace(old, new, 1))
    assert complaint in str(error.value)
    assert "rules.yaml:" in str(error.value)

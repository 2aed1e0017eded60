"""An example that fails is told with the stage that lost its secret, or that let through what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tightlip import builtin, examples, notation, rules
from tightlip.engine import Scanner, prefilter
from tightlip.rule import Example

RULES = r"""
provider: Acme
rules:
  - id: acme-key
    name: Acme key
    severity: high
    confidence: high
    pattern: '\b(?P<secret>acme_[0-9a-f]{8})\b'
    entropy: 2.5
    path: '\.env$'
    requires: {rule: acme-id, within: 1}
    remediation: [Revoke it.]
    examples:
      match: ["«acme_01234567»"]
  - id: acme-id
    name: Acme id
    severity: low
    confidence: low
    pattern: '\b(?P<secret>acid[0-9]{2})\b'
    remediation: [Nothing.]
    examples:
      match: ["«acid42»"]
  - id: acme-long-key
    name: Acme long key
    severity: critical
    confidence: 1
    pattern: '\b(?P<secret>acme_[0-9a-f]{8}\.zz)\b'
    remediation: [Revoke it.]
    examples:
      match: ["«acme_01234567.zz»"]
"""
ID, KEY = "acid42\n", "acme_1a2b3c4d"


@pytest.fixture(params=[False, True], ids=["hyperscan", "literals"])
def scanner(request: pytest.FixtureRequest, tmp_path: Path) -> Scanner:
    (tmp_path / "acme.yaml").write_text(RULES, "utf-8")
    return Scanner(rules.load_rules(tmp_path, with_builtin=False), min_confidence=0, literals_only=request.param)


@pytest.mark.parametrize(
    ("text", "path", "stage", "why"),
    [
        (f"{ID}«{KEY}»", ".env", "found", "0.9, it has the form of one"),
        (f"{ID}«{KEY}»", "a.py", "path", "the rule does not look at 'a.py'"),
        (f"{ID}«{KEY}»", "", "path", "the rule does not look at an example without one"),
        (
            f"{ID}«acme_1a2b3c4»",
            ".env",
            "pattern",
            "it does not match; it goes along from 7 and lacks something at the",
        ),
        (f"{ID}«acme_1a2b3z4d»", ".env", "pattern", "it does not match; it goes along from 7 to 17 at most"),
        (f"{ID}acme«_1a2b3c4d»", ".env", "pattern", "it matches with its secret at 7-20, not at 11-20"),
        (f"{ID}«acme_00000000»", ".env", "judge", "not random enough"),
        (f"«{KEY}»", ".env", "requires", "acme-id does not match"),
        (f"{ID}\n\n«{KEY}»", ".env", "requires", "the nearest acme-id is 3 lines away, more than 1"),
        (f"{ID}«{KEY}».zz", ".env", "place", "taken by acme-long-key (1)"),
        ("nothing", ".env", "prefilter", "it has no hit"),
    ],
)
def test_each_secret_comes_as_far_as_a_stage(
    text: str, path: str, stage: str, why: str, scanner: Scanner, tmp_path: Path
) -> None:
    loaded = next(rules.read(tmp_path / "acme.yaml"))
    one = Example(*notation.expand(text, "seed"), path, 1)
    found = examples.stages(loaded, one, scanner)[0]
    assert (found.stage, found.why[: len(why)]) == (stage, why)


def test_a_prefilter_that_loses_a_match_is_told(
    scanner: Scanner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = list(rules.read(tmp_path / "acme.yaml"))[2]
    monkeypatch.setattr(scanner.compiled, "prefilter", prefilter.LiteralPrefilter({}))
    (failure,) = examples.check([loaded], scanner)
    assert failure.stages == ("prefilter: it has no hit, though the pattern matches",)


def test_what_should_not_match_and_does_is_told_with_what_let_it_through(scanner: Scanner, tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(RULES.replace('match: ["«acid42»"]', 'match: ["«acid42»"]\n      no_match: ["an acid43"]'), "utf-8")
    (failure,) = examples.check([list(rules.read(file))[1]], scanner)
    assert failure.expected == ()
    assert failure.stages == ("found: 0.3, it has the form of one",)


def test_a_rule_that_goes_by_a_service_has_stages_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(BY_SERVICE, "utf-8")
    acme, other = rules.read(file)
    every = [loaded.rule for loaded in (*rules.read(builtin.folder()), acme, other) if loaded.rule.filters]
    generic = [rule for rule in every if "assignment" in rule.filters or rule.service]
    scanner = Scanner(rules.rule_set(rule for rule in generic if rule in {acme.rule, other.rule} or not rule.service))

    def decided(text: str) -> tuple[str, str]:
        found = examples.stages(acme, Example(*notation.expand(text, "seed"), "", 1), scanner)[0]
        return found.stage, found.why

    assert decided("ACMECO_API_KEY=«[0-9a-f]{32}»")[0] == "found"
    assert decided("ACMECO_API_KEY=«[0-9a-f]{31}»") == ("token", "it does not match the whole value")
    assert decided("SHOP_API_KEY=«[0-9a-f]{32}»")[0] == "service"
    assert decided("ACMECO_OTHERCO_API_KEY=«[0-9a-f]{32}»") == (
        *("service",),
        "otherco-key has the same form, and its service is named nearer",
    )
    assert decided("acmeco «[0-9a-f]{32}»")[0] == decided("acmeco")[0] == "pattern"


BY_SERVICE = r"""
provider: Acme
rules:
  - id: acmeco-key
    name: Acmeco key
    severity: high
    confidence: high
    service: [acmeco]
    token: '[0-9a-f]{32}'
    remediation: [Revoke it.]
    examples:
      match: ['ACMECO_API_KEY=«[0-9a-f]{32}»']
  - id: otherco-key
    name: Otherco key
    severity: high
    confidence: high
    service: [otherco]
    token: '[0-9a-f]{32}'
    remediation: [Revoke it.]
    examples:
      match: ['OTHERCO_API_KEY=«[0-9a-f]{32}»']
"""

"""Every rule is proved by its examples, through the whole engine, and every rule file keeps to the schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from tightlip import builtin, examples, model, rules
from tightlip.engine import Scanner, filters
from tightlip.errors import RuleError, UsageError
from tightlip.rules import LoadedRule

PATTERNS = Path(builtin.folder())
LOADED = list(rules.read(PATTERNS))


@pytest.fixture(scope="module")
def scanners() -> tuple[Scanner, Scanner]:
    every = rules.rule_set(loaded.rule for loaded in LOADED)
    return Scanner(every, min_confidence=0.01), Scanner(every, min_confidence=0.01, literals_only=True)


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_a_rule_finds_exactly_the_marked_secrets(loaded: LoadedRule, scanners: tuple[Scanner, Scanner]) -> None:
    with_hyperscan, without = scanners
    assert examples.check([loaded], with_hyperscan) == []
    assert examples.check([loaded], without) == []


@pytest.mark.parametrize("file", rules.files(PATTERNS), ids=lambda file: str(Path(file).relative_to(PATTERNS)))
def test_a_rule_file_keeps_to_the_published_schema(file: str) -> None:
    schema = json.loads((PATTERNS / "rules.schema.json").read_text("utf-8"))
    jsonschema.validate(yaml.safe_load(Path(file).read_text("utf-8")), schema)


def test_the_schema_the_loader_and_the_engine_know_the_same_filters() -> None:
    schema = json.loads((PATTERNS / "rules.schema.json").read_text("utf-8"))
    properties = schema["$defs"]["rule"]["properties"]
    assert tuple(properties["filters"]["items"]["enum"]) == model.FILTERS == tuple(filters.FILTERS)
    assert set(properties) == rules._RULE_KEYS


def test_every_rule_says_what_to_do_and_has_two_examples_of_each_kind() -> None:
    thin = [r.rule.id for r in LOADED if len(r.match) < 2 or len(r.no_match) < 2 or len(r.rule.remediation) < 2]
    assert thin == []


RULE = """
provider: Test
rules:
  - id: {id}
    name: A name
    severity: high
    confidence: high
    pattern: '{pattern}'
    remediation: [Revoke it.]
    examples: {{match: ['{example}']}}
"""


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            RULE.format(id="A b", pattern="key_(?P<secret>[a-z]{9})", example="key_«aaaaaaaaa»"),
            "4: rule A b: `id` must be",
        ),
        (
            RULE.format(id="x", pattern="key_(?P<secret>[a-z]+)", example="key_«aa»"),
            "8: rule x: `pattern` has a repeat",
        ),
        (
            RULE.format(id="x", pattern="key_([a-z]{9})", example="key_«aaaaaaaaa»"),
            "8: rule x: `pattern` must have exactly one",
        ),
        (
            RULE.format(id="x", pattern="(?P<secret>[a-f0-9]{32})", example="«aa»"),
            "8: rule x: `pattern` has no literal",
        ),
        (
            RULE.format(id="x", pattern="key_(?P<secret>(a)\\9)", example="key_«aa»"),
            "8: rule x: `pattern` is not a regular",
        ),
        (
            RULE.format(id="x", pattern="key_(?P<secret>(a)\\2)", example="key_«aa»"),
            "8: rule x: `pattern` uses a backreference",
        ),
        (
            RULE.format(id="x", pattern="key_(?P<secret>[a-z]{9})", example="key_aa"),
            "rule x: `examples` needs at least one",
        ),
        (
            RULE.format(id="x", pattern="key_(?P<secret>[a-z]{9})", example="key_«aa"),
            "10: rule x: `match` has a « without",
        ),
        (
            RULE.replace("severity", "severitty").format(id="x", pattern="a", example="«a»"),
            "6: rule x: `severitty` is not a key",
        ),
        (
            RULE.replace("high\n    c", "grave\n    c").format(id="x", pattern="a", example="«a»"),
            "6: rule x: `severity` must be one of",
        ),
        (RULE.replace("name: A name", "name: [").format(id="x", pattern="a", example="«a»"), "not YAML"),
        ("", "the file is empty"),
        ("provider: X", "has no `rules` list"),
        ("- a", "must be a mapping"),
    ],
)
def test_a_broken_rule_file_is_told_with_file_line_rule_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(RuleError) as error:
        rules.load_rules(file)
    assert str(file) in str(error.value)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_two_rules_with_one_id_are_refused(tmp_path: Path) -> None:
    rule = RULE.format(id="x", pattern="key_(?P<secret>[a-z]{9})", example="key_«aaaaaaaaa»")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(rule, "utf-8")
    with pytest.raises(RuleError, match="rule x: this id is taken"):
        rules.load_rules(tmp_path)


def test_a_missing_rule_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml: cannot read"):
        rules.load_rules(tmp_path / "nowhere.yaml")

"""Rules of kingfisher's and detectors of trufflehog's become rules that find the same."""

from __future__ import annotations

from pathlib import Path

import pytest

import tightlip
from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.interop import formats, rule_file
from tightlip.interop.rule_file import Written
from tightlip.rules import load_rules

KEY = "0f9e8d7c" + "6b5a4938" + "271605fe" + "dcba9817"

KINGFISHER = r"""
rules:
  - name: Acme key
    id: acme.key.1
    pattern: |
      (?xi)
      \b acme [_.-]? key
      (?:.|[\n\r]){0,16}?   # what is between
      \b ([0-9a-f]{32}) \b
    min_entropy: 3.0
    confidence: medium
    examples: ["acme_key = 0f9e"]
    references: [https://acme.example/docs]
    pattern_requirements:
      min_digits: 2
      min_uppercase: 0
      checksum: {actual: a, expected: b}
      ignore_if_contains: [dcba]
    depends_on_rule:
      - {rule_id: acme.id.1, variable: ID}
    validation: {type: Http}
  - {name: Acme id, id: acme.id.1, pattern: '\b(acme-[0-9]{6})\b', visible: false}
  - {name: Named, id: acme.named.1, pattern: 'acme:(?P<who>[a-z]{4}):(?P<TOKEN>[0-9a-f]{32})'}
"""
TRUFFLEHOG = r"""
detectors:
  - name: AcmeKey
    keywords: [acme]
    regex:
      id: '\bacme-id-([0-9]{6})\b'
      key: '\bacme-key-([0-9a-f]{32})\b'
    primary_regex_name: key
    entropy: 3.0
    exclude_words: [dcba]
    exclude_regexes_capture: ['^0000']
    exclude_regexes_match: ['never']
    verify: [{endpoint: 'https://acme.example/verify', unsafe: true}]
"""


def carried(tmp_path: Path, scanner: str, text: str) -> Written:
    file = tmp_path / "rules.yml"
    file.write_text(text, "utf-8")
    return rule_file.write(formats.read(scanner, [str(file)]), "test")


def found(tmp_path: Path, written: Written, text: str, least: float = 0.5) -> list[str]:
    file = tmp_path / "written.yaml"
    file.write_text(written.text, "utf-8")
    scanner = tightlip.Scanner(load_rules(file, with_builtin=False), min_confidence=least)
    return [match.secret.reveal().decode() for match in scanner.scan(text.encode()).matches]


def test_rules_of_kingfisher(tmp_path: Path) -> None:
    written = carried(tmp_path, "kingfisher", KINGFISHER)
    other = KEY[::-1]

    assert found(tmp_path, written, f"ACME_KEY =\n '{other}'") == [other]
    assert found(tmp_path, written, f"acme_key = {KEY}") == []  # it contains what is ignored
    assert found(tmp_path, written, f"acme:abcd:{KEY}") == [KEY]
    assert found(tmp_path, written, "acme-482913") == []
    assert found(tmp_path, written, "acme-482913", least=0.0) == ["acme-482913"]
    assert [note.what for note in written.left if note.lost] == [
        "rule acme.key.1: validation",
        "rule acme.key.1: depends_on_rule acme.id.1",
        "rule acme.key.1: pattern_requirements.checksum",
    ]


FEWEST = r"""
rules:
  - name: Acme key
    id: acme.key.1
    pattern: '\b(acme[0-9A-Za-z_!-]{8})(?:\s|$)'
    pattern_requirements:
      {min_digits: 2, min_uppercase: 1, min_lowercase: 1, min_special_chars: 1, special_chars: "_!]^-"}
"""


@pytest.mark.parametrize(
    ("value", "is_found"),
    [
        ("acme12AbCdE_", True),
        ("acme12AbCdE!", True),
        ("acme12AbCdE-", True),
        ("acme1bAbCdE_", False),
        ("acme12abcde_", False),
        ("acme12AbCdEf", False),
    ],
)
def test_what_kingfisher_asks_of_a_value_is_asked_here(tmp_path: Path, value: str, *, is_found: bool) -> None:
    written = carried(tmp_path, "kingfisher", FEWEST)

    assert [note for note in written.left if note.lost] == []
    assert found(tmp_path, written, f"x {value} \n") == ([value] if is_found else [])


def test_what_kingfisher_asks_must_be_a_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="min_digits: must be a whole number"):
        carried(tmp_path, "kingfisher", FEWEST.replace("min_digits: 2", "min_digits: -2"))


def test_detectors_of_trufflehog(tmp_path: Path) -> None:
    written = carried(tmp_path, "trufflehog", TRUFFLEHOG)
    other = KEY[::-1]

    assert found(tmp_path, written, f"acme-id-482913\nacme-key-{other}") == [other]
    assert found(tmp_path, written, f"acme-key-{other}") == []
    assert found(tmp_path, written, f"acme-id-482913\nacme-key-{KEY}") == []
    assert [note.what for note in written.left if note.lost] == [
        "detector AcmeKey: verify https://acme.example/verify",
        "rule AcmeKey-key: exclude_regexes_match: regexes",
    ]


@pytest.mark.parametrize("scanner", ["kingfisher", "trufflehog"])
@pytest.mark.parametrize(
    "content",
    [
        "",
        "- a",
        "a: b",
        "[" * 900,
        "a: [" * 200,
        "\x00",
        "a: &a [*a, *a]",
        "rules: &a [b]\ndetectors: *a",
        "rules: [{id: 3}]\ndetectors: [{name: 3}]",
        "rules: [{name: x}]\ndetectors: [{regex: x}]",
        "rules: 3\ndetectors: 3",
        "rules: [{id: a, confidence: great}]\ndetectors: [{name: a}]",
        "rules: [{id: a, min_entropy: high}]\ndetectors: [{name: a, regex: {b: c}, primary_regex_name: d}]",
        "rules: !!python/object/apply:os.system [true]\ndetectors: !!python/name:os.system x",
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, scanner: str, content: str) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(content, "utf-8")

    with pytest.raises(UsageError) as error:
        formats.read(scanner, [str(file)])
    assert "\n" not in str(error.value)


def test_the_command_wants_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "trufflehog"]) == 2
    assert "it has no usual file: name the files" in capsys.readouterr().err
    assert main(["import", "nosuch"]) == 2

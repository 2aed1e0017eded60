"""gitleaks' configuration becomes a rule file that finds the same; what it cannot say is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.cli import main
from tightlip.errors import UsageError
from tightlip.interop import gitleaks, gitleaks_findings, rule_file
from tightlip.interop.rule_file import Written
from tightlip.rules import load_rules

Carried = Callable[[str], Written]

KEY = "0f9e8d7c" + "6b5a4938" + "271605fe" + "dcba9817"

CONFIG = r"""
title = "acme"

[[rules]]
id = "acme-api-key"
description = "Acme API key"
regex = '''(?i)acme[_-]?key\s*[=:]\s*["']?([a-z0-9]{32})["']?'''
keywords = ["acme"]
entropy = 3.0
"""


@pytest.fixture
def carried(tmp_path: Path) -> Carried:
    def carried(text: str) -> Written:
        file = tmp_path / ".gitleaks.toml"
        file.write_text(text, "utf-8")
        return rule_file.write(gitleaks.read(str(file)), "test")

    return carried


def scanner(tmp_path: Path, written: Written) -> tightlip.Scanner:
    file = tmp_path / "rules.yaml"
    file.write_text(written.text, "utf-8")
    return tightlip.Scanner(load_rules(file, with_builtin=False))


def found(scanner: tightlip.Scanner, text: str, path: str = "a.txt") -> list[str]:
    matches = scanner.scan(text.encode(), path.encode()).matches
    return [match.secret.reveal().decode() for match in matches]


def told(written: Written, *, lost: bool) -> list[str]:
    return [str(note) for note in written.left if note.lost is lost]


def test_a_rule_finds_its_secret(tmp_path: Path, carried: Carried) -> None:
    written = carried(CONFIG)
    rules = scanner(tmp_path, written)

    assert found(rules, f"ACME_KEY = '{KEY}'") == [KEY]
    assert found(rules, "acme_key=aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb") == []  # too little entropy
    assert told(written, lost=True) == []
    assert rules.compiled.rules[0].name == "Acme API key"


def test_the_file_holds_no_secret_whole(carried: Carried) -> None:
    text = carried(CONFIG).text

    assert "¦" in text
    assert tightlip.scan_text(text, "rules.yaml").findings == ()


def test_what_is_allowed_for_one_rule_or_for_all_is_carried_over(tmp_path: Path, carried: Carried) -> None:
    written = carried(
        CONFIG
        + r"""
[rules.allowlist]
regexes = ['''^0f9e''']
stopwords = ["EXAMPLE"]

[[allowlists]]
paths = ['''(^|/)fixtures/''']

[[allowlists]]
targetRules = ["other"]
paths = ['''.*''']
"""
    )
    rules = scanner(tmp_path, written)
    other = KEY[::-1]

    assert found(rules, f"acme_key={other}") == [other]
    assert found(rules, f"acme_key={other}", "src/fixtures/a.py") == []
    assert found(rules, f"acme_key={KEY}") == []
    assert found(rules, f"acme_key=example{other[7:]}") == []
    assert told(written, lost=True) == []


def test_a_rule_looks_at_some_paths_only(tmp_path: Path, carried: Carried) -> None:
    rules = scanner(tmp_path, carried(CONFIG + r"path = '''(?i)\.env$'''"))

    assert found(rules, f"acme_key={KEY}", "app/.ENV") == [KEY]
    assert found(rules, f"acme_key={KEY}", "app/env.py") == []


def test_the_group_that_is_the_secret(tmp_path: Path, carried: Carried) -> None:
    rules = scanner(tmp_path, carried("[[rules]]\nid = 'a'\nregex = '(acme)-(id|no)-([0-9a-f]{32})'\nsecretGroup = 3"))

    assert found(rules, f"acme-id-{KEY}") == [KEY]


def test_a_rule_that_requires_another(tmp_path: Path, carried: Carried) -> None:
    written = carried(
        CONFIG
        + r"""
[[rules.required]]
id = "Acme_User"
withinLines = 2

[[rules]]
id = "Acme_User"
regex = '''acme-user-[0-9]{6}'''
skipReport = true
"""
    )
    rules = scanner(tmp_path, written)

    assert found(rules, f"acme-user-482913\nacme_key={KEY}") == [KEY]
    assert found(rules, f"acme-user-482913\n\n\n\n\nacme_key={KEY}") == []
    assert found(rules, f"acme_key={KEY}") == []
    assert any("is called acme-user now" in note for note in told(written, lost=False))


def test_what_is_not_carried_over_is_told_with_its_reason(carried: Carried) -> None:
    written = carried(
        r"""
[extend]
useDefault = true
url = "https://example.com/x.toml"
disabledRules = ["theirs"]

[[rules]]
id = "by-name"
path = '''\.p12$'''

[[rules]]
id = "theirs-changed"
[[rules.allowlists]]
stopwords = ["x"]

[[rules]]
id = "vague"
regex = '''[0-9a-f]{40}'''

[[rules]]
id = "fine"
regex = '''fine-[0-9a-f]{40}'''
tags = ["x"]
unheard = 1
[[rules.required]]
id = "nowhere"
withinColumns = 9
[[rules.allowlists]]
condition = "AND"
paths = ['''a''']
regexes = ['''b''']
[[rules.allowlists]]
regexTarget = "line"
regexes = ['''b''']
commits = ["0123abcd"]
"""
    )

    assert [note.partition(": ")[0] for note in told(written, lost=True)] == [
        *("extend.url", "extend.disabledRules", "rule by-name", "rule theirs-changed"),
        *("rule fine", "rule vague", "rule fine", "rule fine", "rule fine", "rule fine"),
    ]
    assert "rule by-name: reports a file for its name alone; keep such files out with .gitignore" in told(
        written, lost=True
    )
    assert "rule fine: unheard: gitleaks has no such key, and ignores it too" in told(written, lost=False)
    assert any(note.startswith("extend.useDefault: tightlip's own") for note in told(written, lost=False))
    assert "id: fine" in written.text


def test_a_file_extends_another_and_overrides_it(tmp_path: Path, carried: Carried) -> None:
    (tmp_path / "base.toml").write_text(CONFIG + "\n[[rules]]\nid = 'gone'\nregex = 'gone-[0-9]{9}'\n", "utf-8")
    written = carried(
        "[extend]\npath = 'base.toml'\ndisabledRules = ['gone']\n[[rules]]\nid = 'acme-api-key'\nentropy = 1.5\n"
    )

    assert "entropy: 1.5" in written.text
    assert "id: gone" not in written.text
    assert "acme[" in written.text


def test_betterleaks_adds_keys_that_are_told(carried: Carried) -> None:
    written = carried(CONFIG + "filter = 'filter.entropy(secret) < 3'\nvalidate = 'http.get(...)'\n")

    assert "rule acme-api-key: validate: it sends the secret to a server, and tightlip asks none" in told(
        written, lost=True
    )
    assert "id: acme-api-key" in written.text


def test_an_ignore_file_names_places(tmp_path: Path) -> None:
    file = tmp_path / ".gitleaksignore"
    file.write_text("# note\n\nsrc\\a.py:acme:3\n" + "ab" * 20 + ":b.py:acme:4\nC:\\x:y:z:w\n", "utf-8")
    foreign = gitleaks_findings.read_ignore(str(file))

    assert [(it.path, it.kind, it.line, it.commit[:4]) for it in foreign.findings] == [
        ("src/a.py", "acme", 3, ""),
        ("b.py", "acme", 4, "abab"),
    ]
    assert len(foreign.left) == 1


def test_a_report_is_read_and_shows_no_value(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    entry = '{"RuleID": "acme", "File": "a.py", "StartLine": 2, "Commit": "", "Secret": "%s"}'
    file.write_text(f"[{entry % KEY}, {entry % 'REDACTED'}, {{}}]", "utf-8")
    foreign = gitleaks_findings.read_report(str(file))

    assert [it.secret and it.secret.reveal() for it in foreign.findings] == [KEY.encode(), None]
    assert KEY not in repr(foreign)
    assert len(foreign.left) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"a = [" * 5000,
        b"\x00\x01\x02",
        b"\xff\xfe\x00",
        b"a = 1\na = 2",
        b"rules = 3",
        b"[[rules]]\nid = 3",
        b"[[rules]]\nregex = 'x'",
        b"[[rules]]\nid = 'a'\nregex = 'acme'\nsecretGroup = -1",
        b"[[rules]]\nid = 'a'\nregex = 'acme'\nentropy = 'x'",
        b"[[allowlists]]\ncondition = 'XOR'",
        b"x = 1\n" * 400_000,
        b"a" + b".a" * 100_000 + b" = 1",
        b'"a"' + b'."a"' * 10_000 + b" = 1",
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.toml"
    file.write_bytes(content)

    with pytest.raises(UsageError) as error:
        gitleaks.read(str(file))
    assert "\n" not in str(error.value)


def test_patterns_that_take_for_ever_end(carried: Carried) -> None:
    rules = "".join(f"[[rules]]\nid = 'r{n}'\nregex = '{it}'\n" for n, it in enumerate(HOSTILE))
    rules += "path = '(a+)+(b|c+)+$'\n[[rules.allowlists]]\nregexes = ['(a|b|ab)*c']\npaths = ['(x+x+)+y']\n"
    written = carried(rules)

    assert written.rules + len({note.what for note in written.left if note.lost}) >= len(HOSTILE)


HOSTILE = [
    "((a+)+)+acme$",
    "(a|aa)+acme",
    "acme(.*)*=(.*)*x",
    "(((acme{1,900}){1,900}){1,900})",
    "acme(a?){1000}(a){1000}",
    "|".join(["acme"] * 400),
    "(?:acme|(?:b|(?:c|(?:d|efg))))*hij",
    "(acme|(b|c)+)*" * 50 + "acme",
    "(?:a|b|c|d){1,50}" * 200 + "acme",
]


def test_the_command_writes_a_file_once_and_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".gitleaks.toml").write_text(CONFIG + "\n[[rules]]\nid = 'vague'\nregex = '[0-9]{9}'\n", "utf-8")
    Path("app.py").write_text(f"acme_key = '{KEY}'\n", "utf-8")

    assert main(["import", "gitleaks"]) == 3
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first == "gitleaks.yaml: 1 rule. Use them with --rules gitleaks.yaml"
    assert second == "not carried over:"
    assert third.startswith("  rule vague: its pattern has nothing fixed of three or more characters")
    assert main(["scan", "app.py", "--rules", "gitleaks.yaml", "-q"]) == 1
    assert "app.py:1" in capsys.readouterr().out
    assert main(["rules", "test", "gitleaks.yaml"]) == 0
    assert main(["import", "gitleaks"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["import", "gitleaks", "--output", "-"]) == 3
    assert capsys.readouterr().out.startswith("# yaml-language-server")


def test_an_id_that_is_taken_becomes_another(tmp_path: Path, carried: Carried) -> None:
    file = tmp_path / ".gitleaks.toml"
    file.write_text(CONFIG, "utf-8")

    assert "id: acme-api-key-2\n" in rule_file.write(gitleaks.read(str(file)), "t", ["acme-api-key"]).text


def test_nothing_to_read_says_what_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["import", "gitleaks"]) == 2
    assert "there is no .gitleaks.toml or .gitleaksignore here" in capsys.readouterr().err
    assert main(["import", "gitleaks", "nowhere.toml"]) == 2
    assert "nowhere.toml: there is no such file" in capsys.readouterr().err

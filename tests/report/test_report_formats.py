"""What holds for every format: nothing is shown that must not be, nothing hostile gets through, nothing looks clean."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import OTHER_TOKEN, PASSWORD, TOKEN, UNSCANNED, at, finding, history, password, report, staged

from hostile import EVIL, everywhere, with_many_findings, with_many_places
from tightlip.report import FORMATS, Options, gitlab
from tightlip.report.document import quoted
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Report

NAMES = [name for name in FORMATS if name != "template"]  # which looks as its user wants
DATA = '<script type="application/json" id="data">'
PUBLISHED = ["sarif", "gitlab", "junit", "markdown", "github", "azure"]
VALUES = {
    "a token": TOKEN,
    "a password": PASSWORD,
    "one full of marks": "a\"b<c>&d%e,f:g;h]i|j`k\\l'm",
    "one of several lines": "-----BEGIN\n" + "MIIEvQIBADAN" + "Bgkqhkiffff" + "\n-----END\n",
    "one that is not UTF-8": "caf\udce9-1234-pass",
    "one that is a formula": "=1+2+3-secret",
}


@pytest.fixture(autouse=True)
def a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "now", lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))


def written(name: str, made: Report, options: Options = Options()) -> str:  # noqa: B008 - immutable
    out = io.StringIO()
    FORMATS[name](made, out, options)
    return out.getvalue()


def read(text: str) -> str:
    """The text as whoever gets it may see it: as it is, and with each kind of escape undone."""
    lines = (line.removeprefix(DATA).removesuffix("</script>") for line in text.splitlines())
    documents = [text] if text.startswith("{\n") else [line for line in lines if line[:1] + line[-1:] == "{}"]
    decoded = [held for it in documents for held in strings(json.loads(it))]
    undone = (unquote(text), html.unescape(text), text.replace("%AZP25", "%"), text.replace('""', '"'))
    return "\n".join((text, *undone, *decoded))


def strings(made: object) -> Iterator[str]:
    if isinstance(made, str):
        yield made
    elif isinstance(made, dict):
        yield from (held for pair in made.items() for it in pair for held in strings(it))
    elif isinstance(made, list):
        yield from (held for it in made for held in strings(it))


def forms(value: str) -> set[str]:
    """The value as a format may write it where it hides nothing."""
    raw = value.encode("utf-8", "surrogateescape")
    return {value, visible(value), quoted(value).strip('"'), raw.decode("utf-8", "replace")}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_nowhere_whatever_field_it_turns_up_in(name: str, value: str) -> None:
    for around in (value, f"a/{value}/b", f"{value}{value}"):
        shown = read(written(name, everywhere(around, value)))
        assert [line for line in value.splitlines() if len(line) > 8 and line in shown] == []
        assert not [form for form in forms(value) if form in shown]


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_the_baseline_knows_is_nowhere_either(name: str) -> None:
    known = finding(OTHER_TOKEN, at("old.env"))
    made = replace(everywhere(f"a/{OTHER_TOKEN}"), known=(known,), baselined=1)
    assert OTHER_TOKEN not in read(written(name, made))


@settings(max_examples=20)
@given(value=st.text("QXZJ0189~^é", min_size=6, max_size=19), before=st.text("ab/ "), after=st.text("ab/ "))
def test_whatever_a_value_is_made_of_it_is_nowhere(value: str, before: str, after: str) -> None:
    for name in NAMES:
        if value not in read(written(name, everywhere("", value))):
            assert value not in read(written(name, everywhere(before + value + after, value))), name


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_made_for_servers_and_logs_has_no_value_even_when_asked(name: str) -> None:
    for made in (staged(), everywhere(f"a/{TOKEN}")):
        assert TOKEN not in read(written(name, made, Options(show_secrets=True)))


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_what_stays_here_has_the_value_when_asked(name: str) -> None:
    assert TOKEN in written(name, staged(), Options(show_secrets=True))


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_line_ends_controls_a_terminal(name: str, evil: str) -> None:
    shown = written(name, everywhere(evil))
    if name == "csv":
        shown = shown.replace("\r\n", "\n")
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("name", NAMES)
def test_a_rule_with_a_hostile_name_controls_no_terminal_either(name: str, evil: str) -> None:
    shown = written(name, staged(finding(name=evil, provider=evil, remediation=(evil,)))).replace("\r\n", "\n")
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_written_to_a_stream_of_any_encoding(name: str, encoding: str, evil: str) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    FORMATS[name](everywhere(f"Ключ {evil}"), out, Options(unicode=False))
    out.flush()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_report_is_written_the_same(name: str) -> None:
    places = (at("b.py"), at("a.py", 9), at("a.py", 2))
    once = staged(finding(TOKEN, *places), password(), unscanned=UNSCANNED)
    again = staged(password(), finding(TOKEN, *places[::-1]), unscanned=UNSCANNED)
    assert written(name, once) == written(name, once) == written(name, again)


@pytest.mark.parametrize("name", NAMES)
def test_a_scan_that_is_not_complete_does_not_look_like_one_that_is(name: str) -> None:
    shown = written(name, report("files", unscanned=UNSCANNED))
    assert "locked.txt" in shown
    assert re.search("not scanned|unscanned", shown, re.IGNORECASE)


@pytest.mark.parametrize("name", NAMES)
def test_notes_are_told(name: str) -> None:
    assert "one entry of the baseline expired" in written(name, staged(notes=("one entry of the baseline expired",)))


@pytest.mark.parametrize("name", ["text", "markdown", "github", "azure", "html"])
def test_a_value_that_two_rules_find_is_one_secret_of_its_worst_severity(name: str) -> None:
    made = report("files", finding(rule="b-rule", severity="low"), finding(), password())
    assert "2 secrets found (1 critical, 1 high)" in written(name, made)


@pytest.mark.parametrize("name", ["text", "markdown", "github", "azure", "html"])
def test_a_secret_of_a_repository_and_its_submodule_is_one(name: str) -> None:
    made = history(finding(TOKEN, at("a")), finding(TOKEN, at("sub/a")))
    assert "1 secret in the history (1 critical)" in written(name, made)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_found_is_written_too(name: str) -> None:
    assert written(name, report("files"))


@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_places_of_a_secret_are_written_in_no_time(name: str) -> None:
    assert written(name, with_many_places(1000))


@pytest.mark.parametrize("name", NAMES)
def test_thousands_of_findings_are_written_in_no_time(name: str) -> None:
    assert written(name, with_many_findings(2000))


@pytest.mark.parametrize("made", [history(), staged(), report("files"), report("text")], ids=["a", "b", "c", "d"])
@pytest.mark.parametrize("name", NAMES)
def test_it_ends_with_a_line(name: str, made: Report) -> None:
    assert written(name, made).endswith("\n")

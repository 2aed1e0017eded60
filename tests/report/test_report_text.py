"""The text report: golden files for the whole, and sentences for what must hold."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reports import BLOB, PASSWORD, TOKEN, UNSCANNED, at, committed, finding, history, password, report, staged

from tightlip.finding import Unscanned
from tightlip.report import FORMATS, Options

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden"


def text(made: Report, **options: object) -> str:
    out = io.StringIO()
    FORMATS["text"](made, out, Options(**options))  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "made", "options"),
    [
        ("staged", staged(allowed=1), Options(stopped=True)),
        ("staged-color", staged(allowed=1), Options(stopped=True, color=True, width=100)),
        ("staged-ascii", staged(), Options(unicode=False)),
        ("history", history(unscanned=UNSCANNED), Options()),
        ("history-verbose", history(), Options(detail=1)),
        ("history-quiet", history(unscanned=UNSCANNED), Options(detail=-1)),
    ],
)
def test_a_report_looks_as_agreed(name: str, made: Report, options: Options) -> None:
    out = io.StringIO()
    FORMATS["text"](made, out, options)
    assert out.getvalue() == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_nothing_found_is_one_line() -> None:
    assert text(report("files")) == "✓ No secrets found. Scanned 5 files (12.3 kB) in 0.01 s.\n"


def test_a_line_that_is_too_long_for_the_terminal_is_two() -> None:
    assert text(report("files"), width=40) == "✓ No secrets found.\nScanned 5 files (12.3 kB) in 0.01 s.\n"


def test_nothing_found_and_quiet_is_no_line() -> None:
    assert not text(report("files"), detail=-1)


def test_nothing_found_but_something_unscanned_does_not_look_clean() -> None:
    shown = text(report("files", unscanned=UNSCANNED))
    assert shown.startswith("! No secrets found, but 2 things were not scanned:\n  huge.bin: larger than 512 MB\n")
    assert "✓" not in shown


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if name not in ("csv", "json", "jsonl", "sarif", "template")]
)
def test_where_nothing_was_scanned_nobody_says_that_there_are_no_secrets(name: str) -> None:
    out = io.StringIO()
    FORMATS[name](dataclasses.replace(report("history", unscanned=UNSCANNED), scanned={}), out, Options())

    said = out.getvalue().lower()
    assert "no secrets" not in said
    assert "not scanned" in said or "nothing was scanned" in said


def test_a_commit_stopped_by_what_is_unscanned_is_said_to_be() -> None:
    shown = text(report("staged", unscanned=UNSCANNED[:1]), stopped=True)
    assert shown.startswith("! tightlip stopped this commit: no secrets found, but 1 thing was not scanned:\n")


def test_a_commit_that_was_not_stopped_is_not_said_to_be() -> None:
    assert "stopped" not in text(staged())
    assert "--no-verify" not in text(staged())


def test_the_most_severe_comes_first_and_then_the_most_certain() -> None:
    made = staged(
        password(severity="low", confidence=1.0, name="C"),
        password(severity="critical", confidence=0.6, name="B"),
        password(severity="critical", confidence=0.9, name="A"),
    )
    shown = text(made)
    assert shown.index("  A  ") < shown.index("  B  ") < shown.index("  C  ")


def test_two_rules_that_see_the_same_value_stand_together_and_count_once() -> None:
    made = staged(finding(), password(severity="critical", confidence=0.9), finding(rule="other", severity="low"))
    shown = text(made)
    assert "2 secrets staged" in shown
    assert "ghp_******** (40 characters), the same as #1" in shown
    assert shown.index("#2 other") < shown.index("#3 password-assignment")


def test_the_steps_of_a_rule_are_told_once() -> None:
    shown = text(history())
    assert shown.count("Revoke the token") == 1
    assert "rotate       now, as #1" in shown


def test_many_places_are_counted_and_all_shown_on_request() -> None:
    places = [at(f"{n:02}.py") for n in range(12)]
    assert "04.py:3:14\n  and 7 more places (-v shows them)\n" in text(staged(finding(TOKEN, *places)))
    assert "  11.py:3:14\n" in text(staged(finding(TOKEN, *places)), detail=1)


def test_many_unscanned_things_are_counted_and_all_shown_on_request() -> None:
    many = tuple(Unscanned(f"{n:02}.bin", "too large") for n in range(30))
    assert "19.bin: too large\n  and 10 more" in text(report("files", unscanned=many))
    assert "29.bin: too large\n" in text(report("files", unscanned=many), detail=1)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("a.py", "# tightlip: allow=password-assignment REASON"),
        ("a.ts", "// tightlip: allow=password-assignment REASON"),
        ("a.html", "<!-- tightlip: allow=password-assignment REASON -->"),
        ("a.json", "tightlip: allow=password-assignment REASON"),
    ],
)
def test_the_pragma_to_paste_fits_the_file(path: str, line: str) -> None:
    assert f"               {line}\n" in text(staged(password(at(path))))


def test_a_finding_in_several_kinds_of_file_has_a_pragma_for_each() -> None:
    shown = text(staged(password(at("a.py"), at("b.py"), at("c.js"))))
    assert shown.count("# tightlip: allow") == 1
    assert shown.count("// tightlip: allow") == 1


def test_a_secret_in_a_name_has_no_pragma_and_is_not_shown_there() -> None:
    shown = text(staged(finding(TOKEN, at(f"keys/{TOKEN}.txt", part="path"))))
    assert "  keys/********.txt (in the name itself)\n" in shown
    assert "allow=" not in shown


def test_the_value_is_shown_whole_and_unwrapped_when_asked_for() -> None:
    value = "two words " * 12 + "\nand a line"
    shown = text(staged(finding(value)), show_secrets=True)
    assert "two words " * 12 + r"\nand a line" in shown
    assert TOKEN in text(staged(finding()), show_secrets=True, detail=-1)


def test_hostile_names_and_messages_cannot_write_to_the_terminal() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07\u202eexe.txt\r\n✓ No secrets found\x9b1m\udcff\u200b"
    made = history(
        finding(TOKEN, committed(evil, author=evil, email=evil, message_subject=evil, refs=(evil,))),
        unscanned=(Unscanned(evil, evil),),
    )
    shown = text(made) + text(made, detail=-1) + text(made, detail=1)
    assert not [c for c in shown if not c.isprintable() and c != "\n"]
    assert "\n✓" not in shown
    assert r"\x1b[2J\x1b]0;owned\x07\u202eexe.txt\r\n✓ No secrets found\x9b1m\xff\u200b" in shown


def test_what_the_encoding_of_the_stream_lacks_is_escaped() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "cp1252", newline="\n")
    FORMATS["text"](staged(finding(TOKEN, at("Ключи/й.py"))), out, Options(unicode=False))
    out.flush()
    assert rb"\u041a\u043b\u044e\u0447\u0438/\u0439.py:3:14" in raw.getvalue()


def test_prose_fits_the_width_and_addresses_stay_whole() -> None:
    shown = text(staged(allowed=1), width=60, stopped=True)
    assert max(len(line) for line in shown.splitlines() if "allow=" not in line and "CRITICAL" not in line) <= 76
    assert "https://github.com/settings/tokens." in shown


def test_a_password_is_redacted_in_every_field_around_it() -> None:
    subject = f"set the password to {PASSWORD}"
    shown = text(history(password(committed("a.py", message_subject=subject, author=PASSWORD, refs=(PASSWORD,)))))
    assert PASSWORD not in shown
    assert '"set the password to ********"' in shown


def test_an_object_without_a_name_is_told_by_its_id() -> None:
    assert "  object b5d4e6f809:3:14\n" in text(history(finding(TOKEN, at("", blob=BLOB))))
    assert "  <text>:3:14\n" in text(report("text", finding(TOKEN, at(""))))

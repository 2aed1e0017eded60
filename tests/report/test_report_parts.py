"""The small parts of reports: what is visible, comments, what a stream can show, numbers for people."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tightlip.report import options_for
from tightlip.report.comments import comment
from tightlip.report.style import Style, count, duration, listed, size
from tightlip.report.visible import visible


class Terminal(io.TextIOWrapper):
    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding)

    def isatty(self) -> bool:
        return True


@given(st.text())
def test_visible_text_is_printable_and_of_one_line(text: str) -> None:
    assert visible(text).isprintable()


@given(st.text(st.characters(categories=["L", "N", "P"])))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", r"a\tb"),
        ("\x1b[0m", r"\x1b[0m"),
        ("\u202e", r"\u202e"),
        ("\udcff", r"\xff"),
        ("\U000e0001", r"\U000e0001"),
    ],
)
def test_what_is_not_visible_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("x.py", "# t"),
        (".env", "# t"),
        ("Dockerfile", "# t"),
        ("deploy/key.pem", "# t"),
        ("src/a.B/X.JAVA", "// t"),
        ("C:\\src\\x.cs", "// t"),
        ("x.sql", "-- t"),
        ("x.ini", "; t"),
        ("x.css", "/* t */"),
        ("x.xml", "<!-- t -->"),
        ("x.bat", "REM t"),
        ("x.json", None),
        ("x.csv", None),
    ],
)
def test_a_comment_looks_as_the_file_wants_it(path: str, line: str | None) -> None:
    assert comment(path, "t") == line


@pytest.mark.parametrize(
    ("environ", "color", "terminal", "colored"),
    [
        ({}, "auto", True, True),
        ({}, "auto", False, False),
        ({"NO_COLOR": "1"}, "auto", True, False),
        ({"NO_COLOR": ""}, "auto", True, True),
        ({"NO_COLOR": "1"}, "always", False, True),
        ({"FORCE_COLOR": "1"}, "auto", False, True),
        ({"FORCE_COLOR": "0"}, "auto", True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", True, False),
        ({"TERM": "dumb"}, "auto", True, False),
        ({"FORCE_COLOR": "1"}, "never", True, False),
    ],
)
def test_color_follows_the_option_then_the_environment_then_the_stream(
    environ: dict[str, str],
    color: str,
    terminal: bool,  # noqa: FBT001
    colored: bool,  # noqa: FBT001
) -> None:
    out = Terminal() if terminal else io.StringIO()
    assert options_for(out, {"TERM": "xterm"} | environ, color).color is colored


@pytest.mark.parametrize(
    ("encoding", "unicode"), [("utf-8", True), ("cp1252", False), ("ascii", False), ("cp437", False)]
)
def test_symbols_beyond_ascii_need_an_encoding_that_has_them(encoding: str, unicode: bool) -> None:  # noqa: FBT001
    assert options_for(Terminal(encoding), {}).unicode is unicode


def test_a_terminal_decides_the_width_within_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns, width in (("72", 72), ("240", 100), ("10", 40)):
        monkeypatch.setenv("COLUMNS", columns)
        assert options_for(Terminal(), {}).width == width
    assert options_for(io.StringIO(), {}).width == 80


def test_numbers_are_for_people() -> None:
    assert [count(1, "file"), count(1204, "file"), count(2, "match", "matches")] == [
        "1 file",
        "1,204 files",
        "2 matches",
    ]
    assert [size(1), size(999), size(12_345), size(999_999), size(5_600_000_000)] == [
        *("1 byte", "999 bytes", "12.3 kB", "1 MB", "5.6 GB")
    ]
    assert [duration(0.0), duration(0.5), duration(12.34), duration(75), duration(7500)] == [
        *("0.01 s", "0.50 s", "12.3 s", "1 min 15 s", "2 h 5 min")
    ]
    assert [listed("abc", 5), listed("abcdef", 4), listed("", 1)] == ["a, b, c", "a, b, c, d and 2 more", ""]


def test_a_style_without_color_paints_nothing() -> None:
    assert Style(color=False, unicode=True, width=80).paint("x", "1") == "x"
    assert Style(color=True, unicode=True, width=80).paint("x", "1", "31") == "\x1b[1;31mx\x1b[0m"

"""The page: rendered, nothing of a repository is markup, a link, an image or somebody's name in it."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import PASSWORD, TOKEN, UNSCANNED, at, finding, history, password, report, staged

from hostile import EVIL, everywhere, masked, with_many_findings, with_many_places
from tightlip.finding import Unscanned
from tightlip.report import FORMATS, Options

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history.md"
LIMIT = 1 << 20
OURS = {
    *("h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "ul", "ol", "li", "strong"),
}
FOR_SERVERS = re.compile(r"[@#!~$%][\w]|://|www\.", re.IGNORECASE)


class Page(HTMLParser):
    """What a browser shows: the tags, the cells of each row, and the text that is not code."""

    def __init__(self, made: Report) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.cells: list[int] = []
        self.prose = ""
        self._in_code = 0
        # A `<code>` of ours comes through as HTML, and so would one of theirs.
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(written(made)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._in_code += tag == "code"
        if tag == "tr":
            self.cells.append(0)
        if tag in ("td", "th"):
            self.cells[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        self._in_code -= tag == "code"

    def handle_data(self, data: str) -> None:
        self.prose += "" if self._in_code else data


def written(made: Report) -> str:
    out = io.StringIO()
    FORMATS["markdown"](made, out, Options())
    return out.getvalue()


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED, notes=("a note",))) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_nothing_of_a_repository_is_markup_or_meant_for_a_server(evil: str) -> None:
    page = Page(everywhere(evil))
    assert page.tags <= OURS
    assert page.attributes <= {"start"}
    assert set(page.cells) == {5}
    assert FOR_SERVERS.findall(page.prose.replace("https://github.com/settings", "")) == []


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("[](){}<>!|`*_~#@:/\\&;\"'- \n\tawx.1") | st.characters(), max_size=60))
def test_whatever_a_name_is_made_of_it_is_no_markup(evil: str) -> None:
    place = at(evil, part="path")
    page = Page(history(finding(PASSWORD, place), unscanned=(Unscanned(evil, evil),), notes=(evil,)))
    assert page.tags <= OURS
    assert set(page.cells) == {5}


def test_what_to_do_is_told_once_for_each_kind_of_secret() -> None:
    shown = written(report("files", finding(), masked(1), password()))
    assert shown.count("Revoke the token at https://github.com/settings/tokens.") == 1
    assert shown.count("Change the password where it is used.") == 1


def test_three_places_are_shown_and_the_others_counted() -> None:
    assert "`a3:3:14`" not in written(staged(finding(TOKEN, *(at(f"a{n}") for n in range(5)))))
    assert "<br>and 2 more places |" in written(staged(finding(TOKEN, *(at(f"a{n}") for n in range(5)))))


def test_a_scan_that_is_not_complete_says_so_at_the_top() -> None:
    shown = written(report("files", unscanned=UNSCANNED)).splitlines()
    assert shown[0] == "## tightlip: no secrets found"
    assert shown[2] == "**The scan is not complete**: 2 things were not scanned."


@pytest.mark.parametrize(
    "made",
    [
        with_many_findings(20_000),
        with_many_places(20_000),
        report("files", *(masked(n, rule=f"rule-{n}", name=f"Ключ {n}") for n in range(5000))),
        report("files", unscanned=tuple(Unscanned(f"ключ/{n}" * 20, "too large") for n in range(20_000))),
        report("files", notes=tuple(f"note {n} " * 20 for n in range(20_000))),
        report("files", *(masked(n, occurrences=(at("|" * 4000),)) for n in range(500))),
    ],
    ids=["findings", "places", "rules", "unscanned", "notes", "long names"],
)
def test_it_is_no_larger_than_a_server_takes_and_says_what_is_left_out(made: Report) -> None:
    shown = written(made)
    assert len(shown.encode()) < LIMIT - 48_000
    assert re.search(r"[\d,]+ more", shown)

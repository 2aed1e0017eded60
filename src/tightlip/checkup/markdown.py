"""The review as Markdown, for a ticket or the auditor. Nothing of the repository is markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.checkup.review import Review
from tightlip.report.incident_markdown import code, plain
from tightlip.report.options import Options

_MOST = 50
_STATES = {OK: "ok", WARN: "**warning**", FAIL: "**to mend**", UNCHECKED: "not checked"}


def write(review: Review, out: TextIO, options: Options) -> None:
    """Write it."""
    del options
    encoding = out.encoding or "utf-8"
    out.writelines(it.encode(encoding, "xmlcharrefreplace").decode(encoding) + "\n" for it in _lines(review))


def _lines(review: Review) -> Iterator[str]:
    yield f"## tightlip checkup: {review.summary}"
    yield from ("", f"Repository: {code(review.repository)}")
    if review.fixed:
        yield from ("", f"Added to `.gitignore`: {', '.join(map(code, review.fixed))}")
    for title, lines in review.areas():
        yield from ("", f"### {title}", "", "| state | what should be so | what is |", "|---|---|---|")
        for line in lines:
            yield f"| {_STATES[line.state]} | {plain(line.title)} | {plain(line.summary)} |"
        for line in lines:
            yield from _more(line)


def _more(line: Line) -> Iterator[str]:
    if line.state == OK or not (line.evidence or line.mend):
        return
    yield from ("", f"**{plain(line.title)}**", "")
    yield from (f"- {code(it)}" for it in line.evidence[:_MOST])
    if len(line.evidence) > _MOST:
        yield f"- and {len(line.evidence) - _MOST:,} more"
    if line.mend:
        yield from ("", f"To mend: {code(line.mend)}")

"""The report as Markdown: for the summary of a job on GitHub, and a comment on a merge request or an issue.

Nothing of the repository is markup, a link, an image or somebody's name in it: all of that is code, or escaped. GitHub
takes a summary of 1 MiB and GitLab a comment of a million characters: what does not fit is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.incident_markdown import code, plain
from tightlip.report.markup import prose
from tightlip.report.options import PLAIN, Options
from tightlip.report.style import count, duration, size
from tightlip.report.wording import headline, missed, published, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.finding import Report
    from tightlip.report.document import Document, Told

_TABLE, _STEPS, _MISSED, _NOTES = 500_000, 250_000, 150_000, 50_000
"""Bytes of each part; together less than a million."""
_MOST_PLACES = 3
_HEAD = {None: "", True: "has it", False: "does not"}
_ELSEWHERE = "`--report json:FILE` has all of them"


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted whatever the options say."""
    encoding = out.encoding or "utf-8"
    lines = _lines(published(report, options))
    out.writelines(line.encode(encoding, "xmlcharrefreplace").decode(encoding) + "\n" for line in lines)


def _lines(made: Document) -> Iterator[str]:
    yield f"## tightlip: {headline(made)}"
    if not made.complete:
        yield from ("", f"**The scan is not complete**: {missed(made)}.")
    if made.findings:
        yield from ("", *_table(made), "", "### Make them worthless", "", *_steps(made))
    if made.unscanned:
        lines = (f"- {code(what)}: {prose(why)}" for what, why in made.unscanned)
        yield from ("", "### Not scanned", "", *_fitting(lines, _MISSED, "- and {} more"))
    if made.notes:
        yield from ("", *_fitting((f"- {prose(note)}" for note in made.notes), _NOTES, "- and {} more"))
    yield from ("", _scanned(made))


def _table(made: Document) -> Iterator[str]:
    head = ("severity", "secret", "where", "value") + (("HEAD",) if made.kind == "history" else ())
    yield _row(head)
    yield _row(["---"] * len(head))
    rows = (_row(_cells(told)[: len(head)]) for told in made.findings)
    yield from _fitting(rows, _TABLE, f"\n{{}} more findings do not fit here; {_ELSEWHERE}.")


def _cells(told: Told) -> tuple[str, ...]:
    every = [code(where(place)) for place in told.occurrences[:_MOST_PLACES]]
    if (left := len(told.occurrences) - _MOST_PLACES) > 0:
        every.append(f"and {count(left, 'more place')}")
    first = told.occurrences[0].commit
    since = f"<br>since {code(first[:10])}" if first else ""
    return told.severity, prose(told.name), "<br>".join(every) + since, code(told.secret), _HEAD[told.in_head]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _steps(made: Document) -> Iterator[str]:
    """Yield what to do for each kind of secret."""
    of = {told.rule: told for told in made.findings}
    lines = (line for told in of.values() for line in (f"- {prose(told.name)}", *_numbered(told.remediation)))
    return _fitting(lines, _STEPS, f"\n{{}} more lines do not fit here; {_ELSEWHERE}.")


def _numbered(steps: Iterable[str]) -> Iterator[str]:
    yield from (f"  {number}. {plain(step)}" for number, step in enumerate(steps, 1))


def _fitting(lines: Iterable[str], room: int, more: str) -> Iterator[str]:
    """Yield lines for as long as there is room, in bytes; then how many there are besides."""
    left = 0
    for line in lines:
        room -= len(line.encode("ascii", "xmlcharrefreplace")) + 1
        if room < 0:
            left += 1
        else:
            yield line
    if left:
        yield more.format(f"{left:,}")


def _scanned(made: Document) -> str:
    counts = dict(made.scanned)
    total = size(counts.pop("bytes", 0))
    what = ", ".join(count(number, plain(name[:-1])) for name, number in counts.items() if number) or "nothing"
    known = f" {count(made.baselined, 'known finding')} left out." if made.baselined else ""
    allowed = f" {count(made.allowed, 'match', 'matches')} allowed by a comment." if made.allowed else ""
    return f"Scanned {what} ({total}) in {duration(made.seconds)} with tightlip {made.version}.{allowed}{known}"

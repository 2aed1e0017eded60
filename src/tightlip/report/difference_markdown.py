"""What has changed between two reports, as Markdown: for a comment on a change. Nothing of the repository is markup."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.block import place
from tightlip.report.incident_markdown import code, plain
from tightlip.report.levels import places
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.finding import Finding
    from tightlip.report.difference import Difference, Kept

_MOST, _MOST_PLACES = 100, 3


def write(difference: Difference, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report. Values are redacted, whatever the options say."""
    del options
    hide = redactor(difference.telling().with_known(), PLAIN)
    encoding, lines = out.encoding or "utf-8", _lines(difference, hide)
    out.writelines(line.encode(encoding, "xmlcharrefreplace").decode(encoding) + "\n" for line in lines)


def _lines(difference: Difference, hide: Redactor) -> Iterator[str]:
    new, fixed, same = len(difference.found), len(difference.fixed), len(difference.kept)
    yield f"## tightlip: {f'{new:,} new' if new else 'nothing new'}, {fixed:,} fixed, {same:,} unchanged"
    if difference.notes:
        yield ""
    yield from (f"- **{plain(hide.name(note))}**" for note in difference.notes)
    yield from _table("New", difference.found, difference, hide)
    yield from _table("Fixed", difference.fixed, difference, hide)
    yield from _table("Not found, where the new scan did not look", difference.unseen, difference, hide)
    if difference.moved:
        yield from ("", "### In other places", "", "| severity | secret | what |", "|---|---|---|")
    for kept in difference.moved[:_MOST]:
        yield f"| {kept.finding.severity} | {plain(kept.finding.name)} | {'<br>'.join(_moves(kept, hide))} |"
    yield from _more(len(difference.moved))


def _table(title: str, findings: Sequence[Finding], difference: Difference, hide: Redactor) -> Iterator[str]:
    if findings:
        yield from ("", f"### {title}", "", "| severity | secret | where | value |", "|---|---|---|---|")
    for finding in findings[:_MOST]:
        where = [code(place(it, hide)) for it in places(finding, difference.new.report.kind)]
        shown = where[:_MOST_PLACES] + (
            [f"and {len(where) - _MOST_PLACES:,} more"] if len(where) > _MOST_PLACES else []
        )
        value = code(finding.secret.redacted())
        yield f"| {finding.severity} | {plain(finding.name)} | {'<br>'.join(shown)} | {value} |"
    yield from _more(len(findings))


def _more(number: int) -> Iterator[str]:
    if number > _MOST:
        yield from ("", f"and {number - _MOST:,} more")


def _moves(kept: Kept, hide: Redactor) -> list[str]:
    lines = [] if kept.head is None else ["HEAD has it again" if kept.head else "HEAD has it no more"]
    lines += [f"moved from {code(place(start, hide))} to {code(place(to, hide))}" for start, to in kept.moved]
    lines += [f"also at {code(place(it, hide))}" for it in kept.more]
    lines += [f"no more at {code(place(it, hide))}" for it in kept.gone]
    return lines[:_MOST_PLACES] + ([f"and {len(lines) - _MOST_PLACES:,} more"] if len(lines) > _MOST_PLACES else [])

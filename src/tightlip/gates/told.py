"""What a person is told whose message or push is stopped: each secret, where it is, and how to get rid of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.report.block import Page, place, short, value
from tightlip.report.levels import confidence_word, most_urgent_first, places
from tightlip.report.options import options_for
from tightlip.report.redact import redactor
from tightlip.report.remark import put
from tightlip.report.style import BOLD, CYAN, DIM, INDENT, LABEL, RED, YELLOW, Style, count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Finding, Occurrence, Report

_MOST_FINDINGS, _MOST_PLACES, _MOST_UNSCANNED, _SUBJECT = 20, 5, 20, 100


class Advice(NamedTuple):
    """The words of one gate."""

    what: str
    """What was stopped: `commit`, `push`."""
    steps: tuple[str, ...]
    """What to do next."""
    skip: str = ""
    """What would go past the gate; empty where nothing does."""


def tell(report: Report, advice: Advice, out: TextIO) -> None:
    """Tell it, with every value hidden."""
    options = options_for(out, os.environ)
    style = Style(options.color, options.unicode, options.width)
    page = Page(report.kind, style, redactor(report.with_known(), options), options)
    put(_lines(report, advice, page), out)
    out.flush()


def _lines(report: Report, advice: Advice, page: Page) -> Iterator[str]:
    style = page.style
    yield style.paint(f"{style.symbol('stop')} tightlip stopped this {advice.what}: {_headline(report)}", BOLD, RED)
    yield ""
    told: dict[str, int] = {}
    findings = most_urgent_first(report.findings)
    for number, finding in enumerate(findings[:_MOST_FINDINGS], 1):
        yield from (*_block(finding, page, number, told), "")
    if len(findings) > _MOST_FINDINGS:
        yield from (f"  and {len(findings) - _MOST_FINDINGS:,} more", "")
    for what, why in report.unscanned[:_MOST_UNSCANNED]:
        yield f"  not scanned: {visible(page.hide.name(what))}: {visible(page.hide.name(why))}"
    if len(report.unscanned) > _MOST_UNSCANNED:
        yield f"  and {len(report.unscanned) - _MOST_UNSCANNED:,} more were not scanned"
    if report.findings:
        yield style.paint("Next", BOLD)
        yield from style.numbered(advice.steps, INDENT)
    if advice.skip:
        yield from (f"  {style.paint(line, DIM)}" for line in style.wrap(advice.skip, INDENT))
    for note in report.notes:
        yield style.paint(f"{style.symbol('warn')} {visible(page.hide.name(note))}", YELLOW)


def _headline(report: Report) -> str:
    number = len({finding.secret for finding in report.findings})
    missed = count(len(report.unscanned), "thing")
    if not number:
        return f"no secrets found, but {missed} could not be scanned"
    return f"{count(number, 'secret')}" + (f", and {missed} could not be scanned" if report.unscanned else "")


def _block(finding: Finding, page: Page, number: int, told: dict[str, int]) -> Iterator[str]:
    style = page.style
    mark = style.severity(finding.severity, f"{style.symbol('dot')} {finding.severity.upper()}")
    yield f"{mark}  {style.paint(visible(finding.name), BOLD)}  {style.paint(f'#{number} {finding.rule}', DIM)}"
    every = places(finding, page.kind)
    for occurrence in every[:_MOST_PLACES]:
        yield " " * INDENT + style.paint(_where(occurrence, page), CYAN)
        yield from _commit(occurrence, page)
    if len(every) > _MOST_PLACES:
        yield f"{' ' * INDENT}and {len(every) - _MOST_PLACES:,} more places"
    yield style.verbatim("value", value(finding, page))
    reasons = visible(page.hide.name("; ".join(finding.reasons)))
    yield from style.labelled("why", f"{confidence_word(finding.confidence)} confidence: {reasons}")
    if finding.in_head is False:
        commit = short(every[0].commit)
        text = f"a later commit of this push takes it out, but commit {commit} still carries it, and is pushed as well"
        yield from style.labelled("still there", text)
    before = told.setdefault(finding.rule, number)
    if before < number:
        yield from style.labelled("rotate", f"if it was ever shared, as #{before}")
    elif finding.remediation:
        yield from style.labelled("rotate", "if it was ever shared:")
        yield from style.numbered(map(visible, finding.remediation), INDENT + LABEL)


def _where(occurrence: Occurrence, page: Page) -> str:
    if page.kind == "text":
        return f"the message, line {occurrence.line}, column {occurrence.column}"
    return place(occurrence, page.hide)


def _commit(occurrence: Occurrence, page: Page) -> Iterator[str]:
    if occurrence.commit:
        subject = page.style.shortened(visible(page.hide.prose(occurrence.message_subject or "")), _SUBJECT)
        author = visible(page.hide.prose(occurrence.author or "?"))
        yield page.style.verbatim("commit", f'{short(occurrence.commit)} by {author}: "{subject}"')

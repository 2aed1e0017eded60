"""The report for a person: each secret, most urgent first; what was not scanned; what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.finding import prepare_fingerprints
from tightlip.report.block import Page, block, place, value
from tightlip.report.levels import by_severity, most_urgent_first, places
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import redactor
from tightlip.report.style import BOLD, DIM, GREEN, RED, YELLOW, Style, count, duration, size
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.finding import Finding, Report
    from tightlip.model import Secret

_MOST_UNSCANNED = 20
_STOPPED = "tightlip stopped this commit: "
_NOUNS = {"names": "file name"}
_AT = {"staged": "staged", "history": "in the history"}
_NEXT = {
    "staged": (
        "Take each value out of its file; read it from an environment variable or a vault instead.",
        "git add what you changed, and commit again.",
    ),
    "history": (
        "Rotate, the most urgent first. Clones hold the value already: purging alone does not make it safe.",
        "Take it out of the files where HEAD still has it; read it from an environment variable or a vault instead.",
        "Then purge it from the history: every branch and tag that reaches it, and every clone and fork.",
    ),
    "files": (
        "Rotate what was ever committed, pushed or shared, the most urgent first.",
        "Take the values out of the files; read them from an environment variable or a vault instead.",
    ),
}


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report; what the stream's encoding lacks is escaped."""
    style, hide = Style(options.color, options.unicode, options.width), redactor(report.with_known(), options)
    page = Page(report.kind, style, hide, options)
    lines = _in_short(report, page) if options.detail < 0 else _in_full(report, page)
    encoding = out.encoding or "utf-8"
    out.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in lines)


def _in_short(report: Report, page: Page) -> Iterator[str]:
    """Yield a line for each place, as compilers do, so that editors can jump to it."""
    for finding in most_urgent_first(report.findings):
        for occurrence in places(finding, report.kind):
            where = place(occurrence, page.hide)
            yield f"{where}: {finding.severity}: {visible(finding.name)} [{finding.rule}] {value(finding, page)}"
    for what, why in report.unscanned:
        yield f"{visible(page.hide.name(what))}: not scanned: {visible(page.hide.name(why))}"


def _in_full(report: Report, page: Page) -> Iterator[str]:
    style, scanned = page.style, _scanned(report)
    if not report.findings and not report.unscanned:
        clean = f"{style.symbol('fine')} No secrets found."
        between = " " if len(f"{clean} {scanned}") <= style.width else "\n"
        yield f"{style.paint(clean, BOLD, GREEN)}{between}{style.paint(scanned, DIM)}"
        yield from _notes(report, page)
        return
    if report.findings:
        yield from (_headline(report, page), "")
    if page.verbose:
        prepare_fingerprints(report.findings)
    told: dict[str, int] = {}
    seen: dict[Secret, int] = {}
    for number, finding in enumerate(_same_value_together(report.findings), 1):
        yield from (*block(finding, page, number, told, seen), "")
    if report.unscanned:
        yield from (*_unscanned(report, page), "")
    if report.findings:
        yield from (*_next(report, page), "")
    yield from (style.paint(line, DIM) for line in style.wrap(scanned, 0))
    yield from _notes(report, page)


def _same_value_together(findings: Iterable[Finding]) -> list[Finding]:
    groups: dict[Secret, list[Finding]] = {}
    for finding in most_urgent_first(findings):
        groups.setdefault(finding.secret, []).append(finding)
    return [finding for group in groups.values() for finding in group]


def _headline(report: Report, page: Page) -> str:
    most_urgent_last = reversed(most_urgent_first(report.findings))
    severities = {finding.secret: finding.severity for finding in most_urgent_last}
    stopped = _STOPPED if page.options.stopped else ""
    what = f"{stopped}{count(len(severities), 'secret')} {_AT.get(report.kind, 'found')}"
    kinds = by_severity(severities.values())
    return page.style.paint(f"{page.style.symbol('stop')} {what} ({kinds})", BOLD, RED)


def _unscanned(report: Report, page: Page) -> Iterator[str]:
    style, number = page.style, len(report.unscanned)
    most = number if page.verbose else _MOST_UNSCANNED
    things = f"{count(number, 'thing')} {'was' if number == 1 else 'were'} not scanned:"
    clean = f"{_STOPPED}no" if page.options.stopped else "No"
    text = f"Besides, {things}" if report.findings else f"{clean} secrets found, but {things}"
    if not report.findings and not report.scanned:
        text = f"{_STOPPED}nothing was scanned:" if page.options.stopped else "Nothing was scanned:"
    yield style.paint(f"{style.symbol('warn')} {text}", BOLD, YELLOW)
    for what, why in report.unscanned[:most]:
        yield f"  {visible(page.hide.name(what))}: {visible(page.hide.name(why))}"
    if number > most:
        yield f"  and {number - most:,} more (-v shows them)"


def _next(report: Report, page: Page) -> Iterator[str]:
    yield page.style.paint("Next", BOLD)
    if report.kind == "staged":
        yield "  Nothing is committed yet, so this is quickly mended."
    yield from page.style.numbered(_NEXT.get(report.kind, _NEXT["files"]), 2)
    if page.options.stopped:
        text = "git commit --no-verify would skip this check and commit the secret as it stands."
        yield from (f"  {page.style.paint(line, DIM)}" for line in page.style.wrap(text, 2))


def _notes(report: Report, page: Page) -> Iterator[str]:
    for note in report.notes:
        yield page.style.paint(f"{page.style.symbol('warn')} {visible(page.hide.name(note))}", YELLOW)


def _scanned(report: Report) -> str:
    counts = dict(report.scanned)
    if report.kind != "history":
        counts.pop("names", 0)  # as many as there are files
    total = size(counts.pop("bytes", 0))
    blob = "file" if report.kind in ("staged", "files") else "text" if report.kind == "text" else "blob"
    parts = [count(counts.pop("blobs", 0), blob)]
    parts += [count(number, _NOUNS.get(what, what[:-1])) for what, number in sorted(counts.items()) if number]
    allowed = f" {count(report.allowed, 'match', 'matches')} allowed by a comment." if report.allowed else ""
    known = f" {count(report.baselined, 'known finding')} left out." if report.baselined else ""
    return f"Scanned {', '.join(parts)} ({total}) in {duration(report.seconds)}.{allowed}{known}"

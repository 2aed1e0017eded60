"""What has changed between two reports, for a person: what is new first, then what to know to read it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.block import Page, place, short, value
from tightlip.report.levels import by_severity, places
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import redactor
from tightlip.report.style import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Style
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.finding import Finding, Occurrence
    from tightlip.report.difference import Difference, Kept

_MOST_PLACES = 5


def write(difference: Difference, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted; what the stream's encoding lacks is escaped."""
    style = Style(options.color, options.unicode, options.width)
    hidden = options._replace(show_secrets=False)
    page = Page(difference.new.report.kind, style, redactor(difference.telling().with_known(), hidden), hidden)
    lines = _in_short(difference, page) if options.detail < 0 else _in_full(difference, page)
    encoding = out.encoding or "utf-8"
    out.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in lines)


def _in_short(difference: Difference, page: Page) -> Iterator[str]:
    """Yield a line for each secret that only one of the reports has, and each note."""
    every = (("new", difference.found), ("fixed", difference.fixed), ("not looked at", difference.unseen))
    for what, findings in every:
        for finding in findings:
            first = place(places(finding, page.kind)[0], page.hide)
            kind = f"{finding.severity}: {visible(finding.name)} [{finding.rule}]"
            yield f"{first}: {what}: {kind} {value(finding, page)}"
    yield from (f"note: {visible(page.hide.name(note))}" for note in difference.notes)


def _in_full(difference: Difference, page: Page) -> Iterator[str]:
    style = page.style
    yield _headline(difference, page)
    yield from _section("New", difference.found, page)
    yield from _section("Fixed", difference.fixed, page)
    yield from _section("Not found, where the new scan did not look", difference.unseen, page)
    if difference.moved:
        yield from ("", style.paint("In other places", BOLD))
        for kept in difference.moved:
            yield from _moved(kept, page)
    if page.verbose:
        yield from _section("Unchanged", [kept.finding for kept in difference.kept if not kept.changed], page)
    if difference.notes:
        yield ""
    for note in difference.notes:
        text = f"{style.symbol('warn')} {visible(page.hide.name(note))}"
        yield from (style.paint(line, YELLOW) for line in style.wrap(text, 0))


def _headline(difference: Difference, page: Page) -> str:
    new, style = len(difference.found), page.style
    kinds = by_severity(it.severity for it in difference.found)
    parts = [f"{new:,} new ({kinds})" if new else "nothing new", f"{len(difference.fixed):,} fixed"]
    parts += [f"{len(difference.unseen):,} not looked at"] if difference.unseen else []
    parts += [f"{len(difference.kept):,} unchanged"]
    parts[-1] += f" ({len(difference.moved):,} of them in other places)" if difference.moved else ""
    mark, paint = ("stop", RED) if new else ("fine", GREEN) if difference.new.report.complete else ("warn", YELLOW)
    text = ", ".join(parts)
    return style.paint(f"{style.symbol(mark)} {text[0].upper()}{text[1:]}", BOLD, paint)


def _section(title: str, findings: Sequence[Finding], page: Page) -> Iterator[str]:
    if findings:
        yield from ("", page.style.paint(title, BOLD))
    for finding in findings:
        yield from _head(finding, page)
        every = places(finding, page.kind)
        most = len(every) if page.verbose else _MOST_PLACES
        yield from (f"    {page.style.paint(_place(it, page), CYAN)}" for it in every[:most])
        if len(every) > most:
            yield f"    and {len(every) - most:,} more places (-v shows them)"


def _head(finding: Finding, page: Page) -> Iterator[str]:
    style = page.style
    mark = style.severity(finding.severity, f"{style.symbol('dot')} {finding.severity.upper()}")
    yield f"  {mark}  {style.paint(visible(finding.name), BOLD)}  {style.paint(finding.rule, DIM)}"
    yield f"    {value(finding, page)}  {style.paint(finding.fingerprint, DIM)}"


def _moved(kept: Kept, page: Page) -> Iterator[str]:
    yield from _head(kept.finding, page)
    lines = [f"moved from {_place(start, page)} to {_place(to, page)}" for start, to in kept.moved]
    lines += [f"also at {_place(it, page)}" for it in kept.more]
    lines += [f"no more at {_place(it, page)}" for it in kept.gone]
    if kept.head is not None:
        lines.insert(0, "HEAD has it again" if kept.head else "HEAD has it no more; the history still does")
    most = len(lines) if page.verbose else _MOST_PLACES
    yield from (f"    {line}" for line in lines[:most])
    if len(lines) > most:
        yield f"    and {len(lines) - most:,} more changes (-v shows them)"


def _place(occurrence: Occurrence, page: Page) -> str:
    commit = f" in {short(occurrence.commit)}" if page.kind == "history" and occurrence.commit else ""
    return f"{place(occurrence, page.hide)}{commit}"

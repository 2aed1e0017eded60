"""An incident for a person at a terminal: what to do first, what the history says, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.incident_facts import Facts
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import redactor
from tightlip.report.style import BOLD, CYAN, DIM, GREEN, RED, YELLOW, Style, count, duration, listed, size
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.incident import Incident
    from tightlip.report.incident_facts import Paragraph
    from tightlip.report.redact import Redactor

_MOST, _MOST_UNSCANNED, _EVERYTHING = 5, 20, 1 << 30


def write(incident: Incident, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report; what the stream's encoding lacks is escaped. Values are redacted, whatever the options say."""
    encoding = out.encoding or "utf-8"
    page = _Page(incident, options._replace(show_secrets=False))
    out.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in page.lines())


class _Page:
    def __init__(self, incident: Incident, options: Options) -> None:
        self._incident, self._options = incident, options
        self._style = Style(options.color, options.unicode, options.width)
        self._hide: Redactor = redactor(incident.report, options)
        self._facts = Facts(incident, self._hide, _EVERYTHING if options.detail > 0 else _MOST)

    def lines(self) -> Iterator[str]:
        """Yield the lines."""
        yield from self._headline()
        if self._incident.found or self._incident.held:
            yield from ("", self._heading("1. Rotate first: nothing else makes the value worthless"))
            yield from self._style.numbered(map(visible, self._incident.remediation), 2)
        if self._incident.found:
            yield from ("", self._heading("2. What the history says"))
            yield from self._past()
            yield from ("", self._heading("3. What next"))
            yield from self._next()
        elif self._incident.held:
            yield from ("", self._heading("2. What next"))
            yield from self._next()
        yield from self._unscanned()
        yield from ("", *(self._style.paint(line, DIM) for line in self._style.wrap(_searched(self._incident), 0)))

    def _heading(self, text: str) -> str:
        return self._style.paint(text, BOLD)

    def _headline(self) -> Iterator[str]:
        style, known = self._style, self._incident
        if known.findings:
            finding = known.findings[0].finding
            mark = style.severity(finding.severity, f"{style.symbol('stop')} {finding.severity.upper()}")
            of = style.paint(known.findings[0].mark, DIM)
            yield f"{mark}  {style.paint(visible(finding.name), BOLD)}  {of}"
        elif known.found:
            yield style.paint(f"{style.symbol('stop')} The value from standard input is in the history", BOLD, RED)
        else:
            yield from self._nowhere()
        yield style.verbatim("value", known.secret.redacted())
        if known.findings:
            yield style.verbatim("fingerprint", known.findings[0].finding.fingerprint)
        elif known.found:
            yield from style.labelled("rule", "none finds it")

    def _nowhere(self) -> Iterator[str]:
        style, known = self._style, self._incident
        if known.report.complete:
            text = f"{style.symbol('fine')} The value from standard input is nowhere in the history."
            yield style.paint(text, BOLD, GREEN)
        else:
            text = "The value from standard input was not found in the history, but not everything was searched."
            yield style.paint(f"{style.symbol('warn')} {text}", BOLD, YELLOW)
        for it in known.held:
            paths = listed((visible(self._hide.name(path)) for path in it.paths), _MOST)
            where = f"another working tree, {visible(self._hide.name(it.name))}" if it.name else "the working tree"
            yield from style.wrap(f"But {where} has it: {paths}", 0)

    def _past(self) -> Iterator[str]:
        for fact in self._facts.all():
            if fact.label == "places":
                yield from self._verbatim(fact.label, fact.paragraphs)
            else:
                yield from self._style.labelled(fact.label, *map(_shown, fact.paragraphs))

    def _verbatim(self, label: str, paragraphs: Iterable[Paragraph]) -> Iterator[str]:
        """Yield lines that are never wrapped: editors and terminals open what is in them."""
        for paragraph in paragraphs:
            first, *rest = map(visible, paragraph)
            yield self._style.verbatim(label, self._style.paint(first, CYAN) + "".join(rest))
            label = ""

    def _next(self) -> Iterator[str]:
        for number, step in enumerate(self._facts.steps(), 1):
            mark = f"{number}. "
            for line in self._style.wrap(_shown(step.what), 2 + len(mark)):
                yield f"  {mark}{line}"
                mark = " " * len(mark)
            for command in step.commands:
                yield " " * (2 + len(mark) + 2) + self._style.paint(command, BOLD)

    def _unscanned(self) -> Iterator[str]:
        report = self._incident.report
        if report.complete:
            return
        most = len(report.unscanned) if self._options.detail > 0 else _MOST_UNSCANNED
        text = f"Not everything was searched; {count(len(report.unscanned), 'thing')} missing:"
        yield from ("", self._style.paint(f"{self._style.symbol('warn')} {text}", BOLD, YELLOW))
        for what, why in report.unscanned[:most]:
            yield f"  {visible(self._hide.name(what))}: {visible(self._hide.name(why))}"
        if len(report.unscanned) > most:
            yield f"  and {len(report.unscanned) - most:,} more (-v shows them)"


def _shown(paragraph: Paragraph) -> str:
    return visible("".join(paragraph))


def _searched(incident: Incident) -> str:
    counts = dict(incident.report.scanned)
    total = size(counts.pop("bytes", 0))
    nouns = {"names": "file name"}
    parts = [count(number, nouns.get(what, what[:-1])) for what, number in sorted(counts.items()) if number]
    how = "" if incident.findings else ", for the value as it is and in every form that is decoded (docs/decoding.md)"
    taken = duration(incident.report.seconds)
    return f"Searched {', '.join(parts) or 'nothing'} ({total}), the index and working trees in {taken}{how}."

"""An incident as Markdown, to paste into an issue: a checklist, a table of facts, a timeline to go on with."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TextIO

import tightlip
from tightlip.report.incident_facts import Facts, Name
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import redactor
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.incident import Commit, Incident
    from tightlip.report.incident_facts import Fact, Paragraph
    from tightlip.report.redact import Redactor

_MOST, _MOST_EVENTS = 20, 50
_TO_COME = ("found, by:", "rotated, by:", "people told, by:", "purged, by:", "logs looked through, by:", "closed, by:")
_NOT_IN_CODE = re.compile(r"[`|\\]")
_MEANS_SOMETHING = re.compile(r"[!-/:-@\[-`{-~]")


def write(incident: Incident, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report. Values are redacted, whatever the options say."""
    hide = redactor(incident.report, options._replace(show_secrets=False))
    encoding = out.encoding or "utf-8"
    out.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in _lines(incident, hide))


def _lines(incident: Incident, hide: Redactor) -> Iterator[str]:
    facts = Facts(incident, hide, _MOST)
    yield from (f"# {_title(incident)}", "")
    yield from _table(("what", "value"), _identity(incident, hide))
    if incident.found or incident.held:
        yield from ("", "## Checklist", "", *_checklist(incident, facts))
    if incident.found:
        yield from ("", "## What the history says", "")
        yield from _table(("what", "value"), ((fact.label, _cell(fact)) for fact in facts.all()))
    yield from ("", "## Timeline", "", *_table(("when", "what"), _timeline(incident, facts)))
    if not incident.report.complete:
        yield from ("", "## What was not searched", "", *_unscanned(incident, hide))
    yield from ("", f"Made with tightlip {tightlip.__version__} at {incident.made}. The value is redacted.")


def _title(incident: Incident) -> str:
    if incident.findings:
        return f"Leaked secret: {plain(incident.findings[0].finding.name)}"
    return f"Leaked secret: a value {'in' if incident.found else 'that is nowhere in'} the history"


def _identity(incident: Incident, hide: Redactor) -> Iterator[tuple[str, str]]:
    target = os.path.basename(os.path.abspath(incident.report.target))
    yield "value", code(incident.secret.redacted())
    if incident.findings:
        number, finding = incident.findings[0].number, incident.findings[0].finding
        yield "severity", finding.severity
        place = (
            f"finding {number} of the history scan"
            if number
            else "which the history scan leaves out, as allowed or known"
        )
        yield "rule", f"{code(finding.rule)}, {place}"
        yield "fingerprint", code(finding.fingerprint)
    yield "repository", code(hide.name(target))


def _checklist(incident: Incident, facts: Facts) -> Iterator[str]:
    yield "- [ ] **Rotate first**: nothing else makes the value worthless"
    for text in incident.remediation:
        yield f"  - [ ] {plain(text)}"
    for step in facts.steps():
        yield f"- [{'x' if step.is_done else ' '}] {_text(step.what)}"
        if step.commands:
            yield from ("", "  ```sh", *(f"  {command}" for command in step.commands), "  ```", "")


def _cell(fact: Fact) -> str:
    return "<br>".join(map(_text, fact.paragraphs))


def _timeline(incident: Incident, facts: Facts) -> Iterator[tuple[str, str]]:
    brought = incident.brought[:_MOST_EVENTS]
    events = [(commit, "brought it in") for commit in brought]
    if incident.taken_out:
        events.append((incident.taken_out, "took it out of the files"))
    for commit, what in events:
        yield commit.date or "?", f"{what}: {_told(commit, facts)}"
    if len(incident.brought) > len(brought):
        yield "", f"and {len(incident.brought) - len(brought):,} more commits brought it in"
    yield incident.made, "this report was made"
    yield from (("", what) for what in _TO_COME)


def _told(commit: Commit, facts: Facts) -> str:
    return " ".join(map(_text, facts.commit(commit)))


def _unscanned(incident: Incident, hide: Redactor) -> Iterator[str]:
    for what, why in incident.report.unscanned[:_MOST]:
        yield f"- {code(hide.name(what))}: {code(hide.name(why))}"
    if len(incident.report.unscanned) > _MOST:
        yield f"- and {len(incident.report.unscanned) - _MOST:,} more"


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"| {head[0]} | {head[1]} |", "|---|---|")
    yield from (f"| {left} | {right} |" for left, right in rows)


def _text(paragraph: Paragraph) -> str:
    return "".join(code(piece) if isinstance(piece, Name) else plain(piece) for piece in paragraph)


def code(text: str) -> str:
    """Return a text of unknown origin as code, so that nothing in it is markup, a link, or somebody's name.

    Characters that code in a table cannot hold are written as references, which never are markup either.
    """
    shown = visible(text)
    if not shown.strip():
        return "(empty)" if not shown else "(blank)"
    if not _NOT_IN_CODE.search(shown):
        return f"`{shown}`"
    return f"<code>{_MEANS_SOMETHING.sub(_reference, shown)}</code>"


def plain(text: str) -> str:
    """Return prose so that nothing in it is markup; addresses stay links."""
    return " ".join(word if _is_address(word) else _escaped(word) for word in visible(text).split(" "))


def _is_address(word: str) -> bool:
    return word.startswith(("https://", "http://")) and not re.search(r"[|<>`\[\]\\]", word)


def _escaped(word: str) -> str:
    return re.sub(r"[\\`*_{}\[\]<>#|~@&!$]", _reference, word)


def _reference(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"

"""The report as JUnit XML, for build servers that show tests and nothing else.

A finding is a test that failed; where there is none, a test passed instead. The last one says that everything was
scanned, or is an error. Elements and attributes are those of Jenkins' schema, junit-10.xsd.
ASCII only: the rest is written as references, and what XML cannot hold as in the text report.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, TextIO

from tightlip.report.options import PLAIN, Options
from tightlip.report.visible import visible
from tightlip.report.wording import head, incomplete, is_empty, published, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tightlip.finding import Report
    from tightlip.report.document import Document, Told

_SECRETS, _SCAN = "tightlip.secrets", "tightlip.scan"
_MOST = 1000
"""Places of a finding, and things not scanned: build servers keep all of it in memory."""


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted whatever the options say."""
    lines = _lines(published(report, options))
    out.writelines(line.encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n" for line in lines)


def _lines(made: Document) -> Iterator[str]:
    failed = len(made.findings)
    clean = not failed and not is_empty(made)
    counts = {"tests": failed + int(clean) + 1, "failures": failed, "errors": int(not made.complete)}
    about = {"name": "tightlip", **counts, "time": f"{made.seconds:.3f}"}
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites{_attributes(about)}>"
    yield f"  <testsuite{_attributes(about)}>"
    for told in made.findings:
        yield from _case({"classname": f"tightlip.{told.rule}", "name": _name(told)}, _failure(told))
    if clean:
        yield from _case({"classname": _SECRETS, "name": "there are no secrets"})
    yield from _case({"classname": _SCAN, "name": "everything was scanned"}, _error(made))
    if made.notes:
        yield f"    <system-out>{_text(made.notes)}</system-out>"
    yield "  </testsuite>"
    yield "</testsuites>"


def _case(about: Mapping[str, object], outcome: str = "") -> Iterator[str]:
    yield f"    <testcase{_attributes(about)}>{outcome}</testcase>"


def _name(told: Told) -> str:
    """Return the same name for the same finding, wherever its lines move: servers compare two reports by it."""
    return f"{told.name} ({told.fingerprint})"


def _failure(told: Told) -> str:
    about = {"type": told.severity, "message": f"{told.severity}: {told.name}: {told.secret}"}
    every = (*map(where, told.occurrences[:_MOST]), *_more(len(told.occurrences), "places"))
    lines = (*every, *filter(None, [head(told)]), *told.reasons, *told.remediation)
    return f"<failure{_attributes(about)}>{_text(lines)}</failure>"


def _error(made: Document) -> str:
    if made.complete:
        return ""
    about = {"type": "incomplete", "message": incomplete(made)}
    lines = (f"{what}: {why}" for what, why in made.unscanned[:_MOST])
    return f"<error{_attributes(about)}>{_text((*lines, *_more(len(made.unscanned), 'things')))}</error>"


def _more(number: int, what: str) -> Iterator[str]:
    if number > _MOST:
        yield f"and {number - _MOST:,} more {what}"


def _attributes(about: Mapping[str, object]) -> str:
    return "".join(f' {name}="{escape(visible(str(value)))}"' for name, value in about.items())


def _text(lines: Iterable[str]) -> str:
    return escape("\n".join(map(visible, lines)))

"""The values of a report that was saved without them, had back from the repository that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.audit.item import Spot
from tightlip.engine.text import stands_as_it_is
from tightlip.fingerprint import fingerprint
from tightlip.model import Secret
from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from tightlip.audit.context import Texts
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.rule import Match

_MOST_PLACES = 20
"""Places that are looked at for one value."""


def recovered(report: Report, texts: Texts, scanner: Scanner) -> Report:
    """Return a report with the values that are still where it says; the others stay `Masked`.

    A value is believed only where the fingerprint is made of it: the file may have changed, or be another one.
    Parameters: `scanner`, which finds again what stands there encoded.
    """
    again = _Again(scanner)
    findings = tuple(_recovered(finding, report, texts, again) for finding in report.findings)
    return replace(report, findings=findings)


class _Again:
    """What scans find in texts; kept as long as the same text is asked for, which may hold thousands of values."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._last: tuple[bytes, bytes, Sequence[Match]] = (b"", b"", ())

    def matches(self, text: bytes, path: bytes) -> Sequence[Match]:
        """Return what is found in a text. Parameters: `path`, where it is from."""
        if (text, path) != self._last[:2]:
            self._last = text, path, self._scanner.scan(text, path).matches
        return self._last[2]


def _recovered(finding: Finding, report: Report, texts: Texts, again: _Again) -> Finding:
    if not isinstance(finding.secret, Masked):
        return finding
    for where in finding.occurrences[:_MOST_PLACES]:
        text = texts.of(Spot(report, finding, where))
        if text is None:
            continue
        for secret, encoded in _candidates(text, finding, where, again):
            if fingerprint(finding.rule, secret.reveal()) == finding.fingerprint:
                return replace(finding, secret=secret, encoded=encoded)
    return finding


def _candidates(
    text: bytes, finding: Finding, where: Occurrence, again: _Again
) -> Iterator[tuple[Secret, tuple[Secret, ...]]]:
    """Yield what may be the value, with what it was decoded from: what stands there, what a scan finds there."""
    if stands_as_it_is(finding.decoded_through):
        yield Secret(_between(text, where)), ()
    for match in again.matches(text, where.path.encode("utf-8", "surrogateescape")):
        if (match.rule.id, match.line) == (finding.rule, where.line):
            yield match.secret, (match.encoded,) if match.encoded else ()


def _between(text: bytes, where: Occurrence) -> bytes:
    """Return what stands from a line and a column to others."""
    lines = text.split(b"\n")[where.line - 1 : where.end_line]
    if not lines:
        return b""
    lines[-1] = _to(lines[-1], where.end_column - 1)
    lines[0] = lines[0][len(_to(lines[0], where.column - 1)) :]
    return b"\n".join(lines)


def _to(line: bytes, characters: int) -> bytes:
    """Return the beginning of a line."""
    return line.decode("utf-8", "surrogateescape")[:characters].encode("utf-8", "surrogateescape")

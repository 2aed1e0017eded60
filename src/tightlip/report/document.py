"""A report as it may be shown to anybody: every text redacted, every path one that has a place in any format.

The formats that machines and browsers read are made of this and not of the report, so that none of them can forget to
hide something. It is the same for the same report, most urgent findings first.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import tightlip
from tightlip.finding import Occurrence, Unscanned, prepare_fingerprints
from tightlip.report.levels import most_urgent_first, places
from tightlip.report.masked import Masked
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.finding import Finding, Report, TakenOut
    from tightlip.model import Secret
    from tightlip.report.options import Options

_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_TO_ESCAPE = re.compile('["\\\\\x00-\x1f\x7f\udc80-\udcff]')
_ESCAPED = re.compile(r'\\(?:([0-7]{3})|(["\\]))')
_FIRST_NOT_ASCII, _SURROGATES = 0x80, 0xDC00


class Told(NamedTuple):
    """A finding as it may be shown: the fields of `Finding`."""

    rule: str
    name: str
    provider: str
    severity: str
    confidence: float
    reasons: tuple[str, ...]
    fingerprint: str
    same_value_as: str | None
    """The fingerprint of the first finding that has the same value by another rule."""
    secret: str
    """Redacted, unless it may be shown."""
    encoded: tuple[str, ...]
    """What it was decoded from, in every form; only where values may be shown."""
    decoded_through: tuple[str, ...]
    in_head: bool | None
    taken_out: TakenOut | None
    live: str | None
    remediation: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]


class Document(NamedTuple):
    """A report as it may be shown: the fields of `Report`."""

    version: str
    """Of tightlip."""
    rules_hash: str
    kind: str
    target: str
    complete: bool
    scanned: dict[str, int]
    unscanned: tuple[Unscanned, ...]
    allowed: int
    baselined: int
    notes: tuple[str, ...]
    seconds: float
    findings: tuple[Told, ...]
    known: tuple[Told, ...] = ()
    """What the baseline knows; only where it was asked for."""


def document(report: Report, options: Options, *, with_known: bool = False) -> Document:
    """Return what may be shown of a report.

    Parameters: `with_known`, whether to tell what the baseline knows, each of which takes some 10 ms.
    """
    maker = _Maker(report, options)
    prepare_fingerprints((*report.findings, *(report.known if with_known else ())))
    return Document(
        version=tightlip.__version__,
        rules_hash=report.rules_hash,
        kind=report.kind,
        target=maker.path(report.target),
        complete=report.complete,
        scanned=dict(sorted(report.scanned.items())),
        unscanned=tuple(Unscanned(maker.path(what), maker.text(why)) for what, why in sorted(report.unscanned)),
        allowed=report.allowed,
        baselined=report.baselined,
        notes=tuple(map(maker.text, report.notes)),
        seconds=round(report.seconds, 3),
        findings=maker.told(report.findings),
        known=maker.told(report.known) if with_known else (),
    )


def quoted(path: str) -> str:
    r"""Return a path as every format can hold it, so that its bytes can be had back.

    A path in UTF-8 is written as it is. One that is not, or that starts with a double quote, is quoted as git quotes
    it: in double quotes, with `\"`, `\\`, and `\ooo` (octal) for a control character and a byte that is not UTF-8.
    """
    if not path.startswith('"') and not _NOT_UTF8.search(path):
        return path
    return '"' + _TO_ESCAPE.sub(_escape, path) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else f"\\{ord(character) & 0xFF:03o}"


def unquoted(path: str) -> str:
    """Return the path that was quoted."""
    if not (len(path) > 1 and path.startswith('"') and path.endswith('"')):
        return path
    return _ESCAPED.sub(_character, path[1:-1])


def _character(match: re.Match[str]) -> str:
    if match[2]:
        return match[2]
    code = int(match[1], 8) & 0xFF
    return chr(code) if code < _FIRST_NOT_ASCII else chr(_SURROGATES + code)


def _plain(text: str) -> str:
    """Return prose that every format can hold: what was not UTF-8 becomes the replacement character."""
    return _NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", text)


class _Maker:
    """Makes what may be shown."""

    def __init__(self, report: Report, options: Options) -> None:
        self._hide: Redactor = redactor(report.with_known(), options)
        self._kind, self._shows = report.kind, options.show_secrets
        self._first: dict[Secret, str] = {}

    def told(self, findings: Iterable[Finding]) -> tuple[Told, ...]:
        return tuple(map(self._told, most_urgent_first(findings)))

    def path(self, path: str) -> str:
        return quoted(self._hide.name(path))

    def text(self, text: str) -> str:
        return _plain(self._hide.name(text))

    def _prose(self, text: str | None) -> str | None:
        return None if text is None else _plain(self._hide.prose(text))

    def _told(self, finding: Finding) -> Told:
        first = self._first.setdefault(finding.secret, finding.fingerprint)
        return Told(
            rule=finding.rule,
            name=finding.name,
            provider=finding.provider,
            severity=finding.severity,
            confidence=round(finding.confidence, 3),
            reasons=tuple(map(self.text, finding.reasons)),
            fingerprint=finding.fingerprint,
            same_value_as=None if first == finding.fingerprint else first,
            secret=shown(finding.secret) if self._shows else finding.secret.redacted(),
            encoded=tuple(map(shown, finding.encoded)) if self._shows else (),
            decoded_through=tuple(map(self.text, finding.decoded_through)),
            in_head=finding.in_head,
            taken_out=finding.taken_out,
            live=finding.live,
            remediation=finding.remediation,
            occurrences=tuple(map(self._occurrence, places(finding, self._kind))),
        )

    def _occurrence(self, place: Occurrence) -> Occurrence:
        return replace(
            place,
            path=self.path(place.path),
            author=self._prose(place.author),
            email=self._prose(place.email),
            message_subject=self._prose(place.message_subject),
            refs=tuple(map(self.path, place.refs)),
        )


def shown(secret: Secret) -> str:
    """Return a value in clear; of one that nobody knows, what is known."""
    return secret.redacted() if isinstance(secret, Masked) else secret.reveal().decode("utf-8", "backslashreplace")

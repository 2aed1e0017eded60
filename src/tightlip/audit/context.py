"""The lines around a place, with every value that is known masked in them."""

from __future__ import annotations

import os
import stat
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine.text import as_utf8, encoding_of, stands_as_it_is
from tightlip.git.objects import Object, ObjectReader
from tightlip.model import MAX_BLOB
from tightlip.report.redact import MASK, Redactor
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.audit.item import Spot
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.git.plumbing import Git

_AROUND = 2
"""Lines shown before and after."""
_NEAR = 60
"""Characters shown before a value in its line, and after it."""
_SEARCHED = 4096
"""Characters of a long line that are searched for values, on either side: more than is shown, so that none is cut."""
_START = 4
"""Characters by which a redactor keeps its values."""
_MORE = "..."

Span = tuple[int, int]
"""From a character of a line to another, which is exclusive."""


class Line(NamedTuple):
    """A line as it may be shown."""

    number: int
    text: str
    holds: bool
    """Whether the value begins in it."""


class Texts:
    """Reads what holds values: files below a folder, and objects of a repository.

    Parameters: `top`, the folder; without one no file is read.
    """

    def __init__(self, git: Git, top: str | None) -> None:
        self._git, self._top = git, top

    def of(self, spot: Spot) -> bytes | None:
        """Return the text that a place is in, or None where it is not to be had.

        It is in the form that the finding is of: what is UTF-16 or UTF-32 is read as that, and as it is, too.
        """
        where, form = spot.occurrence, _form(spot.finding)
        if where.part in ("path", "ref"):
            return os.fsencode(where.path)
        data = self._object(where.blob) if where.blob else self._file(spot.report, where.path)
        if data is None or (form and form != encoding_of(data)):
            return None
        return as_utf8(data, form) if form else data.removeprefix(BOM_UTF8)

    def _object(self, oid: str) -> bytes | None:
        with ObjectReader(self._git, limit=MAX_BLOB) as objects:
            (found,) = objects.read_many([oid])
        return found.data if isinstance(found, Object) else None

    def _file(self, report: Report, path: str) -> bytes | None:
        if report.kind != "files" or self._top is None:
            return None
        tried = (path, os.path.join(report.target, path), os.path.join(self._top, path))
        return next(filter(None, map(partial(_below, self._top), tried)), None)


def _below(top: str, path: str) -> bytes | None:
    """Read an ordinary file below a folder, whatever links lead there; None for any other."""
    real = os.path.realpath(path)
    try:
        if os.path.commonpath([real, os.path.realpath(top)]) != os.path.realpath(top):
            return None
        status = os.stat(real)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BLOB:
            return None
        with open(real, "rb") as file:
            return file.read(MAX_BLOB)
    except (OSError, ValueError):  # another drive, or a name that no file can have
        return None


def around(text: bytes, spot: Spot, hide: Redactor) -> list[Line]:
    """Return the lines around a place in a text. Parameters: `hide`, whose values are masked wherever they stand.

    What the report has in this text is masked where it stands, too: a value may be too short to be looked for.
    """
    where, lines = spot.occurrence, text.removesuffix(b"\n").split(b"\n")
    first, last = max(where.line - _AROUND, 1), min(where.end_line + _AROUND, len(lines))
    every = list(_held(spot))
    held = [it for _, it in every]
    if any(_form(finding) != _form(spot.finding) for finding, _ in every):
        return []  # what is masked in one form could be read in the other
    shown = []
    for number in range(first, last + 1):
        if any(it.line < number < it.end_line for it in held):
            continue  # nothing of the line is left
        line = lines[number - 1].decode("utf-8", "replace").removesuffix("\r")
        spans = [_on(it, number, len(line)) for it in held if it.line <= number <= it.end_line]
        at = where.column - 1 if number == where.line else 0
        shown.append(Line(number, _Masked(line, at, spans, hide).shown(), number == where.line))
    return shown


def _form(finding: Finding) -> str:
    """Return the UTF-16 or UTF-32 form that a finding is of, or nothing."""
    through = finding.decoded_through[:1]
    return through[0] if through and stands_as_it_is(through) else ""


def _held(spot: Spot) -> Iterator[tuple[Finding, Occurrence]]:
    """Yield what the report has in the same text."""
    where = spot.occurrence
    for finding in spot.report.findings:
        for it in finding.occurrences:
            if (it.part, it.blob) == (where.part, where.blob) and (it.blob or it.path == where.path):
                yield finding, it


def _on(where: Occurrence, number: int, length: int) -> Span:
    """Return the part of a line that a value takes, which may be on several."""
    start = where.column - 1 if number == where.line else 0
    return start, where.end_column - 1 if number == where.end_line else length


class _Masked:
    """A line of which parts are masked.

    Parameters: `at`, the character that must be seen of a long one; `spans`, what is masked beside `hide`'s values.
    """

    def __init__(self, line: str, at: int, spans: Iterable[Span], hide: Redactor) -> None:
        start = max(at - _SEARCHED, 0)
        self._start, self._line = start, line[start : at + _SEARCHED]
        self._cut = start > 0, at + _SEARCHED < len(line)
        own = ((max(a - start, 0), min(b - start, len(self._line))) for a, b in spans)
        self._spans = _united((a, b) for a, b in (*own, *_standing(self._line, hide)) if a < b)
        self._at = at - start

    def shown(self) -> str:
        """Return what may be shown of it, escaped."""
        pivot = next((span for span in self._spans if span[0] <= self._at < span[1]), (self._at, self._at))
        before, after = self._part(0, pivot[0]), self._part(pivot[1], len(self._line))
        mask = MASK if pivot[0] < pivot[1] else ""
        more = (
            _MORE if self._cut[0] or len(before) > _NEAR else "",
            _MORE if self._cut[1] or len(after) > _NEAR else "",
        )
        return f"{more[0]}{before[-_NEAR:]}{mask}{after[:_NEAR]}{more[1]}"

    def _part(self, start: int, end: int) -> str:
        shown, at = [], start
        for a, b in self._spans:
            if start <= a and b <= end:
                shown += [visible(self._line[at:a]), MASK]
                at = b
        return "".join([*shown, visible(self._line[at:end])])


def _standing(line: str, hide: Redactor) -> Iterator[Span]:
    """Yield where values stand in a line."""
    for at in range(len(line)):
        known = hide.in_prose.get(line[at : at + _START], {})
        yield from ((at, at + length) for length, values in known.items() if line[at : at + length] in values)


def _united(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found

"""Keeps a secret out of everything around it: the path, the commit's subject, the author, a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.finding import Finding, Report
    from tightlip.report.options import Options

MASK = "*" * 8
_SHORTEST = 4
"""Shorter values are everywhere; masking them would say where the value is, not hide it."""
_LONGEST_WORD = 11
_SHORTEST_LINE = 16


Values = dict[str, dict[int, set[str]]]
"""Values by their first characters and length: a history may hold thousands, and every field is searched for each."""


class Redactor(NamedTuple):
    """Masks the values of all of a report's secrets."""

    in_prose: Values
    in_names: Values

    def prose(self, text: str) -> str:
        """Mask every value of four characters or more in what people wrote: authors, subjects."""
        return _masked(text, self.in_prose)

    def name(self, text: str) -> str:
        """Mask values in a path, a ref, or a text of tightlip's own.

        A value that is one plain word, such as `postgres`, stays: nobody sees that it is the secret as well, the path
        would lead nowhere without it, and a gap in a known text would name it. It goes where a name is the finding.
        """
        return _masked(text, self.in_names)


def redactor(report: Report, options: Options) -> Redactor:
    """Return what masks a report's secrets; it masks nothing where they may be shown."""
    if options.show_secrets:
        return Redactor({}, {})
    named = {value for finding in report.findings if _is_named(finding) for value in _values(finding)}
    values = {value for finding in report.findings for value in _values(finding)}
    return Redactor(_by_start(values), _by_start(value for value in values if value in named or not _is_word(value)))


def _by_start(values: Iterable[str]) -> Values:
    found: Values = {}
    for value in values:
        if len(value) >= _SHORTEST:
            found.setdefault(value[:_SHORTEST], {}).setdefault(len(value), set()).add(value)
    return found


def _masked(text: str, values: Values) -> str:
    starts = range(len(text) - _SHORTEST + 1)
    of = ((at, values[start]) for at in starts if (start := text[at : at + _SHORTEST]) in values)
    held = {it for at, known in of for length in known if (it := text[at : at + length]) in known[length]}
    for value in sorted(held, key=lambda value: (-len(value), value)):  # the longest first: it may hold others
        text = text.replace(value, MASK)
    return text


def _values(finding: Finding) -> Iterator[str]:
    """Yield the value and what it was decoded from, and each long line of them: a subject may hold only one line."""
    for secret in (finding.secret, *finding.encoded):
        if isinstance(secret, Masked):  # nobody knows it, and whoever wrote the report has hidden it
            continue
        value = secret.reveal().decode("utf-8", "surrogateescape")
        lines = [line.strip() for line in value.splitlines()]
        yield value
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE)


def _is_named(finding: Finding) -> bool:
    return any(occurrence.part in ("path", "ref") for occurrence in finding.occurrences)


def _is_word(value: str) -> bool:
    return len(value) <= _SHORTEST or (len(value) <= _LONGEST_WORD and value.isalpha() and value[1:].islower())

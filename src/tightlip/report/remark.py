"""What a build server shows beside its log: at most ten errors and ten warnings of a step, the most urgent here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.report.style import count
from tightlip.report.visible import visible
from tightlip.report.wording import head, headline, missed, standing, where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tightlip.finding import Occurrence
    from tightlip.report.document import Document, Told

_MARKS = re.compile("#(?=#)")
ERROR, WARNING = "error", "warning"
MOST = 10
"""Of a kind, in a step: what GitHub and Azure Pipelines show."""
_MOST_NAMED = 5
_LEVELS = {"critical": ERROR, "high": ERROR, "medium": WARNING, "low": WARNING}


class Remark(NamedTuple):
    """One of them."""

    level: str
    title: str
    text: str
    rule: str = ""
    at: Occurrence | None = None
    """A place in the files as they are now, where there is one."""


def remarks(made: Document) -> list[Remark]:
    """Return what is shown. That something was not scanned always is."""
    room = {ERROR: MOST - (not made.complete), WARNING: MOST}
    shown: list[Remark] = []
    for told in made.findings:
        level = _LEVELS[told.severity]
        if room[level]:
            room[level] -= 1
            shown.append(_of(told, made))
    return shown if made.complete else [*shown, _incomplete(made)]


def rest(made: Document, shown: int) -> str:
    """Return what else is to be said, in one line: what was found, how much of it is not shown, and the notes.

    Parameters: `shown`, how many findings are.
    """
    left = len(made.findings) - shown
    more = (
        f"{count(left, 'more finding')} {'is' if left == 1 else 'are'} not shown here; another format has all of them"
    )
    said = [headline(made), *([more] if left else []), *([] if made.complete else [missed(made)]), *made.notes]
    return ". ".join(said)


def findings(shown: Iterable[Remark]) -> int:
    """Return how many are of findings."""
    return sum(bool(it.rule) for it in shown)


def put(lines: Iterable[str], out: TextIO) -> None:
    """Write lines; what the stream's encoding lacks is escaped."""
    encoding = out.encoding or "utf-8"
    out.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in lines)


def harmless(text: str) -> str:
    """Return a text on one line that starts no command: both servers look for `##[`, and one of them for `##vso[`."""
    return _MARKS.sub("# ", visible(text))


def escaped(text: str, escapes: Mapping[str, str]) -> str:
    """Return a harmless text in which some characters are written as others."""
    return "".join(escapes.get(character, character) for character in harmless(text))


def _of(told: Told, made: Document) -> Remark:
    at = standing(told, made)
    place = at or told.occurrences[0]
    more = len(told.occurrences) - 1
    also = f", and {count(more, 'more place')}" if more else ""
    said = (f"{told.name} at {where(place)}{also}.", head(told), *told.remediation[:1])
    return Remark(
        level=_LEVELS[told.severity],
        title=f"{told.severity} secret",
        text=" ".join(filter(None, said)),
        rule=told.rule,
        at=at if at and at.part in ("content", "path") and at.path and made.kind != "text" else None,
    )


def _incomplete(made: Document) -> Remark:
    return Remark(ERROR, "the scan is not complete", f"{missed(made)}: {'; '.join(_named(made))}")


def _named(made: Document) -> Iterator[str]:
    yield from (f"{what}: {why}" for what, why in made.unscanned[:_MOST_NAMED])
    if len(made.unscanned) > _MOST_NAMED:
        yield f"and {len(made.unscanned) - _MOST_NAMED:,} more"

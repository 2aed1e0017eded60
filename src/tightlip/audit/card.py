"""What a person is shown of one value, in text that hides it and that a terminal can be given as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.audit import context, item
from tightlip.baseline.entry import UNJUDGED
from tightlip.report import block
from tightlip.report.levels import confidence_word
from tightlip.report.options import PLAIN
from tightlip.report.redact import Redactor, redactor
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.audit.context import Line, Texts
    from tightlip.audit.item import Item, Spot
    from tightlip.audit.session import Standing
    from tightlip.finding import Finding, Occurrence, Report

_MOST_PLACES, _MOST_COMMITS = 50, 50
_LOST = "not known: the report does not have it, and it is not where the report says; scan again to judge it"


class Card(NamedTuple):
    """What is shown of one value."""

    severity: str
    title: str
    rules: str
    value: str
    why: str
    """How sure it is that this is a secret, and for what reasons."""
    standing: str
    place: str
    """The first, of which the lines are."""
    lines: Sequence[Line]
    more_places: Sequence[str]
    introduced: Sequence[str]
    """The commits that brought it in, oldest first."""
    head: str
    """Whether HEAD still has it; nothing where the scan was not of a history."""


class Dealer:
    """Makes cards. Parameters: `top`, the folder that paths are counted from."""

    def __init__(self, reports: Sequence[Report], texts: Texts, top: str | None) -> None:
        self._texts, self._top = texts, top
        every = tuple(finding for report in reports for finding in report.findings)
        self._hide: Redactor = redactor(replace(reports[0], findings=every), PLAIN) if reports else Redactor({}, {})

    def card(self, item: Item, standing: Standing) -> Card:
        """Return the card of an item."""
        finding, spots = item.finding, item.spots(self._top)
        first, *later = spots
        return Card(
            severity=finding.severity,
            title=visible(finding.name),
            rules=visible(", ".join(item.rules)),
            value=visible(_LOST if item.is_lost else finding.secret.redacted()),
            why=self._why(finding),
            standing=self._standing(standing),
            place=self._place(first),
            lines=() if item.is_lost else self._lines(first),
            more_places=_some([self._place(spot) for spot in later], _MOST_PLACES, "place"),
            introduced=_some(self._introduced(item), _MOST_COMMITS, "commit"),
            head=_head(item),
        )

    def words(self, item: Item, standing: Standing) -> str:
        """Return what a search looks at, without reading any file."""
        finding = item.finding
        places = [self._place(spot) for spot in item.spots(self._top)]
        commits = self._introduced(item)
        return "\n".join(
            [finding.severity, visible(finding.name), *item.rules, self._standing(standing), *places, *commits]
        )

    def name(self, item: Item) -> str:
        """Return an item on a line: its rules, and where it is first."""
        return f"{visible(', '.join(item.rules))} at {self._place(item.spots(self._top)[0])}"

    def _why(self, finding: Finding) -> str:
        through = " > ".join(finding.decoded_through)
        reasons = [*finding.reasons, *([f"decoded from {through}"] if through else [])]
        return f"{confidence_word(finding.confidence)} confidence: {visible(self._hide.name('; '.join(reasons)))}"

    def _standing(self, standing: Standing) -> str:
        judged = standing.judgement
        if judged.state == UNJUDGED:
            return "not judged"
        said = [judged.state, f"by {judged.by}" if judged.by else "", f"on {judged.when}" if judged.when else ""]
        said += [f"until {judged.until}" if judged.until else "", "expired" if standing.is_expired else ""]
        why = f": {judged.why}" if judged.why else ""
        return visible(self._hide.prose(" ".join(filter(None, said)) + why))

    def _place(self, spot: Spot) -> str:
        return block.place(spot.occurrence, self._hide)

    def _lines(self, spot: Spot) -> list[Line]:
        text = self._texts.of(spot)
        return [] if text is None else context.around(text, spot, self._hide)

    def _introduced(self, of: Item) -> list[str]:
        commits: dict[str, Occurrence] = {}
        for finding in item.history(of):
            for it in finding.occurrences:
                if it.commit:
                    commits.setdefault(it.commit, it)
        return [self._commit(it) for it in commits.values()]

    def _commit(self, it: Occurrence) -> str:
        who = f"{it.author or ''}{f' <{it.email}>' if it.email else ''}"
        said = [block.short(it.commit), (it.date or "")[:10], visible(self._hide.prose(who))]
        subject = f'"{visible(self._hide.prose(it.message_subject))}"' if it.message_subject else ""
        return " ".join(filter(None, [*said, subject]))


def _some(every: Sequence[str], most: int, noun: str) -> list[str]:
    more = [f"and {len(every) - most:,} more {noun}s"] if len(every) > most else []
    return [*every[:most], *more]


def _head(of: Item) -> str:
    return next(map(_held, item.history(of)), "")


def _held(finding: Finding) -> str:
    if finding.in_head is None:
        return "cannot be read"
    if finding.in_head:
        return "still has it"
    out = finding.taken_out
    return f"does not have it{f', since {block.short(out.commit)} {out.date[:10]}' if out else ''}"

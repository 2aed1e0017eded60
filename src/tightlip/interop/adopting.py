"""What other scanners know of findings, as entries of a baseline, with what was judged there.

A judgement that stands in the baseline stays. Nobody says when the other one was made, so that any which somebody makes
here later counts more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.entry import FALSE_ALARM, REAL, UNJUDGED, Entry
from tightlip.baseline.entry import Judgement as Judged
from tightlip.baseline.identity import prepare
from tightlip.baseline.making import Maker
from tightlip.baseline.matching import known, not_at
from tightlip.model import Secret

if TYPE_CHECKING:
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Finding, Report
    from tightlip.interop.known import Judgement


class Adopted(NamedTuple):
    """A baseline with what others know."""

    baseline: Baseline
    new: list[Entry]
    judged: list[Entry]
    """Those that were there, and that nobody had judged."""
    kept: list[tuple[Entry, str]]
    """Those that are judged otherwise here, with the state that they would have."""


class _One(NamedTuple):
    """A finding, in the places that others know, and what they know of it."""

    finding: Finding
    state: str
    sources: tuple[str, ...]


def adopt(
    baseline: Baseline, both: Sequence[tuple[Report, Sequence[Judgement]]], salt: str, top: str | None
) -> Adopted:
    """Return a baseline that knows what others know.

    Parameters: `both`, by the report of a scan, what others know of its findings; `salt`, for new entries; `top`, the
    folder that paths are counted from.
    """
    new, judged, kept = list[Entry](), list[Entry](), list[tuple[Entry, str]]()
    make, make_at = Maker(salt, top), Maker(salt, top, per_place=True)
    for report, ones in _ones(both):
        prepare((salt, one.finding.rule, one.finding.secret.reveal()) for one in ones)
        those = known(replace(report, findings=tuple(one.finding for one in ones), known=()), baseline, top)
        for one, it in zip(ones, those, strict=True):
            judgement = make.hidden([report], Judged(one.state, why=f"from {', '.join(one.sources)}"))
            others = [] if one.state == UNJUDGED else [at for at in it.entries if at.judgement.state != one.state]
            judged += [replace(at, judgement=judgement) for at in others if at.judgement.state == UNJUDGED]
            kept += [(at, one.state) for at in others if at.judgement.state != UNJUDGED]
            if remaining := not_at(one.finding, it.entries, report.kind, top):
                # Beside entries of some places, one of all places would be about these places, too.
                maker = make_at if it.entries else make
                new += maker.entries(report, replace(one.finding, occurrences=remaining), judgement)
    entries = baseline.by_key() | {entry.key: entry for entry in (*judged, *new)}
    return Adopted(baseline.but(entries.values()), new, judged, kept)


def _ones(both: Sequence[tuple[Report, Sequence[Judgement]]]) -> list[tuple[Report, list[_One]]]:
    """Return by report the secrets that others know: each once, as the first report has it, with all that is known."""
    together: dict[tuple[str, Secret], list[Judgement]] = {}
    for _, every in both:
        for one in every:
            together.setdefault((one.finding.rule, one.finding.secret), []).append(one)
    found, done = [], set[tuple[str, Secret]]()
    for report, every in both:
        here = dict.fromkeys((one.finding.rule, one.finding.secret) for one in every)
        found.append((report, [_one(together[key], every) for key in here if key not in done]))
        done.update(here)
    return found


def _one(ones: Sequence[Judgement], here: Sequence[Judgement]) -> _One:
    """Return a secret. Parameters: `ones`, what is known of it; `here`, what is known of all findings of a report."""
    finding = ones[0].finding
    places = dict.fromkeys(one.occurrence for one in here if one.finding is finding)
    sources = dict.fromkeys(one.foreign.source for one in ones if one.foreign.source)
    return _One(replace(finding, occurrences=tuple(places)), _state(ones), tuple(sources))


def _state(ones: Sequence[Judgement]) -> str:
    """Return what is judged of a value, the more careful where it is not the same at all places."""
    if any(one.foreign.is_secret or one.foreign.verified for one in ones):
        return REAL
    return FALSE_ALARM if any(one.foreign.is_secret is False for one in ones) else UNJUDGED

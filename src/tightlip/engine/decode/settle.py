"""Which matches in what was decoded stand: not those that the text holds as it is, and none twice."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from tightlip.engine.resolve import resolve
from tightlip.model import Secret

if TYPE_CHECKING:
    from tightlip.engine.decode import Inner
    from tightlip.rule import Match


def joined(
    plain: list[Match], inner: Iterable[Inner], applies: Callable[[int, bytes], bool], path: bytes, least: float
) -> list[Match]:
    """Return the matches of a text and of what was decoded in it, in the order of their places.

    Parameters: `plain`, those of the text as it is, none of which overlaps another; `least`, the confidence that a
    match must have.
    """
    kept: dict[Secret, list[Match]] = {}
    gone: set[int] = set()
    for match in plain:
        kept.setdefault(match.secret, []).append(match)
    for one in inner:
        for match in _standing(one, applies, path):
            if match.confidence < least or any(_overlap(match, other) for other in kept.get(match.secret, ())):
                continue
            beneath = _overlapped(plain, match) if one.is_tight else []
            if all(_is_better(match, other) for other in beneath):
                gone.update(map(id, beneath))
                kept.setdefault(match.secret, []).append(match)
    return sorted(
        (match for every in kept.values() for match in every if id(match) not in gone), key=lambda match: match.start
    )


def _standing(one: Inner, applies: Callable[[int, bytes], bool], path: bytes) -> list[Match]:
    """Return the best of the matches at each place in a decoded text, with the places where it was decoded from."""
    path = path if one.path is None else one.path
    places = {id(match.secret): place for (_, match), place in zip(one.matches, one.places, strict=True)}
    found = []
    for match in resolve([match for index, match in one.matches if applies(index, path)]):
        start, end, line, column, end_line, end_column, own = places[id(match.secret)]
        found.append(
            match.but(
                start=start,
                end=end,
                line=line,
                column=column,
                end_line=end_line,
                end_column=end_column,
                encoded=Secret(own) if own else None,
            )
        )
    return found


def _overlap(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


def _overlapped(plain: list[Match], match: Match) -> list[Match]:
    at = max(bisect_right(plain, match.start, key=lambda other: other.start) - 1, 0)
    found = []
    while at < len(plain) and plain[at].start < match.end:
        if _overlap(plain[at], match):
            found.append(plain[at])
        at += 1
    return found


def _is_better(decoded: Match, plain: Match) -> bool:
    """Whether what was decoded says more than what the text holds as it is: whose secret it is, or all of it."""
    if plain.rule.provider != decoded.rule.provider:
        return not plain.rule.provider
    is_wider = decoded.start <= plain.start and plain.end <= decoded.end
    return is_wider and len(decoded.secret.reveal()) > len(plain.secret.reveal())

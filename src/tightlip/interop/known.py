"""What other scanners know of findings, put beside tightlip's own findings of the same files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from hashlib import sha1
from typing import NamedTuple

from tightlip.finding import Finding, Occurrence
from tightlip.interop.foreign import ForeignFinding


class Judgement(NamedTuple):
    """A finding of tightlip's, and what another scanner knows of it at one place."""

    finding: Finding
    occurrence: Occurrence
    foreign: ForeignFinding


class Compared(NamedTuple):
    """Both sides."""

    both: tuple[Judgement, ...]
    theirs: tuple[ForeignFinding, ...]
    """What tightlip does not find."""
    ours: tuple[tuple[Finding, Occurrence], ...]
    """What they do not know."""


def compared(known: Iterable[ForeignFinding], findings: Iterable[Finding], top: str = "") -> Compared:
    """Compare by file, and in it by the value or its hash; by the line where neither is known.

    Parameters: `top`, the folder that the other scanner's paths are counted from, where tightlip's are not.
    """
    places: dict[str, list[tuple[Finding, Occurrence]]] = {}
    for finding in findings:
        for occurrence in finding.occurrences:
            places.setdefault(plain(occurrence.path, top), []).append((finding, occurrence))
    both: list[Judgement] = []
    theirs: list[ForeignFinding] = []
    met: set[tuple[int, Occurrence]] = set()
    for foreign in known:
        near = places.get(plain(foreign.path, ""), [])
        same = [(finding, place) for finding, place in near if _is_same(foreign, finding, place)]
        both += [Judgement(finding, place, foreign) for finding, place in same]
        met.update((id(finding), place) for finding, place in same)
        theirs += [] if same else [foreign]
    ours = [pair for every in places.values() for pair in every if (id(pair[0]), pair[1]) not in met]
    return Compared(tuple(both), tuple(theirs), tuple(ours))


def ignore_lines(both: Iterable[Judgement], there: str) -> list[str]:
    """Return lines of a `.tightlipignore` for what was judged to be no secret, or one that may stay.

    A value that was judged a secret anywhere is left out: a fingerprint holds wherever the value is. Parameters:
    `there`, the file as it is, whose fingerprints are not written again.
    """
    judged: dict[str, list[Judgement]] = {}
    for one in both:
        judged.setdefault(one.finding.fingerprint, []).append(one)
    known = set(re.findall(r"^[0-9a-f]{20}\b", there, re.MULTILINE))
    return [
        f"{fingerprint}  # judged no secret as {_words(every[0])}"
        for fingerprint, every in judged.items()
        if fingerprint not in known
        and any(one.foreign.is_secret is False for one in every)
        and not any(one.foreign.is_secret or one.foreign.verified for one in every)
    ]


def _words(one: Judgement) -> str:
    """Say what was judged, on one line and without what a comment cannot hold."""
    kind = "".join(it for it in one.foreign.kind if it.isprintable())
    path = "".join(it if it.isprintable() else "?" for it in one.occurrence.path)
    return f"{kind} in {path}"


def key_header(value: bytes) -> bytes:
    """Return what detect-secrets takes of a private key: `BEGIN RSA PRIVATE KEY`."""
    return value.partition(b"\n")[0].strip(b"- \r")


def plain(path: str, top: str) -> str:
    """Return a path, counted from `top`, without what says the same in other words."""
    if top:
        path = os.path.relpath(path, top)
    return os.path.normpath(path).replace(os.sep, "/")


def _is_same(foreign: ForeignFinding, finding: Finding, place: Occurrence) -> bool:
    if foreign.commit and place.commit and not place.commit.startswith(foreign.commit):
        return False
    same_line = place.line <= foreign.line <= max(place.line, place.end_line)
    if foreign.sha1:
        value = finding.secret.reveal()
        # What many tokens of a kind begin with says which one is meant only together with the line.
        parts = (re.split(rb"[_-]", value, maxsplit=1)[0], key_header(value)) if same_line else ()
        return any(foreign.sha1 == sha1(it, usedforsecurity=False).hexdigest() for it in (value, *parts))
    return same_line if foreign.secret is None else foreign.secret == finding.secret

"""What other scanners know of findings, put beside tightlip's own findings of the same files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from hashlib import sha1, sha256
from typing import NamedTuple

from tightlip.finding import Finding, Occurrence
from tightlip.interop.foreign import ForeignFinding

_WORD = re.compile(r"[a-z0-9]{3,}")
_OF_ANY = frozenset(("key", "token", "secret", "api", "access", "generic", "password", "credential", "private"))
"""Words in the names of rules that say nothing of whose secret it is."""
_SHORTEST_PART = 8


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
    places = _Places(findings, top)
    both: list[Judgement] = []
    theirs: list[ForeignFinding] = []
    met: set[tuple[int, Occurrence]] = set()
    for foreign in known:
        same = _same(foreign, places.near(foreign))
        both += [Judgement(finding, place, foreign) for finding, place in same]
        met.update((id(finding), place) for finding, place in same)
        theirs += [] if same else [foreign]
    ours = [pair for pair in places.every if (id(pair[0]), pair[1]) not in met]
    return Compared(tuple(both), tuple(theirs), tuple(ours))


class _Places:
    """Where findings are: by file, and in it by all that another scanner may know of a value, its line or a hash of it.

    Parameters: as of `compared`.
    """

    def __init__(self, findings: Iterable[Finding], top: str) -> None:
        self.every: list[tuple[Finding, Occurrence]] = []
        self._at: dict[tuple[str, object], list[int]] = {}
        for finding in findings:
            value = finding.secret.reveal()
            hashes = sha1(value, usedforsecurity=False).hexdigest(), sha256(value).hexdigest()
            for place in finding.occurrences:
                path = plain(place.path, top)
                anywhere = [("", it) for it in (finding.secret, *hashes)]
                here = [(path, it) for it in (finding.secret, *hashes, *range(place.line, place.end_line + 1))]
                for key in (*anywhere, *here):
                    self._at.setdefault(key, []).append(len(self.every))
                self.every.append((finding, place))

    def near(self, foreign: ForeignFinding) -> list[tuple[Finding, Occurrence]]:
        """Return what a foreign finding may be about: one that names no file, its value wherever that is."""
        path = plain(foreign.path, "") if foreign.path else ""
        keys = [(path, it) for it in (foreign.secret, foreign.sha1, foreign.sha256)]
        lines = [(path or os.curdir, foreign.line)]  # what is in no file has no path either
        return [self.every[at] for at in sorted({at for key in (*keys, *lines) for at in self._at.get(key, ())})]


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
        and any(one.foreign.is_secret is False or one.foreign.ignored for one in every)
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


def _same(foreign: ForeignFinding, near: Sequence[tuple[Finding, Occurrence]]) -> list[tuple[Finding, Occurrence]]:
    """Return those that a foreign finding is about.

    Where a line holds several secrets and only the line is known, it is the one whose rule has a like name: another
    one on that line may be new.
    """
    same = [(finding, place) for finding, place in near if _is_same(foreign, finding, place)]
    if foreign.sha1 or foreign.sha256 or foreign.secret is not None or _number(same) < 2:
        return same
    named = [pair for pair in same if _words_of(foreign.kind) & _words_of(f"{pair[0].rule} {pair[0].name}")]
    return named if _number(named) == 1 else []


def _number(pairs: Sequence[tuple[Finding, Occurrence]]) -> int:
    """Return how many values there are."""
    return len({finding.secret for finding, _ in pairs})


def _words_of(name: str) -> set[str]:
    return set(_WORD.findall(name.lower())) - _OF_ANY


def _is_same(foreign: ForeignFinding, finding: Finding, place: Occurrence) -> bool:
    value = finding.secret.reveal()
    same_line = place.line <= foreign.line <= max(place.line, place.end_line)
    if foreign.sha256:
        return foreign.sha256 == sha256(value).hexdigest()
    if foreign.sha1:
        # What many tokens of a kind begin with says which one is meant only together with the line.
        parts = (re.split(rb"[_-]", value, maxsplit=1)[0], key_header(value)) if same_line else ()
        if any(foreign.sha1 == sha1(it, usedforsecurity=False).hexdigest() for it in (value, *parts)):
            return True
        if foreign.secret is None:
            return False
    if foreign.secret is not None:
        return foreign.secret == finding.secret or (same_line and _is_part(foreign.secret.reveal(), value))
    if foreign.commit and not (place.commit or "").startswith(foreign.commit):
        return False
    return same_line


def _is_part(one: bytes, other: bytes) -> bool:
    """Whether one value is in the other: scanners do not agree on where each begins and ends."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST_PART and short in long

"""Entries of tree objects: what is called what in a folder. An entry is mode, name and id, in the bytes of the tree."""

from __future__ import annotations

import re

import numpy as np

_SUBMODULE = b"160000"
_FEW = 8  # of so many bytes, one may differ
_APART = 32  # bytes between differences that are told apart


class Trees:
    """Takes trees apart. `width` is the bytes of an id."""

    def __init__(self, width: int) -> None:
        self._entry = re.compile(rb"(?:0?40000|1[0-7]{5}) [^\0]+\0.{%d}" % width, re.DOTALL)
        self._width = width

    def entries(self, content: bytes) -> list[bytes]:
        """Return the entries of a tree. They are all of its bytes, unless it is damaged."""
        return self._entry.findall(content)

    def replaced(self, base: bytes, own: bytes, spans: list[tuple[int, int]], longest: int) -> list[bytes] | None:
        """Return the entries that a tree has in place of its base's: of the same names, in the same places.

        None where a name is another one. Parameters: `spans`, where the two differ; `longest`, the bytes of the longest
        entry, or more.
        """
        found, width, find = [], self._width, self._entry.finditer
        for start, end in spans:
            for match in find(own, max(start - longest, 0), end + longest):
                at, after = match.span()
                if at >= end:
                    break
                if after > start:
                    if own[at : after - width] != base[at : after - width]:
                        return None
                    found.append(match[0])
        return found

    def parsed(self, entry: bytes) -> tuple[bytes, bytes]:
        """Return name and id; an id of zeros for a submodule, whose commit is in another repository."""
        mode, _, name = entry[: -self._width - 1].partition(b" ")
        return name, bytes(self._width) if mode == _SUBMODULE else entry[-self._width :]


def differences(base: bytes, own: bytes) -> list[tuple[int, int]] | None:
    """Return the spans in which two texts of one length differ; None where that is more than a few."""
    at = np.flatnonzero(np.frombuffer(base, np.uint8) != np.frombuffer(own, np.uint8))
    if len(at) * _FEW > len(own):
        return None
    if not len(at):
        return []
    gaps = np.flatnonzero(at[1:] - at[:-1] > _APART)
    starts, lasts = at[gaps + 1].tolist(), at[gaps].tolist()
    return [(start, last + 1) for start, last in zip([int(at[0]), *starts], [*lasts, int(at[-1])], strict=True)]

"""Which bytes deltas bring in, and which they take out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.deltas import Deltas, Operations
from tightlip.git.packs.index import Numbers


class Spans(NamedTuple):
    """Spans of many texts, those of each together and in order, none touching the next."""

    first: list[int]
    """By text: where its spans begin in the other two lists; one more at the end."""
    starts: list[int]
    ends: list[int]

    def of(self, text: int) -> list[tuple[int, int]]:
        """Return the spans of one text."""
        some = slice(self.first[text], self.first[text + 1])
        return list(zip(self.starts[some], self.ends[some], strict=True))


def brought(deltas: Deltas, margin: int) -> Spans:
    """Return the spans of each result that its base does not have as they stand, with `margin` bytes on both sides.

    These are the inserted bytes, and the seams between what was copied from different places.
    """
    ops = deltas.operations
    inserts = ops.source < 0
    seams = ~inserts & ~_goes_on(ops)
    lasts = _last(ops)
    cut = np.flatnonzero(lasts & ~inserts & (ops.source + ops.size != deltas.sources[ops.delta]))
    some = np.flatnonzero(inserts | seams)
    delta = np.concatenate([ops.delta[some], ops.delta[cut]])
    start = np.concatenate([ops.at[some], deltas.targets[ops.delta[cut]]])
    end = np.concatenate([(ops.at + np.where(inserts, ops.size, 0))[some], deltas.targets[ops.delta[cut]]])
    order = np.lexsort((start, delta)) if len(cut) else slice(None)
    delta = delta[order]
    return _merged(
        delta,
        np.maximum(start[order] - margin, 0),
        np.minimum(end[order] + margin, deltas.targets[delta]),
        len(deltas.targets),
    )


def _running_most(values: Numbers, text: Numbers) -> Numbers:
    """Return the most so far of the values of each text."""
    apart = text << 40  # more than a text has bytes
    most: Numbers = np.maximum.accumulate(values + apart)
    return most - apart


def in_place(deltas: Deltas) -> list[bool]:
    """Return which results differ from their bases only in that bytes are replaced by as many others."""
    ops = deltas.operations
    same = deltas.known & (deltas.sources == deltas.targets)
    same[ops.delta[(ops.source >= 0) & (ops.source != ops.at)]] = False
    found: list[bool] = same.tolist()
    return found


def _goes_on(ops: Operations) -> NDArray[np.bool_]:
    """Whether an instruction copies on from where the one before it stopped, or from the beginning at the beginning."""
    on = np.zeros(len(ops.at), np.bool_)
    on[1:] = (ops.delta[1:] == ops.delta[:-1]) & (ops.source[:-1] >= 0)
    on[1:] &= ops.source[1:] == ops.source[:-1] + ops.size[:-1]
    on |= (ops.at == 0) & (ops.source == 0)
    return on


def _last(ops: Operations) -> NDArray[np.bool_]:
    last = np.ones(len(ops.at), np.bool_)
    last[:-1] = ops.delta[1:] != ops.delta[:-1]
    return last


def _merged(text: Numbers, starts: Numbers, ends: Numbers, texts: int) -> Spans:
    """Merge spans that overlap or touch; they are in order, by text and start."""
    ends = _running_most(ends, text)
    fresh = np.ones(len(text), np.bool_)
    fresh[1:] = (text[1:] != text[:-1]) | (starts[1:] > ends[:-1])
    heads = np.flatnonzero(fresh)
    lasts = np.append(heads[1:], len(text)) - 1 if len(heads) else heads
    first = np.searchsorted(text[heads], np.arange(texts + 1))
    return Spans(first.tolist(), starts[heads].tolist(), ends[lasts].tolist())


class Moves:
    """Where deltas put what they copy."""

    def __init__(self, deltas: Deltas) -> None:
        ops = deltas.operations
        copies = np.flatnonzero(ops.source >= 0)
        self._first = np.searchsorted(ops.delta[copies], np.arange(len(deltas.targets) + 1)).tolist()
        self._columns = [column[copies].tolist() for column in (ops.source, ops.size, ops.at)]

    def of(self, delta: int, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield, for places that the bytes before them end at, which of `ends` it is and each place in the result."""
        some = slice(self._first[delta], self._first[delta + 1])
        for source, size, at in zip(*(column[some] for column in self._columns), strict=True):
            for which, end in enumerate(ends):
                if source < end <= source + size:
                    yield which, at + end - source

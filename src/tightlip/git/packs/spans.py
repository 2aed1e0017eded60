"""Which bytes deltas bring in, and which they take out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.deltas import Deltas, Operations
from tightlip.git.packs.index import Numbers


class Spans:
    """Spans of many texts, those of each in order, none touching the next."""

    def __init__(self, first: list[int], spans: list[slice]) -> None:
        """Parameters: `first`, by text, where its spans begin among all; one more at the end."""
        self._first, self._spans = first, spans

    def of(self, text: int) -> list[slice]:
        """Return the spans of one text."""
        return self._spans[self._first[text] : self._first[text + 1]]


def brought(deltas: Deltas, margin: int) -> Spans:
    """Return the spans of each result that its base does not have as they stand, with `margin` bytes on both sides.

    These are the inserted bytes, and the seams between what was copied from different places.
    """
    ops, targets = deltas.operations, deltas.targets
    inserts = ops.source < 0
    some = np.flatnonzero(inserts | ~_goes_on(ops))
    cut = np.flatnonzero(_last(ops) & ~inserts & (ops.source + ops.size != deltas.sources[ops.delta]))
    at = ops.at[some]
    bounds = (at, at + np.where(inserts[some], ops.size[some], 0))
    behind = np.searchsorted(some, cut, side="right")
    delta = np.insert(ops.delta[some], behind, ops.delta[cut])
    start, end = (np.insert(bound, behind, targets[ops.delta[cut]]) for bound in bounds)
    return _merged(delta, np.maximum(start - margin, 0), np.minimum(end + margin, targets[delta]), len(targets))


def _running_most(values: Numbers, text: Numbers) -> Numbers:
    """Return the most so far of the values of each text."""
    apart = text << 40  # more than a text has bytes
    most: Numbers = np.maximum.accumulate(values + apart)
    return most - apart


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
    return Spans(first.tolist(), list(map(slice, starts[heads].tolist(), ends[lasts].tolist())))


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

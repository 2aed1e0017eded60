"""Deltas taken apart: what is said of them is what applying them does."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from handmade import copy, delta, insert, number
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.git.packs import deltas as module
from tightlip.git.packs.deltas import Deltas, parse
from tightlip.git.packs.read import applied
from tightlip.git.packs.spans import Moves, brought

BASE = bytes(random.Random(1).randbytes(70_000))

Made = tuple[bytes, bytes, list[int]]
"""A delta of the base, its result, and where in the base each byte comes from; -1 where it is inserted."""


@st.composite
def instructions(draw: st.DrawFn) -> Made:
    if draw(st.booleans()):
        data = draw(st.binary(min_size=1, max_size=127))
        return insert(data), data, [-1] * len(data)
    size = draw(st.one_of(st.integers(1, 300), st.sampled_from([255, 256, 257, 0xFF00, 1 << 16])))
    at = draw(st.one_of(st.integers(0, 2000), st.sampled_from([0, 255, 256, 1024, len(BASE) - size])))
    return copy(at, size), BASE[at : at + size], list(range(at, at + size))


@st.composite
def made(draw: st.DrawFn) -> Made:
    codes, contents, origins = zip(*draw(st.lists(instructions(), min_size=1, max_size=8)), strict=True)
    result = b"".join(contents)
    return delta(len(BASE), len(result), *codes), result, [origin for part in origins for origin in part]


def replayed(deltas: Deltas, which: int, inserted: bytes) -> bytes:
    """The result of the instructions, with the bytes that are inserted taken from it."""
    ops = deltas.operations
    result = b""
    for of, at, size, source in zip(*(column.tolist() for column in ops), strict=True):
        if of == which:
            assert at == len(result)
            result += BASE[source : source + size] if source >= 0 else inserted[at : at + size]
    return result


@settings(deadline=None, max_examples=60)
@given(st.lists(made(), min_size=1, max_size=8))
def test_instructions_say_what_applying_them_does(some: list[Made]) -> None:
    found = parse([changes for changes, *_ in some], worth=0)

    assert found.sources.tolist() == [len(BASE)] * len(some)
    assert found.targets.tolist() == [len(result) for _, result, _ in some]
    assert found.operations.delta.tolist() == sorted(found.operations.delta.tolist())
    for which, (changes, result, _) in enumerate(some):
        assert applied(BASE, changes) == result
        assert found.known[which]
        assert replayed(found, which, result) == result


@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=8), st.integers(0, 300))
def test_bytes_by_chance_are_known_only_for_what_they_do(some: list[bytes], target: int) -> None:
    codes = [number(len(BASE)) + number(target) + code for code in some]
    found = parse(codes, worth=0)

    for which, code in enumerate(codes):
        result = applied(BASE, code)
        if found.known[which] and result is not None:
            assert replayed(found, which, result) == result


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        number(len(BASE)),
        b"\xff" * 30,
        number(len(BASE)) + b"\xff" * 30,
        number(len(BASE)) + b"\x8a" + b"\x80" * 8 + b"\1" + copy(0, 10),  # 64 bits: more than any memory
        number(len(BASE)) + number((1 << 63) - 1) + copy(0, 10),
        delta(len(BASE), 10, copy(len(BASE) - 5, 10)),
        delta(len(BASE), 11, copy(0, 10)),
        delta(len(BASE), 9, copy(0, 10)),
        delta(len(BASE) + 1, 10, copy(0, 10)),
        delta(len(BASE), 10, copy(0, 10), b"\0"),
        delta(len(BASE), 10, b"\0", copy(0, 10)),
        delta(len(BASE), 10, copy(0, 10)[:-1]),
        delta(len(BASE), 10, b"\x0aabc"),
    ],
)
def test_a_delta_that_does_not_add_up_makes_nothing(wrong: bytes) -> None:
    found = parse([wrong], worth=0)

    if found.targets[0] <= 1 << 28:
        assert applied(BASE, wrong) is None
    else:
        assert not found.known[0]
    assert len(found.targets) == 1


def test_a_delta_that_saves_little_is_not_taken_apart() -> None:
    changes = delta(len(BASE), 1000, copy(0, 1000))

    assert parse([changes], worth=999 // len(changes)).known[0]
    assert not parse([changes], worth=1 + 999 // len(changes)).known[0]


def test_of_what_is_not_worth_it_the_sizes_are_known() -> None:
    found = parse([delta(7, 1000, copy(0, 5)), b"", delta(3, 2)], worth=None)

    assert (found.sources.tolist(), found.targets.tolist()) == ([7, 0, 3], [1000, 0, 2])
    assert not found.known.any()


def test_no_more_is_taken_apart_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [delta(len(BASE), 90 * 10, *[copy(7 * at, 90) for at in range(10)]) for _ in range(3)]
    monkeypatch.setattr(module, "_MOST", 2 * len(some[0]))

    assert parse(some, worth=0).known.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (copy(0, 10)[:-1], copy(0, 1)[0]),
        (insert(b"abc")[:2], 3),
        (b"\0", 0),
        (b"\x7f", 127),
        (b"\x05", 5),
        (b"\xff", 5),
    ],
)
def test_a_delta_that_is_cut_off_harms_no_other(bad: bytes, says: int) -> None:
    """All are gone through as one: what the bad one lacks is there, at the beginning of the one behind it."""
    good = delta(len(BASE), 900, *[copy(at, 90) for at in range(10)])
    found = parse([good, delta(len(BASE), 20 + says, copy(0, 20), bad), good], worth=0)

    assert found.known.tolist() == [True, False, True]
    assert [replayed(found, which, b"") for which in (0, 2)] == [applied(BASE, good)] * 2


def test_no_deltas_are_none() -> None:
    found = parse([], worth=20)

    assert len(found.known) == len(found.operations.at) == 0
    brought(found, 10)
    Moves(found)


@settings(deadline=None, max_examples=60)
@given(st.lists(made(), min_size=1, max_size=4), st.integers(1, 60))
def test_outside_the_spans_a_result_is_its_base_as_it_stands(some: list[Made], margin: int) -> None:
    found = parse([changes for changes, *_ in some], worth=0)
    spans, moves = brought(found, margin), Moves(found)

    for which, (_, result, origins) in enumerate(some):
        ours = [(span.start, span.stop) for span in spans.of(which)]
        assert all(0 <= start <= end <= len(result) for start, end in ours)
        assert all(end < start for (_, end), (start, _) in pairwise(ours))
        # The stretches between the spans, with the margin that the spans have around what changed.
        edges = [0, *(edge for span in ours for edge in span), len(result)]
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            from_, to = start and start - margin, end if end == len(result) else end + margin
            if end > start:
                first = origins[from_]
                assert first >= 0
                assert origins[from_:to] == list(range(first, first + to - from_))
                assert start or first == 0
                assert end < len(result) or origins[-1] == len(BASE) - 1
                places = [origins[start] + 1, origins[end - 1] + 1]
                assert {start + 1, end} <= {at for _, at in moves.of(which, places)}


@settings(deadline=None, max_examples=60)
@given(made(), st.lists(st.integers(1, 5000), max_size=5))
def test_what_moves_has_the_same_byte_before_it(one: Made, ends: list[int]) -> None:
    changes, result, _ = one
    for which, at in Moves(parse([changes], worth=0)).of(0, ends):
        assert BASE[ends[which] - 1] == result[at - 1]

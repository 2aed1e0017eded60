"""What is said of deltas is what applying them does, in native code and in Python."""

from __future__ import annotations

import random
from itertools import pairwise
from types import ModuleType

import pytest
from handmade import copy, delta, insert, number
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.git.packs import deltas as plain

ways: dict[str, ModuleType] = {"python": plain}
try:
    from tightlip.git.packs import _deltas

    ways["native"] = _deltas
except ImportError:  # there was no compiler
    pass
each_way = pytest.mark.parametrize("way", ways.values(), ids=ways)

BASE = bytes(random.Random(1).randbytes(70_000))
LIMIT = 1 << 28

Made = tuple[bytes, bytes, list[int]]
"""A delta of the base, its result, and where in the base each byte comes from; -1 where it is inserted."""


@pytest.fixture(autouse=True)
def all_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "_WORTH", 0)


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


@each_way
@settings(deadline=None, max_examples=60)
@given(one=made())
def test_a_delta_makes_what_its_instructions_say(way: ModuleType, one: Made) -> None:
    changes, result, _ = one

    assert way.applied(BASE, changes, len(result)) == result
    assert way.applied(BASE, changes, len(result) - 1) is None
    assert way.applied(BASE + b"x", changes, len(result)) is None


@each_way
@settings(deadline=None, max_examples=60)
@given(one=made(), margin=st.integers(1, 60))
def test_outside_the_spans_a_result_is_its_base_as_it_stands(way: ModuleType, one: Made, margin: int) -> None:
    changes, result, origins = one
    spans = way.brought(changes, margin, len(result))

    assert all(0 <= span.start <= span.stop <= len(result) for span in spans)
    assert all(one.stop < other.start for one, other in pairwise(spans))
    # The stretches between the spans, with the margin that the spans have around what changed.
    edges = [0, *(edge for span in spans for edge in (span.start, span.stop)), len(result)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        from_, to = start and start - margin, end if end == len(result) else end + margin
        if end > start:
            first = origins[from_]
            assert first >= 0
            assert origins[from_:to] == list(range(first, first + to - from_))
            assert start or first == 0
            assert end < len(result) or origins[-1] == len(BASE) - 1
            places = [origins[start] + 1, origins[end - 1] + 1]
            assert {start + 1, end} <= {at for _, at in way.moved(changes, places)}


@each_way
def test_spans_are_inserted_bytes_and_seams(way: ModuleType) -> None:
    half = len(BASE) // 2
    code = delta(len(BASE), half + 2 + 100, copy(0, half), insert(b"xy"), copy(half, 50), copy(half + 60, 50))

    assert way.brought(code, 0, len(BASE)) == [
        slice(half, half + 2),
        slice(half + 52, half + 52),
        slice(half + 102, half + 102),
    ]
    assert way.brought(code, 5, len(BASE)) == [
        slice(half - 5, half + 7),
        slice(half + 47, half + 57),
        slice(half + 97, half + 102),
    ]
    assert way.brought(code, 60, len(BASE)) == [slice(half - 60, half + 102)]


@each_way
def test_more_bytes_may_be_inserted_than_the_base_has(way: ModuleType) -> None:
    code = delta(1, 101, insert(b"x" * 100), copy(0, 1))

    assert way.brought(code, 0, 101) == [slice(0, 100)]
    assert way.moved(code, [1]) == [(0, 101)]


@each_way
def test_what_copies_everything_brings_nothing(way: ModuleType) -> None:
    code = delta(len(BASE), len(BASE), copy(0, 1 << 16), copy(1 << 16, len(BASE) - (1 << 16)))

    assert way.brought(code, 10, 0) == []


@each_way
def test_spans_of_more_bytes_than_are_wanted_are_not_told(way: ModuleType) -> None:
    code = delta(len(BASE), 1100, copy(0, 1000), insert(b"x" * 100))

    assert way.brought(code, 0, 100) == [slice(1000, 1100)]
    assert way.brought(code, 0, 99) is None
    assert way.brought(code, 1, 100) is None


@each_way
@settings(deadline=None, max_examples=60)
@given(one=made(), ends=st.lists(st.integers(1, 5000), max_size=5))
def test_what_moves_has_the_same_byte_before_it(way: ModuleType, one: Made, ends: list[int]) -> None:
    changes, result, _ = one
    for which, at in way.moved(changes, ends):
        assert BASE[ends[which] - 1] == result[at - 1]


@settings(deadline=None, max_examples=300)
@given(
    code=st.one_of(
        made().map(lambda one: one[0]), st.binary(max_size=40).map(lambda code: delta(len(BASE), 300, code))
    ),
    cut=st.integers(0, 60),
    margin=st.integers(0, 300),
    most=st.integers(0, 2000),
    ends=st.lists(st.integers(0, len(BASE)), max_size=4),
)
def test_native_code_and_python_say_the_same(code: bytes, cut: int, margin: int, most: int, ends: list[int]) -> None:
    code = code[: len(code) - cut]
    outcomes = []
    for way in ways.values():
        result = way.applied(BASE, code, LIMIT)
        outcomes.append((result, way.brought(code, margin, most), result is not None and way.moved(code, ends)))

    assert all(outcome == outcomes[0] for outcome in outcomes)


@each_way
@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        number(len(BASE)),
        b"\xff" * 30,
        number(len(BASE)) + b"\xff" * 30,
        number(len(BASE)) + b"\x8a" + b"\x80" * 8 + b"\1" + copy(0, 10),  # 64 bits: more than any memory
        number(len(BASE)) + number((1 << 55) - 1) + copy(0, 10),
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
def test_a_delta_that_does_not_add_up_makes_nothing(way: ModuleType, wrong: bytes) -> None:
    assert way.applied(BASE, wrong, LIMIT) is None
    if wrong[:3] == number(len(BASE)):  # what else is wrong with one that is of this base
        assert way.brought(wrong, 10, LIMIT) is None


def test_in_python_a_delta_that_saves_little_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = delta(len(BASE), 1000, copy(0, 1000))

    monkeypatch.setattr(plain, "_WORTH", 999 // len(changes))
    assert plain.brought(changes, 0, 10) == [slice(1000, 1000)]
    monkeypatch.setattr(plain, "_WORTH", 1 + 999 // len(changes))
    assert plain.brought(changes, 0, 10) is None

"""The order in which a unit is read needs little memory, and forgets nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_packs_units import forest_of

from tightlip.git.packs.forest import NONE
from tightlip.git.packs.order import Order, depth_first


@st.composite
def trees(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Bases of objects that lie in any order, and which of them are in the unit: some bases are in another."""
    count = draw(st.integers(1, 40))
    at = draw(st.permutations(range(count)))
    bases = [NONE] * count
    for number in range(1, count):
        if draw(st.integers(0, 5)):
            bases[at[number]] = at[draw(st.integers(max(0, number - draw(st.integers(1, 40))), number - 1))]
    return bases, sorted(draw(st.sets(st.sampled_from(range(count)), min_size=1)))


def ordered(bases: list[int], unit: list[int]) -> Order:
    return depth_first(np.array(unit, np.int64), forest_of(bases, [1] * len(bases)))


def below(bases: list[int], unit: set[int], row: int) -> set[int]:
    found = {row}
    for child, base in enumerate(bases):
        if base == row and child in unit:
            found |= below(bases, unit, child)
    return found


@settings(deadline=None)
@given(trees())
def test_each_object_is_followed_by_all_that_is_made_of_it(some: tuple[list[int], list[int]]) -> None:
    bases, unit = some
    rows = ordered(bases, unit).rows.tolist()

    assert sorted(rows) == unit
    for at, row in enumerate(rows):
        family = below(bases, set(unit), row)
        assert set(rows[at : at + len(family)]) == family


@settings(deadline=None)
@given(trees())
def test_the_child_that_most_lies_below_comes_last(some: tuple[list[int], list[int]]) -> None:
    bases, unit = some
    order = ordered(bases, unit)
    rows = order.rows.tolist()
    for row in rows:
        children = [child for child in rows if bases[child] == row]
        sizes = [len(below(bases, set(unit), child)) for child in children]
        assert sizes == sorted(sizes)


@settings(deadline=None)
@given(trees())
def test_it_is_known_where_bases_are_and_how_long_they_are_needed(some: tuple[list[int], list[int]]) -> None:
    bases, unit = some
    order = ordered(bases, unit)
    rows = order.rows.tolist()
    for at, (row, place, has_more, is_last) in enumerate(zip(*(column.tolist() for column in order), strict=True)):
        assert place == (rows.index(bases[row]) if bases[row] in rows else NONE)
        assert has_more == any(bases[other] == row for other in rows)
        assert is_last == (place != NONE and all(bases[other] != bases[row] for other in rows[at + 1 :]))

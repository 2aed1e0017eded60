"""The forest is cut so that no work is forgotten or done twice, and none takes much memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.git.packs.forest import NONE, Forest, _depths
from tightlip.git.packs.units import units


def forest_of(
    bases: list[int], weights: list[int], *, kinds: list[int] | None = None, sizes: list[int] | None = None
) -> Forest:
    """A forest of objects that lie in one pack one after the other."""
    count = len(bases)
    ends = np.cumsum(np.array(weights, np.int64))
    numbers = np.array(bases, np.int64)
    depths, roots = _depths(numbers, numbers == NONE)
    return Forest(
        oids=np.zeros((count, 20), np.uint8),
        packs=["pack"],
        pack=np.zeros(count, np.int64),
        starts=ends - np.array(weights, np.int64),
        ends=ends,
        sizes=np.array(sizes or [0] * count, np.int64),
        bases=numbers,
        depths=depths,
        kinds=np.array(kinds or [3] * count, np.uint8)[roots],
        fits=True,
    )


@st.composite
def forests(draw: st.DrawFn) -> Forest:
    """Objects in any order: a base may lie behind what is made of it, be missing, or made of it in turn."""
    count = draw(st.integers(0, 40))
    bases = [draw(st.integers(-1, count - 1)) for _ in range(count)]
    weights = [draw(st.integers(1, 50)) for _ in range(count)]
    kinds = [draw(st.integers(1, 4)) for _ in range(count)]
    return forest_of(bases, weights, kinds=kinds)


@settings(deadline=None, max_examples=60)
@given(forests(), st.integers(1, 300))
def test_each_object_that_can_be_had_is_in_one_unit_with_others_of_its_kind(trees: Forest, most: int) -> None:
    found = units(trees, most)

    assert sorted(row for unit in found for row in unit.tolist()) == np.flatnonzero(trees.depths >= 0).tolist()
    assert all(len(unit) and len(set(trees.kinds[unit].tolist())) == 1 for unit in found)


@settings(deadline=None, max_examples=60)
@given(forests(), st.integers(1, 300))
def test_a_unit_weighs_no_more_than_it_should_but_for_its_last_piece(trees: Forest, most: int) -> None:
    weights = trees.ends - trees.starts

    for unit in units(trees, most):
        inside = set(unit.tolist())
        whole = sum(int(weights[row]) for row in inside)
        pieces = [row for row in inside if int(trees.bases[row]) not in inside]
        assert whole <= 2 * most + max(int(weights[row]) for row in inside) or len(pieces) == 1


def test_what_hangs_together_stays_together() -> None:
    bases = [NONE, 0, 1, NONE, 3, 3]
    found = units(forest_of(bases, [10] * 6), 30)

    assert [set(unit.tolist()) for unit in found] == [{0, 1, 2}, {3, 4, 5}]


def test_a_large_tree_is_cut_at_its_top() -> None:
    bases = [NONE] + [0] * 20
    found = units(forest_of(bases, [10] * 21), 50)

    assert len(found) > 3
    assert max(map(len, found)) <= 6


def test_what_inflates_to_much_counts_for_more() -> None:
    """Zeros deflate to a thousandth: a unit of as many packed bytes would not fit into memory."""
    found = units(forest_of([NONE] * 10, [10] * 10, sizes=[16 << 20] * 10), 2 << 20)

    assert [len(unit) for unit in found] == [2] * 5


@pytest.mark.parametrize("size", [1 << 40, (1 << 60) - 1])
def test_a_size_that_cannot_be_does_no_harm(size: int) -> None:
    found = units(forest_of([NONE] * 50, [10] * 50, sizes=[size] * 50), 1 << 20)

    assert sorted(row for unit in found for row in unit.tolist()) == list(range(50))

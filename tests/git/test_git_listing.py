"""Entries of trees, and in which a tree differs from its base: in native code and in Python the same comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tightlip.git import listing

if TYPE_CHECKING:
    from tightlip.git import _listing

ways: list[Any] = [listing.Listing]
try:
    from tightlip.git import _listing

    ways.append(_listing.Listing)
except ImportError:
    ways.append(pytest.param(None, marks=pytest.mark.skip("there was no compiler")))

each_way = pytest.mark.parametrize("way", ways, ids=["python", "native"])
Way = Callable[[int, int], Any]

BLOB, EXECUTABLE, TREE, SUBMODULE = b"100644", b"100755", b"40000", b"160000"
ONE, TWO, THREE = (bytes([byte]) * 20 for byte in b"\x01\x02\x00")


def entry(name: bytes, oid: bytes = ONE, mode: bytes = BLOB) -> bytes:
    return mode + b" " + name + b"\0" + oid


def told(made: _listing.Listing) -> dict[int, dict[bytes, tuple[bytes, int]]]:
    """Return names, ids and kinds of each tree, by its row, with those that it has of its base."""
    names, labels, oids, kinds, *columns, held = made.done()
    label = np.frombuffer(labels, np.int64).tolist()
    entries = [(names[label[at]], oids[20 * at : 20 * at + 20], kinds[at]) for at in range(len(label))]
    found: dict[int, dict[bytes, tuple[bytes, int]]] = {-1: {}}
    every = iter(np.frombuffer(held, np.uint32).tolist())
    for row, base, size in zip(*(np.frombuffer(column, np.int64).tolist() for column in columns), strict=True):
        own = [entries[next(every)] for _ in range(size)]
        listed = {name for name, _, _ in own}
        found[row] = {name: value for name, value in found[base].items() if name not in listed}
        found[row] |= {name: (oid, kind) for name, oid, kind in own if kind != listing.GONE}
    del found[-1]
    return found


@each_way
def test_a_tree_by_itself_tells_all_of_its_entries(way: Way) -> None:
    made = way(20, 1)

    assert made.whole(
        7, entry(b"a") + entry(b"b", TWO, TREE) + entry(b"c", THREE, SUBMODULE) + entry(b"d", mode=EXECUTABLE)
    )

    assert told(made) == {
        7: {
            b"a": (ONE, listing.NORMAL),
            b"b": (TWO, listing.NORMAL),
            b"c": (THREE, listing.SUBMODULE),
            b"d": (ONE, listing.NORMAL),
        }
    }


@each_way
@pytest.mark.parametrize(
    ("base", "own"),
    [
        (entry(b"a") + entry(b"b"), entry(b"a") + entry(b"b", TWO)),
        (entry(b"a") + entry(b"b"), entry(b"a")),
        (entry(b"a"), entry(b"a") + entry(b"b")),
        (entry(b"b"), entry(b"a") + entry(b"b")),
        (entry(b"a") + entry(b"b"), entry(b"a") + entry(b"c")),
        (entry(b"a") + entry(b"a.c"), entry(b"a.c") + entry(b"a", TWO, TREE)),
        (entry(b"a") + entry(b"b"), entry(b"a", mode=EXECUTABLE) + entry(b"b")),
        (entry(b"b") + entry(b"a"), entry(b"a") + entry(b"b")),
        (entry(b"a", b"\0" * 20), entry(b"a", b"100644 b\0".ljust(20, b"\0"))),
        (b"", entry(b"a")),
        (entry(b"a"), b""),
        (entry(b"a"), entry(b"a")),
    ],
    ids=[
        "another id", "gone at the end", "new at the end", "new at the beginning", "renamed", "a folder now",
        "another mode", "in another order", "an id like an entry", "all new", "all gone", "the same",
    ],
)  # fmt: skip
def test_a_tree_told_as_a_change_of_its_base_has_what_it_has_by_itself(way: Way, base: bytes, own: bytes) -> None:
    made, alone = way(20, 1), way(20, 1)
    made.whole(1, base)
    assert made.changed(2, own, 1, base)
    assert alone.whole(2, own)

    assert told(made)[2] == told(alone)[2]


@each_way
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in ("12", "1", "2", "21")
        for after in ("13", "1", "2", "31", "312", "11")
        if after != before and len(before + after) > 2
    ],
)
def test_a_tree_with_a_name_twice_is_told_as_a_whole(way: Way, before: str, after: str) -> None:
    """Git makes none, but a stranger may: what is told by name would be told of both."""

    def doubled(ids: str) -> bytes:
        return entry(b"a") + b"".join(entry(b"b", number.encode() * 20) for number in ids) + entry(b"c")

    made = way(20, 1)
    made.whole(1, doubled(before))
    made.changed(2, doubled(after), 1, doubled(before))
    _, bases, sizes = (np.frombuffer(column, np.int64) for column in made.done()[4:7])

    assert (bases[1], sizes[1]) == (-1, 2 + len(after))


@each_way
def test_entries_in_common_with_the_base_are_not_told_again(way: Way) -> None:
    made = way(20, 1)
    base = b"".join(entry(b"%03d" % number) for number in range(100))
    made.whole(1, base)
    made.changed(2, base.replace(entry(b"050"), entry(b"050", TWO)), 1, base)

    *_, sizes, _ = made.done()

    assert np.frombuffer(sizes, np.int64).tolist() == [100, 1]


@each_way
def test_what_is_left_of_a_damaged_tree_is_told(way: Way) -> None:
    made = way(20, 1)

    assert not made.whole(1, entry(b"a") + b"damaged" + entry(b"b") + b"100644 cut\0" + ONE[:19])
    assert not made.changed(2, entry(b"a") + b"damaged", 1, entry(b"a"))

    assert {row: set(names) for row, names in told(made).items()} == {1: {b"a", b"b"}, 2: {b"a"}}


@each_way
def test_a_tree_that_has_its_damage_from_its_base_is_damaged(way: Way) -> None:
    made = way(20, 1)
    base = entry(b"b") + b"damaged" + entry(b"c")

    assert not made.whole(1, base)
    assert not made.changed(2, entry(b"a") + base, 1, base)

    assert set(told(made)[2]) == {b"a", b"b", b"c"}


@pytest.mark.skipif(len(ways) == 1 or not isinstance(ways[1], type), reason="there was no compiler")
def test_what_there_was_no_memory_for_leaves_nothing_behind() -> None:
    memory = pytest.importorskip("_testcapi")
    base, own = (b"".join(entry(b"%d" % name, oid) for name in range(2000)) for oid in (ONE, TWO))
    results, failures = [], 0
    for failing in range(1, 60):  # which of the requests for memory
        made = _listing.Listing(20, 1)
        made.whole(1, base)
        for arguments in [(2, own, 1, base), (3, own + b"damaged", 2, own), (4, entry(b"z"), 2, own)]:
            memory.set_nomemory(failing, failing + 1)
            try:
                made.changed(*arguments)
            except MemoryError:
                memory.remove_mem_hooks()
                failures += 1
                made.changed(*arguments)
            finally:
                memory.remove_mem_hooks()
        results.append(told(made))

    assert failures > 10
    assert all(result == results[-1] for result in results)


@each_way
@pytest.mark.parametrize("text", [b"100644 " * 300_000, b"100644 a\0" * 200_000 + b"100644 ", bytes(1_000_000)])
def test_a_long_text_that_is_no_tree_is_given_up_in_time(way: Way, text: bytes) -> None:
    assert not way(20, 1).whole(1, text)


@each_way
def test_a_name_without_end_is_compared_with_many_in_time(way: Way) -> None:
    made = way(20, 1)
    base = b"".join(entry(b"%06d" % number) for number in range(100_000))
    made.whole(1, base)

    assert made.changed(2, entry(b"x" * 4_000_000), 1, base)


@each_way
def test_what_was_told_is_forgotten(way: Way) -> None:
    made = way(20, 1)
    made.whole(1, entry(b"a"))
    made.done()
    made.whole(2, entry(b"b", TWO))

    assert told(made) == {2: {b"b": (TWO, listing.NORMAL)}}


names = st.binary(min_size=1, max_size=6).map(lambda name: name.replace(b"\0", b"-"))
oids = st.sampled_from([ONE, TWO, THREE, b"100644 a\0".ljust(20, b"1"), b"\0" * 10 + b"40000 b\0\0\0"])
folders = st.dictionaries(names, st.tuples(oids, st.sampled_from([BLOB, TREE, SUBMODULE])), max_size=12)
junk = st.one_of(st.just(b""), st.binary(max_size=30), st.sampled_from([b"100644 ", b"40000 x", b"\0" * 25]))


def content(folder: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    def place(name: bytes) -> bytes:
        return name + b"/" if folder[name][1] == TREE else name

    return b"".join(entry(name, *folder[name]) for name in sorted(folder, key=place))


@given(base=folders, changes=folders, dropped=st.sets(st.integers(0, 11)), damage=junk, where=st.integers(0, 400))
def test_native_code_and_python_tell_the_same(
    base: dict[bytes, tuple[bytes, bytes]],
    changes: dict[bytes, tuple[bytes, bytes]],
    dropped: set[int],
    damage: bytes,
    where: int,
) -> None:
    kept = {name: value for at, (name, value) in enumerate(base.items()) if at not in dropped}
    before, after = content(base), content(kept | changes)
    after = after[:where] + damage + after[where:]
    results = []
    for way in [way for way in ways if isinstance(way, type)]:
        made = way(20, 1)
        sound = [made.whole(1, before), made.changed(2, after, 1, before), made.changed(3, before, 2, after)]
        results.append((sound, told(made)))

    assert all(result == results[0] for result in results)


@given(text=st.binary(max_size=200), other=st.binary(max_size=200))
def test_no_bytes_make_it_fail(text: bytes, other: bytes) -> None:
    for way in [way for way in ways if isinstance(way, type)]:
        made = way(32, 1)
        made.whole(1, text)
        made.changed(2, other, 1, text)
        made.done()

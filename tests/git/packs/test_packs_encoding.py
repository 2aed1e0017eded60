"""A delta made for two texts makes the second of the first, in native code and in Python."""

from __future__ import annotations

import random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tightlip.git.native import applied
from tightlip.git.packs import deltas, encoding

ways: dict[str, ModuleType] = {"python": encoding}
try:
    from tightlip.git.packs import _deltas

    ways["native"] = _deltas
except ImportError:  # there was no compiler
    pass
each_way = pytest.mark.parametrize("way", ways.values(), ids=ways)

ANY = 1 << 30


def check(way: ModuleType, base: bytes, own: bytes) -> int:
    """Return how long the delta is."""
    delta = way.between(base, own, ANY)
    assert applied(base, delta, ANY) == deltas.applied(base, delta, ANY) == own
    assert way.between(base, own, len(delta)) == delta
    shorter = way.between(base, own, len(delta) - 1)
    assert shorter is None or (len(shorter) < len(delta) and applied(base, shorter, ANY) == own)
    return len(delta)


@each_way
@given(base=st.binary(max_size=400), own=st.binary(max_size=400))
def test_any_two_texts(way: ModuleType, base: bytes, own: bytes) -> None:
    check(way, base, own)


@each_way
@given(part=st.binary(min_size=1, max_size=300), times=st.integers(1, 1000), data=st.data())
def test_texts_much_alike(way: ModuleType, part: bytes, times: int, data: st.DataObject) -> None:
    base = part * times
    own = bytearray(base)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(own)))
        text = data.draw(st.binary(max_size=40))
        own[at : at + (len(text) if data.draw(st.booleans()) else data.draw(st.integers(0, 40)))] = text
    check(way, base, bytes(own))


@each_way
def test_between_trees_it_is_little_more_than_the_ids_that_changed(way: ModuleType) -> None:
    dice = random.Random(1)
    entries = [b"100644 file-%03d\0%s" % (number, dice.randbytes(20)) for number in range(50)]
    base = b"".join(entries)
    entries[20] = entries[20][:-20] + dice.randbytes(20)
    own = b"".join(entries)
    assert check(way, base, own) < 20 + 20
    assert check(way, own, own[:300] + own[340:]) < 20


@each_way
def test_a_result_of_many_64_kib_is_copied_in_pieces_that_packs_of_version_2_have(way: ModuleType) -> None:
    base = random.Random(3).randbytes(300_000)
    assert check(way, base, base[:100_000] + b"x" * 300 + base[100_300:]) < 400
    assert check(way, base, base) < 50


def test_what_was_moved_is_found_by_native_code() -> None:
    way = pytest.importorskip("tightlip.git.packs._deltas")
    base = random.Random(3).randbytes(70_000)
    assert check(way, base, base[40_000:] + b"between" + base[:40_000]) < 50


@pytest.mark.parametrize("byte", [b"\0", b"ab"])
def test_a_text_of_one_byte_takes_no_longer_than_others(byte: bytes) -> None:
    way = pytest.importorskip("tightlip.git.packs._deltas")
    assert check(way, byte * 3_000_000, byte * 1_000_000 + b"other" + byte * 1_000_000) < 1000

"""Objects of several packs, each once, above what is made of them."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from handmade import BLOB, COMMIT, TAG, TREE, Pack, copy, delta, header
from stores import Git, forest_in, git_in, objects_of, read

from tightlip.git.packs.forest import CIRCULAR, NONE, Forest, _depths, find, forest

KINDS = {"commit": COMMIT, "tree": TREE, "blob": BLOB, "tag": TAG}
BASE = b"0123456789" * 20
TO_BASE = len(BASE)


def oids(trees: Forest) -> list[bytes]:
    return [bytes(oid) for oid in trees.oids]


def cut(size: int) -> bytes:
    """The delta that makes the beginning of the base of it."""
    return delta(TO_BASE, size, copy(0, size))


def test_kinds_bases_and_depths_are_those_that_git_tells(filled: Path, run: Git, store: Path, width: int) -> None:
    run("repack", "-adfq", "--depth=4", "--window=20")
    trees = forest_in(store, width=width)
    lines = run("verify-pack", "-v", *store.glob("pack/*.idx")).splitlines()
    told = {line.split()[0]: line.split() for line in lines if len(line.split()) in (5, 7) and line[6] != " "}
    names = [oid.hex() for oid in oids(trees)]

    assert dict(zip(names, trees.kinds.tolist(), strict=True)) == {o: KINDS[k] for o, k in objects_of(run).items()}
    assert trees.depths.max() >= 2
    for row, name in enumerate(names):
        line = told[name]
        depth, base = (int(line[5]), line[6]) if len(line) == 7 else (0, "")
        assert (trees.depths[row], names[trees.bases[row]] if trees.bases[row] >= 0 else "") == (depth, base)


def test_no_packs_are_a_forest_without_trees() -> None:
    for width in (20, 32):
        trees = forest([], width)
        assert trees.oids.shape == (0, width)
        assert {len(column) for column in (*trees[2:9], trees.packs)} == {0}


def test_an_empty_pack_shifts_nothing(tmp_path: Path) -> None:
    packs = [Pack(), Pack()]
    expected = {packs[1].whole(b"content %d" % number).hex(): b"content %d" % number for number in range(5)}
    for pack in packs:
        pack.write(tmp_path)
    third = Pack()
    expected[third.whole(b"more").hex()] = b"more"
    third.write(tmp_path)

    assert read(forest_in(tmp_path)) == (expected, set())


def test_an_object_of_two_packs_is_there_once(tmp_path: Path) -> None:
    one, two = Pack(), Pack()
    one.ofs(one.whole(BASE), cut(50), BASE[:50])
    two.whole(BASE[:50])
    two.whole(b"only here")
    one.write(tmp_path)
    two.write(tmp_path)
    trees = forest_in(tmp_path)

    assert len(trees.oids) == 3
    assert oids(trees) == sorted(oids(trees))
    assert set(read(trees)[0].values()) == {BASE, BASE[:50], b"only here"}


def test_an_object_that_one_pack_holds_twice_is_there_once(tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(BASE)
    pack.whole(BASE)
    pack.ofs(pack.whole(b"between"), delta(7, 3, copy(0, 3)), b"bet")
    pack.write(tmp_path)
    trees = forest_in(tmp_path)

    assert sorted(read(trees)[0].values()) == [BASE, b"bet", b"between"]
    assert len(trees.oids) == 3


def test_a_damaged_entry_gives_way_to_one_in_another_pack(tmp_path: Path) -> None:
    for first in (True, False):
        folder = tmp_path / str(first)
        good, bad = Pack(), Pack(version=3)
        oid = good.whole(BASE)
        bad.raw(oid, header(5, 3))
        (good if first else bad).whole(b"so that the order of the packs' names differs")
        good.write(folder)
        bad.write(folder)
        trees = forest_in(folder)

        assert trees.kinds[oids(trees).index(oid)] == BLOB


def test_a_base_is_found_in_another_pack(tmp_path: Path) -> None:
    thin, other = Pack(), Pack()
    result = thin.ref(other.whole(BASE), cut(50), BASE[:50])
    further = thin.ofs(result, delta(50, 5, copy(3, 5)), BASE[3:8])
    thin.write(tmp_path)
    other.write(tmp_path / "borrowed")
    trees = forest_in(tmp_path, tmp_path / "borrowed")

    assert trees.depths[oids(trees).index(further)] == 2
    assert set(read(trees)[0].values()) == {BASE, BASE[:50], BASE[3:8]}


def test_a_base_that_is_nowhere_takes_what_is_above_it_along(tmp_path: Path) -> None:
    pack = Pack()
    lost = pack.ref(b"\1" * 20, cut(50), BASE[:50])
    pack.ofs(lost, delta(50, 5, copy(3, 5)), BASE[3:8])
    pack.whole(b"here")
    pack.write(tmp_path)
    trees = forest_in(tmp_path)

    assert sorted(trees.depths.tolist()) == [NONE, NONE, 0]
    assert list(read(trees)[0].values()) == [b"here"]


def circle(folder: Path, around: int) -> None:
    """Write a pack of deltas that go round in a circle, one that leads into it, and a whole object."""
    pack = Pack()
    ids = [bytes([0xA0, number]) + bytes(18) for number in range(around)]
    for at, oid in enumerate(ids):
        pack.raw(oid, header(7, 3) + ids[(at + 1) % around] + b"data")
    pack.ofs(ids[0], cut(50), b"leads into it")
    pack.whole(b"here")
    pack.write(folder)


@pytest.mark.parametrize("around", [1, 2, 3, 7, 8])
def test_what_goes_round_in_a_circle_is_told_apart(around: int, tmp_path: Path) -> None:
    circle(tmp_path, around)
    trees = forest_in(tmp_path)

    assert sorted(trees.depths.tolist()) == [CIRCULAR] * (around + 1) + [0]


def test_what_is_said_to_be_a_delta_of_a_damaged_entry_is_damaged(tmp_path: Path) -> None:
    pack = Pack()
    base = pack.whole(BASE)
    bad = pack.raw(b"\xaa" * 20, header(6, 3) + bytes([pack._size - pack.offsets[base]]))  # a delta without data
    above = pack.ofs(bad, cut(50), b"above")
    pack.write(tmp_path)
    trees = forest_in(tmp_path)

    assert [int(trees.depths[oids(trees).index(oid)]) for oid in (base, bad, above)] == [0, NONE, NONE]


def test_depths_are_found_however_deep_a_chain_is() -> None:
    order = np.random.default_rng(1).permutation(100_000)
    bases = np.full(len(order), NONE)
    bases[order[1:]] = order[:-1]
    started = time.perf_counter()
    depths, roots = _depths(bases, bases == NONE)

    assert time.perf_counter() - started < 5
    assert (depths[order] == np.arange(len(order))).all()
    assert (roots == order[0]).all()


def test_ids_are_found_among_sorted_ones() -> None:
    some = np.array([[0] * 20, [0] * 19 + [1], [1] + [0] * 19, [255] * 20], np.uint8)
    asked = np.array([[255] * 20, [0] * 20, [1] * 20, [1] + [0] * 19], np.uint8)

    assert find(some, asked).tolist() == [3, 0, -1, 2]
    assert find(some[:0], asked).tolist() == [-1] * 4
    assert find(some, asked[:0]).tolist() == []


def test_packs_that_do_not_fit_make_a_forest_that_does_not(tmp_path: Path) -> None:
    for number in range(3):
        pack = Pack()
        pack.whole(b"%d" % number)
        pack.write(tmp_path, ends=None if number else -1)

    assert not forest_in(tmp_path).fits
    assert forest([], 20).fits


def test_a_kept_pack_a_promised_one_and_one_of_cruft_are_packs(filled: Path, run: Git, store: Path, width: int) -> None:
    run("repack", "-adq")
    (kept,) = store.glob("pack/*.pack")
    kept.with_suffix(".keep").touch()
    (filled / "more.txt").write_text("promised")
    run("add", ".")
    run("commit", "-qm", "more")
    run("repack", "-dq")
    (promised,) = set(store.glob("pack/*.pack")) - {kept}
    promised.with_suffix(".promisor").touch()
    run("hash-object", "-w", "--stdin", input=b"nothing reaches this")
    objects = objects_of(run)
    if width == 20:  # git 2.39 cannot write one of SHA-256
        run("repack", "-q", "--cruft", "-d")
        assert list(store.glob("pack/*.mtimes"))
    else:
        run("repack", "-q", "-a", "-d", "--keep-unreachable")
    trees = forest_in(store, width=width)
    assert {oid.hex() for oid in oids(trees)} == set(objects)
    assert git_in(filled)("count-objects").startswith("0 ")

"""The headers of entries, and what hostile ones are taken for."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from handmade import BLOB, OFS, Pack, copy, delta, distance, header, insert
from stores import Git, indexes_in

from tightlip.git.packs import entries as module
from tightlip.git.packs.entries import BAD, Entries, entries
from tightlip.git.packs.index import Index, Refused


def only(folder: Path) -> tuple[Index, Entries]:
    (index,) = indexes_in(folder)
    return index, entries(index, 20)


@pytest.mark.parametrize("option", ["--delta-base-offset", "--no-delta-base-offset"])
def test_headers_are_read_as_git_reads_them(option: str, filled: Path, run: Git, store: Path, width: int) -> None:
    names = run("rev-list", "--objects", "--no-object-names", "--all")
    run("pack-objects", "-q", option, store / "pack" / "pack", input=names.encode())
    (index,) = indexes_in(store, width=width)
    found = entries(index, width)
    lines = [line.split() for line in run("verify-pack", "-v", index.path).splitlines()]
    expected = {line[0]: line for line in lines if len(line) in (5, 7) and len(line[0]) == 2 * width}
    oids = [bytes(index.oids[row]).hex() for row in found.rows]

    assert sorted(oids) == sorted(expected)
    assert found.fits
    for at, oid in enumerate(oids):
        line = expected[oid]
        assert (int(found.sizes[at]), int(found.ends[at] - index.offsets[found.rows[at]])) == (
            int(line[2]),
            int(line[3]),
        )
        if len(line) == 5:
            assert module.COMMIT <= found.kinds[at] <= module.TAG
        elif option == "--delta-base-offset":
            assert (found.kinds[at], oids[found.bases[at]]) == (module.OFS_DELTA, line[6])
        else:
            assert (found.kinds[at], bytes(found.base_oids[at]).hex()) == (module.REF_DELTA, line[6])


@pytest.mark.parametrize("size", [0, 1, 15, 16, 127, 2047, 2048, 100_000, (1 << 60) - 1])
def test_sizes_are_read(size: int, tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"x", says=size)
    pack.write(tmp_path)
    _, found = only(tmp_path)

    assert (found.kinds.tolist(), found.sizes.tolist()) == ([BLOB], [size])


@pytest.mark.parametrize("far", [1, 127, 128, 129, 16511, 16512, 2113663, 2113664])
def test_distances_are_read(far: int, tmp_path: Path) -> None:
    content = b"a base of some bytes"
    pack = Pack()
    base = pack.whole(content)
    filler = far - (pack._size - pack.offsets[base])
    if filler > 0:
        pack.raw(b"\xee" * 20, header(BLOB, 1) + bytes(filler - 1))
    pack.ofs(base, delta(len(content), 3, copy(0, 3)), content[:3])
    pack.write(tmp_path)
    index, found = only(tmp_path)
    last = len(found.rows) - 1

    assert found.kinds[last] == OFS
    assert bytes(index.oids[found.rows[found.bases[last]]]) == base


@pytest.mark.parametrize(
    "entry",
    [
        header(0, 5) + b"xxxxx",
        header(5, 5) + b"xxxxx",
        header(BLOB, 5),  # and no data
        b"\xbf" + b"\xff" * 8 + b"\x7fxxxxx",  # a size of 67 bits
        b"\xbf" + b"\xff" * 40 + b"\x01xxxxx",  # one that goes on
        header(OFS, 5) + distance(1 << 20) + b"xxxxx",  # before the pack
        header(OFS, 5) + distance(3) + b"xxxxx",  # in the middle of an entry
        header(OFS, 5) + b"\0xxxxx",  # itself
        header(OFS, 5) + b"\xff" * 8 + b"\x7fxxxxx",  # more than 63 bits
        header(OFS, 5) + b"\xff" * 40 + b"\x01xxxxx",
        header(7, 5) + b"half an id",
    ],
)
def test_a_header_that_makes_no_sense_is_bad_and_its_neighbours_are_not(entry: bytes, tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"before")
    bad = pack.raw(b"\xaa" * 20, entry)
    pack.whole(b"after")
    pack.write(tmp_path)
    index, found = only(tmp_path)
    kinds = {bytes(index.oids[row]): kind for row, kind in zip(found.rows, found.kinds.tolist(), strict=True)}

    assert kinds.pop(bad) == BAD
    assert set(kinds.values()) == {BLOB}


def test_offsets_that_lie_outside_are_bad(tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"content")
    path = pack.write(tmp_path)
    size = path.stat().st_size
    offsets = np.array([12, 11, 0, -1, size - 20, size, 1 << 62, -(1 << 63)], np.int64)
    found = entries(Index(str(path), np.zeros((8, 20), np.uint8), offsets, b""), 20)

    assert sorted(found.kinds.tolist()) == [BAD] * 7 + [BLOB]


def test_an_empty_pack_has_no_entries(tmp_path: Path) -> None:
    Pack().write(tmp_path)
    _, found = only(tmp_path)

    assert {len(column) for column in found[:-1]} == {0}
    assert found.fits


@pytest.mark.parametrize("content", [b"", b"PACK", b"PACK\0\0\0\2", b"no pack" * 10, b"PACK\0\0\0\4" + bytes(50)])
def test_what_is_no_pack_is_refused(content: bytes, tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"content")
    pack.write(tmp_path).write_bytes(content)
    (index,) = indexes_in(tmp_path)
    if content == b"PACK\0\0\0\2":
        assert not entries(index, 20).kinds.any()
    else:
        with pytest.raises(Refused):
            entries(index, 20)


def test_a_pack_of_version_3_is_a_pack(tmp_path: Path) -> None:
    pack = Pack(version=3)
    pack.whole(b"content")
    pack.write(tmp_path)

    assert only(tmp_path)[1].kinds.tolist() == [BLOB]


def test_a_pack_that_is_cut_or_not_the_one_of_its_index_does_not_fit(tmp_path: Path) -> None:
    pack, other = Pack(), Pack()
    for number in range(5):
        pack.whole(b"content %d" % number)
        other.whole(b"another %d" % number)
    path, others = pack.write(tmp_path), other.write(tmp_path / "other")
    assert only(tmp_path)[1].fits
    data = path.read_bytes()
    for wrong in (data[:-1], data[:-20], data[:40], others.read_bytes()):
        path.write_bytes(wrong)
        assert not only(tmp_path)[1].fits


def test_no_pack_at_all_makes_it_fail(tmp_path: Path) -> None:
    """Bytes by chance, with offsets by chance: whatever they are taken for, it ends."""
    chance = random.Random(1)
    pack = Pack()
    for number in range(60):
        pack.whole(b"content %d" % number)
    path = pack.write(tmp_path)
    (index,) = indexes_in(tmp_path)
    for _ in range(300):
        body = bytes(chance.choices(b"\xff\x80\x7f\x00\xe1\xf1\xb3\x33", k=chance.randrange(400)))
        path.write_bytes(b"PACK\0\0\0\2" + body + bytes(20))
        offsets = np.array([chance.randrange(-5, 500) for _ in range(60)], np.int64)
        found = entries(index._replace(offsets=offsets), 20)
        fine = found.kinds != BAD
        assert (found.sizes[fine] >= 0).all()
        assert (found.starts[fine] < found.ends[fine]).all()
        assert (found.bases < np.arange(60)).all()


def test_a_large_pack_is_read_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"base" * 50
    pack = Pack()
    base = pack.whole(content)
    for number in range(40):
        changed = insert(b"%d" % number)
        pack.ofs(base, delta(200, 200 + len(changed) - 1, copy(0, 200), changed), b"%d" % number)
    pack.write(tmp_path)
    _, whole = only(tmp_path)
    monkeypatch.setattr(module, "_AT_ONCE", 100)
    _, pieces = only(tmp_path)

    assert all(np.array_equal(one, two) for one, two in zip(whole, pieces, strict=True))

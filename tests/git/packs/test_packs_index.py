"""Every form in which git writes down what a pack holds."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from handmade import Pack
from stores import Git, git_in, indexes_in, objects_of

from tightlip.git.packs.index import Index, Refused, indexes


def places(run: Git, store: Path) -> dict[str, dict[str, int]]:
    """By pack, where git says that each object begins."""
    found = {}
    for path in store.glob("pack/*.idx"):
        option = "--object-format=" + run("rev-parse", "--show-object-format")
        lines = run("show-index", option, input=path.read_bytes()).splitlines()
        found[path.stem] = {line.split()[1]: int(line.split()[0]) for line in lines}
    return found


def as_places(index: Index) -> dict[str, int]:
    return {bytes(oid).hex(): int(at) for oid, at in zip(index.oids, index.offsets, strict=True)}


@pytest.mark.parametrize("form", ["1", "2", "2,0x40"])
def test_an_index_is_read_as_git_reads_it(form: str, filled: Path, run: Git, store: Path, width: int) -> None:
    run("repack", "-adq")
    (pack,) = store.glob("pack/*.pack")
    index = pack.with_suffix(".idx")
    index.unlink()
    run("index-pack", f"--index-version={form}", pack)
    (found,) = indexes_in(store, width=width)

    assert {Path(found.path).stem: as_places(found)} == places(run, store)
    assert found.path == str(pack)
    assert found.checksum == pack.read_bytes()[-width:]
    assert [bytes(oid).hex() for oid in found.oids] == sorted(objects_of(run))


def test_each_pack_has_its_index(filled: Path, run: Git, store: Path, width: int) -> None:
    run("repack", "-adq")
    (filled / "more.txt").write_text("more")
    run("add", ".")
    run("commit", "-qm", "more")
    run("repack", "-dq")
    found = indexes_in(store, width=width)

    assert len(found) == 2
    assert {Path(index.path).stem: as_places(index) for index in found} == places(run, store)


def test_a_pack_without_an_index_is_found_in_the_multi_pack_index(
    filled: Path, run: Git, store: Path, width: int
) -> None:
    run("repack", "-adq")
    (filled / "more.txt").write_text("more")
    run("add", ".")
    run("commit", "-qm", "more")
    run("repack", "-dq")
    run("multi-pack-index", "write")
    expected = places(run, store)
    for path in store.glob("pack/*.idx"):
        path.unlink()
    found = indexes_in(store, width=width)

    assert {Path(index.path).stem: as_places(index) for index in found} == expected
    assert {index.checksum for index in found} == {b""}


def test_a_multi_pack_index_counts_for_packs_without_their_own_alone(
    filled: Path, run: Git, store: Path, width: int
) -> None:
    run("repack", "-adq")
    (filled / "more.txt").write_text("more")
    run("add", ".")
    run("commit", "-qm", "more")
    run("repack", "-dq")
    run("multi-pack-index", "write")
    expected = places(run, store)
    next(store.glob("pack/*.idx")).unlink()
    found = indexes_in(store, width=width)

    assert {Path(index.path).stem: as_places(index) for index in found} == expected
    assert sorted(bool(index.checksum) for index in found) == [False, True]


def test_an_object_of_two_packs_is_in_the_multi_pack_index_once(
    filled: Path, run: Git, store: Path, width: int
) -> None:
    run("repack", "-adq")
    run("repack", "-aq", "--window=0", "-f")
    assert len(list(store.glob("pack/*.pack"))) == 2
    run("multi-pack-index", "write")
    expected = set(objects_of(run))
    for path in store.glob("pack/*.idx"):
        path.unlink()
    found = [oid for index in indexes_in(store, width=width) for oid in as_places(index)]

    assert sorted(found) == sorted(expected)


def midx(name: bytes, oid: bytes, place: int, large: list[int]) -> bytes:
    """A multi-pack-index of one object."""
    chunks = [
        (b"PNAM", name + bytes(-len(name) % 4)),
        (b"OIDF", b"".join(struct.pack(">I", oid[0] <= first) for first in range(256))),
        (b"OIDL", oid),
        (b"OOFF", struct.pack(">II", 0, place)),
    ]
    if large:
        chunks.append((b"LOFF", b"".join(struct.pack(">Q", at) for at in large)))
    out = b"MIDX\1\1" + bytes([len(chunks), 0]) + struct.pack(">I", 1)
    at = 12 + 12 * (len(chunks) + 1)
    for kind, chunk in [*chunks, (bytes(4), b"")]:
        out += kind + struct.pack(">Q", at)
        at += len(chunk)
    return out + b"".join(chunk for _, chunk in chunks) + bytes(20)


@pytest.mark.parametrize(
    ("place", "large", "offset"),
    [
        (77, [], 77),
        (3 << 30, [], 3 << 30),  # without the table of large offsets no bit is special
        (1 << 31, [5 << 32], 5 << 32),
        ((1 << 31) + 1, [5 << 32, 12], 12),
    ],
)
def test_offsets_beyond_two_gigabytes_are_read(place: int, large: list[int], offset: int, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack-1.pack").write_bytes(b"")
    (tmp_path / "pack" / "multi-pack-index").write_bytes(midx(b"pack-1.idx\0", b"\1" * 20, place, large))
    (found,) = indexes_in(tmp_path)

    assert as_places(found) == {"01" * 20: offset}


def test_a_place_in_the_table_of_large_offsets_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack-1.pack").write_bytes(b"")
    (tmp_path / "pack" / "multi-pack-index").write_bytes(midx(b"pack-1.idx\0", b"\1" * 20, (1 << 31) + 9, [12]))

    assert [type(index) for index in indexes(str(tmp_path), 20)] == [Refused]


def test_a_store_without_packs_has_no_index(tmp_path: Path) -> None:
    assert list(indexes(str(tmp_path), 20)) == []
    assert list(indexes(str(tmp_path / "nowhere"), 20)) == []
    (tmp_path / "pack").mkdir()
    assert list(indexes(str(tmp_path), 20)) == []


def test_what_is_no_pack_with_an_index_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    for name in ("tmp_pack_1", "pack-1.pack", "pack-2.idx", "pack-3.keep", "pack-4.rev"):
        (tmp_path / "pack" / name).write_bytes(b"")

    assert list(indexes(str(tmp_path), 20)) == []


@pytest.mark.parametrize("size", [0, 3, 8, 100, 1031, 1032, 1100, -100])
def test_an_index_that_is_cut_short_is_refused(size: int, tmp_path: Path) -> None:
    pack = Pack()
    for number in range(10):
        pack.whole(b"%d" % number)
    index = pack.write(tmp_path).with_suffix(".idx")
    index.write_bytes(index.read_bytes()[:size])
    (found,) = indexes(str(tmp_path), 20)

    assert isinstance(found, Refused)


def test_an_index_that_is_no_index_is_refused_or_says_nothing_that_would_be_believed(tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"content")
    index = pack.write(tmp_path).with_suffix(".idx")
    good = index.read_bytes()
    for bad in (
        b"\xfftOc\0\0\0\3" + good[8:],  # a version of the future
        good[:8] + struct.pack(">I", 7) + good[12:],  # counts that go down
        good[: 8 + 4 * 255] + b"\xff\xff\xff\xff" + good[8 + 4 * 256 :],  # more objects than bytes
        b"not an index at all" * 100,
    ):
        index.write_bytes(bad)
        (found,) = indexes(str(tmp_path), 20)
        assert isinstance(found, Refused), bad[:12]


def test_git_finds_nothing_wrong_with_a_pack_made_by_hand(tmp_path: Path) -> None:
    """Or the tests with such packs would prove nothing."""
    subprocess.run(["git", "init", "-q", tmp_path / "r"], check=True)
    base, result = b"0123456789" * 20, b"0123456789" * 20 + b"and more"
    pack = Pack()
    first = pack.whole(base)
    pack.ofs(first, b"\xc8\1" + b"\xd0\1" + b"\x90\xc8" + b"\x08and more", result)
    path = pack.write(tmp_path / "r" / ".git" / "objects")
    run = git_in(tmp_path / "r")
    run("verify-pack", path)

    assert "and more" in run("cat-file", "blob", next(oid for oid in objects_of(run) if oid != first.hex()))

"""Packs that are written read back the same, to git and to tightlip, and what fails leaves nothing."""

from __future__ import annotations

import errno
import io
import os
import pickle
import random
import stat
import subprocess
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha1
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tightlip.git import inventory
from tightlip.git.native import applied, between
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Index, indexes
from tightlip.git.packs.read import Reader
from tightlip.git.packs.units import units
from tightlip.git.plumbing import Git
from tightlip.purge.rewriting import chunk, packwriter
from tightlip.purge.rewriting import line as line_module
from tightlip.purge.rewriting.chunk import DEEPEST, Chunk, apart
from tightlip.purge.rewriting.line import Line
from tightlip.purge.rewriting.packwriter import PackWriter

Objects = dict[str, bytes]
ANY = 1 << 40
WIDTHS = {"sha1": 20, "sha256": 32}
WHO = b"Ada Example <ada@example.org> 1767323045 +0000"


class Store:
    """A repository to write packs into."""

    def __init__(self, where: Path, kind: str) -> None:
        subprocess.run(["git", "init", "-q", f"--object-format={kind}", where], check=True)
        self.where, self.kind, self.width = where, kind, WIDTHS[kind]
        self.folder = where / ".git" / "objects" / "pack"

    def git(self, *args: str | Path, stdin: bytes = b"") -> bytes:
        done = subprocess.run(["git", "-C", self.where, *args], input=stdin, check=True, capture_output=True)
        return done.stdout

    def writer(self) -> PackWriter:
        return PackWriter(str(self.folder), self.width)

    def read_by_git(self) -> Objects:
        """Return every object, once git has said that all is well."""
        assert b"error" not in self.git("fsck", "--strict", "--full", "--no-dangling")
        output, objects = io.BytesIO(self.git("cat-file", "--batch-all-objects", "--batch")), {}
        while line := output.readline():
            oid, _, size = line.split()
            objects[oid.decode()] = output.read(int(size))
            output.read(1)
        return objects

    def read_here(self) -> Objects:
        """Return every object as tightlip's own reader has it."""
        found = inventory.take(Git(str(self.where)))
        assert found.troubles == []
        assert found.forest.fits
        assert not len(found.others)
        reader = Reader(found.forest, limit=ANY)
        every = (read for unit in units(found.forest, 1 << 20) for read in reader.objects(unit))
        objects = {found.table.oid(row): content for row, _, _, _, content in every}
        assert reader.refused == []
        return objects

    def depths(self, pack: str) -> dict[str, int]:
        """Return the depth of each object, as `git verify-pack` says."""
        lines = [line.split() for line in self.git("verify-pack", "-v", pack[:-4] + "idx").decode().splitlines()]
        kinds = ("commit", "tree", "blob", "tag")
        return {line[0]: int(line[5]) if len(line) > 5 else 0 for line in lines if line[1] in kinds}


@pytest.fixture(params=WIDTHS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store(tmp_path / "store", request.param)


def tree(*entries: tuple[str, bytes]) -> bytes:
    return b"".join(b"100644 %s\0%s" % (name.encode(), oid) for name, oid in entries)


def versions(count: int, width: int, seed: int = 0) -> list[bytes]:
    """Trees, each with an id or two that the one before it does not have."""
    source = random.Random(seed)
    oids = [source.randbytes(width) for _ in range(50)]
    found = []
    for _ in range(count):
        oids[source.randrange(50)] = source.randbytes(width)
        found.append(tree(*((f"file-{number:03}", oid) for number, oid in enumerate(oids))))
    return found


def delta_of(base: bytes, own: bytes) -> bytes:
    delta = between(base, own, ANY)
    assert delta is not None
    return delta


def chain(to: Chunk | PackWriter, contents: list[bytes]) -> Objects:
    """Add blobs, each as a delta of the one before it."""
    oids = [to.add(BLOB, contents[0])]
    for before, content in pairwise(contents):
        oids.append(to.add_delta(BLOB, content, oids[-1], delta_of(before, content)))
    return {oid.hex(): content for oid, content in zip(oids, contents, strict=True)}


def a_history(writer: PackWriter | Chunk) -> Objects:
    """Add a bit of everything: what is small, large, empty, and of each kind."""
    source = random.Random(1)
    objects: Objects = {}

    def add(kind: int, content: bytes) -> bytes:
        oid = writer.add(kind, content)
        objects[oid.hex()] = content
        return oid

    blobs = [
        add(BLOB, content)
        for content in (
            b"",
            b"x" * 100,
            b"x" * 101,
            source.randbytes(70_000),
            source.randbytes(3 << 20),
            b"a\n" * 99999,
        )
    ]
    root = add(TREE, tree(*((f"file-{number}", oid) for number, oid in enumerate(blobs))))
    head = b"tree %s\nauthor %s\ncommitter %s\n\n" % (root.hex().encode(), WHO, WHO)
    commit = add(COMMIT, head + b"One\n")
    add(TAG, b"object %s\ntype commit\ntag v1\ntagger %s\n\nA tag\n" % (commit.hex().encode(), WHO))
    return objects


def test_objects_of_each_kind_and_size_read_back_the_same(store: Store) -> None:
    with store.writer() as writer:
        objects = a_history(writer)
        pack = writer.finish()
    assert pack is not None
    assert store.read_by_git() == store.read_here() == objects
    assert len(store.depths(pack)) == len(objects) == len(writer)


def test_objects_read_back_the_same_where_there_is_only_zlib(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "zlib", zlib)
    with store.writer() as writer:
        objects = a_history(writer) | chain(writer, versions(9, store.width))
        writer.finish()
    assert store.read_by_git() == store.read_here() == objects


def test_chains_of_deltas_read_back_the_same_and_end_at_the_depth_that_git_has(store: Store) -> None:
    with store.writer() as writer:
        objects = chain(writer, versions(130, store.width))
        pack = writer.finish()
    assert pack is not None
    assert store.read_by_git() == store.read_here() == objects
    depths = store.depths(pack)
    assert [depths[oid] for oid in objects] == [number % (DEEPEST + 1) for number in range(130)]
    assert os.path.getsize(pack) < 15_000


def test_thousands_of_objects_read_back_the_same(store: Store) -> None:
    with store.writer() as writer:
        objects = {writer.add(BLOB, content).hex(): content for content in (b"%d" % n * (n % 90) for n in range(6000))}
        writer.finish()
    assert len(objects) == len(writer)
    assert store.read_by_git() == store.read_here() == objects


def test_deltas_reach_over_all_that_was_written_before(store: Store) -> None:
    base = random.Random(0).randbytes(5000)
    with store.writer() as writer:
        first = writer.add(BLOB, base)
        for number in range(4):
            writer.add(BLOB, random.Random(number + 1).randbytes(packwriter._AT_ONCE))
        own = base[:2000] + b"other" + base[2000:]
        last = writer.add_delta(BLOB, own, first, delta_of(base, own))
        pack = writer.finish()
    assert pack is not None
    assert store.depths(pack)[last.hex()] == 1
    assert store.read_by_git()[last.hex()] == store.read_here()[last.hex()] == own


def test_a_delta_longer_than_the_object_is_not_used(store: Store) -> None:
    with store.writer() as writer:
        base = writer.add(BLOB, b"a" * 300)
        own = writer.add_delta(BLOB, b"other", base, delta_of(b"a" * 300, b"other"))
        pack = writer.finish()
    assert pack is not None
    assert store.depths(pack)[own.hex()] == 0


def test_a_delta_of_what_is_not_there_is_refused(store: Store) -> None:
    with store.writer() as writer, pytest.raises(KeyError):
        writer.add_delta(BLOB, b"own", bytes(store.width), b"")


def test_an_object_is_written_once(store: Store) -> None:
    one, two = versions(2, store.width)
    with store.writer() as writer:
        oid = writer.add(BLOB, one)
        other = writer.add(BLOB, two)
        assert writer.add(BLOB, one) == oid
        assert writer.add_delta(BLOB, two, oid, delta_of(one, two)) == other
        assert writer.add_delta(BLOB, one, oid, delta_of(one, one)) == oid
        assert len(writer) == 2
        writer.finish()
    assert store.read_by_git() == {oid.hex(): one, other.hex(): two}


def test_a_chunk_is_the_same_on_the_other_side_of_a_pickle(store: Store) -> None:
    chunk = Chunk(store.width)
    chain(chunk, versions(5, store.width))
    other = pickle.loads(pickle.dumps(chunk))  # noqa: S301 - just made
    assert other.data == chunk.data
    assert list(other.rows) == list(chunk.rows)


def test_chunks_put_together_read_back_the_same(store: Store) -> None:
    objects: Objects = {}
    with store.writer() as writer:
        objects |= chain(writer, versions(3, store.width, 100))
        for seed in range(5):
            chunk = Chunk(store.width)
            objects |= chain(chunk, versions(60, store.width, seed))
            writer.append(pickle.loads(pickle.dumps(chunk)))  # noqa: S301 - just made
        history = Chunk(store.width)
        objects |= a_history(history)
        writer.append(history)
        objects |= chain(writer, versions(3, store.width, 101))
        writer.append(Chunk(store.width))
        pack = writer.finish()
    assert pack is not None
    assert len(store.depths(pack)) == len(objects)
    assert store.read_by_git() == store.read_here() == objects


def test_what_an_earlier_chunk_brought_is_not_there_twice(store: Store) -> None:
    contents = versions(40, store.width)
    order = [contents[:20], contents[10:30], contents[25:40][::-1], [*contents[5:8], *versions(3, store.width, 7)]]
    objects: Objects = {}
    with store.writer() as writer:
        for some in order:
            chunk = Chunk(store.width)
            objects |= chain(chunk, some)
            writer.append(chunk)
        assert len(writer) == len(objects)
        pack = writer.finish()
    assert pack is not None
    assert len(store.depths(pack)) == len(objects)
    store.git("index-pack", "--strict", "--verify", pack)  # it refuses a pack with an object twice
    assert store.read_by_git() == store.read_here() == objects
    store.git("repack", "-a", "-d", "-F", "--keep-unreachable")
    assert store.read_by_git() == objects


@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=8), min_size=1, max_size=5))
def test_chunks_that_share_objects_in_any_order_make_a_sound_pack(orders: list[list[int]]) -> None:
    contents = versions(13, 20)
    whole = Chunk()
    for order in orders:
        chunk = Chunk()
        chain(chunk, [contents[number] for number in order])
        whole.append(chunk)
    assert _resolved(whole) == {
        sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest(): content
        for content in (contents[number] for order in orders for number in order)
    }


def _resolved(chunk: Chunk) -> dict[bytes, bytes]:
    """Read entries one after the other, in the simplest way."""
    rows = list(chunk.rows)
    ends = [*(offset for _, _, offset in rows[1:]), chunk.end]
    at: dict[int, bytes] = {}
    for (_, crc, offset), end in zip(rows, ends, strict=True):
        entry = bytes(chunk.data[offset:end])
        assert zlib.crc32(entry) == crc
        if entry[0] >> 4 & 7 == BLOB:
            start = next(place for place, byte in enumerate(entry, 1) if byte < 128)
            at[offset] = zlib.decompress(entry[start:])
        else:
            _, back, rest = apart(entry)
            content = applied(at[offset - back], zlib.decompress(rest), ANY)
            assert content is not None
            at[offset] = content
    return {oid: at[offset] for oid, _, offset in rows}


def test_no_objects_make_no_pack(store: Store) -> None:
    with store.writer() as writer:
        assert writer.finish() is None
    assert list(store.folder.iterdir()) == []


def test_pack_and_index_cannot_be_written_to_and_have_the_name_that_git_gives(store: Store) -> None:
    with store.writer() as writer:
        writer.add(BLOB, b"text")
        pack = writer.finish()
    assert pack is not None
    umask = os.umask(0)
    os.umask(umask)
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()}
    name = f"pack-{Path(pack).read_bytes()[-store.width :].hex()}"
    assert names == {f"{name}.pack": 0o444 & ~umask, f"{name}.idx": 0o444 & ~umask}


@pytest.mark.parametrize("there", [(".pack", ".idx"), (".pack",)])
def test_a_pack_of_that_name_may_be_there(store: Store, there: tuple[str, ...]) -> None:
    for _ in range(2):
        with store.writer() as writer:
            a_history(writer)
            pack = writer.finish()
        assert pack is not None
        names = sorted(path.suffix for path in store.folder.iterdir())
        assert names == [".idx", ".pack"]
        for suffix in {".pack", ".idx"} - set(there):
            Path(pack).with_suffix(suffix).unlink()
    with store.writer() as writer:
        objects = a_history(writer)
        writer.finish()
    assert store.read_by_git() == objects


def test_an_exception_leaves_nothing(store: Store) -> None:
    def written() -> None:
        with store.writer() as writer:
            a_history(writer)
            assert [path.name[:9] for path in store.folder.iterdir()] == ["tmp_pack_"]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written()
    assert list(store.folder.iterdir()) == []


def test_what_is_not_finished_leaves_nothing(store: Store) -> None:
    with store.writer() as writer:
        a_history(writer)
    assert list(store.folder.iterdir()) == []


def test_git_cleans_up_what_a_kill_leaves(store: Store) -> None:
    writer = store.writer()
    a_history(writer)
    writer._created("idx").close()
    assert len(list(store.folder.iterdir())) == 2
    store.git("prune", "--expire=now")
    assert list(store.folder.iterdir()) == []
    writer.__exit__()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Let every call from the n-th on that writes, flushes or renames fail, as on a disk that is full."""
    left = [0]

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class File(io.BufferedRandom):
        def write(self, data: object) -> int:
            count()
            return super().write(data)  # type: ignore[arg-type]

    def opened(path: str, mode: str, opener: Callable[[str, int], int]) -> File:
        count()
        return File(io.FileIO(path, mode, opener=opener))

    def counted(call: Callable[..., None]) -> Callable[..., None]:
        def instead(*args: object) -> None:
            count()
            call(*args)

        return instead

    def after(calls: int) -> None:
        left[0] = calls

    with monkeypatch.context() as patch:
        patch.setattr(packwriter, "open", opened, raising=False)
        patch.setattr(os, "fsync", counted(os.fsync))
        patch.setattr(os, "replace", counted(os.replace))
        yield after


def test_a_full_disk_leaves_nothing_whenever_it_is_full(store: Store, failing: Callable[[int], None]) -> None:
    def written(calls: int) -> bool:
        failing(calls)
        try:
            with store.writer() as writer:
                writer.add(BLOB, b"small")
                writer.add(BLOB, random.Random(1).randbytes(3 << 20))
                writer.add(BLOB, b"more")
                writer.finish()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return False
        return True

    calls = 0
    while not written(calls):
        assert list(store.folder.iterdir()) == []
        calls += 1
    assert calls == 13  # opens, writes, flushes and renames
    assert len(store.read_by_git()) == 3


def test_a_folder_that_is_read_only_is_an_error_and_nothing_is_left(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def refused(path: str, flags: int, *args: int) -> int:
        if flags & os.O_CREAT:  # permissions do not hold for root
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really(path, flags, *args)

    store.folder.chmod(0o555)
    monkeypatch.setattr(os, "open", refused)
    with store.writer() as writer:
        writer.add(BLOB, b"text")
        with pytest.raises(PermissionError):
            writer.finish()
    store.folder.chmod(0o755)
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("kind", WIDTHS)
def test_an_index_has_offsets_of_more_than_2_gib(kind: str, tmp_path: Path) -> None:
    width = WIDTHS[kind]
    source = random.Random(2)
    offsets = [12, (1 << 31) - 1, 1 << 31, (1 << 32) + 5, 1 << 40, 40]
    rows = {source.randbytes(width): (source.getrandbits(32), offset) for offset in offsets}
    crcs = [crc for crc, _ in rows.values()]
    content = chunk.index(rows, crcs, offsets, b"c" * width)
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "pack-1.idx").write_bytes(content)
    (tmp_path / "pack" / "pack-1.pack").touch()
    shown = subprocess.run(
        ["git", "show-index", f"--object-format={kind}"], input=content, check=True, capture_output=True
    ).stdout.decode()
    assert shown.splitlines() == [f"{offset} {oid.hex()} ({crc:08x})" for oid, (crc, offset) in sorted(rows.items())]
    (found,) = indexes(str(tmp_path), width)
    assert isinstance(found, Index)
    assert {bytes(oid): offset for oid, offset in zip(found.oids, found.offsets.tolist(), strict=True)} == {
        oid: offset for oid, (_, offset) in rows.items()
    }


class Counting:
    """Writes nothing, and counts."""

    def __init__(self) -> None:
        self.deltas = 0

    def add(self, _kind: int, content: bytes) -> bytes:
        return content[:20]

    def add_delta(self, _kind: int, content: bytes, _base: bytes, _delta: bytes) -> bytes:
        self.deltas += 1
        return content[:20]


def test_of_thousands_of_versions_only_a_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    text = random.Random(1).randbytes(3000)
    writer = Counting()
    line = Line(writer)
    for row in range(500):
        line.add(BLOB, text + b"%d" % row, row, row - 1)
        assert len(line._versions) <= 50
    assert writer.deltas == 499
    monkeypatch.setattr(line_module, "_BYTES", 10_000)
    line.add(BLOB, text, 500, 499)
    assert sum(len(version.content) for version in line._versions) <= 10_000


def test_a_version_is_made_of_what_its_base_has_become() -> None:
    text, others = random.Random(1).randbytes(3000), random.Random(2).randbytes(3000)
    writer = Counting()
    line = Line(writer)
    line.add(BLOB, text, 1, NONE)
    line.add(BLOB, text + others[:1000], 2, 1)
    line.add(BLOB, text + b"x", 3, 1)
    assert [version.row for version in line._versions] == [1, 3]
    line.add(BLOB, others, 4, 1)
    assert ([version.row for version in line._versions], writer.deltas) == ([4], 2)

"""Objects as the reader gives them: git's own bytes, or none."""

from __future__ import annotations

import random
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from handmade import BLOB, COMMIT, Pack, copy, delta, header, insert
from stores import Git, contents_of, forest_in, objects_of, read

from tightlip.git.packs import read as module
from tightlip.git.packs.forest import NONE, Forest
from tightlip.git.packs.read import Reader

BASE = random.Random(1).randbytes(3000)
LIMIT = 1 << 20


def cut(size: int) -> bytes:
    return delta(len(BASE), size, copy(0, size))


@pytest.mark.parametrize("most", [1, 700, 1 << 20])
@pytest.mark.parametrize("options", [("--depth=50", "--window=50"), ("--depth=1",), ("--window=0",)])
def test_every_object_is_read_as_git_reads_it(
    options: tuple[str, ...], most: int, filled: Path, run: Git, store: Path, width: int
) -> None:
    """In pieces of every size: the smallest have their bases elsewhere."""
    run("repack", "-adfq", *options)
    found, refused = read(forest_in(store, width=width), most=most)

    assert found == contents_of(filled, objects_of(run))
    assert refused == set()


@pytest.mark.parametrize("most", [1, 1 << 20])
def test_deltas_of_bases_by_their_id_are_read(most: int, filled: Path, run: Git, store: Path, width: int) -> None:
    names = run("rev-list", "--objects", "--no-object-names", "--all")
    run("pack-objects", "-q", "--no-delta-base-offset", store / "pack" / "pack", input=names.encode())

    assert read(forest_in(store, width=width), most=most) == (contents_of(filled, objects_of(run)), set())


def test_packs_that_only_a_multi_pack_index_knows_are_read(filled: Path, run: Git, store: Path, width: int) -> None:
    """Git 2.39 cannot read them."""
    run("repack", "-adfq", "--window=20")
    (filled / "more.txt").write_text("more")
    run("add", ".")
    run("commit", "-qm", "more")
    run("repack", "-dq")
    run("multi-pack-index", "write")
    expected = contents_of(filled, objects_of(run))
    for index in store.glob("pack/*.idx"):
        index.unlink()

    assert read(forest_in(store, width=width)) == (expected, set())


def test_a_delta_comes_with_what_its_base_holds(tmp_path: Path) -> None:
    pack = Pack()
    base = pack.whole(BASE)
    pack.ofs(pack.ofs(base, cut(900), BASE[:900]), delta(900, 90, copy(0, 90)), BASE[:90])
    pack.write(tmp_path)
    trees = forest_in(tmp_path)
    reader = Reader(trees, limit=LIMIT)
    reads = list(reader.objects(np.argsort(trees.depths)))
    rows = {len(content): row for row, *_, content in reads}

    assert [(row, base, before, content) for row, base, before, _, content in reads] == [
        (rows[3000], NONE, b"", BASE),
        (rows[900], rows[3000], BASE, BASE[:900]),
        (rows[90], rows[900], BASE[:900], BASE[:90]),
    ]
    assert [delta for *_, delta, _ in reads] == [b"", cut(900), delta(900, 90, copy(0, 90))]


def test_what_is_made_of_objects_of_other_units_is_read(tmp_path: Path) -> None:
    """Each base once more, and by turns, if need be; what they hold is not told."""
    pack, other = Pack(), BASE[::-1]
    one, two = pack.whole(BASE), pack.whole(other)
    for size in (10, 20, 30):
        pack.ofs(one, cut(size), BASE[:size])
        pack.ofs(two, cut(size), other[:size])
    deep = pack.ofs(one, cut(900), BASE[:900])
    pack.ofs(deep, delta(900, 40, copy(0, 40)), BASE[:40])
    pack.write(tmp_path)
    trees = forest_in(tmp_path)
    alone = [
        row for row in range(len(trees.depths)) if trees.depths[row] and trees.sizes[row] and row not in trees.bases
    ]
    reads = list(Reader(trees, limit=LIMIT).objects(np.array(alone)))

    made = [BASE[:size] for size in (10, 20, 30, 40)] + [other[:size] for size in (10, 20, 30)]
    assert sorted(content for *_, content in reads) == sorted(made)
    assert {tuple(rest) for _, *rest, _ in reads} == {(NONE, b"", b"")}


def test_an_empty_object_is_read(tmp_path: Path) -> None:
    pack = Pack()
    pack.whole(b"")
    pack.whole(b"x")
    pack.write(tmp_path)

    assert set(read(forest_in(tmp_path))[0].values()) == {b"", b"x"}


def large(content: bytes) -> bytes:
    """Deflated so that it takes more than the little that is inflated in one go."""
    return zlib.compress(content, 0)


SIZES = [len(BASE), 1 << 17]


@pytest.mark.parametrize("size", SIZES)
def test_a_large_object_is_read_as_a_small_one_is(size: int, tmp_path: Path) -> None:
    content = random.Random(2).randbytes(size)
    pack = Pack()
    pack.whole(content, deflated=large(content))
    pack.whole(b"beside it")
    pack.write(tmp_path)

    assert set(read(forest_in(tmp_path))[0].values()) == {content, b"beside it"}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["flipped", "cut", "no end", "nothing", "larger", "smaller", "no zlib", "checksum"])
def test_damaged_data_is_refused_with_all_that_is_made_of_it(kind: str, size: int, tmp_path: Path) -> None:
    content = random.Random(2).randbytes(size)
    good = large(content)
    data = {
        "flipped": good[:100] + bytes([good[100] ^ 1]) + good[101:],
        "cut": good[: len(good) // 2],
        "no end": good[:-2],
        "nothing": b"",
        "no zlib": bytes(100),
        "checksum": good[:-1] + bytes([good[-1] ^ 1]),
    }.get(kind, good)
    pack = Pack()
    base = pack.whole(content, deflated=data, says=size + {"larger": 1, "smaller": -1}.get(kind, 0))
    child = pack.ofs(base, delta(size, 5, copy(0, 5)), content[:5])
    grandchild = pack.ofs(child, delta(5, 3, copy(0, 3)), content[:3])
    pack.whole(b"beside it")
    pack.write(tmp_path)

    for most in (1, 1 << 20):
        found, refused = read(forest_in(tmp_path), most=most)
        assert list(found.values()) == [b"beside it"]
        assert refused == {oid.hex() for oid in (base, child, grandchild)}


@pytest.mark.parametrize(
    "wrong",
    [
        delta(len(BASE), 10, copy(len(BASE) - 5, 10)),
        delta(len(BASE), 11, copy(0, 10)),
        delta(len(BASE) + 1, 10, copy(0, 10)),
        delta(len(BASE), 10, copy(0, 10), b"\0"),
        b"\xff" * 30,
        b"",
        delta(len(BASE), (1 << 63) - 1, copy(0, 10)),
        delta(len(BASE), LIMIT + 1, copy(0, 10)),
        delta(len(BASE), 0)[:2] + b"\x8a" + b"\x80" * 8 + b"\1" + copy(0, 10),
    ],
)
def test_a_delta_that_does_not_add_up_is_refused_with_all_that_is_made_of_it(wrong: bytes, tmp_path: Path) -> None:
    pack = Pack()
    base = pack.whole(BASE)
    bad = pack.ofs(base, wrong, b"what is meant")
    above = pack.ofs(bad, delta(13, 4, copy(0, 4)), b"what")
    pack.ofs(base, cut(50), BASE[:50])
    pack.write(tmp_path)

    for most in (1, 1 << 20):
        found, refused = read(forest_in(tmp_path), most=most, limit=LIMIT)
        assert set(found.values()) == {BASE, BASE[:50]}
        assert refused == {bad.hex(), above.hex()}


def test_an_object_over_the_limit_is_refused(tmp_path: Path) -> None:
    pack = Pack()
    over = pack.whole(bytes(1001))
    exact = pack.whole(bytes(1000))
    from_small = pack.ofs(exact, delta(1000, 1001, copy(0, 1000), insert(b"x")), bytes(1000) + b"x")
    pack.write(tmp_path)

    for most in (1, 1 << 20):
        found, refused = read(forest_in(tmp_path), most=most, limit=1000)
        assert set(found) == {exact.hex()}
        assert refused == {over.hex(), from_small.hex()}


def wide(folder: Path, *, bases: int, size: int) -> Forest:
    """A pack of bases, each with two deltas behind all others, so that all are waiting for them."""
    pack = Pack()
    contents = [random.Random(number).randbytes(size) for number in range(bases)]
    oids = [pack.whole(content) for content in contents]
    for round_ in (1, 2):
        for oid, content in zip(oids, contents, strict=True):
            pack.ofs(oid, delta(size, round_, copy(0, round_)), content[:round_])
    pack.write(folder)
    return forest_in(folder)


def test_bases_are_held_no_longer_than_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for one base is enough, however many there are."""
    monkeypatch.setattr(module, "_BUDGET", 5000)

    assert read(wide(tmp_path, bases=20, size=3000))[1] == set()


def test_a_base_that_there_is_no_room_for_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made of it is left to git; the base itself is read."""
    monkeypatch.setattr(module, "_BUDGET", 2999)
    found, refused = read(wide(tmp_path, bases=5, size=3000))

    assert sorted({len(content) for content in found.values()}) == [3000]
    assert len(refused) == 10


def test_a_deep_chain_needs_room_for_two_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUDGET", 7000)
    pack = Pack()
    oid, content = pack.whole(BASE), BASE
    for number in range(200):
        content = b"%05d" % number + content[5:]
        changes = delta(len(BASE), len(BASE), insert(content[:5]), copy(5, len(BASE) - 5))
        oid = pack.ofs(oid, changes, content)
    pack.write(tmp_path)
    found, refused = read(forest_in(tmp_path))

    assert (len(found), refused) == (201, set())
    assert found[oid.hex()] == content


def test_a_bush_on_every_branch_of_a_chain_needs_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is followed last at every fork, so that no base of it waits for what lies below."""
    monkeypatch.setattr(module, "_BUDGET", 10_000)
    pack = Pack()
    oid, content = pack.whole(BASE), BASE
    for number in range(50):
        for twig in range(2):
            pack.ofs(oid, delta(len(BASE), 9, insert(b"%04d%05d" % (twig, number))), b"%04d%05d" % (twig, number))
        content = b"%05d" % number + content[5:]
        oid = pack.ofs(oid, delta(len(BASE), len(BASE), insert(content[:5]), copy(5, len(BASE) - 5)), content)
    pack.write(tmp_path)
    found, refused = read(forest_in(tmp_path))

    assert (len(found), refused) == (151, set())


def test_what_is_no_object_of_its_id_is_refused_where_packs_do_not_fit(tmp_path: Path) -> None:
    """As with the index of another pack: at its places there may be other objects."""
    pack = Pack()
    base = pack.whole(BASE)
    pack.ofs(base, cut(50), BASE[:50])
    wrong = pack.raw(b"\xaa" * 20, header(BLOB, 5) + zlib.compress(b"other"))
    pack.whole(b"tree 1", COMMIT)
    path = pack.write(tmp_path)
    assert read(forest_in(tmp_path))[1] == set()  # git does not look either
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    found, refused = read(forest_in(tmp_path))

    assert set(found.values()) == {BASE, BASE[:50], b"tree 1"}
    assert refused == {wrong.hex()}


PROGRAM = """
import resource, sys
sys.path[:0] = [{here!r}]
from stores import forest_in, read
from pathlib import Path
from tightlip.git.packs.read import Reader
from tightlip.git.packs.units import units
trees = forest_in(Path({folder!r}))
reader = Reader(trees, limit=1 << 28)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = size = 0
for unit in units(trees, 1 << 23):
    for *_, content in reader.objects(unit):
        count += 1
        size += len(content)
        del content
print(count, size >> 20, len(reader.refused), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def cost(folder: Path) -> tuple[int, int, int, int]:
    """Objects read, their MiB, those refused, and the MiB of memory that it took at most."""
    program = PROGRAM.format(here=str(Path(__file__).parent), folder=str(folder))
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    count, size, refused, memory = map(int, done.stdout.split())
    return count, size, refused, memory


linux = pytest.mark.skipif(sys.platform != "linux", reason="what it measures is in KiB on Linux alone")


def zeros(mebibytes: int) -> bytes:
    deflate = zlib.compressobj(6)
    return b"".join(deflate.compress(bytes(1 << 20)) for _ in range(mebibytes)) + deflate.flush()


@pytest.mark.slow
@linux
def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    pack = Pack()
    pack.raw(b"\xbb" * 20, header(BLOB, 100) + zeros(150))
    pack.whole(b"beside it")
    pack.write(tmp_path)
    count, _, refused, memory = cost(tmp_path)

    assert (count, refused) == (1, 1)
    assert memory < 50


@pytest.mark.slow
@linux
def test_many_small_bombs_take_the_memory_of_one(tmp_path: Path) -> None:
    """Each is small enough to be inflated in one go."""
    pack, bomb = Pack(), zeros(50)
    assert len(bomb) < 1 << 16
    for number in range(20):
        pack.raw(bytes([number]) * 20, header(BLOB, 100) + bomb)
    pack.write(tmp_path)
    count, _, refused, memory = cost(tmp_path)

    assert (count, refused) == (0, 20)
    assert memory < 200


@pytest.mark.slow
@linux
def test_objects_that_inflate_to_much_are_not_held_together(tmp_path: Path) -> None:
    pack, data = Pack(), zeros(40)
    for number in range(20):
        pack.raw(bytes([number]) * 20, header(BLOB, 40 << 20) + data)
    pack.write(tmp_path)
    count, size, refused, memory = cost(tmp_path)

    assert (count, size, refused) == (20, 800, 0)
    assert memory < 300


@pytest.mark.slow
@linux
def test_a_deep_chain_of_large_objects_is_not_held_together(tmp_path: Path) -> None:
    content = random.Random(3).randbytes(1 << 16) * 64
    pack = Pack()
    oid = pack.whole(content)
    copies = [copy(at, 1 << 16) for at in range(0, len(content), 1 << 16)]
    for number in range(60):
        changes = delta(len(content), len(content), insert(b"%04d" % number), copy(4, (1 << 16) - 4), *copies[1:])
        oid = pack.ofs(oid, changes, b"%d" % number)
    pack.write(tmp_path)
    count, size, refused, memory = cost(tmp_path)

    assert (count, size, refused) == (61, 244, 0)
    assert memory < 60

"""Objects come out of the store whole and in order, and what is wrong with one spoils no other."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tightlip.git.objects import CorruptObject, MissingObject, Object, ObjectReader, TooLarge
from tightlip.git.plumbing import Git

Run = Callable[..., str]
Commit = Callable[..., str]
NOWHERE = "1234567890" * 4


@pytest.fixture
def reader(repo: Path) -> Iterator[ObjectReader]:
    with ObjectReader(Git(str(repo))) as reader:
        yield reader


@pytest.fixture
def add(repo: Path) -> Callable[[bytes], str]:
    """Store a blob and return its id."""

    def add(data: bytes) -> str:
        return Git(str(repo)).run("hash-object", "-w", "--stdin", stdin=data or b"").decode().strip()

    return add


def test_an_object_is_read_as_it_is(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    for data in (b"text\n", b"no end of line", b"\0\xff\r\n\0", b"missing\n", b"\n"):
        assert reader.kind_and_data(add(data)) == ("blob", data)


def test_an_empty_object_is_read(reader: ObjectReader, repo: Path) -> None:
    oid = subprocess.run(["git", "-C", repo, "hash-object", "-w", "/dev/null"], capture_output=True, check=True)

    assert reader.read(oid.stdout.decode().strip()) == b""


def test_the_type_is_told(reader: ObjectReader, commit: Commit, git: Run) -> None:
    commit(**{"a.txt": "x"})
    git("tag", "-a", "v1", "-m", "one")
    names = ("HEAD", "HEAD^{tree}", "HEAD:a.txt", "v1")

    assert [reader.kind_and_data(name)[0] for name in names] == ["commit", "tree", "blob", "tag"]


def test_many_objects_come_in_the_order_they_were_asked_for(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    data = [b"%d\n" % number * number for number in range(40)]
    wanted = [add(each or b"none") for each in data]
    found = list(reader.read_many(wanted * 10))

    assert [item.oid for item in found] == wanted * 10
    assert [item.data for item in found[1:40] if isinstance(item, Object)] == data[1:]


def test_large_objects_in_number_do_not_block(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    oid = add(b"x" * 1_000_000)

    assert sum(len(item.data) for item in reader.read_many([oid] * 200) if isinstance(item, Object)) == 200_000_000


def test_none_asked_for_is_none_read(reader: ObjectReader) -> None:
    assert list(reader.read_many([])) == []


def test_a_missing_object_is_told_and_the_others_are_read(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    one, two = add(b"one"), add(b"two")
    first, second, third = reader.read_many([one, NOWHERE, two])

    assert isinstance(first, Object)
    assert isinstance(third, Object)
    assert isinstance(second, MissingObject)
    assert second.oid == NOWHERE
    assert "git fsck" in str(second)
    with pytest.raises(MissingObject):
        reader.read(NOWHERE)


def test_damaged_objects_are_told_and_the_others_are_read(
    reader: ObjectReader, commit: Commit, damage: Callable[[str], str], git: Run
) -> None:
    commit(**{name: name for name in ("a", "b", "c", "d")})
    ids = [git("rev-parse", f"HEAD:{name}") for name in ("a", "b", "c", "d")]
    damage("HEAD:b")
    damage("HEAD:d")
    found = list(reader.read_many([*ids, NOWHERE, *ids]))

    assert [item.data for item in found if isinstance(item, Object)] == [b"a", b"c"] * 2
    bad = [item for item in found if not isinstance(item, Object)]
    assert [item.oid for item in bad] == [ids[1], ids[3], NOWHERE, ids[1], ids[3]]


def test_an_object_damaged_behind_its_header_is_told_and_the_others_are_read(
    reader: ObjectReader, repo: Path, add: Callable[[bytes], str]
) -> None:
    good, bad = add(b"good"), add(b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(3000)))
    file = repo / ".git" / "objects" / bad[:2] / bad[2:]
    content = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content[: len(content) // 2])
    found = list(reader.read_many([good, bad, good]))

    assert [type(item) for item in found] == [Object, CorruptObject, Object]
    assert bad in str(found[1])


def test_an_object_over_the_limit_is_passed_over(repo: Path, add: Callable[[bytes], str]) -> None:
    large, small = add(b"x" * 3_000_000), add(b"x" * 100)
    with ObjectReader(Git(str(repo)), limit=100) as reader:
        first, second = reader.read_many([large, small])

        assert isinstance(first, TooLarge)
        assert first.size == 3_000_000
        assert isinstance(second, Object)
        with pytest.raises(TooLarge, match="3000000 bytes are over the limit of 100"):
            reader.read(large)


def test_objects_can_be_read_while_others_are_on_the_way(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    outer = [add(b"outer %d" % number) for number in range(100)]
    inner = add(b"inner")
    found = []
    for item in reader.read_many(outer):
        assert isinstance(item, Object)
        assert reader.read(inner) == b"inner"
        found.append(item.data)

    assert found == [b"outer %d" % number for number in range(100)]


def test_what_was_asked_for_and_not_taken_confuses_nothing(reader: ObjectReader, add: Callable[[bytes], str]) -> None:
    ids = [add(b"%d" % number) for number in range(100)]
    for _ in zip(range(3), reader.read_many(ids), strict=False):
        pass

    assert reader.read(ids[50]) == b"50"


def test_the_reader_can_be_started_ahead_and_closed_unused(repo: Path, add: Callable[[bytes], str]) -> None:
    oid = add(b"x")
    with ObjectReader(Git(str(repo))) as reader:
        reader.start()
        assert reader.read(oid) == b"x"
    with ObjectReader(Git(str(repo))) as reader:
        reader.start()


def test_packed_objects_and_those_of_a_borrowed_store_are_read(
    repo: Path, git: Run, commit: Commit, tmp_path: Path
) -> None:
    commit(**{"a.txt": "packed"})
    git("gc", "-q")
    subprocess.run(["git", "clone", "-q", "--shared", repo, tmp_path / "shared"], check=True)
    with ObjectReader(Git(str(tmp_path / "shared"))) as reader:
        assert reader.read("HEAD:a.txt") == b"packed"


def test_a_replace_ref_shows_no_other_object(reader: ObjectReader, git: Run, add: Callable[[bytes], str]) -> None:
    real, other = add(b"real"), add(b"other")
    git("replace", real, other)

    assert reader.read(real) == b"real"


def test_a_repository_of_sha_256_is_read(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--object-format=sha256", tmp_path / "new"], check=True)
    git = Git(str(tmp_path / "new"))
    ids = [git.run("hash-object", "-w", "--stdin", stdin=b"%d" % n).decode().strip() for n in range(30)]
    with ObjectReader(git) as reader:
        found = list(reader.read_many(ids * 10))

    assert [item.data for item in found if isinstance(item, Object)] == [b"%d" % n for n in range(30)] * 10

"""Whatever is damaged is told, everything else is scanned, and the report never passes for complete."""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from handmade import BLOB, Pack, copy, delta, header, insert, number
from stores import git_in

import tightlip
from tightlip.engine import Scanner
from tightlip.finding import Report

Scan = Callable[..., Report]
TEXT = b"".join(b"line %d\n" % line for line in range(300))


@pytest.fixture
def objects(repo: Path) -> Path:
    return repo / ".git" / "objects"


@pytest.fixture
def scan(repo: Path, scanner: Scanner) -> Scan:
    def scan(**options: object) -> Report:
        return tightlip.scan_history(repo, scanner=scanner, **options)  # type: ignore[arg-type]

    return scan


def told(report: Report) -> str:
    return "\n".join(f"{item.what}: {item.why}" for item in report.unscanned)


def secrets(report: Report) -> set[str]:
    return {finding.secret.reveal().decode() for finding in report.findings}


def holding(pack: Pack, value: str) -> bytes:
    """Add an object that holds a value, and a version of it."""
    content = TEXT + value.encode() + b"\n" + TEXT
    base = pack.whole(content)
    changes = delta(len(content), len(content) + 4, insert(b"new\n"), copy(0, len(content)))
    return pack.ofs(base, changes, b"new\n" + content)


WRONG = {
    "copies from beyond its base": delta(len(TEXT), 10, copy(len(TEXT) - 5, 10)),
    "makes less than it says": delta(len(TEXT), 11, copy(0, 10)),
    "makes more than it says": delta(len(TEXT), 9, copy(0, 10)),
    "has another base": delta(len(TEXT) + 1, 10, copy(0, 10)),
    "has a reserved instruction": delta(len(TEXT), 10, copy(0, 10), b"\0"),
    "never ends its size": b"\xff" * 40,
    "never ends its other size": number(len(TEXT)) + b"\xff" * 40,
    "says it makes more than there is memory": delta(len(TEXT), (1 << 63) - 1, copy(0, 10)),
    "is cut": delta(len(TEXT), 10, copy(0, 10))[:-1],
    "is empty": b"",
}


@pytest.mark.parametrize("what", WRONG)
def test_a_delta_that_is_wrong_is_told(what: str, objects: Path, scan: Scan, token: str) -> None:
    pack = Pack()
    bad = pack.ofs(pack.whole(TEXT), WRONG[what], b"what it is meant to be")
    above = pack.ofs(bad, delta(22, 4, copy(0, 4)), b"what")
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert all(oid.hex() in told(report) for oid in (bad, above))
    assert report.scanned["blobs"] == 3
    assert not report.complete


def spoilt(content: bytes) -> bytes:
    data = bytearray(zlib.compress(content))
    data[len(data) // 2] ^= 0x55
    return bytes(data)


DATA = {
    "spoilt": (spoilt(TEXT), len(TEXT)),
    "cut": (zlib.compress(TEXT)[:-20], len(TEXT)),
    "none": (b"", len(TEXT)),
    "longer than it says": (zlib.compress(TEXT), len(TEXT) - 1),
    "shorter than it says": (zlib.compress(TEXT), len(TEXT) + 1),
    "nothing like what it says": (zlib.compress(TEXT), (1 << 60) - 1),
    "a bomb": (zlib.compress(bytes(30 << 20), 1), 100),
}


@pytest.mark.parametrize("what", DATA)
def test_damaged_data_is_told_and_so_is_all_that_is_made_of_it(
    what: str, objects: Path, scan: Scan, token: str
) -> None:
    data, says = DATA[what]
    pack = Pack()
    bad = pack.whole(TEXT, deflated=data, says=says)
    child = pack.ofs(bad, delta(len(TEXT), 50, copy(0, 50)), TEXT[:50])
    grandchild = pack.ofs(child, delta(50, 5, copy(0, 5)), TEXT[:5])
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert all(oid.hex() in told(report) for oid in (bad, child, grandchild))
    assert not report.complete


@pytest.mark.parametrize("where", ["loose", "in another pack"])
def test_what_is_damaged_in_one_place_is_found_in_another(
    where: str, repo: Path, objects: Path, scan: Scan, token: str, other: str
) -> None:
    content = TEXT + token.encode()
    pack = Pack()
    bad = pack.whole(content, deflated=spoilt(content))
    holding(pack, other)
    pack.write(objects)
    if where == "loose":
        shutil.copytree(loose_copy(repo, content), objects, dirs_exist_ok=True)
        assert (objects / bad.hex()[:2] / bad.hex()[2:]).exists()
    else:
        good = Pack()
        good.whole(content)
        good.write(objects)

    assert secrets(scan()) == {token, other}


def loose_copy(repo: Path, content: bytes) -> Path:
    """The store of a repository that holds the object loose: git does not write what it has in a pack."""
    elsewhere = repo.parent / "elsewhere"
    git_in(repo)("init", "-q", elsewhere)
    git_in(elsewhere)("hash-object", "-w", "--stdin", input=content)
    return elsewhere / ".git" / "objects"


@pytest.mark.parametrize("around", [1, 2, 5])
def test_deltas_that_go_round_in_a_circle_end_nothing(around: int, objects: Path, scan: Scan, token: str) -> None:
    """Git is not asked for them: it would never answer."""
    pack = Pack()
    ids = [hashlib.sha1(b"%d" % at, usedforsecurity=False).digest() for at in range(around)]
    for at, oid in enumerate(ids):
        changes = delta(10, 10, copy(0, 10))
        pack.raw(oid, header(7, len(changes)) + ids[(at + 1) % around] + zlib.compress(changes))
    leads_there = pack.ofs(ids[0], delta(10, 5, copy(0, 5)), b"leads there")
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert all(f"object {oid.hex()}: its deltas go round" in told(report) for oid in (*ids, leads_there))
    assert not report.complete


def test_of_very_many_in_a_circle_some_are_named(objects: Path, scan: Scan) -> None:
    pack = Pack()
    ids = [hashlib.sha1(b"%d" % at, usedforsecurity=False).digest() for at in range(150)]
    for at, oid in enumerate(ids):
        pack.raw(oid, header(7, 3) + ids[at - 1] + b"data")
    pack.write(objects)
    report = scan()

    assert len(report.unscanned) == 101
    assert "50 more objects: their deltas go round" in told(report)


def test_a_base_that_is_nowhere_is_told(objects: Path, scan: Scan, token: str) -> None:
    pack = Pack()
    lost = pack.ref(b"\1" * 20, delta(len(TEXT), 50, copy(0, 50)), TEXT[:50])
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert lost.hex() in told(report)


def test_a_base_that_is_in_another_pack_is_found_though_git_would_not(objects: Path, scan: Scan, token: str) -> None:
    pack, other = Pack(), Pack()
    base = other.whole(TEXT)
    content = f"{token}\n".encode() + TEXT
    pack.ref(base, delta(len(TEXT), len(content), insert(content[: -len(TEXT)]), copy(0, len(TEXT))), content)
    pack.write(objects)
    other.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert report.complete


HEADERS = {
    "of no type": header(0, 5) + zlib.compress(b"12345"),
    "of a type that is none yet": header(5, 5) + zlib.compress(b"12345"),
    "with a size that never ends": b"\xbf" + b"\xff" * 40,
    "of a delta of what is before the pack": header(6, 5) + b"\xff\xff\x7f" + zlib.compress(b"12345"),
    "of a delta of what is before everything": header(6, 5) + b"\xff" * 9 + b"\x7f" + zlib.compress(b"12345"),
    "of a delta of itself": header(6, 5) + b"\0" + zlib.compress(b"12345"),
    "and nothing behind it": header(BLOB, 5),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_header_that_makes_no_sense_is_told(what: str, objects: Path, scan: Scan, token: str) -> None:
    pack = Pack()
    pack.whole(TEXT)
    bad = pack.raw(b"\xaa" * 20, HEADERS[what])
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert bad.hex() in told(report)
    assert not report.complete


def test_a_pack_that_is_cut_is_read_as_far_as_it_goes(objects: Path, scan: Scan, token: str, other: str) -> None:
    pack = Pack()
    holding(pack, token)
    at = pack._size
    lost = holding(pack, other)
    pack.write(objects, ends=at + 60)
    report = scan()

    assert secrets(report) == {token}
    assert lost.hex() in told(report)
    assert not report.complete


@pytest.mark.parametrize("size", [0, 4, 11, 12, 31])
def test_a_pack_that_is_cut_to_next_to_nothing_is_told(size: int, objects: Path, scan: Scan, token: str) -> None:
    pack = Pack()
    lost = holding(pack, token)
    pack.write(objects, ends=size)
    report = scan()

    assert report.findings == ()
    assert lost.hex() in told(report)


def test_a_pack_that_lacks_only_its_end_is_told(objects: Path, scan: Scan, token: str) -> None:
    pack = Pack()
    holding(pack, token)
    pack.whole(b"the last one")
    pack.write(objects).write_bytes(pack.write(objects).read_bytes()[:-20])
    report = scan()

    assert secrets(report) == {token}
    assert "damaged or not the one of its index" in told(report)


@pytest.mark.parametrize("size", [0, 100, 1031, 1050, -300])
def test_an_index_that_is_cut_is_told(size: int, objects: Path, scan: Scan, token: str, other: str) -> None:
    bad, good = Pack(), Pack()
    for line in range(20):
        bad.whole(b"%d" % line)
    holding(bad, other)
    holding(good, token)
    good.write(objects)
    index = bad.write(objects).with_suffix(".idx")
    index.write_bytes(index.read_bytes()[:size])
    report = scan()

    assert secrets(report) >= {token}
    assert not report.complete


def test_an_index_of_another_pack_is_told_and_nothing_gets_a_wrong_name(
    objects: Path, scan: Scan, token: str, other: str
) -> None:
    one, two, good = Pack(), Pack(), Pack()
    mine = one.whole(f"{token} and so on".encode())
    theirs = two.whole(f"{other} and so on".encode())
    one.whole(TEXT)
    two.whole(TEXT[::-1])
    holding(good, token[:-2] + "xx")
    good.write(objects)
    path, wrong = one.write(objects), two.write(objects.parent / "elsewhere")
    shutil.copy(wrong.with_suffix(".idx"), path.with_suffix(".idx"))
    report = scan()

    assert secrets(report) == {token[:-2] + "xx"}
    assert path.name in told(report)
    assert theirs.hex() in told(report)
    assert mine.hex() not in {place.blob for finding in report.findings for place in finding.occurrences}


def test_an_index_of_the_same_pack_that_lacks_objects_is_told(objects: Path, scan: Scan, token: str) -> None:
    """It is a whole index, with the right checksum, for fewer objects."""
    pack, fewer = Pack(), Pack()
    for made in (pack, fewer):
        made.whole(TEXT)
    holding(pack, token)
    path = pack.write(objects)
    path.with_suffix(".idx").write_bytes(fewer._index(path.read_bytes()[-20:]))
    report = scan()

    assert path.name in told(report)
    assert not report.complete


def test_a_pack_that_must_not_be_read_is_told(objects: Path, scan: Scan, token: str) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    pack = Pack()
    lost = holding(pack, token)
    pack.write(objects).chmod(0)

    assert lost.hex() in told(scan())


def test_an_index_without_a_pack_is_no_object(objects: Path, scan: Scan, token: str) -> None:
    """It says nothing that a ref or a tree does not say: where these lead to an object, that is missing."""
    pack = Pack()
    holding(pack, token)
    pack.write(objects).unlink()

    assert scan().findings == ()


def test_an_object_over_the_limit_is_told(
    objects: Path, scan: Scan, scanner: tightlip.Scanner, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "limit", 10_000)
    pack = Pack()
    large = pack.whole(bytes(10_001))
    exact = pack.whole(bytes(10_000))
    made = pack.ofs(exact, delta(10_000, 10_001, copy(0, 10_000), insert(b"x")), bytes(10_000) + b"x")
    holding(pack, token)
    pack.write(objects)
    report = scan()

    assert secrets(report) == {token}
    assert f"object {large.hex()}: its 10001 bytes are over the limit" in told(report)
    assert f"object {made.hex()}: its 10001 bytes are over the limit" in told(report)
    assert report.scanned["blobs"] == 3


def test_several_processes_tell_the_same(
    objects: Path, scan: Scan, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tightlip import tasks

    monkeypatch.setattr(tasks, "_LEAST", 1000)
    pack = Pack()
    for what, changes in WRONG.items():
        pack.ofs(pack.whole(TEXT + what.encode()), changes, what.encode())
    for what, (data, says) in DATA.items():
        pack.whole(what.encode(), deflated=data, says=says)
    holding(pack, token)
    pack.write(objects)
    alone, together = scan(), scan(jobs=2)

    assert secrets(alone) == secrets(together) == {token}
    # Why one is not to be had depends on what git was asked before.
    assert sorted(item.what for item in alone.unscanned) == sorted(item.what for item in together.unscanned)
    assert alone.scanned == together.scanned

"""Archives and compressed files: what they hold is found, and what cannot be read of them is told."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping

import pytest

from tightlip.engine import Scanner
from tightlip.engine.decode import budget, is_container
from tightlip.rule import Rule
from tightlip.rules import rule_set

Files = Mapping[str, bytes]


@pytest.fixture
def secret(token: str) -> bytes:
    return token.encode()


def zipped(files: Files) -> bytes:
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return out.getvalue()


def tarred(files: Files) -> bytes:
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        return out.getvalue()


def through(scanner: Scanner, text: bytes) -> list[tuple[bytes, tuple[str, ...]]]:
    outcome = scanner.scan(text)
    assert outcome.unscanned == []
    return [(match.secret.reveal(), match.decoded_through) for match in outcome.matches]


def told(scanner: Scanner, text: bytes) -> list[str]:
    return [why for _, why in scanner.scan(text, b"a.bin").unscanned]


@pytest.mark.parametrize(("step", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_read(scanner: Scanner, secret: bytes, step: str, pack: Callable[[bytes], bytes]) -> None:
    text = pack(b"a line of text\n" * 50 + secret)

    assert through(scanner, text) == [(secret, (step,))]
    assert through(scanner, text + pack(b"\nmore")) == [(secret, (step,))]


def test_the_files_of_an_archive_are_read_each_for_itself(scanner: Scanner, secret: bytes) -> None:
    files = {"a/b.txt": b"token: " + secret, "c/.env": b"DB_PASS" + b"WORD=s3cr3t-h0rse\n", "d.txt": b"nothing"}

    assert through(scanner, zipped(files)) == [
        (secret, ("zip:a/b.txt",)),
        (b"s3cr3t-h0rse", ("zip:c/.env",)),
    ]


def test_in_a_tar_file_rules_go_by_the_names_in_it_and_the_place_is_that_of_the_bytes() -> None:
    by_path = Rule("t", "t", "T", "high", 0.9, r"pass (?P<secret>[0-9a-z]{9})\b", (), path=r"(^|/)\.trc$")
    text = tarred({"a.txt": b"pass q7w3e9r1t", "c/.trc": b"a line\npass z8x6c4v2b\n"})
    (match,) = Scanner(rule_set([by_path])).scan(text, b"x.tar").matches

    assert text[match.start : match.end] == match.secret.reveal() == b"z8x6c4v2b"
    assert match.decoded_through == ("tar:c/.trc",)


def test_containers_are_read_in_each_other(scanner: Scanner, secret: bytes) -> None:
    inner = gzip.compress(tarred({"x/key.txt": b"k: " + secret}))
    text = b"data: " + base64.b64encode(zipped({"lib.tgz": inner}))

    assert through(scanner, text) == [(secret, ("base64", "zip:lib.tgz", "gzip", "tar:x/key.txt"))]


def test_more_encodings_beneath_each_other_than_are_read_are_told(scanner: Scanner, secret: bytes) -> None:
    text = secret
    for _ in range(budget.DEPTH):
        text = base64.b64encode(text)
    assert through(scanner, text) == [(secret, ("base64",) * budget.DEPTH)]

    (why,) = told(scanner, base64.b64encode(text))
    assert "more than 5 encodings beneath each other" in why


def test_a_bomb_costs_no_memory_and_is_told(scanner: Scanner) -> None:
    bomb = gzip.compress(bytes(1 << 28))
    tracemalloc.start()
    why = told(scanner, bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert why == ["gzip: only its first 33,554,432 bytes were scanned"]
    assert most < 5 * budget.MOST_AT_ONCE


def test_what_unpacks_to_very_many_times_its_size_is_cut_off(scanner: Scanner) -> None:
    assert told(scanner, bz2.compress(bytes(1 << 24))) == ["bzip2: only its first 8,388,608 bytes were scanned"]


def test_all_that_is_decoded_of_one_text_is_bounded(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST", 1 << 20)
    many = zipped({f"{number}.txt": b"%d\n" % number * 100_000 for number in range(9)})

    assert "it decodes to more than 1 MiB" in told(scanner, many)[-1]


def test_the_number_of_files_is_bounded(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_FILES", 3)

    assert told(scanner, zipped({f"{number}": b"%d" % number for number in range(4)})) == [
        "it holds more than 3 files; the rest was not scanned"
    ]


def test_the_time_is_bounded(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "SECONDS", -1.0)

    assert "decoding took longer" in told(scanner, gzip.compress(b"text"))[0]


def test_an_encrypted_file_is_told_and_the_others_are_read(scanner: Scanner, secret: bytes) -> None:
    whole = zipped({"a.txt": b"a", "b.txt": secret})
    directory = whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"PK\x01\x02"))
    text = whole[: directory + 8] + b"\x01" + whole[directory + 9 :]
    outcome = scanner.scan(text, b"x.zip")

    assert [match.secret.reveal() for match in outcome.matches] == [secret]
    assert outcome.unscanned == [("x.zip", "zip:a.txt: it is encrypted")]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_a_file_that_ends_early_is_read_as_far_as_it_goes(
    scanner: Scanner, secret: bytes, pack: Callable[[bytes], bytes]
) -> None:
    text = pack(secret + b"\n" + bytes(range(256)) * 40)[:-9]

    assert [found for found, _ in through(scanner, text)] == [secret]


def test_of_a_damaged_file_what_can_be_read_is_read_and_the_damage_is_told(scanner: Scanner, secret: bytes) -> None:
    whole = gzip.compress(b"k: " + secret)
    outcome = scanner.scan(whole[:-8] + b"wrong" + whole[-3:], b"a.gz")

    assert [match.secret.reveal() for match in outcome.matches] == [secret]
    assert outcome.unscanned == [("a.gz", "gzip: it is damaged")]


def test_a_file_of_an_archive_that_is_damaged_is_told(scanner: Scanner) -> None:
    whole = zipped({"a.txt": b"some text", "b.txt": b"more"})
    packed = whole.index(b"a.txt") + len(b"a.txt")

    (why,) = told(scanner, whole[:packed] + b"\xff" * 4 + whole[packed + 4 :])
    assert why.startswith("zip:a.txt: it is damaged")


def test_of_an_archive_without_its_end_the_files_are_read(scanner: Scanner, secret: bytes) -> None:
    text = zipped({"a.txt": b"a" * 99, "b.txt": b"b: " + secret})[:-50]
    assert through(scanner, text) == [(secret, ("zip:b.txt",))]

    encrypted = text[:6] + b"\x01" + text[7:]
    assert told(scanner, encrypted) == ["zip: it is damaged; only a part of it could be read"]


@pytest.mark.parametrize("magic", [b"\x1f\x8b\x08", b"BZh91AY", b"\xfd7zXZ\0", b"PK\x03\x04", b"\n" * 257 + b"ustar"])
def test_what_only_begins_like_a_container_is_data_like_any_other(
    scanner: Scanner, secret: bytes, magic: bytes
) -> None:
    assert [found for found, _ in through(scanner, magic + b" no more\n" * 99 + secret)] == [secret]


def test_a_damaged_tar_file_was_searched_as_it_is(scanner: Scanner, secret: bytes) -> None:
    whole = tarred({"a.txt": b"a" * 700, "b.txt": b"k: " + secret})
    second = whole.index(b"b.txt")

    assert [found for found, _ in through(scanner, whole[:second] + b"#" + whole[second + 1 :])] == [secret]


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_damage_anywhere_is_no_error(scanner: Scanner, secret: bytes, cut: int) -> None:
    for whole in (zipped({"a.txt": secret * 3, "b/c": b"d" * 300}), tarred({"a": secret}), gzip.compress(secret * 9)):
        at = cut % len(whole)
        scanner.scan(whole[:at] + b"\xff\x00" + whole[at + 2 :])
        scanner.scan(whole[:at])


def test_what_is_no_container_is_none(secret: bytes) -> None:
    assert not is_container(b"see PK\x03\x04")
    assert is_container(zipped({"a": secret}))

"""Whatever a staged file is made of and is called, what it holds is seen, at the right place."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]

posix_names = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
linux_names = pytest.mark.skipif(sys.platform != "linux", reason="this file system takes names in UTF-8 only")


def test_only_the_index_counts_and_not_the_working_tree(
    token: str, put: Callable[..., Path], stage: Stage, found: Found
) -> None:
    stage("staged.py", f'x = "{token}"\n')
    put("staged.py", "x = None\n")
    stage("clean.py", "x = None\n")
    put("clean.py", f'x = "{token}"\n')
    put("untracked.py", f'x = "{token}"\n')

    assert found() == ["staged.py:1:6"]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF8, "utf-8"),
    ],
)
def test_a_file_in_any_unicode_form_is_read(
    mark: bytes, encoding: str, token: str, git: Git, stage: Stage, found: Found
) -> None:
    stage("a.txt", mark + "first\r\n".encode(encoding))
    git("commit", "-qm", "first")
    stage("a.txt", mark + f"first\r\nhéé {token}\r\n".encode(encoding))

    assert found() == ["a.txt:2:5"]


def test_utf_16_is_read_where_its_first_pages_have_no_ascii(token: str, stage: Stage, found: Found) -> None:
    stage("a.txt", codecs.BOM_UTF16_LE + ("漢字" * 3000 + f"\n{token}").encode("utf-16-le"))

    assert found() == ["a.txt:2:1"]


def test_a_byte_order_mark_is_no_column(token: str, stage: Stage, found: Found) -> None:
    stage("a.txt", codecs.BOM_UTF8 + token.encode())

    assert found() == ["a.txt:1:1"]


@pytest.mark.parametrize(
    "noise", [b"\0", b"\0\1\2\377" * 3000, b"\x89PNG\r\n\x1a\n\0\0", b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n"]
)
def test_a_binary_file_is_searched(noise: bytes, token: str, stage: Stage, found: Found) -> None:
    stage("a.bin", noise + b"\n" + token.encode() + b"\n" + noise)

    assert [place.split(":")[0] for place in found()] == ["a.bin"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("a\r\nb\r\nx = '{}'\r\n", "3:6"),
        ("{}", "1:1"),
        ("a\n{}\0", "2:1"),
        ("\n\n\t{}\n", "3:2"),
        ("日本語 {}", "1:5"),
        ("a\rb\r{}\r", "1:5"),
    ],
    ids=["CRLF", "no line break", "NUL", "tab", "wide characters", "CR only"],
)
def test_lines_and_columns_are_those_of_an_editor(
    content: str, place: str, token: str, stage: Stage, found: Found
) -> None:
    stage("a.txt", content.format(token))

    assert found() == [f"a.txt:{place}"]


def test_a_line_of_ten_megabytes_is_searched_to_its_end(token: str, git: Git, stage: Stage, found: Found) -> None:
    line = "x " * 5_000_000
    git("config", "core.compression", "0")
    stage("a.js", line)
    git("commit", "-qm", "a long line")
    stage("a.js", line + token)

    assert found() == ["a.js:1:10000001"]


def test_an_empty_file_holds_nothing_and_hides_nothing(token: str, git: Git, stage: Stage, found: Found) -> None:
    stage("empty", "")
    stage("a.txt", token)
    assert found() == ["a.txt:1:1"]

    git("commit", "-qm", "added")
    stage("a.txt", "")
    stage("empty", token)
    assert found() == []


def test_what_is_over_the_size_limit_is_told(
    token: str, repo: Path, stage: Stage, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "limit", 1000)
    stage("large.txt", f"{token}\n" + "x" * 1000)
    stage("small.txt", token)

    report = tightlip.scan_staged(repo, scanner=scanner)

    assert [finding.occurrences[0].path for finding in report.findings] == ["small.txt"]
    assert [what for what, _ in report.unscanned] == ["large.txt"]
    assert "1041 bytes" in report.unscanned[0].why
    assert not report.complete


@posix_names
@pytest.mark.parametrize(
    "name",
    [
        "a b.txt",
        " leading and trailing ",
        'it\'s "quoted".txt',
        "line\nbreak\tand tab.txt",
        "back\\slash.txt",
        "*?[a].txt",
        "-rf",
        ":(exclude)a.txt",
        "ünïcödé 漢字.txt",
        "dir with space/b.txt",
        ":100644 100644 a b M",
        "CON.txt",
    ],
)
def test_a_file_of_any_name_is_read(name: str, token: str, git: Git, stage: Stage, found: Found) -> None:
    stage(name, "nothing\n")
    git("commit", "-qm", "named")
    stage(name, f"nothing\n{token}\n")

    assert found() == [f"{name}:2:1"]


@linux_names
def test_a_name_that_is_not_utf_8_is_kept_byte_for_byte(token: str, stage: Stage, found: Found) -> None:
    name = os.fsdecode(b"caf\xe9\xff.txt")
    stage(name, token)

    assert found() == [f"{name}:1:1"]
    assert os.fsencode(name) == b"caf\xe9\xff.txt"


def test_a_secret_in_the_name_of_a_new_file_is_found(
    token: str, other: str, git: Git, stage: Stage, found: Found
) -> None:
    stage("plain.txt", "nothing\n")
    git("commit", "-qm", "plain")
    git("mv", "plain.txt", f"{token}.txt")
    stage(f"keys/{other}/a.txt", "nothing\n")

    assert sorted(found()) == sorted([f"{token}.txt in its path", f"keys/{other}/a.txt in its path"])


def test_a_secret_in_the_name_of_a_file_that_changes_or_goes_is_no_news(
    token: str, other: str, git: Git, stage: Stage, found: Found
) -> None:
    stage(f"{token}.txt", "nothing\n")
    stage(f"{other}.txt", "nothing\n")
    git("commit", "-qm", "named")
    stage(f"{token}.txt", "something\n")
    git("rm", "-q", f"{other}.txt")

    assert found() == []


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
class TestSymbolicLinks:
    def test_the_target_text_is_searched_and_what_it_points_to_is_not(
        self, token: str, other: str, repo: Path, put: Callable[..., Path], git: Git, found: Found
    ) -> None:
        put("../outside.txt", token)
        (repo / "link").symlink_to(f"/srv/{other}")
        (repo / "harmless").symlink_to("../outside.txt")
        git("add", "link", "harmless")

        assert found() == ["link:1:6"]

    def test_a_link_that_becomes_a_file_is_read(
        self, token: str, repo: Path, stage: Stage, git: Git, found: Found
    ) -> None:
        (repo / "a").symlink_to("target")
        git("add", "a")
        git("commit", "-qm", "a link")
        (repo / "a").unlink()
        stage("a", f"now a file\n{token}\n")

        assert found() == ["a:2:1"]

    def test_a_file_that_becomes_a_link_is_read(
        self, token: str, other: str, repo: Path, stage: Stage, git: Git, found: Found
    ) -> None:
        stage("a", f"{token}\n")
        stage("b", "nothing\n")
        git("commit", "-qm", "files")
        for name, target in (("a", "elsewhere"), ("b", other)):
            (repo / name).unlink()
            (repo / name).symlink_to(target)
        git("add", "a", "b")

        assert found() == ["b:1:1"]

"""Patterns that are compiled once on a machine: the same ones, and nothing that could not be trusted."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest
import regex

import tightlip
from tightlip import cachefolder, patterns

USE = """
import os, sys
os.environ["TIGHTLIP_CACHE"] = sys.argv[1]
import tightlip
from tightlip import patterns
found = patterns.pattern(rb"(?i)key[=:](?P<secret>[0-9a-f]{8,10})(?!x)")
words = patterns.pattern("(?r)[a-zß]+ | \\\\d", patterns.VERBOSE | patterns.IGNORECASE)
print(found.search(b"KEY:0123abcdef0")["secret"].decode(), words.match("a 1 Straße")[0], "regex" in sys.modules)
patterns.keep()
"""
IN_FULL, FROM_THE_CACHE = "0123abcdef Straße True\n", "0123abcdef Straße False\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "of the user"
    made.mkdir(mode=0o700)
    return made


def used(folder: Path) -> str:
    return python(USE, folder)


def python(code: str, folder: Path) -> str:
    env = os.environ | {"PYTHONUTF8": "1", "PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
    command = [sys.executable, "-c", code, str(folder)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


def file(folder: Path) -> Path:
    """The file of what was compiled."""
    (found,) = folder.glob(f"{patterns.NAME}*")
    return found


def kept(folder: Path) -> tuple[object, dict[tuple[str, int], bytes]]:
    stamp, rows = marshal.loads(file(folder).read_bytes()[4:])  # noqa: S302 - of our own file
    return stamp, rows


def put(folder: Path, content: object) -> None:
    """Put something in the place of what was compiled, with its checksum."""
    marshalled = marshal.dumps(content)
    file(folder).write_bytes(crc32(marshalled).to_bytes(4, "big") + marshalled)


def test_a_pattern_that_was_compiled_once_needs_no_compiler_again(folder: Path) -> None:
    assert used(folder) == IN_FULL
    assert used(folder) == FROM_THE_CACHE


def test_nothing_is_written_where_no_rules_are_cached(tmp_path: Path) -> None:
    assert used(tmp_path / "nowhere") == IN_FULL
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff\xfe nonsense", id="something else"),
    ],
)
def test_a_file_that_is_not_ours_is_replaced(folder: Path, content: bytes) -> None:
    used(folder)
    file(folder).write_bytes(content)
    assert used(folder) == IN_FULL
    assert used(folder) == FROM_THE_CACHE


def test_what_another_build_made_is_not_used(folder: Path) -> None:
    used(folder)
    put(folder, ((1, sys.hexversion, "another build"), kept(folder)[1]))
    assert used(folder) == IN_FULL
    assert used(folder) == FROM_THE_CACHE


def test_a_file_with_a_byte_that_is_another_is_replaced_and_not_given_to_the_extension_module(folder: Path) -> None:
    used(folder)
    whole = file(folder).read_bytes()
    for at in range(0, len(whole), len(whole) // 5):
        file(folder).write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert used(folder) == IN_FULL
        assert used(folder) == FROM_THE_CACHE


def test_what_does_not_make_a_pattern_is_compiled_anew(folder: Path) -> None:
    used(folder)
    stamp, rows = kept(folder)
    put(folder, (stamp, dict.fromkeys(rows, marshal.dumps((1, 2)))))
    assert used(folder) == IN_FULL
    assert used(folder) == FROM_THE_CACHE


@pytest.mark.skipif(sys.platform == "win32", reason="the user's profile keeps others out")
def test_a_folder_that_others_can_write_is_neither_read_nor_written(folder: Path) -> None:
    used(folder)
    before = file(folder).read_bytes()
    folder.chmod(0o777)
    assert used(folder) == IN_FULL
    assert file(folder).read_bytes() == before


def test_the_file_does_not_grow_for_ever(folder: Path) -> None:
    used(folder)
    stamp, rows = kept(folder)
    many = rows | {(f"old{number}", 0): b"" for number in range(4096)}
    put(folder, (stamp, many))
    python(USE.replace("{8,10}", "{9,11}"), folder)
    assert len(kept(folder)[1]) < 10


def test_it_is_the_pattern_that_the_library_makes() -> None:
    source = r"(?P<secret>[a-z]{3}) | ^\d+$"
    ours = patterns.pattern(source, patterns.VERBOSE | patterns.IGNORECASE)
    theirs = regex.compile(source, regex.VERBOSE | regex.IGNORECASE)
    assert (ours.pattern, ours.flags, dict(ours.groupindex)) == (theirs.pattern, theirs.flags, dict(theirs.groupindex))
    assert patterns.pattern(source, patterns.VERBOSE | patterns.IGNORECASE) is ours


def test_what_is_no_pattern_is_an_error_of_the_library() -> None:
    with pytest.raises(regex.error):
        patterns.pattern("(")


@pytest.mark.parametrize("can_remove", [True, False])
def test_a_file_that_cannot_be_put_in_its_place_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, can_remove: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    tmp_path.chmod(0o700)
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path))
    monkeypatch.setattr(cachefolder.os, "replace", refuse)
    if not can_remove:
        monkeypatch.setattr(cachefolder.os, "unlink", refuse)

    cachefolder.write("patterns-0123abcd", b"content")

    assert bool(list(tmp_path.glob("patterns-*"))) is not can_remove

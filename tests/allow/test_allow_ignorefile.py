"""`.tightlipignore`: paths exactly as git reads them, fingerprints, reasons."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tightlip.allow.ignorefile import Paths, parse
from tightlip.config.globs import glob

PARTS = [
    *(b"a", b"b", b"c", b"ab", b"abc", b".", b"-", b"\xff", b"!", b"#", b" ", b"  ", b"\t"),
    *(b"*", b"*", b"**", b"***", b"?", b"/", b"/", b"/**/", b"**/", b"/**"),
    *(b"[ab]", b"[!a]", b"[^b]", b"[a-c]", b"[[:alpha:]]", b"[[:punct:]x]", b"[]a]", b"[a/]", b"[a-]", b"[\\]a]"),
    *(b"\\a", b"\\*", b"\\/", b"\\ ", b"\\#", b"\\!", b"\\", b"[", b"]", b"[[:none:]]", b"[[:a]", b"[b-a]", b"[+--]"),
]
NAMES = [
    *(b"a", b"b", b"c", b"ab", b"abc", b"ba", b"a.b", b".a", b"\xff", b"a\xffb", b"a b", b"a ", b" ", b"\t"),
    *(b"*", b"]", b"[", b"-", b"\\", b"!a", b"#", b"#a", b"!", b"A", b"/".join((b"a", b"b"))),
]


def by_git(where: Path, content: bytes, paths: Sequence[bytes]) -> list[int | None]:
    """The line of the pattern that leaves each path out, by git; files that are not there are files to it."""
    (where / ".git" / "info" / "exclude").write_bytes(content)
    command = ["git", "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin"]
    done = subprocess.run(command, cwd=where, input=b"\0".join(paths) + b"\0", capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    fields = done.stdout.split(b"\0")[:-1]
    rows = [fields[at : at + 4] for at in range(0, len(fields), 4)]
    assert [row[3] for row in rows] == list(paths)
    return [int(line) if pattern and not pattern.startswith(b"!") else None for _, line, pattern, _ in rows]


def by_us(content: bytes, paths: Sequence[bytes]) -> list[int | None]:
    file = parse(content)
    left_out = Paths(file.globs)
    found = [left_out.index(path) for path in paths]
    return [None if index is None else file.paths[index].line for index in found]


def made(chance: random.Random) -> bytes:
    line = b"".join(chance.choice(PARTS) for _ in range(chance.randint(1, 6)))
    return chance.choice((b"", b"", b"", b"!", b"/")) + line + chance.choice((b"", b"", b"/", b" ", b"\\ ", b"\r"))


@pytest.mark.parametrize("seed", range(4))
def test_paths_are_left_out_as_git_does(repo: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        content = b"\n".join(made(chance) for _ in range(chance.randint(1, 4))) + chance.choice((b"", b"\n"))
        paths = [b"/".join(chance.choice(NAMES) for _ in range(chance.randint(1, 4))) for _ in range(40)]
        assert by_us(content, paths) == by_git(repo, content, paths), content


@pytest.mark.parametrize(
    "content",
    [
        b"*\n!/keep/\n!/keep/a\n",
        b"build/\n!build/keep\n",
        b"\xef\xbb\xbfa\n",
        b"a\0b\n",
        b"foo**/bar\n",
        b"/**/b\n",
        b"a/**/\n",
        b"!\n/\n//\n",
        b"a \\ \nb\\  \n",
        b"\\#a\n\\!a\n",
    ],
)
def test_and_in_the_cases_that_are_often_got_wrong(repo: Path, content: bytes) -> None:
    names = (b"a", b"b", b"keep", b"build", b"foobar", b"foox", b"bar", b"#a", b"!a", b"b ", b"a  ", b"a\\")
    paths = [*names, *(b"/".join((one, other)) for one in names for other in names), b"foox/y/bar", b"a/x/y/b"]
    assert by_us(content, paths) == by_git(repo, content, paths)


@pytest.mark.parametrize(
    "pattern", [b"*a" * 500 + b"b", b"**/" * 500 + b"b", b"?*" * 500, b"**/*a*a*b/" * 200, b"[ab]*" * 800]
)
def test_no_pattern_runs_for_long(pattern: bytes) -> None:
    began = time.monotonic()
    for path in (b"a" * 4000, b"a/" * 2000 + b"a", b"aaaaaaaaaaaa/" * 300 + b"a"):
        glob(pattern).matches(path, is_folder=False)
    assert time.monotonic() - began < 2


def test_a_line_of_20_digits_is_a_fingerprint_and_may_have_a_reason() -> None:
    file = parse(
        b"0123456789abcdef0123\n01234567890123456789 # rotated\n\n# told\n\n# in\n# March\nffffffffffffffffffff\r\n"
    )
    assert [(text, entry.line, entry.reason) for text, entry in file.fingerprints.items()] == [
        ("0123456789abcdef0123", 1, ""),
        ("01234567890123456789", 2, "rotated"),
        ("ffffffffffffffffffff", 8, "in March"),
    ]
    assert file.paths == ()


@pytest.mark.parametrize(
    "line",
    [
        b"/0123456789abcdef0123",
        b"0123456789abcdef01234",
        b"0123456789ABCDEF0123",
        b"0123456789abcdef0123 x",
        b"0123456789abcdef0123#x",
    ],
)
def test_any_other_line_is_a_path(line: bytes) -> None:
    file = parse(line)
    assert len(file.paths) == 1
    assert not file.fingerprints


def test_the_comment_above_lines_is_their_reason() -> None:
    file = parse(b"# made up\n# by hand\na\nb\n# other\nc\n\nd\n")
    assert [entry.reason for entry in file.paths] == ["made up by hand", "made up by hand", "other", ""]

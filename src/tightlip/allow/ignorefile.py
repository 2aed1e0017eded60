r"""`.tightlipignore`: paths as in a .gitignore, and fingerprints of findings.

    # recorded answers of the payment service's sandbox
    tests/fixtures/*.json
    !tests/fixtures/live.json

    0123456789abcdef0123  # rotated in March, the old one is worthless

The comment right above a line, or behind a fingerprint, is its reason. A file whose name is 20 hexadecimal digits is
written with a slash before it. The format of paths is git's own, to the byte: `gitignore(5)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tightlip.config.globs import Glob, excludes, folders, glob

_DIGITS, _HEX = 20, b"0123456789abcdef"
_LONGEST_REASON = 200


class Entry(NamedTuple):
    """A line of the file: a fingerprint, or a path (without what follows `!`)."""

    line: int
    """From 1."""
    text: str
    reason: str


class IgnoreFile(NamedTuple):
    """What is in the file."""

    paths: tuple[Entry, ...]
    globs: tuple[Glob, ...]
    """Those of `paths`, in their order."""
    fingerprints: Mapping[str, Entry]


NOTHING = IgnoreFile((), (), {})


def parse(content: bytes) -> IgnoreFile:
    """Read the file. Nothing in it is a mistake: to git, everything is some path."""
    paths, globs, fingerprints = list[Entry](), list[Glob](), dict[str, Entry]()
    above, is_new = list[str](), True
    for number, whole in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        line = whole.removesuffix(b"\r").partition(b"\0")[0]
        if line.startswith(b"#") or not line:
            above = [*([] if is_new else above), _text(line[1:])] if line else []
            is_new = not line
            continue
        is_new = True  # the next comment begins another reason
        if found := _fingerprint(line):
            fingerprint, reason = found
            fingerprints[fingerprint] = Entry(number, fingerprint, reason or _joined(above))
        elif text := _trimmed(line):
            made = glob(text)
            paths.append(Entry(number, _text(text), _joined(above)))
            globs.append(made)
    return IgnoreFile(tuple(paths), tuple(globs), fingerprints)


class Paths:
    """Which paths a file leaves out. What was found out of a folder is kept, as a scan asks of many files in it."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self._globs = globs
        self._folders: dict[bytes, int | None] = {}

    def index(self, path: bytes) -> int | None:
        """Return the index of the pattern that leaves a file out, by itself or by a folder above it, or None."""
        for folder in folders(path):
            if folder not in self._folders:
                self._folders[folder] = excludes(self._globs, folder, is_folder=True)
            if self._folders[folder] is not None:
                return self._folders[folder]
        return excludes(self._globs, path, is_folder=False)


def _trimmed(line: bytes) -> bytes:
    """A pattern without the spaces at its end that no backslash keeps; `!` and nothing else is no pattern."""
    end = at = 0
    while at < len(line):
        step = 2 if line[at : at + 1] == b"\\" else 1
        if line[at : at + 1] != b" ":
            end = min(at + step, len(line))
        at += step
    return line[:end]


def _fingerprint(line: bytes) -> tuple[str, str] | None:
    """A fingerprint and the reason behind it."""
    digits, rest = line[:_DIGITS], line[_DIGITS:].strip()
    if len(digits) < _DIGITS or digits.strip(_HEX) or (rest and not rest.startswith(b"#")):
        return None
    if rest and line[_DIGITS : _DIGITS + 1] not in (b" ", b"\t"):
        return None
    return digits.decode(), _text(rest[1:])


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").strip()


def _joined(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())[:_LONGEST_REASON]

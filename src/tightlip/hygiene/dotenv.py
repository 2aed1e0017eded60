"""`.env` files: which are there, which are examples, and what an example says against the file that it is of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tightlip.hygiene.naming import has_password, is_leak, is_value
from tightlip.hygiene.problem import Problem
from tightlip.sops import document, other

_ENV = re.compile(r"(?:^|.+)\.env(?:\.[\w.-]+)?|\.envrc", re.DOTALL)
_ENVRC = ".envrc"
"""A script of direnv, which is often committed on purpose."""
_EXAMPLE = re.compile(
    r"(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|default|defaults|schema)(?:[._-]|$)", re.IGNORECASE
)
_PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=[ \t]*(.*)")
_COMMENT = re.compile(r"\s#.*$")
_QUOTED = {
    '"': re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL),
    "'": re.compile(r"'([^']*)'"),
    "`": re.compile(r"`([^`]*)`"),
}
_PEM = re.compile(r"-----BEGIN [^-]+-----.*?-----END [^-]+-----", re.DOTALL)
_NAME = ".env"
_LEAST = 8
"""Characters of a value that is compared: shorter ones are everywhere."""
_ENCODED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)\w{20,}")
"""No name, but the last line of something in base64."""


class Pair(NamedTuple):
    """A line of a file."""

    key: str
    value: str
    """Without quotation marks, comment and escapes."""
    line: int


def is_env(path: str) -> bool:
    """Whether a file is one by its name, example or not."""
    return bool(_ENV.fullmatch(path.rpartition("/")[2]))


def is_example(path: str) -> bool:
    """Whether a file of that kind only says which keys there are."""
    return bool(_EXAMPLE.search(path.rpartition("/")[2]))


def pairs(data: bytes) -> list[Pair]:
    """Return what a file sets. What is in quotation marks, or a key in PEM, may go over lines."""
    found, text = [], _text(data)
    at, line = 0, 1
    while at < len(text):
        end = _end_of_line(text, at)
        match = _PAIR.fullmatch(text[at:end].rstrip("\r"))
        if match and match[2] != "=":
            value, stop = _value(text, at + match.start(2), match[2].strip())
            found.append(Pair(match[1], value, line))
            end = _end_of_line(text, max(stop, end))
        line += text.count("\n", at, end + 1)
        at = end + 1
    return found


def _text(data: bytes) -> str:
    """Return a file's text, also as PowerShell writes it."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value(text: str, at: int, rest: str) -> tuple[str, int]:
    """Return a value, and where it ends if it goes over lines. Parameters: `rest`, what is on the line of its key."""
    if (quoted := _QUOTED.get(rest[:1])) and (found := quoted.match(text, at)):
        return found[1], found.end()
    if found := _PEM.match(text, at):
        return found[0], found.end()
    if quoted:
        return rest[1:], 0
    return "" if rest.startswith("#") else _COMMENT.sub("", rest).strip(), 0


def keys(data: bytes) -> list[str]:
    """Return the keys that a file sets, each once; not what is a line of a value that goes over lines unquoted."""
    return list(dict.fromkeys(pair.key for pair in pairs(data) if not _ENCODED.fullmatch(pair.key)))


def held(path: str, data: bytes) -> int:
    """Return how many values a `.env` file holds that nobody else should see; of an `.envrc`, those of secrets."""
    every = [pair for pair in pairs(data) if pair.value]
    if path.rpartition("/")[2] == _ENVRC:
        every = [pair for pair in every if is_leak(pair.key, pair.value)]
    return len(every)


def is_sealed(data: bytes, path: str) -> bool:
    """Whether a file is encrypted, and so may be committed."""
    found = document.read(data, path)
    return bool(other.by(data)) or bool(found and found.encrypts)


def real_values(path: str, data: bytes, local: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Yield the lines of an example that hold a real value.

    Parameters: `local`, by value, the files of this working tree that hold it.
    """
    for pair in pairs(data):
        if files := local.get(pair.value):
            yield Problem(f"{path}:{pair.line}", f"{pair.key} has the very value that {', '.join(files)} has")
        elif is_leak(pair.key, pair.value):
            yield Problem(f"{path}:{pair.line}", f"{pair.key} has a value that looks real")


def values(path: str, data: bytes) -> Iterator[tuple[str, str]]:
    """Yield each value of a `.env` file that is worth comparing, with the file."""
    for pair in pairs(data):
        if len(pair.value) >= _LEAST and (is_value(pair.value) or has_password(pair.value)):
            if "://" in pair.value and not has_password(pair.value):
                continue
            yield pair.value, path


def missing(path: str, data: bytes, examples: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield the keys that a `.env` file has and no example beside it. Parameters: `examples`, by their paths."""
    folder, name = os.path.split(path)
    beside = {name: it for name, it in examples.items() if os.path.dirname(name) == folder}
    if not name.startswith(_NAME) or name == _ENVRC or (not beside and name != _NAME):
        return
    if not beside:
        yield Problem(path, "no example beside it says which keys it has")
        return
    known = {key for it in beside.values() for key in keys(it)}
    lacking = [key for key in keys(data) if key not in known]
    if lacking:
        more = f" and {len(lacking) - 10} more" if len(lacking) > 10 else ""
        yield Problem(min(beside), f"it lacks {', '.join(lacking[:10])}{more}, which {path} has")


def emptied(data: bytes) -> bytes:
    """Return a file with its keys and comments, and without any value: an example. What else is in it is left out."""
    kept: list[str] = []
    starts = {pair.line: pair for pair in pairs(data)}
    skip = 0
    for number, line in enumerate(_text(data).split("\n"), 1):
        if number <= skip:
            continue
        if pair := starts.get(number):
            skip = number + pair.value.count("\n")
            if not _ENCODED.fullmatch(pair.key):
                kept.append(line[: line.index("=") + 1])
        elif not line.strip() or (line.lstrip().startswith("#") and not _says_a_value(line)):
            kept.append(line.rstrip("\r"))
    return "\n".join(kept).encode()


def _says_a_value(line: str) -> bool:
    """Whether a comment is a line of the file that is switched off: it would bring its value along."""
    return bool(_PAIR.fullmatch(line.lstrip(" \t#").rstrip("\r")))

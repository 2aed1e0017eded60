"""`.env` files: which are there, which are examples, and what an example says against the file that it is of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tightlip.hygiene.naming import has_password, is_leak, is_value
from tightlip.hygiene.problem import Problem
from tightlip.sops import document, other

_ENV = re.compile(r"(?:^|.+)\.env(?:\.[\w.-]+)?|\.envrc")
_EXAMPLE = re.compile(
    r"(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|default|defaults|schema)(?:[._-]|$)", re.IGNORECASE
)
_PAIR = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=[ \t]*(.*)")
_COMMENT = re.compile(r"\s#.*$")
_LEAST = 8
"""Characters of a value that is compared: shorter ones are everywhere."""
_LARGEST = 1 << 20


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
    """Return what a file sets. A value in quotation marks may go over lines; what sets nothing is passed over."""
    if len(data) > _LARGEST:
        return []
    found, lines = [], data.decode("utf-8", "replace").split("\n")
    at = 0
    while at < len(lines):
        start, match = at, _PAIR.fullmatch(lines[at].rstrip("\r"))
        at += 1
        if not match:
            continue
        key, value = match[1], match[2].strip()
        if value[:1] in ("'", '"'):
            quote = value[0]
            while not _is_closed(value, quote) and at < len(lines):
                value += "\n" + lines[at].rstrip("\r")
                at += 1
            end = _end(value, quote)
            value = value[1 : end if end > 0 else len(value)]
        else:
            value = "" if value.startswith("#") else _COMMENT.sub("", value).strip()
        found.append(Pair(key, value, start + 1))
    return found


def _end(value: str, quote: str) -> int:
    at = 1
    while at < len(value):
        if value[at] == "\\" and quote == '"':
            at += 1
        elif value[at] == quote:
            return at
        at += 1
    return -1


def _is_closed(value: str, quote: str) -> bool:
    return _end(value, quote) > 0


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
    folder = os.path.dirname(path)
    beside = {name: it for name, it in examples.items() if os.path.dirname(name) == folder}
    if not beside:
        yield Problem(path, "no example beside it says which keys it has")
        return
    known = {pair.key for it in beside.values() for pair in pairs(it)}
    lacking = list(dict.fromkeys(pair.key for pair in pairs(data) if pair.key not in known))
    if lacking:
        more = f" and {len(lacking) - 10} more" if len(lacking) > 10 else ""
        yield Problem(min(beside), f"it lacks {', '.join(lacking[:10])}{more}, which {path} has")


def emptied(data: bytes) -> bytes:
    """Return a file with its keys and comments, and without any value: an example. What else is in it is left out."""
    text = data.decode("utf-8", "replace")
    lines = text.split("\n")
    kept: list[str] = []
    starts = {pair.line: pair for pair in pairs(data)}
    skip = 0
    for number, line in enumerate(lines, 1):
        if number <= skip:
            continue
        if pair := starts.get(number):
            head = line[: line.index("=") + 1]
            kept.append(head)
            skip = number + pair.value.count("\n")
        elif not line.strip() or (line.lstrip().startswith("#") and not _says_a_value(line)):
            kept.append(line.rstrip("\r"))
    return "\n".join(kept).encode()


def _says_a_value(line: str) -> bool:
    """Whether a comment is a line of the file that is switched off: it would bring its value along."""
    return bool(_PAIR.fullmatch(line.lstrip(" \t#").rstrip("\r")))

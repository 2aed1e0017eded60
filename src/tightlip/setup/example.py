"""`.env.example`: each key of `.env`, with its comments, and no value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from tightlip.hygiene import content, dotenv
from tightlip.report.style import count
from tightlip.scan import scan_bytes
from tightlip.setup.offer import Note, Offer, Wishes, create, replace

_NAME = ".env"
_SHORTEST = 4


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield, for each `.env`, what makes its example or adds keys to it. Raises `GitError`."""
    paths = _paths(wishes)
    for path in paths:
        if os.path.basename(path) == _NAME:
            yield from _of(wishes, path, [it for it in paths if dotenv.is_example(it) and _is_beside(it, path)])


def _paths(wishes: Wishes) -> list[str]:
    """Return the `.env` files and their examples; folders that are ignored whole are not gone into."""
    asked = ("ls-files", "--others", "--exclude-standard", "-z", "--full-name")
    output = wishes.git.run(*asked, "--cached", ":/") + wishes.git.run(*asked, "--ignored", "--directory", ":/")
    paths = {os.fsdecode(path) for path in output.split(b"\0")[:-1] if not path.endswith(b"/")}
    return sorted(path for path in paths if os.path.basename(path).startswith(_NAME))


def _is_beside(path: str, other: str) -> bool:
    return os.path.dirname(path) == os.path.dirname(other)


def _of(wishes: Wishes, path: str, examples: list[str]) -> Iterator[Offer | Note]:
    try:
        data = content.read(wishes.top, path)
        known = {key for it in examples for key in dotenv.keys(content.read(wishes.top, it))}
    except content.Unread as error:
        yield Note(f"no example of {path}: {error}")
        return
    keys = dotenv.keys(data)
    if not keys or dotenv.is_sealed(data, path):
        return
    if not examples:
        name = os.path.join(os.path.dirname(path), ".env.example").replace(os.sep, "/")
        text = _safe(data)
        what = f"{name} with {count(len(keys), 'key')} of {path} and no value"
        yield Offer(f"Write {what}", f"wrote {what}", tuple(keys), partial(create, wishes.top, name, text))
        return
    name = examples[0]
    if os.path.islink(os.path.join(wishes.top, name)):
        yield Note(f"{name} is a symbolic link: add the keys of {path} to what it leads to")
        return
    old = content.read(wishes.top, name)
    if new := [key for key in keys if key not in known]:
        end = b"\r\n" if b"\r\n" in old else b"\n"
        text = old + (b"" if not old or old.endswith(b"\n") else end) + b"".join(f"{it}=".encode() + end for it in new)
        what = f"{count(len(new), 'key')} of {path} to {name}"
        yield Offer(f"Add {what}", f"added {what}", tuple(new), partial(replace, wishes.top, name, text))


def _safe(data: bytes) -> bytes:
    """Return the example of a file, without comments that hold one of its values, or anything a rule finds."""
    values = [it.value for it in dotenv.pairs(data) if len(it.value) >= _SHORTEST]
    lines = dotenv.emptied(data).decode().split("\n")
    lines = [line for line in lines if not _is_comment(line) or not any(value in line for value in values)]
    found = scan_bytes("\n".join(lines).encode()).findings
    told = {number for it in found for at in it.occurrences for number in range(at.line, at.end_line + 1)}
    kept = [line for number, line in enumerate(lines, 1) if number not in told or not _is_comment(line)]
    return ("\n".join(kept).rstrip("\n") + "\n").encode()


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")

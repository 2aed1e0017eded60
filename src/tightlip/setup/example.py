"""`.env.example`: each key of `.env`, with its comments, and no value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from tightlip.hygiene import dotenv
from tightlip.report.style import count
from tightlip.scan import scan_bytes
from tightlip.setup.offer import Note, Offer, Wishes, create, replace

_NAME = ".env"
_SHORTEST = 4


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield, for each `.env` that git does not track, what makes its example or adds keys to it. Raises `GitError`."""
    specs = (":(top,glob)**/.env", ":(top,glob)**/.env.*")
    output = wishes.git.run("ls-files", "--others", "--cached", "-z", "--full-name", "--", *specs)
    paths = sorted(map(os.fsdecode, output.split(b"\0")[:-1]))
    for path in paths:
        if os.path.basename(path) == _NAME:
            yield from _of(wishes, path, [it for it in paths if dotenv.is_example(it) and _is_beside(it, path)])


def _is_beside(path: str, other: str) -> bool:
    return os.path.dirname(path) == os.path.dirname(other)


def _of(wishes: Wishes, path: str, examples: list[str]) -> Iterator[Offer | Note]:
    data = _read(wishes.top, path)
    keys = list(dict.fromkeys(pair.key for pair in dotenv.pairs(data)))
    if not keys or dotenv.is_sealed(data, path):
        return
    if not examples:
        name = os.path.join(os.path.dirname(path), ".env.example").replace(os.sep, "/")
        content = _safe(data)
        what = f"{name} with {count(len(keys), 'key')} of {path} and no value"
        yield Offer(f"Write {what}", f"wrote {what}", tuple(keys), partial(create, wishes.top, name, content))
        return
    name, old = examples[0], _read(wishes.top, examples[0])
    known = {pair.key for it in examples for pair in dotenv.pairs(_read(wishes.top, it))}
    if new := [key for key in keys if key not in known]:
        end = b"\r\n" if b"\r\n" in old else b"\n"
        content = (
            old + (b"" if not old or old.endswith(b"\n") else end) + b"".join(f"{it}=".encode() + end for it in new)
        )
        what = f"{count(len(new), 'key')} of {path} to {name}"
        yield Offer(f"Add {what}", f"added {what}", tuple(new), partial(replace, wishes.top, name, content))


def _safe(data: bytes) -> bytes:
    """Return the example of a file, without comments that hold one of its values, or anything a rule finds."""
    values = [it.value for it in dotenv.pairs(data) if len(it.value) >= _SHORTEST]
    lines = dotenv.emptied(data).decode().split("\n")
    lines = [line for line in lines if not line.startswith("#") or not any(value in line for value in values)]
    found = scan_bytes("\n".join(lines).encode()).findings
    told = {number for it in found for at in it.occurrences for number in range(at.line, at.end_line + 1)}
    kept = [line for number, line in enumerate(lines, 1) if number not in told or not line.startswith("#")]
    return ("\n".join(kept).rstrip("\n") + "\n").encode()


def _read(top: str, path: str) -> bytes:
    name = os.path.join(top, path)
    if os.path.islink(name) or not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read()

"""The scan of the files that git tracks, as they are on disk, which several checks go by: with all that may stay."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.allow import pragma, standing
from tightlip.allow.allowed import is_live
from tightlip.allow.configured import lines
from tightlip.collect import Found, findings
from tightlip.config import choosing
from tightlip.engine.text import as_utf8, encoding_of, is_plain
from tightlip.fingerprint import prepare
from tightlip.model import LOW, Blob
from tightlip.sources import files as sources
from tightlip.tally import Tally

if TYPE_CHECKING:
    from tightlip.allow.allowed import Allowed
    from tightlip.allow.decision import Allows
    from tightlip.allow.standing import Pragma
    from tightlip.doctor.here import Here
    from tightlip.finding import Report
    from tightlip.rule import Match


class Unused(NamedTuple):
    """A comment that allows nothing."""

    path: str
    pragma: Pragma


class Cover(NamedTuple):
    """What allows something critical that surely is a secret."""

    allowed: Allowed
    rule: str
    at: str
    """Where the secret is."""


class Files(NamedTuple):
    """What is in the files."""

    kept: Report
    """Without what is allowed."""
    rules: frozenset[str]
    """The ids of all rules that were used."""
    unused: list[Unused]
    covers: list[Cover]


class _Hit(NamedTuple):
    """A match, and what is needed to judge it."""

    found: Found
    path: bytes
    """From the top."""
    lines: bytes
    """The lines that hold it, where an entry looks at them."""
    beside: Allowed | None
    """The comment that allows it."""


def scan(here: Here) -> Files:
    """Scan, and count in `here.allows` what is of use. Raises `ConfigError`, `GitError`."""
    scanner = here.scanner
    tally = Tally(scanner)
    hits, unused = list[_Hit](), list[Unused]()
    shown = dict(_on_disk(here))
    for path in _gone(here):
        tally.miss(os.fsdecode(path), "it is tracked, and not in the working tree")
    for blob in sources.blobs(shown, limit=scanner.limit, follow=False):
        if not isinstance(blob, Blob):
            tally.unscanned.append(blob)
            continue
        path = shown[os.fsdecode(blob.path).replace("/", os.sep)]
        outcome = tally.look(blob)
        matches = [it for match in outcome.matches if (it := choosing.judged(here.policy.config, match, LOW))]
        hits += [_hit(here, blob, path, outcome.text, match) for match in matches]
        if blob.part == "content" and not here.allows.path_is_ignored(path):
            text = outcome.text if matches else _readable(blob.data)
            unused += [Unused(os.fsdecode(path), it) for it in _unused(text, matches)]
    every = tally.close("files", here.where, findings(hit.found for hit in hits))
    here.reports.append(every)
    if here.allows.has_fingerprints:
        prepare((hit.found.match.rule.id, hit.found.match.secret.reveal()) for hit in hits)
    allowed = [(hit, _allowed(here.allows, hit)) for hit in hits]
    return Files(
        kept=replace(every, findings=tuple(findings(hit.found for hit, by in allowed if not by))),
        rules=frozenset(rule.id for rule in scanner.compiled.rules),
        unused=unused,
        covers=[_cover(hit, by[0]) for hit, by in allowed if by and is_live(hit.found.match)],
    )


def _on_disk(here: Here) -> Iterator[tuple[str, bytes]]:
    """Yield the tracked files that are there, as a scan names them, and from the top; but not the baseline."""
    top = os.path.relpath(here.top or os.curdir)
    for path, is_folder in here.tracked:
        name = os.path.normpath(os.path.join(top, os.fsdecode(path)))
        if not is_folder and _is_file(name) and os.fsdecode(path) != here.baseline:
            yield name, path


def _gone(here: Here) -> Iterator[bytes]:
    """Yield the tracked files that are not there, as in a sparse checkout, or are a folder now."""
    top = os.fsencode(here.top or os.curdir)
    return (path for path, is_folder in here.tracked if not is_folder and not _is_file(os.path.join(top, path)))


def _is_file(path: str | bytes) -> bool:
    """Whether there is something that is no folder; a symbolic link is what git tracks, whatever it leads to."""
    return os.path.islink(path) or (os.path.lexists(path) and not os.path.isdir(path))


def _readable(data: bytes) -> bytes:
    """Return a text as the engine reads it, which says so only where it finds something."""
    encoding = None if is_plain(data) else encoding_of(data)
    return as_utf8(data, encoding) if encoding else data


def _hit(here: Here, blob: Blob, path: bytes, text: bytes, match: Match) -> _Hit:
    near = lines(text, match) if here.allows.needs_text else b""
    return _Hit(Found(blob.path, blob.oid, blob.part, match), path, near, pragma.why(text, match, path))


def _unused(text: bytes, matches: Sequence[Match]) -> Iterator[Pragma]:
    used = {start for match in matches for start in standing.used(text, match)}
    return (it for it in standing.every(text) if it.start not in used)


def _allowed(allows: Allows, hit: _Hit) -> list[Allowed]:
    every = allows.every(hit.lines, hit.found.match.but(start=0, end=len(hit.lines)), hit.path)
    return [hit.beside, *every] if hit.beside else every


def _cover(hit: _Hit, allowed: Allowed) -> Cover:
    return Cover(allowed, hit.found.match.rule.id, f"{os.fsdecode(hit.path)}:{hit.found.match.line}")

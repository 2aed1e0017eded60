"""Scans as git-secrets does them, with tightlip's rules beside the configured patterns, and lines to print."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tightlip.engine import Scanner
from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.git.objects import ObjectError, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.interop import git_secrets, providers
from tightlip.interop.foreign import NotCarried
from tightlip.interop.git_secrets import Ready
from tightlip.model import MAX_BLOB, Blob
from tightlip.report.options import PLAIN
from tightlip.report.redact import MASK, redactor
from tightlip.rules import rule_set
from tightlip.tally import Tally

_MOST_SHOWN = 200
"""Characters of a line before the secret."""


class Hit(NamedTuple):
    """A line that holds what is prohibited."""

    where: str
    """`path:line`, after the commit in a history."""
    text: str
    """The line up to the secret; what follows is not shown, since it may be the rest of one."""

    def __str__(self) -> str:
        return f"{self.where}:{self.text}"


class Outcome(NamedTuple):
    """What a scan gave."""

    hits: tuple[Hit, ...]
    unscanned: tuple[Unscanned, ...]


def prepared(git: Git) -> tuple[Ready, tuple[NotCarried, ...]]:
    """Return what the settings prohibit and allow, and what of them cannot be used. Providers are asked."""
    every = git_secrets.settings(git)
    top = os.fsdecode(git.run("rev-parse", "--show-toplevel", fine=(128,)).removesuffix(b"\n"))
    prohibited = [(f"pattern {number}", it.value) for number, it in enumerate(every.patterns, 1)]
    problems: list[NotCarried] = []
    for provider in every.providers:
        provided = providers.ask(provider, top)
        if provided.problem:
            problems.append(NotCarried(f"provider {provider.value}", provided.problem, lost=provider.is_own))
        prohibited += [(f"pattern {at} of a provider", it) for at, it in enumerate(provided.patterns, 1)]
    made = git_secrets.ready(prohibited, every.allowed)
    return made, (*problems, *made.unusable)


def scan(made: Ready, search: Callable[[Scanner], Report], lines: Callable[[Occurrence], bytes]) -> Outcome:
    """Scan with tightlip's rules and with those that are configured; leave out the lines that are allowed.

    Parameters: `search`, one scan; `lines`, what reads the text that an occurrence is in.
    """
    # Two scanners: the configured patterns may be secrets, and must not get into the cache of compiled rules.
    scanners = [Scanner(), *([Scanner(rule_set(made.rules))] if made.rules else [])]
    reports = [search(scanner) for scanner in scanners]
    pairs = [(finding, place) for report in reports for finding in report.findings for place in finding.occurrences]
    hits: dict[str, Hit] = {}
    masks = [redactor(report, PLAIN) for report in reports]
    for finding, place in sorted(pairs, key=lambda pair: (pair[1].path, pair[1].line, pair[1].column)):
        if place.part == "content" and git_secrets.is_allowed(
            made.allowed, place.path, place.line, _line(place, lines)
        ):
            continue
        hit = _hit(finding, place, lines)
        for mask in masks:
            hit = Hit(mask.name(hit.where), mask.prose(hit.text))
        hits.setdefault(hit.where, hit)
    missed = dict.fromkeys(it for report in reports for it in report.unscanned)
    return Outcome(tuple(hits.values()), tuple(missed))


def _line(place: Occurrence, lines: Callable[[Occurrence], bytes]) -> bytes:
    every = lines(place).split(b"\n")
    return every[place.line - 1].rstrip(b"\r") if place.line <= len(every) else b""


def _hit(finding: Finding, place: Occurrence, lines: Callable[[Occurrence], bytes]) -> Hit:
    where = f"{place.path}:{place.line}" if place.part == "content" else f"{place.path or place.part} ({place.part})"
    commit = f"{place.commit}:" if place.commit else ""
    if place.part != "content":
        return Hit(f"{commit}{where}", f"{MASK} ({finding.name})")
    before = _line(place, lines).decode("utf-8", "replace")[: place.column - 1][-_MOST_SHOWN:]
    return Hit(f"{commit}{where}", f"{before}{MASK} ({finding.name})")


def tracked(git: Git, *, untracked: bool = False) -> list[str]:
    """Return the files that git knows here, as they are in the working tree. Raises `GitError`."""
    listed = git.run("ls-files", "-z", *(("--cached", "--others", "--exclude-standard") if untracked else ()))
    names = dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0") if name)
    return [name for name in names if os.path.isfile(name) and not os.path.islink(name)]


def scan_index(git: Git, files: Sequence[str], scanner: Scanner) -> Report:
    """Scan what the index holds, all of it and not only what is new."""
    listed = git.run("ls-files", "-z", "--stage", "--", *files).split(b"\0")
    rows = [(row.partition(b"\t")[2], row.split()[:2]) for row in listed if row]
    wanted = [(path, oid.decode()) for path, (mode, oid) in rows if mode != b"160000"]
    tally = Tally(scanner)
    with ObjectReader(git, limit=MAX_BLOB) as objects:
        for blob in _blobs(wanted, objects, tally):
            tally.scan(blob)
    return tally.report("staged", git.where or ".")


def _blobs(wanted: Sequence[tuple[bytes, str]], objects: ObjectReader, tally: Tally) -> Iterator[Blob]:
    for (path, oid), found in zip(wanted, objects.read_many(oid for _, oid in wanted), strict=True):
        if isinstance(found, ObjectError):
            tally.miss(os.fsdecode(path), found.why)
        else:
            yield Blob(found.data, path, oid)


def of_file(place: Occurrence) -> bytes:
    """Return what a file holds."""
    try:
        with open(place.path, "rb") as file:
            return file.read(MAX_BLOB)
    except OSError:
        return b""


def of_blob(git: Git) -> Callable[[Occurrence], bytes]:
    """Return what reads the object that an occurrence is in."""
    read: dict[str, bytes] = {}

    def text(place: Occurrence) -> bytes:
        if place.blob is None:
            return b""
        if place.blob not in read:
            with ObjectReader(git, limit=MAX_BLOB) as objects:
                (found,) = objects.read_many([place.blob])
            read.clear()  # occurrences of one blob mostly follow each other
            read[place.blob] = b"" if isinstance(found, ObjectError) else found.data
        return read[place.blob]

    return text

"""What is made of a report by what a repository has to say: its configuration, and its list of what is left out.

A scan finds what is there. This drops what is not wanted or allowed to stay, and changes how severe and how sure it is.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.allow.allowed import Allowed, is_live
from tightlip.allow.decision import Allows, load
from tightlip.allow.held import Held
from tightlip.config import choosing
from tightlip.config import load as load_config
from tightlip.config.found import found, has_ignores
from tightlip.config.repository import reader, rule_paths, top_of, within
from tightlip.config.settings import Config
from tightlip.engine import Scanner
from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.known.telling import RULE as KNOWN
from tightlip.model import MAX_BLOB
from tightlip.rule import Match

if TYPE_CHECKING:
    from tightlip.config import Read
    from tightlip.finding import Finding, Occurrence, Report

_OF_FILES = "files"
"""The kind of a scan whose paths are those of the disk."""
_IN_FILES = ("content", "path")
"""Parts of a repository that have a path."""
_WITH_PATHS = (_OF_FILES, "staged")


class Place(NamedTuple):
    """Where a policy is from."""

    git: Git | None
    """None outside of a repository."""
    top: str | None
    """The top folder of the working tree; None where there is none."""
    read: Read | None = None
    """What reads the repository's own files in place of the working tree, from a revision."""


def of(git: Git, base: str | None = None) -> Place:
    """Return where a repository's own files are read from.

    Parameters: `base`, the revision that is accepted already, where what is scanned could switch off its own check.
    Raises `GitError`, and `UsageError` where there is no such revision.
    """
    return Place(git, top_of(git), None if base is None else reader(git, base))


def here() -> Place:
    """Return the same for the repository that the current folder is in, if it is in one."""
    git = Git(os.curdir)
    try:
        return of(git)
    except GitError:
        return Place(None, None)


def has_any(place: Place) -> bool:
    """Whether there may be anything to read. Of a revision it is not known before."""
    return place.read is not None or bool(found(place.top)) or (place.top is not None and has_ignores(place.top))


class Policy:
    """What a repository has to say."""

    def __init__(
        self, place: Place, *, file: str | None = None, least: float | None = None, allow: bool = True
    ) -> None:
        """Read it. Raises `ConfigError`.

        Parameters: `file`, a configuration that counts in place of the repository's own; `least`, how sure a match must
        be, where the user says so; `allow`, whether anything may stay.
        """
        self.config: Config = load_config(place.top, read=place.read, file=file)
        self._place, self._least, self._heeds = place, least, allow
        self._allows = load(place.top, self.config, place.read) if allow else Allows()
        self.live: list[Allowed] = []
        """What allows something critical that surely is a secret, an entry each time it does."""

    @property
    def baseline(self) -> str | None:
        """The file of known findings that the configuration names, if it is there; none where a revision is read."""
        if self.config.baseline is None or self._place.top is None or self._place.read is not None:
            return None
        path = os.path.join(self._place.top, *self.config.baseline.split("/"))
        return path if os.path.isfile(path) else None

    def reads(self, path: str, *, is_gone: bool) -> bool:
        """Whether a file of the repository is one that the configuration, or a rule, is read from; or may have been.

        Parameters: `path`, from the top of the repository; `is_gone`, whether it is there no more: then one that stood
        beside a file of rules counts, for a folder of rules may be named.
        """
        rules = {file.name for file in self.config.rules}
        beside = is_gone and os.path.dirname(path) in {os.path.dirname(name) for name in rules}
        return beside or path in rules or path in self.config.files

    def leaves_out(self, path: bytes) -> bool:
        """Whether a whole file may stay as it is. Parameters: `path`, from the top of the repository."""
        return self._allows.path_is_ignored(path) is not None

    def scanner(self, rules: Sequence[str] = ()) -> Scanner:
        """Return what to scan with. Parameters: `rules`, files of rules beside those of the configuration."""
        with tempfile.TemporaryDirectory(prefix="tightlip-") as folder:  # for rules of a revision
            return Scanner(
                paths=(*rule_paths(self.config, folder), *rules),
                min_confidence=choosing.threshold(self.config, self._least),
                limit=min(self.config.max_file_size or MAX_BLOB, MAX_BLOB),
                pragmas=self._heeds,
            )

    def applied(self, report: Report, scanner: Scanner) -> Report:
        """Return a report with what is wanted and may not stay. Parameters: `scanner`, that found it."""
        findings, allowed = [], 0
        with Held(self._place.git) as held:
            for finding in report.findings:
                match = self._judged(finding, scanner)
                if match is None:
                    continue
                kept = tuple(it for it in finding.occurrences if not self._is_allowed(report, match, it, held))
                allowed += len(finding.occurrences) - len(kept)
                if kept:
                    sure = round(match.confidence, 2)
                    findings.append(replace(finding, severity=match.rule.severity, confidence=sure, occurrences=kept))
        unscanned = tuple(missed for missed in report.unscanned if not self._is_ignored(report, missed.what))
        return replace(report, findings=tuple(findings), unscanned=unscanned, allowed=report.allowed + allowed)

    def _judged(self, finding: Finding, scanner: Scanner) -> Match | None:
        rule = scanner.compiled.rules.of(finding.rule)
        match = Match(rule, finding.secret, 0, 0, finding.confidence, finding.reasons)
        if rule.id == KNOWN:  # whoever names secrets has chosen
            return match
        return choosing.judged(self.config, match, self._least)

    def _is_allowed(self, report: Report, match: Match, where: Occurrence, held: Held) -> bool:
        path = self._path(report, where.path) if where.part in _IN_FILES else b""
        text = held.lines(report, where) if self._allows.needs_text else b""
        match = match.but(start=0, end=len(text))
        ignored = self._allows.path_is_ignored(path) if path else None
        why = ignored or self._allows.why(text, match, path, where.commit, pragmas=False)
        if why and is_live(match):
            self.live.append(why)
        return why is not None

    def _is_ignored(self, report: Report, what: str) -> bool:
        """Whether something that was not scanned is a file that is left out: it may be an object or a rule, too."""
        if report.kind not in _WITH_PATHS:
            return False
        file = what if report.kind == _OF_FILES else os.path.join(self._place.top or "", what)
        return os.path.lexists(file) and self._allows.path_is_ignored(self._path(report, what)) is not None

    def _path(self, report: Report, path: str) -> bytes:
        """Return a path from the top of the repository; one that is elsewhere as it is."""
        if report.kind == _OF_FILES and self._place.top is not None:
            path = within(path, self._place.top) or path
        return os.fsencode(path)

"""What all lines look at: the repository, what git tracks and what is beside it, read once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from tightlip.baseline import dates, matching
from tightlip.baseline import place as known
from tightlip.doctor.here import Here
from tightlip.errors import NotARepository, UsageError
from tightlip.hygiene import dotenv
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.sops.files import Disk

if TYPE_CHECKING:
    from tightlip.doctor.here import Wanted
    from tightlip.finding import Report
    from tightlip.git.plumbing import Git
    from tightlip.report.redact import Redactor

_LARGEST = 4 << 20


class Place:
    """A repository with a working tree."""

    def __init__(self, where: str | None, wanted: Wanted) -> None:
        """Raises `NotARepository`, `GitError`, and `UsageError` where there is no working tree."""
        self.here = Here(where, wanted)
        if self.here.trouble is not None:
            raise self.here.trouble
        if self.here.git is None:
            raise NotARepository(
                f"{where or os.curdir}: not a git repository; run this inside a repository, or name one"
            )
        if self.here.top is None:
            raise UsageError(f"{where or os.curdir} has no working tree; name a repository that has one")
        self.top: str = self.here.top
        self.git: Git = type(self.here.git)(self.top)
        self._disk = Disk(self.top, _LARGEST)
        self._hiding: list[Redactor] = []

    def left(self, report: Report) -> Report:
        """Return what of a report is not known, and keep it in mind to be hidden. Raises `ConfigError`, `GitError`."""
        baseline = known.of_working_tree(self.git, self.here.policy.baseline)
        if baseline.baseline is not None:
            report = matching.sift(report, baseline.baseline, baseline.top, dates.today())
        self._saw(report)
        return report

    def _saw(self, report: Report) -> None:
        """Keep in mind what a scan has found: nothing that is told may hold it."""
        self._hiding.append(redactor(report.with_known(), PLAIN))

    def hide(self, text: str) -> str:
        """Return a text without what was found so far."""
        for hide in self._hiding:
            text = hide.name(text)
        return text

    @cached_property
    def tracked(self) -> list[str]:
        """The files that git tracks, from the top. Raises `GitError`."""
        return [os.fsdecode(path) for path, is_folder in self.here.tracked if not is_folder]

    @cached_property
    def beside(self) -> list[str]:
        """The files that git does not track, ignored or not; folders that are ignored whole are not gone into."""
        output = self.git.run("ls-files", "--others", "-z", "--full-name", "--directory", ":/")
        return [path for path in map(os.fsdecode, output.split(b"\0")[:-1]) if not path.endswith("/")]

    def read(self, path: str) -> bytes:
        """Return what is on disk, or nothing where it is not there, no file, or large."""
        return self._disk.content(path) or b""

    @cached_property
    def examples(self) -> dict[str, bytes]:
        """What the examples of `.env` files say, by their paths."""
        paths = [*self.tracked, *self.beside]
        return {path: self.read(path) for path in paths if dotenv.is_env(path) and dotenv.is_example(path)}

    @cached_property
    def locals(self) -> dict[str, bytes]:
        """The `.env` files that are no examples and not encrypted, tracked or not, by their paths."""
        paths = [it for it in (*self.tracked, *self.beside) if dotenv.is_env(it) and not dotenv.is_example(it)]
        read = {path: self.read(path) for path in paths}
        return {path: data for path, data in read.items() if not dotenv.is_sealed(data, path)}

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """By each value of the local `.env` files, the files that have it. Never shown."""
        found: dict[str, tuple[str, ...]] = {}
        for value, path in self._values():
            if path not in found.get(value, ()):
                found[value] = (*found.get(value, ()), path)
        return found

    def _values(self) -> Iterator[tuple[str, str]]:
        for path, data in self.locals.items():
            yield from dotenv.values(path, data)

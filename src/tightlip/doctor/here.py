"""What all checks look at: a repository, if there is one, what it says, and what scans find in it."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tightlip import policy
from tightlip.allow import decision
from tightlip.baseline.file import NAME
from tightlip.config.repository import top_of
from tightlip.errors import GitError, NoGit, NotARepository
from tightlip.git.plumbing import Git
from tightlip.git.staged import SUBMODULE
from tightlip.model import LOW
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor

if TYPE_CHECKING:
    from tightlip.advance import Progress
    from tightlip.allow.decision import Allows
    from tightlip.doctor.files import Files
    from tightlip.doctor.history import History
    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.report.redact import Redactor


class Wanted(NamedTuple):
    """How far to look."""

    looks_back: bool = False
    """Whether the history is scanned too."""
    jobs: int | None = None
    """Processes for that, None for as many as there are processors."""
    cache: bool = True
    """Whether that may pass over what an earlier scan has seen."""
    progress: Progress | None = None


class Here:
    """A place to look at, and what has been found out about it."""

    def __init__(self, where: str | None = None, wanted: Wanted | None = None) -> None:
        """Parameters: `where`, a path in a repository; None for the current folder.

        Raises `NotARepository` for a path that is named and in none.
        """
        self.where = where or os.curdir
        self.wanted = wanted or Wanted()
        self.git: Git | None = Git(self.where)
        """None where there is no repository, or none that git can read: `trouble` says why."""
        self.top: str | None = None
        """The top folder of the working tree, if there is one."""
        self.trouble: GitError | None = None
        self.reports: list[Report] = []
        """What scans have found, with all that may stay."""
        self._hiding: list[Redactor] = []
        try:
            self.top = top_of(self.git)
            self.git.run("rev-parse", "--git-dir")
        except GitError as error:
            if isinstance(error, NotARepository) and where is not None:
                raise
            self.git, self.trouble = None, error

    @property
    def is_elsewhere(self) -> bool:
        """Whether this is no repository, and nobody said that it is one."""
        return isinstance(self.trouble, NotARepository)

    @property
    def has_git(self) -> bool:
        """Whether there is a git program."""
        return not isinstance(self.trouble, NoGit)

    @cached_property
    def policy(self) -> policy.Policy:
        """What the repository says. Raises `ConfigError`."""
        return policy.Policy(policy.Place(self.git, self.top), least=LOW)

    @cached_property
    def scanner(self) -> Scanner:
        """What to scan with, for matches that are ever so unsure. Raises `ConfigError`, `RuleError`."""
        return self.policy.scanner()

    @cached_property
    def allows(self) -> Allows:
        """What may stay, which remembers what of it was of use. Raises `ConfigError`."""
        return decision.load(self.top, self.policy.config)

    @cached_property
    def baseline(self) -> str:
        """The file of known findings that counts, from the top, whether it is there or not. Raises `ConfigError`."""
        return self.policy.config.baseline or NAME if self.policy.baseline else NAME

    @cached_property
    def tracked(self) -> list[tuple[bytes, bool]]:
        """The paths that git tracks, from the top, each once, with whether it is a submodule. Raises `GitError`."""
        if self.git is None or self.top is None:
            return []
        lines = self.git.run("ls-files", "-z", "--stage", "--full-name", ":/").split(b"\0")[:-1]
        parts = (it.partition(b"\t") for it in lines)
        return list({path: (path, meta.startswith(SUBMODULE.encode())) for meta, _, path in parts}.values())

    @cached_property
    def files(self) -> Files:
        """What is in the files that git tracks. Raises `ConfigError`, `GitError`."""
        from tightlip.doctor import files

        return files.scan(self)

    @cached_property
    def history(self) -> History | None:
        """What is in all that git holds, where that is wanted. Raises `ConfigError`, `GitError`."""
        from tightlip.doctor import history

        return history.scan(self) if self.wanted.looks_back else None

    def hide(self, text: str) -> str:
        """Return a text of tightlip's own, or a path, without the values that scans have found so far."""
        for hide in self._redactors():
            text = hide.name(text)
        return text

    def hide_prose(self, text: str) -> str:
        """Return what people wrote without these values."""
        for hide in self._redactors():
            text = hide.prose(text)
        return text

    def _redactors(self) -> list[Redactor]:
        self._hiding += [redactor(report, PLAIN) for report in self.reports[len(self._hiding) :]]
        return self._hiding

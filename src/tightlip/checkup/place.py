"""What all lines look at: the repository, what git tracks and what is beside it, read once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from tightlip import policy
from tightlip.baseline import dates, matching
from tightlip.baseline import place as known
from tightlip.doctor.here import Here
from tightlip.errors import NotARepository, TightlipError, UsageError
from tightlip.hygiene import content, dotenv
from tightlip.hygiene.ignored import PROBES
from tightlip.hygiene.problem import Problem
from tightlip.model import MEDIUM
from tightlip.report.html.shell import argument
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.scan import scan_bytes
from tightlip.sops.files import Disk

if TYPE_CHECKING:
    from tightlip.checkup.sealed import Sealed
    from tightlip.doctor.here import Wanted
    from tightlip.finding import Report
    from tightlip.git.plumbing import Git
    from tightlip.known.secret import Where
    from tightlip.report.redact import Redactor, Values
    from tightlip.sops.creation import Rule
    from tightlip.sops.earlier import Today

_LARGEST = 4 << 20


class _Here(Here):
    """A repository, looked at for what is sure enough: so what `tightlip scan-history` remembers is of use here."""

    @cached_property
    def policy(self) -> policy.Policy:
        """What the repository says. Raises `ConfigError`."""
        return policy.Policy(policy.Place(self.git, self.top))


class Place:
    """A repository with a working tree."""

    def __init__(self, where: str | None, wanted: Wanted, known: Sequence[Where] = ()) -> None:
        """Parameters: `known`, the vaults to ask that the user names, beside those of the user's own configuration.

        Raises `NotARepository`, `GitError`, and `UsageError` where there is no working tree.
        """
        self.here: Here = _Here(where, wanted)
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
        self._known = tuple(known)
        self._hiding: list[Redactor] = []
        self._unread: dict[str, str] = {}

    def left(self, report: Report) -> Report:
        """Return what of a report is not known, and keep it in mind to be hidden. Raises `ConfigError`, `GitError`."""
        baseline = known.of_working_tree(self.git, self.here.policy.baseline)
        if baseline.baseline is not None:
            report = matching.sift(report, baseline.baseline, baseline.top, dates.today())
        self._saw(report)
        return report

    def _saw(self, report: Report) -> None:
        """Keep in mind what a scan has found: nothing that is told may hold it."""
        hide = redactor(report.with_known(), PLAIN)
        self._hiding.append(hide._replace(in_names=_without_own_names(hide.in_names)))

    def hold_back(self, told: Iterable[str]) -> None:
        """Keep in mind what is a secret in texts that are to be told: a file's name may hold one."""
        try:
            scanner = self.here.scanner
        except TightlipError:  # of which a line tells
            scanner = None
        report = scan_bytes("\n".join(told).encode("utf-8", "surrogateescape"), scanner=scanner)
        self._saw(replace(report, findings=tuple(it for it in report.findings if it.confidence >= MEDIUM)))

    def hide(self, text: str) -> str:
        """Return a text without what was found so far."""
        for hide in self._hiding:
            text = hide.name(text)
        return text

    @cached_property
    def named(self) -> str:
        """How a command names this repository, after a blank; nothing where the current folder is its top."""
        is_here = os.path.realpath(os.curdir) == os.path.realpath(self.top)
        return "" if is_here else f" {argument(self.top)}"

    @property
    def from_git(self) -> str:
        """How a command of git begins that takes paths from the top."""
        return f"git -C{self.named}" if self.named else "git"

    def arguments(self, paths: Iterable[str]) -> str:
        """Return files of the tree as arguments of a command, each once. Parameters: `paths`, from the top."""
        every = dict.fromkeys(paths)
        return " ".join(argument(os.path.join(self.top, path) if self.named else path) for path in every)

    @cached_property
    def tracked(self) -> list[str]:
        """The files that git tracks, from the top. Raises `GitError`."""
        return [os.fsdecode(path) for path, is_folder in self.here.tracked if not is_folder]

    @cached_property
    def entries(self) -> list[tuple[bytes, str]]:
        """The files of the index, each with its object; links and submodules left out. Raises `GitError`."""
        parts = [it.partition(b"\t") for it in self.git.run("ls-files", "-s", "-z", "--full-name", ":/").split(b"\0")]
        fields = [(path, meta.decode().split(" ")) for meta, _, path in parts if path]
        return [(path, oid) for path, (mode, oid, _) in fields if mode in ("100644", "100755")]

    @cached_property
    def encrypted(self) -> list[Today]:
        """The encrypted files of the index. Raises `GitError`."""
        from tightlip.checkup import sealed

        return sealed.encrypted(self.git, self.entries)

    @cached_property
    def sealed(self) -> list[Sealed]:
        """These, through the history. Raises `GitError`."""
        from tightlip.checkup import sealed

        return sealed.look(self.git, self.encrypted)

    @cached_property
    def known(self) -> tuple[Where, ...]:
        """The vaults to ask. Raises `ConfigError`, `UsageError`."""
        from tightlip.known.sources import where_of

        schedule = self.here.policy.config.rotation
        named = map(where_of, schedule.known if schedule else ())
        return tuple(dict.fromkeys((*self._known, *named)))

    def rule_of(self, path: str) -> Rule | None:
        """Return what the nearest `.sops.yaml` says of a file. Raises `NoConfiguration`."""
        found = self._disk.configuration(path)
        return found.rule(path) if found else None

    @cached_property
    def beside(self) -> list[str]:
        """The files that git does not track, ignored or not; folders that are ignored whole are not gone into."""
        asked = ("ls-files", "--others", "--exclude-standard", "-z", "--full-name")
        output = self.git.run(*asked, ":/") + self.git.run(*asked, "--ignored", "--directory", ":/")
        return [path for path in map(os.fsdecode, output.split(b"\0")[:-1]) if not path.endswith("/")]

    def read(self, path: str) -> bytes:
        """Return what is on disk, or nothing where that is no file; what cannot be read is kept in `unread`."""
        try:
            return content.read(self.top, path)
        except content.Unread as error:
            self._unread[path] = str(error)
            return b""

    def unread(self, paths: Iterable[str]) -> list[Problem]:
        """Return those of some files that could not be read, and why."""
        return [Problem(path, f"it cannot be checked: {self._unread[path]}") for path in paths if path in self._unread]

    @cached_property
    def examples(self) -> dict[str, bytes]:
        """What the examples of `.env` files say, by their paths."""
        paths = [it for it in (*self.tracked, *self.beside) if dotenv.is_env(it) and dotenv.is_example(it)]
        return {path: self.read(path) for path in paths if not os.path.islink(os.path.join(self.top, path))}

    @cached_property
    def locals(self) -> dict[str, bytes]:
        """The `.env` files that are no examples and not encrypted, tracked or not, by their paths."""
        paths = [it for it in (*self.tracked, *self.beside) if dotenv.is_env(it) and not dotenv.is_example(it)]
        read = {path: self.read(path) or self._staged(path) for path in paths}
        return {path: data for path, data in read.items() if not dotenv.is_sealed(data, path)}

    def _staged(self, path: str) -> bytes:
        """Return what git's index has of a file that is not on disk."""
        if os.path.lexists(os.path.join(self.top, path)):
            return b""
        return self.git.run("cat-file", "blob", f":0:{path}", fine=(128,))

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


def _without_own_names(values: Values) -> Values:
    """Leave out what is part of a name that tightlip asks git for: a gap in a known text would name the value."""
    return {
        start: {
            length: {it for it in every if not any(it in name for name in PROBES)} for length, every in lengths.items()
        }
        for start, lengths in values.items()
    }

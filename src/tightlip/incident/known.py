"""What is known of one leaked secret, as nouns."""

from __future__ import annotations

from dataclasses import dataclass

from tightlip.finding import Finding, Occurrence, Report
from tightlip.incident.sought import REMEDIATION
from tightlip.model import Secret


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, or an annotated tag, and whose it is."""

    id: str
    author: str
    email: str
    date: str
    """The author's, in ISO 8601; empty where nobody can read it."""
    subject: str
    kind: str = "commit"
    """`commit` or `tag`."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who brought the value in."""

    name: str
    email: str
    commits: int


@dataclass(frozen=True, slots=True)
class Held:
    """Something that has the value at this moment."""

    where: str
    """`head`, `branch`, `remote` (a remote-tracking branch), `tag`, `notes`, `ref` (another), `stash`, `index` or
    `files` (of a working tree)."""
    name: str
    """The full name of a ref, the folder of a working tree that is another than the one asked about, `stash@{0}`."""
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the repository itself knows of where the value went."""

    by: tuple[str, ...]
    """Remote-tracking refs that reach it, by their full names."""
    formerly: tuple[str, ...]
    """Remote-tracking refs that reached it once, as their reflogs say, and do not any more."""
    remotes: tuple[str, ...]
    is_bare: bool
    """Whether it is a bare repository, as others push to."""

    @property
    def is_known(self) -> bool:
        """Whether it is known to have been pushed."""
        return bool(self.by or self.formerly)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding, and its number in the text report of a history scan; 0 where that does not have it."""

    number: int
    finding: Finding

    @property
    def mark(self) -> str:
        """The number and the rule; the rule alone where the report leaves it out, as allowed or known."""
        return f"#{self.number} {self.finding.rule}" if self.number else self.finding.rule


@dataclass(frozen=True, slots=True)
class Incident:
    """All that is known of one secret in a repository."""

    secret: Secret
    findings: tuple[Numbered, ...]
    """Those that hold the value, the one that was asked for first; none where no rule finds it."""
    places: tuple[Occurrence, ...]
    """Where the value came into the history; none where it never did."""
    brought: tuple[Commit, ...]
    """The commits and annotated tags that brought it in, the oldest first."""
    last: Commit | None
    """The last one that has it: the newest tip where it still stands, or the one before it was taken out."""
    taken_out: Commit | None
    """The commit that took it out of the files, where no branch and not HEAD has it there any more; its date is the
    committer's where that is later."""
    authors: tuple[Author, ...]
    in_head: bool | None
    """As in a finding."""
    reached_by: tuple[str, ...]
    """Full names of refs that reach it; `HEAD` where no branch stands there."""
    pushed: Pushed
    held: tuple[Held, ...]
    through: tuple[tuple[str, ...], ...]
    """The encodings that it was found beneath, each chain once, outermost first."""
    inside: bool
    """Whether some places are in submodules: of these only the places are told."""
    made: str
    """When this was found out: ISO 8601, UTC."""
    report: Report
    """The scan that all this was learned from, with every secret that has to be kept out of sight."""

    @property
    def first(self) -> Commit | None:
        """The first that brought it in."""
        return self.brought[0] if self.brought else None

    @property
    def found(self) -> bool:
        """Whether the value is in the history: an object of the repository holds it, or a name does."""
        return bool(self.places)

    @property
    def remediation(self) -> tuple[str, ...]:
        """What makes the value worthless, in order."""
        known = (each.finding.remediation for each in self.findings if each.finding.remediation)
        return next(known, REMEDIATION)

    def held_by(self, *where: str) -> tuple[Held, ...]:
        """Return what holds the value now, of some kinds."""
        return tuple(held for held in self.held if held.where in where)

    @property
    def still_there(self) -> bool:
        """Whether the files of HEAD or of a branch have it."""
        return bool(self.held_by("head", "branch", "remote"))

    @property
    def stashed(self) -> bool:
        """Whether a stash has it."""
        return bool(self.held_by("stash"))

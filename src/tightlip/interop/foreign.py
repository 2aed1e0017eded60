"""What other scanners' files say, in words of no one scanner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tightlip.model import Secret


class NotCarried(NamedTuple):
    """Something that a file says and tightlip cannot, or not in full."""

    what: str
    why: str
    lost: bool = True
    """Whether it is gone; otherwise it was carried over with a difference."""

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class ForeignAllow:
    """What is not to be reported: by secret, by what surrounds it, by path or by commit."""

    what: str
    """How to name it in a message."""
    regexes: tuple[str, ...] = ()
    target: str = "secret"
    """What `regexes` are matched against: `secret`, `match` or `line`."""
    stopwords: tuple[str, ...] = ()
    """In any case, anywhere in the secret."""
    paths: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    together: bool = False
    """Whether all kinds of condition must hold, and not just one of them."""
    rules: tuple[str, ...] = ()
    """The rules that it is about; all of them where it names none."""


@dataclass(frozen=True, slots=True)
class ForeignRule:
    """What recognises one kind of secret."""

    id: str
    name: str
    pattern: str
    syntax: str = "re2"
    """`re2` (also Rust's) or `ere` (POSIX, one line at a time)."""
    group: int = 0
    """The group that is the secret; 0 is the first that is not empty, or all of the match where there is none; -1 is
    always all of it."""
    group_name: str = ""
    """The group that is the secret where the pattern has one of that name."""
    path: str = ""
    entropy: float = 0.0
    keywords: tuple[str, ...] = ()
    """One of these must be in the file, in any case."""
    allows: tuple[ForeignAllow, ...] = ()
    requires: tuple[tuple[str, int | None], ...] = ()
    """Other rules that must match, within so many lines or anywhere in the file."""
    reported: bool = True
    confidence: str = "high"
    references: tuple[str, ...] = ()
    words: bool = False
    """Whether a match must be whole words, as with `grep -w`."""


@dataclass(frozen=True, slots=True)
class ForeignFinding:
    """What another scanner knows of one place, or of a value."""

    path: str
    """Empty for a value wherever it is."""
    kind: str
    """The other scanner's rule or type."""
    line: int = 0
    commit: str = ""
    sha1: str = ""
    """SHA-1 of the value, in hexadecimal, where the file holds that."""
    sha256: str = ""
    """The same, SHA-256."""
    secret: Secret | None = None
    is_secret: bool | None = None
    """What somebody judged; None where nobody did."""
    ignored: bool = False
    """Whether somebody told the scanner to be silent about it, which may be no secret, or one that may stay."""
    verified: bool = False
    """Whether the other scanner has seen it work."""
    source: str = ""
    """The name of the file that says so."""


@dataclass(slots=True)
class Foreign:
    """All that a file says."""

    rules: list[ForeignRule] = field(default_factory=list)
    allows: list[ForeignAllow] = field(default_factory=list)
    findings: list[ForeignFinding] = field(default_factory=list)
    left: list[NotCarried] = field(default_factory=list)
    """What the reader could make nothing of."""

    def leave(self, what: str, why: str, *, lost: bool = True) -> None:
        """Note something that is not carried over."""
        self.left.append(NotCarried(what, why, lost))

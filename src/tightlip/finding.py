"""What a scan reports: findings, where they occur, and what could not be scanned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tightlip.fingerprint import fingerprint, prepare
from tightlip.model import Secret


class Unscanned(NamedTuple):
    """Something that should have been scanned and was not."""

    what: str
    """The path, object id or rule."""
    why: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place that holds a secret. Lines and columns start at 1, columns count characters, ends are exclusive."""

    path: str
    """Path in the repository or on disk; bytes that are not UTF-8 are kept as surrogate escapes."""
    line: int
    column: int
    end_line: int
    end_column: int
    part: str = "content"
    """`content`, `path` (the file's name itself), `commit` or `tag` (the message and header of that object), or `ref`
    (the name of a branch or tag, which is then in `path`)."""
    blob: str | None = None
    commit: str | None = None
    """The commit that brought it there, in a history scan."""
    author: str | None = None
    email: str | None = None
    date: str | None = None
    """ISO 8601, with the author's offset."""
    message_subject: str | None = None
    refs: tuple[str, ...] = ()
    """Branches and tags that reach the commit."""


class TakenOut(NamedTuple):
    """The last commit after which HEAD's history holds a secret no more."""

    commit: str
    date: str
    """ISO 8601, with the author's offset."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret that one rule found, with every place that holds it."""

    rule: str
    name: str
    provider: str
    severity: str
    """`critical`, `high`, `medium` or `low`."""
    confidence: float
    """From 0 to 1; 0.8 and above is high, 0.5 and above medium."""
    reasons: tuple[str, ...]
    secret: Secret
    remediation: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]
    """In a history scan the first is the one that introduced it."""
    decoded_through: tuple[str, ...] = ()
    """Encodings it was found beneath, outermost first."""
    encoded: tuple[Secret, ...] = ()
    """What it was decoded from, in every form: not to be shown either."""
    in_head: bool | None = None
    """Whether HEAD still holds it; None where the scan was not of a history."""

    taken_out: TakenOut | None = None
    """None where HEAD still holds it, where no commit took it out, and where the scan was not of a history."""
    live: str | None = None
    """What the provider says of it: `live`, `revoked`, or `unknown`; None where nobody asked."""
    told_as: str = ""
    """The fingerprint, where a saved report says it: the value may not be known then."""

    @property
    def fingerprint(self) -> str:
        """The same for the same secret and rule, wherever it moves. Slow on purpose, and so made when asked for."""
        return self.told_as or fingerprint(self.rule, self.secret.reveal())


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one scan."""

    kind: str
    """`files`, `text`, `staged` or `history`."""
    target: str
    findings: tuple[Finding, ...]
    unscanned: tuple[Unscanned, ...]
    scanned: dict[str, int] = field(default_factory=dict)
    """Counts: `blobs`, `bytes`, and in a history scan `commits`, `tags`, `trees`."""
    seconds: float = 0.0
    rules_hash: str = ""
    allowed: int = 0
    """Matches that an inline pragma allows."""
    baselined: int = 0
    """Findings that the baseline knows, in all of their places or some; `findings` has only the others."""
    interrupted: bool = False
    """Whether the scan was ended from outside; how much was left is in `unscanned`."""
    notes: tuple[str, ...] = ()
    """What else a person should hear, each in a sentence."""
    known: tuple[Finding, ...] = ()
    """What the baseline knows: not told, but hidden wherever it stands in what is told."""

    @property
    def complete(self) -> bool:
        """Whether everything that should have been scanned was."""
        return not self.unscanned

    def with_known(self) -> Report:
        """Return the report with what is known among its findings, for whoever hides values."""
        return replace(self, findings=(*self.findings, *self.known))


def prepare_fingerprints(findings: Iterable[Finding]) -> None:
    """Make the fingerprints of findings all at once, which takes less time than one after the other."""
    prepare((finding.rule, finding.secret.reveal()) for finding in findings if not finding.told_as)

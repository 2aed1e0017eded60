"""What a configuration is once it is read: every value, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# Named tuples, not dataclasses: a commit in a repository with a configuration waits for this, and the import of
# `dataclasses` takes as long as all the rest.


class Origin(NamedTuple):
    """Where a value stands: `file:key`."""

    file: str
    key: str
    line: int = 0
    """From 1; 0 where it is not known."""

    def __str__(self) -> str:
        return f"{self.file}:{self.key}"


class RuleFile(NamedTuple):
    """A file of rules to use beside the built-in ones."""

    name: str
    """As a message shows it."""
    path: str
    """On disk; empty where it is read from a revision."""
    content: bytes | None
    """What is in it, where it is read from a revision."""
    origin: Origin


class Choice(NamedTuple):
    """That rules are on, or off. Of several that are about a rule the last one counts."""

    on: bool
    pattern: str
    """A glob of ids, or `provider:` or `severity:` and a glob of these."""
    origin: Origin


class Override(NamedTuple):
    """What a rule has in place of its own."""

    severity: str = ""
    """Empty for the rule's own."""
    confidence: float | None = None


class Allow(NamedTuple):
    """What is allowed to stay: a finding for which every condition that is given holds."""

    reason: str
    origin: Origin
    rules: tuple[str, ...] = ()
    """Globs of rule ids."""
    paths: tuple[str, ...] = ()
    """Globs as in a .gitignore."""
    values: tuple[str, ...] = ()
    """Regular expressions that are searched for in the secret. They may be the secret itself: never show one."""
    lines: tuple[str, ...] = ()
    """Regular expressions that are searched for in the lines that hold it. Never show one."""
    commits: tuple[str, ...] = ()
    """The ids of commits, or how these begin."""
    stopwords: tuple[str, ...] = ()
    """Texts in the secret, in any case. Never show one."""


class DetectSecrets(NamedTuple):
    """Which of detect-secrets' plugins look at what is scanned. They are programs: only a user's own file names any."""

    plugins: tuple[str, ...] = ()
    """Names of its own plugins, or globs of these."""
    custom: tuple[str, ...] = ()
    """Files with others, each an absolute path."""


class Interval(NamedTuple):
    """How often some secrets are rotated."""

    secrets: tuple[str, ...]
    """Patterns of `KIND:NAME`, with `*` for anything and `?` for one character."""
    days: int
    origin: Origin


class Schedule(NamedTuple):
    """How old secrets may get."""

    days: int | None = None
    """The oldest that any other may be; None where no file says."""
    intervals: tuple[Interval, ...] = ()
    """The first one that matches counts."""
    known: tuple[str, ...] = ()
    """`KIND:WHERE` of vaults that a review asks: only a user's own file names any."""
    own: Schedule | None = None
    """What the user's own file and the organisation's say, where a repository says something as well."""


class Config(NamedTuple):
    """All settings, merged. What no file gives is as it is without configuration, and has no origin."""

    rules: tuple[RuleFile, ...] = ()
    choices: tuple[Choice, ...] = ()
    overrides: Mapping[str, Override] = {}
    """By the id of a rule."""
    min_confidence: float | None = None
    """None where no file says: what the call itself says, or its default."""
    min_severity: str = "low"
    max_file_size: int | None = None
    """Bytes; None for tightlip's own limit, which no file can raise."""
    baseline: str | None = None
    """A file, counted from the top of the repository."""
    allow: tuple[Allow, ...] = ()
    detect_secrets: DetectSecrets | None = None
    known: tuple[str, ...] = ()
    """Files of `tightlip known index` that the hook asks, each an absolute path: only a user's own file names any."""
    rotation: Schedule | None = None
    """None where no file says how often secrets are rotated."""
    origins: Mapping[str, Origin] = {}
    """By a setting's name (`min_confidence`, `limits.max_file_size`, `override.RULE-ID.severity`), where it stands."""
    files: tuple[str, ...] = ()
    """The files that were read, each before those that count more."""

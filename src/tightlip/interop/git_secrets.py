"""git-secrets' settings: what git's configuration and `.gitallowed` say, as rules and as what is allowed.

https://github.com/awslabs/git-secrets. Patterns are POSIX extended, matched as whole words on one line; what is allowed
is matched against `path:line:text`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from tightlip import patterns
from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.interop import reading, syntax, translate
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignRule, NotCarried
from tightlip.interop.tree import Chars
from tightlip.interop.tree import Sequence as OneByOne
from tightlip.rule import Rule

ALLOWED_FILE = ".gitallowed"
OWN = frozenset({"system", "global", "command"})
"""Scopes of git's configuration that are the user's, and no repository's."""
_REMEDIATION = (
    "Take the value out and make it worthless where it was issued.",
    "Where it is no secret, allow it: `tightlip git-secrets --add --allowed PATTERN`, or a line in .gitallowed.",
)
_SECONDS = 0.5
_SPECIAL = frozenset(r"\.^$*+?()[]{}|")


class Setting(NamedTuple):
    """One value in git's configuration."""

    value: str
    scope: str
    """`system`, `global` or `command`, which are the user's own; `local` or `worktree`."""

    @property
    def is_own(self) -> bool:
        """Whether it is the user's, and no repository's."""
        return self.scope in OWN


class Settings(NamedTuple):
    """All that git-secrets would go by."""

    patterns: tuple[Setting, ...]
    allowed: tuple[str, ...]
    providers: tuple[Setting, ...]


class Ready(NamedTuple):
    """Settings, ready to scan with."""

    rules: tuple[Rule, ...]
    allowed: tuple[str, ...]
    """Patterns of bytes, as tightlip writes them."""
    unusable: tuple[NotCarried, ...]


def settings(git: Git) -> Settings:
    """Read git's configuration and the `.gitallowed` of the repository. Raises `GitError`, and `UsageError`."""
    top = os.fsdecode(git.run("rev-parse", "--show-toplevel", fine=(128,)).removesuffix(b"\n"))
    file = os.path.join(top, ALLOWED_FILE)
    lines = reading.text(file).split("\n") if top and os.path.lexists(file) else []
    listed = [line.rstrip("\r") for line in lines if line.strip() and not line.startswith("#")]
    return Settings(
        patterns=configured(git, "secrets.patterns"),
        allowed=(*(it.value for it in configured(git, "secrets.allowed")), *listed),
        providers=configured(git, "secrets.providers"),
    )


def configured(git: Git, key: str) -> tuple[Setting, ...]:
    """Return every value of a key, with where it is from."""
    found = git.run("config", "--show-scope", "--null", "--get-all", key, fine=(1,)).split(b"\0")
    pairs = zip(found[::2], found[1::2], strict=False)
    return tuple(Setting(value.decode("utf-8", "replace"), scope.decode()) for scope, value in pairs if value)


def read(git: Git) -> Foreign:
    """Return the settings as rules to be written into a file.

    What may be a secret itself stays where it is: a pattern that is one fixed text, and what a provider prints.
    """
    found = Foreign()
    every = settings(git)
    if not any(every):
        raise UsageError("git's configuration has no secrets.patterns, and there is no .gitallowed")
    for number, setting in enumerate(every.patterns, 1):
        if is_literal(setting.value):
            found.leave(
                f"pattern {number}", "one fixed text, which may be a secret itself; it stays in git's configuration"
            )
            continue
        found.rules.append(_foreign(setting.value, number))
    for provider in every.providers:
        found.leave(f"provider {provider.value}", _why_not_written(provider))
    for number, pattern in enumerate(every.allowed, 1):
        what = f"allowed {number}"
        if ":" in pattern or "^" in pattern or "$" in pattern:
            found.leave(what, "names a path or a line, and tightlip's `allow` sees the secret alone")
            continue
        found.leave(what, "looked for in the secret alone, and not in all of its line", lost=False)
        found.allows.append(ForeignAllow(what, regexes=(pattern,)))
    return found


def _why_not_written(provider: Setting) -> str:
    if not provider.is_own:
        return "a program that the repository names, which is never run"
    return "what it prints may be secrets, which no file should hold; tightlip git-secrets asks it at each scan"


def _foreign(pattern: str, number: int) -> ForeignRule:
    name = f"prohibited pattern {number} of secrets.patterns"
    return ForeignRule(f"git-secrets-{number}", name, pattern, "ere", group=-1, words=True)


def is_literal(pattern: str) -> bool:
    """Whether a pattern matches one text alone."""
    try:
        tree = syntax.parse(pattern, "ere")
    except ValueError:
        return False
    items = tree.items if isinstance(tree, OneByOne) else (tree,)
    return all(isinstance(it, Chars) and len(it.ranges) == 1 and it.ranges[0][0] == it.ranges[0][1] for it in items)


def escaped(text: str) -> str:
    """Return a pattern that matches a text and nothing else."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def ready(prohibited: Sequence[tuple[str, str]], allowed: Sequence[str]) -> Ready:
    """Make rules of patterns, each with what to call it, and check what is allowed. Nothing of it is written."""
    rules: list[Rule] = []
    unusable: list[NotCarried] = []
    for number, (what, pattern) in enumerate(prohibited, 1):
        found = _translated(pattern, what, unusable, allow=False)
        rules += [
            Rule(f"git-secrets-{number}", f"Prohibited: {what}", "", "high", 0.9, one, _REMEDIATION, filters=())
            for one in found
        ]
    fine = [
        one
        for number, pattern in enumerate(allowed, 1)
        for one in _translated(pattern, f"allowed pattern {number}", unusable, allow=True)
    ]
    return Ready(tuple(rules), tuple(fine), tuple(unusable))


def _translated(pattern: str, what: str, unusable: list[NotCarried], *, allow: bool) -> tuple[str, ...]:
    try:
        if allow:
            return translate.allow_pattern(pattern, "ere").patterns
        return translate.rule_pattern(pattern, "ere", group=-1, words=True).patterns
    except ValueError as error:
        unusable.append(NotCarried(what, str(error)))
        return ()


def is_allowed(allowed: Sequence[str], path: str, line: int, text: bytes) -> bool:
    """Whether a line is allowed, as `path:line:text`. A pattern that takes too long does not allow it."""
    whole = os.fsencode(path) + b":%d:" % line + text
    return any(_is_in(pattern, whole) for pattern in allowed)


def _is_in(pattern: str, text: bytes) -> bool:
    try:
        return patterns.pattern(pattern.encode()).search(text, timeout=_SECONDS) is not None
    except TimeoutError:
        return False

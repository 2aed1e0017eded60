"""Whether git ignores what must never be committed, asked of git itself: global and nested files and each `!` count."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.hygiene.problem import Problem

PROBES = {
    ".env": ".env",
    ".env.local": ".env.local",
    ".env.production": ".env.*",
    ".env.production.local": ".env.*.local",
    "server.pem": "*.pem",
    "server.key": "*.key",
    "keystore.p12": "*.p12",
    "keystore.pfx": "*.pfx",
    "keystore.jks": "*.jks",
    "id_rsa": "id_rsa",
    "id_ed25519": "id_ed25519",
    "credentials.json": "credentials.json",
    "secrets/token.txt": "secrets/",
    "terraform.tfstate": "*.tfstate",
    "terraform.tfstate.backup": "*.tfstate.*",
    "production.tfvars": "*.tfvars",
}
"""Names that stand for what must be ignored, each with the pattern that covers it."""
EXAMPLES = (".env.example", ".env.sample", ".env.template")
"""What must not be: others need it."""
_MUST = (".env", ".env.local", ".env.production")
_KEPT = "secrets/"
"""Not asked for where something below is tracked on purpose, as it is encrypted."""


class Answer(NamedTuple):
    """What git says of a name."""

    name: str
    is_ignored: bool
    by: str = ""
    """The pattern that decides, as `FILE:LINE: PATTERN`; empty where there is none."""


def ask(git: Git, names: tuple[str, ...] | list[str]) -> list[Answer]:
    """Return what git says of some names, counted from the top, whether they are there or not. Raises `GitError`."""
    stdin = "".join(f"{name}\0" for name in names).encode()
    output = git.run("check-ignore", "-z", "-v", "--no-index", "--non-matching", "--stdin", stdin=stdin, fine=(1,))
    fields = [os.fsdecode(it) for it in output.split(b"\0")]
    answers = []
    for source, line, pattern, name in zip(fields[::4], fields[1::4], fields[2::4], fields[3::4], strict=False):
        by = f"{source}:{line}: {pattern}" if source else ""
        answers.append(Answer(name, bool(source) and not pattern.startswith("!"), by))
    return answers


def look(git: Git, tracked: frozenset[str]) -> Iterator[tuple[Answer, str]]:
    """Yield each name that git would let in, with the pattern that is missing.

    Parameters: `tracked`, the files that git tracks: what is kept there on purpose, encrypted, need not be ignored.
    """
    for answer in ask(git, list(PROBES)):
        is_kept = PROBES[answer.name] == _KEPT and any(path.startswith(_KEPT) for path in tracked)
        if not answer.is_ignored and not is_kept:
            yield answer, PROBES[answer.name]


def missing(git: Git) -> list[str]:
    """Return the patterns that `.gitignore` lacks. Raises `GitError`."""
    tracked = frozenset(map(os.fsdecode, git.run("ls-files", "-z", "--full-name", ":/").split(b"\0")[:-1]))
    return list(dict.fromkeys(pattern for _, pattern in look(git, tracked)))


def must(answer: Answer) -> bool:
    """Whether what is not ignored surely holds secrets, whatever the repository is about."""
    return answer.name in _MUST


def tracked_though_ignored(git: Git) -> Iterator[Problem]:
    """Yield files that git tracks, and a pattern says it should not. Raises `GitError`."""
    for path in git.run("ls-files", "-ci", "--exclude-standard", "-z", "--full-name", ":/").split(b"\0")[:-1]:
        yield Problem(os.fsdecode(path), "git tracks it, although a pattern ignores it")

"""Whether git ignores what must never be committed, asked of git itself: global and nested files and each `!` count."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.hygiene import content, dotenv
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
NAME = ".gitignore"
_MUST = (".env", ".env.local", ".env.production")
_KEPT = "secrets/"
"""Not asked for where something below is tracked on purpose, as it is encrypted."""
_SPECIAL = re.compile("[\\\\*?\\[\\]!# \x00-\x1f\x7f\udc80-\udcff]")
"""What means something in a pattern, or may not stand there."""


class Answer(NamedTuple):
    """What git says of a name."""

    name: str
    is_ignored: bool
    by: str = ""
    """The pattern that decides, as `FILE:LINE: PATTERN`; empty where there is none."""
    is_let_in_below: bool = False
    """Whether the `.gitignore` of a folder below the top lets it in, so that no line of the one at the top counts."""


def ask(git: Git, names: Sequence[str]) -> list[Answer]:
    """Return what git says of some names, counted from the top, whether they are there or not. Raises `GitError`."""
    if not names:
        return []
    stdin = b"".join(os.fsencode(name) + b"\0" for name in names)
    output = git.run("check-ignore", "-z", "-v", "--no-index", "--non-matching", "--stdin", stdin=stdin, fine=(1,))
    fields = [os.fsdecode(it) for it in output.split(b"\0")]
    answers = []
    for source, line, pattern, name in zip(fields[::4], fields[1::4], fields[2::4], fields[3::4], strict=False):
        by = f"{source}:{line}: {pattern}" if source else ""
        is_below = pattern.startswith("!") and source.endswith(f"/{NAME}") and not os.path.isabs(source)
        answers.append(Answer(name, bool(source) and not pattern.startswith("!"), by, is_below))
    return answers


def env_files(git: Git, paths: Iterable[str]) -> list[Answer]:
    """Return what git says of `.env` files: at the top, and in each folder that has one or ignores something itself.

    Parameters: `paths`, all files, from the top. Raises `GitError`.
    """
    at_top = ask(git, _MUST)
    names = [it.name for it in at_top if it.is_ignored]  # the others are told already
    folders = {folder for path in paths for folder, _, name in (path.rpartition("/"),) if _is_about(name)} - {""}
    return [*at_top, *ask(git, [f"{folder}/{name}" for folder in sorted(folders) for name in names])]


def _is_about(name: str) -> bool:
    return name == NAME or dotenv.is_env(name)


def exposed(git: Git, top: str) -> list[str]:
    """Return the `.env` files with values in clear that the next `git add` would take. Raises `GitError`.

    What cannot be read is taken for one.
    """
    paths = _listed(git, "--others", "--exclude-standard")
    return [path for path in paths if dotenv.is_env(path) and not dotenv.is_example(path) and _is_in_clear(top, path)]


def _listed(git: Git, *which: str) -> list[str]:
    output = git.run("ls-files", *which, "-z", "--full-name", ":/")
    return list(map(os.fsdecode, output.split(b"\0")[:-1]))


def _is_in_clear(top: str, path: str) -> bool:
    try:
        data = content.read(top, path)
    except content.Unread:
        return True
    return bool(dotenv.held(path, data)) and not dotenv.is_sealed(data, path)


def look(git: Git, tracked: frozenset[str]) -> Iterator[tuple[Answer, str]]:
    """Yield each name at the top that git would let in, with the pattern that is missing.

    Parameters: `tracked`, the files that git tracks: what is kept there on purpose, encrypted, need not be ignored.
    """
    for answer in ask(git, list(PROBES)):
        is_kept = PROBES[answer.name] == _KEPT and any(f"/{_KEPT}" in f"/{path}" for path in tracked)
        if not answer.is_ignored and not is_kept:
            yield answer, PROBES[answer.name]


def missing(git: Git, top: str) -> list[str]:
    """Return the patterns that the `.gitignore` at the top lacks. Raises `GitError`."""
    tracked, beside = _listed(git), _listed(git, "--others", "--exclude-standard")
    found = [pattern for _, pattern in look(git, frozenset(tracked))]
    below = [it for it in env_files(git, [*tracked, *beside]) if not it.is_ignored]
    found += [PROBES[it.name.rpartition("/")[2]] for it in below if not it.is_let_in_below]
    found += [f"!{it.name}" for it in ask(git, EXAMPLES) if it.is_ignored]
    let_in = [it.name for it in ask(git, exposed(git, top)) if not it.is_let_in_below]
    found += [f"/{_SPECIAL.sub('?', path)}" for path in let_in if not _is_covered(path, found)]
    return list(dict.fromkeys(found))


def _is_covered(path: str, patterns: Sequence[str]) -> bool:
    """Whether patterns for names of `.env` files cover one."""
    name = path.rpartition("/")[2]
    return name in patterns or (name.startswith(".env.") and ".env.*" in patterns)


def must(answer: Answer) -> bool:
    """Whether what is not ignored surely holds secrets, whatever the repository is about."""
    return answer.name in _MUST


def tracked_though_ignored(git: Git) -> Iterator[Problem]:
    """Yield files that git tracks, and a pattern says it should not. Raises `GitError`."""
    for path in _listed(git, "-ci", "--exclude-standard"):
        yield Problem(path, "git tracks it, although a pattern ignores it")

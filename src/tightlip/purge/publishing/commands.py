"""The commands that publish a purge: which refs move on which remote, each only from where it is known to be."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.publishing.moved import Moved
from tightlip.purge.repository.layout import listed
from tightlip.report.style import count

OF_HOSTS = (
    *("refs/pull/", "refs/pull-requests/", "refs/merge-requests/", "refs/changes/", "refs/keep-around/"),
    *("refs/pipelines/", "refs/environments/", "refs/stash"),
)
"""Refs that hosts keep for themselves, and nobody else may move; and a stash, which no push may name (a funny ref)."""
_LOCAL = (
    *("refs/remotes/", "refs/bisect/", "refs/worktree/", "refs/rewritten/", "refs/original/", "refs/prefetch/"),
    *("refs/replace/", "refs/stash"),
)
"""Refs that are this clone's own."""
_AT_ONCE = 64
"""Refs that one command moves; on Windows a command has at most 32,767 characters."""
_HEAD = """\
#!/bin/sh
# Publishes the purge: {what}.
# Read it, and run it in the repository: sh {file}
#
# tightlip itself never pushes. Each ref moves only if the remote still has it where it was before (a "lease").
# This may be run again. What git says, and what it means:
#   stale info          the remote does not have the ref at all; or somebody has pushed to it: fetch, and purge again
#   protected branch    allow force pushes to it for as long as this takes
# Refs of the host (refs/pull/*, refs/merge-requests/*) cannot be pushed by anybody: see host-request.txt.
# Then look at what a stranger gets: git clone --mirror ADDRESS new && cd new && sh purge-check.sh check

code=0
"""


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote, as it is configured."""

    name: str
    address: str
    fetch: tuple[str, ...]
    """Its refspecs."""
    is_mirror: bool
    tracked: frozenset[str] = frozenset()
    """The full names, on the remote, of the refs that were fetched."""

    def there(self, name: str) -> str:
        """Return what a fetched ref is called on the remote; nothing if it is not from there."""
        for spec in self.fetch:
            source, _, target = spec.removeprefix("+").partition(":")
            start, star, end = target.partition("*")
            if not star and name == target:
                return source
            if star and name.startswith(start) and name.endswith(end) and len(name) >= len(start) + len(end):
                return source.replace("*", name[len(start) : len(name) - len(end)], 1)
        return ""


class Published(NamedTuple):
    """What is to be published on a remote."""

    remote: Remote | None
    """None: there is none, and the script is told one."""
    moves: tuple[Moved, ...]
    """By their names on the remote."""
    hosted: tuple[Moved, ...]
    """What only the host can move."""


def remotes(git: Git) -> list[Remote]:
    """Return the remotes of a repository. Raises `GitError`."""
    rows = git.run("config", "--null", "--get-regexp", r"^remote\..*\.(url|fetch|mirror)$", fine=(1,)).split(b"\0")[:-1]
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        key, _, value = row.decode("utf-8", "surrogateescape").partition("\n")
        name, _, what = key.removeprefix("remote.").rpartition(".")
        found.setdefault(name, {}).setdefault(what, []).append(value)
    standing = listed(git)
    return [_remote(name, said, standing) for name, said in found.items() if "url" in said]


def _remote(name: str, said: Mapping[str, Sequence[str]], standing: Iterable[str]) -> Remote:
    is_mirror = said.get("mirror", ["false"])[-1].lower() not in {"false", "no", "off", "0"}
    remote = Remote(name, said["url"][0], tuple(said.get("fetch", ())), is_mirror)
    return dataclasses.replace(remote, tracked=frozenset(filter(None, map(remote.there, standing))))


def published(remote: Remote | None, moves: Sequence[Moved]) -> Published:
    """Return what is to be published: of branches those that the remote has, as far as that is known.

    What is a clone's own is published where it came from the remote: a mirror has stashes and the like of others.
    """
    there = {remote.there(move.name): move for move in moves} if remote else {}
    is_known = remote is not None and any(name.startswith("refs/heads/") for name in remote.tracked)
    kept = (*_LOCAL, "refs/heads/") if is_known else _LOCAL
    own = {move.name: move for move in moves if not move.name.startswith(kept)}
    found = [move._replace(name=name) for name, move in (own | there).items() if name]
    hosted = tuple(move for move in found if move.name.startswith(OF_HOSTS))
    pushed = sorted((move for move in found if move not in hosted), key=lambda move: _rank(move.name))
    return Published(remote, tuple(pushed), hosted)


def _rank(name: str) -> int:
    kinds = ("refs/heads/", "refs/tags/", "refs/notes/")
    return next((number for number, start in enumerate(kinds) if name.startswith(start)), len(kinds))


def script(each: Sequence[Published], ids: Mapping[str, str], file: str) -> str:
    """Return the script. Parameters: `ids`, new by old ones; `file`, where it will be."""
    what = ", ".join(f"{count(len(it.moves), 'ref')} to {_shown(it.remote)}" for it in each)
    before = {new: old for old, new in ids.items()}
    parts = [line for it in each for line in _to(it, before)]
    return "".join([_HEAD.format(what=what, file=_plain(shlex.quote(file))), *parts, "\nexit $code\n"])


def _shown(remote: Remote | None) -> str:
    return _plain(remote.name) if remote else "the remote that you name"


def _to(what: Published, before: Mapping[str, str]) -> Iterator[str]:
    """Yield what publishes on one remote."""
    yield f"\n# {count(len(what.moves), 'ref')} to {_shown(what.remote)}\n"
    if what.hosted:
        yield f"# {count(len(what.hosted), 'more ref is', 'more refs are')} the host's own.\n"
    if not what.remote:
        yield ': "${1:?name the remote, or its address}"\n'
    for start in range(0, len(what.moves), _AT_ONCE):
        group = what.moves[start : start + _AT_ONCE]
        tries = max(1, *(len(move.olds) for move in group))
        yield " || ".join(_push(what.remote, group, number) for number in range(tries)) + " || code=1\n"
    yield from (_renamed(what.remote, move, before) for move in what.moves if move.new and not move.olds)


def _push(remote: Remote | None, group: Sequence[Moved], number: int) -> str:
    """Return a command. Parameters: `number`, of several ids that a ref may have on the remote, which is expected."""
    alone = ["-c", shlex.quote(f"remote.{remote.name}.mirror=false")] if remote and remote.is_mirror else []
    leases = [
        shlex.quote(f"--force-with-lease={move.name}:{move.olds[min(number, len(move.olds) - 1)] if move.olds else ''}")
        for move in group
    ]
    specs = [shlex.quote(f"{move.new}:{move.name}") for move in group]
    return " \\\n    ".join(
        [" ".join(["git", *alone, "push --no-follow-tags"]), *leases, f"-- {_word(remote)}", *specs]
    )


def _word(remote: Remote | None) -> str:
    return shlex.quote(remote.name) if remote else '"$1"'


def _renamed(remote: Remote | None, move: Moved, before: Mapping[str, str]) -> str:
    word = _plain(_word(remote))
    return (
        f"# The old name of {_plain(move.name)} held a secret, so it is not written here. What the remote\n"
        f"# has at its old id: git ls-remote -- {word} | grep {before.get(move.new, move.new)}\n"
        f"# To remove the one with that name: git push -- {word} ':refs/heads/ITS-NAME'\n"
    )


def _plain(text: str) -> str:
    """Return a text for a comment, which is one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)

"""What `git push` was called with: the pre-commit framework hands on the first ref of a push, and no other.

A hook cannot ask git, which has told it all on a standard input that the framework has read. It can ask the system how
the process that it runs under was called.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tightlip.gates.protocol import is_id
from tightlip.git.repo import commits_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tightlip.git.plumbing import Git

_DEEPEST = 16
"""Processes between git and this one: a shell, the framework, and what starts that."""
_WITH_VALUE = frozenset(
    (
        *("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path", "--attr-source"),
        *("-o", "--push-option", "--repo", "--receive-pack", "--exec", "--recurse-submodules"),
    )
)
"""Options of git and of push whose value may be the next word."""
_BRANCHES, _TAGS, _EVERYTHING = "refs/heads", "refs/tags", "refs"
_MANY = {"--all": _BRANCHES, "--branches": _BRANCHES, "--tags": _TAGS, "--mirror": _EVERYTHING}
_FOLLOWING = "--follow-tags"
_SETTINGS = r"^(push\.(default|followtags)|remote\..*\.(push|mirror))$"
_OFF = frozenset(("false", "no", "off", "0", ""))
_FIELDS = re.compile(r"^\s*(\d+)\s+(.*)$")


def others(git: Git, remote: str, tip: str) -> tuple[list[tuple[str, str]], bool]:
    """Return what may be pushed beside one ref: names and objects; and whether it is sure that git pushes these.

    Parameters: `remote`, its name; `tip`, what that one ref leads to. Raises `GitError`.
    """
    words = _push()
    if words is None:
        return _refs(git, [_BRANCHES, _TAGS]), False
    return _pushed(git, remote, tip, words), True


def _push() -> list[str] | None:
    """Return what follows `git push` in the call that this process runs under; None where that cannot be told."""
    process = os.getppid()
    for _ in range(_DEEPEST):
        called = _called(process)
        if not called:
            return None
        process, words = called
        if words and os.path.basename(words[0]) == "git":
            command = _words(words[1:])
            return command[1:] if command[:1] == ["push"] else None
    return None


def _called(process: int) -> tuple[int, list[str]] | None:
    """Return a process's parent, and how it was called; None where the system does not tell."""
    if sys.platform == "win32" or not process:
        return None
    try:
        if sys.platform == "linux":
            with open(f"/proc/{process}/stat", "rb") as stat, open(f"/proc/{process}/cmdline", "rb") as line:
                parent = int(stat.read().rpartition(b")")[2].split()[1])
                return parent, [os.fsdecode(word) for word in line.read().split(b"\0")[:-1]]
        told = subprocess.run(
            ["ps", "-o", "ppid=", "-o", "command=", "-p", str(process)], capture_output=True, text=True, check=False
        )
    except (OSError, ValueError, IndexError):
        return None
    fields = _FIELDS.match(told.stdout)
    return (int(fields[1]), fields[2].split()) if fields else None


def _words(words: Sequence[str]) -> list[str]:
    """Return words from the first that is no option, nor the value of one, on."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _WITH_VALUE else 1
    return list(words[at:])


def _pushed(git: Git, remote: str, tip: str, words: Sequence[str]) -> list[tuple[str, str]]:
    """Return the refs that such a push sends, with what they lead to."""
    settings = _settings(git)
    options, names = _told(words)
    found = list(_named(git, names[1:] or settings.get(f"remote.{remote}.push", [])))
    patterns = [_MANY[option] for option in options if option in _MANY]
    if _is_on(settings.get(f"remote.{remote}.mirror", [])):
        patterns.append(_EVERYTHING)
    if settings.get("push.default", [""])[-1] == "matching" and not names[1:]:
        patterns.append(_BRANCHES)
    if patterns:
        found += _refs(git, patterns)
    if _FOLLOWING in options or _is_on(settings.get("push.followtags", [])):
        found += _tags(git, {tip, *(oid for _, oid in found)})
    return found


def _named(git: Git, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the refs that a push is told to send, under the names that they get, and what they lead to."""
    for name in names:
        source, _, target = name.removeprefix("+").partition(":")
        if "*" in source:
            yield from _refs(git, [_EVERYTHING])
        elif source:
            yield from _one(git, source, target)
        elif not target:  # those that are on both sides; `:target` is a deletion
            yield from _refs(git, [_BRANCHES])


def _tags(git: Git, oids: Iterable[str]) -> list[tuple[str, str]]:
    """Return the tags of what some objects lead to."""
    commits = filter(None, commits_at(git, sorted(oids)))
    return _refs(git, [*(f"--merged={commit}" for commit in commits), _TAGS])


def _told(words: Sequence[str]) -> tuple[set[str], list[str]]:
    """Return the options of a push that name more than one ref, written out, and what is no option."""
    options, names = set[str](), list[str]()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return options, [*names, *rest]
        if word in _WITH_VALUE:
            del rest[:1]
        elif word.startswith("--"):
            options |= {it for it in (*_MANY, _FOLLOWING) if it.startswith(word)}
        elif not word.startswith("-"):
            names.append(word)
    return options, names


def _settings(git: Git) -> dict[str, list[str]]:
    """Return the settings that say what is pushed; one that stands there without a value is on."""
    found: dict[str, list[str]] = {}
    for entry in git.run("config", "-z", "--get-regexp", _SETTINGS, fine=(1,)).decode("utf-8", "replace").split("\0"):
        name, is_given, value = entry.partition("\n")
        found.setdefault(name, []).append(value if is_given else "true")
    return found


def _is_on(values: Sequence[str]) -> bool:
    """Whether the last value of a setting is one that git takes for yes, or would not take at all."""
    return bool(values) and values[-1].lower() not in _OFF


def _one(git: Git, name: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield what a name stands for, as git push looks for it: any object will do."""
    told = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, fine=(1, 128)).decode().strip()
    full = git.run("rev-parse", "--symbolic-full-name", "--verify", "--quiet", "--end-of-options", name, fine=(1, 128))
    if is_id(told):
        yield target or full.decode("utf-8", "surrogateescape").strip() or name, told


def _refs(git: Git, patterns: Iterable[str]) -> list[tuple[str, str]]:
    listed = git.run("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
    lines = listed.decode("utf-8", "surrogateescape").split("\n")[:-1]
    return [(name, oid) for oid, _, name in (line.partition(" ") for line in lines)]

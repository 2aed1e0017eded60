"""A fresh mirror clone to purge, which shares nothing with what it was made of.

Alone of all calls of git this one reaches other machines: as the user's own `git clone` does, with their settings,
keys and prompts.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tightlip.errors import GitError, UsageError
from tightlip.git.failure import no_git
from tightlip.git.plumbing import LOCAL, Git
from tightlip.git.process import NOTHING, start_anywhere
from tightlip.git.repo import facts
from tightlip.purge.repository.layout import layout, listed

Show = Callable[[str], None]

_SETTINGS = {
    "clone.defaultRemoteName": "origin",
    "maintenance.auto": "false",  # it would go on behind the purge's back
    "gc.auto": "0",  # the same, before git 2.29
}
_ENV = {"LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1"}
_TELLS_TOO_MUCH = ("GIT_TRACE", "GIT_CURL_VERBOSE")
"""Variables with which git writes passwords to its error output."""
_USER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s'\"]*@")
_QUERY = re.compile(r"(://[^\s'\"?]*)\?[^\s'\"]*")
_SEPARATORS = re.compile(r"[:/?#@]")
_SHORTEST = 4  # characters of a part of a password that is worth hiding by itself
_CHATTER = re.compile(r"Cloning into |remote: Total |.*\d% \(|.*\bdone\.$|warning: |hint: ")
_LINE_ENDS = re.compile(rb"(?<=\n)|(?<=\r)(?=[^\n])")
_BLANK = " \t\r\n\0"  # the other side may end a line with a zero byte
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Source:
    """What a mirror is made of."""

    address: str = field(repr=False)
    """What git is given: a path or a URL, maybe with a password in it."""
    where: str
    """The folder that a relative path starts from."""
    folders: tuple[str, ...] = ()
    """Folders of the repository, as far as it is here: none of them is a place for a mirror."""

    @property
    def shown(self) -> str:
        """The address without a user, a password and a query."""
        scheme, separator, rest = self.address.partition("://")
        if not separator or scheme == "file":
            return self.address
        return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"

    def clean(self, text: str) -> str:
        """Return a text of git's without a password."""
        text = _QUERY.sub(r"\1", _USER.sub(r"\1", text.replace(self.address, self.shown)))
        user = self.address.rpartition("@")[0].partition("://")[2] if self.shown != self.address else ""
        for part in _SEPARATORS.split(user):
            text = text.replace(part, "***") if len(part) >= _SHORTEST else text
        return text


def source(named: str | None) -> Source:
    """Return what a mirror is to be made of. Raises `NotARepository` or another `GitError`.

    Parameters: `named`, a path or a URL; None is the `origin` of the current repository, which is what a purge is
    published to, or that repository itself where it has none.
    """
    if named is not None and not os.path.isdir(named):
        return Source(named, ".")
    git = Git(named)
    place = layout(git)
    where = place.here().top or place.own
    origin = git.run("remote", "get-url", "origin", fine=(2, 128)) if named is None else b""
    address = os.fsdecode(origin.removesuffix(b"\n")) or place.worktrees[0].top or place.common
    return Source(address, where, (place.common, *(tree.top for tree in place.worktrees if tree.top)))


def clone(source: Source, folder: str, show: Show | None) -> Git:
    """Make the mirror, and return git in it. What was made is removed again where that fails, or is interrupted.

    Parameters: `folder`, a new or an empty one; `show`, given what git says of its progress, for a terminal; None for
    no progress. Raises `UsageError` for a folder that will not do; `GitError` where git fails, and where what comes is
    empty or not a whole repository.
    """
    _check_folder(source, folder)
    there = os.path.join(source.where, source.address.removeprefix("file://"))
    if os.path.isdir(there):
        _check_whole(Git(there), source)
    is_new = _make(folder)
    try:
        _run(source, folder, show)
        git = Git(folder)
        _check_whole(git, source)
    except BaseException:
        _remove(folder, is_new=is_new)
        raise
    return git


def _check_folder(source: Source, folder: str) -> None:
    real = os.path.realpath(folder)
    for inside in source.folders:
        if real == inside or real.startswith(inside.rstrip(os.sep) + os.sep):
            raise UsageError(f"--mirror: {folder} is in the repository, where it may be committed; name one outside")


def _check_whole(git: Git, source: Source) -> None:
    known = facts(git)
    if known.shallow:
        why = (
            "it is a shallow clone, and the rest of its history cannot be rewritten; run `git fetch --unshallow` there"
        )
        raise GitError(f"{source.shown}: {why}, or name what it was cloned from")
    if known.partial:
        why = "it is a partial clone, and objects of it are elsewhere; name what it was cloned from"
        raise GitError(f"{source.shown}: {why}")
    if not listed(git):
        raise GitError(f"{source.shown}: it is empty, so there is nothing to purge; is it the right one?")


def _make(folder: str) -> bool:
    """Make a folder that nobody else may enter, and return whether it was not there before."""
    try:
        if os.path.isdir(folder) and not os.listdir(folder):
            return False
        os.mkdir(folder, 0o700)
    except FileExistsError:
        raise UsageError(f"--mirror: {folder} is there already; name a new or an empty folder") from None
    except OSError as error:
        raise UsageError(f"--mirror: cannot make {folder}: {error.strerror}; name another folder") from None
    return True


def _remove(folder: str, *, is_new: bool) -> None:
    if is_new:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)


def _run(source: Source, folder: str, show: Show | None) -> None:
    """Run git, and raise `GitError` where it fails."""
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    # Not --local: that would take links to the objects, alternates, and what nothing leads to.
    options = ["--mirror", "--no-local", "--progress" if show else "--no-progress"]
    operands = [source.address, os.path.abspath(folder)]
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as stream:
        try:
            command = ["git", "-C", source.where, *settings, "clone", *options, "--", *operands]
            child = start_anywhere(command, _env(), NOTHING, writing)
        except OSError as error:
            raise no_git(error) from None
        finally:
            os.close(writing)
        try:
            said = [*_told(iter(lambda: stream.read(_BLOCK), b""), source, show)]
        except BaseException:
            child.kill()
            raise
        finally:
            code = child.wait()
            child.output.close()
    if code:
        raise GitError(f"{source.shown}: git clone: {_why(said, code)}; is it the right address, and may you read it?")


def _env() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in LOCAL}
    return {name: value for name, value in kept.items() if not name.startswith(_TELLS_TOO_MUCH)} | _ENV


def _told(blocks: Iterator[bytes], source: Source, show: Show | None) -> Iterator[str]:
    """Yield the lines that git says, and show them as they come: a carriage return ends what another one replaces."""
    rest = b""
    for block in blocks:
        *lines, rest = _LINE_ENDS.split(rest + block)
        for line in lines:
            text = source.clean(line.decode("utf-8", "surrogateescape"))
            if show:
                show(text)
            if text.endswith("\n"):
                yield text.strip(_BLANK)
    yield source.clean(rest.decode("utf-8", "surrogateescape")).strip(_BLANK)


def _why(said: Sequence[str], code: int) -> str:
    """Return the fatal line, and the one before it, in which the other side or `ssh` says more."""
    lines = [line for line in said if line and not _CHATTER.match(line)]
    fatal = next((number for number, line in enumerate(lines) if line.startswith("fatal: ")), len(lines) - 1)
    told = [line.removeprefix("fatal: ").rstrip(".") for line in lines[max(0, fatal - 1) : fatal + 1]]
    return "; ".join(told) or (f"it was killed by signal {-code}" if code < 0 else f"it ended with exit code {code}")

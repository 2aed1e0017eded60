"""One thing that can be done: what it is, what it would write, and how it is done."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.install.script import Program


class Wishes(NamedTuple):
    """What somebody asked for, and where."""

    git: Git
    """At the top of the working tree."""
    top: str
    program: Program
    """What hooks run."""
    only: frozenset[str] = frozenset()
    age: tuple[str, ...] = ()
    """Recipients that are named."""
    platform: str = ""
    """Whose CI file, where that is named."""


class Offer(NamedTuple):
    """Something to do."""

    what: str
    """As a question begins, such as `Add 3 lines to .gitignore`."""
    done: str
    detail: tuple[str, ...]
    """What would be written, in lines."""
    act: Callable[[], None]


class Note(NamedTuple):
    """Something that is not done, and why."""

    text: str


def create(top: str, name: str, content: bytes) -> None:
    """Write a new file. Raises `UsageError` where there is something, or the way to it leads out of the repository."""
    folder = os.path.join(top, os.path.dirname(name))
    try:
        os.makedirs(folder, exist_ok=True)
        inside = os.path.relpath(os.path.realpath(folder), os.path.realpath(top))
        if inside.split(os.sep)[0] == os.pardir:
            raise UsageError(f"{name}: its folder is a symbolic link that leads out of the repository")
        with open(os.path.join(top, name), "xb") as file:
            file.write(content)
    except FileExistsError:
        raise UsageError(f"{name} is there already") from None
    except OSError as error:
        raise UsageError(f"{name}: cannot be written: {error.strerror}") from None


def replace(top: str, name: str, content: bytes) -> None:
    """Write a file anew, whole or not at all. Raises `UsageError`."""
    path = os.path.join(top, name)
    if os.path.islink(path):
        raise UsageError(f"{name} is a symbolic link; write to what it leads to by hand")
    temporary = f"{path}.{os.urandom(4).hex()}.new"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.chmod(temporary, os.stat(path).st_mode & 0o777)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{name}: cannot be written: {error.strerror}") from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)

"""One thing that can be done: what it is, what it would write, and how it is done."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import UsageError
from tightlip.hygiene import content

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


def create(top: str, name: str, data: bytes) -> None:
    """Write a new file. Raises `UsageError` where there is something, or a symbolic link on the way to it."""
    folder = _folder(top, name)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(top, name), "xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{name} is there already") from None
    except OSError as error:
        raise UsageError(f"{name}: cannot be written: {error.strerror}") from None


def _folder(top: str, name: str) -> str:
    """Return the folder of a file. Raises `UsageError` where a symbolic link leads to it, perhaps out of the tree."""
    folder = os.path.dirname(os.path.join(top, name))
    if not content.is_inside(top, folder):
        raise UsageError(f"{name}: its folder is behind a symbolic link; make it a folder first")
    return folder


def replace(top: str, name: str, data: bytes) -> None:
    """Write a file anew, whole or not at all. Raises `UsageError`."""
    path = os.path.join(_folder(top, name), os.path.basename(name))
    if os.path.islink(path):
        raise UsageError(f"{name} is a symbolic link; write to what it leads to by hand")
    temporary = f"{path}.{os.urandom(4).hex()}.new"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.chmod(temporary, os.stat(path).st_mode & 0o777)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{name}: cannot be written: {error.strerror}") from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)

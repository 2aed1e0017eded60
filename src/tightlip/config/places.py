"""Where files of configuration are, and what each may name.

A repository is hostile input: its own files name what is in the repository, and nothing else. So does a package's. The
user's and the organisation's name whatever they like.
"""

from __future__ import annotations

import os
import posixpath
import stat
from typing import TYPE_CHECKING, TypeAlias

from tightlip.config import found

if TYPE_CHECKING:
    from tightlip.config import Read

Place: TypeAlias = "Disk | Tree"


class Refused(Exception):
    """Why a file is not read."""


class Disk:
    """A file on disk. Raises `Refused`, for whoever named it to say where.

    Parameters: `path`, where it is; `root`, the folder that nothing it names may leave, or None; `shown`, what that
    folder is called in a message.
    """

    __slots__ = ("path", "root", "shown")

    def __init__(self, path: str, root: str | None = None, shown: str = "") -> None:
        self.path = os.path.abspath(path)
        self.root = None if root is None else os.path.realpath(root)
        self.shown = shown
        if self.root is None:
            return
        real = os.path.realpath(path)
        if not _is_in(real, self.root):
            raise Refused(f"leads out of {shown or 'the repository'} through a symbolic link")
        _refuse_git(os.path.relpath(real, self.root).replace(os.sep, "/"))

    @property
    def name(self) -> str:
        """As a message shows it."""
        if self.root is None:
            return self.path
        real = os.path.join(os.path.realpath(os.path.dirname(self.path)), os.path.basename(self.path))
        return self.shown + os.path.relpath(real, self.root).replace(os.sep, "/")

    @property
    def identity(self) -> str:
        """The same for the same file, however it is named."""
        return os.path.realpath(self.path)

    def read(self) -> bytes | None:
        """Return what is in it, or None where it is not there."""
        try:
            if not stat.S_ISREG(os.stat(self.path).st_mode):
                raise Refused("is not an ordinary file")
            with open(self.path, "rb") as file:
                return file.read(found.LARGEST + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Refused(f"cannot be read: {error.strerror}") from None

    def beside(self, text: str) -> Disk:
        """Return the file or folder that this one names."""
        folder = os.path.dirname(self.path)
        if self.root is None:
            return Disk(os.path.join(folder, os.path.expanduser(text)))
        _refuse_outside(text)
        inside = os.path.relpath(os.path.realpath(folder), self.root).replace(os.sep, "/")
        return Disk(os.path.join(self.root, _joined(inside, text)), self.root, self.shown)

    def rule_files(self) -> list[Disk]:
        """Return the rule files that this path stands for. A symbolic link in a folder must not lead out of it."""
        from tightlip.rules import files

        if not os.path.exists(self.path):
            raise Refused("is not there")
        return [Disk(path, self.root, self.shown) for path in files(self.path)]


class Tree:
    """A file of a repository that is read from a revision. Raises `Refused`.

    Parameters: `path`, from the top, with `/`; `reader`, what reads one.
    """

    __slots__ = ("path", "reader")

    def __init__(self, path: str, reader: Read) -> None:
        self.path, self.reader = path, reader

    @property
    def name(self) -> str:
        """As a message shows it."""
        return self.path

    @property
    def identity(self) -> str:
        """The same for the same file, however it is named."""
        return f"tree:{self.path}"

    def read(self) -> bytes | None:
        """Return what is in it, or None where it is not there."""
        return self.reader(self.path)

    def beside(self, text: str) -> Tree:
        """Return the file that this one names."""
        _refuse_outside(text)
        return Tree(_joined(posixpath.dirname(self.path), text), self.reader)

    def rule_files(self) -> list[Tree]:
        """Return the rule file that this path stands for; a folder cannot be gone through here."""
        if self.read() is None:
            raise Refused("is no file in that revision; name each file, and no folder")
        return [self]


def _refuse_outside(text: str) -> None:
    if text.startswith(("/", "\\", "~")) or os.path.isabs(text) or text[1:2] == ":":
        raise Refused("must be a path beside this file: only your own configuration may name files anywhere")


def _joined(folder: str, text: str) -> str:
    path = posixpath.normpath(posixpath.join(folder, text.replace(os.sep, "/")))
    if path == ".." or path.startswith("../"):
        raise Refused("leads out of its own place: only your own configuration may name files anywhere")
    _refuse_git(path)
    return path


def _refuse_git(path: str) -> None:
    if ".git" in path.lower().split("/"):
        raise Refused("is in git's own folder")


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)

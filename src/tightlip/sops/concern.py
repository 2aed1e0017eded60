"""Whether files may have to be encrypted: told without YAML and without another call of git, on every commit."""

from __future__ import annotations

import os

from tightlip.git.objects import Object, ObjectReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change

NAME, ATTRIBUTES = ".sops.yaml", ".gitattributes"
ENCRYPTED = b"ENC[AES256_GCM"
"""How a value of SOPS begins; encrypted.py knows all of it."""
GIT_CRYPT = b"git-crypt"
ENV = b".env"
"""What the name of each `.env` file has in it, of whatever kind."""
_NAMES = frozenset((NAME.encode(), ATTRIBUTES.encode()))
_IN_PATHS = (b"sops", b"vault", b"secret", b"credential", b"group_vars/", b"host_vars/")
"""What paths of files have that are often encrypted, or were: SOPS and ansible-vault work without a configuration."""
_ENDS = (b".enc", b".dec", b".encrypted", b".age", b".gpg", ATTRIBUTES.encode())
_PLAIN_ENDS = (b".yaml", b".yml", b".json", b".env", b".ini", b".enc", b".sops")
_ANSIBLE = b"$ANSIBLE_VAULT;"
LARGEST = 1 << 20
"""Bytes of a file that is looked at for a sign."""


def in_changes(git: Git, changes: Sequence[Change]) -> bool:
    """Whether what is staged may have to be encrypted: by its paths, and by the files beside and above it on disk."""
    if any(is_telling(change.path) for change in changes):
        return True
    if not changes:
        return False
    top = os.curdir
    if git.where is not None:
        from tightlip.config.repository import top_of

        top = top_of(git) or os.curdir
    inner = {change.path.rpartition(b"/")[0] for change in changes}
    return in_folders({os.path.join(top, os.fsdecode(folder)) for folder in inner}, in_git=True)


def were_encrypted(objects: ObjectReader, changes: Iterable[Change]) -> bool:
    """Whether a file that is changed or removed was encrypted before, whatever it is called. Raises `GitError`."""
    old = [it.old_oid for it in changes if it.old_oid and it.path.endswith(_PLAIN_ENDS)]
    return any(isinstance(it, Object) and _is_sign(it.data) for it in objects.read_many(old))


def is_telling(path: bytes) -> bool:
    """Whether a path, or a part of one, is such as encrypted files and what is about them have."""
    return path.endswith(_ENDS) or any(word in path for word in _IN_PATHS)


def in_history(git: Git, entries: Iterable[tuple[bytes, str]], commits: Sequence[str] = ()) -> bool:
    """Whether a history may have files that must be encrypted. Raises `GitError`.

    Parameters: `entries`, paths, or names, and objects in it; `commits`, such as have files that are not among these.
    """
    telling = []
    for path, oid in entries:
        if path.rpartition(b"/")[2] == NAME.encode():
            return True
        if is_told_by_name(path):
            telling.append(oid)
    if commits:
        from tightlip.sops.lookup import present

        above = present(git, [(commit, name) for commit in commits for name in (NAME, ATTRIBUTES)])
        if any(name == NAME for _, name in above):
            return True
        telling += above.values()
    with ObjectReader(git, limit=LARGEST) as objects:
        return any(isinstance(it, Object) and _is_sign(it.data) for it in objects.read_many(dict.fromkeys(telling)))


def is_told_by_name(name: bytes) -> bool:
    """Whether a file may tell of encryption: by its name, or as much of its path as is known."""
    last = name.rpartition(b"/")[2]
    return last in _NAMES or (is_telling(name) and (b"." not in last[1:] or last.endswith(_PLAIN_ENDS)))


def _is_sign(data: bytes) -> bool:
    """Whether a file tells of encryption: attributes with git-crypt, a file of SOPS or of ansible-vault."""
    return data.startswith(_ANSIBLE) or ENCRYPTED in data or GIT_CRYPT in data


def in_folders(folders: Iterable[str], *, in_git: bool = False) -> bool:
    """Whether there is a `.sops.yaml` in one of some folders, or above, in the same repository.

    Parameters: `in_git`, whether it is about what git keeps, where a `.gitattributes` with git-crypt counts, too.
    """
    done = set[str]()
    for folder in folders:
        at = os.path.abspath(folder)
        while at not in done:
            done.add(at)
            if os.path.lexists(os.path.join(at, NAME)) or (in_git and _hands_to_git_crypt(at)):
                return True
            if os.path.lexists(os.path.join(at, ".git")):
                break
            at = os.path.dirname(at)
    return False


def _hands_to_git_crypt(folder: str) -> bool:
    try:
        with open(os.path.join(folder, ATTRIBUTES), "rb") as file:
            return GIT_CRYPT in file.read(LARGEST)
    except OSError:
        return False

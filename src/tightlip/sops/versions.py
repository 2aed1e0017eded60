"""Which versions of files in a history may have had to be encrypted, by the word of their commits."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tightlip.errors import GitError
from tightlip.finding import Unscanned
from tightlip.git.changes import Record
from tightlip.git.objects import ObjectReader
from tightlip.git.plumbing import Git
from tightlip.sops import attributes, check, concern
from tightlip.sops.contents import Contents
from tightlip.sops.creation import NAME, Configuration, NoConfiguration, Read, folders
from tightlip.sops.lookup import Tree
from tightlip.sops.staged import FILES, siblings
from tightlip.sops.troubles import Troubles

_MANIFESTS = (".yaml", ".yml", ".json")


class Version(NamedTuple):
    """What a commit put at a path."""

    commit: str
    path: str
    oid: str
    old: tuple[str, ...]
    """What its parents had there."""


class Word(NamedTuple):
    """What is known of a version besides what is in it."""

    version: Version
    configuration: Configuration | None
    configured_by: str
    """The object of the nearest `.sops.yaml`; empty where there is none."""
    git_crypt: bool
    siblings: tuple[tuple[str, str], ...]
    """Files beside it that may be its encrypted form, and their objects."""

    @property
    def case(self) -> tuple[object, ...]:
        """All but the version: what the same content at the same path is judged by."""
        folder = self.configuration.folder if self.configuration else ""
        return folder, self.configured_by, self.git_crypt, self.siblings


class Versions:
    """Reads of commits what they say of files."""

    def __init__(self, git: Git, objects: ObjectReader, troubles: Troubles) -> None:
        self._git, self._objects, self._troubles = git, objects, troubles
        self._contents = Contents(objects, 0)
        self._read = Read()

    def under_new_rules(self, versions: Sequence[Version]) -> Iterator[Version | Unscanned]:
        """Yield what was there already where a commit changes such a file, and may have to be encrypted from then on.

        Such files are `.sops.yaml`, and `.gitattributes` with git-crypt. What git cannot list is yielded as unscanned.
        """
        known = set[tuple[str, str, str, str]]()
        for it in versions:
            name = it.path.rpartition("/")[2]
            if name != NAME and not (name == concern.ATTRIBUTES and concern.GIT_CRYPT in self._contents.get(it.oid)):
                continue
            folder = it.path.removesuffix(name)
            try:
                there = list(_files(self._git, it.commit, folder))
            except GitError as error:
                yield Unscanned(f"files in commit {it.commit}", f"whether they must be encrypted is not known: {error}")
                continue
            for path, oid in there:
                key = path, oid, folder, it.oid
                if key not in known and (name != NAME or self._may_be_meant(folder, it.oid, path)):
                    known.add(key)
                    yield Version(it.commit, path, oid, (oid,))

    def candidates(self, versions: Sequence[Version], *, is_whole: bool) -> Iterator[list[Word]]:
        """Yield all versions of each path of which one may have to be encrypted. Raises `GitError`.

        Parameters: `is_whole`, whether these are all that there ever were.
        """
        known = {it.path for it in versions} if is_whole else None
        tree = Tree(self._git, _asked(versions, known))
        handed = attributes.handed(self._git, self._objects, tree, [(it.commit, it.path) for it in versions])
        words: dict[str, list[Word]] = defaultdict(list)
        wanted: dict[str, None] = {}
        for it in versions:
            beside = tuple((name, oid) for name in siblings(it.path) if (oid := tree.oid(it.commit, name)))
            word = Word(it, *self._configuration(tree, it), (it.commit, it.path) in handed, beside)
            words[it.path].append(word)
            if it.path not in wanted and self._may_matter(word):
                wanted[it.path] = None
        yield from (words[path] for path in wanted)

    def _may_matter(self, word: Word) -> bool:
        path = word.version.path
        if check.is_left_in_clear(path):
            return word.git_crypt
        if word.git_crypt or word.siblings or concern.is_telling(os.fsencode(path)):
            return True
        folder = word.configuration.folder if word.configuration else ""
        return word.configuration is not None and self._is_meant(folder, word.configured_by, path)

    def _may_be_meant(self, folder: str, oid: str, path: str) -> bool:
        return not check.is_left_in_clear(path) and self._is_meant(folder, oid, path)

    def _is_meant(self, folder: str, oid: str, path: str) -> bool:
        """Whether a `.sops.yaml` may say that a file must be encrypted."""
        try:
            rule = self._said(folder, oid).rule(path)
        except NoConfiguration as error:
            self._troubles.add(error, path, oid)
            return False
        return rule is not None and (path.endswith(_MANIFESTS) or rule.demands)

    def _configuration(self, tree: Tree, it: Version) -> tuple[Configuration | None, str]:
        """Return what the nearest `.sops.yaml` says, and its object; nothing of a file that it is never about."""
        for folder in () if check.is_left_in_clear(it.path) else folders(it.path):
            if oid := tree.oid(it.commit, folder + NAME):
                try:
                    return self._said(folder, oid), oid
                except NoConfiguration as error:
                    self._troubles.add(error, it.path, oid)
                    return None, oid
        return None, ""

    def _said(self, folder: str, oid: str) -> Configuration:
        return self._read.get(folder, oid, partial(self._contents.get, oid))


def version(record: Record) -> Version | None:
    """Return what a commit put at a path; None where it is no ordinary file."""
    change = record.change() if record.meta and record.mode in FILES else None
    return Version(change.commit, os.fsdecode(change.path), change.oid, change.old_oids) if change else None


def _files(git: Git, commit: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the files below a folder of a commit, and their objects."""
    where = ("--", f":(top,literal){folder}") if folder else ()
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", commit, *where).split(b"\0")[:-1]:
        meta, _, name = line.partition(b"\t")
        mode, _, oid = meta.decode().split(" ")
        if mode in FILES:
            yield os.fsdecode(name), oid


def _asked(versions: Sequence[Version], known: set[str] | None) -> Iterator[tuple[str, str]]:
    """Yield what is to be looked up in which commit: `.sops.yaml`, `.gitattributes`, and what may be encrypted forms.

    Parameters: `known`, every path that there ever was, where that is known.
    """
    for it in versions:
        above = (folder + name for folder in folders(it.path) for name in (NAME, concern.ATTRIBUTES))
        yield from ((it.commit, name) for name in (*above, *siblings(it.path)) if known is None or name in known)

"""What a history holds in clear though it had to be encrypted: each version of a file by the word of its own commit."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from tightlip import wholefile
from tightlip.engine import Outcome
from tightlip.errors import GitError
from tightlip.finding import Unscanned
from tightlip.git.changes import Record
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.model import Blob
from tightlip.rule import Match
from tightlip.sops import attributes, check, concern
from tightlip.sops.check import Was
from tightlip.sops.creation import NAME, Configuration, NoConfiguration, Read, folders
from tightlip.sops.earlier import with_what
from tightlip.sops.lookup import Tree
from tightlip.sops.staged import FILES, siblings
from tightlip.tally import Tally

_OF_TODAY = frozenset((wholefile.MAC_MISSING.id, wholefile.RECIPIENT_MISSING.id))
"""What is nothing to mend in an old version, and no leak."""
_MANIFESTS = (".yaml", ".yml", ".json")


class Version(NamedTuple):
    """What a commit put at a path."""

    commit: str
    path: str
    oid: str
    old: tuple[str, ...]
    """What its parents had there."""


class _Word(NamedTuple):
    """What is known of a version besides what is in it."""

    version: Version
    configuration: Configuration | None
    git_crypt: bool
    siblings: tuple[tuple[str, str], ...]
    """Files beside it that may be its encrypted form, and their objects."""


def scan(git: Git, tally: Tally, records: Iterable[Record | Unscanned], *, is_whole: bool) -> set[str]:
    """Judge versions, and return the ids of those with something to tell. Raises `GitError`.

    Parameters: `records`, what commits changed; of what git cannot tell there, others tell; `is_whole`, whether they
    are all that lead to any of them: otherwise only what a commit brings is told, and not what it leaves as it was.
    """
    versions = [it for record in records if isinstance(record, Record) and (it := _version(record))]
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        past = _Past(git, tally, objects, is_whole=is_whole)
        if is_whole:
            versions += past.under_new_rules(versions)
        for each in past.candidates(versions).values():
            past.judge(each)
        past.end()
    return past.told


class _Past:
    """Judges versions, path by path."""

    def __init__(self, git: Git, tally: Tally, objects: ObjectReader, *, is_whole: bool) -> None:
        self._git, self._tally, self._objects, self._is_whole = git, tally, objects, is_whole
        self._read = Read()
        self._troubles: dict[tuple[str, str], NoConfiguration] = {}
        self.told = set[str]()

    def under_new_rules(self, versions: Sequence[Version]) -> list[Version]:
        """Return what was there already where a commit changes a `.sops.yaml`, and must be encrypted from then on."""
        found: dict[tuple[str, str, str], Version] = {}
        for it in versions:
            if it.path.rpartition("/")[2] != NAME:
                continue
            folder = it.path.removesuffix(NAME)
            try:
                there = list(_files(self._git, it.commit, folder))
            except GitError as error:
                self._tally.miss(
                    f"files in commit {it.commit}", f"whether they must be encrypted is not known: {error}"
                )
                continue
            for path, oid in there:
                if self._is_meant(folder, it.oid, path):
                    found.setdefault((path, oid, it.oid), Version(it.commit, path, oid, (oid,)))
        return list(found.values())

    def _is_meant(self, folder: str, oid: str, path: str) -> bool:
        """Whether a `.sops.yaml` may say that a file must be encrypted."""
        try:
            return _is_meant(self._read.get(folder, oid, partial(self._content, oid)), path)
        except NoConfiguration as error:
            self._troubles[str(error), path] = error
            return False

    def candidates(self, versions: Sequence[Version]) -> dict[str, list[_Word]]:
        """Return what may have to be encrypted, by path: all versions of a path that has one such."""
        known = {it.path for it in versions} if self._is_whole else None
        tree = Tree(self._git, _asked(versions, known))
        handed = attributes.handed(self._git, self._objects, tree, [(it.commit, it.path) for it in versions])
        words: dict[str, list[_Word]] = defaultdict(list)
        wanted = set[str]()
        for it in versions:
            beside = tuple((name, oid) for name in siblings(it.path) if (oid := tree.oid(it.commit, name)))
            word = _Word(it, self._configuration(tree, it), (it.commit, it.path) in handed, beside)
            words[it.path].append(word)
            if it.path not in wanted and self._may_matter(word):
                wanted.add(it.path)
        return {path: each for path, each in words.items() if path in wanted}

    def _may_matter(self, word: _Word) -> bool:
        path = word.version.path
        if check.is_left_in_clear(path):
            return word.git_crypt
        if word.git_crypt or word.siblings or concern.is_telling(os.fsencode(path)):
            return True
        try:
            return word.configuration is not None and _is_meant(word.configuration, path)
        except NoConfiguration as error:
            self._troubles[str(error), path] = error
            return False

    def _configuration(self, tree: Tree, it: Version) -> Configuration | None:
        for folder in folders(it.path):
            if oid := tree.oid(it.commit, folder + NAME):
                try:
                    return self._read.get(folder, oid, partial(self._content, oid))
                except NoConfiguration as error:
                    self._troubles[str(error), it.path] = error
                    return None
        return None

    def _content(self, oid: str) -> bytes:
        found = next(iter(self._objects.read_many([oid])))
        return found.data if isinstance(found, Object) else b""

    def end(self) -> None:
        """Tell what could not be used."""
        for what, why in check.missed(list(self._troubles.values())):
            self._tally.miss(what, why)

    def judge(self, words: Sequence[_Word]) -> None:
        """Judge all versions of a path."""
        asked = dict.fromkeys(oid for it in words for oid in (it.version.oid, *it.version.old))
        read = zip(asked, self._objects.read_many(asked), strict=True)
        data = {oid: found.data for oid, found in read if isinstance(found, Object)}
        path = words[0].version.path
        by = {oid: with_what(content, path) for oid, content in data.items()}
        found: dict[str, dict[tuple[str, int], Match]] = defaultdict(dict)
        for word in words:
            if word.version.oid in data:
                here = found[word.version.oid]
                here |= {(it.rule.id, it.start): it for it in self._judged(word, data, by)}
        sealed = [oid for oid, what in by.items() if what]
        for oid in found if sealed else ():
            content = data[oid]
            ends = [data[it] for it in {sealed[0], sealed[-1]}]
            if not found[oid] and not by[oid] and _is_plaintext(content, path, ends):
                why = f"another version of it is encrypted with {by[sealed[-1]]}"
                found[oid] = {("", 0): check.whole(wholefile.ONCE_IN_CLEAR, content, why)}
        for oid, matches in found.items():
            if matches:
                self.told.add(oid)
                every = list(matches.values())
                self._tally.keep(Blob(data[oid], os.fsencode(path), oid), Outcome(data[oid], every, []), every)

    def _judged(self, word: _Word, data: dict[str, bytes], by: dict[str, str]) -> list[Match]:
        it = word.version
        content = data[it.oid]
        encrypted = next((by[oid] for oid in it.old if by.get(oid)), "")
        was = Was(encrypted, self._sibling(word, content), word.git_crypt)
        try:
            found = check.look(content, it.path, word.configuration, was)
            if self._is_whole:
                return [match for match in found if match.rule.id not in _OF_TODAY]
            before = was._replace(encrypted="")
            old = [check.look(data[oid], it.path, word.configuration, before) for oid in it.old if oid in data]
        except NoConfiguration as error:
            self._troubles[str(error), it.path] = error
            return []
        held = {(match.rule.id, match.secret) for each in old for match in each}
        return [match for match in found if (match.rule.id, match.secret) not in held]

    def _sibling(self, word: _Word, content: bytes) -> str:
        read = zip(word.siblings, self._objects.read_many([oid for _, oid in word.siblings]), strict=True)
        fits = (
            name
            for (name, _), found in read
            if isinstance(found, Object) and check.is_plaintext_of(content, word.version.path, found.data, name)
        )
        return next(iter(list(fits)), "")


def _is_meant(configuration: Configuration, path: str) -> bool:
    """Whether a rule may say that a file must be encrypted. Raises `NoConfiguration`."""
    rule = configuration.rule(path)
    return rule is not None and (path.endswith(_MANIFESTS) or rule.demands)


def _files(git: Git, commit: str, folder: str) -> Iterator[tuple[str, str]]:
    """Yield the files below a folder of a commit that may have to be encrypted, and their objects."""
    where = ("--", f":(top,literal){folder}") if folder else ()
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", commit, *where).split(b"\0")[:-1]:
        meta, _, name = line.partition(b"\t")
        mode, _, oid = meta.decode().split(" ")
        if mode in FILES and not check.is_left_in_clear(path := os.fsdecode(name)):
            yield path, oid


def _is_plaintext(content: bytes, path: str, sealed: Sequence[bytes]) -> bool:
    return bool(content.strip()) and any(check.is_plaintext_of(content, path, it, path) for it in sealed)


def _version(record: Record) -> Version | None:
    change = record.change() if record.meta and record.mode in FILES else None
    return Version(change.commit, os.fsdecode(change.path), change.oid, change.old_oids) if change else None


def _asked(versions: Sequence[Version], known: set[str] | None) -> Iterator[tuple[str, str]]:
    """Yield what is to be looked up in which commit: `.sops.yaml`, `.gitattributes`, and what may be encrypted forms.

    Parameters: `known`, every path that there ever was, where that is known.
    """
    for it in versions:
        above = (folder + name for folder in folders(it.path) for name in (NAME, concern.ATTRIBUTES))
        yield from ((it.commit, name) for name in (*above, *siblings(it.path)) if known is None or name in known)

"""What the next commit would leave in clear though it must be encrypted: read from the index."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property, partial

from tightlip.engine import Outcome
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.git.staged import Change
from tightlip.model import Blob, Secret
from tightlip.rule import Match
from tightlip.sops import attributes, check
from tightlip.sops.check import Was
from tightlip.sops.concern import ENCRYPTED
from tightlip.sops.creation import NAME, Configuration, NoConfiguration, Read, folders
from tightlip.sops.earlier import with_what
from tightlip.sops.plaintext import sealed
from tightlip.tally import Tally

FILES = ("100644", "100755")
"""Modes."""
_ENDS = (".enc", ".sops", ".encrypted")
_DECRYPTED = ".dec"
"""As helm-secrets calls what it decrypts: `secrets.yaml.dec`."""
_HIDDEN_ENDS = (".age", ".gpg")
"""Of `.env` and the like, besides."""
_BY_KEYS = (".yaml", ".yml", ".json", ".env", ".ini")
"""Of what is removed: where it was moved to shows by its keys."""
_MOST_MOVED = 20
_MOST_NAMED = 200
_SPECS = (
    f":(top,glob)**/{NAME}",
    *(f":(top,glob)**/*{end}{rest}" for end in _ENDS for rest in ("", ".*")),
    *(f":(top,glob)**/.*{end}" for end in _HIDDEN_ENDS),
)


class Index:
    """What of the index is needed to judge files: each `.sops.yaml`, and what else is encrypted."""

    def __init__(self, git: Git, objects: ObjectReader, paths: Sequence[bytes], gone: Mapping[str, str]) -> None:
        """Parameters: `paths`, from the top, of the files that are judged; `gone`, what is removed, with its object."""
        names = [*map(os.fsdecode, paths), *gone]
        wanted = {folder + NAME for name in names for folder in folders(name)}
        wanted |= {sibling for name in names for sibling in siblings(name)}
        self._objects, self._gone = objects, gone
        self._oids = {path: oid for path, oid in gone.items() if not path.endswith(NAME)} | _oids(
            git, wanted, [name.replace(_DECRYPTED, "", 1) for name in names if _DECRYPTED in name]
        )
        self._read = Read()
        self._wrong: set[tuple[str, Secret]] | None = None
        self.git_crypt = attributes.filtered(git, [*paths, *map(os.fsencode, gone)])

    def configuration(self, path: str) -> Configuration | None:
        """Return the nearest `.sops.yaml`. Raises `NoConfiguration`."""
        for folder in folders(path):
            if oid := self._oids.get(folder + NAME, ""):
                return self._read.get(folder, oid, partial(self.content, oid))
        return None

    def sibling(self, path: str, data: bytes) -> str:
        """Return an encrypted file that a file is the plaintext of, or nothing."""
        names = dict.fromkeys((*siblings(path), *self._moved_from(path)))
        read = ((name, self.content(self._oids[name])) for name in names if name in self._oids)
        return next((name for name, content in read if sealed(content, name).is_of(data, path)), "")

    def _moved_from(self, path: str) -> list[str]:
        """Return what is removed and was perhaps decrypted to a path: of the same name, or from the same folder."""
        folder, _, name = path.rpartition("/")
        here = self._sealed.get(folder, []) if len(self._sealed.get(folder, [])) <= _MOST_MOVED else []
        return [*self._sealed.get(f"*/{name}", [])[:_MOST_MOVED], *here]

    @cached_property
    def _sealed(self) -> dict[str, list[str]]:
        """What is removed and has values that SOPS encrypted: by its folder, and by its name."""
        found: dict[str, list[str]] = {}
        for path, oid in self._gone.items():
            if path.endswith(_BY_KEYS) and ENCRYPTED in self.content(oid):
                folder, _, name = path.rpartition("/")
                found.setdefault(folder, []).append(path)
                found.setdefault(f"*/{name}", []).append(path)
        return found

    def was_gone(self, match: Match) -> bool:
        """Whether a file that is removed was wrong in the same way: then this one has only moved. As `look` raises."""
        if self._wrong is None:
            self._wrong = set()
            for path, oid in self._gone.items():
                was = Was(git_crypt=os.fsencode(path) in self.git_crypt)
                found = check.look(self.content(oid), path, self.configuration(path), was)
                self._wrong |= {(it.rule.id, it.secret) for it in found}
        return (match.rule.id, match.secret) in self._wrong

    def content(self, oid: str) -> bytes:
        """Return an object, or nothing where it is not to be had."""
        found = next(iter(self._objects.read_many([oid])), None) if oid else None
        return found.data if isinstance(found, Object) else b""


def scan(tally: Tally, git: Git, changes: Sequence[Change]) -> None:
    """Judge what is added and changed; what was wrong in the same way before is not told again."""
    files = [it for it in changes if it.oid and it.mode in FILES]
    gone = {os.fsdecode(it.path): it.old_oid for it in changes if not it.oid and it.old_oid}
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        index = Index(git, objects, [it.path for it in files], gone)
        troubles = [trouble for change in files if (trouble := _judge(tally, index, change))]
    for what, why in check.missed(troubles):
        tally.miss(what, why)


def _judge(tally: Tally, index: Index, change: Change) -> NoConfiguration | None:
    """Judge a file; return why that cannot be done."""
    path, has_filter = os.fsdecode(change.path), change.path in index.git_crypt
    if check.is_left_in_clear(path) and not has_filter:
        return None
    data, old = index.content(change.oid), index.content(change.old_oid)
    try:
        configuration = index.configuration(path)
        was = Was(with_what(old, path), index.sibling(path, data), has_filter)
        found = check.look(data, path, configuration, was)
        held = check.look(old, path, configuration, Was("", was.sibling, has_filter)) if found and old else []
        known = {(it.rule.id, it.secret) for it in held}
        new = [it for it in found if (it.rule.id, it.secret) not in known and not index.was_gone(it)]
    except NoConfiguration as error:
        return error
    tally.keep(Blob(data, change.path, change.oid), Outcome(data, new, []), new)
    return None


def siblings(path: str) -> list[str]:
    """Return the names that the encrypted form of a file often has."""
    folder, slash, name = path.rpartition("/")
    stem, dot, end = name.rpartition(".")
    names = [name + it for it in _ENDS]
    names += [name.replace(_DECRYPTED, "", 1)] if _DECRYPTED in name else []
    if dot and stem:
        names += [f"{stem}{it}.{end}" for it in _ENDS]
    elif dot:  # .env
        names += [f"{name}{it}" for it in _HIDDEN_ENDS]
    return [folder + slash + it for it in names if it != name]


def _oids(git: Git, wanted: set[str], named: Sequence[str]) -> dict[str, str]:
    """Return the objects of those of some names of siblings and `.sops.yaml` that are in the index.

    Git is asked for the form of these names: a name for each file of a large commit takes it seconds.

    Parameters: `named`, those that have no such form.
    """
    found: dict[str, str] = {}
    specs = (*_SPECS, *(f":(top,literal){name}" for name in named[:_MOST_NAMED]))
    for line in git.run("ls-files", "-s", "-z", "--full-name", "--", *specs).split(b"\0")[:-1]:
        meta, _, raw = line.partition(b"\t")
        mode, oid, stage = meta.decode().split(" ")
        if stage == "0" and mode in FILES and (path := os.fsdecode(raw)) in wanted:
            found[path] = oid
    return found

"""What the next commit would leave in clear though it must be encrypted: read from the index."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from tightlip.engine import Outcome
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.git.staged import Change
from tightlip.model import Blob
from tightlip.sops import check, document, other
from tightlip.sops.check import Was
from tightlip.sops.creation import NAME, Configuration, NoConfiguration, folders, read
from tightlip.tally import Tally

_FILES = ("100644", "100755")
_ENDS = (".enc", ".sops", ".encrypted")
_HIDDEN_ENDS = (".age", ".gpg")
"""Of `.env` and the like, besides."""
_SPECS = (
    f":(top,glob)**/{NAME}",
    *(f":(top,glob)**/*{end}{rest}" for end in _ENDS for rest in ("", ".*")),
    *(f":(top,glob)**/.*{end}" for end in _HIDDEN_ENDS),
)


class Index:
    """What of the index is needed to judge files: each `.sops.yaml`, and what else is encrypted."""

    def __init__(self, git: Git, objects: ObjectReader, paths: Sequence[bytes], gone: Mapping[str, str]) -> None:
        """Parameters: `paths`, from the top, of the files that are judged; `gone`, what is removed, with its object."""
        names = [os.fsdecode(path) for path in paths]
        wanted = {folder + NAME for name in names for folder in folders(name)}
        wanted |= {sibling for name in names for sibling in siblings(name)}
        self._objects = objects
        self._oids = {path: oid for path, oid in gone.items() if not path.endswith(NAME)} | _oids(git, wanted)
        self._read: dict[str, Configuration] = {}
        self.git_crypt = filtered(git, paths)

    def configuration(self, path: str) -> Configuration | None:
        """Return the nearest `.sops.yaml`. Raises `NoConfiguration`."""
        for folder in folders(path):
            if (name := folder + NAME) in self._oids:
                if name not in self._read:
                    self._read[name] = read(self.content(self._oids[name]), folder)
                return self._read[name]
        return None

    def sibling(self, path: str, data: bytes) -> str:
        """Return an encrypted file that a file is the plaintext of, or nothing."""
        read = ((name, self.content(self._oids[name])) for name in siblings(path) if name in self._oids)
        return next((name for name, sealed in read if check.is_plaintext_of(data, path, sealed, name)), "")

    def content(self, oid: str) -> bytes:
        """Return an object, or nothing where it is not to be had."""
        found = next(iter(self._objects.read_many([oid])), None) if oid else None
        return found.data if isinstance(found, Object) else b""


def scan(tally: Tally, git: Git, changes: Sequence[Change]) -> None:
    """Judge what is added and changed; what was wrong in the same way before is not told again."""
    files = [it for it in changes if it.oid and it.mode in _FILES and not check.is_left_in_clear(os.fsdecode(it.path))]
    gone = {os.fsdecode(it.path): it.old_oid for it in changes if not it.oid and it.old_oid}
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        index = Index(git, objects, [it.path for it in files], gone)
        for change in files:
            _judge(tally, index, change)


def _judge(tally: Tally, index: Index, change: Change) -> None:
    path = os.fsdecode(change.path)
    data, old = index.content(change.oid), index.content(change.old_oid)
    try:
        configuration = index.configuration(path)
        has_filter = change.path in index.git_crypt
        was = Was(_encrypted_with(old, path), index.sibling(path, data), has_filter)
        found = check.look(data, path, configuration, was)
        held = check.look(old, path, configuration, Was("", was.sibling, has_filter)) if found and old else []
    except NoConfiguration as error:
        tally.miss(path, f"whether it must be encrypted is not known: {error}")
        return
    known = {(it.rule.id, it.secret) for it in held}
    new = [it for it in found if (it.rule.id, it.secret) not in known]
    tally.keep(Blob(data, change.path, change.oid), Outcome(data, new, []), new)


def _encrypted_with(data: bytes, path: str) -> str:
    found = document.read(data, path)
    return "SOPS" if found and found.encrypts else other.by(data)


def siblings(path: str) -> list[str]:
    """Return the names that the encrypted form of a file often has."""
    folder, slash, name = path.rpartition("/")
    stem, dot, end = name.rpartition(".")
    names = [name + it for it in _ENDS]
    if dot and stem:
        names += [f"{stem}{it}.{end}" for it in _ENDS]
    elif dot:  # .env
        names += [f"{name}{it}" for it in _HIDDEN_ENDS]
    return [folder + slash + it for it in names if it != name]


def _oids(git: Git, wanted: set[str]) -> dict[str, str]:
    """Return the objects of those of some names of siblings and `.sops.yaml` that are in the index.

    Git is asked for the form of these names: a name for each file of a large commit takes it seconds.
    """
    found: dict[str, str] = {}
    for line in git.run("ls-files", "-s", "-z", "--full-name", "--", *_SPECS).split(b"\0")[:-1]:
        meta, _, raw = line.partition(b"\t")
        mode, oid, stage = meta.decode().split(" ")
        if stage == "0" and mode in _FILES and (path := os.fsdecode(raw)) in wanted:
            found[path] = oid
    return found


def filtered(git: Git, paths: Sequence[bytes]) -> frozenset[bytes]:
    """Return those of some paths that .gitattributes in the index hands to git-crypt."""
    if not paths:
        return frozenset()
    answer = git.run("check-attr", "--cached", "-z", "--stdin", "filter", stdin=b"\0".join([*paths, b""]))
    fields = answer.split(b"\0")[:-1]
    every = zip(fields[::3], fields[2::3], strict=False)
    return frozenset(path for path, value in every if value.startswith(b"git-crypt"))

"""Who can decrypt the files that SOPS encrypts: today, as `.sops.yaml` has it, and whoever could and was removed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.checkup.sealed import NOT_WHOLE, UNSHALLOW
from tightlip.report.html.shell import argument
from tightlip.report.style import count
from tightlip.sops.creation import NAME, NoConfiguration

if TYPE_CHECKING:
    from tightlip.checkup.place import Place
    from tightlip.checkup.sealed import Sealed

_NAMED = "Encrypted files name who can read them"
_AGREE = f"Encrypted files are for those whom {NAME} names"
_REMOVED = "Who was removed from an encrypted file cannot read what is in it"
_COMPARED = re.compile(r"age1|ssh-|arn:|projects/|[0-9A-F]{16}$")
"""How recipients begin that can be told in `.sops.yaml` as in a file: of age, PGP, AWS and Google."""
_MOST = 10
"""Names in one line."""


def look(place: Place) -> Iterator[Line]:
    """Tell of all three. Raises `GitError`."""
    files = [it for it in place.sealed if it.is_sops]
    if not files:
        yield Line(OK, _NAMED, "SOPS encrypts no file here")
        return
    readers = Counter(name for it in files for name in _recipients(it))
    evidence = tuple(f"{name}: {count(number, 'file')}" for name, number in sorted(readers.items()))
    yield Line(OK, _NAMED, f"{count(len(readers), 'recipient')}, {count(len(files), 'file')}", evidence)
    yield _agree(place, files)
    yield _removed(place, files)


def _recipients(it: Sealed) -> frozenset[str]:
    found = it.versions[0].document
    return found.recipients if found else frozenset()


def _agree(place: Place, files: list[Sealed]) -> Line:
    evidence, paths, without = [], [], 0
    for it in files:
        try:
            rule = place.rule_of(it.path)
        except NoConfiguration as error:
            return Line(UNCHECKED, _AGREE, str(error), mend=f"mend {NAME}")
        if rule is None or not rule.recipients:
            without += 1
            continue
        there = _recipients(it)
        more = [name for name in sorted(there - rule.recipients) if _COMPARED.match(name)]
        lacking = sorted(rule.recipients - there)
        if more or lacking:
            parts = [f"{_listed(more)} can read it all the same"] if more else []
            parts += [f"{_listed(lacking)} cannot"] if lacking else []
            evidence.append(f"{it.path}: {', and '.join(parts)}")
            paths.append(it.path)
    if evidence:
        mend = _each(place, paths, "sops updatekeys")
        return Line(FAIL, _AGREE, count(len(evidence), "file") + " not", tuple(evidence), mend)
    unruled = f", {without:,} of them without a rule that names any" if without else ""
    return Line(OK, _AGREE, count(len(files), "file") + unruled)


def _removed(place: Place, files: list[Sealed]) -> Line:
    told = [(it.path, said) for it in files for said in _could(it)]
    if not told:
        if partly := [it.path for it in files if not it.is_whole]:
            evidence = tuple(f"{path}: {NOT_WHOLE}" for path in partly)
            return Line(UNCHECKED, _REMOVED, f"of {count(len(partly), 'file')} it is not known", evidence, UNSHALLOW)
        return Line(OK, _REMOVED, count(len(files), "file"))
    paths = list(dict.fromkeys(path for path, _ in told))
    mend = f"{_each(place, paths, 'sops rotate --in-place')}; then rotate the values that are named"
    evidence = tuple(f"{path}: {said}" for path, said in told)
    return Line(WARN, _REMOVED, f"of {count(len(paths), 'file')} somebody can", evidence, mend)


def _could(it: Sealed) -> Iterator[str]:
    """Yield who could read a file and is removed, with the values that they may know today.

    Whoever had the data key of a file reads all that is encrypted with it, also later: it stays until `sops rotate`.
    """
    gone: dict[str, str] = {}
    for version in it.versions:
        for name in version.document.recipients - _recipients(it) if version.document else ():
            gone.setdefault(name, version.commit)
    era = it.current_key()
    still = {name for version in era if version.document for name in version.document.recipients}
    for name, commit in gone.items():
        if name in still:
            yield f"{name} could until {commit}, and knows the data key, which has not changed since"
        elif values := _unchanged(it, name):
            yield f"{name} could until {commit}, and {_listed(values)} may not have changed since"


def _unchanged(it: Sealed, name: str) -> list[str]:
    """Return the values that somebody could read under an earlier data key, and that may be the same under this one."""
    first = it.current_key()[-1]
    known = {
        keys
        for version in it.versions
        if version.document and name in version.document.recipients
        for keys in version.values
    }
    today = it.versions[0].values
    return [
        ".".join(keys)
        for keys, values in today.items()
        if keys in known and values & first.values.get(keys, frozenset())
    ]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _each(place: Place, paths: list[str], command: str) -> str:
    """Return what does a command with each file, in the folder whose `.sops.yaml` is meant."""
    start = f"cd{place.named} && " if place.named else ""
    if len(paths) == 1:
        return f"{start}{command} {argument(paths[0])}"
    return f'{start}for file in {" ".join(map(argument, paths))}; do {command} "$file"; done'

"""What a plan says of each secret: where it stands, and in which forms. There is no value in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tightlip.git.packs.entries import BLOB, COMMIT, TAG
from tightlip.purge.search import Found
from tightlip.purge.targets import Target

_KINDS = {BLOB: "blobs", COMMIT: "commits", TAG: "tags"}
_PATHS = 100
"""How many paths of one secret are told."""


def secrets(
    targets: Sequence[Target], found: Found, paths: Mapping[int, Counter[bytes]], show: Callable[[bytes], str]
) -> list[dict[str, Any]]:
    """Return what is said of each secret.

    Parameters: `paths`, by the number of a secret, those at which it stands or stood, and how often; `show`, makes a
    path fit to be shown.
    """
    return [
        _secret(number, target, found) | _paths(paths.get(number, Counter()), show)
        for number, target in enumerate(targets)
    ]


def _secret(number: int, target: Target, found: Found) -> dict[str, Any]:
    forms: Counter[str] = Counter()
    objects = dict.fromkeys(_KINDS.values(), 0)
    for row, holds in found.held.items():
        names = {name for which, name in holds if which == number}
        forms.update(names)
        if names:
            objects[_KINDS[found.kinds[row]]] += 1
    return {
        "number": number + 1,
        "rule": target.rule,
        "name": target.name,
        "fingerprint": target.fingerprint,
        "secret": target.value.redacted(),
        "replacement": target.replacement.decode("utf-8", "surrogateescape"),
        "remediation": list(target.remediation),
        "objects": objects,
        "forms": dict(sorted(forms.items())),
        "names": sum(any(which == number for which, _ in holds) for holds in found.names.values()),
        "at": _place(found, number),
    }


def _paths(counted: Counter[bytes], show: Callable[[bytes], str]) -> dict[str, Any]:
    """Return the paths with the most versions that hold it, these first, and how many more there are."""
    first = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:_PATHS]
    told = [{"path": show(path), "versions": versions} for path, versions in first]
    return {"paths": told, "more_paths": len(counted) - len(told)}


def _place(found: Found, number: int) -> dict[str, Any] | None:
    """Return a place where the value stands as it is; None where it stands nowhere so."""
    if number not in found.places:
        return None
    oid, start, end = found.places[number]
    return {"object": oid.hex(), "start": start, "end": end}

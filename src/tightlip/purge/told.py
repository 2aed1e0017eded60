"""What a purge would do, and what it has done, for a person."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.purge.apply import Applied
    from tightlip.purge.publishing.files import Afterwards

_SHOWN, _FEW = 8, 4
"""How many names of a kind are told, and how many paths of each secret."""


def tell_plan(plan: Mapping[str, Any], file: str, repository: str, out: TextIO) -> None:
    """Tell a plan.

    Parameters: `file`, where it was written to; `repository`, as the user named it, or nothing.
    """
    out.writelines(f"{visible(line)}\n" for line in _plan(plan, shlex.join([file, repository][: 1 + bool(repository)])))


def tell_applied(applied: Applied, plan: Mapping[str, Any], rotated: str, out: TextIO) -> None:
    """Tell what was done. Parameters: `rotated`, who has rotated the secrets."""
    out.writelines(f"{visible(line)}\n" for line in _applied(applied, plan, rotated))


def tell_next(written: Afterwards, out: TextIO) -> None:
    """Tell what is left to do. Parameters: `written`, the files that help with it."""
    out.writelines(f"{visible(line)}\n" for line in _next(written))


def _plan(plan: Mapping[str, Any], words: str) -> Iterator[str]:
    yield f"A purge of {plan['repository']} (nothing is changed yet)"
    yield ""
    for secret in plan["secrets"]:
        yield f"{secret['number']}. {secret['name']}: {secret['secret']} becomes {secret['replacement']}"
        yield f"   in {_objects(secret)}; {_forms(secret['forms'])}"
        yield from _paths(secret)
        yield from (f"   rotate: {step}" for step in secret["remediation"][:1])
    for number, path in enumerate(plan["paths"], len(plan["secrets"]) + 1):
        yield f"{number}. {path['path']} is taken out of {count(path['commits'], 'commit')}"
    yield ""
    rewritten = plan["rewritten"]
    yield f"Rewritten: {', '.join(count(number, kind[:-1]) for kind, number in rewritten.items())}"
    yield from _listed("First commit that changes", plan["first_commits"])
    yield from _listed("Refs that move", [*plan["refs"], *plan["heads"]])
    if plan["stashes"]:
        yield f"Stashes that are rewritten: {plan['stashes']}"
    yield from _listed("Signatures that are lost", plan["signatures_lost"])
    yield from _listed("Commits and tags whose own text holds a secret", plan["messages"])
    for left in plan["left"]:
        yield f"Cannot be replaced: {left['object']} ({', '.join(left['forms'])}); remove or unpack the file first"
    for unread in plan["unread"]:
        yield f"Cannot be read: {unread['object']}: {unread['why']}"
    yield from _unsearched("Cannot be searched to its end", plan["unsearched"])
    for held in plan["files"]:
        yield f"Holds it too: {held['file']}: {held['what']}"
    for row in plan["elsewhere"]:
        yield f"Elsewhere: {row['kind']} ({row['count']:,}): {_some(row['names'], row['count'])}; {row['what']}"
    yield ""
    yield "Out of reach from here:"
    yield from (f"  - {what}" for what in plan["out_of_reach"])
    yield ""
    yield "Once the secrets are rotated:"
    yield f"  tightlip purge --rotated WHO --prune --apply {words}"


def _objects(secret: Mapping[str, Any]) -> str:
    kinds = [count(number, kind[:-1]) for kind, number in secret["objects"].items() if number]
    names = [count(secret["names"], "file name")] if secret["names"] else []
    return ", ".join([*kinds, *names]) or "no object"


def _forms(forms: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({number})" for name, number in forms.items()) or "not found"


def _paths(secret: Mapping[str, Any]) -> Iterator[str]:
    """Tell at which paths a secret stands or stood."""
    paths = [f"{row['path']} ({count(row['versions'], 'version')})" for row in secret["paths"]]
    if paths:
        yield f"   at {_some(paths, len(paths) + secret['more_paths'], _FEW)}"


def _unsearched(what: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield f"{what}: {row['what']} ({'; '.join(row['why'])}); look into the file yourself, or take it out"


def _listed(what: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{what} ({len(names)}): {_some(names, len(names))}"


def _some(names: Sequence[str], every: int, shown: int = _SHOWN) -> str:
    """Return the first names, and how many more there are of all."""
    first = ", ".join(names[:shown])
    return f"{first} and {every - shown} more" if every > shown else first


def _applied(applied: Applied, plan: Mapping[str, Any], rotated: str) -> Iterator[str]:
    proof = applied.proof
    yield f"Rewritten: {', '.join(count(number, kind[:-1]) for kind, number in plan['rewritten'].items())}"
    yield from _listed("Refs that moved", applied.moved)
    yield f"Rotated by: {rotated}"
    yield f"Backup, which holds the secrets: {applied.backup}"
    yield f"Old and new ids: {applied.commit_map}"
    yield ""
    told = proof.told()
    if proof.holds:
        yield f"{count(proof.searched, 'object')} and all files of the git folder were searched again: nothing is left."
    else:
        yield from _left(told)
    planned = [row for row in told["unsearched"] if row["what"] not in proof.unplanned]
    yield from _unsearched("Not searched to its end, as the plan has said", planned)


def _left(proof: Mapping[str, Any]) -> Iterator[str]:
    yield f"Something is left, of {count(proof['searched'], 'object')} that were searched again:"
    yield from _listed("objects, which go with --prune or are out of reach", proof["objects"])
    if proof["names"]:
        yield f"names of files in trees: {proof['names']}"
    yield from _listed("files of the git folder", proof["files"])
    yield from _listed("paths that were to go", proof["paths"])
    yield from _listed("objects that could not be searched", proof["unread"])
    unplanned = [row for row in proof["unsearched"] if row["what"] in proof["unplanned"]]
    yield from _unsearched("not searched to its end, and the plan has not said so", unplanned)


def _next(written: Afterwards) -> Iterator[str]:
    where = ", ".join(written.remotes[:_SHOWN]) or "a remote that you name"
    with_map = " and commit-map-all" if written.needs_map else ""
    yield ""
    yield f"What next, with the files in {written.folder}:"
    refs = count(written.published, "ref")
    yield f"  1. Publish: read publish.sh, and run it ({refs} to {where}). Nothing is pushed yet."
    yield f"  2. Colleagues: send them purge-check.sh{with_map}. In a clone, `sh purge-check.sh check` says whether"
    yield "     it still holds the old history, and `clean` brings it over without losing work."
    yield "  3. Host: host-request.txt is what to ask it for: pull requests, caches, forks."
    yield "  4. Keep it out: pre-receive is a hook for the server; here and in clones, `tightlip hook pre-push`."
    yield "  5. Once all that is done, delete the backup: it holds the secrets."

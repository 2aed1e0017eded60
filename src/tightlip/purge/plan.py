"""What a purge would do, before anything is done: a document for people and for `apply`, which is bound to its hash.

There is no value in it. Each secret is told by the place where it stands, or by its finding, and read from there again.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from tightlip.errors import UsageError
from tightlip.fingerprint import prepare
from tightlip.git import inventory as stock
from tightlip.git.inventory import Inventory
from tightlip.git.objects import ObjectError, ObjectReader
from tightlip.git.packs.entries import BLOB, COMMIT
from tightlip.git.plumbing import Git
from tightlip.git.state import folders, identity, state
from tightlip.model import Secret
from tightlip.purge import kept, spots
from tightlip.purge.elsewhere import elsewhere
from tightlip.purge.forms import forms_of
from tightlip.purge.places import Files, files_that_hold
from tightlip.purge.repository.indexes import Index, indexes
from tightlip.purge.repository.layout import layout
from tightlip.purge.repository.reflogs import has_any
from tightlip.purge.repository.roots import Roots, roots
from tightlip.purge.rewriting.affected import Affected
from tightlip.purge.rewriting.notes import PREFIX
from tightlip.purge.rewriting.paths import Parts, parsed
from tightlip.purge.search import Found, search
from tightlip.purge.secrets import secrets
from tightlip.purge.targets import Target
from tightlip.report.document import quoted

VERSION = "3"
_OUT_OF_REACH = (
    "other clones and forks: whoever has one has the values; see `tightlip purge --help` for the script for colleagues",
    "refs of the host (refs/pull/*, refs/merge-requests/*) and its caches of commits: ask its support",
    "releases, packages, container images, logs and artifacts of CI, wikis and backups",
)


class Survey(NamedTuple):
    """What is known of a repository that is to be purged."""

    git: Git
    targets: Sequence[Target]
    inventory: Inventory
    found: Found
    roots: Roots
    rows: Mapping[str, int]
    """The row of each object that a root leads to, by its id; -1 for one that is not there."""
    files: Files
    """Files of the git folder, and names, that hold a value."""
    indexes: Sequence[Index]
    deleted: Sequence[Parts] = ()
    """Paths of files and folders that are taken out of the history."""

    def moving(self, affected: Affected) -> list[str]:
        """Return the refs and HEADs that move, or get another name: by their full names, which may hold a value."""
        changing = affected.changing()
        both = self.roots.refs | self.roots.heads
        return [name for name, old in both.items() if self.rows[old] in changing or name in self.files.refs]

    def is_whole(self) -> bool:
        """Whether it is seen that no object is missing. Of what only a reflog or an index leads to it is not."""
        place = layout(self.git)
        if place.reftable or has_any(place) or any(os.path.exists(tree.index) for tree in place.worktrees):
            return False
        return self.found.graph.is_whole and not self.found.unread and -1 not in self.rows.values()

    def affected(self) -> Affected:
        """Return what has to be rewritten."""
        notes = {self.rows[oid] for name, oid in self.roots.refs.items() if name.startswith(PREFIX)}
        return Affected(self.inventory, self.found, {*self.rows.values()} - {-1}, notes - {-1}, self.deleted)

    def paths(self, affected: Affected, tops: Collection[int]) -> dict[int, Counter[bytes]]:
        """Return the paths at which each value stands or stood; `tops` are the trees that they begin in."""
        found, leading = self.found, affected.leading
        if found.stuck:  # what cannot be replaced does not change a tree
            leading = found.graph.leading_to([row for row, kind in found.kinds.items() if kind == BLOB], found.names)
        return spots.of_values(found, leading, tops)


def survey(
    git: Git, targets: Sequence[Target], *, jobs: int, again: bool = False, deleted: Sequence[Parts] = ()
) -> Survey:
    """Search a repository for values. Nothing is changed.

    Parameters: `again`, whether it is enough to know what the last search found, if no object has come or gone since.
    Raises `GitError`, and `UsageError` where what takes the place of a value would bring one back.
    """
    values = [target.purged for target in targets]
    try:
        forms = forms_of(values)
    except ValueError as error:
        raise UsageError(f"--replace-with: {error}") from None
    prepare((target.rule, target.value.reveal()) for target in targets)
    before = state(git)
    inventory, start = stock.take(git), roots(git)
    found = kept.found_before(git, before, targets, inventory.table) if again else None
    if found is None:
        found = search(git, inventory, values, jobs=jobs)
        if not again and not found.unread:
            kept.keep(git, before, targets, found)
    oids = start.oids()
    rows = inventory.table.rows(bytes.fromhex("".join(oids))).tolist()
    files = files_that_hold(git, forms)
    return Survey(
        git, targets, inventory, found, start, dict(zip(oids, rows, strict=True)), files, indexes(git), deleted
    )


def document(survey: Survey, affected: Affected) -> dict[str, Any]:
    """Return the plan: the same for the same repository and values."""
    from tightlip import __version__

    found, oid = survey.found, survey.inventory.table.oid
    changing, clean = affected.changing(), forms_of(target.purged for target in survey.targets).replaced_text
    tops = spots.roots(found.graph, {*survey.rows.values()} - {-1})
    show = partial(_path_shown, clean=clean)
    plan: dict[str, Any] = {
        "plan_version": VERSION,
        "tool": __version__,
        "secrets": secrets(survey.targets, found, survey.paths(affected, tops), show),
        **binding(survey, affected),
        "untouched_refs": sum(survey.rows[old] not in changing for old in survey.roots.refs.values()),
        "left": sorted(_left(survey), key=lambda left: str(left["object"])),
        "unread": sorted(({"object": oid(row), "why": why} for row, why in found.unread.items()), key=str),
        "unsearched": sorted(_unsearched(survey), key=lambda row: str(row["what"])),
        "files": [*survey.files.told(), *_kept(survey, affected)],
        "elsewhere": elsewhere(layout(survey.git).common, found, tops, show),
        "out_of_reach": list(_OUT_OF_REACH),
    }
    return plan | {"hash": _digest(plan)}


def binding(survey: Survey, affected: Affected) -> dict[str, Any]:
    """Return what has to be the same when a plan is applied, beside its secrets.

    Not what no ref leads to, and files that are the user's to edit.
    """
    found, rows, oid = survey.found, survey.rows, survey.inventory.table.oid
    changing, clean = affected.changing(), forms_of(target.purged for target in survey.targets).replaced_text
    return {
        "repository": identity(survey.git),
        "roots": _digest({**survey.roots.refs, **survey.roots.heads, "stashes": list(survey.roots.stashes)}),
        "paths": [_path(survey, affected, path) for path in survey.deleted],
        "rewritten": {
            "blobs": len(affected.blobs),
            "trees": len(affected.heights) + affected.paths.rewritten_trees,
            "commits": len(affected.commits),
            "tags": len(affected.tags),
        },
        "first_commits": sorted(map(oid, affected.first())),
        "refs": [_shown(name, clean) for name, old in survey.roots.refs.items() if rows[old] in changing],
        "heads": [_shown(name, clean) for name, old in survey.roots.heads.items() if rows[old] in changing],
        "stashes": sum(rows[old] in changing for old in survey.roots.stashes),
        "signatures_lost": sorted(map(oid, found.signed & changing)),
        "messages": sorted(oid(row) for row, kind in found.kinds.items() if kind != BLOB and row in changing),
    }


def _shown(name: str, clean: Callable[[bytes], bytes]) -> str:
    """Return the name of a ref without a value."""
    return clean(name.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def _path_shown(path: bytes, clean: Callable[[bytes], bytes]) -> str:
    """Return a path without a value, as JSON can hold it."""
    return quoted(clean(path).decode("utf-8", "surrogateescape"))


def _path(survey: Survey, affected: Affected, path: Parts) -> dict[str, Any]:
    """Return what is said of a path: it, and how many commits have it. Raises `UsageError` where it holds a value."""
    name = b"/".join(path)
    if forms_of(target.purged for target in survey.targets).found(name):
        raise UsageError(
            "--delete-path: a path holds a value that is purged, so no plan can name it; delete a folder above"
        )
    having = affected.paths.having(path)
    if not having:
        raise UsageError(f"--delete-path {os.fsdecode(name)}: nothing that a ref leads to has this path")
    own = affected.reached - affected.notes
    commits = sum(row in own and tree in having for row, tree, _ in survey.found.graph.history())
    return {"path": name.decode("utf-8", "surrogateescape"), "commits": commits}


def deleted(plan: Mapping[str, Any]) -> list[Parts]:
    """Return the paths that a plan takes out."""
    return parsed(row["path"].encode("utf-8", "surrogateescape") for row in plan["paths"])


def unsearched(plan: Mapping[str, Any]) -> set[str]:
    """Return what could not be searched to its end, as a plan says: ids of blobs, old and new ones, and files."""
    return {what for row in plan["unsearched"] for what in (row["what"], row["becomes"]) if what}


def _unsearched(survey: Survey) -> Iterator[dict[str, Any]]:
    """Yield the blobs and files with archives that could not be searched to their end, and why."""
    for row, why in survey.found.unsearched.items():
        yield {"what": survey.inventory.table.oid(row), "becomes": survey.found.becomes.get(row), "why": why}
    for file, why in survey.files.unsearched.items():
        yield {"what": file, "becomes": None, "why": why}


def _left(survey: Survey) -> Iterator[dict[str, Any]]:
    """Yield what cannot be replaced in blobs, and commits that are not in the form of one."""
    oid, found = survey.inventory.table.oid, survey.found
    for row, forms in found.left.items():
        yield {"object": oid(row), "forms": sorted({form.name for form in forms})}
    known = {row for row, *_ in found.graph.history()}
    for row, kind in found.kinds.items():
        if kind == COMMIT and row not in known:
            yield {"object": oid(row), "forms": sorted({name for _, name in found.held[row]})}


def _kept(survey: Survey, affected: Affected) -> Iterator[dict[str, str]]:
    """Yield what keeps objects with a value: an index in which they are staged, and packs that git is to keep."""
    found, table = survey.found, survey.inventory.table
    named = {row["file"] for row in survey.files.told()}
    for index in survey.indexes:
        head = survey.roots.refs.get(index.tree.branch()) or survey.roots.heads.get(f"{index.tree.name}/HEAD")
        tree = affected.trees.get(survey.rows[head]) if head else None
        is_renewed = tree in affected.leading or tree in affected.paths.changing
        rows = set() if is_renewed else {*table.rows(bytes.fromhex("".join(index.staged))).tolist()}
        if index.path not in named and not rows.isdisjoint(found.held):
            yield {"file": index.path, "what": "what is staged there holds it: commit or unstage it, and plan again"}
    packs = os.path.join(folders(survey.git)[0], "pack")
    for name in sorted(os.listdir(packs)) if found.held or found.names else ():
        if name.endswith(".keep"):
            yield {
                "file": f"objects/pack/{name}",
                "what": "it keeps a pack with all that is in it; delete it, to prune",
            }


def _digest(what: object) -> str:
    return sha256(json.dumps(what, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def read(data: bytes) -> dict[str, Any]:
    """Return a plan from a file. Raises `UsageError` for what is none, or was changed by hand."""
    try:
        plan = json.loads(data)
        said = plan.pop("hash")
        is_whole = plan["plan_version"] == VERSION and said == _digest(plan)
    except (ValueError, KeyError, TypeError, AttributeError):
        is_whole = False
    if not is_whole:
        raise UsageError(
            "--apply: this is no plan, or it was changed after it was made; make one with `tightlip purge --plan FILE`"
        )
    return {**plan, "hash": said}


def targets(git: Git, plan: Mapping[str, Any]) -> list[Target]:
    """Return the values of a plan, read from where it says that they stand. Raises `UsageError`."""
    with ObjectReader(git) as objects:
        return [_target(objects, secret) for secret in plan["secrets"]]


def _target(objects: ObjectReader, secret: Mapping[str, Any]) -> Target:
    place = secret["at"]
    if place is None:
        raise UsageError(
            f"--apply: secret {secret['number']} stands nowhere as it is, so the plan cannot say where to read it; "
            "give --findings or --values-from again"
        )
    try:
        value = Secret(objects.read(place["object"])[place["start"] : place["end"]])
    except ObjectError:
        raise UsageError(
            "--apply: this is the plan of another repository, or it has been applied already; if it was ended while it "
            "pruned, give --values-from again"
        ) from None
    replacement = secret["replacement"].encode("utf-8", "surrogateescape")
    target = Target(value, replacement, secret["rule"], secret["name"], tuple(secret["remediation"]))
    if target.fingerprint != secret["fingerprint"]:
        raise UsageError("--apply: this plan is not of this repository; plan again")
    return target


def meant(plan: Mapping[str, Any], given: Sequence[Target]) -> list[Target]:
    """Return, of values that are given once more, those of the plan, in its order and with what it puts there.

    Raises `UsageError` where one is missing.
    """
    known = {target.fingerprint: target for target in given}
    found = []
    for secret in plan["secrets"]:
        if secret["fingerprint"] not in known:
            raise UsageError(f"--apply: secret {secret['number']} of the plan is not among the values that were given")
        replacement = secret["replacement"].encode("utf-8", "surrogateescape")
        found.append(dataclasses.replace(known[secret["fingerprint"]], replacement=replacement))
    return found


def differences(plan: Mapping[str, Any], bound: Mapping[str, Any], targets: Sequence[Target]) -> Iterator[str]:
    """Yield what a repository has other than when a plan was made. Parameters: `bound`, as `binding` returns it."""
    yield from (name.replace("_", " ") for name, value in bound.items() if plan[name] != value)
    planned = [(secret["fingerprint"], secret["replacement"]) for secret in plan["secrets"]]
    if planned != [(each.fingerprint, each.replacement.decode("utf-8", "surrogateescape")) for each in targets]:
        yield "secrets"

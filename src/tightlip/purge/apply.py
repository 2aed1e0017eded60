"""Doing what a plan says: backup, new objects, refs, reflogs, index, and on request pruning; and then the proof.

What is done is noted in a journal. After a kill the same call goes on: before the refs have moved it begins anew, which
costs nothing but time, and afterwards it does what is left.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.git.state import folders
from tightlip.purge import backup, commits, durable, journal, plan, refs, state
from tightlip.purge.forms import Forms
from tightlip.purge.journal import Journal, Move
from tightlip.purge.layout import layout
from tightlip.purge.proof import Proof, prove
from tightlip.purge.prune import prune
from tightlip.purge.rewrite import Outcome, Rewriting
from tightlip.purge.targets import Target

Say = Callable[[str], None]
_MAP = "commit-map"
_REF_MAP = "ref-map"


class Options(NamedTuple):
    """How a plan is applied."""

    prune: bool = False
    """Whether what nothing leads to is removed, the old history with it."""
    allow: tuple[str, ...] = ()
    """Names of objections that do not count."""
    backup: str | None = None
    """The folder of the backup; None for one of the user's own."""
    jobs: int = 1
    """How many processes may work."""


class Applied(NamedTuple):
    """What was done."""

    backup: str
    """The folder of the backup."""
    moved: tuple[str, ...]
    """Refs that moved, by their full names."""
    commit_map: str
    """The file with the old and the new id of each commit and tag; the new one is zeros where it is gone."""
    proof: Proof


def apply(git: Git, made: Mapping[str, Any], targets: Sequence[Target], options: Options, say: Say) -> Applied:
    """Rewrite a history as a plan says. Raises `UsageError`, `GitError`, `OSError` or `MemoryError`.

    Parameters: `made`, the plan; `targets`, its values; `say`, told what is done next.
    """
    begun = journal.unfinished(git)
    if begun and begun.plan != made["hash"] and "moved" in begun.done:
        raise GitError("another purge was begun and not finished: go on with its own plan, or restore its backup")
    refs.clean_up(git)
    if begun and "moved" not in begun.done:
        journal.end(git)
        begun = None
    begun = begun or _begin(git, made, targets, options, say)
    return _finish(git, begun, targets, options, say)


def _begin(git: Git, made: Mapping[str, Any], targets: Sequence[Target], options: Options, say: Say) -> Journal:
    """Do all up to the point where the refs move."""
    say("searching every object")
    survey = plan.survey(git, targets, jobs=options.jobs)
    values = [target.purged for target in targets]
    rewriting = Rewriting(git, survey.inventory, values, survey.found, survey.affected())
    now = plan.document(survey, rewriting.affected)
    if others := list(plan.differences(made, now)):
        raise UsageError(f"--apply: the repository is not as it was planned for ({', '.join(others)}); plan again")
    moving = [*now["refs"], *now["heads"]]
    state.insist([*state.objections(git, moving), *_still_checked_out(git, survey, rewriting)], options.allow)
    say("taking a backup")
    saved = backup.create(git, options.backup)
    begun = journal.begin(git, made["hash"])
    begun = dataclasses.replace(begun, backup=saved.folder, done=("backed up",))
    journal.save(git, begun)
    say(f"writing {sum(now['rewritten'].values()):,} new objects")
    outcome = rewriting.run(os.path.join(folders(git)[0], "pack"), jobs=options.jobs)
    if outcome.unread:
        raise GitError(f"{len(outcome.unread)} objects could not be read; run `git fsck`. No ref has moved")
    moves, heads = _moves(survey, outcome, Forms(values))
    _write_maps(git, survey, rewriting, outcome, moves)
    begun = dataclasses.replace(begun, refs=moves, heads=heads, done=(*begun.done, "written"))
    journal.save(git, begun)
    return begun


def _still_checked_out(git: Git, survey: plan.Survey, rewriting: Rewriting) -> Iterator[state.Objection]:
    """Yield that a working tree has a value in what its HEAD holds now."""
    trees = rewriting.affected.trees
    for place in layout(git).worktrees:
        head = survey.roots.refs.get(place.branch()) or survey.roots.heads.get(f"{place.name}/HEAD")
        if place.top and head and trees.get(survey.rows[head]) in rewriting.affected.leading:
            why = (
                f"{place.top}: HEAD still holds a secret; take it out of the files and commit that first, or the files "
                "stay as they are and bring it back with the next commit"
            )
            yield state.Objection("head", why, overridable=True)


def _moves(survey: plan.Survey, outcome: Outcome, forms: Forms) -> tuple[dict[str, Move], dict[str, Move]]:
    def new(old: str) -> str:
        found = outcome.ids.of(survey.rows[old]) if survey.rows[old] >= 0 else None
        return found.hex() if found else old

    moves: dict[str, Move] = {}
    for name, old in survey.roots.refs.items():
        if name in survey.files.refs:
            moves[name] = Move(old, None)
            moves[_renamed(name, forms, {*survey.roots.refs, *moves})] = Move(None, new(old))
        elif new(old) != old:
            moves[name] = Move(old, new(old))
    heads = {name: Move(old, new(old)) for name, old in survey.roots.heads.items() if new(old) != old}
    return moves, heads


def _renamed(name: str, forms: Forms, taken: Collection[str]) -> str:
    """Return the name of a ref without a value, and not taken."""
    text = forms.replaced_text(name.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
    clean = "".join(letter if letter not in " ~^:?*[\\" else "x" for letter in text)
    number, found = 1, clean
    while found in taken:
        number += 1
        found = f"{clean}-{number}"
    return found


def _write_maps(
    git: Git, survey: plan.Survey, rewriting: Rewriting, outcome: Outcome, moves: Mapping[str, Move]
) -> None:
    folder, table = journal.folder(git), survey.inventory.table
    rows = [*(row for row, *_ in rewriting.affected.commits), *rewriting.affected.tags]
    pairs = ((table.oid(row), outcome.ids.of(row)) for row in rows)
    lines = [f"{old} {new.hex()}\n" for old, new in pairs if new]
    durable.write(os.path.join(folder, _MAP), "".join(["old new\n", *lines]).encode())
    zeros = "0" * (2 * table.width)
    shown = (f"{move.old or zeros} {move.new or zeros} {name}\n" for name, move in moves.items() if move.new)
    durable.write(os.path.join(folder, _REF_MAP), "".join(["old new ref\n", *shown]).encode("utf-8", "surrogateescape"))


def read_map(git: Git) -> dict[str, str]:
    """Return the new ids of commits and tags by their old ones, as the last purge wrote them. Raises `OSError`."""
    with open(os.path.join(journal.folder(git), _MAP), encoding="ascii") as lines:
        next(lines)
        return dict(line.split() for line in lines)


def _finish(git: Git, begun: Journal, targets: Sequence[Target], options: Options, say: Say) -> Applied:
    """Move the refs, and do all that comes after: each step once, or again after a kill."""
    values = [target.purged for target in targets]
    moved = [*begun.refs, *begun.heads]
    say(f"moving {len(moved)} refs")
    refs.move(git, begun.refs, begun.heads)
    if "reflogs" not in begun.done:
        _rewrite_reflogs(git, Forms(values))
        journal.note(git, "reflogs")
    if "index" not in begun.done:
        _refresh_indexes(git, begun)
        journal.note(git, "index")
    if options.prune:
        say("pruning what nothing leads to any more")
        prune(git, moved)
        journal.note(git, "pruned")
    say("searching every object again")
    proof = prove(git, values, jobs=options.jobs)
    journal.end(git)
    names = tuple(name for name, move in begun.refs.items() if move.new)
    return Applied(begun.backup, names, os.path.join(journal.folder(git), _MAP), proof)


def _rewrite_reflogs(git: Git, forms: Forms) -> None:
    if layout(git).reftable:
        return
    known = read_map(git)
    by_start: dict[str, list[str]] = {}
    for old in known:
        by_start.setdefault(old[:7], []).append(old)

    def new(word: bytes) -> bytes | None:
        found = [old for old in by_start.get(word[:7].decode(), ()) if old.startswith(word.decode())]
        return known[found[0]].encode() if len(found) == 1 else None

    refs.rewrite_reflogs(git, known, lambda text: commits.with_ids(forms.replaced_text(text), new))


def _refresh_indexes(git: Git, begun: Journal) -> None:
    """Let the index of each working tree be what its HEAD is now, where that has another tree than before."""
    for tree in layout(git).worktrees:
        if not tree.top:
            continue
        move = begun.refs.get(tree.branch()) or begun.heads.get(f"{tree.name}/HEAD")
        if move and move.old and move.new and _tree(git, move.old) != _tree(git, move.new):
            Git(tree.top).run("read-tree", "-m", "HEAD")


def _tree(git: Git, commit: str) -> bytes:
    return git.run("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", fine=(1, 128))

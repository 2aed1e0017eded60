"""Doing what a plan says: backup, new objects, refs, reflogs, index, and on request pruning; and then the proof.

What is done is noted in a journal. After a kill the same call goes on: before the refs have moved it begins anew, which
costs nothing but time, and afterwards it does what is left.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.git.state import folders
from tightlip.purge import commits, kept, moves, plan
from tightlip.purge.forms import Forms, forms_of
from tightlip.purge.proof import Proof, prove
from tightlip.purge.prune import prune
from tightlip.purge.publishing import files, record
from tightlip.purge.publishing.files import Afterwards
from tightlip.purge.repository import backup, durable, indexes, journal, leftovers, refs, state, symbolic
from tightlip.purge.repository.journal import Journal
from tightlip.purge.repository.layout import layout
from tightlip.purge.rewriting.history import Rewriting
from tightlip.purge.targets import Target

Say = Callable[[str], None]
_BACKUP = frozenset({"README.txt", "all.bundle", "files", "manifest.json", "scratch", leftovers.NAME, durable.NEW})
"""What is in the folder of a backup, finished or not."""


class Options(NamedTuple):
    """How a plan is applied."""

    rotated: str
    """Who has rotated the secrets."""
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
    """The file with the old and the new id of each commit and tag."""
    proof: Proof
    afterwards: Afterwards
    """What was written for what comes next."""


class _Order(NamedTuple):
    """What is to be done, and how."""

    git: Git
    plan: Mapping[str, Any]
    targets: Sequence[Target]
    options: Options
    say: Say


def apply(git: Git, made: Mapping[str, Any], targets: Sequence[Target], options: Options, say: Say) -> Applied:
    """Rewrite a history as a plan says. Raises `UsageError`, `GitError`, `OSError` or `MemoryError`.

    Parameters: `made`, the plan; `targets`, its values; `say`, told what is done next.
    """
    begun = journal.unfinished(git)
    if begun and journal.RESTORING in begun.done:
        raise GitError(f"a restore was begun and not finished: tightlip purge --restore {begun.backup}")
    refs.clean_up(git)
    if begun and not _have_moved(git, begun):
        _give_up(git, begun)
        begun = None
    if begun and begun.plan != made["hash"]:
        raise GitError("another purge was begun and not finished: go on with its own plan, or restore its backup")
    order = _Order(git, made, targets, options, say)
    return _finish(order, begun or _begin(order))


def _have_moved(git: Git, begun: Journal) -> bool:
    """Whether the refs have moved: a kill may have come before that was noted."""
    if "moved" in begun.done or not begun.refs:
        return "moved" in begun.done
    now = refs.shared_refs(git)
    return all(now.get(name) == move.new for name, move in begun.refs.items())


def _give_up(git: Git, begun: Journal) -> None:
    """Forget a purge of which no ref has moved, with its backup, which is of what still is."""
    if os.path.isdir(begun.backup) and {*os.listdir(begun.backup)} <= _BACKUP:
        shutil.rmtree(begun.backup, ignore_errors=True)
    symbolic.forget(git)
    journal.end(git)


def _begin(order: _Order) -> Journal:
    """Do all up to the point where the refs move."""
    git, made, targets, options, say = order
    say("comparing the repository with the plan")
    survey = plan.survey(git, targets, jobs=options.jobs, again=True, deleted=plan.deleted(made))
    values = [target.purged for target in targets]
    rewriting = Rewriting(git, survey.inventory, values, survey.found, survey.affected())
    bound = plan.binding(survey, rewriting.affected)
    if others := list(plan.differences(made, bound, targets)):
        raise UsageError(f"--apply: the repository is not as it was planned for ({', '.join(others)}); plan again")
    moving = survey.moving(rewriting.affected)
    said = state.objections(git, moving, is_whole=survey.is_whole())
    said += [*_malformed(survey), *_still_checked_out(git, survey, rewriting)]
    state.insist(said, options.allow)
    say("taking a backup")
    begun = _backed_up(git, made, options)
    say(f"writing {sum(bound['rewritten'].values()):,} new objects")
    try:
        return _written(git, begun, survey, rewriting, options)
    except BaseException:
        _give_up(git, begun)
        raise


def _written(git: Git, begun: Journal, survey: plan.Survey, rewriting: Rewriting, options: Options) -> Journal:
    """Write the new objects, and note how refs are to move."""
    outcome = rewriting.run(os.path.join(folders(git)[0], "pack"), jobs=options.jobs)
    if outcome.unread:
        raise GitError(f"{len(outcome.unread)} objects could not be read; run `git fsck`. No ref has moved")
    if outcome.pack:
        leftovers.note(begun.backup, outcome.pack)
    shared, heads, renamed = moves.planned(survey, outcome)
    moves.write(git, survey, rewriting, outcome, shared)
    symbolic.note(git, symbolic.changes(git, renamed))
    begun = dataclasses.replace(begun, refs=shared, heads=heads, done=(*begun.done, "written"))
    journal.save(git, begun)
    return begun


def _backed_up(git: Git, made: Mapping[str, Any], options: Options) -> Journal:
    """Take a backup. It is noted before where it will be: a kill must not leave one that nobody knows of."""
    folder = os.path.realpath(options.backup or backup.default_folder(git))
    begun = dataclasses.replace(journal.begin(git, made["hash"]), backup="" if os.path.lexists(folder) else folder)
    try:
        journal.save(git, begun)
        saved = backup.create(git, folder)
        done = dataclasses.replace(begun, backup=saved.folder, done=("backed up",))
        journal.save(git, done)
    except BaseException:
        _give_up(git, begun)
        raise
    return done


def _malformed(survey: plan.Survey) -> Iterator[state.Objection]:
    """Yield that there are trees that git itself may not be able to read, and so cannot pack or prune."""
    if rows := survey.found.graph.malformed:
        others = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        why = (
            f"tree {survey.inventory.table.oid(rows[0])}{others}: it is malformed, and git may not be able to pack it; "
            "take it out of the history, or run `git prune` if nothing leads to it"
        )
        yield state.Objection("malformed", why, overridable=True)


def _still_checked_out(git: Git, survey: plan.Survey, rewriting: Rewriting) -> Iterator[state.Objection]:
    """Yield that a working tree has a value in what its HEAD holds now."""
    trees = rewriting.affected.trees
    changing = rewriting.affected.leading.keys() | rewriting.affected.paths.changing
    for place in layout(git).worktrees:
        head = survey.roots.refs.get(place.branch()) or survey.roots.heads.get(f"{place.name}/HEAD")
        if place.top and head and trees.get(survey.rows[head]) in changing:
            why = (
                f"{place.top}: HEAD still has what is to go; take it out of the files and commit that first, or the "
                "files stay as they are and bring it back with the next commit"
            )
            yield state.Objection("head", why, overridable=True)


def _finish(order: _Order, begun: Journal) -> Applied:
    """Move the refs, and do all that comes after: each step once, or again after a kill."""
    git, made, targets, options, say = order
    values = [target.purged for target in targets]
    moved = [*begun.refs, *begun.heads]
    say(f"moving {len(moved)} refs")
    refs.move(git, begun.refs, begun.heads)
    symbolic.follow(git)
    if "reflogs" not in begun.done:
        _rewrite_reflogs(git, forms_of(values))
        journal.note(git, "reflogs")
    if "index" not in begun.done:
        _refresh_indexes(git, begun)
        journal.note(git, "index")
    if options.prune:
        say("pruning what nothing leads to any more")
        prune(git, moved, forms_of(values))
        journal.note(git, "pruned")
    afterwards = files.write(git, made)
    say("searching every object again")
    proof = prove(git, values, plan.deleted(made), plan.unsearched(made), jobs=options.jobs)
    names = tuple(name for name, move in begun.refs.items() if move.new)
    record.write(git, made, options.rotated, begun.backup, names, proof)
    kept.forget(git, targets)
    journal.end(git)
    return Applied(begun.backup, names, moves.file(git), proof, afterwards)


def _rewrite_reflogs(git: Git, forms: Forms) -> None:
    if layout(git).reftable:
        return
    known = moves.read(git)
    by_start: dict[str, list[str]] = {}
    for old in known:
        by_start.setdefault(old[:7], []).append(old)

    def new(word: bytes) -> bytes | None:
        found = [old for old in by_start.get(word[:7].decode(), ()) if old.startswith(word.decode())]
        return known[found[0]].encode() if len(found) == 1 else None

    refs.rewrite_reflogs(git, known, lambda text: commits.with_ids(forms.replaced_text(text), new))


def _refresh_indexes(git: Git, begun: Journal) -> None:
    """Let the index of each working tree be what its HEAD is now, where that has another tree than before."""
    place, before = layout(git), {new: old for old, new in moves.read(git).items()}
    for tree in place.worktrees:
        move = begun.refs.get(tree.branch()) or begun.heads.get(f"{tree.name}/HEAD")
        old = move and (move.old or before.get(move.new or ""))  # of a ref that was renamed only the new id is known
        if move and move.new and old and _tree(git, old) != _tree(git, move.new):
            indexes.run(place, tree, "read-tree", "-i", "-m", "HEAD")  # whatever the files are


def _tree(git: Git, commit: str) -> bytes:
    return git.run("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}", fine=(1, 128))

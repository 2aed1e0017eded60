"""What a commit does to the file, so that nobody switches findings off unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.baseline.file import NAME, Baseline, parse
from tightlip.config.repository import oid_in
from tightlip.errors import UsageError
from tightlip.git.repo import resolve

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git


def between(git: Git, old: str, new: str) -> str:
    """Return in words what becomes of the file: `2 entries more, 1 entry changed`.

    Parameters: the ids of two versions, or nothing for none. Raises `UsageError` where the new one cannot be read.
    """
    before = _read(git, old, strict=False).by_key()
    after = _read(git, new, strict=True).by_key()
    more, fewer = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    changed = sum(after[key].judgement != before[key].judgement for key in after.keys() & before.keys())
    counts = [(more, "more"), (fewer, "fewer"), (changed, "judged anew")]
    said = ", ".join(f"{number:,} {'entry' if number == 1 else 'entries'} {what}" for number, what in counts if number)
    return said or "no entry more or fewer"


def by_merge(git: Git, base: str, head: str) -> list[str]:
    """Say that a merge of `head` into `base` would change the file, if it would. Raises `GitError`."""
    ours, theirs = resolve(git, [base, head])
    common = git.run("merge-base", ours, theirs, fine=(1,)).decode().strip()
    old, new = oid_in(git, common, NAME) if common else "", oid_in(git, theirs, NAME)
    if old == new:
        return []
    try:
        what = between(git, old, new)
    except UsageError as error:
        what = f"which cannot be read then: {error}"
    return [f"{head} changes {NAME} ({what}); until it is merged, the one of {base} counts"]


def _read(git: Git, oid: str, *, strict: bool) -> Baseline:
    if not oid:
        return Baseline(())
    try:
        return parse(git.run("cat-file", "blob", oid))
    except UsageError:
        if strict:
            raise
        return Baseline(())

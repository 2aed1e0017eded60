"""GitHub workflows that check a stranger's code out where this repository's secrets are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import Scalar

_TARGETS = ("pull_request_target", "workflow_run")
_HEAD = re.compile(
    r"github\.(?:event\.(?:pull_request\.(?:head|merge_commit_sha)|workflow_run\.head_\w+)|head_ref)|refs/pull/"
)
_CHECKS_OUT = re.compile(r"\bgit\s+(?:-\S+\s+)*(?:fetch|checkout|switch|pull|clone|merge|worktree)\b")
_CHECKS_REQUEST_OUT = re.compile(r"\bgh\s+pr\s+checkout\b")
_FROM_STORE = re.compile(r"secrets\.\w+|^inherit$")
_OWN = re.compile(
    r"head\.repo\.full_name\s*==\s*github\.repository\b|head\.repo\.fork\s*==\s*false|!\s*\S*head\.repo\.fork"
)
"""A condition that holds for branches of the repository itself alone."""


def look(path: str, scalars: Sequence[Scalar]) -> Iterator[Problem]:
    """Yield each checkout. Parameters: `scalars`, all texts of the workflow."""
    triggers = (it for it in scalars if it.path and it.path[0] in ("on", "true"))
    names = {word for it in triggers for word in (*it.path, it.value) if word in _TARGETS}
    if not names:
        return
    has_secrets = any(_FROM_STORE.search(it.value) for it in scalars)
    what = "and has secrets" if has_secrets else "with a token that may write here"
    for place, step in _steps(scalars).items():
        around = [it for it in scalars if _holds_for(it, place)]
        if any(it.path[-1] == "if" and _OWN.search(it.value) for it in around):
            continue
        variables = [it.path[-1] for it in around if "env" in it.path and _HEAD.search(it.value)]
        if at := _checkout(step, variables):
            yield Problem(f"{path}:{at.line}", f"on {min(names)}, a stranger's code is checked out and run, {what}")


def _holds_for(it: Scalar, place: tuple[str, ...]) -> bool:
    """Whether a condition or a variable is that of a step, of its job or of the workflow."""
    depth = len(it.path) - (2 if it.path[-2:-1] == ("env",) else 1)
    return depth >= 0 and it.path[depth] in ("if", "env") and it.path[:depth] == place[:depth]


def _steps(scalars: Sequence[Scalar]) -> dict[tuple[str, ...], list[Scalar]]:
    """Return the texts of each step, by the keys that lead to it."""
    found: dict[tuple[str, ...], list[Scalar]] = {}
    for it in scalars:
        if "steps" in it.path:
            found.setdefault(it.path[: it.path.index("steps") + 2], []).append(it)
    return found


def _checkout(step: Sequence[Scalar], variables: Sequence[str]) -> Scalar | None:
    """Return what says that a step checks a stranger's code out. Parameters: `variables`, those that name that code."""
    keys = {it.path[-1]: it for it in step}
    if "checkout" in getattr(keys.get("uses"), "value", ""):
        return next((it for it in step if it.path[-1] in ("ref", "repository") and _HEAD.search(it.value)), None)
    run = keys.get("run")
    if run is None:
        return None
    is_named = _HEAD.search(run.value) or any(re.search(rf"\b{re.escape(name)}\b", run.value) for name in variables)
    if _CHECKS_REQUEST_OUT.search(run.value) or (is_named and _CHECKS_OUT.search(run.value)):
        return run
    return None

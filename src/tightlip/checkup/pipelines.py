"""CI files, images, Terraform and Kubernetes: whether secrets come from a store, and not from a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tightlip.checkup.line import WARN, Line, judged
from tightlip.config.globs import Glob, glob
from tightlip.hygiene import ci, containers, docker, dotenv, manifests, terraform
from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import NotYaml
from tightlip.report.html.shell import argument
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place

Look = Callable[[str, bytes], Iterable[Problem]]
Checks = list[tuple[str, Look]]
"""Files, each with what is asked of it."""
_FILE = "FILE"


def look(place: Place) -> Iterator[Line]:
    """Tell of each. Raises `GitError`."""
    yield _ci(place)
    mend = "docker build --secret, RUN --mount=type=secret; and give the rest when the image runs"
    checks: Checks = [(path, docker.look) for path in place.tracked if docker.is_dockerfile(path)]
    yield _line(place, "Images are built without secrets", checks, "Dockerfile", mend)
    mend = "env_file: .env, or secrets:, in place of the value; and rotate it"
    checks = [(path, docker.look_compose) for path in place.tracked if docker.is_compose(path)]
    yield _line(place, "Compose files hold no secret", checks, "compose file", mend)
    mend = "valueFrom: with the secret's ARN (ECS), or secretKeyRef (Kubernetes), in place of the value; and rotate it"
    checks = _that_are(place, containers.may_be_one, containers.look)
    yield _line(place, "Containers are given no secret in clear", checks, "definition", mend)
    yield from _terraform(place)
    mend = f"sops encrypt --encrypted-regex '^(data|stringData)$' --in-place {_FILE}, or kubeseal; and rotate it"
    checks = _that_are(place, manifests.may_be_one, manifests.look)
    yield _line(place, "Kubernetes Secrets are not in clear", checks, "manifest", mend)


def _that_are(place: Place, is_one: Callable[[str, bytes], bool], check: Look) -> Checks:
    """Return the YAML and JSON files that are of a kind by what is in them."""
    every = [(path, place.read(path)) for path in place.tracked if path.endswith(containers.ENDS)]
    return [(path, check) for path, data in every if is_one(path, data) or place.unread([path])]


def _line(  # noqa: PLR0913, PLR0917 - all that makes a line
    place: Place, title: str, checks: Checks, noun: str, mend: str, found: Sequence[Problem] = ()
) -> Line:
    problems = list(found)
    unread: list[Problem] = []
    for path, check in checks:
        data = place.read(path)
        try:
            problems += [] if dotenv.is_sealed(data, path) else check(path, data)
        except NotYaml as error:
            unread.append(Problem(path, f"it cannot be checked: {error}"))
    unread += place.unread(path for path, _ in checks)
    if len(files := {it.where.rpartition(":")[0] for it in problems}) == 1:
        mend = mend.replace(_FILE, argument(files.pop()))
    return judged(title, problems, mend, fine=f"{count(len(checks), noun)} in git", unread=unread)


def _ci(place: Place) -> Line:
    whose = {path: name for path in place.tracked if (name := ci.platform(path))}
    waiting = [path for path, name in whose.items() if name == ci.GITLAB]
    while waiting:
        globs = [glob(os.fsencode(f"/{text}")) for text in _included(place, waiting.pop())]
        new = [path for path in place.tracked if path not in whose and _is_any(globs, path)]
        whose |= dict.fromkeys(new, ci.GITLAB)
        waiting += new
    checks: Checks = [(path, partial(ci.look, whose=name)) for path, name in whose.items()]
    mend = "put it into the platform's store, name it from there, and rotate it"
    return _line(place, "CI files use the platform's secret store", checks, "CI file", mend)


def _included(place: Place, path: str) -> list[str]:
    try:
        return ci.includes(place.read(path))
    except NotYaml:
        return []  # which the check of this file says


def _is_any(globs: Sequence[Glob], path: str) -> bool:
    return any(it.matches(os.fsencode(path), is_folder=False) for it in globs)


def _terraform(place: Place) -> Iterator[Line]:
    title = "Terraform's state and secrets are not in git"
    states = [it for path in place.tracked if not _is_sealed(place, path) for it in terraform.look_name(path)]
    checks: Checks = [(path, terraform.look) for path in place.tracked if terraform.is_variables(path)]
    configured = [path for path in place.tracked if terraform.is_configuration(path)]
    checks += [(path, terraform.look_configuration) for path in configured]
    mend = "take the value out, and rotate it"
    if states:
        names = " ".join(argument(it.where) for it in states)
        mend = f"{place.from_git} rm --cached {names}; keep state in a backend that encrypts it; rotate what it holds"
    yield _line(place, title, checks, "file", mend, states)
    if configured:
        shown = [it for path in configured for it in terraform.insensitive(path, place.read(path))]
        mend = "sensitive = true, in each variable"
        yield judged(
            "Terraform's secret variables are sensitive", shown, mend, fine=count(len(configured), "file"), bad=WARN
        )


def _is_sealed(place: Place, path: str) -> bool:
    return any(terraform.look_name(path)) and dotenv.is_sealed(place.read(path), path)

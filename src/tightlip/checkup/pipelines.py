"""CI files, images, Terraform and Kubernetes: whether secrets come from a store, and not from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import OK, Line, judged
from tightlip.hygiene import ci, docker, manifests, terraform
from tightlip.hygiene.problem import Problem
from tightlip.hygiene.tree import NotYaml
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place

Look = Callable[[str, bytes], Iterator[Problem]]


def look(place: Place) -> Iterator[Line]:
    """Tell of each. Raises `GitError`."""
    mend = "put it into the platform's store, name it from there, and rotate it"
    yield _line(place, "CI files use the platform's secret store", ci.look, mend, ci.platform, "CI file")
    mend = "docker build --secret, RUN --mount=type=secret; and give the rest when the image runs"
    yield _line(place, "Images are built without secrets", docker.look, mend, docker.is_dockerfile, "Dockerfile")
    mend = "env_file: .env, or secrets:, in place of the value"
    yield _line(place, "Compose files hold no secret", docker.look_compose, mend, docker.is_compose, "compose file")
    yield _terraform(place)
    yield _manifests(place)


def _line(  # noqa: PLR0913, PLR0917 - all that makes a line
    place: Place, title: str, check: Look, mend: str, of: Callable[[str], object], noun: str
) -> Line:
    paths = [path for path in place.tracked if of(path)]
    problems = [it for path in paths for it in _checked(check, path, place.read(path))]
    return judged(title, problems, mend, fine=count(len(paths), noun))


def _checked(check: Look, path: str, data: bytes) -> Iterator[Problem]:
    try:
        yield from check(path, data)
    except NotYaml as error:
        yield Problem(path, f"it cannot be checked: {error}")


def _terraform(place: Place) -> Line:
    problems = [it for path in place.tracked for it in terraform.look_name(path)]
    paths = [path for path in place.tracked if terraform.is_variables(path)]
    problems += [it for path in paths for it in terraform.look(path, place.read(path))]
    mend = "git rm --cached FILE; keep state in a backend that encrypts it; rotate what it holds"
    return judged(
        "Terraform's state and secrets are not in git", problems, mend, fine=count(len(paths), ".tfvars file")
    )


def _manifests(place: Place) -> Line:
    title = "Kubernetes Secrets are not in clear"
    paths = [it for it in place.tracked if it.endswith((".yaml", ".yml")) and manifests.may_be_one(it, place.read(it))]
    if not paths:
        return Line(OK, title, "there is none")
    problems = [it for path in paths for it in _checked(manifests.look, path, place.read(path))]
    mend = "sops encrypt --encrypted-regex '^(data|stringData)$' --in-place FILE, or kubeseal; and rotate it"
    return judged(title, problems, mend, fine=count(len(paths), "manifest"))

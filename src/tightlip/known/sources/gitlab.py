"""GitLab: the CI/CD variables of a project or a group, and of the groups above it.

`gitlab:group/project`. Hidden variables are named as not read: GitLab gives them to nobody. Logs in with GITLAB_TOKEN,
at GITLAB_URL or CI_SERVER_URL, else gitlab.com. Variables of pipeline schedules and of the whole instance are not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

from tightlip.errors import UsageError
from tightlip.known.asking import mapping, some
from tightlip.known.rest import Refused, Rest, quoted
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

_RIGHTS = "the token needs the scope read_api or api, and the role Maintainer (Owner for a group)"


def secrets(where: str) -> Iterator[Known]:
    """Yield the variables that pipelines of a project or a group have. Raises `UsageError`."""
    source, path = f"gitlab:{where}", where.strip("/")
    if not path:
        raise UsageError(f"{source}: no project; write gitlab:GROUP/PROJECT")
    token = os.environ.get("GITLAB_TOKEN")
    if not token:
        raise UsageError(f"{source}: no token; set GITLAB_TOKEN (a job's own CI_JOB_TOKEN may not read variables)")
    address = os.environ.get("GITLAB_URL") or os.environ.get("CI_SERVER_URL") or "https://gitlab.com"
    with closing(Rest(source, f"{address.rstrip('/')}/api/v4", token)) as server:
        nothing = UsageError(f"{source}: there are no variables, also not of the groups above it")
        yield from some(_everything(server, source, path), nothing)


def _everything(server: Rest, source: str, path: str) -> Iterator[Known]:
    yield from _own(server, source, path)
    above = "" if _is_of_a_person(server, path) else path.rpartition("/")[0]
    while above:
        try:
            yield from _variables(server, "groups", above)
        except Refused:
            yield Unread(f"{above}/", "the token may not read the variables of this group", is_current=True)
        above = above.rpartition("/")[0]


def _is_of_a_person(server: Rest, path: str) -> bool:
    """Whether it is a project with a person's name above it, and no group."""
    try:
        return mapping(server.get(f"projects/{quoted(path)}").get("namespace")).get("kind") == "user"
    except Refused:
        return False


def _own(server: Rest, source: str, path: str) -> Iterator[Known]:
    """Yield the variables of what the path is, a project or a group."""
    for kind in ("projects", "groups"):
        try:
            yield from _variables(server, kind, path)
        except Refused:
            continue
        return
    raise UsageError(f"{source}: there is no such project or group for this token; {_RIGHTS}")


def _variables(server: Rest, kind: str, path: str) -> Iterator[Known]:
    for told in server.pages(f"{kind}/{quoted(path)}/variables"):
        scope, value = told.get("environment_scope"), told.get("value")
        name = f"{path}/{told.get('key', '')}{f'@{scope}' if scope not in {None, '*'} else ''}"
        if isinstance(value, str):
            yield from from_text(name, value.encode("utf-8", "surrogatepass"))
        else:
            yield Unread(name, "GitLab gives hidden variables to nobody", is_current=True)

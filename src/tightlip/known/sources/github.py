"""GitHub: the Actions variables of a repository; of its secrets only the names, for GitHub never gives the values.

`github:owner/repository`, with the variables of its environments and organization. Secrets are named as not read: to
search for them, take them from where they were made. Logs in with GITHUB_TOKEN or GH_TOKEN, at GITHUB_API_URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

from tightlip.errors import UsageError
from tightlip.known.asking import mapping, moment, some
from tightlip.known.rest import Refused, Rest, quoted
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

_NEVER = "GitHub never gives the values of secrets; take it from where it was made"
_RIGHTS = "the token needs to read Actions variables, secrets and environments"
_SIZE = 30  # variables on a page, at most


def secrets(where: str) -> Iterator[Known]:
    """Yield the variables of a repository, and the names of its secrets. Raises `UsageError`."""
    source = f"github:{where}"
    owner, _, name = where.partition("/")
    if not owner or not name or "/" in name:
        raise UsageError(f"{source}: no repository; write github:OWNER/REPOSITORY")
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not token:
        raise UsageError(f"{source}: no token; set GITHUB_TOKEN")
    address = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    repository = f"repos/{quoted(owner)}/{quoted(name)}"
    with closing(Rest(source, address, token)) as server:
        nothing = UsageError(f"{source}: the repository has no variables and no secrets")
        yield from some(_everything(server, source, repository, where), nothing)


def _everything(server: Rest, source: str, repository: str, shown: str) -> Iterator[Known]:
    try:
        yield from _variables(server, f"{repository}/actions/variables", shown)
    except Refused:
        raise UsageError(f"{source}: there is no such repository for this token; {_RIGHTS}") from None
    yield from _rest(server, repository, shown)


def _rest(server: Rest, repository: str, shown: str) -> Iterator[Known]:
    """Yield what else there is, and name the parts that this token may not see."""
    environments: list[str] = []
    parts = [
        (_names(server, f"{repository}/actions/secrets", shown), "secrets"),
        (_names(server, f"{repository}/dependabot/secrets", f"{shown}/dependabot"), "secrets of Dependabot"),
    ]
    if not _is_of_a_person(server, repository):
        inside = f"{shown}/organization"
        parts.append(
            (
                _variables(server, f"{repository}/actions/organization-variables", inside),
                "variables of the organization",
            )
        )
        parts.append(
            (_names(server, f"{repository}/actions/organization-secrets", inside), "secrets of the organization")
        )
    try:
        environments += [
            str(each.get("name", "")) for each in server.pages(f"{repository}/environments", "environments")
        ]
    except Refused:
        yield Unread(f"{shown}/environments", "the token may not list them", is_current=True)
    for environment in environments:
        path, inside = f"{repository}/environments/{quoted(environment)}", f"{shown}/{environment}"
        parts.append((_variables(server, f"{path}/variables", inside), f"variables of {environment!r}"))
        parts.append((_names(server, f"{path}/secrets", inside), f"secrets of {environment!r}"))
    for part, what in parts:
        yield from _allowed(part, shown, what)


def _is_of_a_person(server: Rest, repository: str) -> bool:
    """Whether no organization owns it."""
    try:
        return mapping(server.get(repository).get("owner")).get("type") == "User"
    except Refused:
        return False


def _allowed(part: Iterator[Known], shown: str, what: str) -> Iterator[Known]:
    try:
        yield from part
    except Refused:
        yield Unread(shown, f"the token may not list its {what}", is_current=True)


def _variables(server: Rest, path: str, shown: str) -> Iterator[Known]:
    for told in server.pages(path, "variables", _SIZE):
        value = str(told.get("value", "")).encode("utf-8", "surrogatepass")
        yield from from_text(f"{shown}/{told.get('name', '')}", value, created=moment(told.get("updated_at")))


def _names(server: Rest, path: str, shown: str) -> Iterator[Known]:
    for told in server.pages(path, "secrets"):
        yield Unread(f"{shown}/{told.get('name', '')}", _NEVER, is_current=True)

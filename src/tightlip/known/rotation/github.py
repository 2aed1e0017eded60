"""GitHub: when the secrets of a repository, its environments and its organization were last set. It gives no value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing

from tightlip.errors import UsageError
from tightlip.known.asking import moment
from tightlip.known.rest import Refused, Rest, quoted
from tightlip.known.rotation.told import Rotation


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the secrets of a repository. Raises `UsageError`."""
    source = f"github:{where}"
    owner, _, name = where.partition("/")
    token = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not owner or not name or "/" in name:
        raise UsageError(f"{source}: no repository; write github:OWNER/REPOSITORY")
    if not token:
        raise UsageError(f"{source}: no token; set GITHUB_TOKEN")
    repository = f"repos/{quoted(owner)}/{quoted(name)}"
    with closing(Rest(source, os.environ.get("GITHUB_API_URL") or "https://api.github.com", token)) as server:
        try:
            yield from _secrets(server, f"{repository}/actions/secrets", where)
        except Refused:
            raise UsageError(
                f"{source}: there is no such repository for this token, or it may not list secrets"
            ) from None
        yield from _allowed(server, f"{repository}/dependabot/secrets", f"{where}/dependabot")
        yield from _allowed(server, f"{repository}/actions/organization-secrets", f"{where}/organization")
        for environment in _environments(server, repository):
            path = f"{repository}/environments/{quoted(environment)}/secrets"
            yield from _allowed(server, path, f"{where}/{environment}")


def _environments(server: Rest, repository: str) -> list[str]:
    try:
        return [str(it.get("name", "")) for it in server.pages(f"{repository}/environments", "environments")]
    except Refused:
        return []  # GitHub has none of a private repository without a plan for it


def _allowed(server: Rest, path: str, shown: str) -> Iterator[Rotation]:
    try:
        yield from _secrets(server, path, shown)
    except Refused:
        yield Rotation(f"{shown}/", why="the token may not list them")


def _secrets(server: Rest, path: str, shown: str) -> Iterator[Rotation]:
    for told in server.pages(path, "secrets"):
        name = f"{shown}/{told.get('name', '')}"
        yield Rotation(name, is_automatic=False, changed=moment(told.get("updated_at")))

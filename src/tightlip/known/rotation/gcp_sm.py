"""Google Cloud Secret Manager: when the newest enabled version was made, and when the secret ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.asking import Counted
from tightlip.known.google import SECONDS, Refused, everything, google, split
from tightlip.known.rotation.told import Rotation, when

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import Secret, SecretManagerServiceClient

_NO_LIST = (
    "these credentials may not list the project's secrets, or its Secret Manager is off; "
    "they need roles/secretmanager.viewer"
)


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the secrets of a project, or of those with a prefix. Raises `UsageError`."""
    source = f"gcp-sm:{where}"
    project, prefix = split(source, where)
    count, seen = Counted(source), False
    with google(source) as client:
        try:
            for secret in everything(
                source, lambda: client.list_secrets(parent=f"projects/{project}", timeout=SECONDS)
            ):
                count()
                if str(secret.name).rpartition("/")[2].startswith(prefix):
                    seen = True
                    told = _secret(source, client, secret)
                    yield told._replace(name=f"{project}/{told.name}")
        except Refused:
            raise UsageError(f"{source}: {_NO_LIST}") from None
    if not seen:
        raise UsageError(f"{source}: the project has no secret whose name begins so")


def _secret(source: str, client: SecretManagerServiceClient, secret: Secret) -> Rotation:
    name = str(secret.name).rpartition("/")[2]
    ends = when(secret.expire_time)
    try:
        versions = list(
            everything(source, lambda: client.list_secret_versions(parent=str(secret.name), timeout=SECONDS))
        )
    except Refused:
        return Rotation(name, expires=ends, why="these credentials may not list its versions")
    made = [version.create_time for version in versions if version.state.name == "ENABLED"]
    changed = max(made, default=None)
    return Rotation(
        name, is_automatic=False, changed=changed, expires=ends, why="" if changed else "no version is enabled"
    )

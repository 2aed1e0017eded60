"""Google Cloud Secret Manager: the secrets of a project, or those whose names begin with a prefix, with all versions.

`gcp-sm:my-project` or `gcp-sm:my-project/prefix`. Disabled and destroyed versions are named as not read. Logs in with
Google's application default credentials: GOOGLE_APPLICATION_CREDENTIALS, or `gcloud auth application-default login`.
Regional secrets are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.asking import Counted
from tightlip.known.google import SECONDS, Refused, asking, everything, google, split
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient, SecretVersion


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets of a project, current versions and earlier ones. Raises `UsageError`."""
    source = f"gcp-sm:{where}"
    project, prefix = split(source, where)
    count, found = Counted(source), 0
    with google(source) as client:
        try:
            for secret in everything(
                source, lambda: client.list_secrets(parent=f"projects/{project}", timeout=SECONDS)
            ):
                count()
                name = str(secret.name).rpartition("/")[2]
                if name.startswith(prefix):
                    found += 1
                    yield from _secret(source, client, str(secret.name), name)
        except Refused:
            raise UsageError(
                f"{source}: these credentials may not list the project's secrets, or it has another name, or its "
                "Secret Manager is off; they need roles/secretmanager.viewer"
            ) from None
    if not found:
        raise UsageError(f"{source}: the project has no secret whose name begins so")


def _secret(source: str, client: SecretManagerServiceClient, path: str, name: str) -> Iterator[Known]:
    try:
        versions = list(everything(source, lambda: client.list_secret_versions(parent=path, timeout=SECONDS)))
    except Refused:
        yield Unread(name, "these credentials may not list its versions", is_current=True)
        return
    current = _current(versions)
    for version in versions:
        yield from _version(source, client, name, version, is_current=version is current)


def _current(versions: list[SecretVersion]) -> SecretVersion | None:
    """Return the newest version that is enabled; where none is, the newest whose value Google still has."""
    kept = [version for version in versions if version.state.name != "DESTROYED"]
    return max(kept, key=lambda it: (it.state.name == "ENABLED", it.create_time), default=None)


def _version(
    source: str, client: SecretManagerServiceClient, name: str, version: SecretVersion, *, is_current: bool
) -> Iterator[Known]:
    number, state = str(version.name).rpartition("/")[2], str(version.state.name)
    value, why = None, state.lower()
    if state == "ENABLED":
        try:
            value, why = _value(source, client, version), "its checksum is wrong"
        except Refused as refused:
            why = str(refused)
    if value is None:
        yield Unread(name, why, version=number, is_current=is_current)
    else:
        yield from from_text(name, value, version=number, created=version.create_time, is_current=is_current)


def _value(source: str, client: SecretManagerServiceClient, version: SecretVersion) -> bytes | None:
    """Return the value of a version, or None where its bytes are not those that Google keeps."""
    import google_crc32c

    with asking(source):
        payload = client.access_secret_version(name=version.name, timeout=SECONDS).payload
    data = bytes(payload.data)
    return data if "data_crc32c" not in payload or google_crc32c.value(data) == payload.data_crc32c else None

"""Azure Key Vault: when the newest enabled version was made, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.asking import Counted
from tightlip.known.azure import Refused, azure, everything
from tightlip.known.rotation.told import Rotation

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient

_NO_LIST = (
    "this login may not list the vault's secrets, or not from this network; it needs the role Key Vault Secrets User"
)


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the secrets of a vault. Raises `UsageError`."""
    source = f"azure-kv:{where}"
    count = Counted(source)
    with azure(source, where) as client:
        try:
            for listed in everything(source, client.list_properties_of_secrets):
                count()
                told = _secret(source, client, str(listed.name))
                yield told._replace(name=f"{where}/{told.name}")
        except Refused:
            raise UsageError(f"{source}: {_NO_LIST}") from None
    if not count.seen:
        raise UsageError(f"{source}: the vault has no secrets")


def _secret(source: str, client: SecretClient, name: str) -> Rotation:
    try:
        versions = list(everything(source, lambda: client.list_properties_of_secret_versions(name)))
    except Refused:
        return Rotation(name, why="this login may not list its versions")
    dated = [(it.created_on, it.expires_on) for it in versions if it.enabled is not False and it.created_on]
    if not dated:
        return Rotation(name, why="no version of it is enabled")
    made, ends = max(dated, key=lambda it: it[0])
    return Rotation(name, is_automatic=False, changed=made, expires=ends)

"""Azure Key Vault: the secrets of a vault, with all of their versions.

`azure-kv:myvault`, or its address, such as `azure-kv:https://myvault.vault.azure.cn`. Disabled versions are named as
not read. Logs in as Azure's library finds it: AZURE_CLIENT_ID and the rest, a managed identity, or `az login`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.known.asking import Counted
from tightlip.known.azure import Refused, asking, azure, everything
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient, SecretProperties


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets of a vault, current versions and earlier ones. Raises `UsageError`."""
    source = f"azure-kv:{where}"
    count = Counted(source)
    with azure(source, where) as client:
        try:
            for listed in everything(source, client.list_properties_of_secrets):
                count()
                yield from _secret(source, client, str(listed.name))
        except Refused:
            raise UsageError(
                f"{source}: this login may not list the vault's secrets, or not from this network; "
                "it needs the role Key Vault Secrets User"
            ) from None
    if not count.seen:
        raise UsageError(f"{source}: the vault has no secrets")


def _secret(source: str, client: SecretClient, name: str) -> Iterator[Known]:
    try:
        versions: list[SecretProperties] = list(
            everything(source, lambda: client.list_properties_of_secret_versions(name))
        )
    except Refused:
        yield Unread(name, "this login may not list its versions", is_current=True)
        return
    newest = max(versions, key=lambda version: (version.created_on is not None, version.created_on), default=None)
    for version in versions:
        is_current = version is newest
        if version.enabled is False:
            yield Unread(name, "disabled", version=version.version, is_current=is_current)
            continue
        try:
            with asking(source):
                value = client.get_secret(name, version.version).value
        except Refused:
            yield Unread(name, "this login may not read it", version=version.version, is_current=is_current)
            continue
        if value is None:
            yield Unread(name, "it has no value", version=version.version, is_current=is_current)
            continue
        text = str(value).encode("utf-8", "surrogatepass")
        created = version.created_on
        yield from from_text(name, text, version=version.version, created=created, is_current=is_current)

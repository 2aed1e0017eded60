"""Azure Key Vault: the secrets of a vault, with all of their versions.

`azure-kv:myvault`, or its address, such as `azure-kv:https://myvault.vault.azure.cn`. Disabled versions are named as
not read. Logs in as Azure's library finds it: AZURE_CLIENT_ID and the rest, a managed identity, or `az login`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from tightlip.errors import UsageError
from tightlip.known.asking import Counted, hush, library
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient, SecretProperties

_Thing = TypeVar("_Thing")
_NAME = re.compile(r"[A-Za-z0-9-]{3,24}")


class _Refused(Exception):
    """The vault answers that this login may not."""


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets of a vault, current versions and earlier ones. Raises `UsageError`."""
    source = f"azure-kv:{where}"
    address = f"https://{where}.vault.azure.net" if _NAME.fullmatch(where) else where
    if not address.startswith("https://"):
        raise UsageError(f"{source}: no vault; write azure-kv:NAME, or the vault's address with https://")
    with library("azure", source):
        from azure.core.pipeline.transport import RequestsTransport
        from azure.identity import DefaultAzureCredential
        from azure.keyvault.secrets import SecretClient

        from tightlip.known import web
    hush("azure")
    hush("msal")
    count = Counted(source)
    transport = RequestsTransport(
        session=web.Session(), connection_timeout=web.SECONDS, read_timeout=web.SECONDS, session_owner=True
    )
    with (
        DefaultAzureCredential() as login,
        SecretClient(
            address, login, transport=transport, permit_redirects=False, retry_connect=0, retry_read=0
        ) as client,
    ):
        try:
            for listed in _all(source, client.list_properties_of_secrets):
                count()
                yield from _secret(source, client, str(listed.name))
        except _Refused:
            raise UsageError(
                f"{source}: this login may not list the vault's secrets, or not from this network; "
                "it needs the role Key Vault Secrets User"
            ) from None
    if not count.seen:
        raise UsageError(f"{source}: the vault has no secrets")


def _secret(source: str, client: SecretClient, name: str) -> Iterator[Known]:
    try:
        versions: list[SecretProperties] = list(_all(source, lambda: client.list_properties_of_secret_versions(name)))
    except _Refused:
        yield Unread(name, "this login may not list its versions", is_current=True)
        return
    newest = max(versions, key=lambda version: (version.created_on is not None, version.created_on), default=None)
    for version in versions:
        is_current = version is newest
        if version.enabled is False:
            yield Unread(name, "disabled", version=version.version, is_current=is_current)
            continue
        try:
            with _asking(source):
                value = client.get_secret(name, version.version).value
        except _Refused:
            yield Unread(name, "this login may not read it", version=version.version, is_current=is_current)
            continue
        if value is None:
            yield Unread(name, "it has no value", version=version.version, is_current=is_current)
            continue
        text = str(value).encode("utf-8", "surrogatepass")
        created = version.created_on
        yield from from_text(name, text, version=version.version, created=created, is_current=is_current)


def _all(source: str, listing: Callable[[], Iterable[_Thing]]) -> Iterator[_Thing]:
    """Yield what is listed on all pages. Raises `_Refused`, `UsageError`."""
    with _asking(source):
        pages = iter(listing())
    while True:
        with _asking(source):
            each = next(pages, None)
        if each is None:
            return
        yield each


@contextmanager
def _asking(source: str) -> Iterator[None]:
    """Say what went wrong with a call of Azure's library. Raises `_Refused`, `UsageError`."""
    from azure.core import exceptions as answers

    from tightlip.known import web

    try:
        yield
    except answers.ClientAuthenticationError:
        problem = _NO_LOGIN
    except (answers.ServiceRequestError, answers.ServiceResponseError) as error:
        cause = error.inner_exception
        problem = f"the vault cannot be asked: {web.trouble(cause if isinstance(cause, Exception) else error)}"
    except answers.HttpResponseError as error:
        if error.status_code == 403:
            raise _Refused from None
        status = error.status_code or 0
        problem = f"the vault answers with an error ({status})" if status >= 300 else _NO_VAULT
    except (answers.AzureError, AttributeError, TypeError, ValueError, LookupError, RecursionError):
        problem = _NO_VAULT
    else:
        return
    raise UsageError(f"{source}: {problem}")


_NO_LOGIN = (
    "Azure does not let this login in, or is not reached; run `az login`, or see AZURE_TENANT_ID and AZURE_CLIENT_ID"
)
_NO_VAULT = "this is no answer of a Key Vault, or none for this address"

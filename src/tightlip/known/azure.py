"""Asks Azure Key Vault, as Azure's own library logs in. Only to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from tightlip.errors import UsageError
from tightlip.known.asking import hush, library, paged

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient

_Thing = TypeVar("_Thing")
_NAME = re.compile(r"[A-Za-z0-9-]{3,24}")


class Refused(Exception):
    """The vault answers that this login may not."""


@contextmanager
def azure(source: str, where: str) -> Iterator[SecretClient]:
    """Give a client of a vault. Raises `UsageError`. Parameters: `where`, the vault's name, or its address."""
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
    transport = RequestsTransport(
        session=web.Session(), connection_timeout=web.SECONDS, read_timeout=web.SECONDS, session_owner=True
    )
    try:
        login = DefaultAzureCredential()
        client = SecretClient(
            address, login, transport=transport, permit_redirects=False, retry_connect=0, retry_read=0
        )
    except (OSError, ValueError, ImportError):
        raise UsageError(f"{source}: {_SETTINGS}") from None
    with login, client:
        yield client


def everything(source: str, listing: Callable[[], Iterable[_Thing]]) -> Iterator[_Thing]:
    """Return what is listed on all pages. Raises `Refused`, `UsageError`."""
    return paged(partial(asking, source), listing)


@contextmanager
def asking(source: str) -> Iterator[None]:
    """Say what went wrong with a call of Azure's library. Raises `Refused`, `UsageError`."""
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
            raise Refused from None
        status = error.status_code or 0
        if status == 429:
            problem = "the vault asks to be asked less often; try again later"
        else:
            problem = f"the vault answers with an error ({status})" if status >= 300 else _NO_VAULT
    except (answers.AzureError, AttributeError, TypeError, ValueError, LookupError, RecursionError):
        problem = _NO_VAULT
    else:
        return
    raise UsageError(f"{source}: {problem}")


_NO_LOGIN = (
    "Azure does not let this login in, or is not reached; run `az login`, or see AZURE_TENANT_ID and AZURE_CLIENT_ID"
)
_SETTINGS = (
    "Azure's settings, or the address, cannot be used; see AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH and "
    "AZURE_TOKEN_CREDENTIALS"
)
_NO_VAULT = "this is no answer of a Key Vault, or none for this address"

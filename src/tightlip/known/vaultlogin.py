"""Logs in to HashiCorp Vault or OpenBao, and asks it.

Everything comes from the environment, as for their own command lines: `BAO_X` before `VAULT_X`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tightlip.errors import UsageError
from tightlip.known.asking import library, mapping

if TYPE_CHECKING:
    import hvac


class Refused(Exception):
    """The vault will not answer this: the token may not ask (403), or the question makes no sense to it (400)."""


class Senseless(Refused):
    """The question makes no sense to it (400): what is to be written is not what it expects, say."""


class Vault:
    """A vault that let us in, and the source that asks."""

    def __init__(self, client: hvac.Client, source: str, address: str) -> None:
        self.client = client
        self._source, self._host = source, urlsplit(address).hostname or address

    def ask(self, call: Callable[..., object], *args: object, **named: object) -> dict[str, object] | None:
        """Return what a method of the client answers, None where there is nothing. Raises `Refused`, `UsageError`."""
        import hvac.exceptions

        try:
            answer = call(*args, **named)
        except hvac.exceptions.InvalidPath:
            return None
        except hvac.exceptions.Forbidden:
            raise Refused from None
        except hvac.exceptions.InvalidRequest:
            raise Senseless from None
        except (hvac.exceptions.VaultError, OSError, AttributeError, TypeError, ValueError, RecursionError) as error:
            problem = _problem(error)
        else:
            if isinstance(answer, dict):
                return answer
            problem = _NO_VAULT
        raise self.complaint(f"the vault at {self._host!r} {problem}")

    def data(self, call: Callable[..., object], *args: object, **named: object) -> dict[str, object] | None:
        """Return the part of an answer that vaults call data. Raises `Refused`, `UsageError`."""
        answer = self.ask(call, *args, **named)
        return None if answer is None else mapping(answer.get("data"))

    def complaint(self, problem: str) -> UsageError:
        """Return the error that names the source and a problem."""
        return UsageError(f"{self._source}: {problem}")


_NO_VAULT = "does not answer as a vault does; see VAULT_ADDR"


def _problem(error: Exception) -> str:
    """Say what went wrong, and nothing of what the server wrote."""
    import hvac.exceptions
    import requests

    from tightlip.known import web

    if isinstance(error, hvac.exceptions.VaultDown):
        return "is sealed or not ready; unseal it, or try again later"
    if isinstance(error, hvac.exceptions.RateLimitExceeded):
        return "asks to be left alone for a while (429); try again later"
    if isinstance(error, hvac.exceptions.VaultError):
        return f"answers with an error ({_STATUS.get(type(error).__name__, 'unexpected')}); see its log"
    if isinstance(error, requests.RequestException):
        return f"cannot be asked: {web.trouble(error)}"
    if isinstance(error, OSError):
        return "cannot be asked: a file that VAULT_CACERT or VAULT_CLIENT_CERT names cannot be read"
    return _NO_VAULT


_STATUS = {"Unauthorized": "401", "InternalServerError": "500", "BadGateway": "502"}


@contextmanager
def vault(source: str) -> Iterator[Vault]:
    """Give a vault to ask. A token that an AppRole gave is handed back after. Raises `UsageError`."""
    with library("vault", source):
        import hvac

        from tightlip.known import web
    address = _setting("ADDR") or "https://127.0.0.1:8200"
    session = web.Session()
    session.verify = _setting("CACERT") or _setting("CAPATH") or True
    session.cert = _certificate()
    client = hvac.Client(
        url=address,
        token=_setting("TOKEN"),
        timeout=web.SECONDS,
        session=session,
        namespace=_setting("NAMESPACE") or None,
        strict_http=True,  # a listing is a GET, which passes every proxy
    )
    opened = Vault(client, source, address)
    role = "" if client.token else _setting("ROLE_ID")
    try:
        if role:
            _login(opened, role)
        elif not client.token:
            client.token = _kept_token(source)
        if not (client.token.isascii() and client.token.isprintable()):
            raise opened.complaint("the token has characters that no token has, such as a line break")
        yield opened
    finally:
        if role and client.token:
            _hand_back(opened)
        client.adapter.close()


def _setting(name: str) -> str:
    return os.environ.get(f"BAO_{name}") or os.environ.get(f"VAULT_{name}") or ""


def _certificate() -> tuple[str, str] | str | None:
    """Return the files of a certificate and its key, or the one with both."""
    certificate, key = _setting("CLIENT_CERT"), _setting("CLIENT_KEY")
    return (certificate, key) if certificate and key else certificate or None


def _login(opened: Vault, role: str) -> None:
    """Log in by AppRole."""
    login = opened.client.auth.approle.login
    try:
        answer = opened.ask(login, role_id=role, secret_id=_setting("SECRET_ID") or None, use_token=False)
    except Refused:
        answer = None
    token = mapping((answer or {}).get("auth")).get("client_token")
    if not isinstance(token, str):
        raise opened.complaint("the vault refused the AppRole; see VAULT_ROLE_ID and VAULT_SECRET_ID")
    opened.client.token = token


def _kept_token(source: str) -> str:
    """Return the token that `vault login` or `bao login` left behind."""
    path = os.path.expanduser("~/.vault-token")
    try:
        with open(path, encoding="utf-8") as file:
            token = file.read(4096).strip()
    except FileNotFoundError:
        token = ""
    except (OSError, ValueError):
        raise UsageError(f"{source}: {path} cannot be read") from None
    if not token:
        raise UsageError(
            f"{source}: no token; set VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID, or run `vault login`"
        )
    return token


def _hand_back(opened: Vault) -> None:
    """Revoke the token that was made for this run. Where that fails it ends by itself."""
    with suppress(Refused, UsageError):
        opened.ask(opened.client.auth.token.revoke_self)

"""HashiCorp Vault and OpenBao, the KV engine of version 2, which keeps old versions itself.

The address and token are those that Vault's own program uses: VAULT_ADDR or BAO_ADDR, VAULT_TOKEN or BAO_TOKEN or
~/.vault-token, VAULT_NAMESPACE or BAO_NAMESPACE.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tightlip.errors import UsageError
from tightlip.model import Secret
from tightlip.rotate.place import Held, Place

if TYPE_CHECKING:
    import hvac

_TIMEOUT = 20


def read(place: Place) -> Held:
    """Return what the newest version of the path holds. Raises `UsageError`."""
    data, version = _current(_client(), place)
    value = data.get(place.key)
    if not isinstance(value, str):
        raise UsageError(f"{place}: the path has no text under that key")
    return Held(Secret(value.encode()), version)


def put(place: Place, held: Held, new: Secret) -> str:
    """Write a version with the new value, unless somebody else has written one since, and say where the old one is.

    Raises `UsageError`.
    """
    from hvac import exceptions

    client = _client()
    data, version = _current(client, place)
    mount, path = _split(place)
    if version != held.version:
        raise UsageError(_changed(place))
    try:
        text = new.reveal().decode("utf-8")
        client.secrets.kv.v2.create_or_update_secret(
            path=path, secret=data | {place.key: text}, cas=version, mount_point=mount
        )
    except UnicodeDecodeError:
        raise UsageError(f"{place}: a value that is not UTF-8 has no place there") from None
    except exceptions.InvalidRequest:
        raise UsageError(_changed(place)) from None
    except _failures() as error:
        raise UsageError(_why(place, error)) from None
    return f"the old one is version {version} of the path, which Vault keeps"


def confirm(place: Place) -> str:
    """Say how the old version is destroyed: nothing else is to be done. Raises `UsageError`."""
    version = read(place).version
    mount, path = _split(place)
    if version < 2:
        raise UsageError(f"{place}: there is one version only, so nothing is to be confirmed")
    return (
        f"version {version} of the path is the newest, and Vault keeps those before it with all of their keys; "
        f"to destroy the last: vault kv destroy -mount={mount} -versions={version - 1} {path}"
    )


def _client() -> hvac.Client:
    try:
        import hvac
    except ImportError:
        raise UsageError("a vault: place needs the hvac library; install it: pip install 'tightlip[vault]'") from None
    address, token = _setting("ADDR"), _setting("TOKEN") or _kept_token()
    if not address or not token:
        raise UsageError("a vault: place needs VAULT_ADDR and VAULT_TOKEN, or a login with `vault login`")
    return hvac.Client(url=address, token=token, namespace=_setting("NAMESPACE") or None, timeout=_TIMEOUT)


def _setting(name: str) -> str:
    return os.environ.get(f"VAULT_{name}") or os.environ.get(f"BAO_{name}") or ""


def _kept_token() -> str:
    try:
        return Path("~/.vault-token").expanduser().read_text("ascii").strip()
    except (OSError, UnicodeDecodeError, RuntimeError):
        return ""


def _split(place: Place) -> tuple[str, str]:
    mount, slash, path = place.where.strip("/").partition("/")
    if not slash or not path:
        raise UsageError(f"{place}: name the mount and the path in it, as in vault:secret/shop#api_key")
    return mount, path


def _current(client: hvac.Client, place: Place) -> tuple[dict[str, Any], int]:
    mount, path = _split(place)
    try:
        found = client.secrets.kv.v2.read_secret_version(path=path, mount_point=mount, raise_on_deleted_version=True)
        return dict(found["data"]["data"]), int(found["data"]["metadata"]["version"])
    except _failures() as error:
        raise UsageError(_why(place, error)) from None


def _failures() -> tuple[type[Exception], ...]:
    import requests
    from hvac.exceptions import VaultError

    return VaultError, requests.RequestException, KeyError, TypeError, ValueError


def _changed(place: Place) -> str:
    return f"{place}: somebody else has written there meanwhile; nothing was written, look and try again"


def _why(place: Place, error: Exception) -> str:
    """Say what failed, and not in the words of the library: they can hold what was sent."""
    import requests
    from hvac import exceptions

    if isinstance(error, exceptions.InvalidPath):
        return f"{place}: there is no such path, or it is no KV engine of version 2"
    if isinstance(error, (exceptions.Forbidden, exceptions.Unauthorized)):
        return f"{place}: the token may not do that"
    if isinstance(error, requests.RequestException):
        return f"{place}: the server cannot be reached"
    return f"{place}: the server refused it ({type(error).__name__})"

"""HashiCorp Vault and OpenBao, the KV engine of version 2, which keeps old versions itself.

The login is that of `vault:` sources of known secrets, and so are the variables that it comes from.
"""

from __future__ import annotations

from tightlip.errors import UsageError
from tightlip.known.asking import mapping
from tightlip.known.vaultlogin import Refused, Senseless, Vault, vault
from tightlip.known.vaultpaths import mount_of
from tightlip.model import Secret
from tightlip.rotate.place import Held, Place


def read(place: Place) -> Held:
    """Return what the newest version of the path holds. Raises `UsageError`."""
    with vault(str(place)) as opened:
        data, version = _current(opened, *_split(opened, place))
    value = data.get(place.key)
    if not isinstance(value, str):
        raise UsageError(f"{place}: the path has no text under that key")
    return Held(Secret(value.encode("utf-8", "surrogatepass")), version)


def put(place: Place, held: Held, new: Secret) -> str:
    """Write a version with the new value, unless somebody else has written one since, and say where the old one is.

    Raises `UsageError`.
    """
    try:
        text = new.reveal().decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{place}: a value that is not UTF-8 has no place there") from None
    changed = UsageError(f"{place}: somebody else has written there meanwhile; nothing was written, look and try again")
    with vault(str(place)) as opened:
        mount, path = _split(opened, place)
        data, version = _current(opened, mount, path)
        if version != held.version:
            raise changed
        write = opened.client.secrets.kv.v2.create_or_update_secret
        try:
            opened.ask(write, path=path, secret=data | {place.key: text}, cas=version, mount_point=mount)
        except Senseless:
            raise changed from None
        except Refused:
            raise opened.complaint("the token may read there and not write") from None
    return f"the old one is version {version} of the path, which Vault keeps"


def confirm(place: Place) -> str:
    """Say how the old version is destroyed: nothing else is to be done. Raises `UsageError`."""
    with vault(str(place)) as opened:
        mount, path = _split(opened, place)
        _, version = _current(opened, mount, path)
    if version < 2:
        raise UsageError(f"{place}: there is one version only, so nothing is to be confirmed")
    return (
        f"version {version} of the path is the newest, and Vault keeps those before it with all of their keys; "
        f"to destroy the last: vault kv destroy -mount={mount} -versions={version - 1} {path}"
    )


def _split(opened: Vault, place: Place) -> tuple[str, str]:
    """Return where the engine is mounted, and the path in it. Raises `UsageError`."""
    where = place.where.strip("/")
    if "/" not in where:
        raise opened.complaint("name the mount and the path in it, as in vault:secret/shop#api_key")
    mount, kind = mount_of(opened, where)
    if kind != "kv2":
        raise opened.complaint(f"the engine at {mount!r} keeps no old versions; it has to be KV of version 2")
    path = where.removeprefix(mount).strip("/")
    if not path:
        raise opened.complaint("name the path in the mount, as in vault:secret/shop#api_key")
    return mount, path


def _current(opened: Vault, mount: str, path: str) -> tuple[dict[str, object], int]:
    """Return the newest version of a path, and its number. Raises `UsageError`."""
    get = opened.client.secrets.kv.v2.read_secret_version
    try:
        found = opened.data(get, path=path, mount_point=mount, raise_on_deleted_version=True)
    except Refused:
        raise opened.complaint("the token may not read there") from None
    if found is None:
        raise opened.complaint("there is no such path, or its newest version is deleted")
    version = mapping(found.get("metadata")).get("version")
    if not isinstance(version, int):
        raise opened.complaint("the vault does not say which version that is; see VAULT_ADDR")
    return mapping(found.get("data")), version

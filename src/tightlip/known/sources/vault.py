"""HashiCorp Vault and OpenBao: all versions of the secrets under a path, and the passwords of database static roles.

`vault:secret/myapp` is the secret of that path and all that are below it, `vault:secret/myapp/` only what is below it.
Logs in as their command lines do: VAULT_ADDR, VAULT_TOKEN or ~/.vault-token, VAULT_NAMESPACE, VAULT_CACERT (also as
BAO_ADDR and so on); or by AppRole with VAULT_ROLE_ID and VAULT_SECRET_ID. It only reads, and never asks for dynamic
credentials, which would make new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from tightlip.errors import UsageError
from tightlip.known.asking import mapping, moment, some, texts
from tightlip.known.secret import Known, leaves
from tightlip.known.unread import Unread
from tightlip.known.vaultlogin import Refused, Vault, vault
from tightlip.known.vaultpaths import NO_LIST, mount_of, paths

_NO_RIGHT = "the token may not read it"
_STATIC = "static-creds/"


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets under a path, current versions and earlier ones. Raises `UsageError`."""
    source = f"vault:{where}"
    path = where.lstrip("/")
    if not path:
        raise UsageError(f"{source}: no path; write vault:MOUNT/PATH, such as vault:secret/myapp")
    with vault(source) as opened:
        mount, kind = mount_of(opened, path)
        if kind not in _KINDS:
            raise opened.complaint(
                f"the engine at {mount!r} is {kind!r}, which keeps no values to read; kv and database do"
            )
        below = path.removeprefix(mount).lstrip("/")
        nothing = opened.complaint(f"there is nothing at this path{_hint(kind, below)}")
        yield from some(_KINDS[kind](opened, mount, below), nothing)


def _hint(kind: str, below: str) -> str:
    if kind == "kv2" and below.partition("/")[0] in {"data", "metadata"}:
        return "; leave out the data/ that the API puts after the mount"
    if kind == "database":
        return ", or no static role; dynamic users are made for whoever asks, so nobody is asked for them"
    return ""


def _version_2(opened: Vault, mount: str, below: str) -> Iterator[Known]:
    kv = opened.client.secrets.kv.v2
    for path in paths(opened, kv.list_secrets, mount, below):
        if isinstance(path, Unread):
            yield path
            continue
        name = f"{mount}/{path}"
        try:
            about = opened.data(kv.read_secret_metadata, path, mount_point=mount)
        except Refused:
            yield from _only_current(opened, mount, path)
            continue
        if about is None:
            continue
        current = str(about.get("current_version", ""))
        for version, told in mapping(about.get("versions")).items():
            gone = _gone(mapping(told))
            if gone:
                yield Unread(name, gone, version=version, is_current=version == current)
            else:
                yield from _version(opened, mount, path, version, is_current=version == current)


def _gone(told: dict[str, object]) -> str:
    """Return why the value of a version is no longer there, if so."""
    if told.get("destroyed"):
        return "destroyed"
    deleted = moment(told.get("deletion_time"))
    return "deleted" if deleted and deleted <= datetime.now(timezone.utc) else ""


def _only_current(opened: Vault, mount: str, path: str) -> Iterator[Known]:
    """Without the right to read metadata: the current version, and that there may be more."""
    for found in _version(opened, mount, path, None, is_current=True):
        yield found
        if isinstance(found, Unread):
            return
    yield Unread(f"{mount}/{path}", "the token may not read its metadata, so there may be earlier versions")


def _version(opened: Vault, mount: str, path: str, version: str | None, *, is_current: bool) -> Iterator[Known]:
    name = f"{mount}/{path}"
    read = opened.client.secrets.kv.v2.read_secret_version
    try:
        answer = opened.data(read, path, version=version, mount_point=mount, raise_on_deleted_version=True)
    except Refused:
        yield Unread(name, _NO_RIGHT, version=version, is_current=is_current)
        return
    if answer is None:
        yield Unread(name, "deleted", version=version, is_current=is_current)
        return
    about = mapping(answer.get("metadata"))
    number = about.get("version")
    yield from leaves(
        name,
        mapping(answer.get("data")),
        version=version or (str(number) if isinstance(number, int) else None),
        created=moment(about.get("created_time")),
        is_current=is_current,
    )


def _version_1(opened: Vault, mount: str, below: str) -> Iterator[Known]:
    kv = opened.client.secrets.kv.v1
    for path in paths(opened, kv.list_secrets, mount, below):
        if isinstance(path, Unread):
            yield path
            continue
        try:
            data = opened.data(kv.read_secret, path, mount_point=mount)
        except Refused:
            yield Unread(f"{mount}/{path}", _NO_RIGHT, is_current=True)
            continue
        yield from leaves(f"{mount}/{path}", data or {})


def _static_roles(opened: Vault, mount: str, below: str) -> Iterator[Known]:
    """The passwords of database users that the vault keeps and changes."""
    database, chosen = opened.client.secrets.database, below.removeprefix(_STATIC).strip("/")
    try:
        listed = opened.data(database.list_static_roles, mount_point=mount) or {}
    except Refused:
        listed = {"keys": [chosen]} if chosen else {}
        if not chosen:
            yield Unread(f"{mount}/static-roles/", NO_LIST, is_current=True)
    for role in texts(listed.get("keys")):
        if chosen not in {"", role}:
            continue
        name = f"{mount}/{_STATIC}{role}"
        try:
            given = opened.data(database.get_static_credentials, role, mount_point=mount)
        except Refused:
            yield Unread(name, _NO_RIGHT, is_current=True)
            continue
        if given:
            since = moment(given.get("last_vault_rotation"))
            yield from leaves(name, {"password": given.get("password")}, created=since)


_KINDS = {"kv1": _version_1, "kv2": _version_2, "database": _static_roles}

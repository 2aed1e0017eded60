"""HashiCorp Vault and OpenBao: when the current version of a secret was written, and until when leases last.

Told of KV 2, of static roles of databases, and of the leases of dynamic users, for which the token needs the capability
sudo on sys/leases/lookup. A path of KV is one secret here: the vault does not say which of its keys was changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

from tightlip.errors import UsageError
from tightlip.known.asking import Counted, mapping, moment, texts
from tightlip.known.rotation.told import Rotation
from tightlip.known.unread import Unread
from tightlip.known.vaultlogin import Refused, Vault, vault
from tightlip.known.vaultpaths import NO_LIST, mount_of, paths


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of what is at a path and below it. Raises `UsageError`."""
    source, path = f"vault:{where}", where.lstrip("/")
    if not path:
        raise UsageError(f"{source}: no path; write vault:MOUNT/PATH, such as vault:secret/myapp")
    with vault(source) as opened:
        mount, kind = mount_of(opened, path)
        below = path.removeprefix(mount).lstrip("/")
        if kind == "kv1":
            yield Rotation(path, why="KV 1 keeps no dates")
            return
        if kind == "kv2":
            yield from _kv_2(opened, mount, below)
            return
        if kind == "database" and not below.startswith("creds/"):
            yield from _static_roles(opened, mount, below.removeprefix("static-creds/"))
        yield from _leases(opened, path)


def _kv_2(opened: Vault, mount: str, below: str) -> Iterator[Rotation]:
    seen = False
    for path in paths(opened, opened.client.secrets.kv.v2.list_secrets, mount, below):
        told = Rotation(path.name, why=path.why) if isinstance(path, Unread) else _secret(opened, mount, path)
        if told:
            seen = True
            yield told
    if not seen:
        raise opened.complaint("there is no secret at this path")


def _secret(opened: Vault, mount: str, path: str) -> Rotation | None:
    """Return the age of a secret, None where there is none, or its current version is deleted."""
    try:
        about = opened.data(opened.client.secrets.kv.v2.read_secret_metadata, path, mount_point=mount)
    except Refused:
        return Rotation(f"{mount}/{path}", why="the token may not read its metadata")
    about = about or {}
    told = mapping(mapping(about.get("versions")).get(str(about.get("current_version", ""))))
    ends = moment(told.get("deletion_time"))
    if not told or told.get("destroyed") or (ends and ends <= datetime.now(timezone.utc)):
        return None
    made = moment(told.get("created_time"))
    return Rotation(f"{mount}/{path}", is_automatic=False, changed=made, expires=ends)


def _static_roles(opened: Vault, mount: str, below: str) -> Iterator[Rotation]:
    """Yield the database users whose passwords the vault changes. A role tells when, and never the password."""
    database = opened.client.secrets.database
    try:
        listed = opened.data(database.list_static_roles, mount_point=mount)
    except Refused:
        yield Rotation(f"{mount}/static-roles/", why=NO_LIST)
        return
    for role in texts((listed or {}).get("keys")):
        if below.strip("/") not in {"", role}:
            continue
        name = f"{mount}/static-creds/{role}"
        try:
            told = opened.data(database.read_static_role, role, mount_point=mount) or {}
        except Refused:
            yield Rotation(name, is_automatic=True, why="the token may not read the static role")
            continue
        yield Rotation(name, is_automatic=True, changed=moment(told.get("last_vault_rotation")))


def _leases(opened: Vault, path: str) -> Iterator[Rotation]:
    """Yield the leases below a path. A lease tells how long a dynamic user lives, and never its password."""
    count = Counted(f"vault:{path}")
    folders = [path.strip("/")]
    try:
        while folders:
            folder = folders.pop()
            answer = opened.data(opened.client.sys.list_leases, f"{folder}/")
            for key in texts((answer or {}).get("keys")):
                count()
                if key.endswith("/"):
                    folders.append(f"{folder}/{key}".strip("/"))
                    continue
                lease = mapping(opened.data(opened.client.sys.read_lease, f"{folder}/{key}"))
                given, ends = moment(lease.get("issue_time")), moment(lease.get("expire_time"))
                yield Rotation(f"{folder}/{key}", is_automatic=True, changed=given, expires=ends)
    except Refused:
        raise opened.complaint(
            "the token may not list leases; it needs list and sudo on sys/leases/lookup/, "
            "and update on sys/leases/lookup"
        ) from None

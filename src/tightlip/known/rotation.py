"""How old the secrets of a vault are and how long they will last, without reading one: for a check of rotation.

Told by `aws-sm:PREFIX`, and by `vault:` with the path of a database role: `vault:database/creds/ROLE` has the leases of
dynamic users, for which the token needs the capability sudo on sys/leases/lookup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from tightlip.errors import UsageError
from tightlip.known.asking import Counted, mapping, moment, texts
from tightlip.known.secret import Where


class Rotation(NamedTuple):
    """What a vault says of the changes of one secret; None is what it does not say."""

    name: str
    is_automatic: bool | None
    """Whether the vault itself, or a program for it, changes the secret."""
    changed: datetime | None
    """When it was last changed, or given out."""
    due: datetime | None
    """When it will be changed."""
    expires: datetime | None
    """When it stops to work."""


def rotations(where: Where) -> Iterator[Rotation]:
    """Yield what a source says of its secrets. Raises `UsageError`, also where a source has nothing to say."""
    if where.kind not in _TELLING:
        raise UsageError(f"{where}: it does not say when secrets change; {', '.join(_TELLING)} do")
    return _TELLING[where.kind](where.where)


def _aws(where: str) -> Iterator[Rotation]:
    from tightlip.known.aws import Aws, Refused

    source = f"aws-sm:{where}"
    aws, count = Aws("secretsmanager", source), Counted(source)
    chosen = {} if where == "*" else {"Filters": [{"Key": "name", "Values": [where]}]}
    try:
        for told in aws.pages("list_secrets", "SecretList", **chosen):
            count()
            changed, due = told.get("LastRotatedDate") or told.get("LastChangedDate"), told.get("NextRotationDate")
            yield Rotation(
                str(told.get("Name", "")), told.get("RotationEnabled") is True, _when(changed), _when(due), None
            )
    except Refused:
        raise aws.complaint("these credentials may not list secrets; they need secretsmanager:ListSecrets") from None


def _leases(where: str) -> Iterator[Rotation]:
    """Yield the leases below a path. A lease tells how long a dynamic user lives, and never its password."""
    from tightlip.known.vaultlogin import Refused, vault

    source = f"vault:{where}"
    count = Counted(source)
    with vault(source) as opened:
        folders = [where.strip("/")]
        while folders:
            folder = folders.pop()
            try:
                answer = opened.data(opened.client.sys.list_leases, f"{folder}/")
                for key in texts((answer or {}).get("keys")):
                    count()
                    if key.endswith("/"):
                        folders.append(f"{folder}/{key}".strip("/"))
                        continue
                    lease = mapping(opened.data(opened.client.sys.read_lease, f"{folder}/{key}"))
                    ends = moment(lease.get("expire_time"))
                    yield Rotation(f"{folder}/{key}", True, moment(lease.get("issue_time")), None, ends)  # noqa: FBT003
            except Refused:
                raise opened.complaint(
                    "the token may not list leases; it needs list and sudo on sys/leases/lookup/, "
                    "and update on sys/leases/lookup"
                ) from None


def _when(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


_TELLING: dict[str, Callable[[str], Iterator[Rotation]]] = {"aws-sm": _aws, "vault": _leases}

"""AWS: whom the resource policies of secrets let read, and IAM's access keys with the day that each was last used."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import NamedTuple

from tightlip.known.access.told import Access, Untold
from tightlip.known.asking import Counted, mapping, texts
from tightlip.known.aws import Aws, Refused
from tightlip.known.rotation.told import when

_READ = "secretsmanager:getsecretvalue"
_ANYBODY = "anybody"


class Key(NamedTuple):
    """An access key of IAM."""

    user: str
    id: str
    is_active: bool
    made: datetime | None
    used: datetime | None
    """None where it never was, or AWS does not say."""

    @property
    def shown(self) -> str:
        """Its id, with the middle hidden."""
        return f"{self.id[:4]}...{self.id[-4:]}"


def access(where: str) -> Access:
    """Return whom resource policies let read the secrets with a prefix. Raises `UsageError`."""
    source = f"aws-sm:{where}"
    aws, count = Aws("secretsmanager", source), Counted(source)
    chosen = {} if where == "*" else {"Filters": [{"Key": "name", "Values": [where]}]}
    readers, public, untold = list[str](), list[str](), dict[str, Untold]()
    try:
        for listed in aws.pages("list_secrets", "SecretList", **chosen):
            count()
            name = str(listed.get("Name", ""))
            try:
                told = aws.ask("get_resource_policy", SecretId=str(listed.get("ARN", "")))
            except Refused:
                command = f"aws secretsmanager get-resource-policy --secret-id {shlex.quote(name)}"
                untold.setdefault("policies", Untold(f"the resource policy of {name}, and maybe of others", command))
                continue
            for who in dict.fromkeys(_readers(str((told or {}).get("ResourcePolicy") or "{}"))):
                readers.append(f"{name}: {who}")
                if who == _ANYBODY:
                    public.append(name)
    except Refused:
        raise aws.complaint("these credentials may not list secrets; they need secretsmanager:ListSecrets") from None
    return Access(tuple(readers), tuple(untold.values()), tuple(public))


def _readers(text: str) -> Iterator[str]:
    """Yield whom a resource policy lets read. What it denies is not taken off."""
    try:
        said = mapping(json.loads(text))
    except (ValueError, RecursionError):
        yield "a policy that cannot be read"
        return
    statements = said.get("Statement")
    for statement in map(mapping, statements if isinstance(statements, list) else [statements]):
        if statement.get("Effect") != "Allow" or not _is_about_reading(statement):
            continue
        under = " under a condition" if statement.get("Condition") else ""
        yield from (f"{who}{under}" for who in _principals(statement))


def _is_about_reading(statement: dict[str, object]) -> bool:
    if "NotAction" in statement:
        return not any(fnmatchcase(_READ, it.lower()) for it in _one_or_more(statement["NotAction"]))
    return any(fnmatchcase(_READ, it.lower()) for it in _one_or_more(statement.get("Action")))


def _principals(statement: dict[str, object]) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield _ANYBODY
        return
    said = statement.get("Principal")
    every = [said] if isinstance(said, str) else [who for it in mapping(said).values() for who in _one_or_more(it)]
    yield from (_ANYBODY if who == "*" else who for who in every)


def _one_or_more(value: object) -> list[str]:
    return [value] if isinstance(value, str) else texts(value)


def keys(source: str) -> Iterator[Key]:
    """Yield IAM's access keys. Raises `UsageError`, and `Refused` where these credentials may not ask.

    Parameters: `source`, `KIND:WHERE`, for an error.
    """
    aws, count = Aws("iam", source), Counted(source)
    for user in _pages(aws, "list_users", "Users"):
        name = str(user.get("UserName", ""))
        for told in _pages(aws, "list_access_keys", "AccessKeyMetadata", UserName=name):
            count()
            id_ = str(told.get("AccessKeyId", ""))
            last = mapping((aws.ask("get_access_key_last_used", AccessKeyId=id_) or {}).get("AccessKeyLastUsed"))
            yield Key(
                name, id_, told.get("Status") == "Active", when(told.get("CreateDate")), when(last.get("LastUsedDate"))
            )


def _pages(aws: Aws, operation: str, key: str, **named: object) -> Iterator[dict[str, object]]:
    """Yield what IAM lists: it calls its pages otherwise than other services."""
    marker: object = None
    while True:
        answer = aws.ask(operation, **named, **({"Marker": marker} if marker else {})) or {}
        found = answer.get(key)
        yield from map(mapping, found if isinstance(found, list) else [])
        before, marker = marker, answer.get("Marker")
        if answer.get("IsTruncated") is not True or not marker or marker == before:
            return

"""AWS Secrets Manager: the secrets whose names begin with a prefix, with the versions that AWS still has.

`aws-sm:myapp/` are those that begin so, `aws-sm:*` is all of one region. Each leaf of a JSON value is a secret of its
own. Logs in as AWS's command line does: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tightlip.known.asking import Counted, mapping, texts
from tightlip.known.aws import Aws, Refused
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread


def secrets(where: str) -> Iterator[Known]:
    """Yield the secrets with a prefix: current, previous, pending and deprecated versions. Raises `UsageError`."""
    source = f"aws-sm:{where}"
    aws, count = Aws("secretsmanager", source), Counted(source)
    chosen = {} if where == "*" else {"Filters": [{"Key": "name", "Values": [where]}]}
    try:
        for listed in aws.pages("list_secrets", "SecretList", IncludePlannedDeletion=True, **chosen):
            count()
            yield from _secret(aws, listed)
    except Refused:
        raise aws.complaint("these credentials may not list secrets; they need secretsmanager:ListSecrets") from None
    if not count.seen:
        raise aws.complaint("no secret has a name that begins so, in this account and region")


def _secret(aws: Aws, listed: dict[str, object]) -> Iterator[Known]:
    name, arn = str(listed.get("Name", "")), str(listed.get("ARN", ""))
    if listed.get("DeletedDate"):
        yield Unread(name, "it is marked as deleted", is_current=True)
        return
    try:
        versions = list(_versions(aws, arn))
    except Refused:
        staged = mapping(listed.get("SecretVersionsToStages"))
        versions = [(version, texts(stages)) for version, stages in staged.items()]
        yield Unread(name, "these credentials may not list its versions, so there may be earlier ones")
    if not versions:
        yield Unread(name, "it has no value")
    for version, stages in versions:
        yield from _version(aws, name, arn, version, stages)


def _versions(aws: Aws, arn: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each version and its stages: those that no stage names as well. Raises `Refused`."""
    for version in aws.pages("list_secret_version_ids", "Versions", SecretId=arn, IncludeDeprecated=True):
        yield str(version.get("VersionId", "")), texts(version.get("VersionStages"))


def _version(aws: Aws, name: str, arn: str, version: str, stages: list[str]) -> Iterator[Known]:
    shown, is_current = ", ".join(stages) or version, "AWSCURRENT" in stages
    try:
        answer = aws.ask("get_secret_value", SecretId=arn, VersionId=version) or {}
    except Refused as refused:
        yield Unread(name, refused.why, version=shown, is_current=is_current)
        return
    value, made = _value(answer), answer.get("CreatedDate")
    if value is None:
        yield Unread(name, "it has no value", version=shown, is_current=is_current)
        return
    created = made if isinstance(made, datetime) else None
    yield from from_text(name, value, version=shown, created=created, is_current=is_current)


def _value(answer: dict[str, object]) -> bytes | None:
    text, binary = answer.get("SecretString"), answer.get("SecretBinary")
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    return binary if isinstance(binary, bytes) else None

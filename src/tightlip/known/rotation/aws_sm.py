"""AWS Secrets Manager: when the current version was made, and when AWS changes the secret by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tightlip.known.asking import Counted, texts
from tightlip.known.aws import Aws, Refused
from tightlip.known.rotation.told import Rotation, when

_NO_VERSIONS = "these credentials may not list its versions; they need secretsmanager:ListSecretVersionIds"


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the secrets with a prefix. Raises `UsageError`."""
    source = f"aws-sm:{where}"
    aws, count = Aws("secretsmanager", source), Counted(source)
    chosen = {} if where == "*" else {"Filters": [{"Key": "name", "Values": [where]}]}
    try:
        for listed in aws.pages("list_secrets", "SecretList", **chosen):
            count()
            yield _secret(aws, listed)
    except Refused:
        raise aws.complaint("these credentials may not list secrets; they need secretsmanager:ListSecrets") from None
    if not count.seen:
        raise aws.complaint("no secret has a name that begins so, in this account and region")


def _secret(aws: Aws, listed: dict[str, object]) -> Rotation:
    changed, why = when(listed.get("LastRotatedDate")), ""
    try:
        changed = _made(aws, str(listed.get("ARN", ""))) or changed
    except Refused:
        why = "" if changed else _NO_VERSIONS
    return Rotation(
        str(listed.get("Name", "")),
        is_automatic=listed.get("RotationEnabled") is True,
        changed=changed,
        due=when(listed.get("NextRotationDate")),
        why=why,
    )


def _made(aws: Aws, arn: str) -> datetime | None:
    """Return when the current version was made: what AWS says of the secret itself changes with every tag."""
    for version in aws.pages("list_secret_version_ids", "Versions", SecretId=arn):
        if "AWSCURRENT" in texts(version.get("VersionStages")):
            return when(version.get("CreatedDate"))
    return None

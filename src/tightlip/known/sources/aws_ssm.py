"""AWS Systems Manager: the parameters of type SecureString whose names begin with a prefix, with their history.

`aws-ssm:/myapp/` are those that begin so, `aws-ssm:*` is all of one region. Logs in as AWS's command line does:
AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tightlip.known.asking import Counted, mapping
from tightlip.known.aws import Aws, Refused
from tightlip.known.secret import Known, from_text
from tightlip.known.unread import Unread


def secrets(where: str) -> Iterator[Known]:
    """Yield the parameters with a prefix, current versions and earlier ones. Raises `UsageError`."""
    aws = Aws("ssm", f"aws-ssm:{where}")
    for listed in parameters(aws, where):
        yield from _parameter(aws, str(listed.get("Name", "")), listed.get("Version"))


def parameters(aws: Aws, where: str) -> Iterator[dict[str, object]]:
    """Yield what AWS lists of the parameters with a prefix. Raises `UsageError`."""
    count = Counted(f"aws-ssm:{where}")
    chosen: list[dict[str, object]] = [{"Key": "Type", "Values": ["SecureString"]}]
    if where != "*":
        chosen.append({"Key": "Name", "Option": "BeginsWith", "Values": [where]})
    try:
        for listed in aws.pages("describe_parameters", "Parameters", ParameterFilters=chosen):
            count()
            yield listed
    except Refused:
        raise aws.complaint("these credentials may not list parameters; they need ssm:DescribeParameters") from None
    if not count.seen:
        raise aws.complaint("no SecureString has a name that begins so, in this account and region")


def _parameter(aws: Aws, name: str, current: object) -> Iterator[Known]:
    try:
        history = list(aws.pages("get_parameter_history", "Parameters", Name=name, WithDecryption=True))
    except Refused:
        yield from _only_current(aws, name)
        return
    for version in history:
        yield from _version(name, version, is_current=version.get("Version") == current)


def _only_current(aws: Aws, name: str) -> Iterator[Known]:
    """Without the right to read the history, or with a key in it that is gone: what there is now."""
    try:
        answer = aws.ask("get_parameter", Name=name, WithDecryption=True)
    except Refused as refused:
        yield Unread(name, refused.why, is_current=True)
        return
    yield from _version(name, mapping((answer or {}).get("Parameter")), is_current=True)
    yield Unread(name, "these credentials may not read its history, so there may be earlier versions")


def _version(name: str, told: dict[str, object], *, is_current: bool) -> Iterator[Known]:
    value, number, made = told.get("Value"), told.get("Version"), told.get("LastModifiedDate")
    version = str(number) if isinstance(number, int) else None
    if not isinstance(value, str):
        yield Unread(name, "it has no value", version=version, is_current=is_current)
        return
    created = made if isinstance(made, datetime) else None
    text = value.encode("utf-8", "surrogatepass")
    yield from from_text(name, text, version=version, created=created, is_current=is_current)

"""AWS Systems Manager: when a parameter of type SecureString was last changed."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.known.asking import Counted
from tightlip.known.aws import Aws, Refused
from tightlip.known.rotation.told import Rotation, when


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the parameters with a prefix. Raises `UsageError`."""
    source = f"aws-ssm:{where}"
    aws, count = Aws("ssm", source), Counted(source)
    chosen: list[dict[str, object]] = [{"Key": "Type", "Values": ["SecureString"]}]
    if where != "*":
        chosen.append({"Key": "Name", "Option": "BeginsWith", "Values": [where]})
    try:
        for listed in aws.pages("describe_parameters", "Parameters", ParameterFilters=chosen):
            count()
            changed = when(listed.get("LastModifiedDate"))
            yield Rotation(str(listed.get("Name", "")), is_automatic=False, changed=changed)
    except Refused:
        raise aws.complaint("these credentials may not list parameters; they need ssm:DescribeParameters") from None
    if not count.seen:
        raise aws.complaint("no SecureString has a name that begins so, in this account and region")

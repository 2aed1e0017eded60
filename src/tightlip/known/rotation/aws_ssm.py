"""AWS Systems Manager: when a parameter of type SecureString was last changed."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.known.aws import Aws
from tightlip.known.rotation.told import Rotation, when
from tightlip.known.sources.aws_ssm import parameters


def rotations(where: str) -> Iterator[Rotation]:
    """Yield the age of the parameters with a prefix. Raises `UsageError`."""
    for listed in parameters(Aws("ssm", f"aws-ssm:{where}"), where):
        yield Rotation(str(listed.get("Name", "")), is_automatic=False, changed=when(listed.get("LastModifiedDate")))

"""How old the secrets of a vault are and how long they will last, without reading one: for a check of rotation.

A module for each kind of source that tells, named like it with - as _, with one function `rotations(where)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from tightlip.errors import UsageError
from tightlip.known.rotation.told import Rotation
from tightlip.known.secret import Where

KINDS = ("vault", "aws-sm", "aws-ssm", "gcp-sm", "azure-kv", "github")
"""Those that say when a secret was changed."""


def rotations(where: Where) -> Iterator[Rotation]:
    """Yield what a source says of its secrets. Raises `UsageError`, also where a source has nothing to say."""
    if where.kind not in KINDS:
        raise UsageError(f"{where.kind}: it does not say when secrets change; {', '.join(KINDS)} do")
    found: Iterator[Rotation] = import_module(f"{__name__}.{where.kind.replace('-', '_')}").rotations(where.where)
    return found

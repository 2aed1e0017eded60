"""Task definitions of ECS and workloads of Kubernetes: what `environment` and `env` have in clear."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene import tree
from tightlip.hygiene.naming import is_leak
from tightlip.hygiene.problem import Problem

ENDS = (".json", ".yaml", ".yml", ".template")
_SIGN = re.compile(
    rb"containerDefinitions[\"']?\s*:|(?:^[ \t-]*[\"']?|\")(?:initC|c)ontainers[\"']?\s*:", re.IGNORECASE | re.MULTILINE
)
_CONTAINERS = ("containerdefinitions", "containers", "initcontainers")
_VARIABLES = ("environment", "env")


def may_be_one(path: str, data: bytes) -> bool:
    """Whether a file may hold such a definition."""
    return path.endswith(ENDS) and _SIGN.search(data) is not None


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield each variable that has its value there, and not `valueFrom`. Raises `NotYaml`."""
    if path.endswith(".json"):
        data = data.replace(b"\t", b" ")  # which YAML takes for no blank
    for document in tree.documents(data):
        for name, value in tree.pairs(tree.walk(document)):
            keys = [key.lower() for key in name.path]
            if _is_variable(keys) and is_leak(name.value, value.value):
                yield Problem(f"{path}:{value.line}", f"{name.value} is written out: take it by valueFrom")


def _is_variable(keys: list[str]) -> bool:
    """Whether a name is that of a variable of a container; a task definition may be a list of them alone."""
    return any(key in _VARIABLES for key in keys) and any(key in _CONTAINERS for key in keys)

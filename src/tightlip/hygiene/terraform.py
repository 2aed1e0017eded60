"""Terraform: state and plans hold every secret in clear; variables are no place for one either."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene.naming import is_leak
from tightlip.hygiene.problem import Problem

_STATE = re.compile(r"(?:.*/)?[^/]*\.tfstate(?:\.[\w.-]+)?|(?:.*/)?\.terraform/.*|(?:.*/)?[^/]*\.tfplan")
_VARIABLES = re.compile(r".*\.tfvars(?:\.json)?")
_SET = re.compile(r"[ \t]*\"?([A-Za-z_][\w-]*)\"?[ \t]*[=:][ \t]*\"([^\"\n]*)\"")
_EXAMPLE = re.compile(r"example|sample|template", re.IGNORECASE)


def look_name(path: str) -> Iterator[Problem]:
    """Yield what a tracked file is wrong to be, by its name."""
    if _STATE.fullmatch(path):
        yield Problem(path, "it is Terraform's state or plan, which holds every secret in clear")


def is_variables(path: str) -> bool:
    """Whether a file gives values to variables."""
    return bool(_VARIABLES.fullmatch(path)) and not _EXAMPLE.search(path.rpartition("/")[2])


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield the secrets in a file of variables."""
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        found = _SET.match(line)
        if found and is_leak(found[1], found[2]):
            yield Problem(
                f"{path}:{number}", f"{found[1]} is written out: give it as TF_VAR_{found[1]}, or from a vault"
            )

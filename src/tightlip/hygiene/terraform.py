"""Terraform: state and plans hold every secret in clear; variables are no place for one either."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene.naming import is_leak, is_secret
from tightlip.hygiene.problem import Problem

_STATE = re.compile(
    r"(?:.*/)?[^/]*\.tfstate(?:\.[\w.-]+)?|(?:.*/)?\.terraform/.*|(?:.*/)?(?:[^/]*\.)?tfplan", re.DOTALL
)
_VARIABLES = re.compile(r".*\.tfvars(?:\.json)?")
_SET = re.compile(r"(?:^|[\s{,(])\"?([A-Za-z_][\w-]*)\"?[ \t]*[=:][ \t]*\"((?:[^\"\\\n]|\\.)*)\"")
_COMMENT = re.compile(r"\s*(?:#|//)")
_NAMED = re.compile(r"\bname\"?\s*[=:]\s*\"([\w.-]+)\"\s*,?\s*\"?value\"?\s*[=:]\s*\"((?:[^\"\\\n]|\\.)*)\"")
"""A variable of a container, as `container_definitions` has it."""
_VARIABLE = re.compile(r"^\s*variable\s+\"?([\w-]+)\"?\s*\{(.*?)^\s*\}", re.DOTALL | re.MULTILINE)
_DEFAULT = re.compile(r"\bdefault\s*=\s*\"((?:[^\"\\\n]|\\.)*)\"")
_SENSITIVE = re.compile(r"\bsensitive\s*=\s*true\b")
_EXAMPLE = re.compile(r"example|sample|template", re.IGNORECASE)


def look_name(path: str) -> Iterator[Problem]:
    """Yield what a tracked file is wrong to be, by its name."""
    if _STATE.fullmatch(path):
        yield Problem(path, "it is Terraform's state or plan, which holds every secret in clear")


def is_variables(path: str) -> bool:
    """Whether a file gives values to variables."""
    return bool(_VARIABLES.fullmatch(path)) and not _EXAMPLE.search(path.rpartition("/")[2])


def is_configuration(path: str) -> bool:
    """Whether a file declares resources and variables."""
    return path.endswith((".tf", ".tofu"))


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield the secrets in a file of variables."""
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        for name, value in () if _COMMENT.match(line) else _SET.findall(line):
            if is_leak(name, value):
                yield Problem(f"{path}:{number}", f"{name} is written out: give it as TF_VAR_{name}, or from a vault")


def look_configuration(path: str, data: bytes) -> Iterator[Problem]:
    """Yield what a file of resources has in clear: defaults of variables, and variables of containers."""
    text = data.decode("utf-8", "replace")
    for found in _NAMED.finditer(text):
        if is_leak(found[1], found[2]):
            yield Problem(f"{path}:{_line(text, found.start())}", f"{found[1]} is written out: take it by valueFrom")
    for found in _VARIABLE.finditer(text):
        default = _DEFAULT.search(found[2])
        if default and is_leak(found[1], default[1]):
            yield Problem(
                f"{path}:{_line(text, found.start(2) + default.start())}", f"{found[1]} has a default: take it out"
            )


def insensitive(path: str, data: bytes) -> Iterator[Problem]:
    """Yield variables that are secret by their names, and whose values plans and logs would show."""
    text = data.decode("utf-8", "replace")
    for found in _VARIABLE.finditer(text):
        if is_secret(found[1]) and not _SENSITIVE.search(found[2]):
            where = f"{path}:{_line(text, found.start(1))}"
            yield Problem(where, f"{found[1]} is not `sensitive = true`, so plans and logs show its value")


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1

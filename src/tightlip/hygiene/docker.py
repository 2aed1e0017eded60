"""Dockerfiles and compose files: what `ARG` and `ENV` set stays in the image, and `environment:` in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tightlip.hygiene import tree
from tightlip.hygiene.naming import is_leak, is_secret
from tightlip.hygiene.problem import Problem

_DOCKERFILE = re.compile(
    r"(?:.*/)?(?:[\w.-]*\.)?(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|.*\.dockerfile", re.IGNORECASE
)
_COMPOSE = re.compile(r"(?:.*/)?(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.IGNORECASE)
_INSTRUCTION = re.compile(r"\s*(ARG|ENV)\s+(.*)", re.IGNORECASE | re.DOTALL)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S*)")
_COPY = re.compile(r"\s*(?:COPY|ADD)\s+(?:--\S+\s+)*.*?(?:^|[\s/\"'])(\.env(?:\.[\w-]+)?)(?=[\s\"',])", re.IGNORECASE)


def is_dockerfile(path: str) -> bool:
    """Whether a file is one by its name."""
    return bool(_DOCKERFILE.fullmatch(path))


def is_compose(path: str) -> bool:
    """Whether a file is one by its name."""
    return bool(_COMPOSE.fullmatch(path))


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield the secrets that an image would hold."""
    for line, text in _instructions(data.decode("utf-8", "replace")):
        where = f"{path}:{line}"
        if (copied := _COPY.match(text)) and not re.search("example|sample|template", copied[1]):
            yield Problem(where, f"{copied[1]} is copied into the image: mount it when the image runs")
        found = _INSTRUCTION.match(text)
        if not found:
            continue
        kind, rest = found[1].upper(), found[2].strip()
        given = _ASSIGNED.findall(rest) or ([tuple(rest.split(None, 1))] if kind == "ENV" and " " in rest else [])
        for name, value in given:
            if is_leak(name, value.strip("\"'")):
                yield Problem(where, f"{kind} {name} has its value in the file, and every layer keeps it")
            elif kind == "ENV" and is_secret(name) and re.fullmatch(rf"[\"']?\$\{{?{re.escape(name)}\}}?[\"']?", value):
                yield Problem(where, f"ENV {name} takes the build's argument, and the image keeps it")
        if kind == "ARG" and not given and is_secret(rest.split("=")[0]):
            what = f"ARG {rest.split()[0]}: `docker history` shows what it was given: use RUN --mount=type=secret"
            yield Problem(where, what)


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield each instruction with its line, those that go over lines as one."""
    whole, start = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        start = start or number
        whole += line.rstrip("\r")
        if whole.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        yield start, whole
        whole, start = "", 0


def look_compose(path: str, data: bytes) -> Iterator[Problem]:
    """Yield the secrets that a compose file has in clear. Raises `NotYaml`."""
    for node in tree.documents(data):
        for it in tree.walk(node):
            if not any(key in ("environment", "args") for key in it.path[:-1]):
                continue
            name, _, value = it.value.partition("=") if it.path[-1].isdigit() else (it.key, "", it.value)
            if is_leak(name, value):
                yield Problem(f"{path}:{it.line}", f"{name} is written out: use env_file, or secrets")

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
_TAKEN = re.compile(r"[\"']?\$\{?\w+(?::?[-+][^}]*)?\}?[\"']?")
_ESCAPE = re.compile(r"#\s*escape\s*=\s*(`)", re.IGNORECASE)
_TAKES_HEREDOC = re.compile(r"\s*(?:RUN|COPY|ADD)\b", re.IGNORECASE)
_HEREDOC = re.compile(r"(?<=\s)<<-?[\"']?([A-Za-z_]\w*)[\"']?(?=\s|$)")
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
        for name, value in _given(kind, rest):
            if is_leak(name, value.strip("\"'")):
                yield Problem(where, f"{kind} {name} has its value in the file, and every layer keeps it")
            elif kind == "ENV" and is_secret(name) and _TAKEN.fullmatch(value):
                yield Problem(where, f"ENV {name} takes the build's argument, and the image keeps it")
            elif kind == "ARG" and is_secret(name) and not value.strip("\"'"):
                what = f"ARG {name}: the image's history, or the cache, keeps what it is given"
                yield Problem(where, f"{what}: use RUN --mount=type=secret")


def _given(kind: str, rest: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an instruction sets, and their values; nothing for those that the build is to give."""
    name, _, value = rest.partition(" ")
    if kind == "ENV" and "=" not in name:
        yield name, value.strip()
        return
    yield from _ASSIGNED.findall(rest)
    if kind == "ARG":
        yield from ((name, "") for name in _ASSIGNED.sub("", rest).split() if name.isidentifier())


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield each instruction with its line, those that go over lines as one, and heredocs left out."""
    parts: list[str] = []
    start = 0
    ends: list[str] = []
    escape = found[1] if (found := _ESCAPE.match(text)) else "\\"
    for number, line in enumerate(text.split("\n"), 1):
        if ends:
            ends = ends[1:] if line.strip() == ends[0] else ends
            continue
        if line.lstrip().startswith("#"):
            continue
        start = start or number
        part = line.rstrip()
        if part.endswith(escape):
            parts.append(part[:-1] + " ")
            continue
        whole = "".join([*parts, part])
        yield start, whole
        ends = _HEREDOC.findall(whole) if _TAKES_HEREDOC.match(whole) else []
        parts, start = [], 0
    if parts:
        yield start, "".join(parts)


def look_compose(path: str, data: bytes) -> Iterator[Problem]:
    """Yield the secrets that a compose file has in clear. Raises `NotYaml`."""
    for node in tree.documents(data):
        for it in tree.walk(node):
            if not any(key in ("environment", "args") for key in it.path[:-1]):
                continue
            name, _, value = it.value.partition("=") if it.path[-1].isdigit() else (it.key, "", it.value)
            if is_leak(name, value):
                yield Problem(f"{path}:{it.line}", f"{name} is written out: use env_file, or secrets")

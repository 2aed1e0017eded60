"""What frameworks of hooks are told to run in a repository: their files of configuration, read and never followed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import NamedTuple

import yaml

from tightlip.git import hookfolder
from tightlip.git.hookfolder import Call, calls, read

PRE_COMMIT_FILES = (".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml")
LEFTHOOK_FILES = tuple(
    f"{folder}{name}.{ending}"
    for folder, name in (("", "lefthook"), ("", ".lefthook"), (".config/", "lefthook"), ("", "lefthook-local"))
    for ending in ("yml", "yaml", "toml", "json", "jsonc")
)
HUSKY_FOLDER = ".husky"

_MANIFEST = {
    "tightlip": ("pre-commit", "pre-merge-commit", "manual"),
    "tightlip-history": ("manual",),
    "tightlip-message": ("commit-msg",),
    "tightlip-prepared-message": ("prepare-commit-msg",),
    "tightlip-push": ("pre-push",),
    "tightlip-purged": ("pre-push",),
}
"""The stages of the hooks in .pre-commit-hooks.yaml, which a configuration need not repeat."""
_OLD_NAMES = {"commit": "pre-commit", "push": "pre-push", "merge-commit": "pre-merge-commit"}
_LOCAL = "local"
_NOT_INSTALLED = ("system", "script", "unsupported", "unsupported_script")
"""Languages of hooks whose program the framework does not install."""
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MOST, _LONGEST = 2000, 100
"""Hooks, and items of their lists, that are looked at."""


class Configured(NamedTuple):
    """What a file of configuration says of tightlip."""

    file: str
    """From the top."""
    events: dict[str, list[Call]]
    """The hooks that tightlip runs in, and as what, where the file says that."""
    asked: frozenset[str] = frozenset()
    """Those of them that the file names, or the manifest."""
    problem: str = ""
    """Why it cannot be read; empty where it can."""


def pre_commit(top: str, named: str = "") -> Configured | None:
    """Return what the pre-commit framework, or prek, is to run, or None where it has no file.

    Parameters: `named`, the file that its hook names, from the top.
    """
    for file in (named,) if named else PRE_COMMIT_FILES:
        if (text := read(os.path.join(top, file))) is not None:
            return _of_pre_commit(file, _loaded(file, text))
    return None


def _of_pre_commit(file: str, loaded: object) -> Configured:
    if loaded is None:
        return Configured(file, {}, problem="it holds no configuration that can be read")
    events, asked = dict[str, list[Call]](), set[str]()
    usual = _list(loaded, "default_stages")
    for is_local, hook in islice(_hooks(loaded), _MOST):
        made = _calls(hook) if is_local else [Call("")] * (_text(hook, "id") in _MANIFEST)
        named = _list(hook, "stages") or (usual if is_local else _MANIFEST.get(_text(hook, "id"), ()))
        stages = [_OLD_NAMES.get(stage, stage) for stage in named]
        for event in (stages or hookfolder.EVENTS) if made else ():
            events.setdefault(event, []).extend(made)
        asked.update(stages if made else ())
    return Configured(file, events, frozenset(asked))


def _hooks(loaded: object) -> Iterator[tuple[bool, object]]:
    """Yield the hooks, each with whether it is this repository's own."""
    for repo in _items(loaded, "repos"):
        for hook in _items(repo, "hooks"):
            yield _text(repo, "repo") == _LOCAL, hook


def _calls(hook: object) -> list[Call]:
    """Return what a hook of the repository's own calls of tightlip; where the framework installs it, it is there."""
    made = calls(" ".join((_text(hook, "entry"), *_list(hook, "args"))))
    return made if _text(hook, "language") in _NOT_INSTALLED else [Call("")] * bool(made)


def lefthook(top: str) -> Configured | None:
    """Return what lefthook is to run, or None where it has no file."""
    found = [(file, text) for file in LEFTHOOK_FILES if (text := read(os.path.join(top, file))) is not None]
    events: dict[str, list[Call]] = {}
    for file, text in found:
        loaded = _loaded(file, text)
        if isinstance(loaded, dict):
            for event in hookfolder.EVENTS:
                events.setdefault(event, []).extend(it for part in _texts(loaded.get(event)) for it in calls(part))
    named = {event: made for event, made in events.items() if made}
    return Configured(found[0][0], named, frozenset(named)) if found else None


def husky(top: str) -> Configured | None:
    """Return what husky's scripts run, or None where there is no folder of them."""
    folder = os.path.join(top, HUSKY_FOLDER)
    if not os.path.isdir(folder):
        return None
    made = {event: calls(read(os.path.join(folder, event)) or "") for event in hookfolder.EVENTS}
    events = {event: found for event, found in made.items() if found}
    return Configured(HUSKY_FOLDER, events, frozenset(events))


def _loaded(file: str, text: str) -> object:
    """Return what a file says, as lists, mappings and texts; None where it cannot be read, or says nothing."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        if file.endswith(".toml"):
            loaded: object = toml.loads(text)
        else:
            loaded = yaml.load(text, Loader=_Loader)  # noqa: S506 - lists, mappings and texts, and nothing else
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return loaded


def _items(node: object, key: str) -> list[object]:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []


def _list(node: object, key: str) -> list[str]:
    return [value for value in _items(node, key)[:_LONGEST] if isinstance(value, str)]


def _text(node: object, key: str) -> str:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def _texts(node: object) -> Iterator[str]:
    """Yield every text in a value. What an alias of YAML repeats counts once: a few lines may stand for gigabytes."""
    waiting, seen = [node], set[int]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, (list, dict)) and id(part) not in seen:
            seen.add(id(part))
            waiting += part.values() if isinstance(part, dict) else part

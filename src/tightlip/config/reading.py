"""From files to one configuration: layer by layer, each file after those that it extends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.config import found, keys
from tightlip.config.complaint import ConfigError
from tightlip.config.places import Disk, Refused, Tree

if TYPE_CHECKING:
    from tightlip.config import Read
    from tightlip.config.keys import Draft
    from tightlip.config.node import Node
    from tightlip.config.places import Place
    from tightlip.config.settings import Config

_MOST = 50
"""Files of one configuration."""


def load(top: str | None, read: Read | None = None, file: str | None = None) -> Config:
    """Return the configuration; see `tightlip.config.load`."""
    draft, seen = keys.Draft(top), set[str]()
    for layer, path in found.above():
        if layer == found.ORGANISATION and not os.path.exists(path):
            raise ConfigError("is not there, and TIGHTLIP_CONFIG names it", file=path)
        _add(draft, Disk(path), seen, ())
    for place in [Disk(file)] if file is not None else _own(top, read):
        _add(draft, place, seen, ())
    return draft.config()


def _own(top: str | None, read: Read | None) -> list[Place]:
    """Return the repository's own file, or nothing. Raises `ConfigError` where it has two."""
    files = found.found(top) if read is None else [(found.REPOSITORY, name) for name in found.in_tree(read)]
    names = [os.path.basename(path) for layer, path in files if layer == found.REPOSITORY]
    if found.MISNAMED in names:
        raise ConfigError(f"is not read: name it {found.YAML}", file=found.MISNAMED)
    places = [_at_top(name, top, read) for name in names]
    if len(places) < 2 or _parsed(places[1]) is None:
        return places[:1]
    raise ConfigError(f"has [tool.tightlip], and there is {found.YAML} too: keep one of them", file=found.TOML)


def _at_top(name: str, top: str | None, read: Read | None) -> Place:
    try:
        return Tree(name, read) if read else Disk(os.path.join(top or "", name), top)
    except Refused as error:
        raise ConfigError(str(error), file=name) from None


def _add(draft: Draft, place: Place, seen: set[str], above: tuple[Place, ...]) -> None:
    """Add a file and what it extends. Parameters: `above`, the files that led to it."""
    if place.identity in seen:
        return
    seen.add(place.identity)
    if len(seen) > _MOST:
        raise ConfigError(f"is one of more than {_MOST} files that extend each other", file=place.name)
    root = _parsed(place)
    if root is None:
        return
    given = root.mapping(keys.KEYS)
    if "extends" in given:
        _extend(draft, given["extends"], place, seen, (*above, place))
    keys.add(draft, given, place)
    draft.files.append(place.name)


def _extend(draft: Draft, node: Node, place: Place, seen: set[str], above: tuple[Place, ...]) -> None:
    for item in node.items():
        inner = _extended(item, place, above)
        _add(draft, inner, seen, above)


def _extended(node: Node, place: Place, above: tuple[Place, ...]) -> Place:
    """Return a file that another one extends. Raises `ConfigError` where that cannot be."""
    try:
        inner = _named(place, node.text())
        is_there = inner.read() is not None
    except Refused as error:
        raise node.error(str(error)) from None
    if not is_there:
        raise node.error(f"names {inner.name}, which is not there")
    if any(inner.identity == one.identity for one in above):
        names = " -> ".join(one.name for one in (*above, inner))
        raise node.error(f"goes round in a circle: {names}")
    return inner


def _named(place: Place, text: str) -> Place:
    from tightlip.config import packages

    return packages.place(text) if text.startswith(packages.PREFIX) else place.beside(text)


def _parsed(place: Place) -> Node | None:
    """Return what is in a file; None where it is a pyproject.toml without a word for tightlip."""
    text = _text(place)
    if place.path.endswith(".toml"):
        from tightlip.config import tomlfile

        return tomlfile.parse(text, place.name)
    from tightlip.config import yamlfile

    return yamlfile.parse(text, place.name)


def content(name: str, top: str | None, read: Read | None) -> bytes | None:
    """Return what is in a file at a repository's top, or None where there is none. Raises `ConfigError`."""
    return _content(_at_top(name, top, read))


def _content(place: Place) -> bytes | None:
    try:
        held = place.read()
    except Refused as error:
        raise ConfigError(str(error), file=place.name) from None
    if held is not None and len(held) > found.LARGEST:
        raise ConfigError(f"is larger than {found.LARGEST >> 20} MiB", file=place.name)
    return held


def _text(place: Place) -> str:
    held = _content(place)
    if held is None:
        raise ConfigError("is not there", file=place.name)
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8", file=place.name) from None

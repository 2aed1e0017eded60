"""A regular expression as a tree, whatever syntax it was written in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tightlip.interop.characters import Ranges


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    ranges: Ranges
    caseless: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """A place: `start` and `end` of the text or of a `line`, a `boundary` of a word, or `inside` one."""

    what: str


@dataclass(frozen=True, slots=True)
class Group:
    """What is captured, counted from 1."""

    index: int
    name: str
    inner: Node


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """One of several, the first that fits."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """As often as from `low` to `high`; None is without bound."""

    inner: Node
    low: int
    high: int | None
    lazy: bool = False


Node: TypeAlias = Chars | At | Group | Sequence | Either | Repeat


def children(node: Node) -> tuple[Node, ...]:
    """Return what a node consists of."""
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Either):
        return node.branches
    return (node.inner,) if isinstance(node, (Group, Repeat)) else ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all that is in it."""
    yield node
    for child in children(node):
        yield from walk(child)


def least(node: Node) -> int:
    """Return the least characters that a node matches."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, At):
        return 0
    widths = list(map(least, children(node)))
    if isinstance(node, Either):
        return min(widths)
    return sum(widths) * (node.low if isinstance(node, Repeat) else 1)


def certain_groups(node: Node) -> Iterator[tuple[Group, bool]]:
    """Yield the groups in their order, each with whether every match goes through it."""
    yield from _groups(node, certain=True)


def _groups(node: Node, *, certain: bool) -> Iterator[tuple[Group, bool]]:
    if isinstance(node, Group):
        yield node, certain
    if isinstance(node, Either) and len(node.branches) > 1:
        certain = False
    if isinstance(node, Repeat) and node.low == 0:
        certain = False
    for child in children(node):
        yield from _groups(child, certain=certain)

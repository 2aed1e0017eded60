"""Files and folders that are taken out of a history by their paths: what changes for it, and the trees without them.

A path is told from the top of the repository, by the names that a history has before it is rewritten. Trees are told
by their rows in the inventory. What a tree becomes depends on where it stands: the same tree may be a folder that
something is taken out of, and another one that stays. So trees are read once for each place on the paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from tightlip.errors import UsageError
from tightlip.git.graph import Entries, Graph
from tightlip.git.table import Table
from tightlip.purge.rewriting import trees

Parts: TypeAlias = tuple[bytes, ...]
"""The names of the folders of a path, and the last one."""
Read: TypeAlias = Callable[[Collection[int]], Iterable[tuple[int, bytes]]]
"""Gives trees, by their rows: rows and contents, in any order. One that cannot be read is left out."""
_Node: TypeAlias = dict[bytes, int]
"""A place on the paths: by the name of what is there, the number of its own place, or `_WHOLE`."""
_WHOLE = -1
"""What stands there is taken out, with all that is in it."""
_NOWHERE = -2
_SUBMODULE = b"160000"


class New(NamedTuple):
    """What else becomes of entries of the trees that something is taken out of."""

    leading: Mapping[int, Entries]
    """By tree, which entries have another id or name, were nothing taken out."""
    oid: Callable[[int], bytes | None]
    """Gives the new id of an object; None for one that stays."""
    name: Callable[[bytes], bytes]
    """Gives the new name of a file or a folder, which may be the old one."""


class Removed(NamedTuple):
    """What no root leads to any more."""

    trees: frozenset[int]
    blobs: frozenset[int]


def parsed(given: Iterable[bytes]) -> list[Parts]:
    """Return paths taken apart, each once and in order: `./a//b/` is `a/b`.

    Raises `UsageError` for one that is absolute or empty, or leads out of a folder.
    """
    return sorted({_parts(path) for path in given})


def _parts(path: bytes) -> Parts:
    parts = tuple(part for part in path.split(b"/") if part not in {b"", b"."})
    why = ""
    if path.startswith(b"/"):
        why = "it is absolute"
    elif not parts:
        why = "it is no file and no folder"
    elif b".." in parts:
        why = "a path in a history has no `..`"
    if why:
        shown = path.decode("utf-8", "replace")
        raise UsageError(f"--delete-path {shown!r}: {why}; name it from the top of the repository, as src/keys.env")
    return parts


def _nodes(paths: Iterable[Parts]) -> list[_Node]:
    """Return the places on some paths, by number: the top is the first, and each comes after the one it is in."""
    nodes: list[_Node] = [{}]
    for *folders, last in paths:
        at = 0
        for name in folders:
            at = nodes[at].setdefault(name, len(nodes))
            if at == len(nodes):
                nodes.append({})
            if at == _WHOLE:  # it goes with a folder that it is in
                break
        else:
            nodes[at][last] = _WHOLE
    return nodes


class Paths:
    """Paths that are taken out of some trees."""

    def __init__(self, graph: Graph, paths: Sequence[Parts], roots: Collection[int]) -> None:
        """Parameters: `roots`, the trees at the top: those of commits, and those that a ref or a tag leads to.

        There may be other objects among the roots: nothing is taken out of them.
        """
        self._graph, self._roots = graph, frozenset(roots)
        names = {name for path in paths for name in path}
        self._labels = {name: label for label, name in enumerate(graph.names) if name in names}
        self._named: Mapping[int, Entries] = graph.leading_to((), names) if names else {}
        """By tree, what it has of the names on the paths, and more."""
        self._nodes = _nodes(paths)
        self._steps = self._labelled(self._nodes)
        self._changing = self._trees(self._steps)
        """By place, the trees there that something is taken out of."""

    @property
    def changing(self) -> frozenset[int]:
        """The roots that something is taken out of."""
        return self._changing[0]

    @property
    def rewritten_trees(self) -> int:
        """How many trees something is taken out of; one counts once for each place on the paths where it stands."""
        return sum(map(len, self._changing))

    def having(self, path: Parts) -> frozenset[int]:
        """Return the roots that have one of the paths, even where it goes with a folder that it is in."""
        return self._trees(self._labelled(_nodes([path])))[0]

    def kept(self, leading: Mapping[int, Entries]) -> set[int]:
        """Return what there still is right below the trees that something is taken out of, of the entries of interest.

        Together with the roots that stay, it has all that a history without the paths has of these, but for the trees
        that something is taken out of. Parameters: `leading`, by tree, entries.
        """
        return {
            child
            for node, changing in enumerate(self._changing)
            for entries in self._distinct(changing, leading)
            for label, child in entries
            if not self._is_touched(node, label, child)
        }

    def removed(self, table: Table, read: Read) -> Removed:
        """Return what no root leads to any more; what also has another path stays, and is not among it."""
        folders, blobs = self._under(table, read)
        leading = self._graph.leading_to(folders | blobs, ())
        stay, waiting = set[int](), [*(self._roots - self.changing), *self.kept(leading)]
        while waiting:
            row = waiting.pop()
            if row not in stay:
                stay.add(row)
                waiting += [child for _, child in leading.get(row, ())]
        return Removed(frozenset(folders - stay), frozenset(blobs - stay))

    def rewritten(self, table: Table, new: New, read: Read, write: Callable[[bytes], bytes]) -> dict[int, bytes]:
        """Write trees without the paths, and return the new ids of the roots; one of which nothing is left is empty.

        A folder of which nothing is left is left out. A root is not among them where a tree is malformed, or `read` did
        not give it. Parameters: `write`, writes a tree and returns its id. Raises what these do.
        """
        malformed = frozenset(self._graph.malformed)
        found: list[dict[int, bytes]] = [{} for _ in self._nodes]
        for number in range(len(self._nodes) - 1, -1, -1):
            node, form = self._nodes[number], _form(self._nodes[number], table.width)
            for row, content in read(self._changing[number] - malformed):
                below = self._below(number, row, table, found)
                if below is not None:
                    left = self._renewed(_without(content, node, form, below), number, row, table, new)
                    found[number][row] = write(left) if left or not number else b""
        return found[0]

    def _renewed(self, content: bytes, node: int, row: int, table: Table, new: New) -> bytes:
        """Return a tree that something was taken out of with what else becomes of its entries."""
        leading, names = new.leading.get(row, ()), self._graph.names
        renamed = {names[label]: new.name(names[label]) for label, _ in leading}
        oids = {
            table.id(child): oid
            for label, child in leading
            if child >= 0 and not self._is_touched(node, label, child) and (oid := new.oid(child))
        }
        if any(old != name for old, name in renamed.items()):
            return trees.renamed(content, table.width, renamed, oids)
        relinked = trees.relinked(content, table.width, [old + oid for old, oid in oids.items()])
        return content if relinked is None else relinked

    def _labelled(self, nodes: Sequence[_Node]) -> list[dict[int, int]]:
        """Return places by the labels of names; a name that no tree has leads nowhere."""
        return [{self._labels[name]: to for name, to in node.items() if name in self._labels} for node in nodes]

    def _trees(self, steps: Sequence[dict[int, int]]) -> list[frozenset[int]]:
        """Return the trees at each place that something is taken out of. Parameters: `steps`, places by labels."""
        reached: list[set[int]] = [set(self._roots), *(set[int]() for _ in steps[1:])]
        for node, step in enumerate(steps):
            for entries in self._distinct(reached[node], self._named):
                for label, child in entries:
                    if step.get(label, _NOWHERE) > 0:  # a file there has nothing below it
                        reached[step[label]].add(child)
        changing = [frozenset[int]()] * len(steps)
        for node in range(len(steps) - 1, -1, -1):
            step = steps[node]
            touched = {
                entries
                for entries in self._distinct(reached[node], self._named)
                if any(_is_touched(step, changing, label, child) for label, child in entries)
            }
            changing[node] = frozenset(tree for tree in reached[node] if self._named.get(tree) in touched)
        return changing

    @staticmethod
    def _distinct(rows: Iterable[int], entries: Mapping[int, Entries]) -> set[Entries]:
        """Return what trees have, each once: most trees at a place have the same there."""
        return {entries[row] for row in rows if row in entries}

    def _is_touched(self, node: int, label: int, child: int) -> bool:
        return _is_touched(self._steps[node], self._changing, label, child)

    def _below(
        self, node: int, row: int, table: Table, found: Sequence[Mapping[int, bytes]]
    ) -> dict[tuple[bytes, bytes], bytes] | None:
        """Return the new ids of the folders of a tree that something is taken out of, by their names and old ids.

        None where one of them is not known.
        """
        below: dict[tuple[bytes, bytes], bytes] = {}
        for label, child in self._named[row]:
            to = self._steps[node].get(label, _NOWHERE)
            if to > 0 and child in self._changing[to]:
                if child not in found[to]:
                    return None
                below[self._graph.names[label], table.id(child)] = found[to][child]
        return below

    def _under(self, table: Table, read: Read) -> tuple[set[int], set[int]]:
        """Return the trees and blobs that are taken out, and those in them, whether they have other paths or not."""
        rows = set(self._taken_out())
        folders = {row for row in rows if self._graph.is_tree(row)}
        blobs, waiting = rows - folders, folders
        while waiting:
            inner = set[int]()
            for _, content in read(waiting - {*self._graph.malformed}):
                entries = [entry for entry in trees.entries(content, table.width) if entry.mode != _SUBMODULE]
                children = table.rows(b"".join(entry.oid for entry in entries)).tolist()
                for entry, child in zip(entries, children, strict=True):
                    (inner if entry.is_folder else blobs).add(child)
            waiting = inner - folders - {-1}
            folders |= waiting
        return folders, blobs - {-1}

    def _taken_out(self) -> Iterator[int]:
        """Yield the objects that stand at the end of a path, as far as they are there."""
        for node, step in enumerate(self._steps):
            for entries in self._distinct(self._changing[node], self._named):
                yield from (child for label, child in entries if step.get(label) == _WHOLE and child >= 0)


def _is_touched(step: Mapping[int, int], changing: Sequence[Collection[int]], label: int, child: int) -> bool:
    """Whether an entry of a tree at a place is taken out, or something of it is."""
    to = step.get(label, _NOWHERE)
    return to == _WHOLE or (to > 0 and child in changing[to])


def _form(node: _Node, width: int) -> re.Pattern[bytes]:
    """Return the form of the next entry of a tree with one of the names at a place: where it is, its name and its id.

    It is matched where an entry begins, so that no part of a name or an id is taken for one.
    """
    entry, names = rb"[0-7]{5,6} %b\0%b", b"(%b)" % b"|".join(map(re.escape, node))
    before = entry % (rb"[^\0]+", b".{%d}" % width)
    return re.compile(b"(?:%b)*?(%b)" % (before, entry % (names, b"(.{%d})" % width)), re.DOTALL)


def _without(content: bytes, node: _Node, form: re.Pattern[bytes], below: Mapping[tuple[bytes, bytes], bytes]) -> bytes:
    """Return a tree without what is taken out of it.

    Parameters: `form`, that of its entries at this place; `below`, by name and old id, new ids of folders, empty for
    one that goes.
    """
    parts, at = [], 0
    while match := form.match(content, at):
        entry, name, oid = match.groups()
        new = b"" if node[name] == _WHOLE else below.get((name, oid), oid)
        parts += [content[at : match.start(1)], entry[: -len(oid)] + new if new else b""]
        at = match.end()
    return b"".join((*parts, content[at:]))

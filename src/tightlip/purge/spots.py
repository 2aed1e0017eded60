"""At which paths of a history something stands or stood: objects, and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice

from tightlip.git.graph import Entries, Graph
from tightlip.purge.search import Found

_MOST = 1 << 20
"""Places that are counted. Folders that are in each other many times over have more than anybody could count."""


def roots(graph: Graph, others: Iterable[int] = ()) -> set[int]:
    """Return the trees that paths begin in: those of all commits, and what tags and `others` lead to beside commits."""
    return {tree for _, tree, _ in graph.history()} | {*map(graph.peeled, [*graph.tags, *others])}


def of_values(found: Found, leading: Mapping[int, Entries], tops: Collection[int]) -> dict[int, Counter[bytes]]:
    """Return, by the number of a value, at which paths it is or was, and how many objects with it each of them had.

    It is there if an object there holds it, or the last name of the path does. Parameters: `leading`, by tree, which
    entries lead to what holds a value, or are named so; `tops`, the trees that paths begin in.
    """
    by_path: dict[int, Counter[bytes]] = {}
    for folder, name, child in islice(standing(found.graph, leading, tops, found.held, found.names), _MOST):
        holds = found.held.get(child, frozenset()) | found.names.get(name, frozenset())
        for which in {which for which, _ in holds}:
            by_path.setdefault(which, Counter())[folder + name] += 1
    return by_path


def of_objects(graph: Graph, rows: Collection[int], tops: Collection[int]) -> list[bytes]:
    """Return the paths at which the history has or had one of the objects, in order. `ELSEWHERE` is every submodule."""
    met = islice(standing(graph, graph.leading_to(rows, ()), tops, rows, ()), _MOST)
    return sorted({folder + name for folder, name, _ in met})


def standing(
    graph: Graph, leading: Mapping[int, Entries], tops: Collection[int], rows: Collection[int], names: Collection[bytes]
) -> Iterator[tuple[bytes, bytes, int]]:
    """Yield the folder, the name and the row of each object that is one of `rows` or has one of `names`; each once.

    All trees at a place are looked at together: most have the same there.
    """
    labels = {label for label, name in enumerate(graph.names) if name in names} if names else set[int]()
    waiting: list[tuple[bytes, Collection[int]]] = [(b"", tops)]
    while waiting:
        folder, trees = waiting.pop()
        distinct = {id(entries): entries for entries in map(leading.get, trees) if entries}
        below: dict[int, set[int]] = {}
        for label, child in set[tuple[int, int]]().union(*distinct.values()):
            if child in rows or label in labels:
                yield folder, graph.names[label], child
            if child in leading:
                below.setdefault(label, set()).add(child)
        waiting += [(b"%b%b/" % (folder, graph.names[label]), inner) for label, inner in below.items()]

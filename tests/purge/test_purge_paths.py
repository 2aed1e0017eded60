"""Trees without some paths are the trees that git makes without them, whatever else is purged with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple, TypeAlias, Union

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from purging import commit, objects, tree, write
from whole_repository import run

from tightlip.errors import UsageError
from tightlip.git import inventory
from tightlip.git.edges import Gathering
from tightlip.git.graph import Entries, Graph
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.packs.entries import TREE
from tightlip.git.plumbing import Git
from tightlip.git.table import Table
from tightlip.purge.rewriting.packwriter import PackWriter
from tightlip.purge.rewriting.paths import New, Parts, Paths, Removed, parsed
from tightlip.purge.search import search

FILTER_REPO = Path(sys.executable).with_name("git-filter-repo")
STAYS = New({}, lambda _: None, lambda name: name)


@pytest.mark.parametrize("path", [b"a/b.env", b"./a/b.env", b"a/b.env/", b"a//b.env", b"a/./b.env"])
def test_a_path_may_be_spelled_in_several_ways(path: bytes) -> None:
    assert parsed([path]) == [(b"a", b"b.env")]


def test_each_path_counts_once_and_the_order_does_not() -> None:
    assert parsed([b"b", b"a\xff/", b"./b"]) == [(b"a\xff",), (b"b",)]


@pytest.mark.parametrize(
    ("path", "why"), [(b"/a", "absolute"), (b"", "no file"), (b"./", "no file"), (b"a/../b", r"`\.\.`")]
)
def test_what_is_no_path_in_a_history_is_refused_in_one_line(path: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=f"^--delete-path .*{why}.*$"):
        parsed([path])


class Rewritten(NamedTuple):
    """What became of the trees of all commits."""

    paths: Paths
    new: dict[str, str]
    """The ids of trees that change, and the new ones."""
    removed: set[str]
    """The ids of trees and blobs that nothing leads to any more."""
    having: list[set[str]]
    """By path, the trees that have it."""


def rewritten(where: Path, *given: bytes) -> Rewritten:
    """Write the trees of all commits without some paths."""
    git, parts = Git(str(where)), parsed(given)
    stock = inventory.take(git)
    graph, table = search(git, stock, (), jobs=1).graph, stock.table
    folder = os.path.join(run(where, "rev-parse", "--absolute-git-dir"), "objects", "pack")
    paths = Paths(graph, parts, {tree for _, tree, _ in graph.history()})
    with ObjectReader(git) as reader, PackWriter(folder, table.width) as pack:

        def read(rows: Collection[int]) -> Iterator[tuple[int, bytes]]:
            for row, found in zip(rows, reader.read_many(map(table.oid, rows)), strict=True):
                assert isinstance(found, Object)
                yield row, found.data

        removed = paths.removed(table, read)
        new = paths.rewritten(table, STAYS, read, lambda content: pack.add(TREE, content))
        pack.finish()
    assert new.keys() == paths.changing
    return Rewritten(
        paths,
        {table.oid(row): oid.hex() for row, oid in new.items()},
        {table.oid(row) for row in removed.trees | removed.blobs},
        [{table.oid(row) for row in paths.having(path)} for path in parts],
    )


def without(where: Path, tree: str, paths: Iterable[bytes]) -> str:
    """Return what git makes of a tree without some paths."""
    environment = {**os.environ, "GIT_INDEX_FILE": str(where / "index of a test"), "GIT_LITERAL_PATHSPECS": "1"}

    def ask(*args: str | bytes, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *args], cwd=where, env=environment, check=True, capture_output=True, input=stdin, timeout=60
        )
        return done.stdout.decode().strip()

    ask("read-tree", tree)
    ask("rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--", *paths)
    return ask("write-tree")


def history_trees(where: Path) -> list[str]:
    return run(where, "log", "--all", "--format=%T").split()


def odd_history(where: Path, *options: str) -> Path:
    """Make a history in which the same names are files, folders, links and submodules over time."""
    run(where.parent, "init", "--quiet", "-b", "main", *options, str(where))
    one, two, link = (write(where, "blob", text) for text in (b"one", b"two", b"a/b"))
    inner = tree(where, ("100644", b"k", one), ("100644", b"s", two))
    same = tree(where, ("40000", b"b", inner), ("100755", b"k", two))
    only = tree(where, ("40000", b"b", tree(where, ("100644", b"s", one))))
    head = commit(where, tree(where, ("100644", b"k", one)))
    near = [("100644", b"a-", one), ("100644", b"a.b", two), ("40000", b"a", same), ("100644", b"a0", one)]
    versions = [
        near,
        [*near, ("40000", b"c", same), ("40000", b"d", inner)],
        [("40000", b"a", only), ("120000", b"c", link), ("100644", b"k", one)],
        [("100644", b"a", one), ("160000", b"c", head), ("40000", b"d", same)],
        [("160000", b"a", head), ("40000", b"d\xff", inner), ("100644", b"\xffk", one)],
        [("40000", b"a", tree(where, ("160000", b"b", head), ("100644", b"k", one)))],
        [("40000", b"a", only)],
        [("40000", b"a", same), ("40000", b"c", tree(where, ("40000", b"c", same)))],
    ]
    for entries in versions:
        head = commit(where, tree(where, *entries), head)
    run(where, "update-ref", "refs/heads/main", head)
    return where


CHOICES = [
    [b"a"],
    [b"a/"],
    [b"a/b"],
    [b"a/b/s"],
    [b"a/b/s", b"a/b/k", b"c"],
    [b"a.b", b"d\xff/s", b"\xffk"],
    [b"c/c/b", b"d", b"c/b/k"],
    [b"a/b/s", b"a"],
    [b"k", b"k/k", b"nowhere/k"],
]


@pytest.mark.parametrize("hash_", ["sha1", "sha256"])
def test_every_tree_is_the_one_that_git_makes_without_the_paths(tmp_path: Path, hash_: str) -> None:
    where = odd_history(tmp_path / "made", f"--object-format={hash_}")
    trees = history_trees(where)
    for paths in CHOICES:
        found = rewritten(where, *paths)
        expected = {old: without(where, old, [path.rstrip(b"/") for path in paths]) for old in trees}
        assert found.new == {old: new for old, new in expected.items() if new != old}


def test_packed_trees_that_are_deltas_are_the_same(tmp_path: Path) -> None:
    where = odd_history(tmp_path / "made")
    loose = [rewritten(where, *paths).new for paths in CHOICES]
    run(where, "repack", "-adfq", "--depth=50", "--window=50")
    assert [rewritten(where, *paths).new for paths in CHOICES] == loose


def test_the_trees_that_have_a_path_are_told_for_each_even_below_another(tmp_path: Path) -> None:
    where = odd_history(tmp_path / "made")
    trees = {oid: run(where, "ls-tree", "-rtz", "--name-only", oid).split("\0") for oid in history_trees(where)}
    for paths in CHOICES:
        names = [b"/".join(parts).decode("utf-8", "surrogateescape") for parts in parsed(paths)]
        expected = [{oid for oid, own in trees.items() if name in own} for name in names]
        assert rewritten(where, *paths).having == expected


def test_a_blob_that_has_another_path_is_not_removed(tmp_path: Path) -> None:
    where = tmp_path / "made"
    run(tmp_path, "init", "--quiet", "-b", "main", str(where))
    both, one = write(where, "blob", b"both"), write(where, "blob", b"one")
    inner = tree(where, ("100644", b"both", both), ("100644", b"one", one))
    top = tree(where, ("100644", b"also", both), ("40000", b"gone", inner))
    run(where, "update-ref", "refs/heads/main", commit(where, top))
    assert rewritten(where, b"gone").removed == {one, inner}
    assert rewritten(where, b"also").removed == set()
    assert rewritten(where, b"gone/one").removed == {one}


def test_only_blobs_and_trees_that_are_there_are_removed(tmp_path: Path) -> None:
    where = tmp_path / "made"
    run(tmp_path, "init", "--quiet", "-b", "main", str(where))
    one, nothing = write(where, "blob", b"one"), "12" * 20
    first = commit(where, tree(where, ("100644", b"k", one)))
    module, file, folder = ("160000", b"a", first), ("100644", b"b", nothing), ("40000", b"c", nothing)
    inner = tree(where, module, file, folder)
    run(where, "update-ref", "refs/heads/main", commit(where, tree(where, module, ("40000", b"d", inner)), first))
    assert rewritten(where, b"d").removed == {inner}
    assert rewritten(where, b"a", b"d/a").removed == set()
    assert rewritten(where, b"d/b", b"d/c").removed == set()


def test_nothing_is_left_of_a_tree_but_the_empty_one(tmp_path: Path) -> None:
    where = tmp_path / "made"
    run(tmp_path, "init", "--quiet", "-b", "main", str(where))
    top = tree(where, ("40000", b"a", tree(where, ("100644", b"b", write(where, "blob", b"text")))))
    run(where, "update-ref", "refs/heads/main", commit(where, top))
    assert rewritten(where, b"a/b").new == {top: run(where, "hash-object", "-t", "tree", os.devnull)}


def test_a_tree_that_is_damaged_is_not_among_the_new_ones(tmp_path: Path) -> None:
    where = tmp_path / "made"
    run(tmp_path, "init", "--quiet", "-b", "main", str(where))
    entry = b"100644 b\0" + bytes.fromhex(write(where, "blob", b"text"))
    damaged = write(where, "tree", entry + b"100644 c\0short")
    top = tree(where, ("40000", b"a", damaged))
    run(where, "update-ref", "refs/heads/main", commit(where, top))
    git = Git(str(where))
    stock = inventory.take(git)
    graph = search(git, stock, (), jobs=1).graph
    root = int(stock.table.rows(bytes.fromhex(top))[0])
    contents = {oid: content for oid, content in objects(where) if oid in {damaged, top}}
    paths = Paths(graph, parsed([b"a/b"]), {root})
    assert paths.changing == {root}
    assert not paths.rewritten(
        stock.table, STAYS, lambda rows: [(row, contents[stock.table.oid(row)]) for row in rows], sha1_of_tree
    )


@pytest.mark.skipif(not FILTER_REPO.exists(), reason="git-filter-repo is not installed here")
@pytest.mark.parametrize("paths", CHOICES)
def test_every_tree_is_the_one_that_filter_repo_makes(tmp_path: Path, paths: list[bytes]) -> None:
    where, copy = odd_history(tmp_path / "made"), tmp_path / "copy"
    run(tmp_path, "clone", "--quiet", "--mirror", "--no-local", str(where), str(copy))
    keep = ("--prune-empty", "never", "--prune-degenerate", "never", "--force", "--invert-paths")
    chosen = [part for path in paths for part in (b"--path", path.rstrip(b"/"))]
    command = [sys.executable, FILTER_REPO, *keep, *chosen]
    subprocess.run(command, cwd=copy, check=True, capture_output=True, timeout=120)
    new = rewritten(where, *paths).new
    assert [new.get(tree, tree) for tree in history_trees(where)] == history_trees(copy)


Folder: TypeAlias = dict[bytes, Union["Folder", "Leaf"]]


class Leaf(NamedTuple):
    """A file, a link or a submodule."""

    mode: bytes
    content: bytes

    @property
    def oid(self) -> bytes:
        kind = b"commit" if self.mode == b"160000" else b"blob"
        return sha1(b"%b %d\0%b" % (kind, len(self.content), self.content), usedforsecurity=False).digest()


NAMES = st.sampled_from([b"a", b"a.b", b"a-", b"ab", b"b", b"c\xff", b"100644 a", b"a%b"])
DIRTY_NAME, DIRTY = b"b", b"dirty"
LEAVES = st.builds(
    Leaf, st.sampled_from([b"100644", b"100755", b"120000", b"160000"]), st.sampled_from([b"x", b"y", DIRTY])
)
FOLDERS: st.SearchStrategy[Folder] = st.recursive(
    st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3),
    lambda inner: st.dictionaries(NAMES, inner | LEAVES, min_size=1, max_size=4),
    max_leaves=8,
)


class Case(NamedTuple):
    """Trees of commits, and paths."""

    tops: list[Folder]
    paths: list[Parts]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Make trees that have folders in common, under other names too; most paths are there."""
    inner = draw(st.lists(FOLDERS, min_size=1, max_size=2))
    for most in (2, 3):
        level = st.dictionaries(NAMES, st.sampled_from(inner) | LEAVES, min_size=1, max_size=4)
        inner += draw(st.lists(level, min_size=1, max_size=most))
    there = sorted({path for top in inner for path in all_paths(top)})
    some = st.sampled_from(there) | st.lists(NAMES, min_size=1, max_size=3).map(tuple)
    return Case(inner[2:], draw(st.lists(some, min_size=1, max_size=4, unique=True)))


def all_paths(folder: Folder) -> Iterator[Parts]:
    for name, inner in folder.items():
        yield (name,)
        if not isinstance(inner, Leaf):
            yield from ((name, *path) for path in all_paths(inner))


def sha1_of_tree(content: bytes) -> bytes:
    return sha1(b"tree %d\0%b" % (len(content), content), usedforsecurity=False).digest()


class Store(dict[bytes, bytes]):
    """Trees by their ids, and empty contents for blobs."""

    def put(self, folder: Folder) -> bytes:
        """Write a tree with all that is in it, as git does."""
        rows = []
        for name, inner in folder.items():
            if isinstance(inner, Leaf):
                rows.append((name, inner.mode, name, inner.oid))
                if inner.mode != b"160000":
                    self[inner.oid] = b""
            else:
                rows.append((name + b"/", b"40000", name, self.put(inner)))
        return self.write(b"".join(b"%b %b\0%b" % row[1:] for row in sorted(rows)))

    def write(self, content: bytes) -> bytes:
        oid = sha1_of_tree(content)
        self[oid] = content
        return oid


class World(NamedTuple):
    """Trees as a purge has them."""

    store: Store
    table: Table
    graph: Graph

    def row(self, oid: bytes) -> int:
        return int(self.table.rows(oid)[0])

    def read(self, rows: Collection[int]) -> list[tuple[int, bytes]]:
        return [(row, self.store[self.table.id(row)]) for row in rows]


def world(tops: Iterable[Folder]) -> World:
    store = Store()
    for top in tops:
        store.put(top)
    oids = np.frombuffer(b"".join(sorted(store)), np.uint8).reshape(-1, 20)
    table = Table(oids[:0], oids)
    gathering = Gathering(table)
    for oid, content in store.items():
        if content:
            gathering.tree(int(table.rows(oid)[0]), content)
    edges, commits = gathering.done()
    return World(store, table, Graph(table, [edges], [commits]))


def cut(folder: Folder, paths: Collection[Parts]) -> Folder:
    """Return a folder without some paths, and without folders that become empty so."""
    found: Folder = {}
    for name, inner in folder.items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            continue
        if isinstance(inner, Leaf):
            found[name] = inner
        elif left := cut(inner, below):
            found[name] = left
    return found


def cleaned(folder: Folder) -> Folder:
    """Return a folder with other dirty files and names."""
    return {
        (b"b!" if name == DIRTY_NAME else name): (
            cleaned(inner)
            if not isinstance(inner, Leaf)
            else inner._replace(content=b"clean")
            if is_dirty(inner)
            else inner
        )
        for name, inner in folder.items()
    }


def is_dirty(leaf: Leaf) -> bool:
    return leaf.content == DIRTY and leaf.mode != b"160000"


def inside(folder: Folder) -> Iterator[Folder | Leaf]:
    for inner in folder.values():
        yield inner
        if not isinstance(inner, Leaf):
            yield from inside(inner)


def seen(folder: Folder, paths: Collection[Parts]) -> Iterator[Folder | Leaf]:
    """Yield the files that a folder still has without some paths, and the folders that nothing was taken out of."""
    for name, inner in folder.items():
        below = [path[1:] for path in paths if path[0] == name]
        if () in below:
            continue
        if isinstance(inner, Leaf):
            yield inner
        elif cut(inner, below) == inner:
            yield inner
            yield from inside(inner)
        else:
            yield from seen(inner, below)


def everything(store: Store, found: Iterable[Folder | Leaf]) -> set[bytes]:
    return {inner.oid if isinstance(inner, Leaf) else store.put(inner) for inner in found}


def renewed(made: World, folders: Iterable[Folder]) -> New:
    """Return what becomes of objects where nothing is taken out."""
    leaf = Leaf(b"100644", DIRTY)
    dirty = {made.row(leaf.oid)} - {-1}
    leading = made.graph.leading_to(dirty, {DIRTY_NAME})
    known = {made.row(made.store.put(folder)): folder for folder in folders}
    scratch = Store()

    def oid(row: int) -> bytes | None:
        if row in dirty:
            return leaf._replace(content=b"clean").oid
        return scratch.put(cleaned(known[row])) if row in leading else None

    return New(leading, oid, lambda name: b"b!" if name == DIRTY_NAME else name)


@given(cases())
def test_trees_are_those_of_a_simple_model(case: Case) -> None:
    tops, given_ = case
    made = world(tops)
    oids = [made.store.put(top) for top in tops]
    paths = Paths(made.graph, given_, {made.row(oid) for oid in oids})
    changing = [(oid, top) for oid, top in zip(oids, tops, strict=True) if cut(top, given_) != top]
    assert paths.changing == {made.row(oid) for oid, _ in changing}
    folders = [inner for top in tops for inner in inside({b"": top}) if not isinstance(inner, Leaf)]
    new = renewed(made, folders)
    found = paths.rewritten(made.table, new, made.read, made.store.write)
    assert found == {made.row(oid): Store().put(cleaned(cut(top, given_))) for oid, top in changing}


@given(cases())
def test_what_is_removed_and_what_stays_are_those_of_a_simple_model(case: Case) -> None:
    tops, given_ = case
    made = world(tops)
    rows = [made.row(made.store.put(top)) for top in tops]
    paths = Paths(made.graph, given_, rows)
    stay = everything(made.store, (one for top in tops for one in seen({b"": top}, [(b"", *path) for path in given_])))
    left = {one.oid for top in tops for one in inside(cut(top, given_)) if isinstance(one, Leaf)}
    before = {one.oid for top in tops for one in inside(top) if isinstance(one, Leaf) and one.mode != b"160000"}
    removed = paths.removed(made.table, made.read)
    assert {made.table.id(row) for row in removed.blobs} == before - left
    assert {made.table.id(row) for row in removed.trees} == gone(made.store, tops, given_) - stay
    new = renewed(made, ())
    below = reached(new.leading, (set(rows) - paths.changing) | paths.kept(new.leading))
    is_left = any(is_dirty(one) for top in tops for one in inside(cut(top, given_)) if isinstance(one, Leaf))
    dirty = made.row(Leaf(b"100644", DIRTY).oid)
    assert (dirty >= 0 and dirty in below) == is_left


def reached(leading: Mapping[int, Entries], tops: Iterable[int]) -> set[int]:
    found, waiting = set[int](), [*tops]
    while waiting:
        row = waiting.pop()
        if row not in found:
            found.add(row)
            waiting += [child for _, child in leading.get(row, ())]
    return found


def gone(store: Store, tops: Iterable[Folder], paths: Iterable[Parts]) -> set[bytes]:
    """Return the folders that are taken out somewhere."""
    found = set[bytes]()
    for top in tops:
        for path in paths:
            at: Folder | Leaf | None = top
            for name in path:
                at = None if at is None or isinstance(at, Leaf) else at.get(name)
            if at is not None and not isinstance(at, Leaf):
                inner = [at, *(one for one in inside(at) if not isinstance(one, Leaf))]
                found |= everything(store, inner)
    return found


def test_a_root_that_is_also_a_folder_is_rewritten_as_a_root_only() -> None:
    inner: Folder = {b"a": Leaf(b"100644", b"x"), b"c": Leaf(b"100644", b"y")}
    top: Folder = {b"inner": inner}
    made = world([top, inner])
    rows = {made.row(made.store.put(folder)) for folder in (top, inner)}
    paths = Paths(made.graph, [(b"a",)], rows)
    assert paths.changing == {made.row(made.store.put(inner))}
    assert paths.removed(made.table, made.read) == Removed(frozenset(), frozenset())
    assert paths.rewritten_trees == 1


def test_one_folder_under_two_names_loses_under_each_what_the_path_says() -> None:
    inner: Folder = {name: Leaf(b"100644", name) for name in (b"x", b"y")}
    top: Folder = {b"a": inner, b"ab": inner, b"b": inner}
    made = world([top])
    row = made.row(made.store.put(top))
    paths = Paths(made.graph, [(b"a", b"x"), (b"ab", b"y"), (b"b", b"z")], {row})
    one, other = ({name: inner[name]} for name in (b"y", b"x"))
    expected = Store().put({b"a": one, b"ab": other, b"b": inner})
    assert paths.rewritten(made.table, STAYS, made.read, made.store.write) == {row: expected}


def test_what_a_path_does_not_reach_is_kept_beside_another_that_does() -> None:
    dirty = Leaf(b"100644", DIRTY)
    beside: Folder = {b"k": dirty}
    top: Folder = {b"a": {b"x": dirty}, b"ab": beside}
    made = world([top])
    paths = Paths(made.graph, [(b"a", b"x"), (b"ab", b"x")], {made.row(made.store.put(top))})
    assert paths.kept(renewed(made, ()).leading) == {made.row(made.store.put(beside))}


def test_without_paths_nothing_changes() -> None:
    made = world([{b"a": Leaf(b"100644", b"x")}])
    paths = Paths(made.graph, [], range(len(made.table)))
    assert not paths.changing
    assert not paths.rewritten(made.table, STAYS, made.read, made.store.write)

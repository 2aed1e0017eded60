"""What .gitattributes hands to git-crypt: in the index, and in any commit."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tightlip.config.repository import top_of
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.sops import concern
from tightlip.sops.lookup import Tree


def filtered(git: Git, paths: Sequence[bytes]) -> frozenset[bytes]:
    """Return those of some paths that .gitattributes in the index hands to git-crypt. Raises `GitError`."""
    if not paths:
        return frozenset()
    top = top_of(git)  # from which git is to count the paths
    at_top = git if top is None else git.at(top)
    answer = at_top.run("check-attr", "--cached", "-z", "--stdin", "filter", stdin=b"\0".join([*paths, b""]))
    fields = answer.split(b"\0")[:-1]
    every = zip(fields[::3], fields[2::3], strict=False)
    return frozenset(path for path, value in every if value.startswith(concern.GIT_CRYPT))


def handed(git: Git, objects: ObjectReader, tree: Tree, wanted: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of some commits and paths the commit's own .gitattributes hands to git-crypt. Raises `GitError`.

    Parameters: `tree`, in which each .gitattributes above them was looked up. Git is asked once for each set of them.
    """
    by_state: dict[tuple[tuple[str, str], ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for commit, path in wanted:
        names = [it for it in tree.paths(commit) if it.rpartition("/")[2] == concern.ATTRIBUTES]
        if names:
            by_state[tuple((name, tree.oid(commit, name)) for name in sorted(names))][path].append(commit)
    oids = dict.fromkeys(oid for state in by_state for _, oid in state)
    read = objects.read_many(oids)
    signs = {it.oid for it in read if isinstance(it, Object) and concern.GIT_CRYPT in it.data}
    found = set[tuple[str, str]]()
    for state, paths in by_state.items():
        if any(oid in signs for _, oid in state):
            told = _asked(git, state, [os.fsencode(path) for path in paths])
            found |= {(commit, path) for path in map(os.fsdecode, told) for commit in paths[path]}
    return found


def _asked(git: Git, state: Iterable[tuple[str, str]], paths: Sequence[bytes]) -> frozenset[bytes]:
    """Ask git with an index of its own, which has nothing but these files of attributes."""
    lines = (b"100644 %s\t%s\0" % (oid.encode(), os.fsencode(path)) for path, oid in state)
    with tempfile.TemporaryDirectory(prefix="tightlip-") as folder:
        own = Git(git.where)
        own.env["GIT_INDEX_FILE"] = os.path.join(os.path.abspath(folder), "index")
        own.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
        return filtered(own, paths)

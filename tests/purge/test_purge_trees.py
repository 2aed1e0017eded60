"""Trees with other names and ids are the trees that git itself would have made."""

from __future__ import annotations

from pathlib import Path

import pytest

from plain_git import git
from tightlip.purge.rewriting import trees

ONE, TWO, NEW = (bytes([number]) * 20 for number in (1, 2, 3))


def tree(*entries: tuple[str, str, bytes]) -> bytes:
    return b"".join(f"{mode} {name}\0".encode() + oid for mode, name, oid in entries)


def test_only_the_ids_that_change_are_overwritten() -> None:
    content = tree(("100644", "a", ONE), ("100755", "ab", TWO), ("40000", "b", ONE))
    edits = [(at, NEW) for name, oid in ((b"ab", TWO), (b"b", ONE)) for at in trees.places(content, name, oid)]
    assert trees.overwritten(content, edits) == tree(("100644", "a", ONE), ("100755", "ab", NEW), ("40000", "b", NEW))


def test_an_entry_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="not found"):
        trees.places(tree(("100644", "a", ONE)), b"a", TWO)


def test_a_name_that_ends_like_another_is_not_taken_for_it() -> None:
    before = tree(("100644", "100644 a", ONE), ("100644", "a", ONE), ("100644", "b a", ONE))
    after = tree(("100644", "100644 a", ONE), ("100644", "a", NEW), ("100644", "b a", ONE))
    assert trees.overwritten(before, [(at, NEW) for at in trees.places(before, b"a", ONE)]) == after


def test_renamed_entries_stand_where_git_sorts_them(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    blob = git(tmp_path, "hash-object", "-w", "--stdin")
    names = ["lib", "lib-x", "lib.c", "lib0", "zz"]
    made = {}
    for folder in ("lib", "key"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "inner").write_text("")
        for name in names[1:]:
            (tmp_path / name).write_text("")
        git(tmp_path, "add", "--all")
        made[folder] = git(tmp_path, "write-tree")
        git(tmp_path, "rm", "-r", "--quiet", "--cached", folder)
        (tmp_path / folder / "inner").unlink()
        (tmp_path / folder).rmdir()
    assert blob

    def content(oid: str) -> bytes:
        listed = git(tmp_path, "ls-tree", oid).splitlines()
        rows = [(line.split("\t")[0].split(), line.split("\t")[1]) for line in listed]
        return tree(*((meta[0].lstrip("0"), name, bytes.fromhex(meta[2])) for meta, name in rows))

    assert trees.renamed(content(made["lib"]), 20, {b"lib": b"key"}, {}) == content(made["key"])
    assert trees.renamed(content(made["key"]), 20, {b"key": b"lib"}, {}) == content(made["lib"])


def test_two_names_that_become_the_same_are_told_apart() -> None:
    content = tree(("100644", "a", ONE), ("100644", "b", TWO))
    assert trees.renamed(content, 20, {b"a": b"x", b"b": b"x"}, {}) == tree(
        ("100644", "x", ONE), ("100644", "x-2", TWO)
    )


def test_entries_can_go() -> None:
    content = tree(("100644", "a", ONE), ("100644", "b", TWO))
    assert trees.renamed(content, 20, {}, {TWO: NEW}, {(b"a", ONE)}) == tree(("100644", "b", NEW))


@pytest.mark.parametrize("damage", [b"x", b"100644 a\0short", b"100644 \0" + ONE])
def test_a_malformed_tree_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="malformed"):
        trees.entries(tree(("100644", "a", ONE)) + damage, 20)

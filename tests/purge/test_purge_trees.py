"""Trees with other names and ids are the trees that git itself would have made."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from plain_git import git
from tightlip.purge.rewriting import trees

ways: dict[str, ModuleType] = {"python": trees}
try:
    from tightlip.purge.rewriting import _trees

    ways["native"] = _trees
except ImportError:  # there was no compiler
    pass
each_way = pytest.mark.parametrize("way", ways.values(), ids=ways)

ONE, TWO, NEW = (bytes([number]) * 20 for number in (1, 2, 3))


def tree(*entries: tuple[str, str, bytes]) -> bytes:
    return b"".join(f"{mode} {name}\0".encode() + oid for mode, name, oid in entries)


@each_way
def test_every_entry_with_an_id_that_changes_gets_the_new_one(way: ModuleType) -> None:
    content = tree(("100644", "a", ONE), ("100755", "ab", TWO), ("40000", "b", ONE), ("120000", "c", NEW))
    changed = tree(("100644", "a", NEW), ("100755", "ab", TWO), ("40000", "b", NEW), ("120000", "c", NEW))
    assert way.relinked(content, 20, [ONE + NEW]) == changed
    assert way.relinked(content, 20, []) == content
    assert way.relinked(b"", 20, [ONE + NEW]) == b""


@each_way
def test_hundreds_of_ids_change_at_once(way: ModuleType) -> None:
    ids = [bytes([number % 3, *b"1234567", *number.to_bytes(12, "big")]) for number in range(700)]
    content = tree(*(("100644", f"{number:04}", oid) for number, oid in enumerate(ids)))
    links = [oid + oid[::-1] for oid in ids[::2]]
    expected = tree(*(("100644", f"{i:04}", oid if i % 2 else oid[::-1]) for i, oid in enumerate(ids)))
    assert way.relinked(content, 20, links) == expected


@each_way
@pytest.mark.parametrize("damage", [b"1", b"100644 a", b"100644 a\0" + b"1" * 19, b"\0" * 40, b"100644a\0" + b"1" * 20])
def test_a_malformed_tree_gets_no_new_ids(way: ModuleType, damage: bytes) -> None:
    assert way.relinked(tree(("100644", "a", ONE)) + damage, 20, [ONE + NEW]) is None


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


@pytest.mark.parametrize("damage", [b"x", b"100644 a\0short", b"100644 \0" + ONE])
def test_a_malformed_tree_is_refused(damage: bytes) -> None:
    with pytest.raises(ValueError, match="malformed"):
        trees.entries(tree(("100644", "a", ONE)) + damage, 20)

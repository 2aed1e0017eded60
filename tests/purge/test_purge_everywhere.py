"""A value is gone from wherever it stood, or the plan has said before that it would stay."""

from __future__ import annotations

import base64
import gzip
import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import purging
import pytest
import whole_repository as whole
from purging import TEXT, VALUE, commit, holding, tag, tree, write
from whole_repository import run

Plant = Callable[[Path], object]


class Place(NamedTuple):
    """A place where a value may stand."""

    name: str
    plant: Plant
    left: str = ""
    """What is left of it, after what the plan says: `objects` or `files`; nothing for none."""
    allow: tuple[str, ...] = ()


def _blob(content: bytes, name: bytes = b"keys.txt") -> Plant:
    """Have a commit bring a file, and the next one take it away."""

    def plant(where: Path) -> None:
        base = run(where, "rev-parse", "HEAD")
        old = run(where, "rev-parse", "HEAD^{tree}")
        *folders, last = name.split(b"/")
        new = tree(where, ("100644", last, write(where, "blob", content)))
        for folder in reversed(folders):
            new = tree(where, ("40000", folder, new))
        brought = commit(where, new, base)
        run(where, "update-ref", "HEAD", commit(where, old, brought, message=b"taken away\n"))

    return plant


def _commit(**options: bytes) -> Plant:
    def plant(where: Path) -> None:
        new = commit(where, run(where, "rev-parse", "HEAD^{tree}"), run(where, "rev-parse", "HEAD"), **options)
        run(where, "update-ref", "HEAD", new)

    return plant


def _based(offset: int) -> bytes:
    return base64.b64encode(b"token: "[:offset] + VALUE + b" and more")


def _zipped(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("keys.txt"), b"token = " + VALUE + b"\n" * 40, method)
    return out.getvalue()


def _tag(where: Path, ref: str = "refs/tags/v1", oid: str = "HEAD", kind: str = "commit", **options: bytes) -> None:
    run(where, "update-ref", ref, tag(where, run(where, "rev-parse", oid), kind, **options))


def _tag_of_a_blob(where: Path) -> None:
    _tag(where, oid=write(where, "blob", VALUE), kind="blob")


def _tag_of_a_tree(where: Path) -> None:
    _tag(where, oid=tree(where, ("100644", b"a", write(where, "blob", VALUE))), kind="tree")


def _tag_of_a_tag(where: Path) -> None:
    inner = tag(where, run(where, "rev-parse", "HEAD"), message=b"the key is " + VALUE + b"\n")
    _tag(where, oid=inner, kind="tag", message=b"of a tag\n")


def _ref(name: str) -> Plant:
    def plant(where: Path) -> None:
        base = run(where, "rev-parse", "HEAD")
        new = commit(where, tree(where, ("100644", b"a", write(where, "blob", VALUE))), base)
        run(where, "update-ref", name, new)

    return plant


def _named_ref(name: str) -> Plant:
    def plant(where: Path) -> None:
        run(where, "update-ref", name, "HEAD")

    return plant


def _branch_checked_out(where: Path) -> None:
    run(where, "checkout", "--quiet", "-b", TEXT)
    run(where, "commit", "--quiet", "--allow-empty", "-m", "on it")


def _symbolic_ref(where: Path) -> None:
    run(where, "update-ref", f"refs/remotes/origin/{TEXT}", "HEAD")
    run(where, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{TEXT}")


def _note(where: Path) -> None:
    run(where, "notes", "add", "-m", f"it was {TEXT}", "HEAD")


def _notes_name(where: Path) -> None:
    run(where, "notes", "add", "-m", "a note", "HEAD")
    note, blob = run(where, "notes", "list").split()[::-1]
    entries = sorted([("100644", note.encode(), blob), ("100644", VALUE, blob)], key=lambda entry: entry[1])
    run(where, "update-ref", "refs/notes/commits", commit(where, tree(where, *entries)))
    _commit(message=VALUE)(where)
    _commit(message=b"it has a note")(where)


def _change(where: Path, text: str = f"key = {TEXT}\n") -> None:
    (where / "file").write_text(text)


def _stash(where: Path) -> None:
    _change(where)
    run(where, "stash", "push", "--quiet")


def _older_stash(where: Path) -> None:
    _stash(where)
    _change(where, "nothing\n")
    run(where, "stash", "push", "--quiet")


def _staged_and_committed(where: Path) -> None:
    _change(where)
    run(where, "commit", "--quiet", "-a", "-m", "a key")
    _change(where, "no key\n")
    run(where, "commit", "--quiet", "-a", "-m", "no key")


def _staged(where: Path) -> None:
    _change(where)
    run(where, "add", "file")


def _staged_name(where: Path) -> None:
    (where / TEXT).write_text("x")
    run(where, "add", TEXT)


def _staged_in_another(where: Path) -> None:
    other = where.parent / "other tree"
    run(where, "worktree", "add", "--quiet", "-b", "other", str(other))
    _staged(other)


def _reset_away(where: Path) -> None:
    _change(where)
    run(where, "commit", "--quiet", "-a", "-m", "a key")
    run(where, "reset", "--quiet", "--hard", "HEAD~1")


def _reflog_only(where: Path) -> None:
    _reset_away(where)
    (where / ".git/ORIG_HEAD").unlink()


def _reflog_message(where: Path) -> None:
    run(where, "update-ref", "-m", f"why: {TEXT}", "refs/heads/other", "HEAD")


def _reflog_of_another(where: Path) -> None:
    other = where.parent / "other tree"
    run(where, "worktree", "add", "--quiet", "--detach", str(other))
    _reset_away(other)
    for path in (where / ".git/worktrees").glob("*/ORIG_HEAD"):
        path.unlink()


def _detached(where: Path) -> None:
    run(where, "checkout", "--quiet", "--detach")
    _staged_and_committed(where)


def _worktree(where: Path) -> None:
    other = where.parent / "other tree"
    run(where, "worktree", "add", "--quiet", "--detach", str(other))
    _staged_and_committed(other)


def _gone_worktree(where: Path) -> None:
    other = where.parent / "other tree"
    run(where, "worktree", "add", "--quiet", "--detach", str(other))
    _change(other)
    run(other, "commit", "--quiet", "-a", "-m", "a key")
    shutil.rmtree(other)


def _own_ref_of_a_worktree(where: Path) -> None:
    other = where.parent / "other tree"
    run(where, "worktree", "add", "--quiet", "--detach", str(other))
    _ref("refs/worktree/own")(other)


def _unreachable_packed(where: Path) -> None:
    oid = write(where, "blob", VALUE)
    run(where, "pack-objects", "--quiet", ".git/objects/pack/pack", stdin=oid.encode())
    run(where, "prune-packed")


def _kept_pack(where: Path) -> None:
    _unreachable_packed(where)
    for pack in (where / ".git/objects/pack").glob("*.pack"):
        pack.with_suffix(".keep").touch()


def _merge(where: Path) -> None:
    base = run(where, "rev-parse", "HEAD")
    trees = [
        tree(where, ("100644", b"a", write(where, "blob", text))) for text in (b"left", b"right", b"both " + VALUE)
    ]
    sides = [commit(where, one, base) for one in trees[:2]]
    merge = commit(where, trees[2], *sides, message=b"a merge\n")
    run(where, "update-ref", "HEAD", commit(where, run(where, "rev-parse", "HEAD^{tree}"), merge))


def _resolved(where: Path) -> None:
    """Merge a branch that has the value, with a conflict: the index remembers what was on the sides."""
    run(where, "checkout", "--quiet", "-b", "side")
    _change(where)
    run(where, "commit", "--quiet", "-a", "-m", "a key")
    run(where, "checkout", "--quiet", "main")
    _change(where, "no key\n")
    run(where, "commit", "--quiet", "-a", "-m", "none")
    run(where, "merge", "--quiet", "side", check=False)
    _change(where, "resolved\n")
    run(where, "add", "file")
    run(where, "commit", "--quiet", "-m", "merged")
    run(where, "branch", "-D", "side")


def _root(where: Path) -> None:
    root = commit(where, tree(where, ("100644", b"a", write(where, "blob", VALUE))))
    run(where, "update-ref", "HEAD", commit(where, run(where, "rev-parse", "HEAD^{tree}"), root))


def _submodule(where: Path) -> None:
    base, old = run(where, "rev-parse", "HEAD"), run(where, "rev-parse", "HEAD^{tree}")
    modules = f'[submodule "{TEXT}"]\n\tpath = {TEXT}\n\turl = https://example.org/x\n'.encode()
    entries = [("100644", b".gitmodules", write(where, "blob", modules)), ("160000", VALUE, "1" * 40)]
    run(where, "update-ref", "HEAD", commit(where, old, commit(where, tree(where, *entries), base)))


def _cloned_submodule(where: Path) -> None:
    (where / ".git/modules" / TEXT).mkdir(parents=True)
    (where / ".git/modules" / TEXT / "HEAD").write_text("ref: refs/heads/main\n")


def _file(name: str, content: str | bytes = f"x {TEXT} y\n") -> Plant:
    def plant(where: Path) -> None:
        path = where / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    return plant


def _config(where: Path) -> None:
    run(where, "config", "remote.origin.url", f"https://x:{TEXT}@example.org/x")


def _packed_ref(where: Path) -> None:
    _ref("refs/heads/other")(where)
    run(where, "update-ref", f"refs/heads/{TEXT}/x", "HEAD")
    run(where, "pack-refs", "--all", "--prune")


def _two_packs(where: Path) -> None:
    _staged_and_committed(where)
    run(where, "repack", "-q", "-a", "-d")
    _change(where)
    run(where, "commit", "--quiet", "-a", "-m", "once more")
    _change(where, "no key again\n")
    run(where, "commit", "--quiet", "-a", "-m", "no key again")
    run(where, "repack", "-q", "-d")
    run(where, "multi-pack-index", "write")
    run(where, "commit-graph", "write", "--reachable")


def _split_index(where: Path) -> None:
    _staged_name(where)
    run(where, "update-index", "--split-index")
    run(where, "rm", "-q", "--cached", TEXT)


def _unborn(where: Path) -> None:
    run(where, "checkout", "--quiet", "--orphan", TEXT)
    run(where, "rm", "-r", "--quiet", "--cached", ".")


def _shortened(where: Path) -> None:
    for name in (f"{TEXT[:20]}!", TEXT):
        (where / name).write_text("x")
    run(where, "add", ".")
    run(where, "update-index", "--index-version", "4")


def _named_worktree(where: Path) -> None:
    run(where, "worktree", "add", "--quiet", "--detach", str(where.parent / TEXT))
    run(where.parent / TEXT, "commit", "--quiet", "--allow-empty", "-m", TEXT)


def _rerere(where: Path) -> None:
    run(where, "config", "rerere.enabled", "true")
    _resolved(where)
    for path in (where / ".git/rr-cache").glob("*/preimage"):
        path.with_name("postimage").write_text(TEXT)


WORDS = b"it is " + VALUE + b", keep it\n"
NAME = b"Ada <ada+" + VALUE + b"@example.org> 1767323045 -0730"

PLACES = [
    Place("text", _blob(WORDS)),
    Place("a folder with a space", _blob(WORDS, b"a folder/keys.txt")),
    Place("a folder that is not UTF-8", _blob(WORDS, b"caf\xe9/d\xff/keys.txt")),
    Place("UTF-16", _blob("\ufeffit is ".encode("utf-16-le") + TEXT.encode("utf-16-le") + "\r\n".encode("utf-16-le"))),
    Place("a binary file", _blob(b"\0\1\2" + VALUE + b"\0\3" * 9)),
    *(Place(f"base64 at {offset}", _blob(_based(offset))) for offset in range(3)),
    Place("hex", _blob(VALUE.hex().encode())),
    Place("percent", _blob(b"x=" + b"".join(b"%%%02X" % byte for byte in VALUE))),
    Place("JSON escapes", _blob(b'"' + b"".join(b"\\u%04x" % byte for byte in VALUE) + b'"')),
    Place("two lines", _blob(b'key = "' + VALUE[:20] + b'" \\\n      "' + VALUE[20:] + b'"\n')),
    Place("a stored zip", _blob(_zipped(zipfile.ZIP_STORED), b"a.zip")),
    Place("a deflated zip", _blob(_zipped(zipfile.ZIP_DEFLATED), b"a.zip"), "objects"),
    Place("gzip", _blob(gzip.compress(WORDS), b"a.gz"), "objects"),
    Place("a file name", _blob(b"x", b"key-" + VALUE + b".txt")),
    Place("a folder name", _blob(b"x", b"key-" + VALUE + b"/a")),
    Place("a commit message", _commit(message=WORDS)),
    Place("a commit header", _commit(headers=b"x-key " + VALUE + b"\n more of it\n")),
    Place("an author", _commit(author=NAME)),
    Place("a committer", _commit(committer=VALUE + b" <> 1 +0000")),
    Place("a tag message", lambda where: _tag(where, message=WORDS)),
    Place("a tagger", lambda where: _tag(where, tagger=NAME)),
    Place("a branch name", _named_ref(f"refs/heads/fix/{TEXT}")),
    Place("a branch name that is checked out", _branch_checked_out),
    Place("a branch name that a symbolic ref stands for", _symbolic_ref),
    Place("a symbolic ref's name", lambda where: run(where, "symbolic-ref", f"refs/heads/{TEXT}", "refs/heads/main")),
    Place("a tag name", lambda where: _tag(where, f"refs/tags/{TEXT}", name=VALUE)),
    Place("a note", _note),
    Place("a name among notes", _notes_name),
    Place("a stash", _stash),
    Place("an older stash", _older_stash),
    Place("what was staged and then committed", _staged_and_committed),
    Place("what is staged", _staged, "objects", ("staged",)),
    Place("a staged name", _staged_name, "files", ("staged",)),
    Place("what is staged in another working tree", _staged_in_another, "objects"),
    Place("an index that is split", _split_index, "files"),
    Place("ORIG_HEAD", _reset_away),
    Place("a reflog alone", _reflog_only),
    Place("a reflog's message", _reflog_message),
    Place("a reflog of another working tree", _reflog_of_another),
    Place("a tag of a blob", _tag_of_a_blob),
    Place("a tag of a tree", _tag_of_a_tree),
    Place("a tag of a tag", _tag_of_a_tag),
    Place("a ref to a blob", lambda where: run(where, "update-ref", "refs/x/y", write(where, "blob", VALUE))),
    Place("a pull request", _ref("refs/pull/1/head")),
    Place("a remote's branch", _ref("refs/remotes/origin/x")),
    Place("a detached HEAD", _detached),
    Place("another working tree's HEAD", _worktree, allow=("worktrees",)),
    Place("a working tree that is gone", _gone_worktree),
    Place("a ref that a working tree has for itself", _own_ref_of_a_worktree),
    Place("a loose object that nothing reaches", lambda where: write(where, "blob", VALUE)),
    Place("a packed object that nothing reaches", _unreachable_packed),
    Place(
        "a commit that nothing reaches",
        lambda where: commit(where, run(where, "rev-parse", "HEAD^{tree}"), message=WORDS),
    ),
    Place("a pack that is kept", _kept_pack, "objects"),
    Place("a merge's own resolution", _merge),
    Place("a conflict's sides, in the index", _resolved),
    Place("a conflict's sides, in rerere", _rerere),
    Place("the first commit", _root),
    Place("a submodule's name", _submodule),
    Place("a submodule's folder", _cloned_submodule, "files"),
    Place("a large file", _file("lfs/objects/ab/cd/abcd"), "files"),
    Place("a large file half fetched", _file("lfs/tmp/abcd"), "files"),
    Place("the configuration", _config, "files"),
    Place("a hook", _file("hooks/pre-commit"), "files"),
    Place("the last message", _file("COMMIT_EDITMSG")),
    Place("a message of a squash", _file("SQUASH_MSG")),
    Place("FETCH_HEAD", _file("FETCH_HEAD", f"{'1' * 40}\t\tbranch 'main' of https://x:{TEXT}@example.org/x\n")),
    Place("a branch name that is checked out and has no commit yet", _unborn),
    Place("a name that an index shortens", _shortened, "files", ("staged",)),
    Place("the folder of a working tree", _named_worktree, "files", ("worktrees",)),
    Place("another program's file", _file("some/file"), "files"),
    Place("packed refs", _packed_ref),
    Place("two packs", _two_packs),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        whole.be_nobody(patch, tmp_path_factory.mktemp("home"))
        where = tmp_path_factory.mktemp("model") / "repo"
        run(where.parent, "init", "--quiet", "-b", "main", str(where))
        for number in range(2):
            (where / "file").write_text(f"{number}\n")
            run(where, "add", "file")
            run(where, "commit", "--quiet", "-m", f"change {number}")
        return where


@pytest.fixture(scope="module", autouse=True)
def quick() -> object:
    with pytest.MonkeyPatch.context() as patch:
        purging.be_quick(patch)
        purging.without_proven_backup(patch)
        yield


def _is_told(path: str, name: str) -> bool:
    """Whether a file is told of by a name: its own, or that of another in the same folder."""
    folder, is_inside, _ = name.rpartition("/")
    return f"{name}/".startswith(f"{path}/") or (bool(is_inside) and path.startswith(f"{folder}/"))


def masked(path: str) -> str:
    return path.replace(TEXT, "***REMOVED***")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_value_is_gone_or_the_plan_said_where_it_stays(place: Place, model: Path, tmp_path: Path) -> None:
    where = Path(shutil.copytree(model, tmp_path / "repo", symlinks=True))
    place.plant(where)
    before = holding(where)
    assert before.objects or before.files or place.plant is _shortened

    made, applied = purging.purge(where, allow=place.allow)

    after, proof = holding(where), applied.proof
    assert {line for line in purging.fsck(where) if "unborn branch" not in line} == set()
    assert set(proof.objects) <= after.objects
    assert proof.holds == (not place.left)
    assert bool(after.objects or after.files or place.plant is _shortened) == bool(place.left)
    if place.left:
        named = {left["object"] for left in made["left"]} | {held["file"] for held in made["files"]}
        assert all(any(_is_told(path, name) for name in named) for path in map(masked, after.files))
        assert after.objects <= named or any(name.endswith(("index", ".keep")) for name in named)
        assert {*proof.files} <= {*map(masked, after.files), "index"}

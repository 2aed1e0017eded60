"""Every place of a repository where a secret can lie, one repository for each: a scan of everything finds it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from plain_git import TOKEN, scanner

LINE = f"token = {TOKEN}\n"


class Repository:
    """A repository in a folder, with what makes one quickly."""

    def __init__(self, where: Path, *options: str) -> None:
        self.where = where
        where.mkdir(exist_ok=True)
        self("init", "--quiet", "--initial-branch=main", *options)
        self.commit("README", "a project\n")

    def __call__(self, *args: str, stdin: bytes = b"", **env: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always")
        done = subprocess.run(
            ["git", "-C", str(self.where), *who, *args],
            input=stdin,
            capture_output=True,
            check=True,
            env=os.environ | env,
        )
        return done.stdout.decode().strip()

    def write(self, name: str, content: str | bytes) -> None:
        file = self.where / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, name: str, content: str | bytes, message: str = "a change") -> None:
        self.write(name, content)
        self("add", "--all")
        self("commit", "--quiet", f"--message={message}")

    def conflict(self) -> None:
        """Leave a merge unfinished, with a conflict in `file`."""
        self.commit("file", "one\n")
        self("branch", "side")
        self.commit("file", "two\n")
        self("checkout", "--quiet", "side")
        self.commit("file", "three\n")
        self("checkout", "--quiet", "main")
        with pytest.raises(subprocess.CalledProcessError):
            self("merge", "--quiet", "side")


Row = Callable[[Repository], None]
ROWS: dict[str, Row] = {}


def row(name: str) -> Callable[[Row], Row]:
    def note(make: Row) -> Row:
        ROWS[name] = make
        return make

    return note


@row("added, and removed later")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    repo.commit("file", "nothing\n")


@row("only in the resolution of a merge")
def _(repo: Repository) -> None:
    repo.conflict()
    repo.commit("file", LINE, "merged")
    repo.commit("file", "nothing\n")


@row("in a new file that the merge added")
def _(repo: Repository) -> None:
    repo.conflict()
    repo.write("file", "one\n")
    repo.commit("more", LINE, "merged")


@row("in a commit's message")
def _(repo: Repository) -> None:
    repo.commit("file", "nothing\n", f"a change\n\n{LINE}")


@row("in the message of an annotated tag")
def _(repo: Repository) -> None:
    repo("tag", "--annotate", "--message", LINE, "v1")


@row("in a note")
def _(repo: Repository) -> None:
    repo("notes", "add", "--message", LINE)


@row("in a stash of a tracked file")
def _(repo: Repository) -> None:
    repo.write("README", LINE)
    repo("stash")


@row("in the untracked part of a stash")
def _(repo: Repository) -> None:
    repo.write("new", LINE)
    repo("stash", "--include-untracked")


@row("in the index part of a stash")
def _(repo: Repository) -> None:
    repo.write("README", LINE)
    repo("add", "README")
    repo.write("README", "a project\n")
    repo("stash")


@row("in an older entry of the stash")
def _(repo: Repository) -> None:
    repo.write("README", LINE)
    repo("stash")
    repo.write("README", "nothing\n")
    repo("stash")


@row("in a commit that was amended away")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    repo.write("file", "nothing\n")
    repo("commit", "--quiet", "--all", "--amend", "--message=amended")


@row("in a commit that nothing names")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    repo("reset", "--quiet", "--hard", "HEAD~1")
    repo("reflog", "expire", "--expire=now", "--all")


@row("in a blob that nothing names")
def _(repo: Repository) -> None:
    repo("hash-object", "-w", "--stdin", stdin=LINE.encode())


@row("as the name of a file")
def _(repo: Repository) -> None:
    repo.commit(f"{TOKEN}.txt", "nothing\n")


@row("as the name of a folder")
def _(repo: Repository) -> None:
    repo.commit(f"keys/{TOKEN}/file", "nothing\n")


@row("as the name of a branch")
def _(repo: Repository) -> None:
    repo("branch", f"wip/{TOKEN}")


@row("in an author's address")
def _(repo: Repository) -> None:
    repo("commit", "--quiet", "--allow-empty", "--message=a", f"--author=a <{TOKEN}@example.com>")


@row("in a tag of a blob")
def _(repo: Repository) -> None:
    repo("tag", "blob", repo("hash-object", "-w", "--stdin", stdin=LINE.encode()))


@row("in a tag of a tree")
def _(repo: Repository) -> None:
    blob = repo("hash-object", "-w", "--stdin", stdin=LINE.encode())
    repo("tag", "tree", repo("mktree", stdin=f"100644 blob {blob}\tfile\n".encode()))


@row("in a file in UTF-16, little-endian")
def _(repo: Repository) -> None:
    repo.commit("file", b"\xff\xfe" + LINE.encode("utf-16-le"))


@row("in a file in UTF-16, big-endian")
def _(repo: Repository) -> None:
    repo.commit("file", b"\xfe\xff" + LINE.encode("utf-16-be"))


@row("in a file with a NUL byte")
def _(repo: Repository) -> None:
    repo.commit("file", b"\0\1\2\n" + LINE.encode())


@row("in a file that attributes call binary")
def _(repo: Repository) -> None:
    repo.commit(".gitattributes", "* -diff\n*.bin binary\n")
    repo.commit("file.bin", LINE)
    repo.commit("file.bin", "nothing\n")


@row("in a file whose attributes are the user's")
def _(repo: Repository) -> None:
    repo.write("../attributes", "* -diff\n")
    repo("config", "core.attributesFile", str(repo.where.parent / "attributes"))
    repo.commit("file", LINE)


@row("in a file with a textconv driver")
def _(repo: Repository) -> None:
    repo("config", "diff.quiet.textconv", "true")
    repo.commit(".gitattributes", "* diff=quiet\n")
    repo.commit("file", LINE)


@row("in a link that became a file")
def _(repo: Repository) -> None:
    (repo.where / "link").symlink_to("nowhere")
    repo.commit("file", "nothing\n")
    (repo.where / "link").unlink()
    repo.commit("link", LINE)
    repo.commit("link", "nothing\n")


@row("as where a link leads")
def _(repo: Repository) -> None:
    (repo.where / "link").symlink_to(f"../{TOKEN}")
    repo.commit("file", "nothing\n")


@row("on a line that came with a rename")
def _(repo: Repository) -> None:
    repo.commit("old", "".join(f"line {i}\n" for i in range(50)))
    repo("mv", "old", "new")
    repo.commit("new", "".join(f"line {i}\n" for i in range(50)) + LINE)


@row("where the user has colours in diffs")
def _(repo: Repository) -> None:
    for name in ("ui", "diff"):
        repo("config", f"color.{name}", "always")
    repo.commit("file", LINE)


@row("where the order of diffs is in a file that is not there")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    repo("config", "diff.orderFile", "/nowhere")


@row("in a blob that a replacement hides")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    other = repo("hash-object", "-w", "--stdin", stdin=b"nothing\n")
    repo("replace", repo("rev-parse", "HEAD:file"), other)


@row("behind refs that are no branches or tags")
def _(repo: Repository) -> None:
    repo.commit("file", LINE)
    repo("update-ref", "refs/pull/1/head", "HEAD")
    repo("reset", "--quiet", "--hard", "HEAD~1")
    repo("reflog", "expire", "--expire=now", "--all")


def found(where: Path) -> set[bytes]:
    report = tightlip.scan_history(where, scanner=scanner())
    assert report.complete
    return {finding.secret.reveal() for finding in report.findings}


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
@pytest.mark.parametrize("place", ROWS)
def test_a_secret_is_found(place: str, packed: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter
    repo = Repository(tmp_path / "repo")
    ROWS[place](repo)
    if packed:
        repo("repack", "-a", "-d", "-k", "--quiet")
    assert found(repo.where) == {TOKEN.encode()}


@pytest.mark.parametrize("kind", ["a SHA-256 one", "a linked working tree", "a bare one", "one inside a submodule"])
def test_a_secret_is_found_in_a_repository_that_is(kind: str, tmp_path: Path) -> None:
    repo = Repository(tmp_path / "repo", *(["--object-format=sha256"] if kind == "a SHA-256 one" else []))
    repo.commit("file", LINE)
    where = repo.where
    if kind == "a linked working tree":
        where = tmp_path / "linked"
        repo("worktree", "add", "--quiet", str(where), "HEAD~1")
    elif kind == "a bare one":
        where = tmp_path / "bare.git"
        repo("clone", "--quiet", "--bare", str(repo.where), str(where))
    elif kind == "one inside a submodule":
        outer = Repository(tmp_path / "outer")
        outer("submodule", "--quiet", "add", str(repo.where), "inner")
        where = outer.where / "inner"
    assert found(where) == {TOKEN.encode()}

"""Files and folders are read whole, without leaving them and without waiting, and what is not read is told."""

from __future__ import annotations

import io
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import UsageError
from tightlip.finding import Unscanned
from tightlip.model import Blob
from tightlip.sources import files, stdin

posix_only = pytest.mark.skipif(os.name != "posix", reason="there is no such thing")


def read(*paths: str | Path, **options: object) -> dict[str, bytes]:
    """Return the contents by path; fails when something is told as unscanned."""
    items = list(files.blobs([str(path) for path in paths], **options))  # type: ignore[arg-type]
    assert [item for item in items if isinstance(item, Unscanned)] == []
    blobs = [item for item in items if isinstance(item, Blob)]
    contents = {os.fsdecode(blob.path): blob.data for blob in blobs if blob.part == "content"}
    assert [blob.data for blob in blobs if blob.part == "path"] == [os.fsencode(path) for path in contents]
    return contents


def unscanned(*paths: str | Path, **options: object) -> dict[str, str]:
    items = files.blobs([str(path) for path in paths], **options)  # type: ignore[arg-type]
    return {item.what: item.why for item in items if isinstance(item, Unscanned)}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    path = tmp_path / "folder"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def write(folder: Path) -> Callable[[str, bytes], None]:
    def write(name: str, data: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    return write


def test_a_file_is_read_as_it_is_under_the_name_it_was_given(folder: Path, write: Callable[[str, bytes], None]) -> None:
    write("a.bin", b"\0\r\n\xff")
    write("empty", b"")

    assert read("a.bin", "./a.bin", "empty") == {"a.bin": b"\0\r\n\xff", "./a.bin": b"\0\r\n\xff", "empty": b""}
    assert read(folder / "a.bin") == {str(folder / "a.bin"): b"\0\r\n\xff"}


def test_a_folder_is_gone_through_in_the_order_of_names(write: Callable[[str, bytes], None]) -> None:
    for name in ("b/2.txt", "b/1.txt", "a/c/d.txt", "z.txt", ".hidden", "b.txt"):
        write(name, name.encode())

    order = [".hidden", "b.txt", "z.txt", "a/c/d.txt", "b/1.txt", "b/2.txt"]
    assert list(read(".")) == order
    assert list(read("b")) == ["b/1.txt", "b/2.txt"]
    assert list(read("b/")) == ["b/1.txt", "b/2.txt"]


def test_what_is_gits_own_is_left_out_and_what_git_ignores_is_not(
    folder: Path, write: Callable[[str, bytes], None]
) -> None:
    subprocess.run(["git", "init", "-q", folder], check=True)
    write(".gitignore", b"ignored.txt\nbuild/\n")
    for name in ("ignored.txt", "build/out.txt", "sub/.git", "sub/a.txt", "other/.git/HEAD", "d/ignored.txt"):
        write(name, b"x")

    kept = {".gitignore", "sub/a.txt"}
    assert set(read(".")) == kept | {"ignored.txt", "build/out.txt", "d/ignored.txt"}
    assert set(read(".", skip_ignored=True)) == kept
    assert set(read("d", skip_ignored=True)) == set()


def test_a_tracked_file_that_git_would_ignore_is_read(folder: Path, write: Callable[[str, bytes], None]) -> None:
    subprocess.run(["git", "init", "-q", folder], check=True)
    write(".gitignore", b"*.env\n")
    write("a.env", b"x")
    subprocess.run(["git", "add", "-f", "a.env"], check=True)

    assert "a.env" in read(".", skip_ignored=True)


def test_outside_of_a_repository_nothing_is_ignored(write: Callable[[str, bytes], None]) -> None:
    write(".gitignore", b"*\n")
    write("a.txt", b"x")

    assert set(read(".", skip_ignored=True)) == {".gitignore", "a.txt"}


@posix_only
def test_a_link_in_a_folder_is_its_target_and_is_not_followed(
    folder: Path, write: Callable[[str, bytes], None]
) -> None:
    write("a.txt", b"x")
    for name, target in (
        ("to-file", "a.txt"),
        ("to-folder", ".."),
        ("to-nothing", "no/such"),
        ("to-itself", "to-itself"),
    ):
        (folder / name).symlink_to(target)

    assert read(".") == {
        "a.txt": b"x",
        "to-file": b"a.txt",
        "to-folder": b"..",
        "to-itself": b"to-itself",
        "to-nothing": b"no/such",
    }


@posix_only
def test_a_link_that_is_named_is_followed_unless_told_otherwise(
    folder: Path, write: Callable[[str, bytes], None]
) -> None:
    write("d/a.txt", b"x")
    (folder / "to-file").symlink_to("d/a.txt")
    (folder / "to-folder").symlink_to("d")
    (folder / "to-nothing").symlink_to("no/such")

    named = ("to-file", "to-folder", "to-nothing")
    assert read(*named) == {"to-file": b"x", "to-folder/a.txt": b"x", "to-nothing": b"no/such"}
    assert read(*named, follow=False) == {"to-file": b"d/a.txt", "to-folder": b"d", "to-nothing": b"no/such"}


@posix_only
def test_pipes_and_sockets_are_passed_over_in_a_folder_and_told_when_named(
    folder: Path, write: Callable[[str, bytes], None]
) -> None:
    write("a.txt", b"x")
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert read(".") == {"a.txt": b"x"}
        assert "no regular file" in unscanned("pipe")["pipe"]


@posix_only
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the administrator may read everything")
def test_what_may_not_be_read_is_told(folder: Path, write: Callable[[str, bytes], None]) -> None:
    write("a.txt", b"x")
    write("d/b.txt", b"x")
    (folder / "a.txt").chmod(0)
    (folder / "d").chmod(0)
    told = unscanned(".")
    (folder / "d").chmod(0o755)

    assert told == {"a.txt": "it cannot be read: Permission denied", "d": "it cannot be read: Permission denied"}


def test_what_disappears_on_the_way_is_told(folder: Path, write: Callable[[str, bytes], None]) -> None:
    write("a.txt", b"x")
    write("b.txt", b"x")
    walk = files.blobs(["."])
    next(walk)
    (folder / "b.txt").unlink()

    assert [item.what for item in walk if isinstance(item, Unscanned)] == ["b.txt"]


def test_a_file_over_the_limit_is_told(write: Callable[[str, bytes], None]) -> None:
    write("a.txt", b"x" * 101)
    write("b.txt", b"x" * 100)

    assert unscanned(".", limit=100) == {"a.txt": "its 101 bytes are over the limit of 100"}


def test_a_path_that_does_not_exist_is_an_error_before_anything_is_read(write: Callable[[str, bytes], None]) -> None:
    write("a.txt", b"x")
    with pytest.raises(UsageError, match=r"none\.txt: there is no such file or folder"):
        next(files.blobs(["a.txt", "none.txt"]))


@posix_only
def test_a_name_that_is_not_utf_8_is_kept_byte_for_byte(folder: Path) -> None:
    try:
        with open(os.path.join(os.fsencode(folder), b"\xff\n"), "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system refuses the name")

    assert [blob.path for blob in files.blobs(["."]) if isinstance(blob, Blob)] == [b"\xff\n", b"\xff\n"]


def test_a_stream_is_read_whole() -> None:
    assert list(stdin.blobs(io.BytesIO(b"x" * 3_000_000))) == [Blob(b"x" * 3_000_000, b"-")]


def test_a_stream_over_the_limit_is_told() -> None:
    (told,) = stdin.blobs(io.BytesIO(b"x" * 3_000_000), limit=1000)

    assert isinstance(told, Unscanned)
    assert "limit of 1000 bytes" in told.why

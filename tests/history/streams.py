"""Histories written as a stream for `git fast-import`, and taken in by one process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Git = Callable[..., str]


def git_in(where: Path) -> Git:
    def run(*args: str | Path, **options: object) -> str:
        done = subprocess.run(["git", "-C", where, *args], check=True, capture_output=True, **options)  # type: ignore[call-overload]
        return done.stdout.decode("utf-8", "replace").strip()

    return run


def new(where: Path, *options: str) -> Git:
    subprocess.run(["git", "init", "-q", "-b", "main", *options, where], check=True)
    return git_in(where)


class Stream:
    """A history in the making. Commits are numbered from 1."""

    def __init__(self) -> None:
        self._out: list[bytes] = []
        self._count = 0

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        parents: Sequence[int] | None = None,
        *,
        message: str = "a change",
        when: int | None = None,
    ) -> int:
        """Add files to those of the first parent, by default the last commit, or take away those that are None."""
        self._count += 1
        if parents is None:
            parents = [self._count - 1] if self._count > 1 else []
        seconds = 1_700_000_000 + 60 * self._count if when is None else when
        self._line(f"commit refs/heads/c{self._count}", f"mark :{self._count}")
        self._line(f"committer Ada Example <ada@example.org> {seconds} +0000")
        self._data(message.encode())
        for number, parent in enumerate(parents):
            self._line(f"{'merge' if number else 'from'} :{parent}")
        for path, content in files.items():
            if content is None:
                self._line(f"D {path}")
            else:
                self._line(f"M 100644 inline {path}")
                self._data(content.encode() if isinstance(content, str) else content)
        return self._count

    def tag(self, name: str, commit: int, message: str) -> None:
        self._line(f"tag {name}", f"from :{commit}", "tagger Ada Example <ada@example.org> 1700000000 +0000")
        self._data(message.encode())

    def take_in(self, run: Git, *, refs: Mapping[str, int], packed: bool = True) -> None:
        """Write all of it to a repository; of the commits' branches only `refs` stay.

        Parameters: `packed`, whether it comes as a pack, of which the deltas are those of the stream.
        """
        every = {f"refs/heads/c{number}" for number in range(1, self._count + 1)}
        lines = [*self._out, *(f"reset {name}\nfrom :{commit}\n\n".encode() for name, commit in refs.items())]
        limit = f"fastimport.unpackLimit={1 if packed else 10_000}"
        run("-c", limit, "fast-import", "--quiet", "--force", "--date-format=raw-permissive", input=b"".join(lines))
        run("update-ref", "--stdin", input="".join(f"delete {name}\n" for name in sorted(every - set(refs))).encode())

    def _line(self, *lines: str) -> None:
        self._out += [f"{line}\n".encode() for line in lines]

    def _data(self, content: bytes) -> None:
        self._out += [b"data %d\n" % len(content), content, b"\n"]

"""A program with a pipe to it and one from it: what git needs of `subprocess`, which takes long to import."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO

NOTHING = -1
"""For a program's standard input: there is none."""
PIPE = -2
"""For a program's standard input: what `Process.write` is given."""

_BUFFER = 1 << 16  # what a pipe holds on Linux
_STANDARD_ERROR = 2
_SIGTERM = 15  # the `signal` module is not worth its import


class Child:
    """A started program, in the terms of the platform.

    `wait` waits for the end and gives the exit code, negative for a signal; None when somebody else reaped the program.
    """

    __slots__ = ("input", "kill", "output", "wait")

    def __init__(
        self, stdin: IO[bytes] | None, stdout: IO[bytes], wait: Callable[[], int | None], kill: Callable[[], None]
    ) -> None:
        self.input, self.output, self.wait, self.kill = stdin, stdout, wait, kill


class Process:
    """A running program. As a context manager it is stopped and reaped on the way out, whatever happened."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], stdin: int, failure: Callable[[int, bytes], Exception]
    ) -> None:
        """Start `command`, found on the PATH.

        Parameters: `stdin`, a file descriptor (the caller closes it), NOTHING or PIPE; `failure`, what makes an
        exception of an exit code and the error output. Raises `OSError` when the program cannot be started.
        """
        self._failure = failure
        self._code: int | None = None
        self.complaints = b""
        """The beginning of what the program wrote to its error output; known once it has ended."""
        # The error output goes to a file and not to a pipe, which could fill up while nobody reads it.
        self._errors = scratch()
        try:
            self._child = _START(command, env, stdin, self._errors)
        except BaseException:
            os.close(self._errors)
            raise
        output = self._child.output
        self.read, self.readline, self.fileno = output.read, output.readline, output.fileno

    def write(self, data: bytes) -> None:
        """Give `data` to the program at once. A program that has ended is not noticed here: its output ends.

        This waits while the pipe is full, and a program whose output nobody reads may leave it full for ever: keep what
        is written and not yet answered below 4096 bytes, the least that a pipe holds.
        """
        if self._child.input is None:
            raise ValueError("this program was started without a pipe to it")
        try:
            self._child.input.write(data)
            self._child.input.flush()
        except OSError:  # a broken pipe; Windows calls it an invalid argument
            return

    def end_input(self) -> None:
        """Tell the program that nothing more will be written."""
        if self._child.input is not None:
            try:
                self._child.input.close()
            except OSError:  # the program has gone, and what it did not take with it
                return

    def finish(self, *fine: int) -> int:
        """Wait for the end and return the exit code. Raises what `failure` makes of one that is not 0 or in `fine`."""
        if self._code is None:
            self.end_input()
            while self.read(_BUFFER):
                pass
            self._reap()
        code = self._code or 0
        if code and code not in fine:
            raise self._failure(code, self.complaints)
        return code

    def close(self) -> None:
        """Stop the program if it still runs, and give everything back. How it ended does not matter here."""
        if self._code is None:
            self._child.kill()
            self._reap()

    def _reap(self) -> None:
        self.end_input()
        self._child.output.close()
        code = self._child.wait()
        os.lseek(self._errors, 0, os.SEEK_SET)
        self.complaints = os.read(self._errors, _BUFFER)
        os.close(self._errors)
        # Where a host ignores SIGCHLD there is no exit code, and git's own words have to do.
        self._code = code if code is not None else 128 * (b"fatal: " in self.complaints)

    def __enter__(self) -> Process:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def scratch(data: bytes = b"") -> int:
    """Return the descriptor of a nameless file that holds `data`, at its start. It is gone when closed."""
    file = _nameless()
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
        os.lseek(file, 0, os.SEEK_SET)
    except BaseException:
        os.close(file)
        raise
    return file


def _nameless() -> int:
    if hasattr(os, "memfd_create"):
        try:
            return os.memfd_create("tightlip")
        except OSError:  # an old kernel, or a sandbox
            pass
    folder = next(filter(None, map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))), "/tmp")  # noqa: S108 - a name nobody guesses
    path = os.path.join(folder, f"tightlip-{os.urandom(8).hex()}")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    if sys.platform == "win32":
        return os.open(path, flags | os.O_BINARY | os.O_NOINHERIT | os.O_TEMPORARY, 0o600)
    file = os.open(path, flags, 0o600)
    os.unlink(path)
    return file


def _pipe() -> tuple[int, int]:
    """Return a pipe that is clear of the standard descriptors, which may be closed, and then are handed out."""
    ends = os.pipe()
    if min(ends) > _STANDARD_ERROR:
        return ends
    try:
        return _pipe()
    finally:
        os.close(ends[0])
        os.close(ends[1])


def start_posix(command: list[str], env: Mapping[str, str], stdin: int, errors: int) -> Child:
    """Start a program with `posix_spawn`, in a tenth of the time that importing `subprocess` takes."""
    to_child: tuple[int, ...] = _pipe() if stdin == PIPE else ()
    from_child: tuple[int, ...] = ()
    try:
        from_child = _pipe()
        first: tuple[int, ...] | tuple[int, int, str, int, int]
        if stdin == NOTHING:
            first = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
        else:
            first = (os.POSIX_SPAWN_DUP2, to_child[0] if to_child else stdin, 0)
        rest = [(os.POSIX_SPAWN_DUP2, from_child[1], 1), (os.POSIX_SPAWN_DUP2, errors, 2)]
        pid = os.posix_spawn(_found(command[0]), command, env, file_actions=[first, *rest])
    except BaseException:
        for end in (*to_child, *from_child):
            os.close(end)
        raise
    os.close(from_child[1])
    if to_child:
        os.close(to_child[0])
    return Child(
        os.fdopen(to_child[1], "wb") if to_child else None,
        os.fdopen(from_child[0], "rb", _BUFFER),
        lambda: _wait(pid),
        lambda: os.kill(pid, _SIGTERM),
    )


def _wait(pid: int) -> int | None:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return None


def start_anywhere(command: list[str], env: Mapping[str, str], stdin: int, errors: int) -> Child:
    """Start a program with `subprocess`, where there is no `posix_spawn`."""
    import subprocess

    given = {NOTHING: subprocess.DEVNULL, PIPE: subprocess.PIPE}.get(stdin, stdin)
    program = subprocess.Popen(
        [_found(command[0]), *command[1:]], bufsize=_BUFFER, env=env, stdin=given, stdout=subprocess.PIPE, stderr=errors
    )
    output = program.stdout
    assert output is not None  # noqa: S101 - subprocess promises it for PIPE, its types do not say so
    return Child(program.stdin, output, program.wait, program.terminate)


def _found(name: str) -> str:
    """Return the path of a program on the PATH, never in a folder named relative to the current one.

    That one may be a stranger's; Windows itself would even look there first.
    """
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for ending in (".exe", ".com") if sys.platform == "win32" else ("",):
            path = os.path.join(folder, name + ending)
            if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
                return path
    raise FileNotFoundError(name)


_START = start_posix if hasattr(os, "posix_spawnp") else start_anywhere

"""Programs are started, fed, read and reaped without a deadlock, a zombie or a descriptor left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tightlip.git import process as processes
from tightlip.git.process import NOTHING, PIPE, Process, scratch

posix_only = pytest.mark.skipif(os.name != "posix", reason="there are no such descriptors or signals")

ECHO = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"


class Failed(Exception):
    def __init__(self, code: int, complaints: bytes) -> None:
        super().__init__(code, complaints)
        self.code, self.complaints = code, complaints


@pytest.fixture(params=["posix", "anywhere"])
def start(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Process]:
    """Start a Python program in each way that a platform may need."""
    if request.param == "posix" and os.name != "posix":
        pytest.skip("not this platform's way")
    monkeypatch.setattr(processes, "_START", getattr(processes, f"start_{request.param}"))

    def start(code: str, stdin: int = NOTHING) -> Process:
        return Process([sys.executable, "-S", "-c", code], dict(os.environ), stdin, Failed)

    return start


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Fail a test that leaves a child or a descriptor."""
    before = _descriptors()
    yield
    assert _descriptors() == before
    if os.name == "posix":
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)


def _descriptors() -> int:
    return len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0


def test_what_is_written_is_read_back(start: Callable[..., Process]) -> None:
    with start(ECHO, PIPE) as process:
        process.write(b"one\n")
        process.end_input()

        assert process.readline() == b"one\n"
        assert process.finish() == 0


def test_a_program_without_input_sees_its_end(start: Callable[..., Process]) -> None:
    with start(ECHO) as process:
        assert process.read() == b""
        process.finish()


def test_input_of_any_size_comes_from_a_file_so_that_nothing_can_block(start: Callable[..., Process]) -> None:
    data = os.urandom(1 << 20) * 3
    file = scratch(data)
    with start(ECHO, file) as process:
        os.close(file)

        assert process.read() == data
        process.finish()


def test_a_flood_on_the_error_output_blocks_nothing(start: Callable[..., Process]) -> None:
    with start("import sys; sys.stderr.write('x' * 1_000_000); print('done')") as process:
        assert process.readline().strip() == b"done"
        process.finish()

        assert set(process.complaints) == {ord("x")}


def test_a_failure_is_raised_with_the_code_and_what_was_said(start: Callable[..., Process]) -> None:
    with start("import sys; sys.exit('sorry')") as process:
        process.read()
        with pytest.raises(Failed) as failure:
            process.finish()

        assert failure.value.code == 1
        assert failure.value.complaints.strip() == b"sorry"
        assert process.finish(1) == 1


def test_writing_to_a_program_that_has_ended_is_no_error(start: Callable[..., Process]) -> None:
    with start("", PIPE) as process:
        assert process.read() == b""
        for _ in range(3):
            process.write(b"x" * 5000)
        process.finish()


def test_a_program_that_would_run_for_ever_is_stopped(start: Callable[..., Process]) -> None:
    began = time.monotonic()
    with start("print(1, flush=True)\nwhile True: pass") as process:
        assert process.readline().strip() == b"1"

    assert time.monotonic() - began < 5
    process.close()


def test_a_program_whose_output_is_not_wanted_is_stopped(start: Callable[..., Process]) -> None:
    with start("while True: print('x' * 10_000)") as process:
        process.read(1)


def test_an_exception_on_the_way_stops_the_program(start: Callable[..., Process]) -> None:
    with pytest.raises(KeyboardInterrupt), start(ECHO, PIPE):
        raise KeyboardInterrupt


@posix_only
def test_death_by_a_signal_has_a_negative_code(start: Callable[..., Process]) -> None:
    with start("import os; os.kill(os.getpid(), 9)") as process, pytest.raises(Failed) as failure:
        process.finish()

    assert failure.value.code == -signal.SIGKILL


@posix_only
def test_a_host_that_ignores_its_children_learns_of_a_failure_all_the_same() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        failing = Process(["sh", "-c", "echo 'fatal: no' >&2; exit 7"], dict(os.environ), NOTHING, Failed)
        with failing, pytest.raises(Failed):
            failing.finish()
        with Process(["sh", "-c", "echo yes"], dict(os.environ), NOTHING, Failed) as process:
            assert process.finish() == 0
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_a_program_that_is_not_there_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("posix", "anywhere"):
        monkeypatch.setattr(processes, "_START", getattr(processes, f"start_{way}"))
        with pytest.raises(FileNotFoundError):
            Process(["no-such-program-at-all"], dict(os.environ), PIPE, Failed)


def test_a_file_takes_the_place_of_memory_where_there_is_no_nameless_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    file = scratch(b"data")

    assert os.read(file, 9) == b"data"
    os.close(file)
    assert sorted(tmp_path.iterdir()) == before


@posix_only
@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1), (0, 1, 2)])
def test_closed_standard_descriptors_confuse_nothing(closed: tuple[int, ...]) -> None:
    code = (
        f"import os\nfor fd in {closed}: os.close(fd)\n"
        "from tightlip.git.process import Process, PIPE\n"
        "with Process(['cat'], dict(os.environ), PIPE, RuntimeError) as p:\n"
        "    p.write(b'x'); p.end_input(); ok = p.read() == b'x'; p.finish()\n"
        "os._exit(0 if ok else 3)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=20).returncode == 0


@posix_only
def test_an_interrupt_from_the_keyboard_ends_both_and_leaves_no_zombie() -> None:
    code = (
        "import os, signal\nfrom tightlip.git.process import Process, PIPE\n"
        "try:\n"
        "    with Process(['cat'], dict(os.environ), PIPE, RuntimeError) as p:\n"
        "        os.killpg(0, signal.SIGINT); p.readline()\n"
        "except KeyboardInterrupt:\n"
        "    try: os.waitpid(-1, os.WNOHANG)\n"
        "    except ChildProcessError: os._exit(42)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=20, start_new_session=True)

    assert done.returncode == 42

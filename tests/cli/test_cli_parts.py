"""The parts of the command line that have no command of their own: progress, destinations, files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TextIO

import pytest

from tightlip.advance import Advance
from tightlip.cli.output import Destination, deliver, destination
from tightlip.cli.progress import Progress
from tightlip.errors import UsageError


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("tightlip.cli.progress.time.monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "100")
    return now


def test_progress_says_how_far_how_much_and_how_long_and_clears_itself(clock: list[float]) -> None:
    out = Terminal()
    with Progress(out) as progress:
        progress(Advance(0, 0, 0, 0, 0))
        clock[0] += 30
        progress(Advance(2400, 4800, 60_000_000, 240_000_000, 2))
        line = out.getvalue().rpartition("\r")[2].rstrip()
        assert line == "█████░░░░░░░░░░░░░░░  25%  2,400/4,800 objects  60 MB/240 MB  2 secrets  1 min 30 s left"
    assert out.getvalue().endswith(f"\r{' ' * len(line)}\r")


def test_progress_goes_by_objects_where_nobody_knows_the_bytes(clock: list[float]) -> None:
    out = Terminal()
    with Progress(out) as progress:
        progress(Advance(3, 0, 0, 0, 1))
        assert out.getvalue().strip() == "scanning  3 objects  1 secret"
        clock[0] += 30
        progress(Advance(1200, 4800, 0, 0, 2))
        line = out.getvalue().rpartition("\r")[2].rstrip()
    assert line == "█████░░░░░░░░░░░░░░░  25%  1,200/4,800 objects  2 secrets  1 min 30 s left"


def test_progress_is_drawn_ten_times_a_second_at_most(clock: list[float]) -> None:
    out = Terminal()
    with Progress(out) as progress:
        for done in range(1000):
            clock[0] += 0.01
            progress(Advance(done, 1000, done, 1000, 0))
    assert 90 <= out.getvalue().count("objects") <= 110


def test_progress_never_passes_the_edge_of_the_terminal(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    out = Terminal()
    with Progress(out) as progress:
        clock[0] += 1
        progress(Advance(1, 1_000_000, 1, 1_000_000, 0))
    assert max(map(len, out.getvalue().split("\r"))) <= 29


@pytest.mark.parametrize("out", [io.StringIO(), Terminal()])
def test_progress_is_silent_in_a_pipe_and_when_not_wanted(out: io.StringIO) -> None:
    with Progress(out, shown=not out.isatty()) as progress:
        progress(Advance(1, 2, 1, 2, 0))
    assert not out.getvalue()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("text", Destination("text")),
        ("json:-", Destination("json")),
        ("json:out.json", Destination("json", "out.json")),
        (r"json:C:\x\out.json", Destination("json", r"C:\x\out.json")),
    ],
)
def test_only_the_first_colon_parts_a_format_from_its_file(text: str, read: Destination) -> None:
    assert destination(text) == read


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text("before")

    def breaks(_: str, out: TextIO) -> None:
        out.write("half")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        deliver([Destination("text", str(file))], breaks)
    assert file.read_text() == "before"
    assert list(tmp_path.glob("out*")) == [file]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links and devices")
def test_a_link_and_a_device_stay_what_they_are(tmp_path: Path) -> None:
    target, link = tmp_path / "real.txt", tmp_path / "link.txt"
    target.touch()
    link.symlink_to(target)
    deliver([Destination("text", str(link)), Destination("text", os.devnull)], lambda _, out: out.write("new") and None)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert not Path(os.devnull).is_file()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that hold")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot write"):
        deliver([Destination("text", str(tmp_path / "x"))], lambda _, out: out.write("x") and None)

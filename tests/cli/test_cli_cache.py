"""`tightlip cache`: info, clear."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tightlip import memory, patterns
from tightlip.cli import main
from tightlip.memory import Memory

Capture = pytest.CaptureFixture[str]
RULES = "rules-0badf00d"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own: others share one."""
    path = tmp_path / "cache"
    monkeypatch.setenv("TIGHTLIP_CACHE", str(path))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture
def shop(tmp_path: Path) -> str:
    return str(tmp_path / "work" / "shop")


@pytest.fixture
def filled(folder: Path, tmp_path: Path, shop: str, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """What is known of three repositories, two of them in one folder, and a file of compiled rules."""
    store = Memory()
    at = time.mktime((2026, 3, 4, 5, 6, 7, 0, 0, -1))
    with monkeypatch.context() as patch:
        patch.setattr("time.time", lambda: at)
        store.remember("/elsewhere", "feedc0de" * 4, b"".join(bytes([i]) * 20 for i in range(255)), 20)
        store.remember(str(tmp_path / "work" / "other"), "r", b"a" * 20, 20)
        store.remember(shop + "/.git", "r", b"a" * 20, 20)
        store.keep_outcome(shop + "/.git", "s", b"state", b"outcome")
    (folder / RULES).write_bytes(b"x" * 2000)
    return store


def test_info_on_nothing_says_where_it_would_be(folder: Path, capsys: Capture) -> None:
    assert main(["cache"]) == 0
    out = capsys.readouterr().out
    assert str(folder / memory.NAME) in out
    assert "there is none yet" in out
    assert not folder.exists()


def test_info_shows_the_file_its_size_and_every_repository(
    filled: Memory, folder: Path, shop: str, capsys: Capture
) -> None:
    assert main(["cache", "info"]) == 0
    file, size, rules, _, head, *lines = capsys.readouterr().out.splitlines()
    assert file.split() == ["file", str(folder / memory.NAME)]
    assert size.split()[0] == "size"
    assert size.split()[2] == "kB"
    assert rules.split() == ["rules", "1", "file,", "2", "kB"]
    assert head.split() == ["LAST", "USED", "OBJECTS", "SIZE", "RULES", "REPOSITORY"]
    assert len(lines) == 4
    assert lines[-1].split() == ["2026-03-04", "05:06", "255", "5.1", "kB", "feedc0de", "/elsewhere"]
    assert lines[0].endswith(f"{shop}/.git")


def test_info_in_short_is_the_repositories(filled: Memory, shop: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["cache", "-q"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{shop}/.git", str(tmp_path / "work" / "other"), "/elsewhere"]


def test_info_is_there_as_json(filled: Memory, folder: Path, capsys: Capture) -> None:
    assert main(["cache", "--report", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["file"] == str(folder / memory.NAME)
    assert document["rules"] == [{"file": str(folder / RULES), "bytes": 2000}]
    assert document["trouble"] == ""
    row = document["repositories"][-1]
    assert row.pop("used").startswith("2026-03-04T05:06:07")
    assert row == {"repository": "/elsewhere", "rules": "feedc0de" * 4, "ids": 255, "bytes": 5100}


@pytest.mark.skipif(sys.platform == "win32", reason="paths are Unicode there")
def test_a_repository_whose_name_holds_an_escape_or_is_not_unicode_is_shown_escaped(capsys: Capture) -> None:
    Memory().remember(os.fsdecode(b"/a\x1b[2J/\xff"), "r", b"a" * 20, 20)

    assert main(["cache"]) == 0
    assert r"/a\x1b[2J/\xff" in capsys.readouterr().out


@pytest.mark.parametrize("report", [[], ["-q"], ["--report", "json"]])
def test_clear_removes_everything_that_is_ours_and_nothing_else(
    report: list[str], filled: Memory, folder: Path, capsys: Capture
) -> None:
    (folder / f"{RULES}.123").write_bytes(b"left behind")
    (folder / f"{patterns.NAME}0123abcd").write_bytes(b"compiled")
    (folder / "rules-of-the-house.txt").write_bytes(b"somebody's")

    assert main(["cache", "clear", *report]) == 0
    out = capsys.readouterr().out
    if "json" in report:
        assert len(json.loads(out)["repositories"]) == 4
    else:
        assert out == "✓ removed what was known of 3 repositories and 3 files of compiled rules, 7.17 kB\n"
    assert filled.info() == []
    assert sorted(path.name for path in folder.iterdir()) == [memory.NAME, "rules-of-the-house.txt"]

    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out == "✓ removed nothing: there was nothing\n"


@pytest.mark.parametrize("where", ["work/shop", "work/shop/.git", "work/shop/"])
def test_one_repository_is_cleared_by_its_path(
    where: str, filled: Memory, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["cache", "clear", where]) == 0
    assert capsys.readouterr().out == "✓ removed what was known of 1 repository, 32 bytes\n"
    assert [row.repository for row in filled.info()] == [str(tmp_path / "work" / "other"), "/elsewhere"]
    assert (folder / RULES).exists()


def test_every_repository_in_a_folder_is_cleared_at_once(filled: Memory, tmp_path: Path, capsys: Capture) -> None:
    assert main(["cache", "clear", str(tmp_path / "work")]) == 0
    assert "2 repositories" in capsys.readouterr().out
    assert [row.repository for row in filled.info()] == ["/elsewhere"]


@pytest.mark.parametrize("where", ["work/sho", "work/shop/.git/x", "nowhere"])
def test_what_is_not_known_is_told(where: str, filled: Memory, tmp_path: Path, capsys: Capture) -> None:
    assert main(["cache", "clear", str(tmp_path / where)]) == 2
    assert f"nothing is known of {tmp_path / where}; tightlip cache info" in capsys.readouterr().err
    assert len(filled.info()) == 4


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["cler"], "'cler' is not info or clear, did you mean clear?"),
        (["info", "x"], "to clear one: tightlip cache clear x"),
    ],
)
def test_a_mistake_is_told_with_advice(arguments: list[str], advice: str, capsys: Capture) -> None:
    assert main(["cache", *arguments]) == 2
    assert advice in capsys.readouterr().err


def test_a_damaged_file_is_told_and_cleared(filled: Memory, capsys: Capture) -> None:
    Path(filled.file).write_bytes(b"nonsense")

    assert main(["cache", "info"]) == 0
    assert "not a database" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 0
    filled.remember("/repo", "r", b"a" * 20, 20)
    assert main(["cache", "info", "-q"]) == 0
    assert capsys.readouterr().out.endswith("/repo\n")


@pytest.mark.parametrize("which", [[], ["/elsewhere"]], ids=["everything", "one repository"])
def test_what_another_process_holds_is_not_said_to_be_removed(
    which: list[str], filled: Memory, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(memory, "PATIENCE", 0.1)
    with closing(sqlite3.connect(filled.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert main(["cache", "clear", *which]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "locked" in err
    assert len(filled.info()) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="the user's profile keeps others out")
def test_a_folder_that_others_can_write_is_told_and_left_alone(filled: Memory, folder: Path, capsys: Capture) -> None:
    folder.chmod(0o777)

    assert main(["cache"]) == 0
    assert "others can write to its folder" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 2
    assert "others can write to" in capsys.readouterr().err
    assert (folder / RULES).exists()
    folder.chmod(0o700)
    assert len(filled.info()) == 4

"""A restore leaves nothing in the store that a purge has put there, and everything that somebody else has."""

from __future__ import annotations

from pathlib import Path

import pytest
from purging import VALUE, applied, be_quick, planned
from whole_repository import be_nobody, run

from tightlip.git.plumbing import Git
from tightlip.purge.repository import backup, leftovers


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a value in its history, loose objects, and one that nothing leads to."""
    be_nobody(monkeypatch, tmp_path)
    be_quick(monkeypatch)
    repository = tmp_path / "made"
    run(tmp_path, "init", "--quiet", "-b", "main", str(repository))
    for text in ("start\n", f"token = {VALUE.decode()}\n", "token = None\n"):
        (repository / "settings").write_text(text)
        run(repository, "add", "settings")
        run(repository, "commit", "--quiet", "-m", text[:5])
        run(repository, "gc", "--quiet") if text == "start\n" else None
    run(repository, "hash-object", "-w", "--stdin", stdin=b"dangling\n")
    return repository


def objects(where: Path) -> set[str]:
    return {*run(where, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()}


def restored(where: Path, folder: Path) -> None:
    backup.restore(Git(str(where)), backup.load(str(folder)), force=True)


@pytest.mark.parametrize("prune", [True, False])
def test_git_fsck_says_what_it_said_before(where: Path, tmp_path: Path, prune: bool) -> None:  # noqa: FBT001
    before, said = objects(where), run(where, "fsck")
    assert said.startswith("dangling blob")
    applied(where, planned(where), prune=prune, folder=tmp_path / "backup")
    assert objects(where) != before
    restored(where, tmp_path / "backup")
    assert objects(where) == before
    assert run(where, "fsck") == said


def test_what_was_committed_after_the_purge_stays(where: Path, tmp_path: Path) -> None:
    applied(where, planned(where), folder=tmp_path / "backup")
    (where / "more").write_text("more\n")
    run(where, "add", "more")
    run(where, "commit", "--quiet", "-m", "after the purge")
    new = run(where, "rev-parse", "HEAD")
    restored(where, tmp_path / "backup")
    assert new in objects(where)
    assert run(where, "log", "--format=%s", new).split("\n")[0] == "after the purge"


def test_a_pack_that_is_to_be_kept_stays(where: Path, tmp_path: Path) -> None:
    applied(where, planned(where), folder=tmp_path / "backup")
    after = objects(where)
    pack = next((where / ".git/objects/pack").glob("*.pack"))
    pack.with_suffix(".keep").touch()
    restored(where, tmp_path / "backup")
    assert after <= objects(where)


def test_of_an_older_backup_nothing_is_known_and_nothing_goes(where: Path, tmp_path: Path) -> None:
    applied(where, planned(where), folder=tmp_path / "backup")
    after = objects(where)
    (tmp_path / "backup" / leftovers.NAME).unlink()
    restored(where, tmp_path / "backup")
    assert after <= objects(where)


def test_the_note_is_of_ids_alone(where: Path, tmp_path: Path) -> None:
    applied(where, planned(where), folder=tmp_path / "backup")
    assert VALUE not in (tmp_path / "backup" / leftovers.NAME).read_bytes()


def test_an_object_that_comes_while_it_is_cleared_stays(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(where, planned(where), folder=tmp_path / "backup")
    real, came = leftovers._remove, list[str]()

    def meanwhile(path: str) -> None:
        if not came:
            came.append(run(where, "hash-object", "-w", "--stdin", stdin=b"late\n"))
        real(path)

    monkeypatch.setattr(leftovers, "_remove", meanwhile)
    restored(where, tmp_path / "backup")
    assert came
    assert {*came} <= objects(where)

"""What speaks against rewriting a repository is said in a sentence each, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
import whole_repository as whole
from whole_repository import run

from tightlip.git.plumbing import Git
from tightlip.purge.repository import state


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return whole.small(tmp_path / "repo")


def _names(where: Path, *changing: str) -> dict[str, bool]:
    found = state.objections(Git(str(where)), changing)
    for objection in found:
        assert "\n" not in objection.why
        assert str(where.parent) in objection.why
        assert str(objection).endswith(f" --allow {objection.name}") == objection.overridable
    return {objection.name: objection.overridable for objection in found}


def test_nothing_speaks_against_a_clean_repository_or_untracked_files(where: Path, tmp_path: Path) -> None:
    (where / "untracked").write_text("x")
    (where / "file").touch()
    assert _names(where, "refs/heads/main") == {}
    run(tmp_path, "clone", "--quiet", "--mirror", str(where), "bare.git")
    assert _names(tmp_path / "bare.git", "refs/heads/main") == {}
    run(tmp_path, "init", "--quiet", "empty")
    assert _names(tmp_path / "empty") == {}


def test_staged_and_unstaged_changes(where: Path) -> None:
    (where / "file").write_text("changed\n")
    assert _names(where) == {"unstaged": True}
    run(where, "add", "file")
    assert _names(where) == {"staged": True}
    (where / "file").unlink()
    assert _names(where) == {"staged": True, "unstaged": True}


def test_a_file_that_was_only_touched_is_not_changed(where: Path) -> None:
    content = (where / "file").read_bytes()
    (where / "file").unlink()
    (where / "file").write_bytes(content)
    assert _names(where) == {}


def test_no_filter_that_is_configured_is_run(where: Path, tmp_path: Path) -> None:
    (where / ".gitattributes").write_text("* filter=trace\n")
    run(where, "config", "filter.trace.clean", f"touch {tmp_path / 'trace'}; cat")
    (where / "file").write_text("changed\n")
    assert _names(where) == {"unstaged": True}
    assert not (tmp_path / "trace").exists()


def test_clones_whose_history_is_elsewhere(where: Path, tmp_path: Path) -> None:
    run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{where}", "shallow")
    assert _names(tmp_path / "shallow") == {"shallow": False}
    run(where, "config", "uploadpack.allowFilter", "true")
    run(tmp_path, "clone", "--quiet", "--filter=blob:none", f"file://{where}", "partial")
    assert _names(tmp_path / "partial") == {"partial": False}
    run(tmp_path, "clone", "--quiet", "--shared", str(where), "shared")
    assert _names(tmp_path / "shared") == {"alternates": False}
    run(where, "config", "core.repositoryFormatVersion", "1")
    run(where, "config", "extensions.preciousObjects", "true")
    assert _names(where) == {"precious": False}


def test_replaced_history(where: Path) -> None:
    run(where, "replace", "main", "other")
    assert _names(where) == {"replace-refs": True}
    run(where, "replace", "-d", run(where, "rev-parse", "main"))
    (where / ".git/info").mkdir(exist_ok=True)
    (where / ".git/info/grafts").write_text(run(where, "rev-parse", "main") + "\n")
    assert _names(where) == {"replace-refs": True}


def test_missing_objects(where: Path) -> None:
    oid = run(where, "rev-parse", "other^{tree}")
    (where / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert _names(where) == {"corrupt": False}


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/x/y.lock", "worktrees/side/HEAD.lock", "packed-refs.lock"])
def test_locks(where: Path, tmp_path: Path, name: str) -> None:
    run(where, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    (where / ".git" / name).parent.mkdir(parents=True, exist_ok=True)
    (where / ".git" / name).touch()
    assert _names(where) == {"locked": False}


@pytest.mark.parametrize(
    "under_way",
    [
        ("bisect", "start", "main", "other"),
        ("merge", "side"),
        ("rebase", "side"),
        ("cherry-pick", "side"),
        ("revert", "main~1"),
    ],
)
def test_what_is_under_way(where: Path, under_way: tuple[str, ...]) -> None:
    run(where, "checkout", "--quiet", "-b", "side", "other")
    (where / "file").write_text("another\n")
    run(where, "commit", "--quiet", "-am", "conflicts")
    run(where, "checkout", "--quiet", "main")
    run(where, *under_way, check=False)
    run(where, "reset", "--quiet")
    run(where, "checkout", "--quiet", "--", ".")
    if not (where / ".git/MERGE_HEAD").exists() and under_way[0] in {"merge", "cherry-pick", "revert"}:
        (where / ".git" / f"{under_way[0].upper().replace('-', '_')}_HEAD").write_text(run(where, "rev-parse", "main"))
    assert _names(where) == {"in-progress": True}


def test_other_working_trees_where_what_they_have_changes(where: Path, tmp_path: Path) -> None:
    run(where, "worktree", "add", "--quiet", str(tmp_path / "side"), "other")
    run(where, "worktree", "add", "--quiet", "--detach", str(tmp_path / "detached"))
    assert _names(where, "refs/heads/main") == {}
    assert _names(where, "refs/heads/other") == {"worktrees": True}
    assert _names(where, "worktrees/detached/HEAD") == {"worktrees": True}
    assert _names(tmp_path / "side", "refs/heads/other") == {}
    assert _names(tmp_path / "side", "refs/heads/main") == {"worktrees": True}


def test_names_that_a_file_system_cannot_tell_apart(where: Path) -> None:
    run(where, "branch", "Other")
    assert _names(where) == {}
    run(where, "config", "core.ignoreCase", "true")
    assert _names(where) == {"colliding-refs": False}


def test_only_what_may_be_overridden_is(where: Path) -> None:
    (where / "file").write_text("changed\n")
    (where / ".git/index.lock").touch()
    found = state.objections(Git(str(where)), ())
    with pytest.raises(state.Refused, match=r"index\.lock") as refused:
        state.insist(found, {"unstaged", "locked"})
    assert [objection.name for objection in refused.value.objections] == ["locked"]
    state.insist([objection for objection in found if objection.overridable], {"unstaged"})

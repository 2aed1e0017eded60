"""What the search for a plan found serves the purge that follows, as long as nothing has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from purging import VALUE, applied, be_quick, planned
from whole_repository import be_nobody, run

from tightlip import cachefolder
from tightlip.git.plumbing import Git
from tightlip.git.state import state
from tightlip.memory import NAME
from tightlip.purge import kept, plan, targets


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository in which a value was committed and taken out again."""
    be_nobody(monkeypatch, tmp_path)
    be_quick(monkeypatch)
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "cache"))
    source = tmp_path / "source"
    run(tmp_path, "init", "--quiet", "-b", "main", str(source))
    for text in ("start\n", f"token = {VALUE.decode()}\n", "token = None\n"):
        (source / "settings").write_text(text)
        run(source, "add", "settings")
        run(source, "commit", "--quiet", "-m", text[:5])
    run(tmp_path, "clone", "--quiet", "--bare", "--no-local", str(source), "made.git")
    return tmp_path / "made.git"


def searched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the searches before anything is rewritten."""
    calls: list[int] = []
    real = plan.search

    def counted(*args: object, **options: object) -> object:
        calls.append(1)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(plan, "search", counted)
    return calls


def test_nothing_is_searched_twice_before_it_is_rewritten(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = searched(monkeypatch)
    made = planned(where)
    assert len(calls) == 1
    assert applied(where, made).proof.holds
    assert len(calls) == 1


def test_after_a_change_all_is_searched_again(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, calls = planned(where), searched(monkeypatch)
    run(where, "hash-object", "-w", "--stdin", stdin=b"an object more\n")
    assert applied(where, made).proof.holds
    assert len(calls) == 1


def test_another_replacement_is_another_search(where: Path) -> None:
    planned(where)
    git = Git(str(where))
    (same,), (other,) = (targets.given(VALUE, text) for text in (targets.REPLACEMENT, b"another"))
    table = plan.stock.take(git).table
    assert kept.found_before(git, state(git), [same], table) is not None
    assert kept.found_before(git, state(git), [other], table) is None


def test_no_value_is_kept_and_after_the_purge_nothing(where: Path) -> None:
    made = planned(where)
    before = Path(cachefolder.path(), NAME).read_bytes()
    assert VALUE not in before
    assert before
    applied(where, made)
    git, (target,) = Git(str(where)), targets.given(VALUE)
    assert kept.found_before(git, state(git), [target], plan.stock.take(git).table) is None


def test_where_a_name_holds_the_value_nothing_is_kept(where: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / VALUE.decode()).write_text("x")
    run(source, "add", "--all")
    run(source, "commit", "--quiet", "-m", "a name")
    run(source, "push", "--quiet", str(where), "main")
    made = planned(where)
    git, (target,) = Git(str(where)), targets.given(VALUE)
    assert kept.found_before(git, state(git), [target], plan.stock.take(git).table) is None
    assert not Path(cachefolder.path(), NAME).exists()
    assert applied(where, made).proof.holds

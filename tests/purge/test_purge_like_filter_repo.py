"""A purge comes to the same trees as git-filter-repo does, in every commit of every ref."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from purging import VALUE, applied, be_quick, planned
from whole_repository import be_nobody, run

FILTER_REPO = Path(sys.executable).with_name("git-filter-repo")
OWN = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    be_nobody(monkeypatch, tmp_path)
    be_quick(monkeypatch)


def trees(where: Path) -> dict[str, list[str]]:
    """Return the trees of each ref's history, with what else a rewrite has to keep."""
    names = run(where, "for-each-ref", "--format=%(refname)").split()
    kept = "--format=%T %an <%ae> %ad %cn <%ce> %cd"
    return {name: run(where, "log", "--topo-order", "--date=raw", kept, name, "--").split("\n") for name in names}


def compare(where: Path, value: bytes, deleted: Sequence[bytes] = ()) -> None:
    """Purge two copies, one with each tool. Parameters: `deleted`, paths that are taken out, too."""
    ours, theirs = where.with_name("ours"), where.with_name("theirs")
    for copy in (ours, theirs):
        run(where.parent, "clone", "--quiet", "--mirror", "--no-local", str(where), str(copy))
    expressions = where.with_name("expressions")
    expressions.write_bytes(b"literal:" + value + b"==>***REMOVED***\n")
    keep = ["--prune-empty", "never", "--prune-degenerate", "never"]
    if deleted:
        keep += ["--invert-paths", *(word for path in deleted for word in ("--path", os.fsdecode(path)))]
    command = [sys.executable, FILTER_REPO, "--force", "--replace-text", expressions, *keep]
    subprocess.run(command, cwd=theirs, check=True, capture_output=True, timeout=120)
    before = trees(ours)
    made = planned(ours, value, deleted=deleted)
    for path in made["paths"]:
        commits = run(ours, "rev-list", "--all").split()
        assert path["commits"] == sum(bool(run(ours, "ls-tree", commit, path["path"])) for commit in commits)
    assert applied(ours, made, value, prune=False).proof.paths == ()
    assert trees(ours) == trees(theirs)
    assert trees(ours) != before


def made_up(where: Path, seed: int) -> Path:
    """Make a repository."""
    chance = random.Random(seed)
    run(where.parent, "init", "--quiet", "-b", "main", str(where))
    run(where, "config", "i18n.commitEncoding", "ISO-8859-1")
    (where / "start").write_text("start\n")
    run(where, "add", "start")
    run(where, "commit", "--quiet", "-m", "start")
    for number in range(25):
        if chance.random() < 0.2:
            run(where, "checkout", "--quiet", "-b", f"topic-{number}", f"HEAD~{chance.choice([0, 1])}", check=False)
        folder = where / chance.choice(["a", "a/b", "c d", "."])
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"line {chance.randrange(99)}\r\n".encode() for _ in range(chance.randrange(20))]
        if chance.random() < 0.5:
            lines.insert(0, b"token = " + VALUE * chance.choice([1, 2]) + b"\xff\n")
        (folder / chance.choice(["x", "y.txt", "-z"])).write_bytes(b"".join(lines))
        run(where, "add", "--all")
        message = f"change {number} \xe9".encode("latin-1")
        run(where, "commit", "--quiet", "--allow-empty", "-F", "-", stdin=message)
        if chance.random() < 0.3:
            others = run(where, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
            run(where, "merge", "--quiet", "-s", "ours", "-m", "a merge", chance.choice(others), check=False)
        if chance.random() < 0.2:
            run(where, "tag", "-a", "-m", f"tag {number}", f"v{number}")
    return where


@pytest.mark.skipif(not FILTER_REPO.exists(), reason="git-filter-repo is not installed here")
@pytest.mark.parametrize("seed", range(3))
def test_a_made_up_history_of_merges_tags_and_odd_texts(tmp_path: Path, seed: int) -> None:
    compare(made_up(tmp_path / "made", seed), VALUE)


@pytest.mark.skipif(not FILTER_REPO.exists(), reason="git-filter-repo is not installed here")
@pytest.mark.parametrize("seed", range(3))
def test_files_and_folders_are_taken_out_of_it(tmp_path: Path, seed: int) -> None:
    compare(made_up(tmp_path / "made", seed), VALUE, [b"a/b", b"c d/x", b"y.txt"])


@pytest.mark.slow
@pytest.mark.skipif(not FILTER_REPO.exists(), reason="git-filter-repo is not installed here")
@pytest.mark.skipif(not (OWN / ".git").exists() or shutil.which("git") is None, reason="this is no clone of tightlip")
@pytest.mark.parametrize("value", [b"def test_", b"from __future__"])
def test_the_history_of_tightlip_itself(tmp_path: Path, value: bytes) -> None:
    where = tmp_path / "own"
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", "--no-local", OWN, where],
        check=True,
        env=environment,
        capture_output=True,
    )
    if run(where, "rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("this is a shallow clone")
    compare(where, value)

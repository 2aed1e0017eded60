"""What is staged is told exactly, in whatever state and under whatever settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.git import staged as module
from tightlip.git.objects import ObjectReader
from tightlip.git.plumbing import Git
from tightlip.git.staged import Change, staged

Run = Callable[..., str]
Commit = Callable[..., str]
Stage = Callable[[str, str | bytes], None]

SETTINGS = (
    *("color.ui=always", "color.diff=always", "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.renames=copies"),
    *("diff.orderFile=/nowhere/at/all", "diff.relative=true", "diff.ignoreSubmodules=all", "diff.external=false"),
    *("core.abbrev=4", "core.quotePath=true", "diff.wsErrorHighlight=all", "diff.algorithm=histogram"),
    *(
        "diff.context=0",
        "diff.interHunkContext=9",
        "diff.submodule=log",
        "diff.colorMoved=zebra",
        "status.renames=true",
    ),
    *(
        "core.ignoreCase=true",
        "core.fsmonitor=true",
        "core.splitIndex=true",
        "index.sparse=true",
        "diff.statGraphWidth=1",
    ),
    *("core.attributesFile=/dev/null", "core.preloadIndex=true", "index.threads=4", "core.precomposeUnicode=true"),
    *("core.trustctime=false", "core.checkStat=minimal", "log.showSignature=true", "i18n.logOutputEncoding=utf-16"),
)


def told(where: str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    return [(change.status, change.path) for change in staged(Git(os.fspath(where)))]


def test_a_change_says_what_was_there_and_what_is(repo: Path, git: Run, commit: Commit, stage: Stage) -> None:
    commit(**{"old.txt": "1", "gone.txt": "2", "same.txt": "3"})
    before = {name: git("rev-parse", f"HEAD:{name}") for name in ("old.txt", "gone.txt")}
    stage("old.txt", "one")
    stage("new.txt", "four")
    git("rm", "-q", "gone.txt")
    after = {name: git("rev-parse", f":{name}") for name in ("old.txt", "new.txt")}

    assert staged(Git(str(repo))) == [
        Change(b"gone.txt", "000000", "", "100644", before["gone.txt"], "D"),
        Change(b"new.txt", "100644", after["new.txt"], "000000", "", "A"),
        Change(b"old.txt", "100644", after["old.txt"], "100644", before["old.txt"], "M"),
    ]


def test_nothing_staged_is_an_empty_list(repo: Path, commit: Commit) -> None:
    assert told(repo) == []
    commit(**{"a.txt": "x"})
    assert told(repo) == []


@pytest.mark.parametrize("ids", ["sha1", "sha256"])
def test_before_the_first_commit_everything_is_added(ids: str, tmp_path: Path) -> None:
    where = tmp_path / ids
    subprocess.run(["git", "init", "-q", f"--object-format={ids}", where], check=True)
    (where / "a.txt").write_text("x")
    subprocess.run(["git", "-C", where, "add", "."], check=True)
    (change,) = staged(Git(str(where)))

    assert (change.status, change.path, change.old_oid) == ("A", b"a.txt", "")
    assert len(change.oid) == {"sha1": 40, "sha256": 64}[ids]
    subprocess.run(["git", "-C", where, "commit", "-qm", "x"], check=True)
    (where / "a.txt").write_text("y")
    subprocess.run(["git", "-C", where, "add", "."], check=True)
    (change,) = staged(Git(str(where)))
    assert change.old_oid
    with ObjectReader(Git(str(where))) as objects:
        assert (objects.read(change.old_oid), objects.read(change.oid)) == (b"x", b"y")


def test_a_rename_is_a_removal_and_an_addition(repo: Path, git: Run, commit: Commit, stage: Stage) -> None:
    commit(**{"old.txt": "a line\n" * 50})
    git("mv", "old.txt", "new.txt")
    stage("new.txt", "a line\n" * 50 + "more\n")
    git("config", "diff.renames", "copies")

    assert told(repo) == [("A", b"new.txt"), ("D", b"old.txt")]


def test_a_name_that_is_meant_to_be_added_is_silent(repo: Path, git: Run, commit: Commit) -> None:
    (repo / "later.txt").write_text("x")
    git("add", "--intent-to-add", "later.txt")
    assert told(repo) == []
    commit()
    git("add", "--intent-to-add", "later.txt")
    assert told(repo) == []


@pytest.mark.skipif(os.name != "posix", reason="names that other systems refuse")
@pytest.mark.parametrize(
    "name", [b"a b", b"q\"uo'te", b"line\nbreak", b"tab\t", b"\xff\xfe", "ü/日本".encode(), b":x", b"-x"]
)
def test_any_file_name_comes_back_byte_for_byte(name: bytes, repo: Path, git: Run) -> None:
    path = os.path.join(os.fsencode(repo), name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system refuses the name")
    git("add", "-A")

    assert told(repo) == [("A", name)]


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_changes_the_answer(setting: str, repo: Path, git: Run, commit: Commit, stage: Stage) -> None:
    commit(**{"d__old.txt": "1\n" * 30})
    git("mv", "d/old.txt", "d/new.txt")
    stage("d/new.txt", "1\n" * 31)
    stage("ü.txt", "x")
    plain = staged(Git(str(repo)))
    git("config", *setting.split("=", 1))

    assert staged(Git(str(repo))) == plain
    assert staged(Git(str(repo / "d"))) == plain
    assert len(plain) == 3


def test_attributes_change_nothing(repo: Path, stage: Stage, git: Run) -> None:
    git("config", "diff.x.textconv", "false")
    for number, attribute in enumerate(("-diff", "binary", "diff=x", "text eol=crlf", "working-tree-encoding=UTF-16")):
        (repo / ".gitattributes").write_text(f"* {attribute}\n")
        stage(f"{number}.txt", "x\n".encode("utf-16" if "UTF-16" in attribute else "utf-8"))
    (repo / ".gitattributes").write_text("* -diff export-ignore\n")

    assert told(repo) == [("A", b"%d.txt" % number) for number in range(5)]


def test_a_sub_folder_sees_the_whole_repository(repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage("a.txt", "x")
    stage("d/b.txt", "x")
    monkeypatch.chdir(repo / "d")

    assert [change.path for change in staged(Git())] == [b"a.txt", b"d/b.txt"]


def test_a_file_that_becomes_a_link_changes_type(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    oid = Git(str(repo)).run("hash-object", "-w", "--stdin", stdin=b"target").decode().strip()
    git("update-index", "--cacheinfo", f"120000,{oid},a.txt")
    (change,) = staged(Git(str(repo)))

    assert (change.status, change.mode, change.old_mode, change.oid) == ("T", "120000", "100644", oid)


def test_a_submodule_is_left_out_on_either_side(repo: Path, git: Run, commit: Commit, stage: Stage) -> None:
    head = commit(file="x")
    git("update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    assert told(repo) == []
    git("commit", "-qm", "sub")
    git("update-index", "--cacheinfo", f"160000,{'12' * 20},sub")
    assert told(repo) == []
    git("rm", "-q", "--cached", "sub")
    stage("sub", "a file now")
    (change,) = staged(Git(str(repo)))
    assert (change.status, change.old_oid, bool(change.oid)) == ("T", "", True)


@pytest.fixture
def conflict(repo: Path, git: Run, commit: Commit) -> None:
    """A merge that stopped: a.txt changed on both sides, b.txt added on both, c.txt removed on one."""
    commit(**{"a.txt": "base\n", "c.txt": "base\n"})
    git("checkout", "-qb", "other")
    git("rm", "-q", "c.txt")
    commit(**{"a.txt": "theirs\n", "b.txt": "theirs\n", "clean.txt": "theirs\n"})
    git("checkout", "-q", "main")
    commit(**{"a.txt": "ours\n", "b.txt": "ours\n", "c.txt": "ours\n"})
    git("merge", "-q", "other", check=False)


@pytest.mark.usefixtures("conflict")
def test_unmerged_paths_are_told_as_such_and_once(repo: Path) -> None:
    changes = staged(Git(str(repo)))

    assert [(c.status, c.path, c.oid) for c in changes if c.status == "U"] == [
        ("U", name, "") for name in (b"a.txt", b"b.txt", b"c.txt")
    ]
    assert [c.path for c in changes if c.status != "U"] == [b"clean.txt"]


@pytest.mark.usefixtures("conflict")
def test_a_resolution_is_a_change(repo: Path, git: Run, stage: Stage) -> None:
    for name in ("a.txt", "b.txt"):
        stage(name, "resolved\n")
    git("rm", "-q", "c.txt")

    assert told(repo) == [("M", b"a.txt"), ("M", b"b.txt"), ("D", b"c.txt"), ("A", b"clean.txt")]


@pytest.mark.parametrize("operation", ["cherry-pick", "rebase", "revert"])
def test_an_operation_in_progress_is_compared_with_where_it_stands(
    operation: str, repo: Path, git: Run, commit: Commit, stage: Stage
) -> None:
    commit(**{"a.txt": "base\n"})
    git("checkout", "-qb", "other")
    commit(**{"a.txt": "theirs\n"})
    git("checkout", "-q", "main")
    commit(**{"a.txt": "ours\n"})
    git(operation, "main~1" if operation == "revert" else "other", check=False)
    stage("a.txt", "resolved\n")

    assert told(repo) == [("M", b"a.txt")]


HOOK = """#!{python}
import sys
from tightlip.git.plumbing import Git
from tightlip.git.staged import staged
with open({log!r}, "a") as log:
    print(*sorted((c.status + " " + c.path.decode()) for c in staged(Git())), sep=",", file=log)
"""


@pytest.fixture
def hook(repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """A pre-commit hook that writes down what it sees, and what it has seen."""
    log = tmp_path / "log"
    monkeypatch.setenv("PYTHONPATH", str(Path(module.__file__).parents[2]))
    file = repo / ".git" / "hooks" / "pre-commit"
    file.parent.mkdir(exist_ok=True)
    file.write_text(HOOK.format(python=sys.executable, log=str(log)))
    file.chmod(0o755)
    return lambda: log.read_text().splitlines()


@pytest.mark.skipif(os.name != "posix", reason="the hook is a script")
def test_a_hook_sees_what_each_kind_of_commit_would_commit(
    repo: Path, git: Run, stage: Stage, hook: Callable[[], list[str]], tmp_path: Path
) -> None:
    for name in ("a", "b", "c"):
        stage(f"{name}.txt", "1\n")
    git("commit", "-qm", "first")
    for name in ("a", "b", "c"):
        (repo / f"{name}.txt").write_text("2\n")
    git("add", "a.txt")
    git("commit", "-qm", "one path, though another is staged", "b.txt")
    git("commit", "-qm", "what is staged")
    git("commit", "-qam", "all")
    (repo / "a.txt").write_text("3\n")
    git("commit", "-qp", "-m", "a hunk", input=b"y\n")
    stage("d.txt", "new\n")
    git("commit", "-q", "--amend", "--no-edit")
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    (tmp_path / "side" / "e.txt").write_text("x")
    git("-C", str(tmp_path / "side"), "add", ".")
    git("-C", str(tmp_path / "side"), "commit", "-qm", "in a linked worktree")

    seen = ["A a.txt,A b.txt,A c.txt", "M b.txt", "M a.txt", "M c.txt", "M a.txt", "A d.txt", "A e.txt"]
    assert hook() == seen


def test_an_index_of_another_name_is_honoured(
    repo: Path, git: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage("a.txt", "x")
    monkeypatch.chdir(repo)
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))

    assert staged(Git()) == []
    git("add", "a.txt")
    assert len(staged(Git())) == 1


def test_split_and_sparse_indexes_and_marked_entries_are_read(
    repo: Path, git: Run, commit: Commit, stage: Stage
) -> None:
    commit(**{"in__a.txt": "1", "out__b.txt": "1", "out__c.txt": "1"})
    git("update-index", "--split-index")
    stage("in/a.txt", "2")
    assert told(repo) == [("M", b"in/a.txt")]
    git("update-index", "--no-split-index")
    git("update-index", "--assume-unchanged", "in/a.txt")
    assert told(repo) == [("M", b"in/a.txt")]
    git("sparse-checkout", "set", "--cone", "--sparse-index", "in")
    assert told(repo) == [("M", b"in/a.txt")]
    (repo / "out").mkdir()
    (repo / "out" / "b.txt").write_text("2")
    git("add", "--sparse", "out/b.txt")
    assert told(repo) == [("M", b"in/a.txt"), ("M", b"out/b.txt")]


def test_a_bare_repository_has_nothing_staged(tmp_path: Path, repo: Path, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    subprocess.run(["git", "clone", "-q", "--bare", repo, tmp_path / "bare.git"], check=True)

    # Without an index every path of HEAD is gone, which adds nothing.
    assert [status for status, _ in told(tmp_path / "bare.git")] == ["D"]


def test_it_can_be_started_ahead(repo: Path, stage: Stage) -> None:
    stage("a.txt", "x")
    git = Git(str(repo))

    assert staged(git, module.start(git)) == staged(git)


def test_it_takes_two_processes_and_loads_next_to_nothing(repo: Path, commit: Commit, stage: Stage) -> None:
    commit(**{"a.txt": "1"})
    stage("a.txt", "2")
    code = (
        "import sys; before = set(sys.modules)\n"
        "from tightlip.git.plumbing import Git\nfrom tightlip.git.staged import staged\n"
        "from tightlip.git.objects import ObjectReader\nfrom tightlip.git import process\n"
        "loaded = set(sys.modules) - before; calls = []; start = process._START\n"
        "process._START = lambda command, *rest: (calls.append(command), start(command, *rest))[1]\n"
        f"git = Git({str(repo)!r}); changes = staged(git)\n"
        "with ObjectReader(git) as objects: data = [found.data for found in objects.read_many([changes[0].oid])]\n"
        "print(len(calls), data, *sorted(m for m in loaded if not m.startswith('tightlip')))"
    )
    source = f"import sys; sys.path.insert(0, {str(Path(module.__file__).parents[2])!r})\n{code}"
    done = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, check=True, text=True)

    assert done.stdout.split() == ["2", "[b'2']", "__future__"]

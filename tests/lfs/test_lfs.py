"""What Git LFS keeps, in every scan that can look at it. Stores are made by hand; the program itself comes last."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip.cli import main
from tightlip.git.lfs import pointed_at

SECRET = f"nothing here\ntoken = {TOKEN}\n".encode()
CLEAN = b"nothing here, and nothing there\n"
NOT_HERE = "Git LFS keeps its content, which is not here; run `git lfs fetch --all`"
OTHER_CONTENT = "what Git LFS keeps for it here is not the content that its pointer names; run `git lfs fsck`"


def pointer_to(content: bytes, *, version: str = "https://git-lfs.github.com/spec/v1", more: str = "") -> str:
    return f"version {version}\n{more}oid sha256:{sha256(content).hexdigest()}\nsize {len(content)}\n"


def keep(store: Path, content: bytes) -> Path:
    """Put a content where Git LFS has it. Parameters: `store`, what `lfs.storage` is about."""
    oid = sha256(content).hexdigest()
    path = store / "objects" / oid[:2] / oid[2:4] / oid
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one commit of a pointer file, whose content holds a secret and is here."""
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "--quiet", "--initial-branch=main")
    (repo / "assets").mkdir()
    commit(repo, "assets/dump.sql", pointer_to(SECRET))
    keep(repo / ".git/lfs", SECRET)
    return repo


def history(repo: Path, **options: object) -> tightlip.Report:
    return tightlip.scan_history(repo, lfs=True, scanner=scanner(), **options)  # type: ignore[arg-type]


def places(report: tightlip.Report) -> list[str]:
    return [f"{it.path}:{it.line}:{it.column}" for finding in report.findings for it in finding.occurrences]


def missed(report: tightlip.Report) -> list[tuple[str, str]]:
    return [(it.what, it.why) for it in report.unscanned]


def test_a_pointer_file_is_no_finding_however_unsure(repo: Path) -> None:
    low = tightlip.Scanner(min_confidence=0)
    for name in ("a.psd", "config/.env", "secrets.yaml", "id_rsa", "a.py", "lfs.json"):
        assert tightlip.scan_text(pointer_to(SECRET), name, scanner=low).findings == ()
    assert tightlip.scan_history(repo, scanner=scanner()).findings == ()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (pointer_to(CLEAN), True),
        (pointer_to(CLEAN).removesuffix("\n"), True),
        (pointer_to(CLEAN, version="https://hawser.github.com/spec/v1"), True),
        (pointer_to(CLEAN, version="http://git-media.io/v/2"), True),
        (pointer_to(CLEAN, more=f"ext-0-case sha256:{'a' * 64}\n"), True),
        (pointer_to(CLEAN, version="https://example.com/spec/v1"), False),
        (pointer_to(CLEAN).replace("sha256:", "sha1:"), False),
        (pointer_to(CLEAN).replace("\n", "\r\n"), True),
        (f"\n{pointer_to(CLEAN)}\n", True),
        (pointer_to(CLEAN) + "password = 1\n", False),
        ("# how it looks\n" + pointer_to(CLEAN), False),
        (pointer_to(CLEAN) + "\n" * 1000, False),
        ("", False),
    ],
    ids=[
        *("plain", "without-the-last-newline", "hawser", "git-media", "extension", "other-version", "other-hash"),
        *("windows-newlines", "white-space-around", "another-line", "in-a-text", "too-long", "empty"),
    ],
)
def test_a_pointer_file_is_one_line_by_line(text: str, *, is_one: bool) -> None:
    assert pointed_at(text.encode()) == (sha256(CLEAN).hexdigest() if is_one else None)


def test_a_secret_behind_a_pointer_is_found_at_its_path_with_the_commit_of_the_pointer(repo: Path) -> None:
    report = history(repo)
    (finding,) = report.findings
    (place,) = finding.occurrences
    assert places(report) == ["assets/dump.sql:2:9"]
    assert place.commit == git(repo, "rev-parse", "HEAD")
    assert (place.refs, finding.in_head, report.complete) == (("main",), True, True)
    assert finding.secret.reveal() == TOKEN.encode()
    assert report.scanned["pointers"] == 1


def test_a_finding_behind_a_pointer_says_that_a_purge_does_not_reach_it(repo: Path) -> None:
    commit(repo, "other.txt", f"token = {OTHER}\n")
    reasons = {finding.secret.reveal(): finding.reasons[-1] for finding in history(repo).findings}
    assert reasons[TOKEN.encode()] == "in a file that Git LFS keeps: to rewrite the history leaves it there"
    assert "Git LFS" not in reasons[OTHER.encode()]


def test_without_the_option_nothing_of_it_is_read(repo: Path) -> None:
    report = tightlip.scan_history(repo, scanner=scanner())
    assert (report.findings, report.complete, "pointers" in report.scanned) == ((), True, False)


def test_the_commit_that_took_a_pointer_away_took_the_secret_out(repo: Path) -> None:
    commit(repo, "assets/dump.sql", pointer_to(CLEAN))
    keep(repo / ".git/lfs", CLEAN)
    (finding,) = history(repo).findings
    assert finding.in_head is False
    assert finding.taken_out is not None
    assert finding.taken_out.commit == git(repo, "rev-parse", "HEAD")


def test_a_secret_in_a_file_and_behind_a_pointer_is_one_finding(repo: Path) -> None:
    commit(repo, "plain.txt", f"token = {TOKEN}\n")
    assert sorted(places(history(repo))) == ["assets/dump.sql:2:9", "plain.txt:1:9"]


def test_rules_that_go_by_the_path_take_that_of_the_pointer(repo: Path) -> None:
    content = b"port 6379\nrequire" + b"pass x7Rk29bTqLw0ZvNc5sYdQe8H\n"
    keep(repo / ".git/lfs", content)
    commit(repo, "notes.txt", pointer_to(content))
    assert "redis-config-password" not in {finding.rule for finding in history(repo).findings}
    commit(repo, "redis.conf", pointer_to(content))
    assert "redis-config-password" in {finding.rule for finding in history(repo).findings}


def test_packed_pointers_are_found_like_loose_ones(repo: Path) -> None:
    git(repo, "gc", "--quiet")
    assert places(history(repo)) == places(history(repo, jobs=2)) == ["assets/dump.sql:2:9"]


def test_what_is_not_here_is_not_scanned_and_said_so(repo: Path) -> None:
    shutil.rmtree(repo / ".git/lfs")
    ((what, why),) = missed(history(repo))
    assert what == "assets/dump.sql"
    assert why.endswith(NOT_HERE)


def test_what_is_not_here_is_exit_code_3(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(repo / ".git/lfs")
    assert main(["scan-history", str(repo), "--lfs", "-q", "--no-cache"]) == 3
    assert NOT_HERE in capsys.readouterr().out
    assert main(["scan-history", str(repo), "-q", "--no-cache"]) == 0


def test_content_that_is_not_what_the_pointer_says_is_not_taken_for_it(repo: Path) -> None:
    keep(repo / ".git/lfs", SECRET).write_bytes(CLEAN)
    ((what, why),) = missed(history(repo))
    assert what == "assets/dump.sql"
    assert why.endswith(OTHER_CONTENT)


def test_a_folder_in_the_place_of_the_content_is_told(repo: Path) -> None:
    path = keep(repo / ".git/lfs", SECRET)
    path.unlink()
    path.mkdir()
    assert not history(repo).complete


def test_a_pipe_in_the_place_of_the_content_is_not_waited_for(repo: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no pipes with a name")
    path = keep(repo / ".git/lfs", SECRET)
    path.unlink()
    os.mkfifo(path)
    assert [why.endswith(OTHER_CONTENT) for _, why in missed(history(repo))] == [True]


def test_the_limit_of_other_files_is_that_of_the_content(repo: Path) -> None:
    big = SECRET + b"x" * 1000
    commit(repo, "assets/dump.sql", pointer_to(big))
    keep(repo / ".git/lfs", big)
    small = tightlip.Scanner(limit=500)
    ((what, why),) = missed(tightlip.scan_history(repo, lfs=True, scanner=small))
    assert what == "assets/dump.sql"
    assert why.endswith(f"its {len(big)} bytes, which Git LFS keeps, are over the limit of 500")


def test_a_pointer_that_lies_about_the_size_reads_no_more_than_the_limit(repo: Path) -> None:
    big = b"x" * 1000
    commit(repo, "assets/dump.sql", pointer_to(big).replace("size 1000", "size 1"))
    keep(repo / ".git/lfs", big)
    small = tightlip.Scanner(limit=500)
    ((_, why),) = missed(tightlip.scan_history(repo, lfs=True, scanner=small))
    assert why.endswith("its 1000 bytes, which Git LFS keeps, are over the limit of 500")


@pytest.mark.parametrize("where", ["elsewhere", "absolute"])
def test_the_folder_that_is_configured_is_looked_in(repo: Path, tmp_path: Path, where: str) -> None:
    shutil.rmtree(repo / ".git/lfs")
    store = repo / ".git/elsewhere" if where == "elsewhere" else tmp_path / "store"
    git(repo, "config", "lfs.storage", "elsewhere" if where == "elsewhere" else str(store))
    keep(store, SECRET)
    assert places(history(repo)) == ["assets/dump.sql:2:9"]


def test_another_working_tree_has_the_same_store(repo: Path, tmp_path: Path) -> None:
    git(repo, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    assert places(history(tmp_path / "tree")) == ["assets/dump.sql:2:9"]


def test_what_a_repository_borrows_from_has_content_too(repo: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(repo, "clone", "--quiet", "--shared", str(repo), str(clone))
    assert places(history(clone)) == ["assets/dump.sql:2:9"]


def test_a_part_of_a_history_has_its_pointers_looked_behind(repo: Path) -> None:
    first = git(repo, "rev-parse", "HEAD")
    commit(repo, "b.bin", pointer_to(f"{OTHER}\n".encode()))
    keep(repo / ".git/lfs", f"{OTHER}\n".encode())
    assert places(history(repo, revisions=[f"{first}..HEAD"])) == ["b.bin:1:1"]
    assert places(history(repo, branches=["main"])) == ["assets/dump.sql:2:9", "b.bin:1:1"]
    assert places(history(repo, max_count=1)) == ["b.bin:1:1"]


def test_a_secret_that_the_older_content_held_is_not_brought_by_the_newer(repo: Path) -> None:
    first, newer = git(repo, "rev-parse", "HEAD"), SECRET + b"and more\n"
    commit(repo, "assets/dump.sql", pointer_to(newer))
    keep(repo / ".git/lfs", newer)
    assert places(history(repo, revisions=[f"{first}..HEAD"])) == []


def test_the_outcome_is_not_remembered(repo: Path) -> None:
    for _ in range(2):
        assert places(history(repo, cache=True)) == ["assets/dump.sql:2:9"]
    assert tightlip.scan_history(repo, cache=True, scanner=scanner()).findings == ()
    shutil.rmtree(repo / ".git/lfs")
    assert not history(repo, cache=True).complete


def test_an_outcome_without_it_is_not_taken_for_one_with_it(repo: Path) -> None:
    assert tightlip.scan_history(repo, cache=True, scanner=scanner()).complete
    assert places(history(repo, cache=True)) == ["assets/dump.sql:2:9"]


def test_a_comment_in_the_content_counts(repo: Path) -> None:
    content = f'KEY = "{TOKEN}"  # tightlip: allow\n'.encode()
    commit(repo, "assets/dump.sql", pointer_to(content))
    keep(repo / ".git/lfs", content)
    assert places(history(repo, max_count=1)) == []
    assert history(repo).allowed == 1


def test_a_submodule_has_a_store_of_its_own(repo: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(repo), "inner")
    git(outer, "commit", "--quiet", "--message=with a submodule")
    keep(outer / ".git/lfs", SECRET)
    ((what, why),) = missed(history(outer, recurse_submodules=True))
    assert (what, why.endswith(NOT_HERE)) == ("inner: assets/dump.sql", True)
    keep(outer / ".git/modules/inner/lfs", SECRET)
    assert places(history(outer, recurse_submodules=True)) == ["inner/assets/dump.sql:2:9"]
    on_disk = tightlip.scan_files([outer], lfs=True, scanner=scanner())
    assert places(on_disk) == [f"{outer}/inner/assets/dump.sql:2:9"]


def test_pointer_files_on_disk_stand_for_the_content(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tightlip.scan_files([repo], lfs=True, scanner=scanner())
    assert (places(report), report.complete) == ([f"{repo}/assets/dump.sql:2:9"], True)
    assert report.findings[0].reasons[-1].startswith("in a file that Git LFS keeps")
    monkeypatch.chdir(repo)
    assert places(tightlip.scan_files(["."], lfs=True, scanner=scanner())) == ["assets/dump.sql:2:9"]
    assert tightlip.scan_files(["."], scanner=scanner()).findings == ()


def test_pointer_files_on_disk_without_content_are_told(repo: Path) -> None:
    shutil.rmtree(repo / ".git/lfs")
    assert missed(tightlip.scan_files([repo], lfs=True, scanner=scanner())) == [
        (f"{repo}/assets/dump.sql", NOT_HERE),
    ]


def test_a_pointer_file_outside_of_a_repository_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_text(pointer_to(SECRET))
    assert missed(tightlip.scan_files([tmp_path / "a.bin"], lfs=True, scanner=scanner())) == [
        (f"{tmp_path}/a.bin", "it is a pointer file of Git LFS, and in no repository that could have its content"),
    ]


def test_what_is_staged_is_the_content(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = f"a = {OTHER}\n".encode()
    (repo / "assets/dump.sql").write_text(pointer_to(content))
    git(repo, "add", "--all")
    keep(repo / ".git/lfs", content)
    report = tightlip.scan_staged(repo, lfs=True, scanner=scanner())
    assert (places(report), report.complete) == (["assets/dump.sql:1:5"], True)
    assert tightlip.scan_staged(repo, scanner=scanner()).findings == ()
    assert main(["scan-staged", str(repo), "--lfs", "--report", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["occurrences"][0]["path"] == "assets/dump.sql"


def test_a_secret_that_only_went_over_to_lfs_is_not_new(repo: Path) -> None:
    commit(repo, "big.txt", f"token = {OTHER}\n")
    content = f"token = {OTHER}\nmore\n".encode()
    (repo / "big.txt").write_text(pointer_to(content))
    newer = SECRET + b"more\n"
    (repo / "assets/dump.sql").write_text(pointer_to(newer))
    git(repo, "add", "--all")
    for kept in (content, newer):
        keep(repo / ".git/lfs", kept)
    assert places(tightlip.scan_staged(repo, lfs=True, scanner=scanner())) == []


def test_what_is_staged_and_not_here_is_told(repo: Path) -> None:
    (repo / "new.bin").write_text(pointer_to(CLEAN))
    git(repo, "add", "--all")
    assert missed(tightlip.scan_staged(repo, lfs=True, scanner=scanner())) == [("new.bin", NOT_HERE)]
    assert tightlip.scan_staged(repo, scanner=scanner()).complete


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="Git LFS is not installed")
@pytest.mark.parametrize("storage", ["", "stored/here"], ids=["where-it-is-by-itself", "configured"])
def test_the_program_itself_keeps_files_where_they_are_looked_for(tmp_path: Path, storage: str) -> None:
    repo = tmp_path / "real"
    repo.mkdir()
    git(repo, "init", "--quiet")
    if storage:
        git(repo, "config", "lfs.storage", storage)
    git(repo, "lfs", "install", "--local")
    git(repo, "lfs", "track", "*.bin")
    commit(repo, "data.bin", SECRET.decode())
    assert pointed_at(
        subprocess.run(["git", "-C", repo, "cat-file", "blob", "HEAD:data.bin"], capture_output=True, check=True).stdout
    )
    assert places(history(repo)) == ["data.bin:2:9"]
    commit(repo, "data.bin", f"token = {OTHER}\n")
    assert sorted(places(history(repo))) == ["data.bin:1:9", "data.bin:2:9"]

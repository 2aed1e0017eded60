"""`tightlip incident` on real repositories: what is found out about one secret, and how it is told."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip import Secret, cachefolder, patterns
from tightlip.cli import main
from tightlip.incident import Held, Incident, investigate
from tightlip.report import Options, incident_json, incident_markdown, incident_text

Capture = pytest.CaptureFixture[str]
Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Commit = Callable[..., str]
Told = Callable[..., Incident]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def commit(git: Git, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Commit one file on a day of January 2026 and return the commit's id."""

    def commit(day: int, name: str, content: str | bytes, message: str = "") -> str:
        date(monkeypatch, day)
        stage(name, content)
        git("commit", "-q", "-m", message or f"day {day}")
        return git("rev-parse", "HEAD")

    return commit


def date(monkeypatch: pytest.MonkeyPatch, day: int) -> None:
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", f"2026-01-{day:02}T12:00:00+00:00")


@pytest.fixture
def told(repo: Path, scanner: tightlip.Scanner) -> Told:
    """What the library tells of a finding, or of a value."""

    def told(what: str | bytes = "1", where: Path = repo) -> Incident:
        return investigate(Secret(what) if isinstance(what, bytes) else what, where, scanner=scanner)

    return told


def text(incident: Incident, **options: object) -> str:
    out = io.StringIO()
    incident_text.write(incident, out, Options(**({"width": 100} | options)))  # type: ignore[arg-type]
    return out.getvalue()


def markdown(incident: Incident) -> str:
    out = io.StringIO()
    incident_markdown.write(incident, out)
    return out.getvalue()


def document(incident: Incident) -> dict[str, object]:
    out = io.StringIO()
    incident_json.write(incident, out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def has(incident: Incident, *where: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(held.name, held.paths) for held in incident.held_by(*where)]


# What the history says


def test_a_secret_that_was_taken_out_has_a_first_and_a_last_commit_and_an_end(
    commit: Commit, told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    brought = commit(2, "deploy.env", f"TOKEN={token}\n")
    edited = commit(3, "deploy.env", f"# edited\nTOKEN={token}\n")
    removed = commit(5, "deploy.env", "# empty\n")
    commit(6, "deploy.env", "# still empty\n")

    incident = told()

    assert incident.first
    assert incident.last
    assert incident.taken_out
    assert [incident.first.id, incident.last.id, incident.taken_out.id] == [brought, edited, removed]
    assert (incident.in_head, incident.still_there, incident.held) == (False, False, ())
    assert "in the files from 2026-01-02 until 2026-01-05, 3 days" in text(incident)


def test_a_secret_that_is_still_there_is_in_head_the_index_and_the_files(
    commit: Commit, told: Told, token: str, repo: Path
) -> None:
    commit(2, "deploy.env", f"TOKEN={token}\n")
    newest = commit(3, "deploy.env", f"# edited\nTOKEN={token}\n")

    incident = told()

    assert incident.last
    assert (incident.last.id, incident.taken_out, incident.in_head) == (newest, None, True)
    assert [held.where for held in incident.held] == ["head", "branch", "index", "files"]
    assert all(held.paths == ("deploy.env",) for held in incident.held)
    assert "and still there" in text(incident)
    assert "Take it out of HEAD" in text(incident)


def test_a_file_that_is_moved_with_an_edit_is_not_taken_out(commit: Commit, git: Git, told: Told, token: str) -> None:
    commit(2, "old.env", f"TOKEN={token}\n")
    git("rm", "-q", "--cached", "old.env")
    moved = commit(3, "new/name.env", f"# moved\n\nTOKEN={token}\n")

    incident = told()

    assert (incident.still_there, incident.taken_out) == (True, None)
    assert {place.path for place in incident.places} == {"old.env", "new/name.env"}
    assert [commit.id for commit in incident.brought][-1] == moved


def test_a_branch_that_has_it_keeps_it_from_being_taken_out(commit: Commit, git: Git, told: Told, token: str) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    git("branch", "old")
    commit(2, "a.env", "clean\n")
    git("tag", "v1", "old")

    incident = told()

    assert incident.in_head is False
    assert (incident.still_there, incident.taken_out) == (True, None)
    assert [held.name for held in incident.held] == ["refs/heads/old", "refs/tags/v1"]
    assert incident.reached_by == ("refs/heads/main", "refs/heads/old", "refs/tags/v1")


def test_all_authors_are_named(commit: Commit, told: Told, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace Example")
    commit(2, "b.env", f"TOKEN={token}\n")
    commit(3, "c.env", f"x\nTOKEN={token}\n")

    incident = told()

    assert [(author.name, author.commits) for author in incident.authors] == [("Grace Example", 2), ("Ada Example", 1)]
    assert "Grace Example <ada@example.org> (2 commits), Ada Example <ada@example.org>" in text(incident)


def test_a_value_in_a_message_stays_in_the_history_of_head(commit: Commit, told: Told, token: str) -> None:
    commit(1, "a.txt", "clean\n")
    said = commit(2, "a.txt", "cleaner\n", f"use {token}")

    incident = told()

    assert incident.first
    assert incident.first.id == said
    assert [place.part for place in incident.places] == ["commit"]
    assert (incident.in_head, incident.held, incident.taken_out) == (True, (), None)
    for report in (text(incident), markdown(incident), json.dumps(document(incident))):
        assert token not in report
        assert "********" in report


def test_a_value_in_a_file_name_a_tag_and_a_ref_is_told_by_its_part(
    commit: Commit, git: Git, told: Told, token: str
) -> None:
    commit(1, f"keys/{token}.txt", "clean\n")
    git("tag", "-a", "v1", "-m", f"with {token}")
    git("branch", f"fix-{token}")

    incident = told(token.encode())

    assert {place.part for place in incident.places} == {"path", "tag", "ref"}
    assert {"refs/tags/v1", f"refs/heads/fix-{token}"} <= set(incident.reached_by)
    assert [tag.subject for tag in incident.brought if tag.kind == "tag"] == ["v1"]
    assert has(incident, "head", "files") == [("HEAD", (f"keys/{token}.txt",)), ("", (f"keys/{token}.txt",))]
    for report in (text(incident, detail=1), markdown(incident), json.dumps(document(incident))):
        assert token not in report


def test_a_tag_of_a_blob_reaches_it_and_has_it(
    commit: Commit, git: Git, put: Callable[..., Path], told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    oid = git("hash-object", "-w", put("loose.txt", f"TOKEN={token}\n"))
    (put("loose.txt", "")).unlink()
    git("tag", "pinned", oid)

    incident = told()

    assert (incident.first, incident.reached_by) == (None, ("refs/tags/pinned",))
    assert has(incident, "tag") == [("refs/tags/pinned", ("",))]
    assert "no commit and no annotated tag brought it in" in text(incident)


def test_what_nothing_reaches_is_still_told(commit: Commit, git: Git, told: Told, token: str) -> None:
    commit(1, "a.txt", "clean\n")
    commit(2, "b.env", f"TOKEN={token}\n")
    git("reset", "-q", "--hard", "HEAD^")

    incident = told()

    assert incident.first
    assert (incident.reached_by, incident.held) == ((), ())
    assert "no branch, no tag and no other ref; git has it still" in text(incident)


# What has it now


def test_what_is_in_the_index_only_is_found(commit: Commit, stage: Stage, repo: Path, told: Told, token: str) -> None:
    commit(1, "a.txt", "clean\n")
    stage("new.env", f"TOKEN={token}\n")
    (repo / "new.env").unlink()

    incident = told()

    assert (incident.first, incident.reached_by) == (None, ())
    assert has(incident, "index") == [("", ("new.env",))]
    assert has(incident, "head", "files") == []


def test_a_file_that_is_not_tracked_and_one_that_git_ignores_now_are_found(
    commit: Commit, put: Callable[..., Path], git: Git, told: Told, token: str
) -> None:
    commit(1, "local.env", f"TOKEN={token}\n")
    git("rm", "-q", "--cached", "local.env")
    commit(2, ".gitignore", "*.env\n")
    put("notes/todo.txt", f"remember {token}\n")

    incident = told()

    assert incident.taken_out
    assert has(incident, "files") == [("", ("notes/todo.txt", "local.env"))]


def test_stashes_have_it_in_files_in_the_index_and_untracked(
    commit: Commit, put: Callable[..., Path], stage: Stage, git: Git, told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    put("untracked.env", f"TOKEN={token}\n")
    git("stash", "push", "-q", "--include-untracked")
    put("a.txt", "no secret\n")
    git("stash", "push", "-q")
    put("a.txt", f"TOKEN={token}\n")
    git("stash", "push", "-q")

    incident = told()

    assert has(incident, "stash") == [("stash@{0}", ("a.txt",)), ("stash@{2}", ("untracked.env",))]
    assert incident.reached_by == ()
    assert "stash@{2}: untracked.env" in text(incident)
    assert "Drop the stashes" in text(incident)


def test_notes_have_it(commit: Commit, git: Git, told: Told, token: str) -> None:
    noted = commit(1, "a.txt", "clean\n")
    git("notes", "add", "-m", f"deployed with TOKEN={token}")

    incident = told()

    assert has(incident, "notes") == [("refs/notes/commits", (noted,))]
    assert incident.reached_by == ("refs/notes/commits",)
    assert incident.still_there is False


def test_other_worktrees_have_it_in_head_in_the_index_and_in_files(
    commit: Commit, git: Git, tmp_path: Path, repo: Path, told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    for place in (tmp_path / "beside", repo / "inside"):
        git("worktree", "add", "-q", "--detach", str(place))
    (tmp_path / "beside" / "new.env").write_text(f"TOKEN={token}\n")
    git("-C", str(tmp_path / "beside"), "add", "new.env")
    (repo / "inside" / "a.txt").write_text(f"TOKEN={token}\n")

    incident = told()

    assert has(incident, "index") == [(str(tmp_path / "beside"), ("new.env",))]
    assert has(incident, "files") == [(str(tmp_path / "beside"), ("new.env",)), (str(repo / "inside"), ("a.txt",))]


def test_a_bare_repository_has_no_index_and_no_files(
    commit: Commit, git: Git, tmp_path: Path, told: Told, token: str
) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))

    incident = told("1", tmp_path / "bare.git")

    assert incident.pushed.is_bare
    assert [held.where for held in incident.held] == ["head", "branch"]
    assert "this is a bare repository" in text(incident)


def test_an_encoded_value_is_found_in_all_places_and_the_encoding_is_told(
    commit: Commit, put: Callable[..., Path], told: Told, token: str
) -> None:
    encoded = base64.b64encode(f"TOKEN={token}\n".encode()).decode()
    commit(1, "secret.yaml", f"data: {encoded}\n")
    commit(2, "secret.yaml", f"kind: Secret\ndata: {encoded}\n")

    incident = told()

    assert incident.through == (("base64",),)
    assert [held.where for held in incident.held] == ["head", "branch", "index", "files"]
    assert "beneath base64" in text(incident)
    assert encoded not in text(incident) + markdown(incident) + json.dumps(document(incident))


def test_two_findings_of_one_value_are_one_incident(commit: Commit, told: Told, repo: Path) -> None:
    value = "wQ7" + "zR2kLm9" + "XpT4vB"
    commit(1, "a.env", f"DB_PASSWORD={value}\n")
    commit(2, "b.txt", f"postgresql://shop:{value}@db.shop.internal/orders\n")

    incident = told()

    assert len(incident.findings) == 2
    assert {place.path for place in incident.places} == {"a.env", "b.txt"}
    other = incident.findings[1]
    assert f"#{other.number} {other.finding.rule}, fingerprint {other.finding.fingerprint}" in text(incident)
    assert value not in text(incident) + markdown(incident)


# Whether it was pushed


@pytest.fixture
def server(tmp_path: Path, git: Git) -> Path:
    """A bare repository, which is the remote origin."""
    path = tmp_path / "server.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    git("remote", "add", "origin", str(path))
    return path


def test_a_remote_tracking_branch_that_reaches_it_says_that_it_was_pushed(
    server: Path, commit: Commit, git: Git, told: Told, token: str
) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    before = told()
    git("push", "-q", "origin", "main")

    after = told()

    assert (before.pushed.is_known, before.pushed.remotes) == (False, ("origin",))
    assert "no remote-tracking branch reaches it; remotes: origin" in text(before)
    assert "nothing here can show that it was not pushed elsewhere" in text(before)
    assert after.pushed.by == ("refs/remotes/origin/main",)
    assert "yes: origin/main reaches it; what was pushed counts as public" in text(after).replace("\n" + " " * 15, " ")


def test_a_push_that_was_forced_away_later_is_remembered_by_the_reflog(
    server: Path, commit: Commit, git: Git, told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    commit(2, "a.env", f"TOKEN={token}\n")
    git("push", "-q", "origin", "main")
    git("reset", "-q", "--hard", "HEAD^")
    git("push", "-q", "--force", "origin", "main")

    incident = told()

    assert (incident.pushed.by, incident.pushed.formerly) == ((), ("refs/remotes/origin/main",))
    assert incident.pushed.is_known
    assert "had it once, as the reflog says" in text(incident)


def test_what_was_cloned_was_pushed(
    server: Path, commit: Commit, git: Git, tmp_path: Path, told: Told, token: str
) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    git("push", "-q", "origin", "main")
    git("clone", "-q", "--mirror", str(server), str(tmp_path / "mirror.git"))
    git("clone", "-q", str(server), str(tmp_path / "clone"))

    assert told("1", tmp_path / "mirror.git").pushed.by == ("refs/heads/main",)
    assert "refs/remotes/origin/main" in told("1", tmp_path / "clone").pushed.by


def test_without_a_remote_it_says_so(commit: Commit, told: Told, token: str) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")

    assert "no remote is configured here" in text(told())


# Which finding is meant


@pytest.fixture
def two(commit: Commit, repo: Path, token: str, other: str) -> Path:
    commit(1, "a.env", f"TOKEN={token}\n")
    commit(2, "b.env", f"TOKEN={other}\nDB_PASSWORD=wQ7{'zR2kLm9'}XpT4vB\n")
    return repo


def test_a_number_is_that_of_the_report_which_leaves_out_what_is_known(
    two: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(two)
    main(["scan-history", "--report", "json"])
    first, second, *_ = (it["fingerprint"] for it in json.loads(capsys.readouterr().out)["findings"])
    (two / ".tightlipignore").write_text(f"{first}  # made up\n")

    assert main(["incident", "1", "--report", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["fingerprint"] == second
    for form in ("text", "markdown"):
        assert main(["incident", first, "--report", form]) == 1
        assert "#0" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("option", "is_told"),
    [
        pytest.param((), False, id="as incident scans it"),
        pytest.param(("--no-cache", "--report", "text"), False, id="as incident scans it, otherwise told"),
        pytest.param(("--path", "b.env"), True, id="a part of it"),
        pytest.param(("--no-allow",), True, id="more of it"),
    ],
)
def test_a_report_says_so_where_its_numbers_are_not_those_of_incident(
    two: Path, capsys: Capture, option: tuple[str, ...], *, is_told: bool
) -> None:
    main(["scan-history", str(two), *option])
    assert ("numbers such as #1 are of this report alone" in capsys.readouterr().out) is is_told


def test_a_finding_is_named_by_number_fingerprint_or_rule(two: Path, told: Told, capsys: Capture) -> None:
    main(["scan-history", str(two), "-v"])
    report = capsys.readouterr().out
    shown = re.findall(r"#(\d) (\S+)\n(?:.*\n)*?  fingerprint  (\w{20})", report)

    assert [number for number, *_ in shown] == ["1", "2", "3"]
    for number, rule, fingerprint in shown:
        for name in (f"#{number}", number, fingerprint, fingerprint[:6], fingerprint[:9].upper()):
            (chosen, *_) = told(name).findings
            assert (chosen.number, chosen.finding.rule, chosen.finding.fingerprint) == (int(number), rule, fingerprint)
    assert told(shown[2][1]).findings[0].number == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("#7", "there is no finding of that number"),
        ("0", "there is no finding of that number"),
        ("abcdef0123", "no finding's fingerprint begins with that"),
        ("abcde", "that is no finding's number, rule or fingerprint"),
        ("github-pat-classic", "github-pat-classic found 2 secrets, name one: #1"),
        ("hunter2hunter2", "that is no finding's number, rule or fingerprint"),
    ],
)
def test_a_wrong_name_gets_one_line_with_what_there_is(two: Path, capsys: Capture, name: str, says: str) -> None:
    assert main(["incident", name, str(two)]) == 2

    error = capsys.readouterr().err
    assert says in error
    assert "#1 github-pat-classic " in error
    assert error.count("\n") == 1
    assert "hunter2" not in error


def test_without_any_finding_it_says_that_there_is_none(commit: Commit, repo: Path, capsys: Capture) -> None:
    commit(1, "a.txt", "clean\n")

    assert main(["incident", "#1", str(repo)]) == 2
    assert "the scan of the history found none" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["1", ".", "--value-from-stdin"], ["1", "--report", "html"], ["1", "--show-secrets"]]
)
def test_wrong_use_is_told(arguments: list[str], repo: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo)

    assert main(["incident", *arguments]) == 2
    assert capsys.readouterr().err.startswith("tightlip: error: ")


# A value from standard input


@pytest.fixture
def ask(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Callable[..., tuple[int, str]]:
    """Give the command a value and return its exit code and all that it printed."""

    def ask(value: bytes, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(value)))
        code = main(["incident", "--value-from-stdin", str(repo), *arguments])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return ask


VALUE = b"not by any " + b"rule \xff|\\ found"


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_value_that_no_rule_finds_is_found(
    commit: Commit, ask: Callable[..., tuple[int, str]], ending: bytes
) -> None:
    commit(1, "a.bin", b"\x00\x01" + VALUE + b"\x00")

    code, shown = ask(VALUE + ending)

    assert code == 1
    assert "The value from standard input is in the history" in shown
    assert "a.bin:1:3" in shown
    assert "--values-from -" in shown
    assert "not by any" not in shown


def test_a_value_that_a_rule_finds_has_the_steps_of_that_rule(
    commit: Commit, ask: Callable[..., tuple[int, str]], token: str
) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")

    code, shown = ask(token.encode())

    assert code == 1
    assert "#1 github-pat-classic" in shown
    assert "https://github.com/settings/tokens" in shown
    assert token not in shown


def test_a_value_is_found_encoded_in_messages_and_in_spite_of_a_comment(commit: Commit, told: Told, repo: Path) -> None:
    value = b"plain-words-as-password"
    commit(1, "a.txt", base64.b64encode(b"password: " + value + b" (do not tell)") + b"\n")
    commit(2, "b.py", b"p = '" + value + b"'  # tightlip: allow gitleaks:allow\n")
    commit(3, "c.txt", value.decode().encode("utf-16"))
    commit(4, "d.txt", "clean\n", "it is " + value.decode())

    incident = told(value)

    assert {(place.path, place.part) for place in incident.places} == {
        ("a.txt", "content"),
        ("b.py", "content"),
        ("c.txt", "content"),
        ("", "commit"),
    }
    assert dict(has(incident, "files")) == {"": ("a.txt", "b.py", "c.txt")}


def test_a_value_that_is_nowhere_is_said_to_be_nowhere_with_what_was_searched(
    two: Path, ask: Callable[..., tuple[int, str]]
) -> None:
    code, shown = ask(b"nowhere-to-be-found")

    assert code == 0
    assert "The value from standard input is nowhere in the history." in shown
    assert "2 commits" in shown
    assert "nowhere-to-be-found" not in shown
    assert "that is nowhere in the history" in ask(b"nowhere-to-be-found", "--report", "markdown")[1]
    assert json.loads(ask(b"nowhere-to-be-found", "--report", "json")[1])["found"] is False


def test_a_value_in_a_file_that_was_never_added_is_told_and_is_not_in_the_history(
    two: Path, put: Callable[..., Path], ask: Callable[..., tuple[int, str]]
) -> None:
    put("draft.txt", "my never-committed value")

    code, shown = ask(b"never-committed")

    assert code == 0
    assert "But the working tree has it: draft.txt" in shown


def test_a_part_of_a_history_is_not_all_of_it(
    two: Path, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    git("clone", "-q", "--depth=1", f"file://{two}", str(tmp_path / "shallow"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nowhere-to-be-found")))

    assert main(["incident", "--value-from-stdin", str(tmp_path / "shallow")]) == 3
    assert "not everything was searched" in capsys.readouterr().out


@pytest.mark.parametrize("value", [b"", b"abc\n", b"x" * 10_000])
def test_a_value_that_is_too_short_or_too_long_is_refused(ask: Callable[..., tuple[int, str]], value: bytes) -> None:
    code, shown = ask(value)

    assert code == 2
    assert "from 4 to 8,192 bytes" in shown


@pytest.mark.parametrize(
    "value", [b"abcd", b"A.b*", b"\n\n\t\x00z", b"(?P<x>[", bytes(range(4, 200)), b"key\r\n" * 300]
)
def test_values_of_any_bytes_are_found(commit: Commit, told: Told, value: bytes) -> None:
    commit(1, "a.bin", b"before " + value + b" after")

    assert [place.path for place in told(value).places] == ["a.bin"]


def test_nothing_of_a_value_comes_into_the_cache(
    commit: Commit, ask: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = b"kept-in-memory-only"
    commit(1, "a.txt", b"it is " + value + b"\n")
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "own-cache"))
    cachefolder.is_usable()

    assert ask(value)[0] == 1
    patterns.keep()

    kept = b"".join(file.read_bytes() for file in (tmp_path / "own-cache").rglob("*") if file.is_file())
    hexadecimal = "".join(f"\\x{byte:02x}" for byte in value).encode()
    assert kept
    assert not any(form in kept for form in (value, hexadecimal, hexadecimal[8:24], base64.b64encode(value)[:16]))
    assert patterns._kept is None or not any(hexadecimal[8:24].decode() in str(key) for key in patterns._kept.new)


def test_other_processes_keep_nothing_of_a_value_either(
    commit: Commit, git: Git, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = b"kept-in-memory-only"
    commit(1, "a.txt", b"it is " + value + b"\n")
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "own-cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(tightlip.__file__).parent.parent))
    cachefolder.is_usable()
    commit(2, "large.bin", os.urandom(3 << 20))  # less is not worth another process
    git("gc", "-q")
    command = [sys.executable, "-m", "tightlip", "incident", "--value-from-stdin", "--jobs", "2", str(repo)]

    done = subprocess.run(command, input=value, capture_output=True, check=False, timeout=120)

    kept = b"".join(file.read_bytes() for file in (tmp_path / "own-cache").rglob("*") if file.is_file())
    hexadecimal = "".join(f"\\x{byte:02x}" for byte in value).encode()
    assert done.returncode == 1, done.stderr
    assert value not in done.stdout + done.stderr
    assert kept
    assert not any(form in kept for form in (value, hexadecimal[8:24], base64.b64encode(value)[:16]))


# Reports


def test_the_sections_come_in_the_order_in_which_things_are_to_be_done(
    commit: Commit, told: Told, token: str, repo: Path
) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    incident = told()
    fingerprint = incident.findings[0].finding.fingerprint

    shown = text(incident)

    at = [shown.index(part) for part in ("1. Rotate first", "2. What the history says", "3. What next")]
    assert at == sorted(at)
    assert f"tightlip purge {repo} --plan plan.json --findings report.json --select {fingerprint}" in shown
    assert "from 2026-01-01 until it was rotated" in shown
    assert shown.isprintable() is False
    assert "\x1b" not in shown
    assert "\x1b[" in text(incident, color=True)


def test_markdown_has_a_checklist_a_table_and_a_timeline(commit: Commit, told: Told, token: str) -> None:
    brought = commit(1, "a.env", f"TOKEN={token}\n")
    removed = commit(2, "a.env", "clean\n")

    shown = markdown(told())

    assert shown.startswith("# Leaked secret: GitHub personal access token")
    assert re.findall(r"^## (.*)$", shown, re.MULTILINE) == ["Checklist", "What the history says", "Timeline"]
    assert "- [ ] **Rotate first**" in shown
    assert "- [x] The files of HEAD" in shown
    rows = [line for line in shown.splitlines() if line.startswith("| 2026-01")]
    assert [row.split(" | ")[0] for row in rows] == ["| 2026-01-01T12:00:00+00:00", "| 2026-01-02T12:00:00+00:00"]
    assert brought[:10] in rows[0]
    assert removed[:10] in rows[1]


def test_json_is_one_document_with_a_version(commit: Commit, told: Told, token: str) -> None:
    brought = commit(1, "a.env", f"TOKEN={token}\n")

    found = document(told())

    assert (found["schema_version"], found["kind"], found["found"]) == ("1", "incident", True)
    assert found["first"] == found["last"]
    assert found["first"] == {
        "kind": "commit",
        "id": brought,
        "author": "Ada Example",
        "email": "ada@example.org",
        "date": "2026-01-01T12:00:00+00:00",
        "subject": "day 1",
    }
    assert {"where": "head", "name": "HEAD", "paths": ["a.env"]} in found["held"]  # type: ignore[operator]


def test_every_field_of_the_json_is_documented(commit: Commit, told: Told, token: str) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")
    page = (Path(__file__).resolve().parent.parent / "docs" / "incident.md").read_text("utf-8")

    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(document(told()))


def test_reports_go_into_files_together(two: Path, tmp_path: Path, capsys: Capture) -> None:
    files = {name: tmp_path / f"incident.{name}" for name in ("markdown", "json")}

    code = main(
        ["incident", "1", str(two), *(f"--report={name}:{file}" for name, file in files.items()), "--report=text"]
    )

    assert code == 1
    assert "1. Rotate first" in capsys.readouterr().out
    assert files["markdown"].read_text("utf-8").startswith("# Leaked secret")
    assert json.loads(files["json"].read_text("utf-8"))["kind"] == "incident"


HOSTILE = "x\x1b[31m\n| [a](http://e.example) `b` <b> @ada #1 \\| **c**"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_hostile_names_break_neither_text_nor_markdown(
    commit: Commit, git: Git, told: Told, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", HOSTILE)
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "a|b`@example.org")
    commit(1, f"{HOSTILE.replace('/', '-')}/a.env", f"TOKEN={token}\n", HOSTILE.replace("\n", " ") + " | `x`")
    git("branch", "a|b`c`|<img-src=x>\u202e")
    git("update-ref", "refs/remotes/origin/`|", "main")

    incident = told()

    assert incident.reached_by[0] == "refs/heads/a|b`c`|<img-src=x>\u202e"
    for shown in (text(incident, detail=1), markdown(incident)):
        assert all(line.isprintable() for line in shown.split("\n"))
    _check_markdown(markdown(incident))
    assert document(incident)["authors"]


def _check_markdown(shown: str) -> None:
    """Every row of a table has two cells, and outside of code there is no markup but tightlip's own."""
    for line in shown.replace("  ```sh\n", "").replace("  ```\n", "").splitlines():
        bare = re.sub(r"`[^`]*`|<code>[^<]*</code>", "CODE", line)
        if line.startswith("|"):
            assert re.fullmatch(r"\|[^|]*\|[^|]*\|", line), line
        assert "`" not in bare, line
        assert not re.search(r"\]\(|<(?!br>)|@|\\|(?<!&)#\d", bare), line


def test_a_damaged_repository_is_told_as_far_as_it_can_be_read(
    commit: Commit, git: Git, repo: Path, told: Told, token: str
) -> None:
    commit(1, "a.txt", "clean\n")
    commit(2, "a.env", f"TOKEN={token}\n")
    oid = git("rev-parse", "HEAD^")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    incident = told()

    assert not incident.report.complete
    assert has(incident, "head") == [("HEAD", ("a.env",))]
    assert "Not everything was searched" in text(incident)


def test_places_in_submodules_are_told_and_said_to_be_there(
    commit: Commit, git: Git, tmp_path: Path, told: Told, token: str
) -> None:
    inner = tmp_path / "inner"
    subprocess.run(["git", "init", "-q", "-b", "main", str(inner)], check=True)
    (inner / "in.env").write_text(f"TOKEN={token}\n")
    subprocess.run(["git", "-C", str(inner), "add", "in.env"], check=True)
    subprocess.run(["git", "-C", str(inner), "commit", "-qm", "inner"], check=True)
    commit(1, "a.txt", "clean\n")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "lib")

    incident = told()

    assert (incident.inside, incident.reached_by) == (True, ())
    assert [place.path for place in incident.places] == ["lib/in.env"]
    assert has(incident, "files") == [("", ("lib/in.env",))]
    assert "some places are in submodules" in text(incident)


def test_what_is_held_says_where_in_one_word(commit: Commit, told: Told, token: str) -> None:
    commit(1, "a.env", f"TOKEN={token}\n")

    assert told().held[0] == Held("head", "HEAD", ("a.env",))

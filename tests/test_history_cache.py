"""A second scan of a history says the same, costs what is new, and leaves no secret behind in the cache."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip import memory
from tightlip.engine.batch import Batch
from tightlip.engine.suspect import Looked, Suspicion


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """Compile the rules before the tests move the cache away."""
    scanner()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("TIGHTLIP_CACHE", str(folder))
    return folder


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What a scan has looked at since the last `clear`."""
    seen: list[bytes] = []
    add, whole = Batch.add, Suspicion.whole

    def watched_add(self: Batch, text: bytes, spans: Sequence[slice] | None = None) -> None:
        seen.append(text)
        add(self, text, spans)

    def watched_whole(self: Suspicion, text: bytes, *given: object, **options: object) -> Looked:
        seen.append(text)
        return whole(self, text, *given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Batch, "add", watched_add)
    monkeypatch.setattr(Suspicion, "whole", watched_whole)
    return seen


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    where = tmp_path / "project"
    where.mkdir()
    git(where, "init", "--quiet")
    commit(where, "keys.txt", f"token = {TOKEN}\n")
    commit(where, "keys.txt", "nothing\n")
    commit(where, "code.py", "print(1)\n")
    return where


def scan(where: Path) -> tightlip.Report:
    return tightlip.scan_history(where, cache=True, scanner=scanner())


def essence(report: tightlip.Report) -> object:
    return report.findings, report.unscanned, report.scanned, report.allowed, report.complete


def test_a_second_scan_reports_the_same_and_reads_nothing(repository: Path, looked_at: list[bytes]) -> None:
    first = scan(repository)
    looked_at.clear()
    assert essence(scan(repository)) == essence(first)
    assert looked_at == []
    assert [finding.secret.reveal() for finding in first.findings] == [TOKEN.encode()]


def test_a_secret_that_stands_there_encoded_is_reported_the_same_and_kept_in_no_form(
    repository: Path, cache: Path, looked_at: list[bytes]
) -> None:
    once, twice = (base64.b64encode(f"{text}token = {OTHER}\n".encode()).decode() for text in ("", "#\n"))
    commit(repository, "secret.yaml", f"data: {once}\n")
    commit(repository, "other.yaml", f"data: {twice}\n")
    first = scan(repository)
    (hidden,) = [finding for finding in first.findings if finding.decoded_through]
    forms = [encoded.reveal().decode() for encoded in hidden.encoded]
    assert {(form in once, form in twice) for form in forms} == {(True, False), (False, True)}
    looked_at.clear()
    again = scan(repository)
    assert essence(again) == essence(first)
    assert [finding.encoded for finding in again.findings] == [finding.encoded for finding in first.findings]
    assert looked_at == []
    stored = b"".join(file.read_bytes() for file in cache.rglob("*") if file.is_file())
    assert not any(form.encode() in stored for form in (OTHER, *forms))


def test_a_new_commit_is_looked_at_and_what_was_clean_is_not_again(repository: Path, looked_at: list[bytes]) -> None:
    scan(repository)
    commit(repository, "more.txt", f"token = {OTHER}\n")
    looked_at.clear()
    found = {finding.secret.reveal() for finding in scan(repository).findings}
    assert found == {TOKEN.encode(), OTHER.encode()}
    assert b"print(1)\n" not in looked_at


@pytest.mark.parametrize("packed_first", [True, False])
def test_packing_and_unpacking_changes_nothing(repository: Path, *, packed_first: bool) -> None:
    if packed_first:
        git(repository, "gc", "--quiet")
    first = scan(repository)
    git(repository, "repack", "-a", "-d", "-f", "--quiet")
    assert scan(repository).findings == first.findings == tightlip.scan_history(repository, scanner=scanner()).findings


def test_a_branch_that_goes_is_no_longer_named(repository: Path) -> None:
    git(repository, "branch", "old", "HEAD~2")
    (finding,) = scan(repository).findings
    assert "old" in finding.occurrences[0].refs
    git(repository, "branch", "-D", "old")
    (finding,) = scan(repository).findings
    assert "old" not in finding.occurrences[0].refs


def test_a_secret_that_comes_back_under_another_name_is_told_with_both(repository: Path) -> None:
    scan(repository)
    commit(repository, "again.txt", f"token = {TOKEN}\n")
    (finding,) = scan(repository).findings
    assert [place.path for place in finding.occurrences] == ["keys.txt", "again.txt"]


def test_no_secret_and_no_name_that_holds_one_is_in_the_cache(repository: Path, cache: Path) -> None:
    commit(repository, f"{OTHER}.txt", "a file that is called like a secret\n")
    git(repository, "tag", f"wip-{OTHER}")
    first = scan(repository)
    assert scan(repository).findings == first.findings
    stored = b"".join(file.read_bytes() for file in cache.rglob("*") if file.is_file())
    assert TOKEN.encode() not in stored
    assert OTHER.encode() not in stored


def test_other_rules_do_not_go_by_what_these_have_seen(repository: Path, tmp_path: Path) -> None:
    scan(repository)
    rules = tmp_path / "own.yaml"
    rules.write_text(
        "provider: Us\nrules:\n- id: our-word\n  name: our word\n  severity: low\n  confidence: high\n"
        "  pattern: '(?P<secret>print\\(\\d\\))'\n  filters: []\n  remediation: [Do not print.]\n"
        "  examples: {match: ['«print(1)»', '«print(2)»'], no_match: ['a', 'b']}\n"
    )
    other = tightlip.Scanner(tightlip.load_rules(str(rules), with_builtin=False))
    report = tightlip.scan_history(repository, cache=True, scanner=other)
    assert {finding.rule for finding in report.findings} >= {"our-word"}


def test_a_scan_that_missed_something_is_not_taken_for_the_whole(repository: Path) -> None:
    oid = git(repository, "rev-parse", "HEAD:code.py")
    file = repository / ".git/objects" / oid[:2] / oid[2:]
    content = file.read_bytes()
    file.unlink()
    assert not scan(repository).complete
    assert not scan(repository).complete
    file.write_bytes(content)
    assert scan(repository).complete


def test_a_scan_without_the_cache_leaves_nothing_there(repository: Path) -> None:
    tightlip.scan_history(repository, scanner=scanner())
    assert memory.Memory().info() == []


def test_a_cache_that_cannot_be_used_costs_only_time(repository: Path, cache: Path) -> None:
    first = scan(repository)
    (cache / memory.NAME).write_bytes(b"this is no database" * 100)
    assert essence(scan(repository)) == essence(first)


def test_what_was_clean_is_looked_at_again_under_a_name_that_a_rule_goes_by(repository: Path) -> None:
    text = "db.acme.io:5432:shop:app:" + "tr0ub4dor" + "&3x\n"
    commit(repository, "notes.txt", text)
    assert len(scan(repository).findings) == 1
    commit(repository, ".pgpass", text)
    assert {finding.rule for finding in scan(repository).findings} == {"github-pat-classic", "pgpass-password"}

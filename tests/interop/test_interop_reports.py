"""Other scanners' reports, and tightlip's own, read as reports."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from tightlip.errors import UsageError
from tightlip.interop.reported import SCANNERS
from tightlip.interop.reports import read
from tightlip.report import FORMATS, Options
from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from tightlip.finding import Finding, Report

COMMIT = "3f2a91c07b" * 4
SHA1, SHA256, NUMBER = "ab" * 20, "cd" * 32, "2760215652977130192"


def gitleaks(value: str, **changes: object) -> dict[str, object]:
    """As gitleaks 8.30 has it for `k = "VALUE"` on the second line of a file, with columns one too high."""
    return {
        "RuleID": "generic-api-key",
        "Description": "Detected a Generic API Key, potentially exposing access to various services.",
        "StartLine": 2,
        "EndLine": 2,
        "StartColumn": 2,
        "EndColumn": 1 + len(f'k = "{value}"'),
        "Match": f'k = "{value}"',
        "Secret": value,
        "File": "app\\settings.py",
        "SymlinkFile": "",
        "Commit": COMMIT,
        "Entropy": 4.3,
        "Author": "Dana",
        "Email": "dana@example.org",
        "Date": "2024-03-06T13:00:00Z",
        "Message": "Take payments\n\nand more",
        "Tags": [],
        "Fingerprint": f"{COMMIT}:app/settings.py:generic-api-key:2",
    } | changes


def betterleaks(value: str) -> dict[str, object]:
    """As betterleaks 2.0.0-rc.4 has it."""
    return {
        "rule_id": "github-pat",
        "rule_hash": SHA256,
        "description": "GitHub token",
        "confidence": "high",
        "match": {"full": f'"{value}"', "value": value, "fingerprint": SHA256},
        "attributes": {"git.sha": COMMIT, "git.author_name": "Dana", "resource": "git.patch_content"},
        "location": {
            "path": "app/settings.py",
            "start_line": 2,
            "end_line": 2,
            "start_column": 5,
            "end_column": 4 + len(f'"{value}"'),
        },
    }


def kingfisher(value: str, status: str = "Not Attempted") -> dict[str, object]:
    """As kingfisher 2.14 has it, with columns that count from 0."""
    return {
        "rule": {"name": "github", "id": "kingfisher.github.1", "description": "GitHub Token"},
        "finding": {
            "snippet": value,
            "fingerprint": NUMBER,
            "confidence": "medium",
            "validation": {"status": status, "response": ""},
            "line": 2,
            "column_start": 5,
            "column_end": 4 + len(value),
            "path": "./app/settings.py",
        },
    }


def trufflehog(value: str, **changes: object) -> dict[str, object]:
    """As trufflehog 3 has it for a repository."""
    place = {"commit": COMMIT, "file": "app/settings.py", "email": "Dana <dana@example.org>", "line": 2}
    return {
        "SourceMetadata": {"Data": {"Git": place | {"timestamp": "2024-03-06 13:00:00 +0000"}}},
        "SourceName": "trufflehog - git",
        "DetectorName": "Github",
        "Verified": True,
        "Raw": value,
        "RawV2": f"dana:{value}",
        "Redacted": "",
    } | changes


def detect_secrets(**changes: object) -> dict[str, object]:
    """As a baseline of detect-secrets 1.5 has it."""
    entry = {"type": "GitHub Token", "filename": "a.py", "hashed_secret": SHA1, "is_verified": False, "line_number": 7}
    return {"version": "1.5.0", "plugins_used": [], "results": {"a.py": [entry | changes]}}


def lines(*documents: object) -> bytes:
    return b"".join(json.dumps(document).encode() + b"\n" for document in documents)


DONE = {"schema_version": "1", "scan": {"state": "complete", "source": {"targets": ["shop"]}, "bytes_scanned": 7}}
AUDIT = {"audit": {"repositories": [{"scan": {"status": "completed"}}]}}


@pytest.fixture
def every(token: str) -> dict[str, bytes]:
    """A report of each scanner, of the same token in the same place where it has one."""
    return {
        "gitleaks": lines([gitleaks(token)]),
        "betterleaks": lines({**DONE, "findings": [betterleaks(token)]}),
        "trufflehog": lines(trufflehog(token), trufflehog(token, Verified=False)),
        "kingfisher": lines({"findings": [kingfisher(token)], **AUDIT, "metadata": {"target": "shop"}}),
        "detect-secrets": lines(detect_secrets()),
    }


def only(report: Report) -> Finding:
    (finding,) = report.findings
    return finding


@pytest.mark.parametrize("scanner", SCANNERS)
def test_whose_report_it_is_is_recognised(scanner: str, every: dict[str, bytes]) -> None:
    finding = only(read(every[scanner], "r.json"))
    assert finding.rule.startswith(f"{scanner}-")
    assert finding == only(read(every[scanner], "r.json", scanner))


@pytest.mark.parametrize("scanner", SCANNERS)
def test_what_comes_of_it_is_a_report_like_any_other(scanner: str, every: dict[str, bytes], token: str) -> None:
    report = read(every[scanner], "r.json")
    out = io.StringIO()
    FORMATS["json"](report, out, Options())
    again = read(out.getvalue().encode(), "again.json")

    assert token not in out.getvalue()
    assert again.findings[0].fingerprint == report.findings[0].fingerprint
    assert isinstance(again.findings[0].secret, Masked)
    assert again.notes == report.notes


@pytest.mark.parametrize("scanner", ["gitleaks", "betterleaks", "kingfisher"])
def test_columns_are_those_of_the_value_whatever_the_scanner_counts(
    scanner: str, every: dict[str, bytes], token: str
) -> None:
    (place,) = only(read(every[scanner], "r.json")).occurrences
    assert (place.path, place.line, place.column, place.end_column) == ("app/settings.py", 2, 6, 6 + len(token))


def test_who_committed_it_is_kept(token: str) -> None:
    (place,) = only(read(lines([gitleaks(token)]), "r.json")).occurrences
    assert (place.commit, place.author, place.email) == (COMMIT, "Dana", "dana@example.org")
    assert (place.date, place.message_subject) == ("2024-03-06T13:00:00Z", "Take payments")

    (place,) = only(read(lines(trufflehog(token)), "r.json")).occurrences
    assert (place.author, place.email, place.date) == ("Dana", "dana@example.org", "2024-03-06T13:00:00+00:00")


def test_places_of_a_value_are_one_finding(token: str, other: str) -> None:
    report = read(lines([gitleaks(token), gitleaks(token, File="b.py"), gitleaks(other)]), "r.json")
    assert [len(finding.occurrences) for finding in report.findings] == [2, 1]


def test_severity_is_high_where_nobody_tells_and_critical_where_it_works(token: str) -> None:
    assert only(read(lines([gitleaks(token)]), "r.json")).severity == "high"
    working = only(read(lines(kingfisher(token, "Active Credential"), AUDIT), "r.jsonl"))
    assert (working.severity, working.confidence) == ("critical", 1.0)
    valid = betterleaks(token) | {"analysis": {"status": "valid", "severity": "medium"}}
    assert only(read(lines({**DONE, "findings": [valid]}), "r.json")).severity == "critical"
    told = betterleaks(token) | {"analysis": {"status": "unknown", "severity": "medium"}}
    assert only(read(lines({**DONE, "findings": [told]}), "r.json")).severity == "medium"
    dead = only(read(lines(kingfisher(token, "Inactive Credential"), AUDIT), "r.jsonl"))
    assert dead.severity == "high"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("REDACTED", "******** (40 characters)"),
        ("ghp_16C7e42F...", "ghp_******** (40 characters)"),
    ],
    ids=["all", "in part"],
)
def test_what_gitleaks_redacted_stays_unknown_and_has_its_length(value: str, shown: str, token: str) -> None:
    redacted = gitleaks(token) | {"Match": f'k = "{value}"', "Secret": value}
    report = read(lines([redacted, redacted | {"File": "b.py"}]), "r.json")

    assert [finding.secret.redacted() for finding in report.findings] == [shown] * 2
    assert len({finding.fingerprint for finding in report.findings}) == 2
    assert report.notes[-1] == "the report holds no values, so the same value may count more than once"
    with pytest.raises(UsageError, match="without the values"):
        report.findings[0].secret.reveal()


def test_a_hash_of_the_value_is_never_in_the_report(every: dict[str, bytes]) -> None:
    for content in (every["detect-secrets"], lines({**DONE, "findings": [betterleaks("REDACTED")]})):
        out = io.StringIO()
        report = read(content, "r.json")
        FORMATS["json"](report, out, Options(show_secrets=True))
        assert isinstance(only(report).secret, Masked)
        assert SHA1 not in out.getvalue()
        assert SHA256 not in out.getvalue()


def test_the_same_hash_has_the_same_fingerprint_every_time(every: dict[str, bytes]) -> None:
    first, again = (only(read(every["detect-secrets"], "r.json")) for _ in range(2))
    assert first.fingerprint == again.fingerprint


def test_what_was_judged_no_secret_is_counted_and_left_out() -> None:
    report = read(lines(detect_secrets(is_secret=False)), "r.json")
    assert (report.findings, report.baselined) == ((), 1)
    assert only(read(lines(detect_secrets(is_secret=True)), "r.json")).confidence == pytest.approx(0.9)


def test_another_value_beside_it_is_hidden_too(token: str) -> None:
    made = trufflehog(token, RawV2=f"key{token}")
    made["SourceMetadata"] = {"Data": {"Filesystem": {"file": f"dir/key{token}/x", "line": 1}}}
    out = io.StringIO()
    FORMATS["json"](read(lines(made), "r.json"), out, Options())
    assert "dir/********/x" in out.getvalue()


def test_a_commit_message_is_told_as_one(token: str) -> None:
    made = trufflehog(token)
    made["SourceMetadata"] = {"Data": {"Git": {"commit": COMMIT, "line": 1}}}
    (place,) = only(read(lines(made), "r.json")).occurrences
    assert (place.part, place.commit, place.path) == ("commit", COMMIT, "")


def test_lines_of_a_log_between_trufflehogs_are_none_of_its_findings(token: str) -> None:
    log = {"level": "info-0", "ts": "2024", "msg": "finished scanning"}
    assert len(read(lines(trufflehog(token), log), "r.json").findings) == 1


@pytest.mark.parametrize(
    ("content", "complete"),
    [
        (lines({**DONE, "findings": []}), True),
        (lines({**DONE, "scan": {"state": "incomplete"}, "findings": []}), False),
        (lines({"schema_version": "1", "finding": betterleaks("x" * 30)}), False),
        (lines({"schema_version": "1", "finding": betterleaks("x" * 30)}, DONE), True),
        (lines({"findings": [], **AUDIT}), True),
        (lines({"findings": [], "audit": {"repositories": [{"scan": {"status": "failed"}}]}}), False),
        (lines(kingfisher("x" * 30)), False),
    ],
    ids=["betterleaks", "stopped", "no end", "lines", "kingfisher", "failed", "no audit"],
)
def test_a_scan_that_did_not_come_to_its_end_is_not_complete(content: bytes, *, complete: bool) -> None:
    assert read(content, "r.json").complete is complete


def test_who_does_not_tell_whether_it_is_complete_is_said_not_to(every: dict[str, bytes]) -> None:
    assert "gitleaks does not tell whether everything was scanned" in read(every["gitleaks"], "r.json").notes
    assert not any("everything" in note for note in read(every["kingfisher"], "r.json").notes)


def test_an_empty_report_needs_to_be_told_whose_it_is() -> None:
    for content in (b"", b"[]", b"\n"):
        with pytest.raises(UsageError, match=r"r\.json: whose report is it\? Name the scanner: --from gitleaks, "):
            read(content, "r.json")
    assert read(b"[]", "r.json", "gitleaks").findings == ()
    assert read(b"", "r.json", "trufflehog").findings == ()
    for scanner in ("betterleaks", "kingfisher", "detect-secrets"):
        with pytest.raises(UsageError, match="not a report of"):
            read(b"", "r.json", scanner)


WRONG: dict[str, Any] = {
    "no list": {"RuleID": 1},
    "no rule": [{"RuleID": "", "File": "a"}],
    "a line that is none": [{"RuleID": "x", "StartLine": -1}],
    "a number that is too large": [{"RuleID": "x", "StartLine": 10**400, "line": 1}],
    "a text that is none": [{"RuleID": "x", "File": {"a": 1}}],
    "a number": 7,
    "numbers": [7],
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("scanner", SCANNERS)
def test_what_is_no_report_is_told_in_one_line(scanner: str, what: str) -> None:
    with pytest.raises(UsageError, match=rf"\Ar\.json: not a report of {scanner}'s: [^\n]*\Z"):
        read(lines(WRONG[what]), "r.json", scanner)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 50_000, b"9" * 10_000, b'{"a": 1}\n{', b'{"tool": {}}'])
def test_what_cannot_be_read_is_told_in_one_line(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"\Ar\.json[^\n]*\Z"):
        read(content, "r.json")


def test_a_message_never_repeats_what_the_report_holds(token: str) -> None:
    with pytest.raises(UsageError) as told:
        read(lines([gitleaks(token) | {"StartLine": token}]), "r.json")
    assert token not in str(told.value)


def test_json_lines_of_our_own_are_read_to_their_end(token: str) -> None:
    report = read(lines([gitleaks(token)]), "r.json")
    out, lined = io.StringIO(), io.StringIO()
    FORMATS["json"](report, out, Options())
    FORMATS["jsonl"](report, lined, Options())
    whole = lined.getvalue().encode()

    assert read(whole, "r.jsonl") == read(out.getvalue().encode(), "r.json")
    for cut in (
        whole[: whole.rindex(b'{"end"')],
        b"".join(it for it in whole.splitlines(keepends=True) if b"finding" not in it),
    ):
        with pytest.raises(UsageError, match=r"r\.jsonl: .*missing"):
            read(cut, "r.jsonl")

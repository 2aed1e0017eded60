"""What another scanner knows becomes known here, with what was judged there, and never against what is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from tightlip.cli import main
from tightlip.finding import Finding, Occurrence
from tightlip.interop import known, looking
from tightlip.interop.foreign import ForeignFinding
from tightlip.model import Secret

KEY = "".join(("AK", "IA", "QYLPMN5H", "HHFPZAM2"))
GITHUB = "".join(("gh", "p_", "9mWk2LpQ7xRt5VbN", "8cYs3HdF6gJz1K", "aE4", "uTq"))
OTHER = "".join(("gh", "p_", "2mWk9LpQ7xRt5VbN", "8cYs3HdF6gJz1K", "aE4", "uTq"))
STRIPE = "".join(("sk_", "li", "ve_", "4eC39HqLyjWD", "arjtT1zdp7dc"))
VALUES = (KEY, GITHUB, OTHER, STRIPE)
NAME = ".tightlip-baseline.yaml"


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str


Run = Callable[..., Done]
Commit = Callable[..., str]


@pytest.fixture
def run(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in the repository; no value may be in what it prints."""
    monkeypatch.chdir(repo)

    def run(*arguments: str) -> Done:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert not any(value in out + err for value in VALUES)
        return Done(code, out + err)

    return run


@pytest.fixture
def commit(put: Callable[[str, str], Path], git: Callable[..., str]) -> Commit:
    """Write files, commit them, and return the commit's id."""

    def commit(**files: str) -> str:
        for name, text in files.items():
            put(f"{name}.py", text)
        git("add", "--all")
        git("commit", "-q", "--allow-empty", "-m", "change")
        return git("rev-parse", "HEAD")

    return commit


@pytest.fixture
def old(commit: Commit) -> str:
    """The first commit of a repository with three secrets."""
    return commit(app=f"key = '{KEY}'\n\ntoken = '{GITHUB}'\n", pay=f"stripe = '{STRIPE}'\n")


def detect_secrets(repo: Path, **judged: bool) -> None:
    """Have detect-secrets write its baseline, and judge all that it found in some files."""
    pytest.importorskip("detect_secrets")
    command = [sys.executable, "-m", "detect_secrets", "scan"]
    made = subprocess.run(command, cwd=repo, check=True, capture_output=True, text=True).stdout
    baseline = json.loads(made)
    for name, is_secret in judged.items():
        for entry in baseline["results"][f"{name}.py"]:
            entry["is_secret"] = is_secret
    (repo / ".secrets.baseline").write_text(json.dumps(baseline), "utf-8")


def states(repo: Path) -> dict[str, str]:
    """The rules of the entries, and what is judged of each."""
    lines = [line for line in (repo / NAME).read_text("utf-8").splitlines() if line.startswith("- ")]
    assert not any(value in line for value in VALUES for line in lines)
    return {field(line, "rule"): field(line, "state") for line in lines}


def field(line: str, name: str) -> str:
    return line.partition(f"{name}: ")[2].partition(",")[0].rstrip("}")


def gitleaks(rule: str, path: str, line: int, secret: str, commit: str = "") -> dict[str, object]:
    """A finding as gitleaks 8.30 reports it."""
    return {
        "RuleID": rule,
        "Description": "Uncovered something.",
        "StartLine": line,
        "EndLine": line,
        "StartColumn": 11,
        "EndColumn": 50,
        "Match": secret,
        "Secret": secret,
        "File": path,
        "SymlinkFile": "",
        "Commit": commit,
        "Entropy": 5.2,
        "Author": "Ada Example",
        "Email": "ada@example.org",
        "Date": "2026-01-02T03:04:05Z",
        "Message": "change",
        "Tags": [],
        "Fingerprint": f"{path}:{rule}:{line}",
    }


def write(repo: Path, name: str, content: object) -> str:
    (repo.parent / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(repo.parent / name)


def test_after_one_command_a_scan_speaks_of_new_findings_only(repo: Path, old: str, run: Run, commit: Commit) -> None:
    detect_secrets(repo, app=False)

    done = run("import", "detect-secrets")
    assert done.code == 0
    assert "3 entries added (1 unjudged, 2 false-alarm)" in done.out
    assert states(repo) == {
        "aws-access-key-id": "false-alarm",
        "github-pat-classic": "false-alarm",
        "stripe-secret-key": "unjudged",
    }
    assert 'why: "from .secrets.baseline"' in (repo / NAME).read_text("utf-8")
    assert run("scan").code == 0
    commit(new=f"token = '{OTHER}'\n")
    assert run("scan", "-q").out.count("\n") == 1


def test_what_was_judged_a_secret_is_real_and_counts(repo: Path, old: str, run: Run) -> None:
    detect_secrets(repo, pay=True, app=False)

    assert "what is real is reported until the secret is rotated" in run("import", "detect-secrets").out
    assert states(repo)["stripe-secret-key"] == "real"
    assert "[stripe-secret-key]" in run("scan", "-q").out


def test_a_value_that_is_judged_a_secret_in_one_file_is_one_everywhere(repo: Path, commit: Commit, run: Run) -> None:
    commit(a=f"stripe = '{STRIPE}'\n", b=f"stripe = '{STRIPE}'\n")
    detect_secrets(repo, a=False, b=True)

    run("import", "detect-secrets")
    assert states(repo) == {"stripe-secret-key": "real"}


def test_a_judgement_in_the_baseline_stays_and_the_other_one_is_told(repo: Path, old: str, run: Run) -> None:
    detect_secrets(repo, app=True, pay=False)
    assert run("baseline", "create").code == 0
    lines = (repo / NAME).read_text("utf-8").splitlines()
    (stripe,) = (line for line in lines if "stripe" in line)
    assert run("baseline", "update", "--select", stripe[8:18], "--state", "revoked", "--why", "rotated").code == 0

    done = run("import", "detect-secrets")
    assert "stripe-secret-key  pay.py  stays revoked, and is not false-alarm" in done.out
    assert "2 entries judged (2 real)" in done.out
    assert states(repo) == {
        "aws-access-key-id": "real",
        "github-pat-classic": "real",
        "stripe-secret-key": "revoked",
    }


def test_a_second_import_changes_nothing(repo: Path, old: str, run: Run) -> None:
    detect_secrets(repo, app=False)
    run("import", "detect-secrets")
    before = (repo / NAME).read_bytes()

    assert f"{NAME}: nothing is new" in run("import", "detect-secrets").out
    assert (repo / NAME).read_bytes() == before


def test_an_entry_of_one_place_stays_one_and_other_places_get_their_own(repo: Path, commit: Commit, run: Run) -> None:
    commit(a=f"stripe = '{STRIPE}'\n")
    assert run("baseline", "create", "--per-place").code == 0
    (line,) = [line for line in (repo / NAME).read_text("utf-8").splitlines() if line.startswith("- ")]
    run("baseline", "update", "--select", line[8:18], "--state", "real", "--per-place")
    commit(b=f"stripe = '{STRIPE}'\n")
    detect_secrets(repo, b=False)

    run("import", "detect-secrets")
    entries = [line for line in (repo / NAME).read_text("utf-8").splitlines() if line.startswith("- ")]
    assert {(field(line, "at"), field(line, "state")) for line in entries} == {
        ('"a.py"', "real"),
        ('"b.py"', "false-alarm"),
    }
    assert run("scan", "-q").out.startswith("a.py:1:")


def test_what_is_not_here_any_more_is_told(repo: Path, old: str, run: Run, commit: Commit) -> None:
    report = [gitleaks("stripe-access-token", "pay.py", 1, STRIPE), gitleaks("github-pat", "gone.py", 1, OTHER)]
    commit(pay="stripe = environ['STRIPE']\n")

    done = run("import", "gitleaks", write(repo, "report.json", report))
    assert "pay.py:1 stripe-access-token, not there any more" in done.out
    assert "gone.py:1 github-pat, a file that is not here" in done.out
    assert not (repo / NAME).exists()


def test_findings_of_commits_are_looked_for_in_the_history(repo: Path, old: str, run: Run, commit: Commit) -> None:
    commit(pay="")
    report = [gitleaks("stripe-access-token", "pay.py", 1, STRIPE, old), gitleaks("aws", "app.py", 1, KEY, old)]

    assert run("import", "gitleaks", write(repo, "report.json", report)).code == 0
    assert states(repo) == {"aws-access-key-id": "unjudged", "stripe-secret-key": "unjudged"}
    assert "in: history" in next(line for line in (repo / NAME).read_text().splitlines() if "stripe" in line)
    assert {line.rpartition("[")[2].partition("]")[0] for line in run("scan-history", "-q").out.splitlines()} == {
        "github-pat-classic"
    }


@pytest.mark.parametrize("form", ["report", "ignore file"])
def test_without_the_value_the_line_in_the_version_of_the_commit_counts(
    repo: Path, old: str, run: Run, commit: Commit, form: str
) -> None:
    moved = commit(app=f"import os\n\nkey = '{KEY}'\n\ntoken = '{GITHUB}'\n")
    commit(app=f"key = '{KEY}'\n\n\n\ntoken = '{OTHER}'\n")  # another one stands on that line now
    if form == "report":
        file = write(repo, "report.json", [gitleaks("github-pat", "app.py", 5, "REDACTED", moved)])
    else:
        file = write(repo, ".gitleaksignore", f"{moved}:app.py:github-pat:5\n")

    assert run("import", "gitleaks", file).code == 0
    assert states(repo) == {"github-pat-classic": "unjudged"}
    assert "app.py:5:10" in run("scan", "-q").out


def test_of_several_secrets_on_a_line_the_one_with_the_like_name_is_meant(repo: Path, commit: Commit, run: Run) -> None:
    commit(app=f"pair = ('{GITHUB}', '{STRIPE}')\n", two=f"pair = ('{GITHUB}', '{OTHER}')\n")
    report = [gitleaks("stripe-access-token", "app.py", 1, "REDACTED"), gitleaks("github-pat", "two.py", 1, "REDACTED")]

    done = run("import", "gitleaks", write(repo, "report.json", report))
    assert states(repo) == {"stripe-secret-key": "unjudged"}
    assert "two.py:1 github-pat" in done.out.partition("not found by tightlip:")[2]


def test_what_gitleaks_is_told_to_ignore_is_known_and_not_judged(repo: Path, old: str, run: Run) -> None:
    (repo / ".gitleaksignore").write_text("pay.py:stripe-access-token:1\n", "utf-8")

    assert "(stripe-access-token: to be ignored)" in run("import", "gitleaks").out
    assert states(repo) == {"stripe-secret-key": "unjudged"}


def test_betterleaks_ignores_values_by_their_hash_wherever_they_are(repo: Path, old: str, run: Run) -> None:
    (repo / ".betterleaksignore").write_text(f"{sha256(STRIPE.encode()).hexdigest()}\n{'0' * 64}\n", "utf-8")

    assert "a value with the hash 0000000000" in run("import", "betterleaks").out
    assert states(repo) == {"stripe-secret-key": "unjudged"}


def test_reports_of_betterleaks_are_read(repo: Path, old: str, run: Run) -> None:
    finding = {
        "rule_id": "stripe-access-token",
        "description": "Found one.",
        "confidence": "high",
        "match": {"full": STRIPE, "value": STRIPE, "fingerprint": "0" * 64},
        "attributes": {"resource": "fs.content"},
        "location": {"path": "./pay.py", "start_line": 1, "end_line": 1, "start_column": 11, "end_column": 42},
    }
    report = {"schema_version": "1", "findings": [finding], "scan": {"state": "complete", "source": {"targets": ["."]}}}

    assert run("import", "betterleaks", write(repo, "report.json", report)).code == 0
    assert states(repo) == {"stripe-secret-key": "unjudged"}


def test_what_trufflehog_saw_work_is_real(repo: Path, old: str, run: Run) -> None:
    lines = [
        {
            "SourceMetadata": {
                "Data": {"Git": {"commit": old, "file": path, "line": line, "email": "Ada <ada@e.org>"}}
            },
            "DetectorName": name,
            "Verified": verified,
            "Raw": value,
            "RawV2": "",
        }
        for name, path, line, value, verified in (
            ("Stripe", "pay.py", 1, STRIPE, True),
            ("AWS", "app.py", 1, KEY, False),
        )
    ]
    file = write(repo, "found.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))

    assert "(Stripe: seen to work)" in run("import", "trufflehog", file).out
    assert states(repo) == {"aws-access-key-id": "unjudged", "stripe-secret-key": "real"}


KINGFISHER = {
    "version 1": """
ExactFindings:
  matches:
  - filepath: pay.py
    fingerprint: '3643314590349776172'
    linenum: 1
    lastupdated: Mon, 7 Jul 2025 10:30:00 -0700
""",
    "version 2": """
version: 2
fingerprint_algorithm: kingfisher-v1
repositories:
- id: local:///home/ada/shop
  findings:
  - path: pay.py
    fingerprint: '3643314590349776172'
    rule_id: betterleaks.stripe-access-token
    line: 1
    first_seen_at: 2026-11-29T02:01:08.248994102+00:00
    last_updated_at: 2026-11-29T02:01:08.248994102+00:00
""",
}


@pytest.mark.parametrize("version", KINGFISHER)
def test_baselines_of_kingfisher_are_read(repo: Path, old: str, run: Run, version: str) -> None:
    assert run("import", "kingfisher", write(repo, "kingfisher.yaml", KINGFISHER[version])).code == 0
    assert states(repo) == {"stripe-secret-key": "unjudged"}


@pytest.mark.parametrize(
    "content",
    [
        "repositories: 3",
        "repositories: [{findings: [{line: 1}]}]",
        "ExactFindings: {matches: [{filepath: a, linenum: x}]}",
    ],
)
def test_a_baseline_that_cannot_be_read_is_one_clear_line(repo: Path, old: str, run: Run, content: str) -> None:
    done = run("import", "kingfisher", write(repo, "kingfisher.yaml", content))
    assert (done.code, done.out.count("\n")) == (2, 1)


@pytest.mark.parametrize("scanner", ["betterleaks", "kingfisher", "trufflehog"])
@pytest.mark.parametrize("content", ['{"a": ', "3", '[["a"]]', '{"findings": 3, "rule": 3, "SourceMetadata": 3}'])
def test_a_report_that_cannot_be_read_is_one_clear_line(
    repo: Path, old: str, run: Run, scanner: str, content: str
) -> None:
    done = run("import", scanner, write(repo, "report.json", content))
    assert (done.code, done.out.count("\n")) == (2, 1)


def test_rules_that_are_carried_over_find_what_the_other_scanner_knew(repo: Path, commit: Commit, run: Run) -> None:
    value = "acme_" + "0f9e8d7c6b5a49382716"
    commit(app=f"x = '{value}'\n")
    rules = write(repo, "g.toml", '[[rules]]\nid = "acme-key"\nregex = "acme_([0-9a-f]{20})"\nkeywords = ["acme_"]\n')
    report = write(repo, "report.json", [gitleaks("acme-key", "app.py", 1, value.removeprefix("acme_"))])

    assert run("import", "gitleaks", rules, report).code == 0
    assert states(repo) == {"acme-key": "unjudged"}
    assert run("scan", "--rules", "gitleaks.yaml", "app.py").code == 0


def test_nothing_is_written_where_that_is_not_wanted(repo: Path, old: str, run: Run) -> None:
    detect_secrets(repo)
    assert run("import", "detect-secrets", "--no-baseline").code == 0
    assert run("import", "detect-secrets", "--ignore", ".tightlipignore").code == 0
    assert not (repo / NAME).exists()


def test_outside_of_a_repository_it_says_that_nothing_is_written(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (elsewhere / "pay.py").write_text(f"stripe = '{STRIPE}'\n", "utf-8")
    (elsewhere / "report.json").write_text(json.dumps([gitleaks("stripe", "pay.py", 1, STRIPE)]), "utf-8")

    done = run("import", "gitleaks", "report.json")
    assert done.code == 0
    assert "not written down: outside of a repository" in done.out


def test_a_subfolder_counts_paths_from_the_top(
    repo: Path, run: Run, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / "api").mkdir()
    (repo / "api" / "pay.py").write_text(f"stripe = '{STRIPE}'\n", "utf-8")
    commit()
    report = write(repo, "report.json", [gitleaks("stripe", "pay.py", 1, STRIPE)])
    monkeypatch.chdir(repo / "api")

    assert run("import", "gitleaks", report).code == 0
    assert 'path: "api/pay.py"' in (repo / NAME).read_text("utf-8")


def test_what_the_configuration_lets_stay_is_not_written_down(repo: Path, old: str, run: Run) -> None:
    (repo / ".tightlipignore").write_text("pay.py\n", "utf-8")
    report = write(repo, "report.json", [gitleaks("stripe", "pay.py", 1, STRIPE), gitleaks("aws", "app.py", 1, KEY)])

    assert run("import", "gitleaks", report).code == 0
    assert states(repo) == {"aws-access-key-id": "unjudged"}


def test_a_finding_without_path_and_value_is_not_about_whatever_stands_on_that_line(
    repo: Path, old: str, run: Run
) -> None:
    report = [gitleaks("aws-access-token", "", 1, "REDACTED")]

    assert "tightlip finds 0" in run("import", "betterleaks", write(repo, "report.json", report)).out
    assert not (repo / NAME).exists()


def test_a_version_of_a_commit_is_looked_through_once_for_all_that_is_known_of_it(
    repo: Path, old: str, run: Run, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = commit(app=f"import os\n\nkey = '{KEY}'\n\ntoken = '{GITHUB}'\n")
    ones = [gitleaks("github-pat", "app.py", 5, "REDACTED", moved), gitleaks("aws", "app.py", 3, "REDACTED", moved)]
    looked = []
    look = looking._findings
    monkeypatch.setattr(looking, "_findings", lambda *of: looked.append(of) or look(*of))

    assert run("import", "gitleaks", write(repo, "report.json", ones)).code == 0
    assert states(repo) == {"aws-access-key-id": "unjudged", "github-pat-classic": "unjudged"}
    assert len(looked) == 1


def test_many_findings_in_one_file_are_compared_in_no_time() -> None:
    secrets = [Secret(b"%d" % number) for number in range(4000)]
    ours = [found(secret, line) for line, secret in enumerate(secrets, 1)]
    theirs = [ForeignFinding("a.py", "x", line, secret=secret) for line, secret in enumerate(secrets, 1)]
    started = time.process_time()

    assert len(known.compared(theirs, ours).both) == len(secrets)
    assert time.process_time() - started < 2


def found(secret: Secret, line: int) -> Finding:
    """A finding of tightlip's in a.py."""
    return Finding(
        rule="x",
        name="X",
        provider="",
        severity="high",
        confidence=1.0,
        reasons=(),
        secret=secret,
        remediation=(),
        occurrences=(Occurrence("a.py", line, 1, line, 9),),
    )

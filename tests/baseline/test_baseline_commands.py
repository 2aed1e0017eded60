"""`tightlip baseline`: create, update, prune, check, as they are typed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from baselines import NAME, PASSWORD, Run, entries

Commit = Callable[..., None]
Put = Callable[[str, str], Path]
JUDGE = (
    "Judge one after the other: tightlip audit; or one: tightlip baseline update --select ID --state STATE --why TEXT"
)
RULE = """
rules:
  - id: own
    name: Own key
    severity: high
    confidence: medium
    pattern: '(?P<secret>ownkey_[0-9a-z]{12})'
    remediation: [Revoke it.]
    examples: {match: ['«ownkey_[0-9a-z]{12}»']}
"""


def fingerprint(run: Run, start: str) -> str:
    """The fingerprint of the finding whose first place begins so."""
    made = json.loads(run("scan", "--no-baseline", "--report", "json").out)
    return next(it["fingerprint"] for it in made["findings"] if it["occurrences"][0]["path"].startswith(start))


def test_create_writes_every_finding_and_no_value(old: Path, run: Run, token: str, other: str) -> None:
    done = run("baseline", "create")

    text = (old / NAME).read_text("utf-8")
    assert (done.code, done.err) == (0, "")
    assert f"{NAME}: 3 known findings, 3 not judged" in done.out
    assert f"git add {NAME} .gitattributes" in done.out
    assert len(entries(old)) == 3
    assert not any(value in text + done.out for value in (token, other, PASSWORD))
    assert run("scan").out.splitlines()[1].endswith("3 known findings left out.")


def test_create_writes_the_same_file_again_but_for_the_salt(old: Path, run: Run) -> None:
    run("baseline", "create")
    first = (old / NAME).read_text("utf-8")
    run("baseline", "create", "--baseline", "other.yaml")

    second = (old / "other.yaml").read_text("utf-8")
    assert first != second
    assert sorted(line[32:] for line in entries(old)) == sorted(
        line[32:] for line in second.splitlines() if line.startswith("- ")
    )


def test_create_overwrites_nothing(adopted: Path, run: Run) -> None:
    before = (adopted / NAME).read_bytes()
    done = run("baseline", "create")

    assert done.code == 2
    assert "tightlip baseline update" in done.err
    assert (adopted / NAME).read_bytes() == before


def test_create_adds_a_line_to_gitattributes_and_keeps_what_is_there(old: Path, run: Run, put: Put) -> None:
    put(".gitattributes", "*.png binary")
    assert run("baseline", "create").code == 0

    assert (old / ".gitattributes").read_text("utf-8") == f"*.png binary\n{NAME} merge=union\n"
    (old / NAME).unlink()
    run("baseline", "create")
    assert (old / ".gitattributes").read_text("utf-8").count("merge=union") == 1


def test_create_leaves_gitattributes_alone_where_it_is_told_to(old: Path, run: Run) -> None:
    done = run("baseline", "create", "--no-gitattributes")

    assert f"git add {NAME};" in done.out
    assert not (old / ".gitattributes").exists()


def test_create_judges_everything_at_once(old: Path, run: Run) -> None:
    run("baseline", "create", "--state", "accepted", "--why", "old", "--by", "Ada", "--until", "2026-04-01")

    said = 'state: accepted, by: "Ada", when: 2026-03-01, why: "old", until: 2026-04-01}'
    assert [line.partition(", state")[1] + line.partition(", state")[2] for line in entries(old)] == [f", {said}"] * 3


def test_who_judged_is_whom_git_knows(old: Path, run: Run, git: Callable[..., str]) -> None:
    git("config", "user.name", "Grace")
    run("baseline", "create", "--state", "false-alarm")

    assert all('by: "Grace"' in line for line in entries(old))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--state", "accepted"], "--why"),
        (["--why", "because"], "--state"),
        (["--state", "revoked", "--until", "2026-02-28"], "over already"),
        (["--state", "revoked", "--until", "tomorrow"], "no day"),
        (["--state", "fine"], "'fine' is not one of"),
        (["--select", "3f2a9c", "--state", "revoked"], "--select"),
        (["--from", "missing.json"], "cannot be read"),
    ],
)
def test_a_mistake_is_told_on_one_line_and_nothing_is_written(
    arguments: Sequence[str], problem: str, old: Path, run: Run
) -> None:
    done = run("baseline", "create", *arguments)

    assert (done.code, done.out) == (2, "")
    assert problem in done.err
    assert done.err.count("\n") == 1
    assert not (old / NAME).exists()


def test_only_what_git_tracks_is_scanned(old: Path, run: Run, put: Put, token: str) -> None:
    put("untracked.env", f"TOKEN={token[::-1]}")
    (old / "link").symlink_to("untracked.env")
    run("baseline", "create")

    assert len(entries(old)) == 3


def test_what_only_the_history_holds_is_marked_so(old: Path, run: Run, commit: Commit) -> None:
    (old / "a.py").unlink()
    commit()
    run("baseline", "create", "--history")

    assert [line for line in entries(old) if "in: history" in line] == [line for line in entries(old) if "a.py" in line]
    assert len(entries(old)) == 3
    assert run("scan-history").code == 0
    assert "1 entry not looked for" in run("baseline", "prune").out
    assert run("baseline", "check", "--only", "stale", "--history").code == 0


def test_a_report_with_values_can_be_taken_over_and_one_without_cannot(old: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    run("scan", "--report", f"json:{file}")
    refused = run("baseline", "create", "--from", str(file))
    run("scan", "--report", f"json:{file}", "--show-secrets")
    done = run("baseline", "create", "--from", str(file))

    assert refused.code == 2
    assert "3 of 3 values redacted" in refused.err
    assert "--show-secrets" in refused.err
    assert done.code == 0
    assert run("scan").code == 0


@pytest.mark.parametrize("content", ["nothing", "[]", '{"scan": 1}', '{"scan": {"kind": "x"}, "findings": []}'])
def test_what_is_no_report_is_refused(content: str, old: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(content, "utf-8")
    done = run("baseline", "create", "--from", str(file))

    assert done.code == 2
    assert done.err.startswith("tightlip: error: --from: ")


def test_update_adds_what_is_new_and_changes_nothing_else(adopted: Path, run: Run, commit: Commit, token: str) -> None:
    run("baseline", "update", "--select", fingerprint(run, "c.py"), "--state", "test-value")
    before = entries(adopted)
    (adopted / "a.py").unlink()
    commit(e_py=f"TOKEN = '{token[:-4]}AAAA'\n")
    done = run("baseline", "update")

    assert done.code == 0
    assert done.out.startswith("1 finding added:\n")
    assert set(entries(adopted)) > set(before)
    assert len(entries(adopted)) == 4
    assert "nothing is new" in run("baseline", "update").out


def test_update_judges_one_by_the_fingerprint_of_a_report(adopted: Path, run: Run) -> None:
    chosen = fingerprint(run, "a.py")
    before = entries(adopted)
    done = run("baseline", "update", "--select", chosen[:7].upper(), "--state", "false-alarm", "--why", "an example")

    assert done.code == 0
    (line,) = set(entries(adopted)) - set(before)
    assert 'path: "a.py"' in line
    assert 'state: false-alarm, when: 2026-03-01, why: "an example"}' in line


def test_update_judges_one_by_its_id_without_a_scan(adopted: Path, run: Run, put: Put) -> None:
    put("a.py", "")
    start = next(line for line in entries(adopted) if "a.py" in line)[8:15]
    done = run("baseline", "update", "--select", start, "--state", "revoked")

    assert done.code == 0
    assert sum("revoked" in line for line in entries(adopted)) == 1


def test_update_judges_what_is_not_in_the_file_yet(adopted: Path, run: Run, commit: Commit, token: str) -> None:
    commit(e_py=f"TOKEN = '{token[:-4]}AAAA'\nNEXT = '{token[:-4]}BBBB'\n")
    chosen = json.loads(run("scan", "--report", "json").out)["findings"][0]["fingerprint"]
    run("baseline", "update", "--select", chosen, "--state", "false-alarm")

    assert len(entries(adopted)) == 4
    assert run("scan", "-q").out.count("e.py") == 1


def test_a_value_in_the_reason_is_not_written(adopted: Path, run: Run, token: str) -> None:
    run("baseline", "update", "--select", fingerprint(run, "a.py"), "--state", "revoked", "--why", f"was {token}")

    assert token not in (adopted / NAME).read_text("utf-8")


def test_a_value_in_the_reason_is_not_written_where_nothing_is_scanned(adopted: Path, run: Run, token: str) -> None:
    identity = entries(adopted)[0].split('"')[1]

    done = run("baseline", "update", "--select", identity, "--state", "revoked", "--why", f"was {token}")

    assert done.code == 0
    assert token not in done.out
    assert token not in (adopted / NAME).read_text("utf-8")
    assert "was ********" in (adopted / NAME).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--select", "000000", "--state", "revoked"], "no fingerprint begins with 000000"),
        (["--select", "0000", "--state", "revoked"], "6 to 20"),
        (["--select", "no-hex", "--state", "revoked"], "6 to 20"),
        (["--select", "000000"], "--select needs --state"),
    ],
)
def test_what_selects_nothing_is_told(arguments: Sequence[str], problem: str, adopted: Path, run: Run) -> None:
    before = (adopted / NAME).read_bytes()
    done = run("baseline", "update", *arguments)

    assert done.code == 2
    assert problem in done.err
    assert (adopted / NAME).read_bytes() == before


def test_without_a_file_the_other_actions_say_how_to_make_one(old: Path, run: Run) -> None:
    for action in ("update", "prune", "check"):
        done = run("baseline", action)
        assert done.code == 2
        assert "tightlip baseline create" in done.err


def test_prune_takes_out_what_is_gone_and_tells_it(adopted: Path, run: Run, put: Put) -> None:
    put("a.py", "")
    put("c.py", "")
    done = run("baseline", "prune")

    assert done.code == 0
    assert done.out.startswith("1 entry taken out:\n")
    assert "a.py" in done.out
    assert len(entries(adopted)) == 2
    assert run("baseline", "prune").out == "0 entries taken out\n"


def test_prune_takes_out_nothing_when_something_was_not_scanned(
    adopted: Path, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a.py", "")
    put(".tightlip.yaml", "limits: {max_file_size: 5}\n")
    done = run("baseline", "prune")

    assert done.code == 3
    assert len(entries(adopted)) == 3


def test_what_is_less_sure_or_by_a_rule_of_ones_own_is_not_taken_out(
    adopted: Path, run: Run, commit: Commit, tmp_path: Path
) -> None:
    rules = tmp_path / "own.yaml"
    rules.write_text(RULE, "utf-8")
    commit(e_py="x = 'ownkey_" + "q7w3e9r1t5y8'\n", f_py="password = 'hunter2'\n")
    assert run("baseline", "update", "--rules", str(rules), "--min-confidence", "low").code == 0
    before = entries(adopted)
    done = run("baseline", "prune")

    assert len(before) > 4
    assert done.out.startswith("0 entries taken out\n1 entry not looked for: ")
    assert entries(adopted) == before
    (adopted / "e.py").unlink()
    assert run("baseline", "prune", "--rules", str(rules)).out.startswith("1 entry taken out:\n")


def test_check_tells_what_is_to_be_done(adopted: Path, run: Run, put: Put, calendar: Callable[[date], None]) -> None:
    run("baseline", "update", "--select", fingerprint(run, "a.py"), "--state", "revoked", "--until", "2026-04-01")
    put("b.py", "")
    calendar(date(2026, 4, 2))
    done = run("baseline", "check")

    assert done.code == 1
    assert [line for line in done.out.splitlines() if not line.startswith(" ")] == [
        "1 entry expired, and its finding counts again: fix it, or judge it anew:",
        "2 entries not judged yet:",
        "1 entry of no use, for nothing matches it any more: tightlip baseline prune:",
        JUDGE,
    ]
    assert run("baseline", "check", "--only", "expired").code == 1


def test_check_is_content_when_all_is_judged(adopted: Path, run: Run) -> None:
    assert run("baseline", "check", "--only", "stale", "--only", "expired").code == 0
    for name in ("a.py", "b.py", "c.py"):
        run("baseline", "update", "--select", fingerprint(run, name), "--state", "false-alarm")
    done = run("baseline")

    assert (done.code, done.out) == (0, "3 known findings, nothing to be done\n")


def test_check_names_what_is_accepted_and_critical(adopted: Path, run: Run) -> None:
    start = fingerprint(run, "a.py")
    run("baseline", "update", "--select", start, "--state", "accepted", "--why", "in spring")
    done = run("baseline", "check", "--only", "stale")

    assert done.code == 0
    assert "a.py" in done.out


def test_a_file_is_replaced_at_once_and_keeps_its_mode(
    adopted: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (adopted / NAME).read_bytes()
    chosen = fingerprint(run, "a.py")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        done = run("baseline", "update", "--select", chosen, "--state", "revoked")

    assert done.code == 2
    assert "No space left" in done.err
    assert (adopted / NAME).read_bytes() == before
    assert list(adopted.glob(f"{NAME}*")) == [adopted / NAME]


def test_the_help_has_examples(run: Run) -> None:
    for action in ((), ("create",), ("update",), ("prune",), ("check",)):
        done = run("baseline", *action, "--help")
        assert done.code == 0
        assert f"tightlip baseline {action[0] if action else 'create'}" in done.out

"""`tightlip audit --stats`, and several people's files made into one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from audits import NAME, Run, Sit

from tightlip.baseline.file import parse

Commit = Callable[..., None]


def states(repo: Path) -> list[str]:
    return sorted(entry.judgement.state for entry in parse((repo / NAME).read_bytes()).entries)


def test_statistics_are_told_and_need_no_terminal(shop: Path, audit: Sit, run: Run) -> None:
    audit("f", "r")
    done = run("audit", "--stats")

    head, rule, total = done.out.splitlines()
    assert done.code == 0
    assert head.split("  ")[0] == "rule"
    assert rule.split() == ["github-pat-classic", "2", "1", "1", "0", "0", "50%", "9%", "to", "91%"]
    assert total.split()[0] == "total"


def test_statistics_are_json_too(shop: Path, audit: Sit, run: Run) -> None:
    audit("v")
    run("baseline", "update")
    made = json.loads(run("audit", "--stats", "--json").out)

    (rule,) = made["rules"]
    assert rule == made["total"] | {"rule": "github-pat-classic"}
    assert (rule["real"], rule["false_alarms"], rule["test_values"]) == (1, 0, 0)
    assert (rule["judged"], rule["unjudged"], rule["precision"]) == (1, 1, 1.0)
    assert rule["interval"] == pytest.approx({"low": 0.2065, "high": 1.0}, abs=0.0001)


def test_statistics_say_that_nothing_is_judged(shop: Path, run: Run) -> None:
    run("baseline", "create")
    done = run("audit", "--stats")

    assert (done.code, done.out) == (0, f"nothing is judged yet in {NAME}; 2 to judge: tightlip audit\n")
    assert json.loads(run("audit", "--stats", "--json").out)["total"]["precision"] is None


def test_statistics_without_a_file_say_how_to_begin(shop: Path, run: Run) -> None:
    assert "tightlip baseline create" in run("audit", "--stats").err


@pytest.mark.parametrize(
    "arguments", [["--json"], ["--from", "x.json", "--history"], ["--from", "missing.json", "--stats"]]
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], shop: Path, run: Run) -> None:
    done = run("audit", *arguments)

    assert done.code == 2
    assert done.err.count("\n") == 1


def test_two_auditors_files_are_merged(shop: Path, audit: Sit, run: Run, commit: Commit, tmp_path: Path) -> None:
    grace = tmp_path / "grace.yaml"
    run("baseline", "create")
    grace.write_bytes((shop / NAME).read_bytes())
    audit("n", "f")
    audit("t", "q", args=("--baseline", str(grace)))
    done = run("baseline", "merge", str(grace))

    assert done.code == 0
    assert states(shop) == ["false-alarm", "test-value"]
    assert "0 entries more, 1 judged anew" in done.out
    assert run("baseline", "merge", str(grace)).out.endswith("none judged anew\n")


def test_files_of_two_salts_are_recognised_by_a_scan(shop: Path, audit: Sit, run: Run, tmp_path: Path) -> None:
    grace = tmp_path / "grace.yaml"
    audit("f", "f")
    audit("f", "r", args=("--baseline", str(grace)))
    done = run("baseline", "merge", str(grace))

    assert done.code == 1
    assert [line.count("real by Ada") for line in done.out.splitlines()[1:]] == [1]
    assert "not false-alarm by Ada" in done.out
    assert states(shop) == ["false-alarm", "real"]
    assert len(parse((shop / NAME).read_bytes()).salts) == 1


def test_what_is_not_found_keeps_its_salt_and_goes_on_to_be_known(
    shop: Path, audit: Sit, run: Run, commit: Commit, tmp_path: Path
) -> None:
    grace = tmp_path / "grace.yaml"
    audit("f", "f", args=("--baseline", str(grace)))
    before = {name: (shop / name).read_text() for name in ("a.py", "b.py")}
    commit({"a.py": "", "b.py": ""})
    run("baseline", "create")
    done = run("baseline", "merge", str(grace))
    commit(before)

    assert (done.code, states(shop)) == (0, ["false-alarm", "false-alarm"])
    assert run("scan").code == 0


def test_the_later_judgement_wins(
    shop: Path, audit: Sit, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = tmp_path / "grace.yaml"
    run("baseline", "create")
    grace.write_bytes((shop / NAME).read_bytes())
    audit("r", "r")
    monkeypatch.setattr("tightlip.baseline.dates.today", lambda: __import__("datetime").date(2026, 3, 2))
    audit("f", "f", args=("--baseline", str(grace)))
    done = run("baseline", "merge", str(grace))

    assert done.code == 1
    assert done.out.count("conflict: ") == 2
    assert states(shop) == ["false-alarm", "false-alarm"]


def test_a_file_that_is_not_there_is_named(shop: Path, run: Run) -> None:
    run("baseline", "create")
    done = run("baseline", "merge", "missing.yaml")

    assert (done.code, done.err) == (2, "tightlip: error: there is no file missing.yaml\n")


def test_a_real_one_has_no_last_day(shop: Path, run: Run) -> None:
    run("baseline", "create")
    done = run("baseline", "update", "--select", "000000", "--state", "real", "--until", "2027-01-01")

    assert done.code == 2
    assert "--until" in done.err

"""`tightlip audit` with its keys, on real repositories."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from audits import NAME, Pasted, Run, Sit

from tightlip.baseline.entry import Entry
from tightlip.baseline.file import Baseline, parse
from tightlip.cli import audit as command
from tightlip.cli.auditing.app import Audit
from tightlip.cli.auditing.store import File

Commit = Callable[..., None]


def baseline(repo: Path) -> Baseline:
    return parse((repo / NAME).read_bytes())


def judged(repo: Path) -> list[str]:
    return sorted(entry.judgement.state for entry in baseline(repo).entries)


def only(repo: Path) -> Entry:
    (entry,) = baseline(repo).entries
    return entry


def test_each_secret_is_shown_once_with_its_places_and_its_lines(shop: Path, audit: Sit) -> None:
    seen = audit()

    assert "1 of 2 to judge" in seen.last
    assert "CRITICAL" in seen.last
    assert "high confidence" in seen.last
    assert "a.py:2:10" in seen.last
    assert "also at b.py:1:10" in " ".join(seen.last.split())
    assert "> 2 TOKEN = '********'  # and ********" in seen.last
    assert (seen.code, seen.out) == (0, "0 judgements; 2 secrets of 2 left to judge\n")
    assert not (shop / NAME).exists()


def test_a_judgement_is_written_at_once_and_holds_in_scans(shop: Path, audit: Sit, run: Run) -> None:
    written = []
    seen = audit("f", lambda: written.append(only(shop)), "t")

    assert written[0].judgement.state == "false-alarm"
    assert (written[0].judgement.by, written[0].judgement.when) == ("Ada", date(2026, 3, 1))
    assert judged(shop) == ["false-alarm", "test-value"]
    assert "Everything is judged" in seen.last
    assert f"2 judgements, written to {NAME}; 0 secrets of 2 left to judge" in seen.out
    assert run("scan").code == 0


def test_no_value_is_anywhere(shop: Path, audit: Sit, values: tuple[str, str]) -> None:
    seen = audit("f", "n", "l", "p", "A", "question_mark", "escape", "slash", "x", "escape", "v", "u", "n")

    written = (shop / NAME).read_text("utf-8")
    assert not any(value in seen.everything + written for value in values)


def test_the_value_is_shown_on_request_and_hidden_by_the_next_key(
    shop: Path, audit: Sit, values: tuple[str, str]
) -> None:
    seen = audit("space", "n", "p", "space", "space", "space", "question_mark", "escape")

    assert [values[0] in "".join(screen.split()) for screen in seen.screens] == [
        *(False, True, False, False, True, False, True, False, False)
    ]


def test_a_value_that_may_not_be_shown_is_not(shop: Path, audit: Sit, values: tuple[str, str]) -> None:
    seen = audit("space", "question_mark", args=("--no-reveal",))

    assert not any(value in seen.everything for value in values)
    assert "Space" not in seen.everything


def test_an_audit_goes_on_where_the_last_one_ended(shop: Path, audit: Sit) -> None:
    first = audit("v")
    second = audit()
    everything = audit("l")

    assert "1 of 1 to judge" in first.last
    assert "1 of 1 to judge" in second.last
    assert "2 of 2" in everything.last


def test_several_judgements_are_undone(shop: Path, audit: Sit) -> None:
    seen = audit("f", "r", "u", "u", "u")

    assert "undone" in seen.screens[-2]
    assert "1 of 2 to judge" in seen.last
    assert "nothing is left to undo" in seen.last
    assert baseline(shop).entries == ()


def test_undoing_brings_back_what_was_judged_before(shop: Path, audit: Sit) -> None:
    audit("v", "v")
    before = baseline(shop)
    audit("l", "f", "u")

    assert baseline(shop) == before


def test_what_is_accepted_needs_a_reason(shop: Path, audit: Sit) -> None:
    seen = audit("a", "enter", Pasted("fine"), "tab", Pasted("2027-01-31"), "enter")

    assert "A reason is needed" in seen.screens[2]
    assert only(shop).judgement.state == "accepted"
    assert (only(shop).judgement.why, only(shop).judgement.until) == ("fine", date(2027, 1, 31))


@pytest.mark.parametrize("day", ["2026-02-28", "soon"])
def test_a_day_that_is_none_or_over_is_told(day: str, shop: Path, audit: Sit) -> None:
    seen = audit("F", "tab", Pasted(day), "enter", "escape")

    assert "no day to come" in seen.screens[-2]
    assert not (shop / NAME).exists()


def test_a_reason_that_is_given_up_judges_nothing(shop: Path, audit: Sit) -> None:
    audit("T", "x", "escape")

    assert not (shop / NAME).exists()


def test_a_value_in_a_reason_is_masked(shop: Path, audit: Sit, values: tuple[str, str]) -> None:
    audit("T", Pasted(values[1]), "enter")

    assert only(shop).judgement.why == "********"


def test_a_value_that_stands_nowhere_else_is_masked_in_a_reason_too(shop: Path, audit: Sit) -> None:
    audit("T", Pasted("now it is " + "gh" + "p_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"), "enter")

    assert only(shop).judgement.why == "now it is ********"


def test_what_is_real_goes_on_to_be_reported_and_is_not_asked_again(shop: Path, audit: Sit, run: Run) -> None:
    audit("r", "r")
    again = audit()

    assert judged(shop) == ["real", "real"]
    assert "Everything is judged" in again.last
    assert run("scan").code == 1
    assert "real" in run("baseline", "check", "--only", "real").out


def test_what_has_expired_is_asked_again(shop: Path, audit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    audit("F", "x", "tab", Pasted("2026-03-02"), "enter", "f")
    monkeypatch.setattr("tightlip.baseline.dates.today", lambda: date(2026, 3, 3))
    seen = audit()

    assert "1 of 1 to judge" in seen.last
    assert "until 2026-03-02 expired" in seen.last


def test_what_is_skipped_comes_last(shop: Path, audit: Sit) -> None:
    seen = audit("s", "n", "p", "p")

    assert "a.py:2:59" in "".join(seen.screens[1].split(" "))
    assert "a.py:2:10" in seen.screens[2]
    assert "this is the first one" in seen.last


def test_a_search_leaves_the_others_out(shop: Path, audit: Sit, commit: Commit, token: str) -> None:
    commit({"other.py": f"TOKEN = '{token[:-4]}AAAA'\n"})
    seen = audit("slash", Pasted("OTHER"), "enter", "slash", Pasted("zz"), "enter", "escape")

    assert "1 of 1 to judge" in seen.screens[3]
    assert "other.py:1" in seen.screens[3]
    assert "nothing here holds zz" in seen.screens[-2]
    assert "of 3 to judge" in seen.last


def test_the_help_tells_every_key(shop: Path, audit: Sit) -> None:
    seen = audit("question_mark", "escape")

    for word in ("false alarm", "test value", "revoked", "accepted", "real", "undo", "search", "quit"):
        assert word in seen.screens[1]
    assert "1 of 2 to judge" in seen.last


def test_a_change_by_somebody_else_is_kept(shop: Path, audit: Sit, run: Run) -> None:
    run("baseline", "create")
    mine, other = (entry.id for entry in baseline(shop).entries)

    def grace() -> None:
        for identity in (mine, other):
            run("baseline", "update", "--select", identity, "--state", "revoked", "--by", "Grace")

    seen = audit(grace, "f")

    assert judged(shop) == ["false-alarm", "revoked"]
    assert "false-alarm, in place of revoked by Grace meanwhile" in seen.last
    assert "Everything is judged" in seen.last


def test_what_somebody_else_judged_meanwhile_is_not_undone(shop: Path, audit: Sit, run: Run) -> None:
    def other() -> None:
        run("baseline", "update", "--select", only(shop).id, "--state", "revoked", "--by", "Grace")

    seen = audit("f", other, "u")

    assert "somebody else has judged it meanwhile" in seen.last
    assert only(shop).judgement.by == "Grace"


def test_who_cannot_write_judges_nothing_and_is_told(shop: Path, audit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tightlip.cli.auditing.store._WAITS", 1)
    (shop / f"{NAME}.lock").touch()
    seen = audit("f")

    assert "somebody else writes it" in seen.last
    assert "1 of 2 to judge   0 judged now" in seen.last
    assert not (shop / NAME).exists()


def test_a_file_that_is_broken_meanwhile_is_told_and_left(shop: Path, audit: Sit) -> None:
    seen = audit("f", lambda: (shop / NAME).write_text("<<<<<<< ours\n"), "t", "u")

    assert "git left a conflict here" in seen.last
    assert (shop / NAME).read_text() == "<<<<<<< ours\n"


def test_ctrl_c_leaves_and_keeps_what_is_judged(shop: Path, audit: Sit) -> None:
    seen = audit("f", "ctrl+c")
    asked = audit("T", "ctrl+c")

    assert (seen.code, asked.code) == (130, 130)
    assert "1 judgement, written" in seen.out
    assert judged(shop) == ["false-alarm"]


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_hostile_names_and_lines_are_shown_as_they_are(
    repo: Path, audit: Sit, commit: Commit, values: tuple[str, str]
) -> None:
    name = "[bold red]x[/] \x1b[2J\n$(x).py"
    commit({name: f"[link=http://evil.example]\x1b]0;title\x07 \u202e\nTOKEN = '{values[0]}' [/nothing] \x00\n"})
    seen = audit("f")

    shown = seen.screens[0]
    assert r"[bold red]x[/] \x1b[2J\n$(x).py:2:10" in shown
    assert r"[link=http://evil.example]\x1b]0;title\x07 \u202e" in shown
    assert r"> 2 TOKEN = '********' [/nothing] \x00" in shown
    assert r"\x1b[2J\n" in seen.last
    assert "\x1b" not in seen.out


def test_no_colour_is_needed(shop: Path, audit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    colored = audit("f")
    monkeypatch.setenv("NO_COLOR", "1")
    (shop / NAME).unlink()

    assert audit("f").screens == colored.screens


def test_the_history_of_a_secret_is_told(shop: Path, audit: Sit, commit: Commit, values: tuple[str, str]) -> None:
    commit({"a.py": "print(1)\n", "b.py": ""}, f"Take out {values[1]}")
    seen = audit(args=("--history",))

    assert "introduced" in seen.last
    assert 'Ada Example <ada@example.org> "change"' in " ".join(seen.last.split())
    assert "HEAD does not have it" in " ".join(seen.last.split())
    assert not any(value in seen.everything for value in values)


def test_a_saved_report_is_judged_whose_values_are_had_back(
    shop: Path, audit: Sit, run: Run, values: tuple[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "report.json"
    run("scan", "--report", f"json:{file}")
    seen = audit("f", "f", args=("--from", str(file)))

    assert judged(shop) == ["false-alarm", "false-alarm"]
    assert "> 2 TOKEN = '********'  # and ********" in seen.screens[0]
    assert run("scan").code == 0
    assert not any(value in seen.everything for value in values)


def test_what_cannot_be_had_back_is_listed_and_not_judged(shop: Path, audit: Sit, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    run("scan", "--report", f"json:{file}")
    (shop / "a.py").write_text("nothing\n")
    seen = audit("n", "f", args=("--from", str(file)))

    assert seen.code == 3
    assert "not known" in seen.screens[1]
    assert "scan again to judge it" in seen.last
    assert "1 value of the report could not be had back" in seen.out
    assert "a.py:2:59" in seen.out
    assert not (shop / NAME).exists()


def test_a_value_is_believed_only_where_the_fingerprint_agrees(
    shop: Path, audit: Sit, run: Run, tmp_path: Path, values: tuple[str, str]
) -> None:
    file = tmp_path / "report.json"
    run("scan", "--report", f"json:{file}")
    for name in ("a.py", "b.py"):
        text = (shop / name).read_text()
        (shop / name).write_text(text.replace(values[0], values[0][:-1] + "Z").replace(values[1], values[1][:-1] + "Y"))
    done = run_without_screen(audit, file)

    assert done.code == 3
    assert "2 values of the report could not be had back" in done.out


def run_without_screen(audit: Sit, file: Path) -> object:
    seen = audit(args=("--from", str(file)))
    assert seen.screens == []
    return seen


def test_a_report_cannot_name_files_outside(
    shop: Path, audit: Sit, run: Run, tmp_path: Path, values: tuple[str, str]
) -> None:
    file, outside = tmp_path / "report.json", tmp_path / "outside.py"
    outside.write_text((shop / "a.py").read_text())
    run("scan", str(outside), "--report", f"json:{file}")
    seen = audit(args=("--from", str(file)))

    assert seen.code == 3
    assert seen.screens == []
    assert len(json.loads(file.read_text())["findings"]) == 2


def test_nothing_to_judge_is_said(repo: Path, audit: Sit, commit: Commit) -> None:
    commit({"a.py": "print(1)\n"})
    seen = audit()

    assert (seen.code, seen.out) == (0, "nothing was found, so there is nothing to judge\n")


def test_without_a_terminal_another_command_is_named(shop: Path, run: Run) -> None:
    done = run("audit")

    assert done.code == 2
    assert "tightlip baseline update --select" in done.err
    assert done.err.count("\n") == 1


def test_without_textual_it_is_named(shop: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "is_terminal", lambda _: True)
    monkeypatch.delitem(sys.modules, "tightlip.cli.auditing.app")
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setitem(sys.modules, "textual.app", None)
    done = run("audit")

    assert (done.code, done.err) == (
        2,
        "tightlip: error: tightlip audit needs Textual: pip install 'tightlip[audit]'\n",
    )


def test_an_error_shows_no_value(
    shop: Path, audit: Sit, values: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Audit, revealed: str | None) -> None:
        if revealed:
            raise ValueError(revealed)
        paint(self, revealed)

    paint = Audit._paint
    monkeypatch.setattr(Audit, "_paint", fails)
    seen = audit("space")

    assert seen.code == 2
    assert "ValueError" in seen.err
    assert not any(value in seen.everything for value in values)


def test_textual_is_told_to_log_nothing(shop: Path, audit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_LOG", "log.txt")
    audit()

    assert "TEXTUAL_LOG" not in os.environ


def test_two_auditors_at_once_lose_nothing(shop: Path, audit: Sit, monkeypatch: pytest.MonkeyPatch) -> None:
    write, nested = File.write, []

    def while_another_waits(self: File, baseline: Baseline) -> None:
        nested.append((shop / f"{NAME}.lock").exists())
        write(self, baseline)

    monkeypatch.setattr(File, "write", while_another_waits)
    audit("f", "t", "u")

    assert nested == [True] * 3
    assert not (shop / f"{NAME}.lock").exists()

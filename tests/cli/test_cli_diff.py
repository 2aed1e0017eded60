"""tightlip diff: what is new, fixed, moved, and what cannot be said."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tightlip.cli import main
from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.model import Secret
from tightlip.report import FORMATS, Options
from tightlip.report.difference import Side, compare
from tightlip.scan import scan_files

if TYPE_CHECKING:
    from pathlib import Path

    from tightlip.engine import Scanner

Capture = pytest.CaptureFixture[str]
Saved = Callable[..., str]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def saved(tmp_path: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> Saved:
    """Write files, scan them, save the report under a name, and return that; by default without the values."""
    folder = tmp_path / "scanned"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)

    def saved(name: str, files: dict[str, str], *, show: bool = False, **changes: Any) -> str:  # noqa: ANN401 - of Report
        for file, text in files.items():
            (folder / file).write_text(text)
        report = replace(scan_files(["scanned"], scanner=scanner), **changes)
        for file in files:
            (folder / file).unlink()
        with (tmp_path / name).open("w") as out:
            FORMATS["json"](report, out, Options(show_secrets=show))
        return name

    return saved


@pytest.fixture
def pair(saved: Saved, token: str, other: str) -> tuple[str, str]:
    """Two reports: a secret stays and moves, one goes, one comes."""
    first = saved("old.json", {"a.py": f"k = '{token}'\n", "gone.py": f"k = '{other}'\n"})
    return first, saved("new.json", {"a.py": f"\n\nk = '{token}'\n", "come.py": f"k = '{other[:-4]}7pQs'\n"})


def test_what_is_new_fixed_and_moved_is_told(pair: tuple[str, str], capsys: Capture) -> None:
    assert main(["diff", *pair]) == 1
    out = capsys.readouterr().out
    head, new, fixed, moved = out.split("\n\n")
    assert head == "✖ 1 new (1 critical), 1 fixed, 1 unchanged (1 of them in other places)"
    assert new.startswith("New\n")
    assert new.endswith("    scanned/come.py:1:6")
    assert fixed.startswith("Fixed\n")
    assert fixed.endswith("    scanned/gone.py:1:6")
    assert moved.endswith("    moved from scanned/a.py:1:6 to scanned/a.py:3:6\n")


def test_nothing_new_is_clean(pair: tuple[str, str], capsys: Capture) -> None:
    assert main(["diff", pair[0], pair[0]]) == 0
    assert capsys.readouterr().out == "✓ Nothing new, 0 fixed, 2 unchanged\n"


def test_the_exit_code_for_new_secrets_can_be_chosen(pair: tuple[str, str]) -> None:
    assert main(["diff", *pair, "--exit-code", "7"]) == 7
    assert main(["diff", *pair, "--exit-code", "0"]) == 0


def test_in_short_it_is_a_line_for_each(pair: tuple[str, str], capsys: Capture) -> None:
    assert main(["diff", *pair, "-q"]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("scanned/come.py:1:6: new: critical: ")
    assert second.startswith("scanned/gone.py:1:6: fixed: critical: ")


def test_as_json_it_says_all_of_it(pair: tuple[str, str], capsys: Capture) -> None:
    assert main(["diff", *pair, "--report", "json"]) == 1
    made = json.loads(capsys.readouterr().out)
    assert [len(made[name]) for name in ("new", "fixed", "not_looked_at", "unchanged")] == [1, 1, 0, 1]
    assert made["new"][0]["occurrences"][0]["path"] == "scanned/come.py"
    assert [(it["from"]["line"], it["to"]["line"]) for it in made["unchanged"][0]["moved"]] == [(1, 3)]
    assert (made["from"]["file"], made["to"]["file"]) == pair


def test_as_markdown_it_is_a_comment_to_paste(pair: tuple[str, str], capsys: Capture) -> None:
    assert main(["diff", *pair, "--report", "markdown"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        "## tightlip: 1 new, 1 fixed, 1 unchanged\n\n### New\n\n| severity | secret | where | value |\n"
    )
    assert "moved from `scanned/a.py:1:6` to `scanned/a.py:3:6`" in out


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_values_are_never_shown(name: str, saved: Saved, token: str, other: str, capsys: Capture) -> None:
    old = saved("old.json", {f"{other}.txt": f"k = '{token}'\n"}, show=True)
    new = saved("new.json", {f"{token}.txt": f"k = '{other}'\n"}, show=True)
    main(["diff", old, new, "--report", name])
    main(["diff", old, new, "-q"])
    out = capsys.readouterr().out
    assert token not in out
    assert other not in out


def test_with_or_without_the_values_a_secret_is_the_same(saved: Saved, token: str) -> None:
    old = saved("old.json", {"a.py": f"k = '{token}'\n"})
    assert main(["diff", old, saved("new.json", {"a.py": f"k = '{token}'\n"}, show=True)]) == 0


def test_what_a_scan_did_not_look_at_is_not_fixed(saved: Saved, token: str, other: str, capsys: Capture) -> None:
    old = saved("old.json", {"a.py": f"k = '{token}'\n", "b.py": f"k = '{other}'\n"})
    new = saved("new.json", {}, unscanned=(Unscanned("scanned/a.py", "Permission denied"),))
    assert main(["diff", old, new]) == 3
    out = capsys.readouterr().out
    assert out.startswith("! Nothing new, 1 fixed, 1 not looked at, 0 unchanged\n")
    assert out.index("Fixed") < out.index("b.py:1:6") < out.index("Not found, where the new scan did not look")
    assert "! new.json is not complete, 1 thing was not scanned: what is there is not" in out


def side(*findings: Finding, **more: Any) -> Side:  # noqa: ANN401 - fields of Report
    made: dict[str, Any] = {"kind": "files", "target": "x", "unscanned": (), "rules_hash": "a"} | more
    return Side("r.json", Report(findings=findings, **made))


def secret(value: str, *places: Occurrence, **more: Any) -> Finding:  # noqa: ANN401 - fields of Finding
    made: dict[str, Any] = {
        "rule": "r",
        "name": "R",
        "provider": "",
        "severity": "high",
        "confidence": 1,
        "reasons": (),
    }
    made |= {
        "secret": Secret(value.encode()),
        "remediation": (),
        "occurrences": places or (at("x/a"),),
        "told_as": value,
    }
    return Finding(**(made | more))


def at(path: str, line: int = 1, **more: str) -> Occurrence:
    return Occurrence(path, line, 1, line, 9, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "fixed"),
    [("x/a", False), ("x", False), ("x/a/b", True), ("x/ab", True), ("./x/a", False), ("y", True)],
)
def test_what_was_not_scanned_is_compared_by_path(what: str, *, fixed: bool) -> None:
    made = compare(side(secret("v")), side(unscanned=(Unscanned(what, "why"),)))
    assert (len(made.fixed), len(made.unseen)) == ((1, 0) if fixed else (0, 1))


def test_of_an_incomplete_history_nothing_is_fixed() -> None:
    missed = (Unscanned("object 12", "it is missing"),)
    made = compare(side(secret("v"), kind="history"), side(kind="history", unscanned=missed))
    assert (len(made.fixed), len(made.unseen)) == (0, 1)


def test_a_scan_of_another_kind_calls_nothing_fixed() -> None:
    made = compare(side(secret("v"), kind="history"), side())
    assert (len(made.fixed), len(made.unseen)) == (0, 1)
    assert "r.json is a scan of a history and r.json one of files" in made.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"unscanned": (Unscanned("a", "b"),)}, {}, "is not complete, 1 thing was not scanned: what is new may have"),
        ({}, {"rules_hash": "b"}, "the rules differ"),
        ({}, {"target": "y"}, "r.json is a scan of x and r.json one of y"),
        ({"allowed": 1}, {"allowed": 2, "baselined": 2}, "leaves out 3 more findings as allowed or known"),
    ],
    ids=["old incomplete", "rules", "target", "left out"],
)
def test_what_a_person_has_to_know_is_told(old: dict[str, Any], new: dict[str, Any], said: str) -> None:
    (note,) = compare(side(**old), side(**new)).notes
    assert said in note


def test_two_checkouts_of_one_repository_have_the_same_places() -> None:
    made = compare(side(secret("v", at("one/a")), target="one"), side(secret("v", at("./two/a")), target="two"))
    assert made.moved == ()


def test_in_a_history_a_folder_may_be_named_as_the_repository() -> None:
    old = side(secret("v", at("x/a", commit="1"), at("a", commit="1")), kind="history")
    (kept,) = compare(old, side(secret("v", at("x/a", commit="1")), kind="history")).moved
    assert [place.path for place in kept.gone] == ["a"]


def test_more_and_fewer_places_are_told_apart_from_moves() -> None:
    old = side(secret("v", at("x/a", 1), at("x/b", 1)))
    (kept,) = compare(old, side(secret("v", at("x/a", 5), at("x/c", 1), at("x/d", 1)))).moved
    assert [(start.path, to.path) for start, to in kept.moved] == [("x/a", "x/a"), ("x/b", "x/c")]
    assert [place.path for place in kept.more] == ["x/d"]
    (kept,) = compare(old, side(secret("v", at("x/b", 1)))).moved
    assert [place.path for place in kept.gone] == ["x/a"]


def test_what_head_has_no_more_is_told() -> None:
    old = side(secret("v", at("a", commit="1"), in_head=True), kind="history")
    (kept,) = compare(old, side(secret("v", at("a", commit="1"), in_head=False), kind="history")).moved
    assert (kept.head, kept.moved, kept.more, kept.gone) == (False, (), (), ())


def test_a_history_tells_the_commits_that_came_and_nothing_moves() -> None:
    old = side(secret("v", at("a", commit="1")), kind="history")
    (kept,) = compare(old, side(secret("v", at("a", commit="1"), at("b", commit="2")), kind="history")).moved
    assert (kept.moved, [place.path for place in kept.more], kept.gone) == ((), ["b"], ())


def test_a_secret_of_a_repository_and_its_submodule_is_one() -> None:
    new = side(secret("v", at("x/a")), secret("v", at("x/sub/a")))
    made = compare(side(), new)
    assert [len(finding.occurrences) for finding in made.found] == [2]


def test_one_of_the_two_may_be_standard_input(
    pair: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((tmp_path / pair[1]).read_bytes())))
    assert main(["diff", pair[0], "-"]) == 1
    assert main(["diff", "-", "-"]) == 2
    assert "- is standard input, which holds one report" in capsys.readouterr().err


def test_reports_of_another_scanner_are_compared_too(
    tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    leak = {"RuleID": "x", "File": "a.py", "StartLine": 1, "Secret": token, "Match": ""}
    (tmp_path / "old.json").write_text("[]")
    (tmp_path / "new.json").write_text(json.dumps([leak]))
    assert main(["diff", "old.json", "new.json", "--from", "gitleaks"]) == 1
    assert main(["diff", "new.json", "old.json", "--from", "gitleaks"]) == 0


def test_an_escape_in_a_path_is_shown_and_not_obeyed() -> None:
    from tightlip.report import difference_markdown, difference_text

    made = compare(side(), side(secret("v", at("x/\x1b[2J`|")), kind="files"))
    for writer in (difference_text, difference_markdown):
        for detail in (-1, 0, 1):
            out = io.StringIO()
            writer.write(made, out, Options(detail=detail))
            assert "\x1b" not in out.getvalue()
    assert "`|" not in out.getvalue()


def test_in_ascii_nothing_else_is_written() -> None:
    from tightlip.report import difference_text

    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, "ascii")
    difference_text.write(compare(side(), side(secret("v", at("Ключ")))), out, Options(unicode=False))
    out.flush()
    assert b"x 1 new (1 high)" in raw.getvalue()


def test_what_a_history_and_a_scan_of_files_both_have_in_one_place_has_not_moved() -> None:
    old = side(secret("v", at("a", commit="1")), kind="history")
    assert compare(old, side(secret("v", at("./a")))).moved == ()

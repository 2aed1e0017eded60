"""tightlip report convert: a saved report in other formats."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tightlip.cli import main, savedfile
from tightlip.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that leaks, which is scanned into saved.json, and with its value into shown.json."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "leak.py").write_text(f"import os\nTOKEN = '{token}'\n")
    assert main(["scan", "leak.py", "--report", "json:saved.json", "--report", "jsonl:saved.jsonl"]) == 1
    assert main(["scan", "leak.py", "--report", "json:shown.json", "--show-secrets"]) == 1
    (folder / "leak.py").unlink()
    return folder


@pytest.fixture(autouse=True)
def heard(here: Path, capsys: Capture) -> None:
    capsys.readouterr()


@pytest.mark.parametrize("saved", ["saved.json", "saved.jsonl", "shown.json"])
def test_a_saved_report_is_told_as_a_scan_would(saved: str, token: str, capsys: Capture) -> None:
    assert main(["report", "convert", saved]) == 0
    out, err = capsys.readouterr()
    assert "✖ 1 secret found (1 critical)" in out
    assert "leak.py:2:10" in out
    assert token not in out
    assert not err


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "template"])
def test_every_format_is_written_and_holds_no_value(name: str, here: Path, token: str) -> None:
    assert main(["report", "convert", "shown.json", "--report", f"{name}:out"]) == 0
    text = (here / "out").read_text("utf-8")
    assert text
    assert token not in text


def test_as_json_it_is_the_same_again(here: Path) -> None:
    assert main(["report", "convert", "saved.jsonl", "--report", "json:again.json"]) == 0
    assert json.loads((here / "again.json").read_text()) == json.loads((here / "saved.json").read_text())


def test_several_formats_are_written_at_once(here: Path, capsys: Capture) -> None:
    destinations = ["--report", "sarif:a.sarif", "--report", "csv:a.csv", "--report", "json"]
    assert main(["report", "convert", "saved.json", *destinations]) == 0
    assert json.loads(capsys.readouterr().out)["findings"]
    assert (here / "a.sarif").stat().st_size
    assert (here / "a.csv").stat().st_size


def test_standard_input_is_a_report_too(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    content = io.TextIOWrapper(io.BytesIO((here / "saved.json").read_bytes()))
    monkeypatch.setattr(sys, "stdin", content)
    assert main(["report", "convert", "-", "-q"]) == 0
    assert capsys.readouterr().out.startswith("leak.py:2:10: critical: ")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_values_go_into_a_file_that_only_its_owner_can_read(here: Path, token: str) -> None:
    assert main(["report", "convert", "shown.json", "--report", "csv:out.csv", "--show-secrets"]) == 0
    assert stat.S_IMODE((here / "out.csv").stat().st_mode) == 0o600
    assert main(["report", "convert", "shown.json", "--report", "json:out.json", "--show-secrets"]) == 0
    assert token in (here / "out.json").read_text()
    assert stat.S_IMODE((here / "out.json").stat().st_mode) == 0o600


def test_values_that_are_not_there_cannot_be_shown(here: Path, capsys: Capture) -> None:
    assert main(["report", "convert", "saved.json", "--report", "json:out.json", "--show-secrets"]) == 2
    said = "tightlip: error: --show-secrets: saved.json was saved without the values; scan again to see them\n"
    assert capsys.readouterr().err == said
    assert not (here / "out.json").exists()


def test_another_scanners_report_is_one_too(here: Path, token: str, capsys: Capture) -> None:
    theirs = [{"RuleID": "github-pat", "File": "a.py", "StartLine": 1, "Secret": token, "Match": token}]
    (here / "theirs.json").write_text(json.dumps(theirs))
    assert main(["report", "convert", "theirs.json", "-q"]) == 0
    assert capsys.readouterr().out.startswith("a.py:1:1: high: github pat [gitleaks-github-pat] ghp_********")

    assert main(["report", "convert", "theirs.json", "--from", "kingfisher"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("tightlip: error: theirs.json: not a report of kingfisher's: ")
    assert token not in err


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ([], "the following arguments are required: FILE"),
        (["none.json"], "none.json: cannot read it: No such file"),
        (["."], ".: cannot read it: Is a directory"),
        (["leak.txt"], "leak.txt:1: this is no JSON; is the file complete?"),
        (["saved.json", "--report", "sariff"], "did you mean sarif?"),
        (
            ["saved.json", "--from", "gitleak"],
            "'gitleak' is not one of gitleaks, betterleaks, trufflehog, kingfisher, detect-secrets, did you mean",
        ),
        (["--frm", "gitleaks"], "--frm is no option of tightlip report convert, did you mean --from?"),
        (["saved.json", "--report", "template"], "--report template needs to know how it looks: --template FILE"),
        (["saved.json", "--report", "json", "--template", "t"], "no such report is asked for"),
        (["saved.json", "--template", "t"], "t: cannot read it: No such file"),
        (["saved.json", "--template", "leak.txt"], "leak.txt:1: this template cannot be used: "),
    ],
)
def test_a_mistake_is_told_on_one_line(arguments: list[str], advice: str, here: Path, capsys: Capture) -> None:
    (here / "leak.txt").write_text("{{ nothing")
    assert main(["report", "convert", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("tightlip: error: ")
    assert err.count("\n") == 1
    assert advice in err


def test_a_template_of_ones_own_is_a_format(here: Path, capsys: Capture) -> None:
    (here / "t.txt").write_text("{% for it in findings %}{{ it.rule }} {{ it.occurrences[0].path }}\n{% endfor %}")
    assert main(["report", "convert", "saved.json", "--template", "t.txt"]) == 0
    assert capsys.readouterr().out == "github-pat-classic leak.py\n"

    (here / "leak.py").write_text("nothing")
    assert main(["scan", "leak.py", "--report", "template:out", "--template", "t.txt"]) == 0
    assert not (here / "out").read_text()


def test_a_template_that_fails_leaves_no_half_report(here: Path, capsys: Capture) -> None:
    (here / "t.txt").write_text("first\n{{ findings[0].sevrity }}\n")
    assert main(["report", "convert", "saved.json", "--report", "template:out", "--template", "t.txt"]) == 2
    assert "t.txt:2: this template cannot be used: 'dict object' has no attribute 'sevrity'" in capsys.readouterr().err
    assert sorted(path.name for path in here.iterdir() if path.name.startswith("out")) == []


def test_help_names_every_format(capsys: Capture) -> None:
    for command in (["report", "convert"], ["scan"], ["scan-history"]):
        assert main([*command, "--help"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert all(f"{name}" in shown.partition("--report FORMAT[:FILE]")[2] for name in FORMATS)


def test_a_command_that_reports_no_findings_takes_no_format_of_findings(capsys: Capture) -> None:
    assert main(["rules", "list", "--report", "sarif"]) == 2
    assert "'sarif' is not a format (text, json)" in capsys.readouterr().err


def test_a_file_has_no_colours_whatever_the_screen_has(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for command in (["report", "convert", "saved.json"], ["diff", "saved.json", "saved.json"], ["rules", "list"]):
        assert main([*command, "--report", "text:out"]) == 0
        assert "\x1b" not in (here / "out").read_text("utf-8")


def test_what_a_format_has_no_place_for_is_said(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("tightlip.report.sarif.MOST_RESULTS", 0)
    assert main(["report", "convert", "saved.json", "--report", "sarif:out.sarif"]) == 0
    assert capsys.readouterr().err.startswith("tightlip: sarif: ")


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_is_none_to_complain_about(closed: str, here: Path) -> None:
    command = (
        f"exec '{sys.executable}' -m tightlip report convert saved.json --report text --report json:out.json {closed}"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    done = subprocess.run(["sh", "-c", command], cwd=here, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((here / "out.json").read_text())["findings"]


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="a device without an end")
def test_a_file_without_an_end_is_told_on_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(savedfile, "_MOST_BYTES", 1 << 20)
    assert main(["report", "convert", "/dev/zero"]) == 2
    assert "/dev/zero: larger than " in capsys.readouterr().err


@pytest.mark.parametrize("report", ["text:./saved.json", "template:look.txt"], ids=["the report", "the template"])
def test_what_is_read_is_never_written_over(report: str, here: Path, capsys: Capture) -> None:
    (here / "look.txt").write_text("{{ tool.name }}")
    before = {file.name: file.read_bytes() for file in here.iterdir() if file.is_file()}
    look = ["--template", "look.txt"] if report.startswith("template") else []

    assert main(["report", "convert", "saved.json", "--report", report, *look]) == 2
    assert "is what is read; name another file" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in here.iterdir() if file.is_file()} == before

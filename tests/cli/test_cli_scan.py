"""The scan commands on real files and repositories: what they print, where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tightlip.cli import main

if TYPE_CHECKING:
    from pathlib import Path

Capture = pytest.CaptureFixture[str]
Git = Callable[..., str]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def leak(tmp_path: Path, token: str) -> Path:
    path = tmp_path / "leak.py"
    path.write_text(f"import os\nTOKEN = '{token}'\n")
    return path


def test_a_file_with_a_secret_is_told_and_the_value_is_not(leak: Path, token: str, capsys: Capture) -> None:
    assert main(["scan", str(leak)]) == 1
    out, err = capsys.readouterr()
    assert f"{leak}:2:10" in out
    assert token not in out
    assert not err


def test_a_clean_folder_is_clean(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    assert main(["scan", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("✓ No secrets found. Scanned 1 file")


def test_without_a_path_the_current_folder_is_scanned(
    leak: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(leak.parent)
    assert main(["scan", "-q"]) == 1
    assert "leak.py:2:10: critical: " in capsys.readouterr().out


def test_standard_input_is_scanned(token: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"token={token}".encode())))
    assert main(["scan", "-"]) == 1
    assert "-:1:7" in capsys.readouterr().out


def test_something_that_could_not_be_scanned_is_not_clean(leak: Path, capsys: Capture) -> None:
    assert main(["scan", os.devnull]) == 3
    assert f"! No secrets found, but 1 thing was not scanned:\n  {os.devnull}: " in capsys.readouterr().out
    assert main(["scan", os.devnull, str(leak)]) == 1


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path, leak: Path, capsys: Capture) -> None:
    assert main(["scan", str(leak), str(tmp_path / "gone.txt")]) == 2
    assert capsys.readouterr().err == f"tightlip: error: {tmp_path / 'gone.txt'}: there is no such file or folder\n"


def test_the_exit_code_for_findings_can_be_chosen_but_incomplete_stays_incomplete(leak: Path) -> None:
    assert main(["scan", str(leak), "--exit-code", "9"]) == 9
    assert main(["scan", str(leak), "--exit-code", "0"]) == 0
    assert main(["scan", str(leak), os.devnull, "--exit-code", "0"]) == 3


def test_the_least_confidence_decides_what_is_reported(leak: Path) -> None:
    assert main(["scan", str(leak), "--min-confidence", "high"]) == 1
    assert main(["scan", str(leak), "--min-confidence", "1.0"]) == 0


def test_a_json_report_goes_to_standard_output(leak: Path, token: str, capsys: Capture) -> None:
    assert main(["scan", str(leak), "--report", "json"]) == 1
    out = capsys.readouterr().out
    assert json.loads(out)["findings"][0]["occurrences"][0]["line"] == 2
    assert token not in out


def test_reports_go_to_several_places_and_a_person_is_told_where(leak: Path, tmp_path: Path, capsys: Capture) -> None:
    files = tmp_path / "a.json", tmp_path / "b.txt"
    assert main(["scan", str(leak), "--report", f"json:{files[0]}", "--report", f"text:{files[1]}"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err == f"tightlip: 1 secret; see {files[0]}, {files[1]}\n"
    assert json.loads(files[0].read_text())["scan"]["kind"] == "files"
    assert "1 secret found" in files[1].read_text("utf-8")
    assert main(["scan", str(leak), "-q", "--report", f"json:{files[0]}"]) == 1
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_report_has_the_usual_mode_and_one_with_secrets_is_private(leak: Path, tmp_path: Path, token: str) -> None:
    file = tmp_path / "report.json"
    before = os.umask(0o022)
    try:
        main(["scan", str(leak), "--report", f"json:{file}"])
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
        assert token not in file.read_text()
        main(["scan", str(leak), "--report", f"json:{file}", "--show-secrets"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token in file.read_text()
    assert [path.name for path in tmp_path.iterdir() if "report" in path.name] == ["report.json"]


def test_secrets_are_not_shown_in_a_pipe(leak: Path, capsys: Capture) -> None:
    assert main(["scan", str(leak), "--show-secrets"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "--show-secrets needs a terminal, or a file that only you can read" in err
    assert "use --report text:FILE" in err


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal")
def test_secrets_are_shown_in_color_on_a_terminal(leak: Path, token: str) -> None:
    shown = on_terminal("scan", str(leak), "--show-secrets")
    assert token in shown
    assert "\x1b[" in shown
    assert token not in on_terminal("scan", str(leak))


def test_color_is_what_was_asked_for(leak: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    main(["scan", str(leak), "--color", "always"])
    assert "\x1b[" in capsys.readouterr().out
    main(["scan", str(leak)])
    assert "\x1b[" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["scan", str(leak), "--color", "never"])
    assert "\x1b[" not in capsys.readouterr().out


def test_a_rule_of_ones_own_is_used_as_well(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "own.yaml").write_text(OWN_RULE, "utf-8")
    text = tmp_path / "x.txt"
    text.write_text("gate acme-" + "7f3k9q2m5x\n")
    assert main(["scan", str(text)]) == 0
    assert main(["scan", str(text), "--rules", str(tmp_path / "own.yaml")]) == 1
    assert "Acme pass" in capsys.readouterr().out


def test_a_broken_rule_file_is_told_with_its_line(tmp_path: Path, capsys: Capture) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN_RULE.replace("severity: high", "severity: huge"), "utf-8")
    assert main(["scan", str(tmp_path), "--rules", str(own)]) == 2
    assert capsys.readouterr().err.startswith(f"tightlip: error: {own}:")


def test_what_is_staged_is_scanned(repo: Path, git: Git, token: str, capsys: Capture) -> None:
    assert main(["scan-staged", str(repo)]) == 0
    (repo / "a.sh").write_text(f"TOKEN={token}\n")
    git("add", "a.sh")
    (repo / "a.sh").write_text("TOKEN=\n")
    assert main(["scan-staged", str(repo)]) == 1
    out = capsys.readouterr().out
    assert "1 secret staged" in out
    assert "a.sh:1:7" in out
    assert "# tightlip: allow=" in out


def test_a_history_tells_who_brought_a_secret_that_is_gone(repo: Path, git: Git, token: str, capsys: Capture) -> None:
    for content, message in ((f"TOKEN={token}\n", "Add it"), ("TOKEN=\n", "Take it out")):
        (repo / "a.env").write_text(content)
        git("add", "a.env")
        git("commit", "-q", "-m", message)
    first = git("rev-list", "--max-parents=0", "HEAD")
    assert main(["scan-history", str(repo)]) == 1
    out, err = capsys.readouterr()
    assert not err
    assert f"{first[:10]} on 2026-01-02 by Ada Example <ada@example.org>" in out
    assert '"Add it"' in out
    assert "reached by   main" in out
    assert "HEAD         does not have it" in out
    assert main(["scan-history", str(repo), "--since", first]) == 0
    assert main(["scan-history", str(repo), "--branch", "main", "--report", "json"]) == 1


@pytest.mark.parametrize("command", ["scan-staged", "scan-history"])
def test_no_repository_is_an_error(command: str, tmp_path: Path, capsys: Capture) -> None:
    assert main([command, str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("tightlip: error: ")


def test_hook_is_handed_to_the_hooks(capsys: Capture) -> None:
    assert main(["hook", "no-such"]) == 2
    assert "no-such" in capsys.readouterr().err


def on_terminal(*arguments: str) -> str:
    import pty

    controller, terminal = pty.openpty()
    environ = os.environ | {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    subprocess.run([sys.executable, "-m", "tightlip", *arguments], stdout=terminal, check=False, env=environ)
    os.close(terminal)
    shown = b""
    try:
        while data := os.read(controller, 65536):
            shown += data
    except OSError:  # Linux says so when all is read
        pass
    os.close(controller)
    return shown.decode()


OWN_RULE = r"""
provider: Acme
rules:
  - id: acme-pass
    name: Acme pass
    severity: high
    confidence: high
    pattern: '\b(?P<secret>acme-[0-9a-z]{10})\b'
    remediation: [Revoke it.]
    examples:
      match:
        - 'gate «acme-[0-9a-z]{10}»'
        - 'pass=«acme-[0-9a-z]{10}»'
      no_match:
        - 'gate acme-[0-9a-z]{9}'
        - 'gate'
"""

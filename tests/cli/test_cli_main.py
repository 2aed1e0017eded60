"""The command line as a whole: help, mistakes, exit codes, and errors that keep what they saw to themselves."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tightlip
from tightlip.cli import COMMANDS, main
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def test_alone_it_prints_help(capsys: Capture) -> None:
    assert main([]) == 0
    alone = capsys.readouterr().out
    assert all(re.search(rf"^  {command} +\w", alone, re.MULTILINE) for command in COMMANDS)
    for ask in (["--help"], ["-h"], ["help"]):
        assert main(ask) == 0
        assert capsys.readouterr().out == alone


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "hook"])
def test_every_command_has_help_with_examples(command: str, capsys: Capture) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"usage: tightlip {command}" in shown
    assert f"examples:\n  tightlip {command}" in shown
    assert main(["help", command]) == 0
    assert capsys.readouterr().out == shown


def test_the_version_is_one_line(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tightlip {tightlip.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["scna"], "scna is no command, did you mean scan?; see tightlip --help"),
        (["scan-histroy"], "did you mean scan-history"),
        (["--quiet", "scan"], "--quiet is no option that comes before a command"),
        (["scan", "--show-secret"], "--show-secret is no option of tightlip scan, did you mean --show-secrets?"),
        (["scan", "--jsn=x"], "--jsn=x is no option of tightlip scan"),
        (["scan-staged", "a", "b"], "b is no argument of tightlip scan-staged"),
        (["scan", "--report", "jsn"], "'jsn' is not a format (text, json, "),
        (["scan", "--report", "jsn"], "did you mean json"),
        (["scan", "--report", "json:"], "'json:' ends where the file's name should be"),
        (["scan", "--report"], "argument --report: expected one argument"),
        (["scan", "--min-confidence", "sure"], "'sure' is not high, medium, low or a number from 0 to 1"),
        (["scan", "--min-confidence", "nan"], "'nan' is not high, medium, low or a number from 0 to 1"),
        (["scan", "--exit-code", "256"], "'256' is not a number from 0 to 255"),
        (["scan", "-q", "-v"], "not allowed with argument"),
        (["scan", "-", "a"], "- is standard input, which is scanned by itself"),
        (["scan", "--report", "json", "--report", "text"], "two reports for standard output"),
        (["scan", "--report", "json:nowhere/x.json"], "there is no folder nowhere; make it first"),
        (["scan", "--rules", "no-such.yaml"], "no-such.yaml"),
        (["rules", "shw"], "did you mean show?"),
    ],
)
def test_a_mistake_is_told_on_one_line_with_advice(arguments: list[str], advice: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("tightlip: error: ")
    assert err.count("\n") == 1
    assert advice in err


def test_options_may_stand_between_paths(tmp_path: Path, capsys: Capture) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("nothing")
    assert main(["scan", str(tmp_path / "a"), "--color", "never", str(tmp_path / "b")]) == 0
    assert "Scanned 2 files" in capsys.readouterr().out


def raising(error: BaseException) -> Callable[..., int]:
    def run(*_: object) -> int:
        raise error

    return run


def test_a_line_break_or_an_escape_in_an_error_is_shown_and_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("tightlip.cli._help", raising(UsageError("no file \x1b[2J\nx")))
    assert main([]) == 2
    assert capsys.readouterr().err == "tightlip: error: no file \\x1b[2J\\nx\n"


@pytest.mark.parametrize("debug", ["", "1"])
def test_an_unexpected_error_tells_its_kind_and_place_and_never_what_it_held(
    debug: str, token: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("TIGHTLIP_DEBUG", debug)
    error = KeyError(token)
    error.__cause__ = ValueError(token)
    monkeypatch.setattr("tightlip.cli._help", raising(error))
    assert main([]) == 2
    err = capsys.readouterr().err
    assert token not in err
    assert re.search(r"^tightlip: error: KeyError at tightlip\.cli:\d+, which is a bug", err, re.MULTILINE)
    assert ("Traceback" in err or 'File "' in err) is bool(debug)
    assert ("ValueError\n  which led to\n" in err) is bool(debug)


def test_an_interrupt_is_told_on_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("tightlip.cli._help", raising(KeyboardInterrupt()))
    assert main([]) == 130
    assert capsys.readouterr().err == "tightlip: interrupted before it was done\n"


def test_an_interrupt_at_a_terminal_is_told_on_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("tightlip.cli._help", raising(KeyboardInterrupt()))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main([]) == 130
    assert capsys.readouterr().err == "\ntightlip: interrupted before it was done\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a full disk, as Linux has one")
@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["known"], ["scan", "-"], ["rules", "list"]], ids=" ".join
)
def test_a_full_disk_behind_standard_output_is_no_bug(arguments: list[str], token: str) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tightlip", *arguments],
            input=f"token = {token}\n".encode() * 3,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    said = b"tightlip: error: not all could be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
def test_ctrl_c_ends_a_scan_without_a_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tightlip", "scan", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin
        assert running.stderr
        running.stdin.write(b"waits for more")
        running.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(1)
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 130
        assert running.stderr.read() == b"tightlip: interrupted before it was done\n"


@pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")
@pytest.mark.parametrize(("arguments", "code"), [(["scan", "-"], 1), (["rules"], 0), (["--help"], 141)])
def test_a_reader_that_has_gone_is_not_complained_about(arguments: list[str], code: int, token: str) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tightlip", *arguments],
        input=f"token = {token}\n".encode() * 3,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (code, b"")


def test_version_and_hook_load_nothing_they_do_not_need() -> None:
    code = (
        "import sys; from tightlip import hooks; from tightlip.cli import main; hooks.main = lambda arguments: 0;"
        "main(['--version']); main(['hook', 'pre-commit']);"
        "print(sorted({'argparse', 'json', 'yaml', 'dataclasses', 'git', 'subprocess'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env=_env())
    assert done.stdout.splitlines()[-1] == "[]"


def _env() -> dict[str, str]:
    source = str(Path(tightlip.__file__).parent.parent)
    return os.environ | {"PYTHONPATH": source, "PYTHONSAFEPATH": "1"}

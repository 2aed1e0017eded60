"""Nothing in a repository fools the terminal, stalls the scan or makes it tell the secret."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip import builtin, cli, hooks, rules
from tightlip.engine import Scanner, confirm

Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "name",
    [
        "a\x1b]0;owned\x07.txt",
        "a\x1b[2J\x1b[H.txt",
        "a\r\x08\x08b.txt",
        "a\x9b31mb.txt",
        "a\u202etxt.exe",
        "a\u200b\u2066b.txt",
    ],
)
def test_no_name_of_a_file_commands_the_terminal(
    name: str, token: str, repo: Path, git: Git, stage: Stage, scan_everything: Callable[[], str]
) -> None:
    stage(name, token)
    stage(f"missing{name}", "gone")
    oid = git("rev-parse", f":missing{name}")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    printed = scan_everything()

    assert "not scanned" in printed
    assert all(line.isprintable() for line in printed.splitlines())
    assert printed.count("\n") == len(printed.splitlines())
    assert token not in printed


@pytest.mark.parametrize("name", ["\x1b[2Jnowhere", "no\nwhere"])
def test_no_error_commands_the_terminal(name: str, tmp_path: Path, capsys: Capture) -> None:
    with pytest.raises(tightlip.GitError) as raised:
        tightlip.scan_staged(tmp_path / name)
    assert str(raised.value).isprintable()

    assert cli.main(["scan-staged", str(tmp_path / name)]) == 2
    assert hooks.main([name]) == 2
    assert all(line.isprintable() for line in capsys.readouterr().err.splitlines())
    assert all(line.startswith("tightlip: error: ") for line in capsys.readouterr().err.splitlines())


def near_misses() -> dict[str, bytes]:
    """Texts of 100 kB that look like secrets again and again, and never are one."""
    pieces = {
        "keys": "password ",
        "keys and signs": 'password = "',
        "keys run together": "passwordsecrettokenapikey",
        "signs": "=:=>\"'`",
        "open values": 'token: "abc\n',
        "calls": '("password", "',
        "nested": '{"secret":{"token":[',
        "spaces": "secret" + " " * 40,
        "one value": "a1B2c3D4",
        "users": "https://user:",
        "at signs": "https://user:pass@@",
        "armour": "-----BEGIN PRIVATE " + "KEY-----\n",
        "base64": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo",
        "dots": "ey.ey.ey.",
        "prefixes": "ghp_sk-xoxb-AKIAglpat-",
        "NUL": 'password\0=\0"\0',
    }
    return {name: (piece * (100_000 // len(piece))).encode() for name, piece in pieces.items()}


@pytest.mark.parametrize("path", ["a.py", ".env"])
@pytest.mark.parametrize("name", near_misses())
def test_a_hundred_kilobytes_of_near_misses_take_a_second_at_most(name: str, path: str, scanner: Scanner) -> None:
    data = near_misses()[name]
    scanner.scan(data[:1000], path.encode())
    started = time.process_time()

    outcome = scanner.scan(data, path.encode())

    assert time.process_time() - started < 5
    assert outcome.unscanned == []


def test_twenty_kilobytes_of_its_near_misses_take_each_rule_a_second_at_most(scanner: Scanner) -> None:
    slow = {}
    compiled = scanner.compiled
    reach = {rule.id: compiled.reach_of(index) for index, rule in enumerate(compiled.rules)}
    for file in rules.files(builtin.folder()):
        for rule, (example, *_), *_ in rules.read_file(file):
            if not rule.pattern:
                continue
            near = example.text.replace(example.secrets[0], f"{example.secrets[0][:-1]}\x7f").encode() + b"\n"
            pattern = compiled.pattern(rule.pattern)
            started = time.process_time()
            list(confirm.matches(pattern, reach[rule.id], near * (20_000 // len(near)), None))
            if (seconds := time.process_time() - started) > 1:
                slow[rule.id] = seconds
    assert slow == {}


def test_ten_thousand_secrets_in_a_file_take_seconds_and_none_is_lost(scanner: Scanner) -> None:
    dice = random.Random(1)
    values = ("".join(dice.choices("ghkmqtvwxz2345679", k=12)) for _ in range(10_000))  # in which no word is
    lines = [f'password = "{value}-Qzv"' for value in values]
    started = time.process_time()

    outcome = scanner.scan("\n".join(lines).encode(), b"passwords.py")

    assert time.process_time() - started < 5
    assert outcome.unscanned == []
    assert len(outcome.matches) == 10_000


def test_five_hundred_secrets_are_told_within_seconds(
    repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    dice = random.Random(2)
    stage("passwords.py", "".join(f'password = "{dice.randrange(16**12):012x}-Qzv"\n' for _ in range(500)))
    monkeypatch.chdir(repo)
    started = time.process_time()

    code = hooks.main(["pre-commit"])

    seconds, told = time.process_time() - started, capsys.readouterr().out
    assert (code, "500 secrets staged" in told) == (1, True)
    assert seconds < 15


class TestNothingLeaks:
    @pytest.fixture(params=["judge", "entropy", "filter"])
    def broken(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
        """An engine that fails over the value, with the value in its words."""

        def fail(*args: object) -> None:
            raise ValueError(f"cannot judge {args!r}")

        match request.param:
            case "judge":
                monkeypatch.setattr("tightlip.engine.judge.judge", fail)
            case "entropy":
                monkeypatch.setattr("tightlip.engine.judge.shannon", fail)
            case "filter":
                monkeypatch.setitem(
                    __import__("tightlip.engine.filters", fromlist=["FILTERS"]).FILTERS, "placeholder", fail
                )
        return str(request.param)

    @pytest.mark.parametrize("debug", ["", "1"])
    @pytest.mark.usefixtures("broken")
    def test_no_program_prints_a_value_when_it_fails(
        self, debug: str, token: str, repo: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        monkeypatch.setenv("TIGHTLIP_DEBUG", debug)
        monkeypatch.chdir(repo)
        stage("a.txt", token)

        codes = [
            hooks.main(["pre-commit"]),
            *(
                cli.main(args)
                for args in (["scan-staged"], ["scan", "a.txt"], ["scan-history"], ["hook", "pre-commit"])
            ),
        ]

        out, err = capsys.readouterr()
        assert token not in out + err
        assert codes == [2] * 5
        assert err.count("tightlip: error: ") == 5

    @pytest.mark.parametrize("where", ["tightlip.engine.resolve.resolve", "tightlip.tally.Tally.report"])
    def test_no_traceback_of_our_own_holds_a_value(
        self, where: str, token: str, repo: Path, stage: Stage, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("out of luck")

        stage("a.txt", token)
        monkeypatch.setattr(where, fail)

        with pytest.raises(RuntimeError) as raised:
            tightlip.scan_staged(repo, scanner=scanner)
        assert token not in "".join(traceback.format_exception(raised.value))

    def test_no_result_shows_a_value_by_itself(self, token: str, repo: Path, stage: Stage, scanner: Scanner) -> None:
        stage("a.txt", f"x = {token}\n")

        report = tightlip.scan_staged(repo, scanner=scanner)
        outcome = scanner.scan(token.encode())

        assert report.findings
        assert token not in repr(report) + str(report.findings) + repr(outcome.matches)

"""What a person is told whose commit is stopped, and that what it says works."""

from __future__ import annotations

import random
import re
import string
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

PASTE = re.compile(r"false alarm\s+(?P<how>.*(?:\n {15}\S.*)*):\n(?P<line>.*allow=.*)\n")


def test_a_commit_that_adds_a_secret_is_stopped_and_told_all_that_helps(
    token: str, git: Git, stage: Stage, commit: Run
) -> None:
    stage("src/settings.py", f'import os\n\nTIMEOUT = 3\nx = "{token}"\n')

    done = commit()

    assert done.returncode == 1
    assert git("rev-parse", "--verify", "HEAD", check=False) == ""
    assert "tightlip stopped this commit: 1 secret staged" in done.stdout
    assert "src/settings.py:4:6" in done.stdout
    assert f"{token[:4]}******** (40 characters)" in done.stdout
    assert token not in done.stdout
    assert "GitHub personal access token (classic)" in done.stdout
    assert re.search(r"why +\w+ confidence: it has the form of one", done.stdout)
    assert "https://github.com/settings/tokens" in done.stdout
    assert "Nothing is committed yet" in done.stdout
    assert re.search(r"environment\s+variable\s+or\s+a\s+vault", done.stdout)
    assert "# tightlip: allow=github-pat-classic REASON" in done.stdout
    assert "--no-verify" in done.stdout


def test_a_clean_commit_passes_without_a_word(git: Git, stage: Stage, commit: Run) -> None:
    stage("a.py", 'import os\n\nTOKEN = os.environ["TOKEN"]\n')

    done = commit()

    assert (done.returncode, done.stdout) == (0, "")
    assert git("log", "--format=%s") == "message"


def test_no_verify_skips_the_hook(token: str, git: Git, stage: Stage, commit: Run) -> None:
    stage("a.py", token)

    assert commit("--no-verify").returncode == 0
    assert git("show", "HEAD:a.py") == token


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", 'x = 1\n    y = "{}"\n'),
        ("a.js", 'x = "{}";'),
        ("a.html", "<p>\n<b>{}</b>\n</p>\n"),
        ("a.css", "a { background: url(?{}) }\n"),
        ("a.sql", "select '{}';\n"),
        ("a.ini", "[a]\r\nb = {}\r\n"),
        ("a.tex", "\\def\\x{{}}\n"),
        ("a.vim", "let x = '{}'\n"),
        ("a.bat", "echo {}\r\n"),
        ("a.lisp", "(print {})\n"),
        ("Dockerfile", "FROM scratch\nENV X {}\n"),
        ("a.json", '{"a": "{}",\n"b": 1}\n'),
        ("no extension", "{}"),
        ("ünïcödé.yaml", "a:\n  - {}\n"),
        ("two.py", "a = '{}'\nb = ['{}', '{}']\n"),
    ],
)
def test_what_the_message_says_to_paste_lets_the_commit_through(
    name: str, text: str, token: str, put: Put, stage: Stage, commit: Run
) -> None:
    before = text.replace("{}", token)
    stage(name, before)
    stopped = commit()
    told = PASTE.search(stopped.stdout)
    assert told
    pragma = told["line"].strip()
    lines = before.splitlines(keepends=True)
    places = {int(number) for number in re.findall(rf"{re.escape(name)}:(\d+):", stopped.stdout)}
    for line in sorted(places, reverse=True):
        if "on the line above" in told["how"]:
            lines.insert(line - 1, f"{pragma}\n")
        else:
            lines[line - 1] = lines[line - 1].rstrip("\r\n") + f" {pragma}\n"
    stage(name, "".join(lines))

    done = commit()

    assert stopped.returncode == 1
    assert done.returncode == 0, done.stdout


def test_the_pragmas_of_two_secrets_on_one_line_may_stand_above_each_other(
    token: str, stage: Stage, commit: Run
) -> None:
    line = f'x = "{token}"; password = "{"k1tt3n" + "-b0wl-77"}"\n'
    stage("a.py", line)
    stopped = commit()
    pragmas = [f"{found['line'].strip()}\n" for found in PASTE.finditer(stopped.stdout)]
    assert len(set(pragmas)) == 2
    stage("a.py", "".join([*pragmas, line]))

    done = commit()

    assert done.returncode == 0, done.stdout


def test_a_private_key_is_allowed_by_the_line_above_its_first(stage: Stage, commit: Run) -> None:
    body = "".join(random.Random(3).choices(string.ascii_letters + string.digits, k=64))
    kind = "RSA PRIVATE " + "KEY"
    lines = [f"-----BEGIN {kind}-----", *[body] * 3, body[::-1], f"-----END {kind}-----"]
    stage("a.txt", "\n".join(["", *lines, ""]))
    stopped = commit()
    told = PASTE.search(stopped.stdout)
    assert told
    stage("a.txt", "\n".join([told["line"].strip(), *lines, ""]))

    assert stopped.returncode == 1
    assert "a.txt:2:1" in stopped.stdout
    assert not [line for line in lines[1:-1] if line in stopped.stdout]
    assert commit().returncode == 0


@pytest.mark.parametrize("env", [{"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_no_colour_where_none_is_wanted(env: dict[str, str], token: str, stage: Stage, commit: Run) -> None:
    stage("a.txt", token)

    assert "\x1b" not in commit(env=env).stdout


def test_colour_where_it_is_asked_for(token: str, stage: Stage, commit: Run) -> None:
    stage("a.txt", token)

    done = commit(env={"FORCE_COLOR": "1"})

    assert "\x1b[" in done.stdout
    assert token not in done.stdout


def test_a_terminal_of_ascii_only(token: str, stage: Stage, commit: Run) -> None:
    stage("schlüssel.txt", token)

    done = commit(env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})

    assert done.returncode == 1
    assert done.stdout.isascii()
    assert r"schl\xfcssel.txt:1:1" in done.stdout

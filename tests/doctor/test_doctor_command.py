"""The command: exit codes, what it prints, what it never prints, and that it changes and runs nothing."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from doctoring import Doctor

from tightlip.cli import main

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def run(doctor: Doctor, capsys: Capture) -> Callable[..., tuple[int, str]]:
    """Run the command as it is, and return the exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["doctor", *arguments])
        return code, capsys.readouterr().out

    return run


def test_where_all_is_well_it_says_so_and_exits_with_0(healthy: None, run: Callable[..., tuple[int, str]]) -> None:
    code, out = run()

    assert code == 0
    assert out.splitlines()[-1].startswith("✓ Nothing to mend, ")
    titles = [line for line in out.splitlines() if line.isalpha()]
    assert titles == ["Installation", "Repository", "Configuration", "Hooks", "Allows", "Baseline"]


def test_where_something_is_wrong_it_gives_evidence_and_the_command_and_exits_with_1(
    commit: Callable[..., None], run: Callable[..., tuple[int, str]], repo: Path
) -> None:
    commit({"a.py": "import os\n"})

    code, out = run()

    path = repo.resolve() / ".git/hooks/pre-commit"
    assert code == 1
    how = "  how          tightlip install\n"
    assert f"✖ no hook stops a commit that adds a secret\n  evidence     there is no {path}\n{how}" in out
    assert "✖ 1 thing to mend, " in out.splitlines()[-1]


@pytest.mark.parametrize("missing", ["", "hooks"], ids=["into-the-folder", "without-a-folder"])
def test_the_command_that_it_gives_mends_it(
    missing: str, commit: Callable[..., None], run: Callable[..., tuple[int, str]], repo: Path, capsys: Capture
) -> None:
    commit({"a.py": "import os\n"})
    if missing:
        shutil.rmtree(repo / ".git" / missing)
    _, out = run("-q")

    program, *arguments = shlex.split(out.strip().rpartition("; ")[2])
    assert program == "tightlip"
    assert main(arguments) == 0
    capsys.readouterr()  # what it has told

    assert run("-q") == (0, "")


def test_quietly_it_prints_one_line_for_each_thing_to_mend(
    commit: Callable[..., None], run: Callable[..., tuple[int, str]]
) -> None:
    commit({".tightlipignore": "gone/\n"})

    code, out = run("-q")

    assert code == 1
    assert [line.partition(":")[0] for line in out.splitlines()] == ["hooks", "allows"]


def test_many_of_a_kind_are_told_together_and_the_first_ten_of_them(
    healthy: None, commit: Callable[..., None], run: Callable[..., tuple[int, str]]
) -> None:
    commit({".tightlipignore": "".join(f"gone{number}/\n" for number in range(1200))})

    _, short = run()
    _, long = run("-v")

    assert short.count(".tightlipignore:") == 10
    assert "and 1,190 more (-v shows them)" in short
    assert long.count(".tightlipignore:") == 1200
    assert short.count("take out the line") == 1


def test_json_has_these_keys(healthy: None, run: Callable[..., tuple[int, str]], repo: Path) -> None:
    document = json.loads(run("--json")[1])

    assert list(document) == ["schema_version", "tool", "repository", "history", "counts", "checks"]
    assert list(document["counts"]) == ["ok", "note", "mend"]
    assert document["repository"] == str(repo.resolve())
    assert sum(document["counts"].values()) == len(document["checks"])
    assert all(list(it) == ["area", "state", "what", "evidence", "how"] for it in document["checks"])


@pytest.mark.parametrize("arguments", [["nowhere"], ["."], ["--nothing"]], ids=["no-folder", "no-repository", "option"])
def test_wrong_use_is_one_line_and_exits_with_2(
    arguments: list[str], tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["doctor", *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("tightlip: error: ")
    assert err.count("\n") == 1


def test_outside_of_a_repository_the_installation_is_looked_at(
    run: Callable[..., tuple[int, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    code, out = run()

    assert code == 0
    assert "! this is no repository: only the installation was looked at" in out
    assert "Hooks" not in out


def test_no_value_is_printed_wherever_it_stands(
    token: str, commit: Callable[..., None], hook: Callable[..., Path], run: Callable[..., tuple[int, str]]
) -> None:
    hook()
    commit(
        {
            f"{token}.py": f"x = '{token}'  # tightlip: allow {token}\n",
            ".tightlipignore": f"# {token}\n{token}.txt\n",
            ".tightlip.yaml": f"allow:\n  - values: ['{token}']\n    reason: it is {token}\n",
        }
    )

    for arguments in ([], ["-q"], ["--json"], ["-v", "--history"]):
        code, out = run(*arguments)
        assert code == 1
        assert token not in out
        assert "********" in out or arguments == ["-q"]


def test_what_a_repository_says_reaches_a_terminal_as_plain_text(
    commit: Callable[..., None], hook: Callable[..., Path], put: Put, run: Callable[..., tuple[int, str]]
) -> None:
    hook()
    commit(
        {
            "a\x1b[31m\u202eb.py": "x = 1  # tightlip: allow\n",
            ".tightlipignore": "# \x1b]0;title\x07\ngone\x1b[2J/\n",
            ".tightlip.yaml": 'disable: ["\\e[31m"]\n',
            ".tightlip-baseline.yaml": "<<<<<<< \x1b[31m\n",
        }
    )
    for arguments in ([], ["-q"], ["-v"]):
        _, out = run(*arguments)
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_it_changes_nothing(healthy: None, doctor: Doctor, repo: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in repo.rglob("*")}

    doctor()
    doctor("--history")

    assert {path: path.stat().st_mtime_ns for path in repo.rglob("*")} == before


def test_it_runs_no_program_of_the_repository(
    commit: Callable[..., None], hook: Callable[..., Path], git: Git, put: Put, doctor: Doctor, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    evil = put("evil.sh", f"#!/bin/sh\n: tightlip-hook\ntouch {ran}\n")
    evil.chmod(0o755)
    commit(
        {"a.py": "import os\n", ".gitattributes": "* diff=evil filter=evil\n", "lefthook.yml": f"pre-commit: {evil}"}
    )
    hook(evil.read_text())
    for name in ("core.fsmonitor", "diff.external", "core.pager", "diff.evil.textconv", "filter.evil.clean"):
        git("config", name, str(evil))
    git("config", "alias.config", f"!{evil}")
    (evil.parent / ".git" / "hooks" / "reference-transaction").symlink_to(evil)

    doctor()
    doctor("--history")

    assert not ran.exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX only")
def test_what_would_make_it_wait_is_passed_over(
    healthy: None, repo: Path, git: Git, doctor: Doctor, commit: Callable[..., None]
) -> None:
    for name in ("lefthook.yml", ".pre-commit-config.yaml", ".husky/pre-commit"):
        (repo / name).parent.mkdir(exist_ok=True)
        os.mkfifo(repo / name)
    (repo / ".git/hooks/pre-commit").unlink()
    os.mkfifo(repo / ".git/hooks/pre-commit")

    assert doctor().code == 1

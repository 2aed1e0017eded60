"""Completion: what tightlip says can stand at the cursor, and what real shells make of it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tightlip.cli import COMMANDS, completing, main
from tightlip.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Capture = pytest.CaptureFixture[str]
SHELLS = ("bash", "zsh", "fish", "powershell")
WAIT = 20.0


def words(line: str) -> list[str]:
    """The words that complete a line, of which the last is the one at the cursor."""
    return [word for word, _ in completing.answer(line.split(" ")).words]


@pytest.mark.parametrize("shell", SHELLS)
def test_there_is_a_script_for_a_shell(shell: str, capsys: Capture) -> None:
    assert main(["completion", shell]) == 0
    out = capsys.readouterr().out
    assert "--word" in out
    assert "completion" in out


def test_a_shell_has_to_be_named(capsys: Capture) -> None:
    assert main(["completion"]) == 2
    assert "for which shell? bash, zsh, fish, powershell" in capsys.readouterr().err
    assert main(["completion", "tcsh"]) == 2


def test_commands_are_completed_with_what_they_do() -> None:
    assert words("") == [*COMMANDS, "--help", "--version"]
    assert dict(completing.answer(["scan"]).words)["scan"] == COMMANDS["scan"]
    assert words("scan-h") == ["scan-history"]
    assert words("help rul") == ["rules"]
    assert words("nonsense ") == []


def test_actions_are_completed_and_then_their_options() -> None:
    assert words("rules sh") == ["show"]
    assert words("baseline ") == ["create", "update", "prune", "merge", "check"]
    assert words("cache cl") == ["clear"]
    assert words("config ") == ["show", "check", "path"]
    assert words("rules bench --tu") == ["--turns"]
    assert words("rules --prov") == ["--provider"]  # of the action that needs no name
    assert words("hook pre-") == ["pre-commit", "pre-push", "pre-receive"]


def test_options_are_completed_once_unless_they_may_be_repeated() -> None:
    assert words("scan --exit") == ["--exit-code"]
    assert words("scan --exit-code 3 --exit") == []
    assert words("scan --report text --rep") == ["--report"]
    assert words("scan --exit-code=3 --exit") == []
    assert "-q" not in words("scan -")
    assert words("scan -q --qui") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("scan --report ", list(FORMATS)),
        ("diff a b --report m", ["markdown"]),
        ("scan --report=te", ["--report=text", "--report=template"]),
        ("scan --color a", ["auto", "always"]),
        ("scan --min-confidence ", ["high", "medium", "low"]),
        ("baseline update --state fa", ["false-alarm"]),
        ("import git", ["gitleaks", "git-secrets"]),
        ("report convert x --from k", ["kingfisher"]),
        ("completion f", ["fish"]),
        ("scan --exit-code ", []),
        ("baseline update --why ", []),
    ],
)
def test_values_are_completed_where_there_is_a_choice(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "kind", "before"),
    [
        ("scan ", "files", ""),
        ("scan src ", "files", ""),
        ("scan --baseline x", "files", ""),
        ("scan --baseline=x", "files", "--baseline="),
        ("scan --report json:x", "files", "json:"),
        ("scan --report=json:C:x", "files", "--report=json:"),
        ("scan-history ", "folders", ""),
        ("rules bench --on ", "folders", ""),
        ("diff a ", "files", ""),
        ("diff a b ", "words", ""),
        ("scan -- ", "files", ""),
        ("scan -- --rep", "files", ""),
        ("scan -", "words", ""),
    ],
)
def test_paths_are_left_to_the_shell(line: str, kind: str, before: str) -> None:
    answer = completing.answer(line.split(" "))
    assert (answer.kind, answer.before) == (kind, before)


def test_ids_of_rules_are_completed_where_one_is_shown() -> None:
    found = words("rules show github-pat-")
    assert "github-pat-classic" in found
    assert all(word.startswith("github-pat-") for word in found)
    assert len(words("rules show a github-pat-")) == len(found)
    assert words("rules new github-pat-") == []


def test_every_rule_is_completed(capsys: Capture) -> None:
    assert main(["rules", "list", "-q"]) == 0
    assert sorted(words("rules show ")) == sorted(capsys.readouterr().out.split())


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "hook"])
def test_every_command_says_what_its_arguments_are(command: str) -> None:
    assert words(f"{command} --hel") == ["--help"]
    assert completing.answer([command, ""]) is not None


def test_what_the_scripts_read_is_a_kind_and_words_with_what_they_mean(capsys: Capture) -> None:
    assert main(["completion", "--word=scan-h"]) == 0
    kind, line = capsys.readouterr().out.splitlines()
    assert kind == "words:"
    assert line.startswith("scan-history\tevery object of a repository")
    assert main(["completion", "--word=scan", "--word=--report", "--word=json:"]) == 0
    assert capsys.readouterr().out == "files:json:\n"


@pytest.mark.parametrize("words", [["scan"], ["rules"], ["rules", "show"]], ids=" ".join)
def test_two_dashes_begin_every_option(words: list[str], capsys: Capture) -> None:
    assert main(["completion", *(f"--word={word}" for word in (*words, "--"))]) == 0
    assert "\n--help\t" in capsys.readouterr().out


def test_neither_yaml_nor_an_engine_is_loaded_to_complete() -> None:
    code = (
        "import sys; from tightlip.cli import main; main(['completion', '--word=scan', '--word=--rep']);"
        "print(sorted({'yaml', 'numpy', 'regex', 'hyperscan', 'git'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with some files, and tightlip on the PATH."""
    folder = tmp_path / "place"
    (folder / "subfolder").mkdir(parents=True)
    for name in ("subject.json", "a b.json"):
        (folder / name).touch()
    programs = tmp_path / "bin"
    programs.mkdir()
    script = programs / "tightlip"
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom tightlip.cli import main\nsys.exit(main())\n", "utf-8")
    script.chmod(0o755)
    return folder


def environment(place: Path) -> dict[str, str]:
    return os.environ | {
        "PATH": os.pathsep.join([str(place.parent / "bin"), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERM": "dumb",
        "PS1": "> ",
        "INPUTRC": os.devnull,
        "ZDOTDIR": str(place.parent),
    }


class Typist:
    """Somebody at a shell, on a terminal."""

    def __init__(self, command: list[str], place: Path) -> None:
        import pty

        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(place)
            os.execvpe(command[0], command, environment(place))  # noqa: S606 - the program that is tested
        self.seen = ""

    def types(self, text: str, until: str) -> str:
        """Type a text and return what the terminal shows after it, once it shows what is waited for."""
        start = len(self.seen)
        os.write(self.terminal, text.encode())
        end = time.monotonic() + WAIT
        while until not in self.seen[start:] and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.seen += os.read(self.terminal, 65536).decode("utf-8", "replace")
        return self.seen[start:]

    def leaves(self) -> None:
        import signal

        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


TYPED = [
    ("scan-h", "scan-history "),
    ("scan --exi", "--exit-code "),
    ("scan --report sar", "sarif "),
    ("scan --report=sar", "--report=sarif "),
    ("scan --report json:subj", "json:subject.json "),
    ("scan --report=json:subj", "--report=json:subject.json "),
    ("scan --baseline=subj", "--baseline=subject.json "),
    ("scan subj", "subject.json "),
    ("rules bench --on sub", "subfolder/"),
    ("rules sho", "show "),
    ("rules show github-pat-cl", "github-pat-classic "),
]


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[list[str], str, Path], Typist]]:
    """Start a shell that has read the script."""
    open_: list[Typist] = []

    def start(command: list[str], first: str, place: Path) -> Typist:
        typist = Typist(command, place)
        open_.append(typist)
        typist.types(f"{first}; echo rea''dy\n", "ready")
        return typist

    yield start
    for typist in open_:
        typist.leaves()


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_what_is_typed(
    shell: str, place: Path, start: Callable[[list[str], str, Path], Typist]
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    load = {"bash": "", "zsh": "autoload -Uz compinit; compinit -u -D; "}[shell]
    typist = start(command, f"{load}source <(tightlip completion {shell})", place)
    wrong = {}
    for number, (line, expected) in enumerate(TYPED):
        shown = typist.types(f"tightlip {line}\t", expected)
        if expected not in shown:
            wrong[line] = shown
        typist.types(f"\x15echo nex''t{number}\n", f"next{number}")  # the line is forgotten
    assert wrong == {}


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_fish_completes_what_is_typed(place: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    asked = "".join(f"echo '[{line}]'; complete -C 'tightlip {line}'\n" for line, _ in TYPED)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"tightlip completion fish | source\n{asked}"],
        cwd=place, env=environment(place), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    told = done.stdout.split("[")[1:]
    wrong = {}
    for (line, expected), block in zip(TYPED, told, strict=True):
        offered = [it.partition("\t")[0] for it in block.splitlines()[1:]]
        if expected.strip() not in offered and expected.split(" ")[-1] not in offered:
            wrong[line] = offered
    assert wrong == {}


@pytest.mark.skipif(shutil.which("pwsh") is None, reason="pwsh is not installed")
def test_powershell_completes_what_is_typed(place: Path) -> None:
    asked = "; ".join(
        f"(TabExpansion2 'tightlip {line}' {len(f'tightlip {line}')}).CompletionMatches.CompletionText -join ' '"
        for line, _ in TYPED
    )
    script = f"tightlip completion powershell | Out-String | Invoke-Expression; {asked}"
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-Command", script],
        cwd=place, env=environment(place), capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    offered = done.stdout.splitlines()
    assert [
        line for (line, expected), told in zip(TYPED, offered, strict=True) if expected.strip("/ ") not in told
    ] == []

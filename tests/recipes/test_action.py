"""The action for GitHub: its steps are run as a runner runs them, on pushes with and without a secret."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from runner import Runner, definition, steps

from plain_git import TOKEN, commit, git
from recipes import ACTION, FOLDER, ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="which bash there is differs from machine to machine")


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as the first step leaves it, made without a network: it has what this one has, also with -I."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (packages / "here.pth").write_text("\n".join(it for it in sys.path if os.path.isdir(it)), "utf-8")
    return folder / "bin" / "python"


@pytest.fixture
def temp(tmp_path: Path) -> Path:
    folder = tmp_path / "runner"
    folder.mkdir()
    return folder


@pytest.fixture
def push(tmp_path: Path, temp: Path, python: Path, repo: Path) -> Callable[[str], Runner]:
    """Make a repository and push one file to it; return the machine that runs the job."""

    def push(text: str) -> Runner:
        commit(repo, "README.md", "a shop\n")
        before = git(repo, "rev-parse", "HEAD")
        commit(repo, "shop.py", text)
        event = tmp_path / "event.json"
        after = git(repo, "rev-parse", "HEAD")
        pushed = {"ref": "refs/heads/main", "before": before, "after": after, "repository": {"default_branch": "main"}}
        event.write_text(json.dumps(pushed))
        (temp / "tightlip").mkdir()
        (temp / "tightlip" / "python").write_text(f"{python}\n")
        (temp / "tightlip" / "installed").write_text(f"{ROOT}\n")
        said = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": after}
        return Runner(temp, ROOT, repo, said | {"GITHUB_REF": "refs/heads/main"})

    return push


@pytest.fixture
def leaky(push: Callable[[str], Runner]) -> Runner:
    """A push that adds a secret."""
    return push(f'token = "{TOKEN}"\n')


@pytest.fixture
def clean(push: Callable[[str], Runner]) -> Runner:
    """A push that adds none."""
    return push("import os\n")


def test_a_push_that_adds_a_secret_fails_and_says_where(leaky: Runner) -> None:
    done = leaky.run()

    assert done.code == 1, done.printed
    assert done.outputs == {"exit-code": "1", "findings": "1"}
    assert "::error file=shop.py,line=1" in done.printed
    assert "shop.py" in done.summary
    assert TOKEN not in done.printed + done.summary


def test_a_push_that_adds_none_passes(clean: Runner) -> None:
    done = clean.run()

    assert done.code == 0, done.printed
    assert done.outputs == {"exit-code": "0", "findings": "0"}
    assert "::error" not in done.printed


def test_the_file_for_code_scanning_is_an_output(leaky: Runner) -> None:
    done = leaky.run(sarif="found it.sarif")

    assert done.outputs["sarif"] == "found it.sarif"
    text = (leaky.workspace / "found it.sarif").read_text("utf-8")
    assert len(json.loads(text)["runs"][0]["results"]) == 1
    assert TOKEN not in text


def test_a_file_for_code_scanning_comes_besides_what_is_told_anyway(leaky: Runner) -> None:
    done = leaky.run(sarif="tightlip.sarif")

    assert "::error file=shop.py,line=1" in done.printed
    assert "shop.py" in done.summary


def test_a_clone_without_the_history_does_not_pass(clean: Runner, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth=1", clean.workspace.as_uri(), str(shallow))

    done = clean._replace(workspace=shallow).run()

    assert done.code == 3, done.printed
    assert done.outputs["exit-code"] == "3"
    assert "fetch-depth: 0" in done.printed


def test_options_are_handed_on(leaky: Runner) -> None:
    done = leaky.run(args="--exit-code 0\n  --no-baseline")

    assert done.code == 0, done.printed
    assert done.outputs == {"exit-code": "0", "findings": "1"}


def test_a_base_of_ones_own_counts_in_place_of_the_events(leaky: Runner) -> None:
    done = leaky.run(base="HEAD", head="HEAD")

    assert done.outputs == {"exit-code": "0", "findings": "0"}, done.printed


def test_files_of_ones_own_are_handed_on(leaky: Runner) -> None:
    (leaky.workspace / "ours.yaml").write_text("disable: [github-*]\n")

    assert leaky.run(config="ours.yaml", min_confidence="high", scope="result").outputs["findings"] == "0"
    assert leaky.run(baseline="none.yaml").code == 2


def test_wrong_use_has_no_count_and_no_file(leaky: Runner) -> None:
    done = leaky.run(scope="everything", sarif="tightlip.sarif")

    assert done.code == 2
    assert done.outputs == {"exit-code": "2"}


def test_a_file_of_the_change_is_not_taken_for_that_of_the_scan(leaky: Runner) -> None:
    (leaky.workspace / "tightlip.sarif").write_text("{}", "utf-8")

    assert leaky.run(scope="everything", sarif="tightlip.sarif").outputs == {"exit-code": "2"}


def test_a_file_is_not_written_through_a_link_of_the_change(leaky: Runner, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("kept", "utf-8")
    (leaky.workspace / "tightlip.sarif").symlink_to(tmp_path / "mine")

    done = leaky.run(sarif="tightlip.sarif")

    assert done.outputs == {"exit-code": "2"}, done.printed
    assert (tmp_path / "mine").read_text("utf-8") == "kept"


@pytest.mark.parametrize("name", [name for name in definition()["inputs"] if name != "python"])
def test_no_input_is_run_by_the_shell(name: str, leaky: Runner) -> None:
    done = leaky.run(**{name: "\"; touch pwned; $(touch pwned) `touch pwned` ' *\nexit-code=0"})

    assert not list(leaky.workspace.rglob("pwned"))
    assert done.outputs["exit-code"] == str(done.code) != "0"


def test_no_expression_stands_in_a_script() -> None:
    assert [step["name"] for step in steps() if "${{" in str(step["run"])] == []
    assert [step for step in steps() if "uses" in step] == []
    assert {step["shell"] for step in steps()} == {"bash"}


def test_modules_of_the_repository_are_not_imported(leaky: Runner) -> None:
    for name in ("json", "pip", "sysconfig", "tightlip", "venv", "yaml"):
        (leaky.workspace / f"{name}.py").write_text("open('imported', 'w')\n")

    done = leaky.run()

    assert done.outputs == {"exit-code": "1", "findings": "1"}, done.printed
    assert not (leaky.workspace / "imported").exists()


def test_without_a_python_that_is_new_enough_the_action_says_what_to_do(clean: Runner, tmp_path: Path) -> None:
    (clean.temp / "tightlip" / "installed").unlink()

    done = clean.run(python=str(tmp_path / "python2"))

    assert done.code == 2
    assert re.fullmatch(r"::error title=tightlip::no Python 3\.10 or newer: \S+\. Put .+\n", done.printed)


def test_every_input_and_output_is_documented() -> None:
    page = (FOLDER / "github.md").read_text("utf-8").partition("## Code scanning")[0]
    named = {it for row in re.findall(r"^\| (`[^|]+) \|", page, re.MULTILINE) for it in re.findall(r"`([\w-]+)`", row)}

    assert named == {*definition()["inputs"], *definition()["outputs"]}


@pytest.mark.slow
@pytest.mark.xdist_group("packaging")
def test_the_action_installs_itself_from_its_own_checkout(leaky: Runner, tmp_path: Path) -> None:
    checkout = tmp_path / "action"
    for name in ("src", "patterns"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ACTION.name):
        shutil.copy(ROOT / name, checkout)
    (leaky.workspace / "venv.py").write_text("open('imported', 'w')\n")
    (leaky.workspace / "pip.py").write_text("open('imported', 'w')\n")
    machine = leaky._replace(action=checkout)

    done = machine.run(python=sys.executable)

    assert done.outputs == {"exit-code": "1", "findings": "1"}, done.printed
    assert not (leaky.workspace / "imported").exists()
    python = (leaky.temp / "tightlip" / "python").read_text().strip()
    where = subprocess.check_output([python, "-I", "-c", "import tightlip; print(tightlip.__file__)"], text=True)
    assert Path(where.strip()).is_relative_to(leaky.temp)
    shutil.rmtree(checkout)
    assert machine.run().outputs == {"exit-code": "1", "findings": "1"}  # a second time it is there already

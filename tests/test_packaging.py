"""What is built is whole: the rules, the types and the programs are in the wheel and work in an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import tightlip
from tightlip import builtin

ROOT = Path(__file__).resolve().parent.parent
RULE_FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "patterns").rglob("*.yaml"))

COMPILED = {
    f"tightlip/{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    for name in ("engine/_runs", "git/_listing", "git/packs/_deltas", "purge/rewriting/_trees")
}
NO_COMPILER = {"CC": "false"}  # a program that fails
CAN_COMPILE = (
    shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is not None
    and Path(sysconfig.get_path("include"), "Python.h").exists()
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging")]
where_cc_says_what_compiles = pytest.mark.skipif(sys.platform == "win32", reason="CC means nothing there")


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def made(checkout: Path, kind: str, env: dict[str, str]) -> Path:
    """Build a wheel, as an installer does it. Parameters: `kind`, "wheel" or "editable"."""
    code = f"from hatchling import build; print(build.build_{kind}('dist'))"
    return checkout / "dist" / run(sys.executable, "-c", code, cwd=checkout, env=os.environ | env).split("\n")[-1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a wheel is made of."""
    folder = tmp_path / "checkout"
    for name in ("src", "patterns"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script folder of an environment that has the wheel, what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    found = folder / ("Scripts" if sys.platform == "win32" else "bin")
    run(found / "python", "-m", "pip", "install", "--quiet", wheel)
    return found


def test_an_installed_wheel_has_every_rule_of_the_checkout(scripts: Path, tmp_path: Path) -> None:
    written = sum(
        line.lstrip().startswith("- id:")
        for file in RULE_FILES
        for line in (ROOT / file).read_text("utf-8").splitlines()
    )
    code = "import tightlip; rules = tightlip.load_rules(); print(len(rules.rules), rules.hash, tightlip.__file__)"

    count, rules_hash, where = run(scripts / "python", "-I", "-c", code, cwd=tmp_path).split(maxsplit=2)

    assert not Path(where).is_relative_to(ROOT)
    assert int(count) == written > 0
    assert rules_hash == tightlip.load_rules().hash


def test_an_installed_wheel_has_the_rules_read_ahead(scripts: Path, tmp_path: Path) -> None:
    code = (
        "from tightlip import prepared as it, rules; print(it.load_rules() == rules.load_rules(), len(it.load().rules))"
    )

    same, count = run(scripts / "python", "-I", "-c", code, cwd=tmp_path).split()

    assert same == "True"
    assert int(count) == len(tightlip.load_rules().rules)


def test_an_installed_wheel_has_both_programs(scripts: Path, tmp_path: Path) -> None:
    assert tightlip.__version__ in run(scripts / "tightlip", "--version", cwd=tmp_path)

    run("git", "init", "--quiet", cwd=tmp_path)
    run(scripts / "tightlip-hook", "pre-commit", cwd=tmp_path)


def test_an_installed_wheel_has_the_page_and_the_shells_scripts(scripts: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    page = tmp_path / "report.html"

    run(scripts / "tightlip", "scan", "a.py", "--report", f"html:{page}", cwd=tmp_path)

    assert "<title>" in page.read_text("utf-8")
    assert "complete" in run(scripts / "tightlip", "completion", "bash", cwd=tmp_path)


def test_an_installed_wheel_works_without_anything_that_it_does_not_name(scripts: Path) -> None:
    run(scripts / "python", "-m", "pip", "check")


def test_the_wheel_is_typed_and_holds_nothing_but_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert "tightlip/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"tightlip", f"tightlip-{tightlip.__version__}.dist-info"}
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_sdist_holds_rules_tests_and_documents(built: Path) -> None:
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}

    assert names.issuperset(RULE_FILES)
    assert {"LICENSE", "README.md", ".pre-commit-hooks.yaml", "tests/test_packaging.py", "docs/RULES.md"} <= names


def test_the_version_is_the_same_everywhere(wheel: Path) -> None:
    assert wheel.name.split("-")[1] == tightlip.__version__
    assert f"## {tightlip.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@where_cc_says_what_compiles
def test_a_wheel_that_nothing_could_be_compiled_for_is_for_every_system_and_works(
    checkout: Path, tmp_path: Path
) -> None:
    wheel = made(checkout, "wheel", NO_COMPILER)
    code = f"import sys; sys.path.insert(0, {str(wheel)!r}); from tightlip.git import native; print(native.Listing)"

    assert wheel.name.endswith("-py3-none-any.whl")
    assert not COMPILED.intersection(zipfile.ZipFile(wheel).namelist())
    assert run(sys.executable, "-I", "-c", code, cwd=tmp_path) == "<class 'tightlip.git.listing.Listing'>"


@where_cc_says_what_compiles
def test_what_was_compiled_is_in_the_checkout_until_it_cannot_be_made_anew(checkout: Path) -> None:
    def compiled() -> set[str]:
        return {module for module in COMPILED if (checkout / "src" / module).exists()}

    made(checkout, "editable", {})
    assert not (checkout / "src/tightlip" / builtin.PREPARED).exists(), "a checkout's rules change"
    assert compiled() == (COMPILED if CAN_COMPILE else set())

    for module in COMPILED:
        (checkout / "src" / module).write_bytes(b"old")
    made(checkout, "editable", NO_COMPILER)
    assert not compiled()


def test_nothing_compiled_is_left_of_a_build_that_fails(checkout: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with (checkout / "pyproject.toml").open("a") as settings:
        settings.write('\n[tool.hatch.build.targets.wheel.force-include]\n"there is no such file" = "it"\n')

    with pytest.raises(AssertionError, match="there is no such file"):
        made(checkout, "wheel", dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))

    assert not [path for path in temporary.iterdir() if path.is_dir()]

"""What the README and docs/ say is so: commands print what is shown, code runs, tables are complete.

```console    each `$ command` runs in a copy of the demo repository; it prints the lines after it (`...`: any)
```python     runs there too
```sh         is not run; the make targets in it exist
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tightlip
from documents import Block, blocks_of
from tightlip import demo, hooks
from tightlip.cli import failure
from tightlip.engine.filters import FILTERS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(#[^)]*)?\)|<img src=\"([^\"]+)\"|!\[[^]]*\]\(([^)]+)\)")
TIMES = re.compile(r" in [\d.]+ (?:ms|s)")


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def blocks(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    demo.make(folder)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the demo repository, which is the current folder, with the programs on the PATH."""
    folder = tmp_path / "build" / "demo"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, module in (("tightlip", "tightlip.cli"), ("tightlip-hook", "tightlip.hooks")):
        script = programs / name
        script.write_text(f"#!{sys.executable}\nimport sys\nfrom {module} import main\nsys.exit(main())\n", "utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return folder


def pattern(shown: str) -> str:
    """What the shown output stands for: `...` alone on a line is any number of lines, and times differ."""
    lines = [r"(?:.*\n)*?" if line.strip() == "..." else TIMES.sub(" in TIME", line) for line in shown.splitlines()]
    return "".join(line if line.startswith("(?:") else re.escape(line.rstrip()) + r"\s*\n" for line in lines)


@pytest.mark.skipif(os.name == "nt", reason="the documents show a POSIX shell")
@pytest.mark.parametrize("block", blocks("console"), ids=str)
def test_commands_print_what_is_shown(block: Block, shop: Path) -> None:
    del shop
    for entry in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = entry.partition("\n")
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, encoding="utf-8", check=False)
        printed = done.stdout + done.stderr
        assert done.returncode in (hooks.CLEAN, hooks.FINDINGS), printed
        if shown.strip():
            assert re.fullmatch(pattern(shown), TIMES.sub(" in TIME", printed)), f"{command} printed:\n{printed}"


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_code_runs(block: Block, shop: Path) -> None:
    del shop
    exec(compile(block.text, block.page, "exec"), {})  # noqa: S102 -- the point of the test


def test_a_history_scan_finds_everything_that_the_demo_hides(made: Path, tmp_path: Path) -> None:
    planted = {secret.value.encode() for secret in demo.make(tmp_path / "demo")}

    report = tightlip.scan_history(made)

    assert {finding.secret.reveal() for finding in report.findings} == planted
    assert report.complete


def test_make_targets_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {target for block in blocks("sh") for target in re.findall(r"\bmake (\w+)", block.text)}

    assert named >= {"test", "scan"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


def test_the_hooks_that_are_named_exist() -> None:
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    named = {
        name for block in blocks("yaml") if "hooks:" in block.text for name in re.findall(r"- id: (\S+)", block.text)
    }

    assert named
    assert named <= {hook["id"] for hook in manifest}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    found = [next(filter(None, groups)) for groups in LINK.findall(page.read_text("utf-8"))]

    assert [link for link in found if not link.startswith("http") and not (page.parent / link).exists()] == []


def test_every_page_is_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = {link for groups in LINK.findall(readme) for link in groups if link.startswith("docs/")}

    assert {f"docs/{page.name}" for page in PAGES if page.parent.name == "docs"} <= named


def test_every_key_of_a_rule_is_documented() -> None:
    schema = yaml.safe_load((ROOT / "patterns" / "rules.schema.json").read_text("utf-8"))
    page = (ROOT / "docs" / "RULES.md").read_text("utf-8")

    assert set(re.findall(r"^\| `(\w+)` \| (?:yes)? ?\|", page, re.MULTILINE)) == set(
        schema["$defs"]["rule"]["properties"]
    )


def test_every_filter_is_documented() -> None:
    page = (ROOT / "docs" / "RULES.md").read_text("utf-8")

    assert re.findall(r"^\| `([\w-]+)` \| [^|]+\|$", page.partition("## Filters")[2], re.MULTILINE) == list(FILTERS)


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    codes = {hooks.CLEAN, hooks.FINDINGS, failure.ERROR, hooks.INCOMPLETE, failure.INTERRUPTED, failure.BROKEN_PIPE}

    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == codes

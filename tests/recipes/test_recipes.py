"""The jobs that docs/ci/ offers: they parse, ask for the history, name what exists, and are linted by real linters."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from importlib import import_module
from pathlib import Path

import pytest
import yaml

import tightlip
from documents import Block
from recipes import ACTION, FOLDER, PAGES, ROOT, blocks, commands, load
from tightlip.ci import telling
from tightlip.cli.parser import Parser
from tightlip.engine import Scanner

YAML = blocks("yaml")
GITHUB = [block for block in YAML if block.page == "github"]
SCHEMAS = {
    "azure": ["vendor.azure-pipelines", "--data-transform=azure-pipelines", "--regex-variant=nonunicode"],
    "bitbucket": ["vendor.bitbucket-pipelines"],
    "buildkite": ["vendor.buildkite"],
    "circleci": ["vendor.circle-ci"],
    "github": ["vendor.github-workflows"],
    "gitlab": ["vendor.gitlab-ci", "--data-transform=gitlab-ci"],
}
HISTORY = {
    "azure": "fetchDepth: 0",
    "bitbucket": "depth: full",
    "circleci": "method: full",
    "gitea-forgejo": "fetch-depth: 0",
    "github": "fetch-depth: 0",
    "gitlab": 'GIT_DEPTH: "0"',
}
PASTED = re.compile(r"(?:#|//) ([\w./-]+)")
"""The first line of a recipe that has a file of its own says which."""
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


def tool(name: str) -> str:
    """Return a linter's path, beside this Python or on the PATH."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def lint(*command: str | Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def workflow(block: Block, folder: Path) -> Path:
    """Write a workflow where GitHub has it: linters look at the place."""
    file = folder / ".github" / "workflows" / "secrets.yml"
    file.parent.mkdir(parents=True)
    file.write_text(block.text, "utf-8")
    return file


@pytest.mark.parametrize("block", YAML, ids=str)
def test_a_recipe_is_yaml(block: Block) -> None:
    assert load(block.text)


@pytest.mark.parametrize("block", [block for block in YAML if block.page in HISTORY], ids=str)
def test_a_recipe_asks_for_the_history(block: Block) -> None:
    assert HISTORY[block.page] in block.text


@pytest.mark.parametrize("block", [block for block in YAML if block.page in SCHEMAS], ids=str)
def test_a_recipe_follows_the_schema_of_its_platform(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yml"
    as_read = json.dumps(yaml.load(block.text, Loader=yaml.BaseLoader))  # noqa: S506 - makes nothing but strings
    file.write_text(as_read if block.page == "azure" else block.text, "utf-8")  # to Azure every scalar is a string

    schema, *transform = SCHEMAS[block.page]
    lint(tool("check-jsonschema"), "--builtin-schema", schema, *transform, file)


@pytest.mark.parametrize("block", GITHUB, ids=str)
def test_actionlint_finds_nothing(block: Block, tmp_path: Path) -> None:
    """With the action beside the workflow: then its inputs and outputs are checked, too."""
    program = tool("actionlint")
    file = workflow(
        block._replace(text=re.sub(r"tightlip/tightlip@\S+$", "./", block.text, flags=re.MULTILINE)), tmp_path
    )
    shutil.copy(ACTION, tmp_path)
    lint("git", "init", "--quiet", tmp_path)

    lint(program, file)


@pytest.mark.parametrize("block", GITHUB, ids=str)
def test_zizmor_finds_nothing(block: Block, tmp_path: Path) -> None:
    """Of a tag, only our own: a page cannot name the commit that a release will be."""
    policy = tmp_path / "zizmor.yml"
    policy.write_text('rules: {unpinned-uses: {config: {policies: {tightlip/*: ref-pin, "*": hash-pin}}}}', "utf-8")

    lint(tool("zizmor"), "--offline", "--config", policy, workflow(block, tmp_path))


def test_the_action_follows_its_schema_and_zizmor_finds_nothing() -> None:
    lint(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", ACTION)
    lint(tool("zizmor"), "--offline", "--no-config", ACTION)


@pytest.mark.parametrize("block", [block for block in blocks() if PASTED.match(block.text)], ids=str)
def test_a_recipe_is_no_finding_where_it_is_pasted(block: Block, scanner: Scanner) -> None:
    file = PASTED.findall(block.text)[0]

    assert tightlip.scan_text(block.text, file, scanner=scanner).findings == ()


@pytest.mark.parametrize("platform", telling.FILES)
def test_the_page_names_the_file_that_the_program_writes(platform: str) -> None:
    _, file = telling.FILES[platform]
    page = (FOLDER / f"{platform}.md").read_text("utf-8")

    assert (os.path.dirname(file) or file) in page


def test_actions_of_others_are_pinned_to_commits() -> None:
    uses = {name for block in YAML for name in re.findall(r"uses: (\S+)", block.text)}
    others = {name for name in uses if "tightlip/tightlip@" not in name}

    assert uses > others
    assert [name for name in others if not re.fullmatch(r"\S+@[0-9a-f]{40}", name)] == []


def test_no_recipe_imports_a_module_of_the_checkout() -> None:
    """`python -m` looks for a module in the current folder first, and there a change may have put its own."""
    lines = [line for block in blocks() for line in block.text.splitlines()]

    assert [line for line in lines if re.search(r"\bpython[\d.]* -m", line)] == []


def test_no_recipe_runs_a_strangers_code_with_rights() -> None:
    assert [block for block in YAML if "pull_request_target" in block.text] == []


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_commands_are_those_of_the_program(command: str) -> None:
    words = shlex.split(command)
    parser = Parser(prog=words[0], allow_abbrev=False)
    import_module(f"tightlip.cli.{words[0].replace('-', '_')}").add_arguments(parser)

    assert parser.parse_known_intermixed_args(words[1:])[1] == []


def test_every_recipe_installs_the_version_that_the_readme_names() -> None:
    [rev] = re.findall(r"rev: (\S+)", (ROOT / "README.md").read_text("utf-8"))
    named = {it for page in PAGES for it in re.findall(r"tightlip/tightlip@([\w.]+)", page.read_text("utf-8"))}

    assert named == {rev}


def test_the_index_has_every_page() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")

    assert set(re.findall(r"^\| [^|]+ \| \[([\w-]+\.md)\]", index, re.MULTILINE)) == {
        page.name for page in PAGES if page.name != "README.md"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_headings_that_are_there(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text("utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor[1:] in slugs, path + anchor

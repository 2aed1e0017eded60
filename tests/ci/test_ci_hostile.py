"""What a stranger can put into an environment, an event and a change is neither run, nor read by git, nor printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from forge import SECRET, ZEROS, Forge, Ids, Job, git, github, pull_request, pushed

Make = Callable[..., Ids]
NAMES = {
    "option": "--upload-pack=x",
    "line": "x\n::set-output name=a::b",
    "command": "::add-mask::x",
    "azure": "x##vso[task.setvariable variable=a]b",
    "terminal": "\x1b[2Jx",
    "revision": "main@{upstream}^{/x}",
    "shell": "$(touch ran)`touch ran`;'\"",
    "surrogate": "\udcff",
    "long": "x" * 70_000,
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_not_options_commands_or_terminal_controls(
    name: str, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    event = pull_request(made, branch=NAMES[name], base=NAMES[name])

    done = job(clone, github(tmp_path, "pull_request", event))

    assert done.code == 1
    for text in (done.out, done.err):
        assert not any(line.lstrip().startswith(("::set", "::add")) for line in text.splitlines())
        assert "\x1b" not in text
        assert "##" not in text
        assert len(text) < 100_000
    assert done.err.count("\n") == 1
    assert not (clone / "ran").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_nobody_should_copy_is_in_no_command(
    name: str, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head, "+refs/pull/7/head:refs/pull/7/head")
    event = pull_request(made._replace(base="12" * 20), branch=NAMES[name], base=NAMES[name])

    done = job(clone, github(tmp_path, "pull_request", event))

    assert done.code == 3
    assert NAMES[name].strip() not in done.out + done.err or name == "long"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "[" * 100_000, '{"pull_request": {}}', '{"pull_request": {"head": {"sha": "--exec=x"}}}', "\x00"],
    ids=["empty", "list", "half", "deep", "without", "option", "nul"],
)
def test_an_event_that_is_none_is_one_clear_line(text: str, forge: Forge, job: Job, tmp_path: Path) -> None:
    env = github(tmp_path, "pull_request", {})
    (tmp_path / "event.json").write_text(text, "utf-8")

    done = job(forge.where, env)

    assert done.code == 2
    assert done.err.startswith("tightlip: error: GITHUB_EVENT_PATH: ")
    assert done.err.count("\n") == 1


def test_an_event_that_is_not_there_is_one_clear_line(forge: Forge, job: Job, tmp_path: Path) -> None:
    env = github(tmp_path, "push", {}) | {"GITHUB_EVENT_PATH": str(tmp_path / "none.json")}

    done = job(forge.where, env)

    assert done.code == 2
    assert "none.json cannot be read: No such file or directory" in done.err


@pytest.mark.parametrize("value", ["--all", "HEAD", "main", f"{ZEROS}\n--all", "x" * 40, "ABCDEF"], ids=repr)
def test_what_is_no_id_is_not_given_to_git(value: str, forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head)
    event = pushed(value, made.head)

    done = job(clone, github(tmp_path, "push", event))

    assert done.code == 1
    assert ": 2 commits, main..feature" in done.err


@pytest.mark.parametrize("which", ["head", "base"])
def test_a_branch_that_is_named_like_a_commit_is_refused(
    which: str, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    git(clone, "update-ref", f"refs/heads/{getattr(made, which)}", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)))

    assert done.code == 2
    assert "a branch that is named like a commit's id" in done.err


def test_a_branch_that_is_named_like_the_beginning_of_an_id_is_not_the_commit(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head)
    git(clone, "update-ref", f"refs/heads/{made.base[:12]}", made.head)
    env = {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PR_ID": "7", "BITBUCKET_COMMIT": made.head}

    assert job(clone, env | {"BITBUCKET_PR_DESTINATION_COMMIT": made.base[:12]}).code == 3


LINKS = {
    "gitlab": ({"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}, "gl-secret-detection-report.json", "mine"),
    "jenkins": ({"JENKINS_URL": "x"}, "tightlip-junit.xml", "mine"),
    "bitbucket": ({"BITBUCKET_BUILD_NUMBER": "1"}, "test-results", "."),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_report_is_not_written_through_a_link_of_the_change(
    name: str, forge: Forge, job: Job, tmp_path: Path
) -> None:
    forge.commit("feature", "x.txt", "x\n")
    env, link, to = LINKS[name]
    (tmp_path / "mine").write_text("kept\n", "utf-8")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])
    (clone / link).symlink_to(tmp_path / to)

    done = job(clone, env)

    assert done.code == 2
    assert "this is a symbolic link, and is not written to" in done.err
    assert (tmp_path / "mine").read_text("utf-8") == "kept\n"
    assert not (tmp_path / "tightlip-junit.xml").exists()


@pytest.mark.parametrize("link", ["found.sarif", "out"])
@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
def test_a_file_that_is_asked_for_is_not_written_through_a_link_of_the_change(
    link: str, forge: Forge, job: Job, tmp_path: Path, *, absolute: bool
) -> None:
    forge.commit("feature", "x.env", f"TOKEN={SECRET}\n")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "found.sarif").write_text("kept\n", "utf-8")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])
    (clone / link).symlink_to(mine if link == "out" else mine / "found.sarif")
    file = clone / ("out/found.sarif" if link == "out" else "found.sarif")

    done = job(clone, {}, "--base=origin/main", f"--report=sarif:{file if absolute else file.relative_to(clone)}")

    assert done.code == 2
    assert "this is a symbolic link, and is not written to" in done.err
    assert (mine / "found.sarif").read_text("utf-8") == "kept\n"


def test_a_link_of_the_machine_may_lead_to_a_report(forge: Forge, job: Job, tmp_path: Path) -> None:
    clone = forge.clone(tmp_path / "clone", forge.at["main"])
    (tmp_path / "linked").symlink_to(tmp_path)

    assert job(clone, {}, "--base=HEAD", f"--report=json:{tmp_path / 'linked' / 'r.json'}").code == 0
    assert (tmp_path / "r.json").exists()


def test_a_path_that_looks_like_a_command_is_none_in_the_log(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("feature", "::set-output name=x::y.env", f"TOKEN={SECRET}\n", message="##vso[task.complete]")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])
    on_github = job(clone, github(tmp_path, "push", pushed(ZEROS, forge.at["feature"])))
    on_azure = job(clone, {"TF_BUILD": "1", "AGENT_TEMPDIRECTORY": str(tmp_path)})

    assert on_github.code == on_azure.code == 1
    before, _, after = on_github.out.partition("::stop-commands::")
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in before.splitlines())
    assert after.splitlines()[-1] == f"::{after.splitlines()[0]}::"
    assert all(it.startswith(("logissue ", "uploadsummary]")) for it in on_azure.out.split("##vso[task.")[1:])


@pytest.mark.parametrize("option", ["--base", "--head"])
@pytest.mark.parametrize("value", [SECRET, f"a\x85{SECRET}", f"HEAD:{SECRET}"], ids=["name", "control", "path"])
def test_a_revision_with_a_secret_in_it_is_not_printed(option: str, value: str, forge: Forge, job: Job) -> None:
    done = job(forge.where, {}, "--base=main", f"{option}={value}")

    assert done.code == 2
    assert "********" in done.err
    assert done.err.count("\n") == 1


def test_a_revision_of_several_lines_is_one_clear_line(forge: Forge, job: Job) -> None:
    done = job(forge.where, {}, f"--base=main\n{SECRET}")

    assert done.code == 2
    assert done.err == "tightlip: error: --base: no branch, tag or commit has a name of several lines\n"


def test_an_event_with_a_secret_in_it_is_not_printed(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made, branch=f"b-{SECRET}", base=f"t-{SECRET}")))

    assert done.code == 1
    assert "..b-********" in done.err
    assert SECRET not in json.dumps((tmp_path / "summary.md").read_text("utf-8"))

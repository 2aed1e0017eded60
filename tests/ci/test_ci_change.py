"""Which commits a change has, in clones as runners make them: too little is said, and never passes for all of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from forge import OTHER, SECRET, ZEROS, Done, Forge, Ids, Job, git, github, pull_request, pushed

from tightlip.ci import telling
from tightlip.ci.platforms import PLATFORMS

Make = Callable[..., Ids]
MERGE, HEAD = "refs/pull/7/merge", "refs/pull/7/head"
CHECKOUT = f"+{MERGE}:refs/remotes/pull/7/merge"


def command(done: Done) -> list[str]:
    """The command that the job is told to run before."""
    assert done.code == 3, done
    (found,) = set(re.findall("run `(git fetch[^`]*)` before", done.out))
    return shlex.split(found)


# What is added and taken out again


def test_what_one_commit_adds_and_the_next_takes_out_counts_and_the_report_says_why(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids(keep=False)
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)))

    assert done.code == 1
    assert "1 secret of this change is gone from its end and not from its commits" in done.out
    assert "refs/pull/7/head keeps them even if the request is squashed" in done.out


def test_with_the_scope_of_the_result_it_does_not_count(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids(keep=False)
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)), "--scope", "result")

    assert done.code == 0
    assert "2 commits, main..feature, what the end leaves in the files" in done.err


def test_the_result_is_told_with_the_commit_that_brought_it(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)), "--scope", "result", "--report", "text")

    assert done.code == 1
    assert "conf/x.env:1:7" in done.out
    assert f"introduced   {git(forge.where, 'rev-parse', 'feature~1')[:10]}" in done.out


def test_the_result_has_nothing_that_the_base_has(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "old.env", f"TOKEN={SECRET}\n")
    forge.commit("feature", "old.env", f"# moved\nTOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])

    assert job(clone, {}, "--base", "origin/main", "--scope", "result").code == 0


def test_a_secret_in_a_message_counts_with_the_commits_and_not_with_the_result(
    forge: Forge, job: Job, tmp_path: Path
) -> None:
    forge.commit("feature", "x.txt", "x\n", message=f"uses {SECRET}")
    clone = forge.clone(tmp_path / "clone", forge.at["feature"])

    assert job(clone, {}, "--base", "origin/main").code == 1
    assert job(clone, {}, "--base", "origin/main", "--scope", "result").code == 0


def test_a_secret_in_the_name_of_the_branch_counts_and_is_told_nowhere(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit(f"try-{SECRET}", "x.txt", "x\n")
    clone = forge.clone(tmp_path / "clone", forge.at[f"try-{SECRET}"])
    event = pushed(ZEROS, forge.at[f"try-{SECRET}"], f"refs/heads/try-{SECRET}")

    done = job(clone, github(tmp_path, "push", event))

    assert done.code == 1
    assert "in the name of the ref itself" in done.out


# Merges and other branches


def test_what_a_request_merged_from_its_target_is_not_its_own(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids(secret=False)
    old = made.base
    forge.commit("main", "known.env", f"TOKEN={SECRET}\n")
    git(forge.where, "checkout", "-q", "feature")
    git(forge.where, "merge", "-q", "-m", "merge main", "main")
    forge.at["feature"] = git(forge.where, "rev-parse", "HEAD")
    merge = forge.request()
    clone = forge.clone(tmp_path / "clone", merge)

    done = job(clone, github(tmp_path, "pull_request", pull_request(Ids(old, forge.at["feature"], merge))))

    assert done.code == 0
    assert ": 3 commits, main..feature" in done.err


def test_the_other_side_of_the_merge_is_the_base_where_nothing_else_is_known(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    forge.commit("main", "known.env", f"TOKEN={OTHER}\n")
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge, f"{MERGE}:{MERGE}")
    env = {"TF_BUILD": "True", "BUILD_REASON": "PullRequest", "SYSTEM_PULLREQUEST_SOURCECOMMITID": made.head}

    done = job(clone, env | {"AGENT_TEMPDIRECTORY": str(tmp_path)}, "-v")

    assert done.code == 1
    assert f"compared with {made.base} (the other parent of HEAD, {made.base[:10]})" in done.err
    assert "known.env" not in done.out


def test_a_merge_that_brings_a_secret_of_its_own_is_found(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("feature", "x.txt", "x\n")
    forge.commit("side", "s.txt", "s\n")
    git(forge.where, "checkout", "-q", "feature")
    git(forge.where, "merge", "-q", "--no-commit", "--no-ff", "side")
    (forge.where / "evil.env").write_text(f"TOKEN={SECRET}\n", "utf-8")
    git(forge.where, "add", "evil.env")
    git(forge.where, "commit", "-q", "-m", "merge side")
    clone = forge.clone(tmp_path / "clone", git(forge.where, "rev-parse", "feature"))

    done = job(clone, {}, "--base", "origin/main")

    assert done.code == 1
    assert "evil.env" in done.out


AGAIN = {
    "github": lambda made, tmp: github(tmp, "pull_request", pull_request(made)),
    "gitlab": lambda made, _: {
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": made.base,
        "CI_COMMIT_SHA": made.head,
    },
    "bitbucket": lambda made, _: {
        "BITBUCKET_BUILD_NUMBER": "1",
        "BITBUCKET_PR_ID": "7",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        "BITBUCKET_PR_DESTINATION_COMMIT": made.base[:12],
        "BITBUCKET_COMMIT": made.head,
    },
}


@pytest.mark.parametrize("name", AGAIN)
def test_a_job_that_runs_again_after_the_merge_finds_the_same(
    name: str, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    git(forge.where, "checkout", "-q", "main")
    git(forge.where, "merge", "-q", "--no-ff", "-m", "merged", "feature")
    clone = forge.clone(tmp_path / "clone", made.merge, CHECKOUT, "+refs/heads/main:refs/remotes/origin/main")

    done = job(clone, AGAIN[name](made, tmp_path))

    assert done.code == 1
    assert ": 2 commits, main.." in done.err


def test_the_main_of_a_fork_does_not_pass_for_the_target(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    fork = Forge(tmp_path / "fork")
    git(fork.where, "fetch", "-q", str(forge.where), made.head)
    git(fork.where, "reset", "-q", "--hard", "FETCH_HEAD")
    clone = fork.clone(tmp_path / "clone", made.head)

    done = job(clone, github(tmp_path, "pull_request_target", pull_request(made, branch="main")))

    assert done.code == 3
    assert "the target of the request (main): this clone does not have it" in done.out


def test_a_request_of_a_fork_is_found_where_the_target_is_checked_out(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    git(forge.where, "checkout", "-q", "main")
    git(forge.where, "branch", "-qD", "feature")  # it is the fork's
    clone = forge.clone(tmp_path / "clone", made.base)
    env = github(tmp_path, "pull_request_target", pull_request(made, branch="main"))
    before = job(clone, env)

    subprocess.run([*command(before)], cwd=clone, check=True, capture_output=True)
    done = job(clone, env)

    assert done.code == 1
    assert "HEAD         still has it" in done.out
    assert "::error file=conf/x.env,line=1" in done.out


# Pushes


def test_a_forced_push_is_compared_with_the_default_branch_and_says_so(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head)
    gone = "1234567890" * 4

    done = job(clone, github(tmp_path, "push", pushed(gone, made.head, forced=True)))

    assert done.code == 1
    assert "2 commits, main..feature" in done.err
    assert "what the branch was before (1234567890) is gone, as after a forced push: compared with main" in done.out


def test_the_first_push_of_the_default_branch_is_all_of_it(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["main"])

    done = job(clone, github(tmp_path, "push", pushed(ZEROS, forge.at["main"], "refs/heads/main")))

    assert done.code == 1
    assert "3 commits, all of main" in done.err


def test_a_forced_push_of_the_default_branch_is_all_of_it(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["main"])

    done = job(clone, github(tmp_path, "push", pushed("ab" * 20, forge.at["main"], "refs/heads/main", forced=True)))

    assert done.code == 1
    assert "is gone, as after a forced push: all of it is scanned" in done.out


def test_a_new_branch_without_a_commit_of_its_own_is_clean(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "x.env", f"TOKEN={SECRET}\n")
    git(forge.where, "branch", "feature")
    clone = forge.clone(tmp_path / "clone", forge.at["main"])

    done = job(clone, github(tmp_path, "push", pushed(ZEROS, forge.at["main"])))

    assert done.code == 0
    assert "main has all of it already: no commit is new" in done.out


@pytest.mark.parametrize("branch", ["feature", "main"])
def test_a_build_that_failed_and_is_run_again_on_jenkins_fails_again(
    branch: str, forge: Forge, job: Job, tmp_path: Path
) -> None:
    commit = forge.commit(branch, "x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", commit)
    env = {"JENKINS_URL": "x", "GIT_BRANCH": f"origin/{branch}", "GIT_COMMIT": commit}

    assert job(clone, env | {"GIT_PREVIOUS_COMMIT": commit}).code == 1
    assert job(clone, env | {"GIT_PREVIOUS_SUCCESSFUL_COMMIT": commit}).code == (branch == "feature")


@pytest.mark.parametrize("name", ["", "detached", "upstream/main"], ids=["none", "detached", "remote"])
def test_a_build_of_the_default_branch_by_another_name_is_all_of_it(
    name: str, forge: Forge, job: Job, tmp_path: Path
) -> None:
    forge.commit("main", "x.env", f"TOKEN={SECRET}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["main"])

    assert job(clone, {"JENKINS_URL": "x", "GIT_BRANCH": name}).code == 1


def test_two_tags_on_one_commit_do_not_pass_for_a_scan_of_each_other(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("gone", "x.env", f"TOKEN={SECRET}\n")
    commit = forge.commit("gone", "y.txt", "y\n")
    for name in ("v1", "v1.0"):
        git(forge.where, "tag", name, commit)
    git(forge.where, "checkout", "-q", "main")
    git(forge.where, "branch", "-qD", "gone")
    clone = forge.clone(tmp_path / "clone", commit)

    for name in ("v1", "v1.0"):
        done = job(clone, github(tmp_path, "push", pushed(ZEROS, commit, f"refs/tags/{name}"), commit))
        assert done.code == 1
        assert f": 2 commits, main..{name}" in done.err


def test_a_tag_without_a_name_is_more_than_its_commit(forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("gone", "x.env", f"TOKEN={SECRET}\n")
    commit = forge.commit("gone", "y.txt", "y\n")
    clone = forge.clone(tmp_path / "clone", commit)

    assert job(clone, github(tmp_path, "push", pushed(ZEROS, commit, "refs/tags/a b"))).code == 1


def test_what_circleci_knows_of_the_pipeline_is_given_and_may_be_empty(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head)
    env = {"CIRCLECI": "true", "CIRCLE_SHA1": made.head, "CIRCLE_BRANCH": "feature"}

    assert job(clone, env, "--base", "").code == 1
    assert job(clone, env, "--base", git(clone, "rev-parse", "HEAD~1")).code == 0
    gone = job(clone, env, "--base", "12" * 20)
    assert gone.code == 1
    assert "(1212121212) is gone, as after a forced push: compared with main" in gone.out


# Clones that lack something


@pytest.mark.parametrize("depth", [1, 2, 3], ids="depth-{}".format)
def test_a_shallow_clone_is_told_what_mends_it_and_that_does(
    depth: int, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    for number in range(4):
        forge.commit("main", f"m{number}.txt", "m\n")
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge, CHECKOUT, depth=depth)
    env = github(tmp_path, "pull_request", pull_request(made))
    before = job(clone, env)

    assert "set `fetch-depth: 0` at actions/checkout, or run" in before.out
    assert before.err == "tightlip: GitHub pull request 7: nothing was scanned, for this clone lacks a part of it\n"
    subprocess.run(command(before), cwd=clone, check=True, capture_output=True)
    done = job(clone, env)
    assert done.code == 1
    assert "2 commits, main..feature" in done.err


def test_a_shallow_clone_that_has_all_of_the_change_is_enough(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    for number in range(4):
        forge.commit("main", f"m{number}.txt", "m\n")
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge, CHECKOUT, depth=5)

    assert job(clone, github(tmp_path, "pull_request", pull_request(made))).code == 1
    assert git(clone, "rev-parse", "--is-shallow-repository") == "true"


def test_a_base_that_was_fetched_without_its_history_is_no_base(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    """Git would list all of main's commits for those of the request."""
    forge.commit("main", "known.env", f"TOKEN={OTHER}\n")
    made = ids(secret=False)
    clone = forge.clone(tmp_path / "clone", made.head, f"+{HEAD}:{HEAD}")
    git(clone, "fetch", "-q", "--depth=1", "--no-tags", "origin", "+refs/heads/main:refs/remotes/origin/main")
    assert len(git(clone, "rev-list", f"origin/main..{made.head}").split()) > 2

    done = job(clone, github(tmp_path, "pull_request", pull_request(made)))

    assert done.code == 3
    assert "where the change begins: this is a shallow clone that does not reach back to that" in done.out


SHALLOW = {
    "gitlab": (
        {"GITLAB_CI": "true", "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "feature", "CI_DEFAULT_BRANCH": "main"},
        "set the variable `GIT_DEPTH: 0` for this job",
    ),
    "bitbucket": (
        {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_BRANCH": "feature"},
        "set `clone: depth: full` in bitbucket-pipelines.yml",
    ),
    "azure": (
        {"TF_BUILD": "True", "BUILD_REASON": "IndividualCI", "BUILD_SOURCEBRANCH": "refs/heads/feature"},
        "set `fetchDepth: 0` at the checkout step",
    ),
    "jenkins": ({"JENKINS_URL": "x", "GIT_BRANCH": "feature"}, "take `Shallow clone` out of the checkout's behaviours"),
    "circleci": ({"CIRCLECI": "true", "CIRCLE_BRANCH": "feature"}, "use the checkout step as it comes"),
    "buildkite": (
        {"BUILDKITE": "true", "BUILDKITE_BRANCH": "feature", "BUILDKITE_COMMIT": "HEAD"},
        "take `--depth` out of BUILDKITE_GIT_CLONE_FLAGS",
    ),
    "none": ({}, "clone without --depth"),
}


@pytest.mark.parametrize("name", SHALLOW)
def test_each_platform_has_its_own_setting(name: str, forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head, "+refs/heads/feature:refs/remotes/origin/feature", depth=1)
    env, setting = SHALLOW[name]

    done = job(
        clone, env | {"AGENT_TEMPDIRECTORY": str(tmp_path)}, *(["--base", "origin/main"] if name == "none" else [])
    )

    assert done.code == 3
    assert done.out.count(setting) >= 1
    assert "run `git fetch --unshallow` before" in done.out


def test_a_schedule_in_a_shallow_clone_is_not_the_whole_history(forge: Forge, job: Job, tmp_path: Path) -> None:
    clone = forge.clone(tmp_path / "clone", forge.at["main"], "+refs/heads/main:refs/remotes/origin/main", depth=1)

    done = job(clone, github(tmp_path, "schedule", {}, forge.at["main"]))

    assert done.code == 3
    assert "the beginning of the history: this is a shallow clone; set `fetch-depth: 0`" in done.out


def test_a_target_that_was_never_fetched_is_named(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.head, f"+{HEAD}:{HEAD}")
    env = {"JENKINS_URL": "x", "CHANGE_ID": "7", "CHANGE_TARGET": "main", "GIT_COMMIT": made.head}
    before = job(clone, env)

    assert "the target of the request (main): this clone does not have it" in before.out
    subprocess.run(command(before), cwd=clone, check=True, capture_output=True)
    assert job(clone, env).code == 1


def test_a_clone_without_old_files_is_told_what_mends_it(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids(keep=False)
    clone = tmp_path / "clone"
    where = ["git", "clone", "-q", "--template=", "--filter=blob:none", forge.where.as_uri(), str(clone)]
    subprocess.run(where, check=True, capture_output=True)
    git(clone, "checkout", "-q", "--detach", made.head)

    done = job(clone, {"CIRCLECI": "true", "CIRCLE_SHA1": made.head, "CIRCLE_BRANCH": "feature"})

    assert done.code == 3
    assert "this is a partial clone that left it at its remote; set `method: full` at the checkout step" in done.out


def test_a_head_that_a_partial_clone_lacks_is_a_gap_too(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = tmp_path / "clone"
    where = ["git", "clone", "-q", "--template=", "--filter=blob:none", "--single-branch", forge.where.as_uri()]
    subprocess.run([*where, "-b", "main", str(clone)], check=True, capture_output=True)

    assert job(clone, github(tmp_path, "pull_request_target", pull_request(made))).code == 3


def test_a_clone_of_somebody_else_is_told_the_command_that_trusts_it(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    env = github(tmp_path, "pull_request", pull_request(made)) | {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}

    done = job(clone, env)

    assert done.code == 2
    assert f"git config --global --add safe.directory {os.path.realpath(clone)}" in done.err
    assert done.err.count("\n") == 1


# By hand


def test_outside_of_a_job_it_asks_what_to_compare(forge: Forge, job: Job) -> None:
    done = job(forge.where, {})

    assert done.code == 2
    assert done.err == (
        "tightlip: error: no job of GitHub, GitLab, Bitbucket, Azure, Jenkins, CircleCI, Buildkite runs here; say what "
        "to compare, as --base main (and --head REV, if it is not HEAD)\n"
    )


def test_a_base_by_hand_may_be_a_branch_of_the_remote_and_a_repository_elsewhere(
    forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)

    done = job(tmp_path, {}, str(clone), "--base", "main", "--head", "feature")

    assert done.code == 1
    assert "tightlip: by hand: 2 commits, main..feature" in done.err


def test_a_base_that_does_not_exist_is_a_mistake(forge: Forge, job: Job) -> None:
    done = job(forge.where, {}, "--base", "mian")

    assert done.code == 2
    assert "--base: there is no branch, tag or commit 'mian' here" in done.err


def test_an_id_that_is_not_there_is_a_gap(forge: Forge, job: Job) -> None:
    done = job(forge.where, {}, "--base", "12" * 20)

    assert done.code == 3
    assert "the commit of --base (1212121212): this clone does not have it; clone without --depth, or run" in done.out


def test_the_document_names_each_platforms_setting_and_file() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ci.md").read_text("utf-8")

    for platform in PLATFORMS.values():
        setting = re.findall("`[^`]+`", f"{platform.deeper} {platform.fuller}")
        assert f"| {platform.title} |" in page
        assert [it for it in setting if it not in page] == []
    assert all(f"`{file}`" in page for _, file in telling.FILES.values())


def test_a_platform_may_be_chosen_by_hand(forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    made = ids()
    clone = forge.clone(tmp_path / "clone", made.merge)
    env = github(tmp_path, "pull_request", pull_request(made)) | {"JENKINS_URL": "x", "GITHUB_ACTIONS": ""}

    assert "GitHub pull request 7" in job(clone, env, "--platform", "github").err
    assert job(clone, env, "--platform", "none").code == 2

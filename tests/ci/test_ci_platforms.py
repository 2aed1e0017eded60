"""Each platform's own words about a change, as its jobs have them, lead to what the change adds and to nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from forge import OTHER, SECRET, ZEROS, Forge, Ids, Job, git, github, pull_request, pushed

Make = Callable[..., Ids]
MERGE = "refs/pull/7/merge"
BITBUCKET = {"BITBUCKET_BUILD_NUMBER": "3"}
AZURE = {"TF_BUILD": "True"}
JENKINS = {"JENKINS_URL": "https://jenkins.example.org/"}
GITLAB = {"GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}


def of_github(ids: Ids, tmp: Path) -> dict[str, str]:
    return github(tmp, "pull_request", pull_request(ids), ids.merge)


def of_github_target(ids: Ids, tmp: Path) -> dict[str, str]:
    return github(tmp, "pull_request_target", pull_request(ids), ids.base)


def of_github_queue(ids: Ids, tmp: Path) -> dict[str, str]:
    group = {"base_sha": ids.base, "head_sha": ids.merge, "base_ref": "refs/heads/main", "head_ref": "refs/heads/q/7"}
    return github(tmp, "merge_group", {"merge_group": group}, ids.merge)


def of_gitlab(ids: Ids, tmp: Path) -> dict[str, str]:
    return GITLAB | {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": ids.base,
        "CI_COMMIT_SHA": ids.head,
        "CI_COMMIT_BEFORE_SHA": ZEROS,
    }


def of_gitlab_merged(ids: Ids, tmp: Path) -> dict[str, str]:
    return of_gitlab(ids, tmp) | {
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ids.head,
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": ids.base,
        "CI_COMMIT_SHA": ids.merge,
    }


def of_gitlab_elsewhere(ids: Ids, tmp: Path) -> dict[str, str]:
    return GITLAB | {
        "CI_PIPELINE_SOURCE": "external_pull_request_event",
        "CI_EXTERNAL_PULL_REQUEST_IID": "7",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA": ids.head,
        "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA": ids.base,
    }


def of_bitbucket(ids: Ids, tmp: Path) -> dict[str, str]:
    return BITBUCKET | {
        "BITBUCKET_PR_ID": "7",
        "BITBUCKET_COMMIT": ids.head,
        "BITBUCKET_BRANCH": "feature",
        "BITBUCKET_PR_DESTINATION_BRANCH": "main",
        "BITBUCKET_PR_DESTINATION_COMMIT": ids.base[:12],
    }


def of_azure(ids: Ids, tmp: Path) -> dict[str, str]:
    return AZURE | {
        "BUILD_REASON": "PullRequest",
        "BUILD_SOURCEBRANCH": MERGE,
        "BUILD_SOURCEVERSION": ids.merge,
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "SYSTEM_PULLREQUEST_SOURCECOMMITID": ids.head,
        "AGENT_TEMPDIRECTORY": str(tmp),
    }


def of_jenkins(ids: Ids, tmp: Path) -> dict[str, str]:
    return JENKINS | {"CHANGE_ID": "7", "CHANGE_TARGET": "main", "BRANCH_NAME": "PR-7", "GIT_COMMIT": ids.head}


def of_circleci(ids: Ids, tmp: Path) -> dict[str, str]:
    return {
        "CIRCLECI": "true",
        "CIRCLE_SHA1": ids.head,
        "CIRCLE_BRANCH": "feature",
        "CIRCLE_PULL_REQUEST": "https://github.com/o/r/pull/7",
    }


def of_buildkite(ids: Ids, tmp: Path) -> dict[str, str]:
    return {
        "BUILDKITE": "true",
        "BUILDKITE_PULL_REQUEST": "7",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main",
        "BUILDKITE_COMMIT": ids.head,
        "BUILDKITE_BRANCH": "feature",
    }


Env = Callable[[Ids, Path], dict[str, str]]
REQUESTS: dict[str, tuple[Env, str, str]] = {
    "github": (of_github, "merge", "GitHub pull request 7: 2 commits, main..feature"),
    "github-target": (of_github_target, "base", "GitHub pull request 7: 2 commits, main..feature"),
    "github-queue": (of_github_queue, "merge", "GitHub merge queue: 3 commits, main..q/7"),
    "gitlab": (of_gitlab, "head", "GitLab merge request 7: 2 commits, main..feature"),
    "gitlab-merged": (of_gitlab_merged, "merge", "GitLab merge request 7: 2 commits, main..feature"),
    "gitlab-elsewhere": (of_gitlab_elsewhere, "head", "GitLab pull request 7 of another platform: 2 commits"),
    "bitbucket": (of_bitbucket, "merge", "Bitbucket pull request 7: 2 commits, main..feature"),
    "azure": (of_azure, "merge", "Azure pull request 7: 2 commits, main.."),
    "jenkins": (of_jenkins, "head", "Jenkins change 7: 2 commits, main.."),
    "circleci": (of_circleci, "head", "CircleCI pull request 7: 2 commits, main..feature"),
    "buildkite": (of_buildkite, "head", "Buildkite pull request 7: 2 commits, main..feature"),
}


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "clean"])
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_what_its_commits_add(
    name: str, *, secret: bool, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    forge.commit("main", "known.env", f"TOKEN={OTHER}\n")  # main's own affair
    env, at, line = REQUESTS[name]
    made = ids(secret=secret)
    clone = forge.clone(tmp_path / "clone", getattr(made, at))
    git(clone, "fetch", "-q", "origin", "refs/pull/7/head")

    done = job(clone, env(made, tmp_path))

    assert done.code == secret
    assert f"tightlip: {line}" in done.err
    assert ("conf/x.env" in done.out) == secret
    assert "known.env" not in done.out


def pushes(before: str, ids: Ids, tmp: Path) -> dict[str, dict[str, str]]:
    return {
        "github": github(tmp, "push", pushed(before, ids.head), ids.head),
        "gitlab": GITLAB
        | {
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_BRANCH": "feature",
            "CI_COMMIT_SHA": ids.head,
            "CI_COMMIT_BEFORE_SHA": before,
        },
        "bitbucket": BITBUCKET | {"BITBUCKET_COMMIT": ids.head, "BITBUCKET_BRANCH": "feature"},
        "azure": AZURE
        | {
            "BUILD_REASON": "IndividualCI",
            "BUILD_SOURCEBRANCH": "refs/heads/feature",
            "BUILD_SOURCEVERSION": ids.head,
            "AGENT_TEMPDIRECTORY": str(tmp),
        },
        "jenkins": JENKINS
        | {
            "GIT_BRANCH": "origin/feature",
            "GIT_COMMIT": ids.head,
            "GIT_PREVIOUS_COMMIT": before,
            "GIT_PREVIOUS_SUCCESSFUL_COMMIT": before,
        },
        "circleci": {"CIRCLECI": "true", "CIRCLE_SHA1": ids.head, "CIRCLE_BRANCH": "feature"},
        "buildkite": {
            "BUILDKITE": "true",
            "BUILDKITE_PULL_REQUEST": "false",
            "BUILDKITE_COMMIT": ids.head,
            "BUILDKITE_BRANCH": "feature",
            "BUILDKITE_PIPELINE_DEFAULT_BRANCH": "main",
        },
    }


TOLD = {"github": "GitHub push", "jenkins": "Jenkins build"}
SAYS_BEFORE = ("github", "gitlab", "jenkins")
NAMES = ("github", "gitlab", "bitbucket", "azure", "jenkins", "circleci", "buildkite")


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "clean"])
@pytest.mark.parametrize("name", NAMES)
def test_a_new_branch_is_what_the_default_branch_does_not_have(
    name: str, *, secret: bool, forge: Forge, ids: Make, job: Job, tmp_path: Path
) -> None:
    forge.commit("main", "known.env", f"TOKEN={OTHER}\n")
    made = ids(secret=secret)
    clone = forge.clone(tmp_path / "clone", made.head)

    done = job(clone, pushes(ZEROS, made, tmp_path)[name])

    assert done.code == secret
    assert ": 2 commits, main.." in done.err
    assert "known.env" not in done.out


@pytest.mark.parametrize("name", NAMES)
def test_a_push_is_what_came_after_the_one_before(name: str, forge: Forge, ids: Make, job: Job, tmp_path: Path) -> None:
    before = forge.commit("feature", "known.env", f"TOKEN={OTHER}\n")
    made = ids(secret=False)
    clone = forge.clone(tmp_path / "clone", made.head)

    done = job(clone, pushes(before, made, tmp_path)[name])

    assert done.code == (name not in SAYS_BEFORE)  # the others compare with main
    assert (f": 2 commits, {before[:10]}.." in done.err) == (name in SAYS_BEFORE)


def tags(oid: str, tmp: Path) -> dict[str, dict[str, str]]:
    return {
        "github": github(tmp, "push", pushed(ZEROS, oid, "refs/tags/v1"), oid),
        "gitlab": GITLAB | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1", "CI_COMMIT_SHA": oid},
        "bitbucket": BITBUCKET | {"BITBUCKET_TAG": "v1", "BITBUCKET_COMMIT": oid},
        "azure": AZURE
        | {
            "BUILD_REASON": "IndividualCI",
            "BUILD_SOURCEBRANCH": "refs/tags/v1",
            "BUILD_SOURCEVERSION": oid,
            "AGENT_TEMPDIRECTORY": str(tmp),
        },
        "jenkins": JENKINS | {"TAG_NAME": "v1", "BRANCH_NAME": "v1", "GIT_COMMIT": oid},
        "circleci": {"CIRCLECI": "true", "CIRCLE_TAG": "v1", "CIRCLE_SHA1": oid},
        "buildkite": {"BUILDKITE": "true", "BUILDKITE_TAG": "v1", "BUILDKITE_COMMIT": oid},
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_that_no_branch_has_is_what_the_default_branch_does_not_have(
    name: str, forge: Forge, job: Job, tmp_path: Path
) -> None:
    commit = forge.commit("gone", "x.env", f"TOKEN={SECRET}\n")
    git(forge.where, "tag", "v1", commit)
    git(forge.where, "checkout", "-q", "main")
    git(forge.where, "branch", "-qD", "gone")
    clone = forge.clone(tmp_path / "clone", commit)

    done = job(clone, tags(commit, tmp_path)[name])

    assert done.code == 1
    assert ": 1 commit, main..v1" in done.err


@pytest.mark.parametrize("name", NAMES)
def test_a_tag_on_what_a_branch_has_is_its_message(name: str, forge: Forge, job: Job, tmp_path: Path) -> None:
    forge.commit("main", "known.env", f"TOKEN={OTHER}\n")
    commit = forge.commit("main", "z.txt", "z\n")
    git(forge.where, "tag", "-a", "-m", f"released with {SECRET}", "v1", commit)
    clone = forge.clone(tmp_path / "clone", commit)

    done = job(clone, tags(commit, tmp_path)[name])

    assert done.code == 1
    assert "that a branch has already" in done.err
    assert "known.env" not in done.out


WHOLE = {
    "github": ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "schedule"}, "GitHub schedule"),
    "github-dispatch": (
        {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "workflow_dispatch"},
        "GitHub workflow_dispatch",
    ),
    "gitlab": (GITLAB | {"CI_PIPELINE_SOURCE": "schedule"}, "GitLab schedule"),
    "gitlab-web": (GITLAB | {"CI_PIPELINE_SOURCE": "web"}, "GitLab web"),
    "gitlab-of-a-tag": (GITLAB | {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_TAG": "v1"}, "GitLab schedule"),
    "azure": (AZURE | {"BUILD_REASON": "Schedule"}, "Azure Schedule"),
    "azure-of-a-tag": (
        AZURE | {"BUILD_REASON": "Manual", "BUILD_SOURCEBRANCH": "refs/tags/v1"},
        "Azure Manual",
    ),
    "azure-manual": (AZURE | {"BUILD_REASON": "Manual"}, "Azure Manual"),
    "buildkite": ({"BUILDKITE": "true", "BUILDKITE_SOURCE": "schedule"}, "Buildkite schedule"),
    "buildkite-of-a-tag": (
        {"BUILDKITE": "true", "BUILDKITE_SOURCE": "schedule", "BUILDKITE_TAG": "v1"},
        "Buildkite schedule",
    ),
}


@pytest.mark.parametrize("secret", [True, False], ids=["secret", "clean"])
@pytest.mark.parametrize("name", WHOLE)
def test_a_schedule_and_a_run_by_hand_are_the_whole_history(
    name: str, *, secret: bool, forge: Forge, job: Job, tmp_path: Path
) -> None:
    forge.commit("old", "x.env", f"TOKEN={SECRET if secret else ''}\n")
    clone = forge.clone(tmp_path / "clone", forge.at["main"])
    env, line = WHOLE[name]
    if "GITHUB_ACTIONS" in env:
        env = github(tmp_path, env["GITHUB_EVENT_NAME"], {"repository": {"default_branch": "main"}}, forge.at["main"])

    done = job(clone, env | {"AGENT_TEMPDIRECTORY": str(tmp_path)}, "--jobs", "1")

    assert done.code == secret
    assert f"{line}: the whole history" in done.err

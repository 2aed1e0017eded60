"""GitLab CI: variables.

- The variables: https://docs.gitlab.com/ci/variables/predefined_variables/
- CI_COMMIT_BEFORE_SHA is zeros for a new branch, a request, a schedule and a run by hand: the same page, and
  https://gitlab.com/gitlab-org/gitlab/-/issues/493695
- CI_MERGE_REQUEST_DIFF_BASE_SHA stays when a request is turned to another branch, so the branch itself counts first:
  https://gitlab.com/gitlab-org/gitlab/-/issues/442031
- In a pipeline for merged results CI_COMMIT_SHA is a merge of both, and CI_MERGE_REQUEST_SOURCE_BRANCH_SHA the head:
  https://docs.gitlab.com/ci/pipelines/merged_results_pipelines/
- A clone is 20 commits deep or what the project says; 0 is all: https://docs.gitlab.com/ci/runners/configure_runners/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import Kind, Platform, Said, ids, number

if TYPE_CHECKING:
    from tightlip.ci.said import Environ

_WITHOUT_CHANGE = frozenset({"schedule", "web", "api", "trigger", "chat", "webide"})


def said(environ: Environ) -> Said:
    """Tell the change."""
    source = environ.get("CI_PIPELINE_SOURCE", "")
    default = environ.get("CI_DEFAULT_BRANCH", "")
    commit = ids(environ, "CI_COMMIT_SHA")
    if environ.get("CI_MERGE_REQUEST_IID"):
        return _request(environ)
    if source == "external_pull_request_event":
        return _external(environ)
    if source in _WITHOUT_CHANGE:
        return Said(f"GitLab {source}", Kind.WHOLE, commit)
    if tag := environ.get("CI_COMMIT_TAG"):
        return Said("GitLab push of a tag", Kind.TAG, commit, default=default, tag=tag)
    before = ids(environ, "CI_COMMIT_BEFORE_SHA")
    branch = environ.get("CI_COMMIT_BRANCH") or environ.get("CI_COMMIT_REF_NAME", "")
    return Said("GitLab push", Kind.PUSH, commit, before, branch=branch, default=default)


def _request(environ: Environ) -> Said:
    of = number(environ["CI_MERGE_REQUEST_IID"])
    return Said(
        f"GitLab merge request{of}",
        Kind.REQUEST,
        heads=ids(environ, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")[:1],
        bases=ids(environ, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA"),
        otherwise=ids(environ, "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
        target=environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", ""),
        branch=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", ""),
        kept=f"refs/merge-requests/{of.strip()}/head" if of else "",
    )


def _external(environ: Environ) -> Said:
    of = number(environ.get("CI_EXTERNAL_PULL_REQUEST_IID"))
    return Said(
        f"GitLab pull request{of} of another platform",
        Kind.REQUEST,
        heads=ids(environ, "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")[:1],
        bases=ids(environ, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"),
        target=environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", ""),
        branch=environ.get("CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME", ""),
    )


PLATFORM = Platform("gitlab", "GitLab", "GITLAB_CI", said, deeper="set the variable `GIT_DEPTH: 0` for this job")

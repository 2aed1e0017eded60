"""Buildkite: variables.

- The variables: https://buildkite.com/docs/pipelines/configure/environment-variables (BUILDKITE_PULL_REQUEST is a
  number or `false`; BUILDKITE_COMMIT may be `HEAD`)
- Flags of the clone: https://buildkite.com/docs/agent/v3/configuration#git-clone-flags
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import Kind, Platform, Said, ids, number

if TYPE_CHECKING:
    from tightlip.ci.said import Environ


def said(environ: Environ) -> Said:
    """Tell the change. Of a push, Buildkite does not say what the branch was before."""
    commit = ids(environ, "BUILDKITE_COMMIT")
    branch = environ.get("BUILDKITE_BRANCH", "")
    default = environ.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "")
    request = number(environ.get("BUILDKITE_PULL_REQUEST"))
    if request:
        target = environ.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH") or default
        what = f"Buildkite pull request{request}"
        return Said(what, Kind.REQUEST, commit, target=target, branch=branch, default=default)
    if environ.get("BUILDKITE_SOURCE") == "schedule":
        return Said("Buildkite schedule", Kind.WHOLE, commit)
    if tag := environ.get("BUILDKITE_TAG"):
        return Said("Buildkite push of a tag", Kind.TAG, commit, default=default, tag=tag)
    return Said("Buildkite push", Kind.PUSH, commit, branch=branch, default=default)


PLATFORM = Platform(
    "buildkite",
    "Buildkite",
    "BUILDKITE",
    said,
    deeper="take `--depth` out of BUILDKITE_GIT_CLONE_FLAGS and BUILDKITE_GIT_FETCH_FLAGS",
    fuller="take `--filter` out of BUILDKITE_GIT_CLONE_FLAGS",
)

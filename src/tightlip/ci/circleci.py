"""CircleCI: variables.

- The variables: https://circleci.com/docs/reference/variables/
- They say neither a request's target nor what a branch was before. The latter is a value of the pipeline, not a
  variable of the job: `tightlip ci --base << pipeline.git.base_revision >>` (same page)
- A checkout may leave out objects: https://circleci.com/docs/reference/configuration-reference/#checkout
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import Kind, Platform, Said, ids, number

if TYPE_CHECKING:
    from tightlip.ci.said import Environ


def said(environ: Environ) -> Said:
    """Tell the change: the branch is compared with the default branch."""
    commit = ids(environ, "CIRCLE_SHA1")
    if tag := environ.get("CIRCLE_TAG"):
        return Said("CircleCI push of a tag", Kind.TAG, commit, tag=tag)
    request = environ.get("CIRCLE_PULL_REQUEST") or environ.get("CIRCLE_PR_NUMBER", "")
    what = f"CircleCI pull request{number(request.rpartition('/')[2])}" if request else "CircleCI push"
    return Said(what, Kind.PUSH, commit, branch=environ.get("CIRCLE_BRANCH", ""))


PLATFORM = Platform(
    "circleci",
    "CircleCI",
    "CIRCLECI",
    said,
    deeper="use the checkout step as it comes, without a depth",
    fuller="set `method: full` at the checkout step",
)

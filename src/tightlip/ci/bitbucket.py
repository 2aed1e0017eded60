"""Bitbucket Pipelines: variables.

- The variables: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/; what they hold in a job
  (BITBUCKET_PR_DESTINATION_COMMIT is cut to 12 digits): https://github.com/OndraM/ci-detector, its tests
- In a request's pipeline the destination is merged into the source before the job begins:
  https://support.atlassian.com/bitbucket-cloud/kb/clone-depth-not-applying-for-pull-request-pipelines/
- A clone is 50 commits deep: https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import Kind, Platform, Said, ids, number

if TYPE_CHECKING:
    from tightlip.ci.said import Environ


def said(environ: Environ) -> Said:
    """Tell the change. Of a push, Bitbucket does not say what the branch was before."""
    commit = ids(environ, "BITBUCKET_COMMIT")
    branch = environ.get("BITBUCKET_BRANCH", "")
    if request := environ.get("BITBUCKET_PR_ID"):
        return Said(
            f"Bitbucket pull request{number(request)}",
            Kind.REQUEST,
            heads=commit,
            bases=ids(environ, "BITBUCKET_PR_DESTINATION_COMMIT"),
            target=environ.get("BITBUCKET_PR_DESTINATION_BRANCH", ""),
            branch=branch,
        )
    if tag := environ.get("BITBUCKET_TAG"):
        return Said("Bitbucket push of a tag", Kind.TAG, commit, tag=tag)
    return Said("Bitbucket push", Kind.PUSH, commit, branch=branch)


PLATFORM = Platform(
    "bitbucket",
    "Bitbucket",
    "BITBUCKET_BUILD_NUMBER",
    said,
    deeper="set `clone: depth: full` in bitbucket-pipelines.yml",
)

"""Jenkins: variables of its git plugin, and of multibranch pipelines.

- GIT_COMMIT, GIT_PREVIOUS_COMMIT, GIT_PREVIOUS_SUCCESSFUL_COMMIT, GIT_BRANCH:
  https://plugins.jenkins.io/git/#plugin-content-environment-variables
- CHANGE_ID, CHANGE_TARGET, CHANGE_BRANCH, BRANCH_NAME, BRANCH_IS_PRIMARY, TAG_NAME: the page env-vars.html of every
  Jenkins, and https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
- The depth of a clone is a behaviour of the checkout: https://plugins.jenkins.io/git/#plugin-content-clone-extensions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import Kind, Platform, Said, ids, number, short

if TYPE_CHECKING:
    from tightlip.ci.said import Environ, Id


def said(environ: Environ) -> Said:
    """Tell the change."""
    commit = ids(environ, "GIT_COMMIT")
    if target := environ.get("CHANGE_TARGET"):
        what = f"Jenkins change{number(environ.get('CHANGE_ID'))}"
        return Said(what, Kind.REQUEST, commit, target=target, branch=environ.get("CHANGE_BRANCH", ""))
    if tag := environ.get("TAG_NAME"):
        return Said("Jenkins build of a tag", Kind.TAG, commit, tag=tag)
    branch = environ.get("BRANCH_NAME") or short(short(environ.get("GIT_BRANCH", "")), "origin/")
    default = branch if environ.get("BRANCH_IS_PRIMARY") == "true" else ""
    return Said("Jenkins build", Kind.PUSH, commit, _before(environ), branch=branch, default=default)


def _before(environ: Environ) -> tuple[Id, ...]:
    """Return the last commit that was built well, or else the last that was built.

    A build that failed and is run again has the same commit as the one before: that is nothing to compare with.
    """
    last = ids(environ, "GIT_PREVIOUS_SUCCESSFUL_COMMIT")
    return last or tuple(it for it in ids(environ, "GIT_PREVIOUS_COMMIT") if it.oid != environ.get("GIT_COMMIT"))


PLATFORM = Platform(
    "jenkins",
    "Jenkins",
    "JENKINS_URL",
    said,
    deeper="take `Shallow clone` out of the checkout's behaviours, and let its refspec fetch the target branch",
)

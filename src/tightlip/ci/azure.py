"""Azure Pipelines: variables.

- The variables: https://learn.microsoft.com/azure/devops/pipelines/build/variables
- A request's job builds a merge of both sides, refs/pull/N/merge, and BUILD_SOURCEVERSION is that merge:
  https://learn.microsoft.com/azure/devops/pipelines/repos/azure-repos-git#pr-triggers
- System.PullRequest.SourceCommitId is the head: https://github.com/MicrosoftDocs/azure-devops-docs/issues/4588
- A new pipeline's clone is one commit deep: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps-checkout
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.ci.said import TAGS, Kind, Platform, Said, ids, number, short

if TYPE_CHECKING:
    from tightlip.ci.said import Environ

_WITHOUT_CHANGE = frozenset({"Manual", "Schedule", "BuildCompletion", "ResourceTrigger"})


def said(environ: Environ) -> Said:
    """Tell the change. Of a push, Azure does not say what the branch was before."""
    reason, ref = environ.get("BUILD_REASON", ""), environ.get("BUILD_SOURCEBRANCH", "")
    commit = ids(environ, "BUILD_SOURCEVERSION")
    if reason == "PullRequest":
        return _request(environ)
    if reason in _WITHOUT_CHANGE:
        return Said(f"Azure {reason}", Kind.WHOLE, commit)
    if ref.startswith(TAGS):
        return Said("Azure push of a tag", Kind.TAG, commit, tag=short(ref, TAGS))
    return Said("Azure push", Kind.PUSH, commit, branch=short(ref))


def _request(environ: Environ) -> Said:
    # GitHub's requests have a number beside Azure's own id.
    names = ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "SYSTEM_PULLREQUEST_PULLREQUESTID")
    of = next(filter(None, (number(environ.get(name)) for name in names)), "")
    return Said(
        f"Azure pull request{of}",
        Kind.REQUEST,
        heads=ids(environ, "SYSTEM_PULLREQUEST_SOURCECOMMITID", "BUILD_SOURCEVERSION")[:1],
        target=short(environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH", "")),
        branch=short(environ.get("SYSTEM_PULLREQUEST_SOURCEBRANCH", "")),
    )


PLATFORM = Platform(
    "azure",
    "Azure",
    "TF_BUILD",
    said,
    deeper="set `fetchDepth: 0` at the checkout step",
    fuller="set no `fetchFilter:` at the checkout step",
)

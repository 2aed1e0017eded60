"""What to ask a host for after a purge: what nobody can do who only pushes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tightlip.purge.publishing.commands import OF_HOSTS, Published
from tightlip.report.style import count
from tightlip.report.visible import visible

_USER = re.compile(r"^([a-z][a-z0-9+.-]*://)?[^/]*@")
_NAMED = 20
"""Commits that the text names before it counts the rest; the rest is in banned-objects."""
_HEAD = """\
This is what to ask the host for, once publish.sh has run. Nothing is sent by itself.

What you may be able to do yourself, in the settings of the repository:

  - Protected branches and tags refuse a forced push: allow it for as long as publishing takes, and protect them again.
  - GitLab: Settings > Repository > Repository cleanup takes the file commit-map, and removes what it names.
  - Delete releases, packages, artifacts and logs of CI and caches that hold the secret, and run what builds them again.
  - Have forks deleted, or purged by their owners. A fork shares objects with the repository that it is from.
"""
_REQUEST = """
------------------------------------------------------------------------
To: the support of the host
Subject: Please remove sensitive data from {address}

Repository: {address}

We have rewritten the history of this repository to remove a secret, and have pushed the new history. The secret has
been rotated. Please remove what is left of the old history, which we cannot reach:

  1. Pull and merge requests: {hosted}
     Please delete or rewrite those that reach one of the commits below.
  2. Views and caches of commits, files and comparisons: please purge them, for the commits below and all after them.
  3. Please run a garbage collection of the repository, and of the network of forks that it shares objects with.

First commits of the old history ({number}); whatever reaches one of them is old:

{commits}
"""


def text(each: Sequence[Published], banned: Sequence[str]) -> str:
    """Return the text, with a request for each remote. Parameters: `banned`, the first objects that were rewritten."""
    more = len(banned) - _NAMED
    commits = [f"  {oid}" for oid in banned[:_NAMED]]
    commits += [f"  and {more} more, in the file banned-objects, which is attached"] if more > 0 else []
    return "".join([_HEAD, *_requests(each, "\n".join(commits), len(banned))])


def _requests(each: Sequence[Published], commits: str, number: int) -> Iterator[str]:
    for published in each:
        remote = published.remote
        address = visible(without_user(remote.address)) if remote else "ADDRESS OF THE REPOSITORY"
        name = visible(remote.name) if remote else "ADDRESS"
        yield _REQUEST.format(address=address, hosted=_hosted(published, name), commits=commits, number=number)


def _hosted(published: Published, name: str) -> str:
    counts = {start: sum(move.name.startswith(start) for move in published.hosted) for start in OF_HOSTS}
    known = ", ".join(f"{count(number, 'ref')} under {start}" for start, number in counts.items() if number)
    if known:
        return f"{known} held the old history."
    return f"none was in our clone.\n     (All of them: git ls-remote {name} 'refs/pull/*' 'refs/merge-requests/*')"


def without_user(address: str) -> str:
    """Return an address without what stands before the @, and after a question mark: a user, and often a password."""
    return _USER.sub(lambda found: found[1] or "", address).partition("?")[0]

"""GitHub Actions, and what works as it does (Gitea, Forgejo): the event that is in a file beside the job.

- The variables: https://docs.github.com/actions/reference/workflows-and-actions/variables
- The events, and what GITHUB_SHA is in each: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
- Their contents: https://docs.github.com/webhooks/webhook-events-and-payloads (pull_request, merge_group, push)
- A checkout is one commit deep unless told otherwise: https://github.com/actions/checkout#usage
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tightlip.ci.said import HEADS, TAGS, Id, Kind, Platform, Said, an_id, ids, number, short
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.ci.said import Environ

_LARGEST = 1 << 26
"""The most bytes of an event: GitHub's own are at most 25 MB."""


def said(environ: Environ) -> Said:
    """Tell the change. Raises `UsageError` where the event cannot be read."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    event = _event(environ.get("GITHUB_EVENT_PATH", ""))
    if isinstance(event.get("pull_request"), Mapping):  # pull_request, pull_request_target, and reviews of one
        return _request(_at(event, "pull_request"), event)
    if name == "merge_group":
        return _queued(_at(event, "merge_group"))
    if name == "push":
        return _push(event, environ)
    return Said(f"GitHub {name or 'job'}", Kind.WHOLE, ids(environ, "GITHUB_SHA"))


def _request(request: Mapping[str, object], event: Mapping[str, object]) -> Said:
    base, head = _at(request, "base"), _at(request, "head")
    of = number(request.get("number", event.get("number")))
    return Said(
        f"GitHub pull request{of}",
        Kind.REQUEST,
        # GITHUB_SHA is the merge of both, or even the base: never the head.
        heads=(_needed(head.get("sha"), "pull_request.head.sha"),),
        bases=(_needed(base.get("sha"), "pull_request.base.sha"),),
        target=_text(base.get("ref")),
        branch=_text(head.get("ref")),
        kept=f"refs/pull/{of.strip()}/head" if of else "",
    )


def _queued(group: Mapping[str, object]) -> Said:
    return Said(
        "GitHub merge queue",
        Kind.REQUEST,
        heads=(_needed(group.get("head_sha"), "merge_group.head_sha"),),
        bases=(_needed(group.get("base_sha"), "merge_group.base_sha"),),
        target=short(_text(group.get("base_ref"))),
        branch=short(_text(group.get("head_ref"))),
    )


def _push(event: Mapping[str, object], environ: Environ) -> Said:
    ref = _text(event.get("ref")) or environ.get("GITHUB_REF", "")
    after = an_id(event.get("after"), "after")
    heads = (*([after] if after else []), *ids(environ, "GITHUB_SHA"))
    default = _text(_at(event, "repository").get("default_branch"))
    if ref.startswith(TAGS):
        return Said("GitHub push of a tag", Kind.TAG, heads, default=default, tag=short(ref, TAGS))
    before = an_id(event.get("before"), "before")
    branch = short(ref) if ref.startswith(HEADS) else ""
    return Said("GitHub push", Kind.PUSH, heads, (before,) if before else (), branch=branch, default=default)


def _event(path: str) -> Mapping[str, object]:
    if not path:
        raise UsageError("GITHUB_EVENT_PATH names no event; say what to compare: --base REV, --head REV")
    try:
        with open(path, "rb") as file:
            event = json.loads(file.read(_LARGEST).decode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"GITHUB_EVENT_PATH: {path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, Mapping):
        raise UsageError(f"GITHUB_EVENT_PATH: {path} is no event of GitHub; say what to compare: --base REV")
    return event


def _at(event: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = event.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _needed(value: object, of: str) -> Id:
    found = an_id(value, of)
    if found is None:
        raise UsageError(f"GITHUB_EVENT_PATH: the event's {of} is no id of a commit; say what to compare: --base REV")
    return found


PLATFORM = Platform(
    "github",
    "GitHub",
    "GITHUB_ACTIONS",
    said,
    deeper="set `fetch-depth: 0` at actions/checkout",
    fuller="set no `filter:` at actions/checkout",
)

"""What an answer means, as the rule says."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tightlip.request import Answer, Json
from tightlip.verify.client import Reply

LIVE, REVOKED, UNKNOWN, DONE = "live", "revoked", "unknown", "done"


def fitting(reply: Reply, answers: Sequence[Answer]) -> Answer | None:
    """Return the first answer that fits, or None where none does.

    A page for people is no answer of an API: what stands between sends those, with any status.
    """
    if reply.body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return None
    made = _json(reply.body)
    return next((answer for answer in answers if _fits(reply, made, answer)), None)


def _fits(reply: Reply, made: Json, answer: Answer) -> bool:
    return (
        (not answer.status or reply.status in answer.status)
        and (not answer.text or answer.text.encode() in reply.body)
        and all(_is_one_of(_field(made, path), values) for path, values in answer.json)
    )


def _is_one_of(found: Json, values: Sequence[object]) -> bool:
    """Whether it is one of the values; `1` is not `true`."""
    return any(type(found) is type(value) and found == value for value in values)


def _json(body: bytes) -> Json:
    try:
        made: Json = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return made


_MISSING: Json = {}
"""Equal to no scalar."""


def _field(made: Json, path: str) -> Json:
    for name in path.split("."):
        if isinstance(made, dict) and name in made:
            made = made[name]
        elif isinstance(made, list) and name.isdigit() and int(name) < len(made):
            made = made[int(name)]
        else:
            return _MISSING
    return made

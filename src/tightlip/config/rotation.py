"""The key `rotation`: how old a secret may get, and which vaults a review asks for ages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tightlip.config.settings import Interval, Schedule

if TYPE_CHECKING:
    from tightlip.config.node import Node

KEYS = ("every", "schedule", "known")
_AGE = re.compile(r"([1-9][0-9]{0,4})([dwy])", re.ASCII)
_DAYS = {"d": 1, "w": 7, "y": 365}
_MOST_DAYS = 36500
_SOURCE = re.compile(r"[a-z][a-z0-9-]*:.+", re.DOTALL)
_MOST_STARS = 20
_MOST_PATTERNS = 200
"""In all files together: each is held against each secret."""


def joined(before: Schedule | None, node: Node, *, is_users_own: bool) -> Schedule:
    """Return a schedule with what one more file says, which counts more. Raises `ConfigError`.

    What a user's own says is kept apart as well, since no repository may allow more.

    Parameters: `is_users_own`, whether the file may name vaults: a repository's could send its reader's login anywhere.
    """
    now = before or Schedule()
    keys = node.mapping(KEYS)
    if not keys:
        raise node.error(f"says nothing: give {', '.join(KEYS[:2])}")
    if "known" in keys and not is_users_own:
        raise keys["known"].error(
            "asks vaults: only your own configuration, or the organisation's, may have it; or name them with "
            "`tightlip checkup --known KIND:WHERE`"
        )
    days = _days(keys["every"]) if "every" in keys else now.days
    intervals = tuple(map(_interval, keys["schedule"].items())) if "schedule" in keys else ()
    known = tuple(map(_source, keys["known"].items())) if "known" in keys else ()
    if sum(len(it.secrets) for it in intervals + now.intervals) > _MOST_PATTERNS:
        raise keys.get("schedule", node).error(f"has more than {_MOST_PATTERNS} patterns; write shorter ones, with *")
    own = None if is_users_own else now if now.own is None else now.own
    return Schedule(days, intervals + now.intervals, tuple(dict.fromkeys(now.known + known)), own)


def _days(node: Node) -> int:
    """Return an age in days."""
    found = _AGE.fullmatch(node.text().strip()) if node.kind == "text" else None
    days = int(found[1]) * _DAYS[found[2]] if found else 0
    if not 0 < days <= _MOST_DAYS:
        raise node.error("must be an age in days, weeks or years: 90d, 12w or 1y")
    return days


def _interval(node: Node) -> Interval:
    keys = node.mapping(("secrets", "every"))
    if missing := next((key for key in ("secrets", "every") if key not in keys), ""):
        raise node.error(f"has no `{missing}`: give patterns of names, and how often these are rotated")
    patterns = tuple(map(_pattern, keys["secrets"].items()))
    if not patterns:
        raise keys["secrets"].error("is empty: give patterns of names, such as vault:secret/shop/*")
    return Interval(patterns, _days(keys["every"]), node.origin)


def _pattern(node: Node) -> str:
    text = node.text()
    if text.count("*") > _MOST_STARS:
        raise node.error(f"has more than {_MOST_STARS} stars")
    return text


def _source(node: Node) -> str:
    text = node.text()
    if not _SOURCE.fullmatch(text):
        raise node.error("must be KIND:WHERE, such as vault:secret/shop (`tightlip known` lists the kinds)")
    return text

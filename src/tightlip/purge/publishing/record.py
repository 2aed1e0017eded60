"""The record of a purge, for other programs and for who asks later: what was done, and what came of it. No values."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tightlip.purge.repository import durable, journal

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.purge.proof import Proof

NAME = "record.json"
_OF_THE_PLAN = (
    *("tool", "repository", "rewritten", "first_commits", "signatures_lost"),
    *("left", "unsearched", "elsewhere", "out_of_reach"),
)
_OF_A_SECRET = (
    *("rule", "name", "fingerprint", "secret", "replacement"),
    *("objects", "forms", "names", "paths", "more_paths"),
)


def write(  # noqa: PLR0913, PLR0917 - all that is recorded
    git: Git, plan: Mapping[str, Any], rotated: str, backup: str, moved: Sequence[str], proof: Proof
) -> None:
    """Write the record of a purge over that of the one before. Raises `GitError` or `OSError`.

    Parameters: `plan`, that was applied; `rotated`, who has rotated the secrets; `backup`, its folder; `moved`, the
    refs that moved.
    """
    told = {
        "record_version": "1",
        "plan": plan["hash"],
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "rotated_by": rotated,
        "secrets": [{name: secret[name] for name in _OF_A_SECRET} for secret in plan["secrets"]],
        **{name: plan[name] for name in _OF_THE_PLAN},
        "refs": [ref.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for ref in moved],
        "backup": backup,
        "proof": proof.told(),
    }
    path = os.path.join(journal.folder(git), NAME)
    durable.write(path, json.dumps(told, indent=2).encode() + b"\n")

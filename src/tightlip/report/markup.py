"""Markdown that servers render: nothing of a repository may be a link, an image, or somebody's name in it."""

from __future__ import annotations

import re

from tightlip.report.incident_markdown import code, plain

_MEANT_FOR_A_SERVER = re.compile(r"[@#!~$%&]|://|www\.", re.IGNORECASE)
"""Names, numbers of issues and addresses: servers look for them once all escapes are gone, and not in code."""


def prose(text: str) -> str:
    """Return a text of unknown origin as prose, or as code where a server would make something of it."""
    return code(text) if _MEANT_FOR_A_SERVER.search(text) else plain(text)

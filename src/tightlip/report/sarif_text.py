"""Messages of SARIF, in which brackets make links and braces are filled in."""

from __future__ import annotations

from tightlip.report.visible import visible

_ESCAPES = str.maketrans({"[": "\\[", "]": "\\]", "\\": "\\\\", "{": "{{", "}": "}}"})


def message(text: str) -> dict[str, str]:
    """Return a text as a message that is shown as it is (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    return {"text": visible(text).translate(_ESCAPES)}

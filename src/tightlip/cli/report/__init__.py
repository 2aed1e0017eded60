"""Make more of a report that was saved: write it in other formats, without a second scan."""

from __future__ import annotations

ACTIONS = {"convert": "write a saved report, also another scanner's, in any format"}
DEFAULT = "convert"
EXAMPLES = """\
examples:
  tightlip report convert out.json --report sarif:out.sarif --report markdown:out.md
  tightlip report convert gitleaks.json --report text

tightlip report ACTION --help tells more of an action. tightlip diff compares two reports.
"""

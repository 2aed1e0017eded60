"""Keep the findings that are known and judged, so that scans and the hook speak of new ones only.

They stand in .tightlip-baseline.yaml at the top of the repository, which is committed like any other file. No value is
in it. Nothing but these commands writes it.
"""

from __future__ import annotations

ACTIONS = {
    "create": "scan, and write down every finding as not judged yet",
    "update": "add what is new; or judge a finding, with --select",
    "prune": "take out what matches nothing any more",
    "merge": "take in what other people's files say",
    "check": "tell what is to be done: entries to judge, expired, or of no use (what `tightlip baseline` does)",
}
DEFAULT = "check"
EXAMPLES = """\
examples:
  tightlip baseline create                    for an old repository; commit both files, and only what is new is reported
  tightlip baseline check                     what is left to judge
  tightlip baseline update --select 3f2a9c --state false-alarm --why 'documented example'
  tightlip scan --no-baseline                 everything, known or not

tightlip baseline ACTION --help tells more of an action.
"""

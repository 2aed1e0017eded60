"""Known secrets: where they may come from, what of them is searched for, and an index of them for the hook.

`--known KIND:WHERE` of scan, scan-staged and scan-history looks for exactly these values, as they are and in every form
that programs write them in. No value is written down, or shown unless a scan is told `--show-secrets`.
"""

from __future__ import annotations

ACTIONS = {
    "kinds": "where known secrets may come from (what `tightlip known` does)",
    "list": "names, versions and sizes of what a source gives, and what of it is not searched for",
    "index": "salted, truncated slow hashes of them, for the hook to ask without a vault",
}
DEFAULT = "kinds"
EXAMPLES = """\
examples:
  tightlip known                                        every KIND of KIND:WHERE
  tightlip known list dotenv:.env                       without looking for anything
  tightlip scan-history --known dotenv:.env --known vault:secret/myapp
  tightlip known index sops:secrets/                    and the hook knows them

tightlip known ACTION --help tells more of an action.
"""

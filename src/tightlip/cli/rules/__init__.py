"""List, explain, test, write, measure and check rules: those that are built in, and your own."""

from __future__ import annotations

ACTIONS = {
    "list": "one line for each rule (what `tightlip rules` does)",
    "show": "everything about a rule, and what to do about a find",
    "test": "run the examples of rules, and say which stage lost one",
    "new": "begin a rule: write a skeleton to fill in",
    "bench": "measure what each rule costs",
    "lint": "say what is wrong with rules, or could be better",
    "docs": "write a page for each rule",
}
DEFAULT = "list"
EXAMPLES = """\
examples:
  tightlip rules                              every rule
  tightlip rules list --search token          those with a word in their id, name or provider
  tightlip rules show aws-access-key-id       what it looks for, and what to do about a find
  tightlip rules new acme-api-key --provider Acme
  tightlip rules test acme.yaml               the examples of your own rules
  tightlip rules lint acme.yaml               and what the examples do not show

tightlip rules ACTION --help tells more of an action.
"""

"""Ask the provider of one secret whether it still works: before it is revoked, or after. The value is not shown.

Nothing is asked but by this command and by --verify: docs/verify.md says what is sent, and where to.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tightlip.cli import chosen
from tightlip.cli.parser import did_you_mean
from tightlip.cli.scanning import INCOMPLETE
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tightlip.request import Request

EXAMPLES = """\
examples:
  tightlip verify '#3'                      the third secret of tightlip scan-history's report
  tightlip verify 3f2a91 ../shop            by its fingerprint, or the beginning of it
  pass show shop/new | tightlip verify npm-access-token --value-from-stdin

exit code: 0 the provider answered, with live or revoked; 2 wrong use; 3 nothing is known
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    chosen.add_arguments(parser)
    parser.add_argument(
        "--value-from-stdin",
        action="store_true",
        help="FINDING is a rule, and the value is on standard input: as a new one that is to be tried",
    )
    chosen.add_scan(parser)


def run(args: Namespace) -> int:
    """Ask, say what was answered, and return the exit code."""
    from tightlip.report.visible import visible
    from tightlip.verify.answers import Answers
    from tightlip.verify.asker import Asker
    from tightlip.verify.judged import UNKNOWN

    rule, request, values = _asked(args)
    answers = Answers()
    answers.forget(request, values)
    verdict = Asker().ask(request, values)
    if verdict.meaning != UNKNOWN:
        answers.put(request, values, verdict.meaning)
    answers.keep()
    why = f": {visible(verdict.why)}" if verdict.why else ""
    sys.stdout.write(f"{rule}: {verdict.meaning}{why}\n")
    return INCOMPLETE if verdict.meaning == UNKNOWN else 0


def _asked(args: Namespace) -> tuple[str, Request, Mapping[str, bytes]]:
    """Return the rule, its request, and what it needs."""
    from tightlip.request import SECRET
    from tightlip.verify.known import declared
    from tightlip.verify.pairs import values

    known = {rule: it.verify for rule, it in declared(args.rules).items() if it.verify}
    if args.value_from_stdin:
        if args.finding not in known:
            raise UsageError(_no_way(args.finding or "nothing", known))
        if known[args.finding].companions:
            raise UsageError(f"{args.finding} cannot be asked about by its value alone; name a finding of it")
        return args.finding, known[args.finding], {SECRET: chosen.value()}
    finding, report = chosen.finding(args)
    if finding.rule not in known:
        raise UsageError(_no_way(finding.rule, known))
    made = values(finding, known[finding.rule], report.findings)
    if made is None:
        raise UsageError(f"what belongs to this {finding.rule} was not found near it, so it cannot be asked about")
    return finding.rule, known[finding.rule], made


def _no_way(rule: str, known: Mapping[str, Request]) -> str:
    return f"{rule} is no rule that says how to ask{did_you_mean(rule, known)}; docs/verify.md lists those that do"

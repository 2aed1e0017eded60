"""Have the provider of one secret make it worthless, after a confirmation at the terminal. The value is not shown.

This cannot be undone, and breaks whatever still uses the secret: `tightlip rotate` says what comes first.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tightlip.cli import chosen
from tightlip.cli.scanning import INCOMPLETE
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.finding import Finding, Report
    from tightlip.verify.known import Declared

EXAMPLES = """\
examples:
  tightlip revoke '#3'               the third secret of tightlip scan-history's report
  tightlip revoke 3f2a91 ../shop     by its fingerprint, or the beginning of it

exit code: 0 the provider says that it is done; 2 wrong use, or not confirmed; 3 whether it is done is not known
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    chosen.add_arguments(parser)
    chosen.add_scan(parser)


def run(args: Namespace) -> int:
    """Ask for a confirmation, revoke, and return the exit code."""
    from tightlip.report.visible import visible
    from tightlip.verify.answers import Answers
    from tightlip.verify.asker import Asker
    from tightlip.verify.judged import DONE
    from tightlip.verify.known import declared
    from tightlip.verify.pairs import values

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("revoke wants to be confirmed at a terminal, and there is none: nothing else can confirm it")
    finding, report = chosen.finding(args)
    known = declared(args.rules).get(finding.rule)
    if not known or not known.revoke:
        raise UsageError(f"{finding.rule} does not say how to revoke: `tightlip rotate` has the steps to do it by hand")
    if (made := values(finding, known.revoke, report.findings)) is None:
        raise UsageError(f"what belongs to this {finding.rule} was not found near it, so it cannot be revoked")
    _confirm(finding, report, known)
    verdict = Asker().ask(known.revoke, made)
    if known.verify and (asked := values(finding, known.verify, report.findings)):
        answers = Answers()
        answers.forget(known.verify, asked)
        answers.keep()
    if verdict.meaning == DONE:
        sys.stdout.write(f"{finding.rule}: the provider has revoked it\n")
        return 0
    sys.stdout.write(f"{finding.rule}: whether it is revoked is not known: {visible(verdict.why)}\n")
    return INCOMPLETE


def _confirm(finding: Finding, report: Report, known: Declared) -> None:
    """Show what will happen and have the rule typed. Raises `UsageError` where that is not done."""
    from urllib.parse import urlsplit

    from tightlip.report.block import place
    from tightlip.report.options import PLAIN
    from tightlip.report.redact import redactor
    from tightlip.report.visible import visible

    hide = redactor(report.with_known(), PLAIN)
    more = f", and {left:,} more" if (left := len(finding.occurrences) - 1) else ""
    hosts = ", ".join(known.revoke.hosts or [urlsplit(url).netloc for url in known.revoke.urls]) if known.revoke else ""
    also = f"{visible(known.revoke.also)}\n" if known.revoke and known.revoke.also else ""
    sys.stderr.write(
        f"{visible(finding.name)}\n"
        f"  finding  {finding.fingerprint}, rule {finding.rule}\n"
        f"  value    {visible(finding.secret.redacted())}\n"
        f"  where    {place(finding.occurrences[0], hide)}{more}\n"
        f"It is sent to {hosts}, which revokes it at once and for good. Whatever still uses it fails then.\n{also}"
        f"To revoke it, type the rule's id, {finding.rule}: "
    )
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # Ctrl-D, which leaves the cursor behind the question
        sys.stderr.write("\n")
    if answer.strip() != finding.rule:
        raise UsageError("that is not the rule's id; nothing was sent")

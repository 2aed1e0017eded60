"""The option `--verify`: findings are asked about at their providers, for the rules that a person names.

Nothing else switches it on: no configuration, no variable of the environment, no hook.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tightlip.cli.parser import did_you_mean
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping

    from tightlip.finding import Report
    from tightlip.request import Request


def add_argument(parser: ArgumentParser) -> None:
    """Add the option."""
    group = parser.add_argument_group("ask the providers (off unless this is given)")
    group.add_argument(
        *("--verify",),
        action="append",
        default=[],
        metavar="RULE[,RULE...]|all",
        help="send what these rules find to the services that issued it, to learn whether it still works; all: every "
        "built-in rule that can",
    )


def chosen(args: Namespace) -> dict[str, Request]:
    """Return the requests of the rules that are named. Raises `UsageError`.

    Rules of one's own count where `--rules` names their file, and each has to be named itself: `all` is built-in ones.
    """
    from tightlip.verify.known import ALL, declared

    names = [name.strip() for text in args.verify for name in text.split(",") if name.strip()]
    if not names:
        raise UsageError("--verify needs the ids of rules, or all")
    known = {rule: it for rule, it in declared(args.rules).items() if it.verify}
    found = {rule: it.verify for rule, it in known.items() if it.verify and ALL in names and it.is_builtin}
    for name in names:
        if name == ALL:
            continue
        if name not in known:
            raise UsageError(
                f"--verify: {name} is no rule that says how to ask{did_you_mean(name, [ALL, *known])}; "
                "docs/verify.md lists those that do"
            )
        if request := known[name].verify:
            found[name] = request
    return found


def verified(report: Report, requests: Mapping[str, Request], args: Namespace) -> Report:
    """Return the report with what the providers say, and tell who is asked."""
    from tightlip.report.style import count
    from tightlip.verify.answers import Answers
    from tightlip.verify.asker import Asker
    from tightlip.verify.checked import checked

    concerned = {finding.secret: finding.rule for finding in report.findings if finding.rule in requests}
    if concerned and args.detail >= 0:
        of = ", ".join(sorted(set(concerned.values())))
        sys.stderr.write(f"tightlip: asking the providers about {count(len(concerned), 'secret')} ({of})\n")
    return checked(report, requests, Answers(cache=not getattr(args, "no_cache", False)), Asker())

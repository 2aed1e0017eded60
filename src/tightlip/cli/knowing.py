"""The option `--known`: a scan for secrets that somebody has, beside that for what looks like one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.known.fit import Fitting
    from tightlip.policy import Policy


def add_argument(parser: ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        *("--known",),
        action="append",
        default=[],
        metavar="KIND:WHERE",
        help="look for exactly these secrets, too: dotenv:.env, sops:secrets/, vault:secret/myapp and others (see "
        "`tightlip known`); may be repeated",
    )


def gathered(args: Namespace) -> Fitting | None:
    """Return what is to be looked for, before a scan that may take long; None where nothing is asked for."""
    if not getattr(args, "known", None):
        return None
    from tightlip.errors import UsageError
    from tightlip.known.gather import gathered as gather
    from tightlip.known.sources import where_of

    wheres = [where_of(text) for text in args.known]
    inputs = [where for where in wheres if where.where == "-"]
    if len(inputs) + ("-" in getattr(args, "paths", ())) > 1:
        raise UsageError("- is standard input, which can be read once: give one of them as a file")
    return gather(wheres)


def added(
    report: Report, known: Fitting | None, scan: Callable[[Scanner], Report], scanner: Scanner, policy: Policy | None
) -> Report:
    """Return a report with what a scan for known secrets finds. Parameters: `scanner`, that made the report."""
    if known is None:
        return report
    from tightlip.known import gather
    from tightlip.known.joining import joined, renamed
    from tightlip.known.search import KnownScanner

    report = replace(report, unscanned=(*report.unscanned, *gather.unscanned(known)))
    if report.interrupted:
        return report
    report = replace(report, notes=(*report.notes, *gather.notes(known)))
    if not known.known:
        return report
    own = KnownScanner(known.known, pragmas=scanner.pragmas, limit=scanner.limit)
    found = renamed(scan(own))
    if not found.interrupted:
        there = len({finding.secret for finding in found.findings})
        searched = len({one.value for one in known.known})
        report = replace(report, notes=(*report.notes, f"{there} of {searched} known values found"))
    return joined(report, policy.applied(found, own) if policy else found)

"""What the scan commands share: a scanner from the options before, reports and an exit code after."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import knowing, output, verifying
from tightlip.model import MEDIUM
from tightlip.report import FORMATS

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from tightlip import policy
    from tightlip.baseline.place import Place
    from tightlip.engine import Scanner
    from tightlip.finding import Report

    Repository: TypeAlias = Callable[[], policy.Place]
    """Tells where the configuration is."""
    Known: TypeAlias = Callable[[str | None], Place]
    """From the file that a person names, if any, to what is known."""

INCOMPLETE = 3
_OTHER = ("known", "config", "no_allow", "baseline", "no_baseline", "recurse_submodules", "lfs")
"""Arguments of `scan-history` that change what is found, and that the commands for one finding do not have."""
_LESS = ("range", "branch", "since", "max_count", "path", "reachable_only", "base", "head")
"""Arguments of `scan-history` that make it a scan of less than everything."""
_NUMBERS = (
    "numbers such as #1 are of this report alone: incident, rotate and others take the fingerprint, which -v shows"
)


def run(
    args: Namespace,
    scan: Callable[[Scanner], Report],
    known: Known,
    repository: Repository,
    *,
    ask: bool = False,
) -> int:
    """Scan, leave out what is allowed or known, report, and return the exit code.

    Parameters: `ask`, whether the user's indexes of known secrets are asked, as the hook asks them.
    """
    destinations = output.checked(args.report, show_secrets=args.show_secrets, template=args.template)
    requests = verifying.chosen(args) if getattr(args, "verify", None) else {}
    policy = policy_of(repository(), args)
    report = scanned(args, scan, policy, ask=ask)
    if report.findings and not args.no_baseline:
        report = without(report, known(args.baseline or (policy.baseline if policy else None)))
    if requests and not report.interrupted:
        report = verifying.verified(report, requests, args)
    if report.findings and _has_own_numbers(args):
        report = replace(report, notes=(*report.notes, _NUMBERS))
    deliver(report, destinations, args)
    if all(destination.file for destination in destinations) and args.detail >= 0:
        _say_where(report, destinations)
    if report.interrupted:
        _say_interrupted(report)
        return INCOMPLETE
    if report.findings and args.exit_code:
        return int(args.exit_code)
    return 0 if report.complete else INCOMPLETE


def deliver(report: Report, destinations: Sequence[output.Destination], args: Namespace) -> None:
    """Write a report in every format that is asked for, and tell what has no place in one."""

    def write(name: str, out: TextIO) -> None:
        options = output.shown(out, args)._replace(show_secrets=args.show_secrets, template=args.template)
        if told := FORMATS[name](report, out, options):
            sys.stderr.write(f"tightlip: {name}: {told}\n")

    output.deliver(destinations, write, private=args.show_secrets)


def scanned(
    args: Namespace, scan: Callable[[Scanner], Report], policy: policy.Policy | None, *, ask: bool = False
) -> Report:
    """Return the report of a scan as the configuration and the options have it. Parameters: `ask`, as of `run`."""
    known = knowing.gathered(args)
    if policy is None:
        scanner = plain_scanner(args.rules, args.min_confidence)
        return knowing.added(scan(scanner), known, scan, scanner, None)
    scanner = scanner_of(policy, args.rules)
    if ask:
        from tightlip.hooks import asking

        scanner = asking(scanner, policy)
    report = policy.applied(_made(args, scan, scanner, policy), scanner)
    report = knowing.added(report, known, scan, scanner, policy)
    return replace(report, notes=(*report.notes, *notes(policy)))


def scanner_of(policy: policy.Policy, rules: Sequence[str]) -> Scanner:
    """Return what to scan with: rules, and detect-secrets' plugins where the user's own configuration wants them."""
    scanner = policy.scanner(rules)
    if policy.config.detect_secrets is None:
        return scanner
    from tightlip.interop.plugins import plugged

    return plugged(scanner, policy.config.detect_secrets)


def _made(args: Namespace, scan: Callable[[Scanner], Report], scanner: Scanner, policy: policy.Policy) -> Report:
    """Return what a scan finds. Of a history plugins take a scan of their own, of no more than what refs reach."""
    if policy.config.detect_secrets is None or not hasattr(args, "reachable_only"):
        return scan(scanner)
    from tightlip.interop.plugins import with_history

    is_less = any(getattr(args, name) for name in _LESS)
    return with_history(scan, scanner, None if is_less else lambda: setattr(args, "reachable_only", True))


def policy_of(place: policy.Place, args: Namespace) -> policy.Policy | None:
    """Return what a repository has to say, or None for nothing. Raises `ConfigError`."""
    from tightlip import policy

    if args.config is None and not args.no_allow and not policy.has_any(place):
        return None
    return policy.Policy(place, file=args.config, least=args.min_confidence, allow=not args.no_allow)


def plain_scanner(rules: Sequence[str], least: float | None) -> Scanner:
    """Return what to scan with where nothing is configured."""
    from tightlip.engine import Scanner

    return Scanner(paths=tuple(rules), min_confidence=MEDIUM if least is None else least)


def notes(policy: policy.Policy) -> list[str]:
    """Return what a person should hear of: what allows something critical that surely is a secret."""
    entries = dict.fromkeys((allowed.where, allowed.reason) for allowed in policy.live)
    return [
        f"{where} allows a critical secret that is surely one{f' ({reason})' if reason else ''}"
        for where, reason in entries
    ]


def without(report: Report, known: Place) -> Report:
    """Return the report without what is known today."""
    from tightlip.baseline import dates, matching

    if known.baseline is None:
        return report
    return matching.sift(report, known.baseline, known.top, dates.today())


def _has_own_numbers(args: Namespace) -> bool:
    """Whether this scan of a history finds other things than the one by which `incident` takes a number."""
    return hasattr(args, "reachable_only") and any(getattr(args, name) for name in (*_LESS, *_OTHER))


def _say_interrupted(report: Report) -> None:
    left = next((what for what, why in report.unscanned if "interrupted" in why), "the rest")
    sys.stderr.write(f"tightlip: interrupted, the scan is not complete: {left} not scanned\n")


def _say_where(report: Report, destinations: list[output.Destination]) -> None:
    """Tell a person what the files hold: nothing else is printed."""
    from tightlip.report.style import count
    from tightlip.report.visible import visible

    found = count(len({finding.secret for finding in report.findings}), "secret")
    missed = "" if report.complete else f", {count(len(report.unscanned), 'thing')} not scanned"
    files = ", ".join(visible(destination.file or "") for destination in destinations)
    sys.stderr.write(f"tightlip: {found}{missed}; see {files}\n")

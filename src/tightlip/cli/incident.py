"""Say what to do about one leaked secret, in order, and make a report of it to paste. Values are never shown.

What is pushed is public to whoever can read there, so the first step is always to rotate.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import chosen, options, output
from tightlip.cli.progress import Progress
from tightlip.cli.scanning import INCOMPLETE
from tightlip.errors import UsageError
from tightlip.model import Secret

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.incident import Incident

EXAMPLES = """\
examples:
  tightlip incident '#3'                      the third secret of tightlip scan-history's report
  tightlip incident 3f2a91                    by its fingerprint, or the beginning of it
  tightlip incident stripe-secret-key ../shop by its rule, where that found one secret
  tightlip incident 3 --report text --report markdown:incident.md
  pass show shop/key | tightlip incident --value-from-stdin

exit code: 0 the value from standard input is nowhere in the history; 1 it is, or the finding is; 2 wrong use;
3 not everything could be searched
"""
_FORMATS = ("text", "markdown", "json")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    chosen.add_arguments(parser)
    parser.add_argument(
        "--value-from-stdin", action="store_true", help="instead of FINDING: look for the value on standard input"
    )
    options.add_rules(parser)
    group = options.add_formats(parser, "text (the default), markdown or json", _FORMATS)
    group.add_argument(
        *("-v", "--verbose"), dest="detail", action="store_const", const=1, default=0, help="every place, ref and path"
    )
    options.add_jobs(parser)
    options.add_cache(parser)


def run(args: Namespace) -> int:
    """Find out, report, and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    what, repo = _asked(args)
    destinations = output.checked(args.report)
    incident = _investigated(args, what, repo)
    output.deliver(destinations, lambda name, out: _write(name, incident, out, args))
    if incident.report.interrupted:
        sys.stderr.write("tightlip: interrupted, the search is not complete\n")
        return INCOMPLETE
    if incident.found:
        return 1
    return 0 if incident.report.complete else INCOMPLETE


def _asked(args: Namespace) -> tuple[str | Secret, str | None]:
    """Return what is asked about, and the repository."""
    if args.value_from_stdin:
        if args.repo is not None:
            raise UsageError("--value-from-stdin is in place of FINDING: name the repository alone")
        return Secret(chosen.value()), args.finding
    if args.finding is None:
        raise UsageError(chosen.MISSING)
    return args.finding, args.repo


def _investigated(args: Namespace, what: str | Secret, repo: str | None) -> Incident:
    from tightlip.git.repo import git_for
    from tightlip.incident import investigate

    scanner, told = chosen.scan_as_told(args, git_for(repo))
    with Progress(sys.stderr) as progress:
        return investigate(
            what,
            repo,
            scanner=scanner,
            jobs=args.jobs or None,
            cache=not args.no_cache,
            progress=progress,
            told=told,
        )


def _write(name: str, incident: Incident, out: TextIO, args: Namespace) -> None:
    from tightlip.report import incident_json, incident_markdown, incident_text

    shown = output.shown(out, args)
    {"text": incident_text, "markdown": incident_markdown, "json": incident_json}[name].write(incident, out, shown)

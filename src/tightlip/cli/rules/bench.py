"""Measure what each rule costs: the prefilter's throughput with it, alone and with all, and confirming its hits."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.rules import choose, outcome
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip rules bench                        the slowest built-in rules, on the standard library of Python
  tightlip rules bench acme.yaml              your own
  tightlip rules bench --on path/to/sources   on the text files of a folder
  tightlip rules bench --top 0                every rule

A rule is marked where it is slower alone than --limit. Figures differ from machine to machine, and from run to run by a
fifth and more. Rules that go by the name of a service have no pattern, and cost what generic rules do.
"""
_GIGA = 1e9


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    choose.add_paths(parser)
    group = parser.add_argument_group("what to measure")
    group.add_argument("--on", metavar="FOLDER", help="read the text files in this folder")
    group.add_argument("--turns", type=options.positive, default=3, metavar="N", help="time each so often (default: 3)")
    group.add_argument("--limit", type=_rate, default=1.0, metavar="GB/S", help="mark what is slower (default: 1)")
    group.add_argument("--top", type=options.number, default=20, metavar="N", help="list so many (default: 20, 0: all)")
    options.add_report(parser)


def run(args: Namespace) -> int:
    """Measure and return the exit code, which says nothing of speed."""
    from tightlip import sourcetext, throughput

    destinations = output.checked(args.report)
    if args.on is not None and not Path(args.on).is_dir():
        raise UsageError(f"--on: there is no folder {args.on}")
    rules = [loaded.rule for loaded in choose.named(args.paths) if loaded.rule.pattern]
    texts = sourcetext.below(args.on) if args.on else sourcetext.modules()
    measured = throughput.measure(rules, texts, args.turns)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            outcome.write_speeds_json(measured, args.limit * _GIGA, out)
        else:
            shown = output.shown(out, args)
            outcome.write_speeds(measured, args.limit * _GIGA, args.top or len(measured.speeds), out, shown)

    output.deliver(destinations, deliver)
    return 0


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < math.inf:
        raise ArgumentTypeError(f"{text!r} is not a number above 0")
    return rate

"""The options of the hooks here, as `args:` of the pre-commit framework or in a hook's script."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.parser import Parser
from tightlip.errors import UsageError
from tightlip.gates.push import Pushing
from tightlip.gates.receive import SECONDS, Receiving
from tightlip.hooks import Options

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def of_message(arguments: Sequence[str], hook: str) -> Options:
    """Read the arguments of a hook that gets a message. Raises `UsageError`."""
    return _options(_parser(hook).parse_args(arguments))


def of_push(arguments: Sequence[str]) -> Pushing:
    """Read the arguments of `pre-push`. Raises `UsageError`."""
    parser = _parser("pre-push")
    parser.add_argument("--banned", metavar="FILE", action="append", default=[])
    parser.add_argument("--no-scan", action="store_true")
    args = parser.parse_args(arguments)
    for file in args.banned:
        if not os.path.isfile(file):
            raise UsageError(f"--banned: there is no file {file}")
    return Pushing(_options(args), tuple(args.banned), scans=not args.no_scan)


def of_server(arguments: Sequence[str], hook: str) -> Receiving:
    """Read the arguments of a server's hook. Raises `UsageError`."""
    parser = _parser(hook)
    parser.add_argument("--timeout", metavar="SECONDS", type=options.positive, default=SECONDS)
    parser.add_argument("--allow-skip", action="store_true")
    parser.add_argument("--log", metavar="FILE")
    args = parser.parse_args(arguments)
    if args.allow_skip and hook == "update":
        raise UsageError("update: git does not tell this hook of push options; --allow-skip is for pre-receive")
    return Receiving(_options(args), args.timeout, args.allow_skip, args.log)


def _parser(hook: str) -> Parser:
    parser = Parser(prog=f"tightlip hook {hook}", allow_abbrev=False, add_help=False)
    parser.add_argument("names", nargs="*")
    options.add_rules(parser)
    options.add_policy(parser)
    options.add_baseline(parser)
    return parser


def _options(args: Namespace) -> Options:
    return Options(
        args.names,
        rules=args.rules,
        min_confidence=args.min_confidence,
        config=args.config,
        no_allow=args.no_allow,
        baseline=args.baseline,
        no_baseline=args.no_baseline,
    )

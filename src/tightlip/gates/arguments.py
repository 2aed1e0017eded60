"""The options of the hooks here, as `args:` of the pre-commit framework or in a hook's script."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.cli import hook_options, options
from tightlip.errors import UsageError
from tightlip.gates.protocol import SECONDS, Pushing, Receiving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.hooks import Options


def of_message(arguments: Sequence[str], hook: str) -> Options:
    """Read the arguments of a hook that gets a message. Raises `UsageError`."""
    return hook_options.told(hook_options.parser(hook).parse_args(arguments))


def of_push(arguments: Sequence[str]) -> Pushing:
    """Read the arguments of `pre-push`. Raises `UsageError`."""
    parser = hook_options.parser("pre-push")
    parser.add_argument("--banned", metavar="FILE", action="append", default=[])
    parser.add_argument("--no-scan", action="store_true")
    args = parser.parse_args(arguments)
    for file in args.banned:
        if not os.path.isfile(file):
            raise UsageError(f"--banned: there is no file {file}")
    return Pushing(hook_options.told(args), tuple(args.banned), scans=not args.no_scan)


def of_server(arguments: Sequence[str], hook: str) -> Receiving:
    """Read the arguments of a server's hook. Raises `UsageError`."""
    parser = hook_options.parser(hook)
    parser.add_argument("--timeout", metavar="SECONDS", type=options.positive, default=SECONDS)
    parser.add_argument("--allow-skip", action="store_true")
    parser.add_argument("--log", metavar="FILE")
    args = parser.parse_args(arguments)
    if args.allow_skip and hook == "update":
        raise UsageError("update: git does not tell this hook of push options; --allow-skip is for pre-receive")
    return Receiving(hook_options.told(args), args.timeout, args.log, may_skip=args.allow_skip)

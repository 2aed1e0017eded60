"""Rotate one secret: the steps in order, and the new value put where the old one is kept. A value is never shown.

Without --into, the steps alone are told. With it, the value there has to be the one that was found: a new one takes its
place, the old one is kept beside it until `--confirm`, and the steps are written into a file to tick off.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip.cli import chosen
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable

    from tightlip.finding import Finding, Report
    from tightlip.model import Secret
    from tightlip.rotate.place import Place
    from tightlip.rotate.runbook import Rotation

EXAMPLES = """\
examples:
  tightlip rotate '#3'                                        the steps, in order
  tightlip rotate 3f2a91 --into sops:secrets/prod.yaml#db.password --form alphanumeric:32
  pass show stripe/new | tightlip rotate 3 --into vault:secret/shop#stripe_key --value-from-stdin
  tightlip rotate --confirm --into dotenv:.env#SESSION_KEY    the old one is dead: take it out

exit code: 0 the steps are told, or the value is written; 2 wrong use, and nothing is written
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    chosen.add_arguments(parser)
    group = parser.add_argument_group("where the value is kept")
    group.add_argument(
        *("--into",),
        metavar="PLACE",
        help="sops:FILE#KEY, vault:MOUNT/PATH#KEY (KV version 2) or dotenv:FILE#KEY; nested keys of sops have dots",
    )
    value = group.add_mutually_exclusive_group()
    value.add_argument(
        *("--form",),
        metavar="FORM",
        help="what a new random value looks like: hex:N or base64:N of N bytes, alphanumeric:N of N characters, or "
        "like-old (default: hex:32, for values that no provider issues)",
    )
    value.add_argument("--value-from-stdin", action="store_true", help="the new value is on standard input")
    value.add_argument("--confirm", action="store_true", help="the old value is dead: take it out of its place")
    group.add_argument(
        *("--runbook",), metavar="FILE", help="the file for the steps (default: rotation-FINGERPRINT.md, with --into)"
    )
    chosen.add_scan(parser)


def run(args: Namespace) -> int:
    """Tell the steps, rotate or confirm, and return the exit code."""
    from tightlip.rotate.places import PLACES, named

    if (args.form or args.value_from_stdin or args.confirm) and not args.into:
        raise UsageError("name the place: --into sops:FILE#KEY, vault:MOUNT/PATH#KEY or dotenv:FILE#KEY")
    place = named(args.into) if args.into else None
    if args.confirm and place:
        if args.finding is not None or args.runbook is not None:
            raise UsageError("--confirm takes a place and nothing else: tightlip rotate --confirm --into PLACE")
        _say(PLACES[place.kind].confirm(place))
        return 0
    finding, report = chosen.finding(args)
    rotation = _rotation(args, finding, place)
    if place is None:
        if args.runbook is None:
            _print(_lines(rotation, report))
        else:
            _write(args.runbook, _lines(rotation, report))
        return 0
    _say(_rotated(args, rotation, place, report))
    return 0


def _rotation(args: Namespace, finding: Finding, place: Place | None) -> Rotation:
    from tightlip.rotate.providers import provider
    from tightlip.rotate.runbook import Rotation
    from tightlip.verify.known import declared

    known = declared(args.rules).get(finding.rule)
    ask = known.verify if known else None
    return Rotation(
        finding,
        provider(finding.provider),
        can_ask=bool(ask),
        can_ask_alone=bool(ask and not ask.companions),
        can_revoke=bool(known and known.revoke),
        place=place,
    )


def _rotated(args: Namespace, rotation: Rotation, place: Place, report: Report) -> str:
    """Put a new value where the old one is, and return where that is kept, and the file of the steps.

    The steps are written first, so that nothing is changed where they cannot be. Raises `UsageError` where the place
    holds another value than the one that was found.
    """
    from datetime import datetime, timezone

    from tightlip.rotate.places import PLACES

    keeper, finding = PLACES[place.kind], rotation.finding
    held = keeper.read(place)
    if held.value != finding.secret:
        raise UsageError(f"{place} holds another value than the one that was found; has it been rotated already?")
    new = _new(args, finding, held.value)
    file = args.runbook or f"rotation-{finding.fingerprint[:8]}.md"
    _write(file, _lines(rotation, report))
    try:
        kept = keeper.put(place, held, new)
    except BaseException:
        Path(file).unlink(missing_ok=True)
        raise
    date = datetime.now(timezone.utc).isoformat(timespec="minutes")
    done = f"{place} has a new value; {kept}"
    try:
        _write(file, _lines(rotation._replace(kept=kept, date=date), report), again=True)
    except UsageError as error:
        raise UsageError(f"{done}; but {error}") from None
    return f"{done}. What comes next is in {file}"


def _new(args: Namespace, finding: Finding, old: Secret) -> Secret:
    """Return the new value: a random one, or the one on standard input. Raises `UsageError`."""
    from tightlip.model import Secret
    from tightlip.rotate import forms

    if not args.value_from_stdin:
        if finding.provider and not args.form:
            raise UsageError(
                f"{finding.provider} issues this kind of secret: create one there and give it with --value-from-stdin "
                "(or --form, for a value that you choose yourself)"
            )
        return forms.made(args.form or forms.USUAL, old)
    new = Secret(chosen.value())
    if not new.reveal().strip():
        raise UsageError("there is no value on standard input")
    if new == old:
        raise UsageError("the value on standard input is the old one")
    return new


def _lines(rotation: Rotation, report: Report) -> list[str]:
    from tightlip.report.options import PLAIN
    from tightlip.report.redact import redactor
    from tightlip.rotate.runbook import lines

    return list(lines(rotation, redactor(report.with_known(), PLAIN)))


def _write(file: str, lines: Iterable[str], *, again: bool = False) -> None:
    """Write the runbook. One that is there has ticks of somebody, and stays: unless it is ours of just now."""
    try:
        with open(file, "w" if again else "x", encoding="utf-8", newline="\n", opener=_ours) as out:
            out.writelines(f"{line}\n" for line in lines)
    except FileExistsError:
        raise UsageError(f"{file} is there already; name another with --runbook, or move it away") from None
    except OSError as error:
        if not again:
            _remove(file)
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None


def _remove(file: str) -> None:
    """Remove what a full disk left of a runbook: the next try is not to find one."""
    with suppress(OSError):
        os.unlink(file)


def _ours(name: str, flags: int) -> int:
    """Open a file that others cannot read: it says where a secret is that works still."""
    return os.open(name, flags, 0o600)


def _print(lines: Iterable[str]) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _say(text: str) -> None:
    from tightlip.report.visible import visible

    _print([f"{visible(text)}."])

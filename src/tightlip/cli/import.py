"""Take over what another scanner's files say: its rules as a rule file, what it knows of findings as a baseline.

What tightlip finds too becomes known in .tightlip-baseline.yaml, with what was judged there; a judgement in it stays.
What cannot be carried over is told line by line, with the reason. Nothing that such a file names is run or fetched.
"""  # noqa: N999 - a command's file has the command's name, and nothing imports it by a statement

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.interop.foreign import Foreign, NotCarried
    from tightlip.interop.rule_file import Written

EXAMPLES = """\
examples:
  tightlip import gitleaks                        .gitleaks.toml and .gitleaksignore of the current folder
  tightlip import gitleaks ci/gitleaks.toml --output rules/gitleaks.yaml
  tightlip import detect-secrets                  .secrets.baseline: scans speak of new findings only from then on
  tightlip import detect-secrets --ignore .tightlipignore
  tightlip import gitleaks report.json            what a report or baseline of it knows, in the history too
  tightlip import git-secrets                     what git's configuration says here, and .gitallowed

exit code: 0 carried over, 2 wrong use or a file that cannot be read, 3 something could not be carried over
"""
_LOST = 3


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    from tightlip.interop.formats import SCANNERS

    parser.add_argument("scanner", metavar="FROM", choices=tuple(SCANNERS), help=f"one of {', '.join(SCANNERS)}")
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="its files (default: those that it looks for in the current folder)"
    )
    parser.add_argument(
        "--output", metavar="FILE", help="the rule file to write (default: FROM.yaml; - is standard output)"
    )
    parser.add_argument(
        "--ignore",
        metavar="FILE",
        help="add the fingerprints of what was judged to be no secret to this file, such as .tightlipignore, and write "
        "no baseline",
    )
    parser.add_argument(
        "--allow", metavar="FILE", help="write what is allowed for all rules as a configuration, such as .tightlip.yaml"
    )

    group = parser.add_argument_group("what is known")
    group.add_argument("--no-baseline", action="store_true", help="list what is known, and write nothing down")
    work.add_where(parser, scans="look for it in the history, too; done anyway where commits are named")
    options.add_rules(parser)
    parser.set_defaults(repo=None)


def run(args: Namespace) -> int:
    """Carry over what can be and return the exit code."""
    from tightlip.engine import Scanner
    from tightlip.interop import formats, rule_file

    foreign = formats.read(args.scanner, args.files)
    taken = {rule.id for rule in Scanner().compiled.rules} if foreign.rules else ()
    written = rule_file.write(foreign, f"Made by tightlip import {args.scanner}", taken)
    out: TextIO = sys.stdout
    if written.text and args.output == "-":
        sys.stdout.write(written.text)
        out = sys.stderr
    elif written.text:
        file = args.output or f"{args.scanner}.yaml"
        _write(file, written.text)
        print(f"{visible(file)}: {count(written.rules, 'rule')}. Use them with --rules {visible(file)}", file=out)
    elif foreign.rules:
        print("no rule could be carried over", file=out)
    missed = 0
    if foreign.findings:
        from tightlip.cli import importing

        rules = [args.output or f"{args.scanner}.yaml"] if written.text and args.output != "-" else []
        missed = importing.findings(args, foreign.findings, [*args.rules, *rules], out)
    left = _allow(foreign, written, args, out)
    _tell("not carried over", [note for note in left if note.lost], out)
    _tell("carried over with a difference", [note for note in left if not note.lost], out)
    return missed or (_LOST if any(note.lost for note in left) else 0)


def _allow(foreign: Foreign, written: Written, args: Namespace, out: TextIO) -> list[NotCarried]:
    """Write what is allowed beyond what rules say, where that is wanted, and return what is not carried over then."""
    from tightlip.interop import configuration
    from tightlip.interop.foreign import NotCarried

    found = configuration.allowed(foreign, written.names)
    if args.allow is None:
        left = {note.what: note for note in found.left if not written.rules}
        left |= {
            entry.what: NotCarried(entry.what, "is about all rules; --allow .tightlip.yaml takes it over")
            for entry in found.entries
            if not written.rules
        }
        return [*written.left, *left.values()]
    if found.entries:
        _write(args.allow, configuration.written(found.entries, args.scanner))
        print(f"{visible(args.allow)}: {count(len(found.entries), 'entry', 'entries')} of what is allowed", file=out)
    said = {entry.what for entry in found.entries} | {note.what for note in found.left} | {"global allowlists"}
    return [*(note for note in written.left if note.what not in said), *found.left]


def _write(file: str, text: str) -> None:
    try:
        with Path(file).open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        raise UsageError(f"{file} is there already: move it away, or name another file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have such a name"
        raise UsageError(f"{file}: cannot write it: {reason}") from None


def _tell(title: str, notes: list[NotCarried], out: TextIO) -> None:
    if notes:
        print(f"{title}:", file=out)
    for note in notes:
        print(f"  {visible(str(note))}", file=out)

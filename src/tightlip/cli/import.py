"""Take over what another scanner's files say: its rules as a rule file, what it knows of findings as a list.

What cannot be carried over is told line by line, with the reason. Nothing that such a file names is run or fetched.
"""  # noqa: N999 - a command's file has the command's name, and nothing imports it by a statement

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tightlip.errors import UsageError
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from tightlip.interop.foreign import Foreign, NotCarried
    from tightlip.interop.known import Judgement
    from tightlip.interop.rule_file import Written

EXAMPLES = """\
examples:
  tightlip import gitleaks                        .gitleaks.toml and .gitleaksignore of the current folder
  tightlip import gitleaks ci/gitleaks.toml --output rules/gitleaks.yaml
  tightlip import detect-secrets --ignore .tightlipignore
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
        help="add the fingerprints of what was judged to be no secret to this file, such as .tightlipignore",
    )
    parser.add_argument(
        "--allow", metavar="FILE", help="write what is allowed for all rules as a configuration, such as .tightlip.yaml"
    )


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
    if foreign.findings:
        _tell_findings(foreign, args.ignore, out)
    left = _allow(foreign, written, args, out)
    _tell("not carried over", [note for note in left if note.lost], out)
    _tell("carried over with a difference", [note for note in left if not note.lost], out)
    return _LOST if any(note.lost for note in left) else 0


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


def _tell_findings(foreign: Foreign, ignore: str | None, out: TextIO) -> None:
    """Say which of the findings that it knows tightlip finds too, in the files as they are now."""
    from tightlip.interop.known import compared
    from tightlip.report.options import PLAIN
    from tightlip.report.redact import redactor
    from tightlip.scan import scan_files

    there = sorted({finding.path for finding in foreign.findings if _is_below(finding.path)})
    report = scan_files(there) if there else None
    result = compared(foreign.findings, report.findings if report else ())
    shown = redactor(report, PLAIN).name if report else str
    print(f"{count(len(foreign.findings), 'finding')} known, of which tightlip finds {len(result.both)}:", file=out)
    for one in result.both:
        print(f"  {visible(shown(_line(one)))}", file=out)
    if result.theirs:
        print("known, and not found by tightlip:", file=out)
    for finding in result.theirs:
        gone = "" if _is_below(finding.path) else ", a file that is not here"
        print(f"  {visible(shown(f'{finding.path}:{finding.line} {finding.kind}{gone}'))}", file=out)
    _ignore(result.both, ignore, out)


def _ignore(both: Sequence[Judgement], file: str | None, out: TextIO) -> None:
    """Add what was judged to be no secret to a file, or say how that is done."""
    from tightlip.interop import known, reading

    there = reading.text(file) if file and Path(file).exists() else ""
    lines = known.ignore_lines(both, there)
    if lines and not file:
        print(f"{count(len(lines), 'value')} judged to be no secret: --ignore .tightlipignore lets them stay", file=out)
    if not lines or not file:
        return
    try:
        with Path(file).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(("\n" if there and not there.endswith("\n") else "", *(f"{it}\n" for it in lines))))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot write it: {getattr(error, 'strerror', None) or 'no such name'}") from None
    print(f"{visible(file)}: {count(len(lines), 'fingerprint')} added", file=out)


def _line(one: Judgement) -> str:
    judged = {None: "not judged", True: "a secret", False: "no secret, or one that may stay"}[one.foreign.is_secret]
    place = f"{one.occurrence.path}:{one.occurrence.line}"
    return f"{place} {one.finding.rule} {one.finding.fingerprint} ({one.foreign.kind}: {judged})"


def _is_below(path: str) -> bool:
    """Whether a path leads to a file in the current folder, as every path of such a list does."""
    given = Path(path)
    try:
        return given.is_file() and given.resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, ValueError):
        return False

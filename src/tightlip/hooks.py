"""What git's hooks and the pre-commit framework call: their arguments and environment in, an exit code out.

This runs on every commit, so a clean commit loads nothing but the prefilter and two calls of git.
"""

from __future__ import annotations

import os
import sys

from tightlip.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine import Scanner
    from tightlip.tally import Tally

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 3

_HELP = """\
usage: tightlip hook pre-commit [OPTION ...] [FILE ...]    scan what is staged, and whole those files that are not
       tightlip hook pre-push [OPTION ...] [REMOTE URL]    refuse to push what a purge has removed
       tightlip hook history [OPTION ...]                  scan the history, as tightlip scan-history does

options of pre-commit:
  --rules PATH              a rule file, or a folder of them, to use as well; may be repeated
  --min-confidence LEVEL    report what is at least this sure: high, medium (the default), low, or 0 to 1

option of pre-push:
  --banned FILE             a list of commits, as `tightlip purge` writes it, to refuse as well; may be repeated

Git's hooks and the pre-commit framework call this; by hand, `tightlip scan-staged` has more options.

exit code: 0 clean, 1 secrets found or the push refused, 2 wrong use or configuration, 3 nothing found but not
everything was scanned
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook that the first argument names and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        if patterns := sys.modules.get("tightlip.patterns"):  # a clean commit needs none
            patterns.keep()
    except BaseException as error:  # noqa: BLE001 - said in one line that holds no value, whatever it is
        from tightlip.cli.failure import explain

        return explain(error)
    return code


def _run(arguments: list[str]) -> int:
    name = arguments[0] if arguments else ""
    if name == "pre-commit":
        return pre_commit(arguments[1:])
    if name == "pre-push":
        return pre_push(arguments[1:])
    if name == "history":
        from tightlip.cli import main as command

        return command(["scan-history", *arguments[1:]])
    if name in ("-h", "--help"):
        print(_HELP, end="")
        return CLEAN
    raise UsageError(f"there is no hook {name!r}; there are: pre-commit, pre-push, history")


def pre_commit(arguments: Sequence[str]) -> int:
    """Scan what is staged, and whole those named files that are not: `pre-commit run --all-files` gives these."""
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import staged, start

    git = Git()
    with start(git) as started:  # git works while the engine loads
        from tightlip.scan import scan_changes
        from tightlip.tally import Tally

        scanner, names = _told(arguments)
        tally = Tally(scanner)
        changes = staged(git, started)
    scan_changes(tally, git, changes)
    paths = {change.path for change in changes}
    unstaged = [name for name in names if os.fsencode(name.replace(os.sep, "/")) not in paths]
    if unstaged:
        _scan_whole(tally, unstaged)
    if tally.found or tally.unscanned:
        return _tell(tally, "files" if unstaged else "staged")
    return CLEAN


def pre_push(arguments: Sequence[str]) -> int:
    """Refuse a push that brings back the history from before a purge. Without a list of its commits nothing is read."""
    from tightlip.purge.publishing import banned

    path = banned.file(os.environ.get("GIT_COMMON_DIR") or os.environ.get("GIT_DIR"))
    paths = [path]
    if any(argument.startswith("-") for argument in arguments):
        from tightlip.cli.hook_options import parse_push

        paths += parse_push(arguments)
    first = set().union(*map(banned.read, paths))
    pushed = _pushed() if first else []
    if not pushed:
        return CLEAN
    from tightlip.git.plumbing import Git

    git = Git()
    if not banned.reached(git, first, {oid for _, oid in pushed}):
        return CLEAN
    from tightlip.cli.refusal import tell

    found = {name: banned.reached(git, first, [oid]) for name, oid in pushed}
    tell({name: sorted(oids) for name, oids in found.items() if oids}, os.path.dirname(path), sys.stderr)
    return FINDINGS


def _pushed() -> list[tuple[str, str]]:
    """Return the remote's name for each ref that is pushed, and its new id, as git or the framework tells them."""
    if oid := os.environ.get("PRE_COMMIT_TO_REF"):
        return [(os.environ.get("PRE_COMMIT_REMOTE_BRANCH", "a branch"), oid)]
    lines = [] if sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    refs = [line.split(" ") for line in lines if line]
    return [(name, oid) for _, oid, name, _ in refs if oid.strip("0")]


def _told(arguments: Sequence[str]) -> tuple[Scanner, Sequence[str]]:
    """Return the scanner that options among the arguments ask for, and the names of files."""
    from tightlip.engine import Scanner

    if not any(argument.startswith("-") for argument in arguments):
        return Scanner(), arguments
    from tightlip.cli.hook_options import parse

    options = parse(arguments)
    return Scanner(paths=options.rules, min_confidence=options.min_confidence), options.names


def _scan_whole(tally: Tally, names: Sequence[str]) -> None:
    from tightlip.scan import scan_all
    from tightlip.sources import files
    from tightlip.tally import MAX_BLOB

    scan_all(tally, files.blobs(names, limit=MAX_BLOB, follow=False))


def _tell(tally: Tally, kind: str) -> int:
    from tightlip.report import FORMATS, options_for

    report = tally.report(kind, ".")
    options = options_for(sys.stdout, os.environ)._replace(stopped=kind == "staged")
    FORMATS["text"](report, sys.stdout, options)
    sys.stdout.flush()
    return FINDINGS if report.findings else INCOMPLETE

"""Take secrets out of a repository's history: plan it, apply the plan, prove that they are gone, or undo it.

A purge does not make a secret safe: whoever has a clone has it. Rotate first; `tightlip incident` says how.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tightlip.cli import options
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Mapping, Sequence

    from tightlip.git.plumbing import Git
    from tightlip.purge.targets import Target

EXAMPLES = """\
examples:
  tightlip purge --plan plan.json --findings findings.json          what would be done; nothing is changed
  tightlip purge --plan plan.json --findings findings.json --select 3f2a9c
  tightlip purge --plan plan.json --values-from - < values.txt      a value on each line
  tightlip purge --apply plan.json --rotated 'Ada, ticket 4711' --prune
  tightlip purge --restore ~/.local/state/tightlip/backups/shop-20260102T030405Z-1f2e

the report is from `tightlip scan-history --report json:findings.json`

what is left to do then is in files, in the folder tightlip/purge of the git folder:
  publish.sh        the commands that publish the new history; nothing is pushed before you run it
  purge-check.sh    for colleagues: says whether a clone holds the old history (check), brings it over (clean)
  host-request.txt  what to ask the host for: pull requests, caches, forks
  pre-receive       a hook for the server, against the old history; in clones, `tightlip hook pre-push`
  commit-map, ref-map, banned-objects    old and new ids, and the first old commits
  record.json       what was done, who rotated the secrets, and the proof

exit code: 0 planned, or nothing is left; 2 wrong use, or the repository is not in a state to be rewritten;
3 something is left, and the report says what and why
"""
_LEFT = 3


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--plan", metavar="FILE", help="write what would be done, as JSON, and tell it; change nothing")
    what.add_argument("--apply", metavar="FILE", help="do what a plan says")
    what.add_argument("--restore", metavar="BACKUP", help="bring back what was before, from the folder of a backup")
    group = parser.add_argument_group("which secrets")
    group.add_argument("--findings", metavar="REPORT", help="those of a JSON report of this repository's history")
    group.add_argument(
        *("--select",),
        action="append",
        default=[],
        metavar="FINGERPRINT",
        help="of the report only this one, by its fingerprint or the beginning of it; may be repeated",
    )
    group.add_argument("--values-from", metavar="FILE", help="values, one a line, or PEM blocks; - is standard input")
    group.add_argument(
        "--replace-with", metavar="TEXT", default="***REMOVED***", help="what takes their place (default: %(default)s)"
    )
    group = parser.add_argument_group("with --apply")
    group.add_argument("--rotated", metavar="WHO", help="say who has rotated the secrets; otherwise you are asked")
    group.add_argument("--prune", action="store_true", help="remove the old history from this repository at once")
    group.add_argument("--backup", metavar="DIR", help="a new folder for the backup (default: one in your own)")
    group.add_argument(
        *("--allow",),
        action="append",
        default=[],
        metavar="NAME",
        help="go on in spite of what is said against it, by its name; may be repeated",
    )
    group = parser.add_argument_group("with --restore")
    group.add_argument("--force", action="store_true", help="also over refs that have moved since the purge")
    options.add_jobs(parser)


def run(args: Namespace) -> int:
    """Plan, apply or restore, and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip.git.repo import git_for

    _check(args)
    git = git_for(args.repo)
    if args.restore:
        return _restore(git, args)
    return _plan(git, args) if args.plan else _apply(git, args)


def _check(args: Namespace) -> None:
    if args.plan and bool(args.findings) == bool(args.values_from):
        raise UsageError("--plan: say which secrets, with --findings REPORT or --values-from FILE, one of them")
    if args.select and not args.findings:
        raise UsageError("--select chooses from a report: give it with --findings REPORT")
    for name, wanted in (("prune", "apply"), ("rotated", "apply"), ("backup", "apply"), ("allow", "apply")):
        if getattr(args, name) and not args.apply:
            raise UsageError(f"--{name} belongs to --{wanted}")


def _jobs(args: Namespace) -> int:
    from tightlip.pool import processors

    return args.jobs or processors()


def _plan(git: Git, args: Namespace) -> int:
    from tightlip.purge import plan
    from tightlip.purge.told import tell_plan

    survey = plan.survey(git, _targets(git, args), jobs=_jobs(args))
    document = plan.document(survey, survey.affected())
    _write(args.plan, json.dumps(document, indent=2) + "\n")
    tell_plan(document, args.plan, sys.stdout)
    return 0


def _apply(git: Git, args: Namespace) -> int:
    from tightlip.purge import plan
    from tightlip.purge.apply import Options, apply
    from tightlip.purge.told import tell_applied, tell_next

    made = plan.read(_read(args.apply, "--apply"))
    is_given = args.findings or args.values_from
    targets = plan.meant(made, _targets(git, args)) if is_given else plan.targets(git, made)
    rotated = args.rotated or _ask(made)
    chosen = Options(rotated, args.prune, tuple(args.allow), args.backup, _jobs(args))
    applied = apply(git, made, targets, chosen, _say)
    tell_applied(applied, made, rotated, sys.stdout)
    tell_next(applied.afterwards, sys.stdout)
    return 0 if applied.proof.holds else _LEFT


def _restore(git: Git, args: Namespace) -> int:
    from tightlip.purge.publishing import files
    from tightlip.purge.repository import backup

    kept = backup.load(args.restore)
    backup.restore(git, kept, force=args.force)
    files.undo(git)
    sys.stdout.write(f"Restored {len(kept.refs)} refs, HEAD, the index and the reflogs as they were at {kept.when}.\n")
    sys.stdout.write("The secrets are in the history again.\n")
    return 0


def _targets(git: Git, args: Namespace) -> Sequence[Target]:
    from tightlip.purge import targets

    replacement = args.replace_with.encode("utf-8", "surrogateescape")
    if args.values_from:
        return targets.given(_read(args.values_from, "--values-from"), replacement)
    from tightlip.engine import Scanner

    return targets.found(git, Scanner(), _read(args.findings, "--findings"), args.select, replacement)


def _read(file: str, option: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{option}: cannot read {file}: {error.strerror}") from None


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"--plan: cannot write {file}: {error.strerror}") from None


def _ask(made: Mapping[str, Any]) -> str:
    """Ask who has rotated the secrets. Raises `UsageError` where nobody can be asked, or nobody has."""
    if not sys.stdin.isatty():
        raise UsageError("--apply: have the secrets been rotated? Say who has done it, with --rotated WHO")
    for secret in made["secrets"]:
        sys.stderr.write(f"{secret['name']}: {secret['secret']}\n")
        sys.stderr.writelines(f"  - {step}\n" for step in secret["remediation"])
    sys.stderr.write("Who has rotated them? (nothing: nobody yet) ")
    sys.stderr.flush()
    who = sys.stdin.readline().strip()
    if not who:
        raise UsageError("rotate the secrets first: a purge does not make them safe")
    return who


def _say(text: str) -> None:
    sys.stderr.write(f"tightlip: {text}\n")
    sys.stderr.flush()

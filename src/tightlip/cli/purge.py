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
from tightlip.cli.output import into_file
from tightlip.errors import UsageError
from tightlip.report.options import is_terminal
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Mapping, Sequence

    from tightlip.git.plumbing import Git
    from tightlip.purge.targets import Target

    Chosen = Callable[[Git], Sequence[Target]]

EXAMPLES = """\
examples:
  tightlip purge --plan plan.json --findings findings.json          what would be done; nothing is changed
  tightlip purge --plan plan.json --findings findings.json --select 3f2a9c
  tightlip purge --plan plan.json --values-from - < values.txt      a value on each line
  tightlip purge --plan plan.json --delete-path config/prod.env     a whole file, from every commit
  tightlip purge --plan plan.json --findings findings.json --mirror ../shop.git
  tightlip purge --apply plan.json --rotated 'Ada, ticket 4711' --prune ../shop.git
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
    parser.add_argument(
        *("repo",),
        nargs="?",
        metavar="REPO",
        help="a repository (default: the one of the current folder); with --mirror, its path or address (default: the "
        "origin of that one, if it has one)",
    )
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
    group = parser.add_argument_group("with --plan")
    group.add_argument(
        "--mirror", metavar="DIR", help="plan it in a fresh mirror clone of REPO, made in this new folder"
    )
    group.add_argument(
        *("--delete-path",),
        action="append",
        default=[],
        type=os.fsencode,
        metavar="PATH",
        help="also take this file or folder out of every commit, whatever is in it; may be repeated",
    )
    group.add_argument(
        *("--replace-rule",),
        action="append",
        default=[],
        metavar="RULE=TEXT",
        help="what takes the place of what one rule found, by the rule's id; may be repeated",
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
    if args.mirror is not None:
        return _plan_on_mirror(args)
    git = git_for(args.repo)
    if args.restore:
        return _restore(git, args)
    return _plan(git, _chosen(args), args) if args.plan else _apply(git, args)


def _check(args: Namespace) -> None:
    is_given = bool(args.findings), bool(args.values_from)
    if args.plan and (all(is_given) or not (any(is_given) or args.delete_path)):
        raise UsageError(
            "--plan: say what, with --findings REPORT or --values-from FILE, one of them, or with --delete-path PATH"
        )
    if args.select and not args.findings:
        raise UsageError("--select chooses from a report: give it with --findings REPORT")
    if args.replace_rule and not args.findings:
        raise UsageError("--replace-rule goes by the rules of a report: give it with --findings REPORT")
    applying = [(name, "apply") for name in ("prune", "rotated", "backup", "allow")]
    for name, wanted in (*applying, ("mirror", "plan"), ("delete_path", "plan")):
        if getattr(args, name) and not getattr(args, wanted):
            raise UsageError(f"--{name.replace('_', '-')} belongs to --{wanted}")


def _jobs(args: Namespace) -> int:
    from tightlip.pool import processors

    return args.jobs or processors()


def _plan_on_mirror(args: Namespace) -> int:
    """Make the mirror and plan there. It stays when the plan fails: a large one takes long to make."""
    from tightlip.purge.repository import mirror

    chosen, source = _chosen(args), mirror.source(args.repo)
    _say(f"making a mirror of {source.shown} in {args.mirror}")
    git = mirror.clone(source, args.mirror, _progress if is_terminal(sys.stderr) else None)
    try:
        return _plan(git, chosen, args)
    except BaseException:
        _say(f"the mirror is whole, and stays: plan there without --mirror, with {args.mirror} as the repository")
        raise


def _plan(git: Git, chosen: Chosen, args: Namespace) -> int:
    from tightlip.purge import plan
    from tightlip.purge.rewriting.paths import parsed
    from tightlip.purge.told import tell_plan

    survey = plan.survey(git, chosen(git), jobs=_jobs(args), deleted=parsed(args.delete_path))
    document = plan.document(survey, survey.affected())
    text = json.dumps(document, indent=2)
    into_file(args.plan, lambda out: out.writelines((text, "\n")), option="--plan")
    tell_plan(document, args.plan, args.mirror or args.repo or "", sys.stdout)
    return 0


def _apply(git: Git, args: Namespace) -> int:
    from tightlip.purge import plan
    from tightlip.purge.apply import Options, apply
    from tightlip.purge.told import tell_applied, tell_next

    made = plan.read(_read(args.apply, "--apply"))
    is_given = args.findings or args.values_from
    targets = plan.meant(made, _chosen(args)(git)) if is_given else plan.targets(git, made)
    rotated = args.rotated or _ask(made)
    chosen = Options(rotated, args.prune, tuple(args.allow), args.backup, _jobs(args))
    try:
        applied = apply(git, made, targets, chosen, _say)
    except KeyboardInterrupt:
        _say("the same command goes on from here, or begins anew if no ref has moved yet")
        raise
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


def _chosen(args: Namespace) -> Chosen:
    """Read which secrets are meant, and return what finds them in a repository."""
    from tightlip.purge import targets

    replacements = targets.Replacements(os.fsencode(args.replace_with), _by_rule(args.replace_rule))
    if not args.findings and not args.values_from:
        return lambda _: ()
    if args.values_from:
        values = targets.given(_read(args.values_from, "--values-from"), replacements.other)
        return lambda _: values
    from tightlip.engine import Scanner

    report = _read(args.findings, "--findings")
    return lambda git: targets.found(git, Scanner(), report, args.select, replacements)


def _by_rule(given: Sequence[str]) -> dict[str, bytes]:
    pairs = [each.partition("=") for each in given]
    for rule, sign, _ in pairs:
        if not rule or not sign:
            raise UsageError(f"--replace-rule {rule}{sign}: give the id of a rule and a text, as RULE=TEXT")
    return {rule: os.fsencode(text) for rule, _, text in pairs}


def _read(file: str, option: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{option}: cannot read {file}: {error.strerror}") from None


def _ask(made: Mapping[str, Any]) -> str:
    """Ask who has rotated the secrets. Raises `UsageError` where nobody can be asked, or nobody has."""
    if not sys.stdin.isatty():
        raise UsageError("--apply: have the secrets been rotated? Say who has done it, with --rotated WHO")
    for secret in made["secrets"]:
        sys.stderr.write(f"{secret['name']}: {secret['secret']}\n")
        sys.stderr.writelines(f"  - {step}\n" for step in secret["remediation"])
    sys.stderr.write("Who has rotated them? (nothing: nobody yet) ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # Ctrl-D, which leaves the cursor behind the question
        sys.stderr.write("\n")
    who = answer.strip()
    if not who:
        raise UsageError("rotate the secrets first: a purge does not make them safe")
    return who


def _say(text: str) -> None:
    sys.stderr.write(f"tightlip: {visible(text)}\n")
    sys.stderr.flush()


def _progress(line: str) -> None:
    """Show a line of git's, which ends as git ended it."""
    text = line.rstrip("\r\n")
    sys.stderr.write(visible(text) + line[len(text) :])
    sys.stderr.flush()

"""Scan what a change adds, in a job of a CI platform: a pull or merge request, a push, a new branch, a tag.

The platform says what the change is, and tightlip looks for it in the clone: every commit counts, also what a later one
takes out again. Where the clone lacks a part of it, the exit code is 3, and the setting that mends that is told.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from tightlip.ci.platforms import BY_HAND, PLATFORMS, asked, here
from tightlip.ci.said import sensible
from tightlip.cli import options, output, scanning
from tightlip.errors import GitError, UsageError
from tightlip.report import FORMATS

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.baseline.place import Place
    from tightlip.ci.change import Change, Gap
    from tightlip.ci.edits import Edit
    from tightlip.ci.said import Platform, Said
    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.git.plumbing import Git
    from tightlip.policy import Policy

EXAMPLES = """\
examples:
  tightlip ci                                what the change of this job adds
  tightlip ci --scope result                 only what its end would leave in the files
  tightlip ci --policy base                  a fork's pull request cannot switch off its own check
  tightlip ci --base origin/main -v          by hand, anywhere; and what is compared with what, and why
  tightlip ci --report sarif:tightlip.sarif  a report for another step, beside the platform's own
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    group = parser.add_argument_group("what the change is (default: what the platform says)")
    group.add_argument(
        *("--platform",),
        choices=(*PLATFORMS, BY_HAND.name),
        metavar="NAME",
        help="whose job this is: github, gitlab, bitbucket, azure, jenkins, circleci, buildkite, or none",
    )
    group.add_argument("--base", metavar="REV", help="what the change is compared with; empty is not given")
    group.add_argument("--head", metavar="REV", help="the end of the change")
    group.add_argument(
        *("--scope",),
        choices=("commits", "result"),
        default="commits",
        help="commits: all that each commit adds, messages too (the default); result: what the end leaves in the files",
    )
    group.add_argument(
        *("--policy",),
        choices=("change", "base"),
        default="change",
        help="whose configuration, ignore file and known findings count: what is checked out (change, the default), "
        "or what was accepted before the change (base)",
    )
    options.add_rules(parser)
    options.add_policy(parser)
    options.add_baseline(parser)
    options.add_report(parser, FORMATS)
    options.add_exit_code(parser.add_argument_group("outcome"), "when secrets are found")
    options.add_jobs(parser)
    # What `scanning` asks of a history scan, for plugins; and the values stay hidden in every job's log.
    parser.set_defaults(show_secrets=False, reachable_only=False, range=None, branch=(), since=None)
    parser.set_defaults(max_count=None, path=())


def run(args: Namespace) -> int:
    """Scan and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip.ci import files
    from tightlip.ci.change import Gap
    from tightlip.git.repo import git_for

    destinations = output.checked(args.report, template=args.template) if args.report or args.template else None
    args.base, args.head = args.base or None, args.head or None
    platform = _platform(args)
    said = sensible(_said(platform, args))
    git = git_for(args.repo)
    files.check(git, [it.file for it in destinations or () if it.file])
    edits: list[Edit] = []
    found = _looked_up(git, said, args)
    if not isinstance(found, Gap):
        try:
            report, edits = _scanned(git, said, found, args)
        except GitError as error:
            found = _partial(git, error)
    if isinstance(found, Gap):
        report = _incomplete(git, said, platform, found, args)
    _deliver(report, edits, platform, destinations, args)
    if report.interrupted:
        _tell("interrupted, the scan is not complete")
        return scanning.INCOMPLETE
    if report.findings and args.exit_code:
        return int(args.exit_code)
    return 0 if report.complete else scanning.INCOMPLETE


def _platform(args: Namespace) -> Platform:
    if args.platform:
        return PLATFORMS.get(args.platform, BY_HAND)
    return here(os.environ) or BY_HAND


def _said(platform: Platform, args: Namespace) -> Said:
    """Return what the platform says, as far as it is asked. Raises `UsageError`."""
    if args.base and (args.head or platform is BY_HAND):
        return asked(f"{platform.title} job".strip() if platform.title else "by hand")
    return platform.said(os.environ)


def _looked_up(git: Git, said: Said, args: Namespace) -> Change | Gap:
    from tightlip.ci.change import Asked, understood

    try:
        return understood(git, said, Asked(args.base, args.head))
    except UsageError as error:
        raise UsageError(_masked(str(error), args.rules)) from None
    except GitError as error:
        return _partial(git, error)


def _partial(git: Git, error: GitError) -> Gap:
    """Return that a partial clone lacks something, where that is why git failed; else raise its error."""
    from tightlip.ci.change import left_out
    from tightlip.errors import NoGit, NotARepository
    from tightlip.git.repo import facts

    if isinstance(error, NoGit | NotARepository) or not facts(git).partial:
        raise error
    return left_out("something of the change")


def _scanned(git: Git, said: Said, change: Change, args: Namespace) -> tuple[Report, list[Edit]]:
    """Return what is found, without what is allowed or known, and the edits of what says so."""
    from tightlip import policy
    from tightlip.ci import scans
    from tightlip.ci.edits import edits

    is_base = args.policy == "base"
    told = scanning.policy_of(policy.of(git, change.accepted if is_base else None), args)
    args.reachable_only, args.range = False, None if change.is_whole else ".."
    named = filter(None, (args.config, args.baseline, *args.rules))
    noted = edits(git, change, told, named, is_base=is_base)

    def scan(scanner: Scanner) -> Report:
        if args.scope == "result":
            return scans.result(git, scanner, change)
        if change.is_whole:
            return scans.whole(git, scanner, jobs=args.jobs or None, reachable_only=args.reachable_only)
        return scans.commits(git, scanner, change, said.branch or said.tag)

    _say(_about(said, change, args), args.rules)
    report = scanning.scanned(args, scan, told)
    if report.findings and not args.no_baseline:
        report = scanning.without(report, _known(git, change, told, args))
    notes = (*change.notes, *(it.what for it in noted), *_taken_out(report, said, change))
    return replace(report, notes=(*report.notes, *notes)), noted


def _known(git: Git, change: Change, told: Policy | None, args: Namespace) -> Place:
    from tightlip.baseline import place
    from tightlip.config.repository import top_of

    if args.policy == "base" and args.baseline is None:
        return place.Place(place.of_revision(git, change.accepted), top_of(git))
    return place.of_working_tree(git, args.baseline or (told.baseline if told else None))


def _taken_out(report: Report, said: Said, change: Change) -> list[str]:
    """Return why a secret counts that the end of the change does not hold any more."""
    from tightlip.report.style import count

    number = len({it.secret for it in report.findings if it.in_head is False})
    if not number or change.is_whole:
        return []
    kept = f", and {said.kept} keeps them even if the request is squashed" if said.kept else ""
    gone = f"{count(number, 'secret')} of this change {'is' if number == 1 else 'are'} gone from its end"
    why = f"and not from its commits: whoever fetches the branch has them{kept}"
    return [f"{gone} {why}. Rotate, and rewrite these commits (git rebase -i)"]


def _incomplete(git: Git, said: Said, platform: Platform, gap: Gap, args: Namespace) -> Report:
    """Return a report of nothing but what is missing, and how it is mended."""
    from tightlip.finding import Report, Unscanned

    ways = [
        platform.fuller if gap.is_partial else platform.deeper,
        *([f"run `{gap.fetch}` before"] if gap.fetch else []),
    ]
    why = _masked(f"{gap.why}; {', or '.join(ways)}", args.rules)
    _say([f"{said.what}: nothing was scanned, for this clone lacks a part of it"], args.rules)
    return Report("history", git.where or ".", (), (Unscanned(_masked(gap.what, args.rules), why),))


def _about(said: Said, change: Change, args: Namespace) -> list[str]:
    """Return in a line what is scanned; with `-v`, also what it is compared with, and who says so."""
    from tightlip.report.style import count

    number = count(len(change.commits), "commit")
    if change.is_whole:
        what = "the whole history"
    elif change.is_alone:
        what = f"{change.end.name}, on a commit that a branch has already: that commit and the tag's message"
    elif change.starts:
        what = f"{number}, {change.starts[0].name}..{change.end.name}"
    else:
        what = f"{number}, all of {change.end.name}"
    lines = [f"{said.what}: {what}{', what the end leaves in the files' if args.scope == 'result' else ''}"]
    if args.detail > 0:
        lines.append(f"  to {change.end.oid} ({change.end.of})")
        lines += [f"  compared with {it.oid} ({it.of}, {it.name})" for it in change.starts]
        lines += [f"  {note}" for note in change.notes]
    return lines


def _deliver(
    report: Report,
    edits: list[Edit],
    platform: Platform,
    destinations: list[output.Destination] | None,
    args: Namespace,
) -> None:
    """Write the reports that are asked for, and what the platform shows unless one of them takes its place."""
    if destinations:
        scanning.deliver(report, destinations, args)
        if not all(it.file for it in destinations):
            return
    from tightlip.ci import files, telling

    wrong: list[str] = []

    def write(name: str, out: TextIO) -> None:
        told = telling.Told(report, edits, output.shown(out, args))
        telling.log(name, told, out)
        wrong.append(telling.publish(name, told, out, os.environ))

    output.deliver([output.Destination(platform.name)], write)
    for line in filter(None, wrong):
        _tell(line)
    name, file = telling.FILES.get(platform.name, ("", ""))
    if file and name not in {it.format for it in destinations or ()}:
        files.own(file)
        scanning.deliver(report, [output.Destination(name, file)], args)


def _say(lines: list[str], rules: list[str]) -> None:
    for line in lines:
        _tell(_masked(line, rules))


def _tell(line: str) -> None:
    """Write a line that is none of the platform's commands: it reads them here as well."""
    from tightlip.report.remark import harmless

    sys.stderr.write(f"tightlip: {harmless(line)}\n")


def _masked(text: str, rules: list[str]) -> str:
    """Return a text without the secrets in it: the name of a branch may be one."""
    scanner = scanning.plain_scanner(rules, None)
    for match in scanner.scan(text.encode("utf-8", "surrogateescape"), b"").matches:
        text = text.replace(match.secret.reveal().decode("utf-8", "surrogateescape"), "*" * 8)
    return text

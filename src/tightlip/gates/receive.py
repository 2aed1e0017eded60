"""What a server is sent: refuse it where it brings a secret, before any ref leads to it.

The accepted history says what may stay, never what is pushed: configuration and baseline are the default branch's.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.errors import TightlipError, UsageError
from tightlip.gates.protocol import Receiving, Update, is_id
from tightlip.hooks import CLEAN, FINDINGS, INCOMPLETE, Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.gates.accepted import Word
    from tightlip.gates.log import Log
    from tightlip.git.plumbing import Git

_FIELDS = 3
_OPTION = "tightlip.skip"


class Skip:
    """The pusher's wish to go past. Parameters: `reason`, empty for no such wish."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.granted = False
        """Once it is known that the reason can be written down."""


def run(hook: str, arguments: Sequence[str]) -> int:
    """Refuse the push, or let it pass, and return the exit code. Raises `UsageError` and `GitError`."""
    told = Receiving(Options(arguments))
    if any(argument.startswith("-") for argument in arguments):
        from tightlip.gates.arguments import of_server

        told = of_server(arguments, hook)
    updates = _updates(hook, told.options.names)
    if not any(update.new.strip("0") for update in updates):
        return CLEAN
    from tightlip.gates.log import Log
    from tightlip.gates.timer import Timer

    log = Log(told.log, updates)
    skip = Skip(_reason(told))
    with Timer(told.seconds, lambda: _expired(told, log, skip)):
        return _judge(told, updates, log, skip)


def _updates(hook: str, names: Sequence[str]) -> list[Update]:
    if hook == "update":
        if len(names) != _FIELDS:
            raise UsageError("update: name a ref, the old and the new object; git does")
        lines = [(names[1], names[2], names[0])]
    else:
        text = "" if sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
        lines = [tuple(line.split(" ")) for line in text.split("\n") if line]
    if any(len(line) != _FIELDS or not is_id(line[0]) or not is_id(line[1]) for line in lines):
        raise UsageError(f"{hook}: this is not what git tells such a hook; git calls it on the server")
    return [Update(ref, old, new) for old, new, ref in lines]


def _reason(told: Receiving) -> str:
    """Return why the pusher wants to go past, where that may be; nothing for no such wish. Raises `UsageError`."""
    number = os.environ.get("GIT_PUSH_OPTION_COUNT", "")
    options = [os.environ.get(f"GIT_PUSH_OPTION_{at}", "") for at in range(int(number) if number.isdecimal() else 0)]
    wishes = [option.partition("=")[2].strip() for option in options if option.partition("=")[0] == _OPTION]
    if not wishes:
        return ""
    if not told.may_skip:
        raise UsageError(f"this server does not let a push skip the scan; push again without -o {_OPTION}")
    if not wishes[-1]:
        raise UsageError(f"say why: git push -o {_OPTION}='REASON'")
    return wishes[-1]


def _judge(told: Receiving, updates: Sequence[Update], log: Log, skip: Skip) -> int:
    from tightlip.gates import accepted
    from tightlip.gates.told import Advice, tell
    from tightlip.git.plumbing import Git
    from tightlip.git.repo import commits_at

    git = Git()
    try:
        word = accepted.word_of(git, told.options, commits_at(git, ["HEAD"])[0])
    except TightlipError as error:
        return _unread(error, told, log, skip)
    _grant(word.scanner, skip)
    report = _scanned(git, told.options, updates, word)
    if not report.findings and not report.unscanned:
        if not skip.granted:
            accepted.check_next(git, told.options, updates)
        return CLEAN
    log.write("skipped" if skip.granted else "refused", report, skip.reason)
    if skip.granted:
        sys.stderr.write(_SKIPPED)
        return CLEAN
    how = f"git push -o {_OPTION}='REASON' goes past this check, and is written down." if told.may_skip else ""
    tell(report, Advice("push", _NEXT, how), sys.stderr)
    return FINDINGS if report.findings else INCOMPLETE


_SKIPPED = "tightlip: this push goes past the scan as you asked, and the server has written that down\n"
_OWNER = "its owner lets the correction of the default branch in, by --allow-skip or --config FILE in the hook"
_NEXT = (
    "Take the value out of the commit that brings it; a later commit does not help.",
    "That is git commit --amend for the last commit, git rebase -i for an older one, git tag -f for a tag.",
    "Push again. Nothing on the server leads to what was refused; rotate the value all the same.",
)


def _scanned(git: Git, options: Options, updates: Sequence[Update], word: Word) -> Report:
    from tightlip.cli.scanning import notes, without
    from tightlip.gates import brought
    from tightlip.tally import Tally

    commit, policy, scanner = word
    tally = Tally(scanner)
    refs = [brought.Ref(update.ref, update.new) for update in updates if update.new.strip("0")]
    new = brought.brought(git, refs, (), "--all")
    brought.scan(git, tally, new, policy)
    report = policy.applied(tally.close("history", ".", brought.findings(git, tally, new)), scanner)
    report = replace(report, notes=(*report.notes, *notes(policy)))
    if options.no_baseline or not report.findings:
        return report
    from tightlip.baseline import place

    known = place.of_revision(git, commit) if commit else None
    return without(report, place.Place(place.named(options.baseline) if options.baseline else known, None))


def _unread(error: TightlipError, told: Receiving, log: Log, skip: Skip) -> int:
    """Let a push past a configuration that cannot be read if it may and wants to. Raises `UsageError`."""
    from tightlip.engine import Scanner

    _grant(Scanner(), skip)
    if not skip.granted:
        way = f"push its correction with -o {_OPTION}='REASON'" if told.may_skip else _OWNER
        raise UsageError(f"{error}; the server's own says that, not what you push, and nothing gets through: {way}")
    log.write("skipped, not scanned", None, skip.reason)
    sys.stderr.write(_SKIPPED)
    return CLEAN


def _grant(scanner: Scanner, skip: Skip) -> None:
    """Let the push go past if it wants to, unless the reason holds a secret: it is written down."""
    if skip.reason and scanner.scan(skip.reason.encode("utf-8", "surrogateescape"), b"").matches:
        raise UsageError(f"-o {_OPTION}: the reason itself holds a secret; say it without")
    skip.granted = bool(skip.reason)


def _expired(told: Receiving, log: Log, skip: Skip) -> int:
    """Tell that the time is over, and return the exit code."""
    outcome, reason = ("skipped", skip.reason) if skip.granted else ("refused", "")
    try:
        log.write(f"{outcome}, too long to scan", None, reason)
    except UsageError as error:  # nobody else tells it: the program ends here
        sys.stderr.write(f"tightlip: error: {error}\n")
        return INCOMPLETE
    if skip.granted:
        sys.stderr.write(_SKIPPED)
        return CLEAN
    sys.stderr.write(
        f"tightlip stopped this push: it could not be scanned within {told.seconds} seconds, so nobody knows what it "
        "brings.\nPush it in parts: a branch at a time, or an older commit first, git push REMOTE COMMIT:BRANCH. The "
        "owner of the server may give it more time: --timeout SECONDS.\n"
    )
    return INCOMPLETE

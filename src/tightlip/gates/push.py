"""What is about to be pushed: refuse what the remote has not got and holds a secret, and what a purge has removed."""

from __future__ import annotations

import os
import sys

from tightlip.errors import UsageError
from tightlip.gates.protocol import Pushing, is_id
from tightlip.hooks import CLEAN, FINDINGS, INCOMPLETE, Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.gates.brought import Ref
    from tightlip.git.plumbing import Git

_FIELDS = 4
_GLOB = frozenset("*?[")
_ADDRESSES = r"^remote\..*\.(url|pushurl)$"


class Push:
    """What git, or the pre-commit framework, says of a push.

    Parameters: `refs`, what is to be on the other side, without what is deleted; `known`, ids of what it has;
    `remote`, its name; empty where it has none; `note`, what the person who pushes should know.
    """

    def __init__(self, refs: Sequence[Ref], known: Sequence[str], remote: str, note: str = "") -> None:
        self.refs, self.known, self.remote, self.note = refs, known, remote, note


def run(_hook: str, arguments: Sequence[str]) -> int:
    """Refuse the push, or let it pass, and return the exit code. Raises `UsageError` and `GitError`."""
    names = [argument for argument in arguments if argument != "--no-scan"]
    told = Pushing(Options(names), scans=len(names) == len(arguments))
    if any(argument.startswith("-") for argument in names):
        from tightlip.gates.arguments import of_push

        told = of_push(arguments)
    from tightlip.purge.publishing import banned

    list_here = banned.file(os.environ.get("GIT_COMMON_DIR") or os.environ.get("GIT_DIR"))
    first = set().union(*map(banned.read, (list_here, *told.banned)))
    if not first and not told.scans:
        return CLEAN
    from tightlip.git.plumbing import Git

    git = Git()
    push = _push(git, told.options.names)
    if not push.refs:
        return CLEAN
    if banned.reached(git, first, {ref.new for ref in push.refs}):
        from tightlip.cli.refusal import tell

        found = {ref.name or "a branch": banned.reached(git, first, [ref.new]) for ref in push.refs}
        tell({name: sorted(oids) for name, oids in found.items() if oids}, os.path.dirname(list_here), sys.stderr)
        return FINDINGS
    return _scan(git, push, told.options) if told.scans else CLEAN


def _scan(git: Git, push: Push, options: Options) -> int:
    from tightlip.gates import brought
    from tightlip.hooks import left, policy_of, scanner_of
    from tightlip.tally import Tally

    policy = policy_of(git, options)
    tally = Tally(scanner_of(options, policy))
    new = brought.brought(git, push.refs, push.known, *_seen(git, push.remote))
    brought.scan(git, tally, new, policy)
    if not tally.found and not tally.unscanned:
        return CLEAN
    report = tally.close("history", git.where or ".", brought.findings(git, tally, new))
    report = left(report, tally.scanner, git, options, policy)
    from dataclasses import replace

    if push.note and (report.findings or report.unscanned):
        report = replace(report, notes=(*report.notes, push.note))
    if not report.findings and not report.unscanned:
        sys.stderr.writelines(f"tightlip: note: {note}\n" for note in report.notes)
        return CLEAN
    from tightlip.gates.told import Advice, tell

    tell(report, Advice("push", _NEXT, _SKIP), sys.stderr)
    return FINDINGS if report.findings else INCOMPLETE


def _seen(git: Git, remote: str) -> tuple[str, ...]:
    """Return what says, to `git rev-list`, which refs the other side had when it was last seen.

    Without a name nothing is known of it; nor of a name with several addresses, of which one may have been seen.
    """
    if not remote or _GLOB & set(remote):
        return ()
    told = git.run("config", "-z", "--get-regexp", _ADDRESSES, fine=(1,)).decode("utf-8", "surrogateescape")
    names = [entry.partition("\n")[0].removeprefix("remote.") for entry in told.split("\0")]
    if (names.count(f"{remote}.pushurl") or names.count(f"{remote}.url")) > 1:
        return ()
    others = {name.rpartition(".")[0] for name in names}
    below = sorted(other for other in others if other.startswith(f"{remote}/"))
    return (*(f"--exclude={other}/*" for other in below), f"--remotes={remote}")


_NEXT = (
    "Nothing has left this machine yet. Take the value out of the commit that brings it; a later commit does not help.",
    "That is git commit --amend for the last commit, git rebase -i for an older one, git tag -f for a tag.",
    "A line that may stay gets the comment tightlip: allow=RULE REASON.",
    "Push again.",
)
_UNSURE = (
    "the pre-commit framework tells of the first ref of a push only: every branch and tag was looked at. "
    "`tightlip install --chain` makes a hook that is told of all"
)
_SKIP = "git push --no-verify would skip this check and publish the secret as it stands."


def _push(git: Git, names: Sequence[str]) -> Push:
    """Return what is pushed, as git or the framework tells. Raises `UsageError` for what git never says."""
    remote = os.environ.get("PRE_COMMIT_REMOTE_NAME", "")
    if "PRE_COMMIT_TO_REF" in os.environ or "PRE_COMMIT_LOCAL_BRANCH" in os.environ:
        return _of_framework(git, remote)
    lines = [] if sys.stdin.isatty() else sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")
    pushed = [line.split(" ") for line in lines if line]
    if not pushed and "PRE_COMMIT" in os.environ:  # by hand, `pre-commit run`: what is on no remote
        return _without_push(git)
    if any(len(fields) != _FIELDS or not is_id(fields[1]) or not is_id(fields[3]) for fields in pushed):
        raise UsageError("standard input: this is not what git tells a pre-push hook; git calls it, or pre-commit does")
    from tightlip.gates.brought import Ref

    refs = [Ref(name, oid) for _, oid, name, _ in pushed if oid.strip("0")]
    known = [oid for _, _, _, oid in pushed if oid.strip("0")]
    named = names[0] if len(names) > 1 and names[0] != names[1] else ""
    return Push(refs, known, named)


def _of_framework(git: Git, remote: str) -> Push:
    """Return what the framework tells, of several refs the first one, and the others as far as can be known."""
    tip = os.environ.get("PRE_COMMIT_TO_REF") or os.environ["PRE_COMMIT_LOCAL_BRANCH"]
    before = os.environ.get("PRE_COMMIT_FROM_REF")
    address = os.environ.get("PRE_COMMIT_REMOTE_URL", "")
    found = _ids(git, [tip, *([before] if before else [])])
    if not found[0]:
        raise UsageError(f"{tip}: there is no such branch, tag or commit to be pushed")
    from tightlip.gates import command
    from tightlip.gates.brought import Ref

    remote = "" if remote == address else remote
    more, is_sure = command.others(git, remote, found[0])
    first = os.environ.get("PRE_COMMIT_REMOTE_BRANCH", ""), found[0]
    refs = [Ref(name, oid) for name, oid in dict.fromkeys((first, *more))]
    return Push(refs, [oid for oid in found[1:] if oid], remote, "" if is_sure or len(refs) == 1 else _UNSURE)


def _without_push(git: Git) -> Push:
    from tightlip.gates.brought import Ref

    refs = [Ref("", oid) for oid in _ids(git, ["HEAD"]) if oid]
    remotes = git.run("for-each-ref", "--format=%(objectname)", "refs/remotes").decode().split()
    return Push(refs, remotes, "")


def _ids(git: Git, names: Sequence[str]) -> list[str]:
    """Return the objects that names stand for; nothing for one that is none."""
    request = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
    answers = (
        git.run("cat-file", "--batch-check=%(objectname)", stdin=request).decode("utf-8", "replace").split("\n")[:-1]
    )
    return [answer if is_id(answer) else "" for answer in answers]

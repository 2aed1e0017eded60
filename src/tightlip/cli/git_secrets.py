"""git-secrets' commands, its configuration and exit codes, with tightlip's rules beside the configured patterns.

No program that a repository's configuration names is run, and no secret is printed.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.model import Secret
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from tightlip.git.plumbing import Git
    from tightlip.interop.git_secrets_scan import Outcome

EXAMPLES = """\
examples:
  tightlip git-secrets --scan                        the files that git knows, as they are in the working tree
  tightlip git-secrets --scan -r src config          these, and what is below them
  tightlip git-secrets --scan-history
  tightlip git-secrets --add 'acme_[0-9a-f]{32}'
  tightlip git-secrets --add --allowed '^tests/'     matched against path:line:text
  tightlip git-secrets --install                     the hooks commit-msg, pre-commit, prepare-commit-msg

exit code: 0 clean, 1 prohibited text found, 2 wrong use, 3 nothing found but something could not be scanned
"""
_FOUND, _INCOMPLETE = 1, 3
_ADVICE = """
[ERROR] Matched one or more prohibited patterns

Possible mitigations:
- Allow what is no secret: tightlip git-secrets --add --allowed PATTERN, or a line in .gitallowed
- or put a comment on the line, `tightlip: allow`
- List what is looked for: tightlip git-secrets --list
- What is a secret must be made worthless where it was issued
"""
_HOOKS = ("pre_commit_hook", "commit_msg_hook", "prepare_commit_msg_hook")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "words", nargs="*", metavar="FILE|PATTERN", help="what the action is about; - is standard input"
    )
    actions = parser.add_argument_group("actions").add_mutually_exclusive_group(required=True)
    for name, text in (
        ("--scan", "scan files; those that git knows where none is named"),
        ("--scan-history", "scan every object of the repository"),
        ("--list", "list what is configured"),
        ("--add", "add a pattern to git's configuration"),
        ("--add-provider", "add a program that prints patterns, to your global configuration"),
        ("--register-aws", "look for AWS keys: tightlip's own rules do, and for those in ~/.aws/credentials"),
        ("--install", "write the hooks into the repository"),
    ):
        actions.add_argument(name, action="store_true", help=text)
    for name in _HOOKS:
        actions.add_argument(f"--{name}", action="store_true", help="what the hook of that name calls")
    scan = parser.add_argument_group("with --scan")
    scan.add_argument("-r", "--recursive", action="store_true", help="what is below the named folders too")
    kinds = scan.add_mutually_exclusive_group()
    kinds.add_argument("--cached", action="store_true", help="what the index holds")
    kinds.add_argument("--no-index", action="store_true", help="all files of the current folder, git's or not")
    kinds.add_argument("--untracked", action="store_true", help="files that git does not know yet as well")
    add = parser.add_argument_group("with --add and --install")
    add.add_argument("-a", "--allowed", action="store_true", help="the pattern is allowed, not prohibited")
    add.add_argument("-l", "--literal", action="store_true", help="the pattern is a text as it is")
    add.add_argument("--global", action="store_true", dest="everywhere", help="in your global configuration")
    add.add_argument("-f", "--force", action="store_true", help="write over hooks that are there")


def run(args: Namespace) -> int:
    """Do it and return the exit code."""
    from tightlip.git.plumbing import Git

    git = Git()
    actions: dict[str, Callable[[Namespace, Git], int]] = {
        "scan": _scan,
        "scan_history": _scan_history,
        "list": _list,
        "add": _add,
        "add_provider": _add_provider,
        "register_aws": _register_aws,
        "install": _install,
        "pre_commit_hook": _pre_commit,
        "commit_msg_hook": _commit_msg,
        "prepare_commit_msg_hook": _prepare_commit_msg,
    }
    return next(action for name, action in actions.items() if getattr(args, name))(args, git)


def _scan(args: Namespace, git: Git) -> int:
    from tightlip.interop import git_secrets_scan as scans
    from tightlip.scan import scan_files

    if args.recursive and (args.cached or args.no_index or args.untracked):
        raise UsageError("-r cannot be used with --cached, --no-index or --untracked")
    if args.words == ["-"]:
        return _scan_text(git, sys.stdin.buffer.read(), "(standard input)")
    if args.cached:
        made, problems = scans.prepared(git)
        outcome = scans.scan(made, lambda scanner: scans.scan_index(git, args.words, scanner), scans.of_blob(git))
        return _told(outcome, problems)
    if args.words:
        files = [word for word in args.words if args.recursive or args.no_index or not os.path.isdir(word)]
    else:
        files = ["."] if args.no_index or args.recursive else scans.tracked(git, untracked=args.untracked)
    made, problems = scans.prepared(git)
    outcome = scans.scan(made, lambda scanner: scan_files(files, scanner=scanner), scans.of_file)
    return _told(outcome, problems)


def _scan_text(git: Git, data: bytes, path: str) -> int:
    from tightlip.interop import git_secrets_scan as scans
    from tightlip.scan import scan_bytes

    made, problems = scans.prepared(git)
    return _told(scans.scan(made, lambda scanner: scan_bytes(data, path, scanner=scanner), lambda _: data), problems)


def _scan_history(_: Namespace, git: Git) -> int:
    from tightlip.interop import git_secrets_scan as scans
    from tightlip.scan import scan_history

    made, problems = scans.prepared(git)
    return _told(scans.scan(made, lambda scanner: scan_history(scanner=scanner), scans.of_blob(git)), problems)


def _pre_commit(_: Namespace, git: Git) -> int:
    from tightlip.interop import git_secrets_scan as scans
    from tightlip.scan import scan_staged

    made, problems = scans.prepared(git)
    return _told(scans.scan(made, lambda scanner: scan_staged(scanner=scanner), scans.of_blob(git)), problems)


def _commit_msg(args: Namespace, git: Git) -> int:
    if len(args.words) != 1:
        raise UsageError("--commit_msg_hook takes the file of the message")
    try:
        with open(args.words[0], "rb") as file:
            message = file.read()
    except OSError as error:
        raise UsageError(f"{args.words[0]}: cannot read it: {error.strerror}") from None
    return _scan_text(git, message, args.words[0])


def _prepare_commit_msg(args: Namespace, git: Git) -> int:
    """Look at what a merge brings in; any other commit is the other hooks' business."""
    from tightlip.interop import git_secrets_scan as scans
    from tightlip.scan import scan_history

    merged = [name.partition("_")[2] for name in os.environ if name.startswith("GITHEAD_")]
    if args.words[1:] != ["merge"] or not merged:
        return 0
    ranges = [f"HEAD..{oid}" for oid in merged]
    made, problems = scans.prepared(git)
    outcome = scans.scan(made, lambda scanner: scan_history(revisions=ranges, scanner=scanner), scans.of_blob(git))
    return _told(outcome, problems)


def _told(outcome: Outcome, problems: tuple[object, ...]) -> int:
    """Print what was found and return the exit code."""
    for hit in outcome.hits:
        print(visible(str(hit)))
    sys.stdout.flush()
    for problem in problems:
        print(f"tightlip: not used: {visible(str(problem))}", file=sys.stderr)
    for what, why in outcome.unscanned:
        print(f"tightlip: not scanned: {visible(f'{what}: {why}')}", file=sys.stderr)
    if outcome.hits:
        sys.stderr.write(_ADVICE)
        return _FOUND
    lost = any(getattr(problem, "lost", True) for problem in problems)
    return _INCOMPLETE if outcome.unscanned or lost else 0


def _list(_: Namespace, git: Git) -> int:
    from tightlip.interop.git_secrets import configured, is_literal

    for kind in ("providers", "patterns", "allowed", "literals"):
        for setting in configured(git, f"secrets.{kind}"):
            hidden = kind in ("patterns", "literals") and is_literal(setting.value)
            shown = Secret(setting.value.encode()).redacted() if hidden else setting.value
            print(visible(f"secrets.{kind} {shown}"))
    return 0


def _add(args: Namespace, git: Git) -> int:
    from tightlip.interop import git_secrets

    if len(args.words) != 1 or not args.words[0]:
        raise UsageError("--add takes one pattern")
    pattern = git_secrets.escaped(args.words[0]) if args.literal else args.words[0]
    made = git_secrets.ready([] if args.allowed else [("the pattern", pattern)], [pattern] if args.allowed else [])
    if made.unusable:
        raise UsageError(f"the pattern {made.unusable[0].why}")
    return _set(git, "secrets.allowed" if args.allowed else "secrets.patterns", pattern, everywhere=args.everywhere)


def _set(git: Git, key: str, value: str, *, everywhere: bool) -> int:
    """Add a value to git's configuration, once."""
    from tightlip.interop.git_secrets import configured

    scopes = ("global",) if everywhere else ("local", "worktree")
    if any(setting.value == value and setting.scope in scopes for setting in configured(git, key)):
        print("tightlip: it is configured already", file=sys.stderr)
        return _FOUND
    git.run("config", "--global" if everywhere else "--local", "--add", key, value)
    return 0


def _add_provider(args: Namespace, git: Git) -> int:
    import shlex

    if not args.words:
        raise UsageError("--add-provider takes a command, behind --")
    if not args.everywhere:
        raise UsageError("a program that a repository's configuration names is never run: use --add-provider --global")
    return _set(git, "secrets.providers", shlex.join(args.words), everywhere=True)


def _register_aws(args: Namespace, git: Git) -> int:
    print("tightlip's own rules look for AWS keys; those in ~/.aws/credentials are looked for as well now")
    _set(git, "secrets.providers", "git secrets --aws-provider", everywhere=args.everywhere)
    return 0


def _install(args: Namespace, git: Git) -> int:
    from tightlip.git.repo import git_for
    from tightlip.interop.git_secrets_install import install

    if len(args.words) > 1:
        raise UsageError("--install takes one folder")
    for path in install(git_for(args.words[0]) if args.words else git, force=args.force):
        print(f"✓ Installed {visible(path)}")
    return 0

"""What git's hooks and the pre-commit framework call: their arguments and environment in, an exit code out.

This runs on every commit, so a clean commit loads nothing but the prefilter and two calls of git.
"""

from __future__ import annotations

import os
import sys

from tightlip.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change
    from tightlip.policy import Policy
    from tightlip.tally import Tally

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 3

_BASELINE = b".tightlip-baseline.yaml"
"""As baseline/file.py names it, which a clean commit need not load."""

_SAYING = frozenset({b".tightlip.yaml", b".tightlipignore", b"pyproject.toml"})
"""As config/found.py names them."""

_GATES = {
    "commit-msg": "message",
    "prepare-commit-msg": "message",
    "pre-push": "push",
    "pre-receive": "receive",
    "update": "receive",
}
"""The other hooks, and their modules."""

_HELP = """\
usage: tightlip hook pre-commit [OPTION ...] [FILE ...]            scan what is staged, and whole those not staged
       tightlip hook commit-msg [OPTION ...] FILE                  scan the message of a commit
       tightlip hook prepare-commit-msg [OPTION ...] FILE [KIND]   scan the message that a merge or squash brings along
       tightlip hook pre-push [OPTION ...] [REMOTE URL]            scan what the remote has not got; refuse what a purge
                                                                   has removed
       tightlip hook pre-receive [OPTION ...]                      on a server: scan what is pushed
       tightlip hook update [OPTION ...] REF OLD NEW               the same, of one ref
       tightlip hook history [OPTION ...]                          scan the history, as tightlip scan-history does

options of all but history:
  --rules PATH              a rule file, or a folder of them, to use as well; may be repeated
  --min-confidence LEVEL    report what is at least this sure: high, medium (the default), low, or 0 to 1
  --config FILE             a configuration in place of the repository's own
  --no-allow                report what comments, .tightlipignore and the configuration allow, too
  --baseline FILE           known findings (default: .tightlip-baseline.yaml at the top of the repository)
  --no-baseline             report what is known, too

options of pre-push:
  --banned FILE             a list of commits, as `tightlip purge` writes it, to refuse as well; may be repeated
  --no-scan                 refuse what a purge has removed, and scan nothing

options of pre-receive and update:
  --timeout SECONDS         refuse a push that takes longer to scan (default: 60)
  --allow-skip              of pre-receive: let through what is pushed with `git push -o tightlip.skip=REASON`
  --log FILE                where refused and skipped pushes are written (default: tightlip.log in the git folder)

Git's hooks and the pre-commit framework call this; by hand, `tightlip scan-staged` has more options.

exit code: 0 clean, 1 secrets found or the push refused, 2 wrong use or configuration, 3 nothing found but not
everything was scanned
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hook that the first argument names and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stdout is None or sys.stderr is None:  # some graphical clients close them
        from tightlip.cli import stand_in

        stand_in()
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
    if name in _GATES:
        from importlib import import_module

        gate: ModuleType = import_module(f"tightlip.gates.{_GATES[name]}")
        code: int = gate.run(name, arguments[1:])
        return code
    if name == "history":
        from tightlip.cli import main as command

        return command(["scan-history", *arguments[1:]])
    if name in ("-h", "--help"):
        print(_HELP, end="")
        return CLEAN
    raise UsageError(f"there is no hook {name!r}; there are: pre-commit, history, {', '.join(_GATES)}")


def pre_commit(arguments: Sequence[str]) -> int:
    """Scan what is staged, and whole those named files that are not: `pre-commit run --all-files` gives these."""
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import staged, start

    git = Git()
    with start(git) as started:  # git works while the engine loads
        from tightlip.scan import scan_changes
        from tightlip.tally import Tally

        options = _told(arguments)
        policy = policy_of(git, options)
        own = scanner_of(options, policy)
        tally = Tally(asking(own, policy))
        changes = staged(git, started)
    scan_changes(tally, git, changes)
    paths = {change.path for change in changes}
    said = [it for it in changes if it.path in _SAYING or (policy and _is_read(policy, it))]
    if said:
        _say_configured(git, said)
    if _BASELINE in paths:
        _say_changed(git, next(change for change in changes if change.path == _BASELINE))
    unstaged = [name for name in options.names if os.fsencode(name.replace(os.sep, "/")) not in paths]
    if unstaged:
        _scan_whole(tally, unstaged, own)
    if tally.found or tally.unscanned:
        return _tell(
            tally, "files" if unstaged else "staged", lambda report: left(report, tally.scanner, git, options, policy)
        )
    return CLEAN


class Options:
    """What a hook was told. `names` are files; `min_confidence` and files are None where nobody says."""

    def __init__(  # noqa: PLR0913 - each is an option
        self,
        names: Sequence[str],
        *,
        rules: Sequence[str] = (),
        min_confidence: float | None = None,
        config: str | None = None,
        no_allow: bool = False,
        baseline: str | None = None,
        no_baseline: bool = False,
    ) -> None:
        self.names, self.rules, self.min_confidence, self.config = names, tuple(rules), min_confidence, config
        self.no_allow, self.baseline, self.no_baseline = no_allow, baseline, no_baseline


def _told(arguments: Sequence[str]) -> Options:
    """Return what the arguments say: options, and the names of files."""
    if not any(argument.startswith("-") for argument in arguments):
        return Options(arguments)
    from tightlip.cli.hook_options import parse

    return parse(arguments)


def policy_of(git: Git, options: Options) -> Policy | None:
    """Return what the repository has to say, or None for nothing: then nothing is loaded to find that out."""
    from tightlip.config.found import found, has_ignores

    if options.config is None and not options.no_allow and not found(os.curdir) and not has_ignores(os.curdir):
        return None
    from tightlip.policy import Policy, of

    return Policy(of(git), file=options.config, least=options.min_confidence, allow=not options.no_allow)


def scanner_of(options: Options, policy: Policy | None) -> Scanner:
    """Return what to scan with."""
    from tightlip.engine import Scanner

    if policy and policy.config.detect_secrets is None:
        return policy.scanner(options.rules)
    if policy:
        from tightlip.cli import scanning

        return scanning.scanner_of(policy, options.rules)
    if options.min_confidence is None:
        return Scanner(paths=options.rules)
    return Scanner(paths=options.rules, min_confidence=options.min_confidence)


def asking(own: Scanner, policy: Policy | None) -> Scanner:
    """Return a scanner that asks the user's indexes of known secrets, too, where the configuration names any."""
    if not policy or not policy.config.known:
        return own
    from tightlip.known.indexed import indexed

    return indexed(own, policy.config.known)


def left(report: Report, scanner: Scanner, git: Git, options: Options, policy: Policy | None) -> Report:
    """Return a report without what is allowed, off or known."""
    if policy:
        from dataclasses import replace

        from tightlip.cli.scanning import notes

        report = policy.applied(report, scanner)
        report = replace(report, notes=(*report.notes, *notes(policy)))
    if options.no_baseline or not report.findings:
        return report
    from tightlip.baseline.place import of_working_tree
    from tightlip.cli.scanning import without

    return without(report, of_working_tree(git, options.baseline or (policy.baseline if policy else None)))


def _is_read(policy: Policy, change: Change) -> bool:
    return policy.reads(os.fsdecode(change.path), is_gone=change.status == "D")


def _say_configured(git: Git, suspects: Sequence[Change]) -> None:
    """Tell that the commit changes what is looked for, or may stay."""
    from tightlip.config import changed

    for name in changed.among(git, suspects):
        sys.stderr.write(f"tightlip: note: this commit changes {name}, which says what is looked for, and may stay\n")


def _say_changed(git: Git, change: Change) -> None:
    """Tell that the commit changes what is known: nobody should switch a finding off unnoticed."""
    from tightlip.baseline import changes

    what = changes.between(git, change.old_oid, change.oid)
    sys.stderr.write(f"tightlip: note: this commit changes {os.fsdecode(_BASELINE)} ({what})\n")


def _scan_whole(tally: Tally, names: Sequence[str], own: Scanner) -> None:
    """Scan whole files with rules alone: in these there is more than an index can be asked about."""
    from tightlip.scan import scan_all
    from tightlip.sources import files

    asking, tally.scanner = tally.scanner, own
    scan_all(tally, files.blobs(names, limit=own.limit, follow=False))
    tally.scanner = asking


def _tell(tally: Tally, kind: str, without_known: Callable[[Report], Report]) -> int:
    from tightlip.report import FORMATS, options_for

    report = without_known(tally.report(kind, "."))
    if not report.findings and not report.unscanned:  # all of it is known
        sys.stderr.writelines(f"tightlip: note: {note}\n" for note in report.notes)
        return CLEAN
    options = options_for(sys.stdout, os.environ)._replace(stopped=kind == "staged")
    FORMATS["text"](report, sys.stdout, options)
    sys.stdout.flush()
    return FINDINGS if report.findings else INCOMPLETE

"""What `tightlip import` makes of findings that another scanner knows: entries of the baseline, or lines to ignore."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.baseline.entry import REAL, STATES
from tightlip.baseline.file import Baseline
from tightlip.baseline.identity import new_salt
from tightlip.cli.baseline import work
from tightlip.errors import NotARepository, UsageError
from tightlip.finding import prepare_fingerprints
from tightlip.interop import adopting, git_secrets_scan, known, looking, reading
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.interop.foreign import ForeignFinding
    from tightlip.interop.known import Judgement
    from tightlip.interop.looking import Looked
    from tightlip.policy import Policy

_SHORT = 10
"""Digits of a hash, a commit or an entry that a person is shown."""


class _Scan(NamedTuple):
    """What is scanned with, and where."""

    scanner: Scanner
    said: Policy | None
    home: work.Home | None
    """None outside of a repository."""


def findings(args: Namespace, every: Sequence[ForeignFinding], rules: Sequence[str], out: TextIO) -> int:
    """Look for what is known, tell, write it down, and return the exit code.

    Parameters: `rules`, rule files to use beside those of the configuration.
    """
    scan = _prepared(args, rules)
    reports = _reports(args, every, scan)
    missed = work.missed(reports)
    if missed == work.INTERRUPTED:
        return missed
    looked = looking.look(every, reports, scan.home.git if scan.home else None, _rules_of(scan.scanner))
    _tell(every, looked, reports, out)
    if args.ignore:
        _ignore(looked.judgements, args.ignore, out)
    elif not args.no_baseline:
        _adopt(args, scan, looked, out)
    return missed


def _prepared(args: Namespace, rules: Sequence[str]) -> _Scan:
    from tightlip import policy
    from tightlip.cli.scanning import plain_scanner, scanner_of

    try:
        home = work.home(args)
        place = policy.of(home.git)
    except NotARepository:
        home, place = None, policy.Place(None, None)
    said = policy.Policy(place, least=args.min_confidence) if policy.has_any(place) else None
    return _Scan(scanner_of(said, rules) if said else plain_scanner(rules, args.min_confidence), said, home)


def _reports(args: Namespace, every: Sequence[ForeignFinding], scan: _Scan) -> list[Report]:
    """Scan the files that are named; and the history, where commits are."""
    from tightlip.scan import scan_files

    there = {finding.path for finding in every if _is_below(finding.path)}
    if scan.home and not all(finding.path for finding in every):
        there.update(git_secrets_scan.tracked(scan.home.git))
    reports = [scan_files(sorted(there), scanner=scan.scanner)] if there else []
    if scan.home and (args.history or any(finding.commit for finding in every)):
        reports.append(_history(args, _rules_of(scan.scanner)))
    return [scan.said.applied(report, scan.scanner) for report in reports] if scan.said else reports


def _rules_of(scanner: Scanner) -> Scanner:
    """Return what looks through a history: plugins of detect-secrets' look at the files alone."""
    own: Scanner = getattr(scanner, "own", scanner)
    return own


def _history(args: Namespace, scanner: Scanner) -> Report:
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip.cli.progress import Progress
    from tightlip.scan import scan_history

    with Progress(sys.stderr) as progress:
        return scan_history(jobs=args.jobs or None, cache=not args.no_cache, progress=progress, scanner=scanner)


def _tell(every: Sequence[ForeignFinding], looked: Looked, reports: Sequence[Report], out: TextIO) -> None:
    """Say which of the findings that are known tightlip finds too, each once."""
    hides = [redactor(report, PLAIN) for report in reports]

    def told(text: str) -> None:
        for hide in hides:
            text = hide.name(text)
        print(f"  {visible(text)}", file=out)

    prepare_fingerprints({id(one.finding): one.finding for one in looked.judgements}.values())
    found = {id(one.foreign) for one in looked.judgements}
    print(f"{count(len(every), 'finding')} known, of which tightlip finds {len(found)}:", file=out)
    for line in dict.fromkeys(map(_line, looked.judgements)):
        told(line)
    if looked.theirs:
        print("known, and not found by tightlip:", file=out)
    for finding in looked.theirs:
        told(_missing(finding))


def _line(one: Judgement) -> str:
    judged = {None: "not judged", True: "a secret", False: "no secret, or one that may stay"}[one.foreign.is_secret]
    said = "to be ignored" if one.foreign.ignored else "seen to work" if one.foreign.verified else judged
    place = f"{one.occurrence.path}:{one.occurrence.line}"
    return f"{place} {one.finding.rule} {one.finding.fingerprint} ({one.foreign.kind}: {said})"


def _missing(finding: ForeignFinding) -> str:
    if not finding.path:
        return f"{finding.kind} with the hash {finding.sha256[:_SHORT]}"
    where = f"{finding.path}:{finding.line} {finding.kind}"
    if finding.commit:
        return f"{where}, in commit {finding.commit[:_SHORT]}"
    if not _is_below(finding.path):
        return f"{where}, a file that is not here"
    return f"{where}, not there any more" if _is_gone(finding) else where


def _is_gone(finding: ForeignFinding) -> bool:
    """Whether a value that is known is not in its file any more."""
    if finding.secret is None:
        return False
    try:
        return finding.secret.reveal() not in Path(finding.path).read_bytes()
    except OSError:
        return False


def _adopt(args: Namespace, scan: _Scan, looked: Looked, out: TextIO) -> None:
    """Write what both know into the baseline."""
    if not looked.judgements:
        return
    if scan.home is None:
        print("not written down: outside of a repository there is no place for a baseline", file=out)
        return
    home = scan.home
    is_there = os.path.lexists(home.path)
    before = home.read() if is_there else Baseline((new_salt(),))
    adopted = adopting.adopt(before, looked.both, before.salts[0], home.top)
    if adopted.new or adopted.judged:
        home.write(adopted.baseline)
    name = visible(home.name)
    print(f"{name}: {_states(adopted) or 'nothing is new'}", file=out)
    for entry, state in adopted.kept:
        stays = f"{entry.id[:_SHORT]}  {entry.rule}  {entry.path}  stays {entry.judgement.state}, and is not {state}"
        print(f"  {visible(stays)}", file=out)
    if adopted.new and args.baseline is None:
        if not is_there and home.top is not None:
            work.add_attributes(home.top)
        files = name if is_there else f"{name} .gitattributes"
        print(f"commit it: git add {files}; from then on only what is new is reported", file=out)
    if any(entry.judgement.state == REAL for entry in (*adopted.new, *adopted.judged)):
        print("what is real is reported until the secret is rotated, and judged revoked", file=out)


def _states(adopted: adopting.Adopted) -> str:
    """Say what is new in the baseline."""
    parts = []
    for entries, what in ((adopted.new, "added"), (adopted.judged, "judged")):
        states = Counter(entry.judgement.state for entry in entries)
        named = ", ".join(f"{states[state]:,} {state}" for state in STATES if state in states)
        parts += [f"{count(len(entries), 'entry', 'entries')} {what} ({named})"] if entries else []
    return ", ".join(parts)


def _ignore(both: Sequence[Judgement], file: str, out: TextIO) -> None:
    """Add what was judged to be no secret to a file."""
    there = reading.text(file) if Path(file).exists() else ""
    lines = known.ignore_lines(both, there)
    if not lines:
        return
    try:
        with Path(file).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write("".join(("\n" if there and not there.endswith("\n") else "", *(f"{it}\n" for it in lines))))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot write it: {getattr(error, 'strerror', None) or 'no such name'}") from None
    print(f"{visible(file)}: {count(len(lines), 'fingerprint')} added", file=out)


def _is_below(path: str) -> bool:
    """Whether a path leads to a file in the current folder, as every path of such a list does."""
    given = Path(path)
    try:
        return given.is_file() and given.resolve().is_relative_to(Path.cwd().resolve())
    except (OSError, ValueError):
        return False

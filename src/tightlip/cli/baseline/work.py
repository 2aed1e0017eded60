"""What the actions share: the file, the scans that they compare it with, and how an entry is told."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tightlip import wholefile
from tightlip.baseline import dates, place
from tightlip.baseline.entry import ACCEPTED, REAL, STATES, UNJUDGED, Judgement
from tightlip.baseline.file import ATTRIBUTES, NAME, Baseline
from tightlip.baseline.identity import new_salt
from tightlip.baseline.making import Maker
from tightlip.cli import options
from tightlip.config.repository import top_of
from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.model import LOW
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.report.style import count, listed
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.baseline.entry import Entry
    from tightlip.baseline.stale import Compared
    from tightlip.engine import Scanner
    from tightlip.finding import Report

INCOMPLETE, INTERRUPTED = 3, 130
SHORT = 10
"""Digits of an identity that a person is shown."""
_MOST_UNSCANNED = 5


class Home(NamedTuple):
    """A repository, and where its baseline is."""

    git: Git
    top: str | None
    path: str
    name: str
    """As a person calls the file."""

    def read(self) -> Baseline:
        """Return what is in the file. Raises `UsageError`."""
        found = place.on_disk(self.path, self.name)
        if found is None:
            raise UsageError(f"there is no {self.name} here; `tightlip baseline create` makes one")
        return found if found.salts else Baseline((new_salt(),))

    def write(self, baseline: Baseline) -> None:
        """Write the file at once. Raises `UsageError`."""
        replace_file(self.path, baseline.text.encode(), self.name)


def add_arguments(parser: ArgumentParser, *, scans: str) -> None:
    """Add the arguments of every action. Parameters: `scans`, what --history does, in words."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    add_where(parser, scans=scans)


def add_where(parser: ArgumentParser, *, scans: str) -> None:
    """Add those of them that say what is scanned and which file it is."""
    parser.add_argument("--history", action="store_true", help=scans)
    parser.add_argument("--baseline", metavar="FILE", help=f"another file than {NAME} at the top of the repository")
    options.add_jobs(parser)
    options.add_cache(parser)


def add_judgement(parser: ArgumentParser) -> None:
    """Add the options that say which findings are taken in, and what somebody made of them."""
    options.add_rules(parser)
    group = parser.add_argument_group("judgement")
    group.add_argument("--state", choices=STATES, metavar="STATE", help=f"one of {', '.join(STATES)}")
    group.add_argument("--why", metavar="TEXT", default="", help="the reason, for those who come later; no value in it")
    group.add_argument("--by", metavar="NAME", help="who judged (default: the user.name of git's configuration)")
    group.add_argument("--until", type=_day, metavar="DATE", help="the last day that it holds, such as 2027-01-31")
    group.add_argument(
        "--per-place", action="store_true", help="known only in the files that hold it now, not wherever it moves"
    )


def _day(text: str) -> date:
    try:
        day = dates.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day, such as 2027-01-31") from None
    if day < dates.today():
        raise argparse.ArgumentTypeError(f"{text} is over already")
    return day


def judgement(args: Namespace, git: Git) -> Judgement:
    """Return what the options say. Raises `UsageError` where a reason is missing."""
    if args.state in (None, UNJUDGED):
        if args.why or args.by or args.until:
            raise UsageError(f"--why, --by and --until say more of a judgement: add --state, one of {_judged()}")
        return Judgement()
    if args.state == REAL and args.until:
        raise UsageError("--until says until when a finding is left out, and what is real is never left out")
    if args.state == ACCEPTED and not args.why.strip():
        raise UsageError("--state accepted needs --why: who accepts a secret as it is says for what reason")
    from tightlip.audit.reason import hidden  # who judges by an id has nothing else scanned

    return Judgement(args.state, judged_by(args, git), dates.today(), hidden(args.why, args.rules), args.until)


def judged_by(args: Namespace, git: Git) -> str:
    """Return who judges: whom the options name, or git's configuration."""
    if args.by is not None:
        return str(args.by)
    return git.run("config", "user.name", fine=(1,)).decode("utf-8", "replace").strip()


def _judged() -> str:
    return ", ".join(state for state in STATES if state != UNJUDGED)


def home(args: Namespace) -> Home:
    """Return the repository that the arguments name, and its file. Raises `UsageError`, `GitError`."""
    git = Git(args.repo or os.curdir)
    top = top_of(git)
    if args.baseline is not None:
        return Home(git, top, args.baseline, args.baseline)
    if top is None:
        raise UsageError("a repository without a working tree has no place for the file; name one: --baseline FILE")
    return Home(git, top, os.path.join(top, NAME), NAME)


def compared(args: Namespace, where: Home, baseline: Baseline) -> tuple[Compared, int]:
    """Return how the entries stand after a scan, and the exit code that says whether that was complete."""
    from tightlip.baseline import stale

    made, scanner = _scanned(args, where, LOW)  # entries may be of findings that are not so sure
    rules = {rule.id for rule in scanner.compiled.rules} | wholefile.RULES.keys()
    return stale.compare(baseline, made, where.top, rules), missed(made)


def reports(args: Namespace, where: Home) -> list[Report]:
    """Scan the files that git tracks, as they are on disk, and with --history all that git holds."""
    return _scanned(args, where, args.min_confidence)[0]


def _scanned(args: Namespace, where: Home, least: float | None) -> tuple[list[Report], Scanner]:
    from tightlip import policy
    from tightlip.cli.scanning import plain_scanner, scanner_of

    place = policy.of(where.git)
    said = policy.Policy(place, least=least) if policy.has_any(place) else None
    scanner = scanner_of(said, args.rules) if said else plain_scanner(args.rules, least)
    made = [] if where.top is None else [_files(where, scanner)]
    if args.history or where.top is None:
        made.append(_history(args, getattr(scanner, "own", scanner)))
    return [said.applied(report, scanner) for report in made] if said else made, scanner


def _files(where: Home, scanner: Scanner) -> Report:
    from tightlip.scan import scan_all
    from tightlip.sources import files
    from tightlip.tally import Tally

    tally = Tally(scanner)
    scan_all(tally, files.blobs(dict.fromkeys(_tracked(where)), limit=tally.scanner.limit, follow=False))
    return tally.report("files", where.top or os.curdir)


def _tracked(where: Home) -> Iterator[str]:
    """Yield the files that git tracks and that are there, but for the baseline itself and for submodules."""
    top, itself = os.path.relpath(where.top or os.curdir), os.path.abspath(where.path)
    for line in where.git.run("ls-files", "-z", "--stage", "--full-name", ":/").split(b"\0")[:-1]:
        meta, _, name = line.partition(b"\t")
        path = os.path.normpath(os.path.join(top, os.fsdecode(name)))
        if not meta.startswith(b"160000") and os.path.lexists(path) and os.path.abspath(path) != itself:
            yield path


def _history(args: Namespace, scanner: Scanner) -> Report:
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip.cli.progress import Progress
    from tightlip.scan import scan_history

    with Progress(sys.stderr) as progress:
        return scan_history(
            args.repo or os.curdir,
            jobs=args.jobs or None,
            cache=not args.no_cache,
            progress=progress,
            scanner=scanner,
        )


def maker(baseline: Baseline, where: Home, args: Namespace) -> Maker:
    """Return what makes entries for the file, as the options say."""
    return Maker(baseline.salts[0], where.top, per_place=args.per_place)


def missed(made: Sequence[Report]) -> int:
    """Tell what was not scanned, and return the exit code that says so, or 0 where everything was."""
    unscanned = [(redactor(report, PLAIN), item) for report in made for item in report.unscanned]
    if not unscanned:
        return 0
    if any(report.interrupted for report in made):
        sys.stderr.write("tightlip: interrupted, and nothing is written\n")
        return INTERRUPTED
    named = (visible(f"{hide.name(item.what)} ({hide.name(item.why)})") for hide, item in unscanned)
    what = listed(named, _MOST_UNSCANNED)
    sys.stderr.write(f"tightlip: {count(len(unscanned), 'thing')} not scanned: {what}\n")
    return INCOMPLETE


def tell(entries: Sequence[Entry], before: str = "") -> None:
    """Tell entries, each on a line."""
    for entry in entries:
        print(f"  {before}{_told(entry)}")


def tell_aside(entries: Sequence[Entry]) -> None:
    """Tell how many entries nobody looked for."""
    if entries:
        number = count(len(entries), "entry", "entries")
        print(f"{number} not looked for: from the history (--history), or by rules that are not used here (--rules)")


def _told(entry: Entry) -> str:
    """Return an entry on a line: what to select it by, what it is, where it was, and what somebody made of it."""
    judged = entry.judgement
    said = [] if judged.state == UNJUDGED else [judged.state]
    said += [f"by {judged.by}"] if judged.by else []
    said += [f"on {judged.when}"] if judged.when else []
    said += [f"until {judged.until}"] if judged.until else []
    parts = [entry.id[:SHORT], entry.rule, f"only at {entry.path}" if entry.is_place else entry.path, entry.hint]
    parts += [" ".join(said) + (f": {judged.why}" if judged.why else "")] if said else []
    return visible("  ".join(filter(None, parts)))


def add_attributes(top: str) -> None:
    """Let git keep both sides of the file when branches merge. Raises `UsageError`."""
    path = os.path.join(top, ".gitattributes")
    try:
        with open(path, "rb") as file:
            content = file.read()
    except FileNotFoundError:
        content = b""
    except OSError as error:
        raise UsageError(f".gitattributes: it cannot be read: {error.strerror}; add {ATTRIBUTES}") from None
    line = ATTRIBUTES.encode()
    if line not in map(bytes.strip, content.splitlines()):
        gap = b"" if not content or content.endswith(b"\n") else b"\n"
        replace_file(path, content + gap + line + b"\n", ".gitattributes")


def replace_file(path: str, content: bytes, name: str) -> None:
    """Write beside the file and move it there, so that it is never half written. Raises `UsageError`."""
    target = os.path.realpath(path)
    new = f"{target}.{os.urandom(4).hex()}.new"
    try:
        with open(new, "xb") as out:
            out.write(content)
        if os.path.exists(target):
            os.chmod(new, os.stat(target).st_mode & 0o777)
        os.replace(new, target)
    except OSError as error:
        raise UsageError(f"{name}: it cannot be written: {error.strerror}") from None
    finally:
        with _there_or_not():
            os.unlink(new)


@contextmanager
def _there_or_not() -> Iterator[None]:
    try:
        yield
    except OSError:
        return

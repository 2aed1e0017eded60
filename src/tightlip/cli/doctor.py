"""Tell what is wrong or stale in how tightlip is set up here, each with evidence and the command that mends it.

Nothing is changed, and no program of the repository is run. The files that git tracks are scanned, with all that is
allowed, to tell which comments and entries still allow something; with --history, all that git holds is, too.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from tightlip import __version__
from tightlip.cli import options
from tightlip.cli.progress import Progress
from tightlip.report import options_for
from tightlip.report.style import BOLD, DIM, GREEN, RED, YELLOW, Style, count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator, Sequence

    from tightlip.doctor import Found
    from tightlip.doctor.here import Here

EXAMPLES = """\
examples:
  tightlip doctor
  tightlip doctor ../shop --history     also which entries only the history still needs
  tightlip doctor -q                    one line for each thing to mend, and nothing where there is none
  tightlip doctor --json                for other tools

exit code: 0 all is well, 1 something is to be mended, 2 wrong use
"""
_VERSION = 1
_MOST = 10
"""Things of one kind that are shown."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    parser.add_argument(
        "--history", action="store_true", help="look for each entry in what any version of a file holds"
    )
    options.add_jobs(parser)
    options.add_cache(parser)
    group = parser.add_argument_group("report")
    group.add_argument("--json", action="store_true", help="for other tools")
    group.add_argument("-q", "--quiet", action="store_true", help="only what must be mended, one line each")
    group.add_argument("-v", "--verbose", action="store_true", help=f"all of a kind, and not the first {_MOST}")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="auto: on a terminal")


def run(args: Namespace) -> int:
    """Look, tell, and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip import doctor
    from tightlip.doctor.here import Here, Wanted
    from tightlip.doctor.told import MEND

    with Progress(sys.stderr, shown=not args.quiet) as progress:
        here = Here(args.repo, Wanted(args.history, args.jobs or None, not args.no_cache, progress))
        found = doctor.examine(here)
    lines = _json(here, found) if args.json else _in_short(found) if args.quiet else _in_full(found, args)
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.writelines(line.encode(encoding, "backslashreplace").decode(encoding) + "\n" for line in lines)
    return 1 if any(it.told.state == MEND for it in found) else 0


def _json(here: Here, found: Sequence[Found]) -> Iterator[str]:
    from tightlip.doctor.told import STATES

    states = [it.told.state for it in found]
    document = {
        "schema_version": _VERSION,
        "tool": {"name": "tightlip", "version": __version__},
        "repository": here.top or (here.where if here.git else None),
        "history": here.wanted.looks_back,
        "counts": {state: states.count(state) for state in STATES},
        "checks": [{"area": it.area, **it.told._asdict()} for it in found],
    }
    yield json.dumps(document, indent=2)


def _in_short(found: Sequence[Found]) -> Iterator[str]:
    from tightlip.doctor.told import MEND

    for area, told in found:
        if told.state == MEND:
            yield visible("; ".join(filter(None, (f"{area}: {told.what}: {told.evidence}", told.how))))


def _in_full(found: Sequence[Found], args: Namespace) -> Iterator[str]:
    from tightlip.doctor import AREAS

    shown = options_for(sys.stdout, os.environ, args.color)
    style = Style(shown.color, shown.unicode, shown.width)
    for area, title in AREAS.items():
        kinds: dict[tuple[str, str], list[Found]] = {}
        for it in found:
            if it.area == area:
                kinds.setdefault((it.told.state, it.told.what), []).append(it)
        if kinds:
            yield style.paint(title, BOLD)
            for same in kinds.values():
                yield from _kind(same, style, len(same) if args.verbose else _MOST)
            yield ""
    yield _summary(found, style)


def _kind(same: Sequence[Found], style: Style, most: int) -> Iterator[str]:
    """Yield what is told of several things of one kind."""
    from tightlip.doctor.told import OK

    first = same[0].told
    if first.state == OK:
        seen = ", ".join(visible(it.told.evidence) for it in same[:most] if it.told.evidence)
        yield f"{_head(OK, visible(first.what), style)}{style.paint(f': {seen}' * bool(seen), DIM)}"
        return
    yield _head(first.state, visible(first.what), style)
    hows = dict.fromkeys(it.told.how for it in same)
    for it in same[:most]:
        yield from (style.verbatim("evidence", visible(it.told.evidence)),) if it.told.evidence else ()
        if len(hows) > 1:
            yield style.verbatim("how", visible(it.told.how))
    if len(same) > most:
        yield style.verbatim("", f"and {len(same) - most:,} more (-v shows them)")
    if len(hows) == 1 and first.how:
        yield style.verbatim("how", visible(first.how))


def _head(state: str, what: str, style: Style) -> str:
    symbol, codes = {"ok": ("fine", (GREEN,)), "note": ("warn", (YELLOW,)), "mend": ("stop", (BOLD, RED))}[state]
    return f"{style.paint(f'{style.symbol(symbol)}', *codes)} {style.paint(what, *codes) if state == 'mend' else what}"


def _summary(found: Sequence[Found], style: Style) -> str:
    from tightlip.doctor.told import MEND, NOTE, OK

    states = [it.told.state for it in found]
    mend, note, fine = (states.count(state) for state in (MEND, NOTE, OK))
    rest = f"{count(note, 'note')}, {fine:,} in order"
    if mend:
        return style.paint(f"{style.symbol('stop')} {count(mend, 'thing')} to mend, {rest}", BOLD, RED)
    return style.paint(f"{style.symbol('fine')} Nothing to mend, {rest}", BOLD, GREEN)

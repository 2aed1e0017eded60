"""Show what earlier runs left in the cache folder, or clear it. No secret is in it, and nothing depends on it."""

from __future__ import annotations

import json
import os
import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, TextIO

from tightlip import cachefolder, patterns
from tightlip.cli import options, output
from tightlip.cli.parser import did_you_mean
from tightlip.errors import UsageError
from tightlip.memory import Memory, Remembered
from tightlip.report.style import CYAN, DIM, YELLOW, Style, count, size
from tightlip.report.visible import visible
from tightlip.verify import answers

EXAMPLES = """\
examples:
  tightlip cache                       where it is, how large, and which repositories it knows
  tightlip cache info --report json    the same for other tools
  tightlip cache clear                 everything
  tightlip cache clear ../shop         what is known of a repository, or of every one in a folder
"""
_ACTIONS = ("info", "clear")
_RULES = re.compile(rf"(rules-|{patterns.NAME})[0-9a-f]{{8}}(\.\d+)?")
"""Compiled rules and patterns; with a number, of a run that was killed while it wrote them."""


class _Contents(NamedTuple):
    """What is in the cache folder, or was removed from it."""

    repositories: list[Remembered]
    rules: dict[Path, int]
    """The files of compiled rules and patterns, with their sizes."""
    answers: int = 0
    """The size of what providers answered (--verify); 0 for nothing."""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action", nargs="?", type=_action, default="info", metavar="ACTION", help="info (the default) or clear"
    )
    parser.add_argument("repo", nargs="?", metavar="REPO", help="clear: a repository, or a folder of them")
    options.add_report(parser)


def run(args: Namespace) -> int:
    """Show or clear, and return the exit code."""
    if args.action == "info" and args.repo is not None:
        raise UsageError(f"cache info takes no repository; to clear one: tightlip cache clear {args.repo}")
    destinations = output.checked(args.report)
    memory = Memory()
    contents = _Contents(memory.info(), _rules(), _answers())
    trouble = memory.trouble
    if args.action == "clear":
        contents = _clear(memory, contents) if args.repo is None else _clear_repository(memory, contents, args.repo)

    def deliver(name: str, out: TextIO) -> None:
        shown = output.shown(out, args)
        style = Style(shown.color, shown.unicode, shown.width)
        if name == "json":
            _write_json(memory, contents, trouble, out)
        elif args.action == "clear":
            _line(out, f"{style.symbol('fine')} removed {_summary(contents)}")
        elif args.detail < 0:
            for repository in dict.fromkeys(row.repository for row in contents.repositories):
                _line(out, visible(repository))
        else:
            _write_info(memory, contents, trouble, out, style)

    output.deliver(destinations, deliver)
    return 0


def _action(text: str) -> str:
    if text not in _ACTIONS:
        raise ArgumentTypeError(f"{text!r} is not info or clear{did_you_mean(text, _ACTIONS)}")
    return text


def _rules() -> dict[Path, int]:
    found = {}
    for path in sorted(Path(cachefolder.path()).glob("*")):
        if _RULES.fullmatch(path.name):
            with suppress(FileNotFoundError):  # a run has just put it in the place of another
                found[path] = path.stat().st_size
    return found


def _answers() -> int:
    file = _answers_file()
    return file.stat().st_size if file.is_file() else 0


def _answers_file() -> Path:
    return Path(cachefolder.path(), answers.NAME)


def _clear(memory: Memory, contents: _Contents) -> _Contents:
    """Remove everything, from a folder that is used: what lies in another is not ours to remove."""
    if (contents.rules or contents.answers) and not cachefolder.is_ours(cachefolder.path()):
        raise UsageError(f"others can write to {cachefolder.path()}, so it is not used, and nothing is removed there")
    repositories = memory.clear()
    _done(memory)
    try:
        for path in (*contents.rules, _answers_file()):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot remove {path}: {error.strerror}") from None
    return _Contents(repositories, contents.rules, contents.answers)


def _clear_repository(memory: Memory, contents: _Contents, wanted: str) -> _Contents:
    _done(memory)
    tops = {wanted, os.path.abspath(wanted), os.path.realpath(wanted)}  # as it was scanned, or as it is found today
    known = dict.fromkeys(
        row.repository
        for row in contents.repositories
        if any(row.repository == top or row.repository.startswith(os.path.join(top, "")) for top in tops)
    )
    if not known:
        raise UsageError(f"nothing is known of {wanted}; tightlip cache info lists what is")
    gone = []
    for repository in known:
        gone += memory.clear(repository)
        _done(memory)
    return _Contents(gone, {})


def _done(memory: Memory) -> None:
    """Raise what was wrong at the last call: who asks for something to be removed wants to know that it is not."""
    if memory.trouble:
        raise UsageError(memory.trouble)


def _write_info(memory: Memory, contents: _Contents, trouble: str, out: TextIO, style: Style) -> None:
    file = Path(memory.file)
    _line(out, style.verbatim("file", visible(memory.file)))
    _line(out, style.verbatim("size", size(file.stat().st_size) if file.exists() else "there is none yet"))
    _line(out, style.verbatim("rules", f"{count(len(contents.rules), 'file')}, {size(sum(contents.rules.values()))}"))
    if contents.answers:
        _line(out, style.verbatim("answers", f"{size(contents.answers)}, of providers"))
    if trouble:
        _line(out, style.paint(style.verbatim("not used", visible(trouble)), YELLOW))
    if contents.repositories:
        _line(out, "")
        _write_table(contents.repositories, out, style)


def _write_table(repositories: list[Remembered], out: TextIO, style: Style) -> None:
    head = ("LAST USED", "OBJECTS", "SIZE", "RULES", "REPOSITORY")
    table = [
        (f"{_time(row.used):%Y-%m-%d %H:%M}", f"{row.ids:,}", size(row.bytes), visible(row.rules)[:8])
        for row in repositories
    ]
    widths = [max(map(len, column)) for column in zip(head[:-1], *table, strict=True)]
    _line(out, style.paint("  ".join(map(str.ljust, head, (*widths, 0))), DIM))
    for row, (used, ids, total, rules) in zip(repositories, table, strict=True):
        cells = (used, ids.rjust(widths[1]), total.rjust(widths[2]), rules.ljust(widths[3]))
        _line(out, "  ".join((*cells, style.paint(visible(row.repository), CYAN))))


def _summary(contents: _Contents) -> str:
    total = sum(row.bytes for row in contents.repositories) + sum(contents.rules.values()) + contents.answers
    repositories = len({row.repository for row in contents.repositories})
    parts = [f"what was known of {count(repositories, 'repository', 'repositories')}"] if repositories else []
    parts += [f"{count(len(contents.rules), 'file')} of compiled rules"] if contents.rules else []
    parts += ["what providers answered"] if contents.answers else []
    return f"{' and '.join(parts)}, {size(total)}" if parts else "nothing: there was nothing"


def _write_json(memory: Memory, contents: _Contents, trouble: str, out: TextIO) -> None:
    document = {
        "file": memory.file,
        "repositories": [
            {**row._asdict(), "used": _time(row.used).isoformat(timespec="seconds")} for row in contents.repositories
        ],
        "rules": [{"file": str(path), "bytes": total} for path, total in contents.rules.items()],
        "trouble": trouble,
    }
    _line(out, json.dumps(document, indent=2))


def _time(used: float) -> datetime:
    return datetime.fromtimestamp(used).astimezone()


def _line(out: TextIO, line: str) -> None:
    encoding = out.encoding or "utf-8"
    out.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")

"""Show which settings hold and where each comes from, check them, or tell which files they are read from."""

from __future__ import annotations

import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING, NamedTuple

from tightlip import config
from tightlip.cli.parser import did_you_mean
from tightlip.config import found
from tightlip.errors import NotARepository, UsageError
from tightlip.model import MAX_BLOB, MEDIUM
from tightlip.report import options_for
from tightlip.report.style import DIM, Style, count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.config.settings import Allow, Config, Origin

EXAMPLES = """\
examples:
  tightlip config                            every setting that a file gives
  tightlip config show --origin              and where each comes from
  tightlip config show --json                the same for other tools
  tightlip config show --revision main       as it is in a revision, not in the working tree
  tightlip config check                      mistakes, also in the rule files and ids that the settings name
  tightlip config path                       which files are read, the last counts most
"""
_ACTIONS = ("show", "check", "path")
_HIDDEN = ("values", "lines", "stopwords")
"""Conditions that may hold a secret: how many there are is shown, and not what they say."""
_WIDEST = 50
"""Characters that a column is padded to."""


class _Row(NamedTuple):
    """A setting, as it is shown."""

    key: str
    value: object
    origin: Origin | None


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action", nargs="?", type=_action, default="show", metavar="ACTION", help="show (the default), check or path"
    )
    parser.add_argument("repo", nargs="?", default=".", metavar="REPO", help="a repository (default: where you are)")
    parser.add_argument("--origin", action="store_true", help="show: where each setting comes from, as file:key")
    parser.add_argument("--json", action="store_true", help="show, path: for other tools")
    parser.add_argument("--config", metavar="FILE", help="a file that counts in place of the repository's own")
    parser.add_argument("--revision", metavar="REV", help="read the repository's own files from a commit")


def run(args: Namespace) -> int:
    """Show, check or tell, and return the exit code."""
    if args.config and args.revision:
        raise UsageError("--config and --revision exclude each other: a file that you name is read from disk")
    from tightlip.config.repository import reader, top_of
    from tightlip.git.plumbing import Git

    git = Git(args.repo)
    try:
        top = top_of(git)
    except NotARepository:
        top = None
    read = reader(git, args.revision) if args.revision else None
    settings = config.load(top, read=read, file=args.config)
    lines = {"show": _show, "check": _check, "path": _path}[args.action](args, settings, top)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _action(text: str) -> str:
    if text not in _ACTIONS:
        raise ArgumentTypeError(f"{text!r} is not show, check or path{did_you_mean(text, _ACTIONS)}")
    return text


def _show(args: Namespace, settings: Config, _: str | None) -> Iterator[str]:
    rows = list(_rows(settings))
    if args.json:
        yield json.dumps(
            {
                "files": settings.files,
                "settings": [
                    {"key": row.key, "value": row.value, "origin": row.origin and row.origin._asdict()} for row in rows
                ],
            },
            indent=2,
        )
        return
    style = _style()
    shown = [(row.key, _value(row.value), str(row.origin or "(default)")) for row in rows]
    widths = [max(min(len(row[column]), _WIDEST) for row in shown) for column in (0, 1)]
    for key, value, origin in shown:
        line = f"{key.ljust(widths[0])}  {value.ljust(widths[1]) if args.origin else value}"
        yield f"{line}  {style.paint(visible(origin), DIM)}".rstrip() if args.origin else line


def _rows(settings: Config) -> Iterator[_Row]:
    """Yield what is set, and what has a default, in the order of the documentation."""
    origins = settings.origins
    for file in settings.rules:
        yield _Row("rules", file.name, file.origin)
    for choice in settings.choices:
        yield _Row("enable" if choice.on else "disable", choice.pattern, choice.origin)
    for rule, given in settings.overrides.items():
        for name, value in (("severity", given.severity), ("confidence", given.confidence)):
            if (key := f"override.{rule}.{name}") in origins:
                yield _Row(key, value, origins[key])
    confidence = MEDIUM if settings.min_confidence is None else settings.min_confidence
    for key, single in (
        ("min_confidence", confidence),
        ("min_severity", settings.min_severity),
        ("limits.max_file_size", min(settings.max_file_size or MAX_BLOB, MAX_BLOB)),
        ("baseline", settings.baseline),
    ):
        yield _Row(key, single, origins.get(key))
    plugins = settings.detect_secrets._asdict() if settings.detect_secrets else {}
    for key, names in {**{f"detect_secrets.{key}": it for key, it in plugins.items()}, "known": settings.known}.items():
        if names:
            yield _Row(key, ", ".join(names), origins.get(key))
    yield from _schedule(settings)
    for allow in settings.allow:
        yield _Row("allow", _conditions(allow), allow.origin)


def _schedule(settings: Config) -> Iterator[_Row]:
    """Yield how often secrets are rotated."""
    if settings.rotation is None:
        return
    if settings.rotation.days is not None:
        yield _Row("rotation.every", f"{settings.rotation.days}d", settings.origins.get("rotation.every"))
    for interval in settings.rotation.intervals:
        yield _Row("rotation.schedule", f"{', '.join(interval.secrets)}: {interval.days}d", interval.origin)
    if settings.rotation.known:
        kinds = [text.partition(":")[0] if text.startswith("command:") else text for text in settings.rotation.known]
        yield _Row("rotation.known", ", ".join(kinds), settings.origins.get("rotation.known"))


def _conditions(allow: Allow) -> dict[str, object]:
    given = {key: value for key, value in allow._asdict().items() if value and key != "origin"}
    return {key: len(value) if key in _HIDDEN else value for key, value in given.items()}


def _value(value: object) -> str:
    if not isinstance(value, dict):
        return "none" if value is None else visible(str(value))
    parts = [
        f"{count(number, name.removesuffix('s'))} (hidden)" if name in _HIDDEN else f"{name} {', '.join(number)}"
        for name, number in value.items()
        if name != "reason"
    ]
    return visible("; ".join([*parts, f"reason: {value['reason']}"]))


def _check(_: Namespace, settings: Config, __: str | None) -> Iterator[str]:
    """Say that all is well. Raises `UsageError` with what is not."""
    from tightlip import builtin, rules, wholefile
    from tightlip.config import choosing

    paths = [file.path for file in settings.rules if file.path]
    every = [loaded.rule for path in (builtin.folder(), *paths) for loaded in rules.read(path)]
    rules.rule_set(choosing.choose(settings, every))
    ids = [rule.id for rule in every] + [*wholefile.RULES]
    named = [(choice.pattern, choice.origin) for choice in settings.choices]
    named += [(key.split(".")[1], origin) for key, origin in settings.origins.items() if key.startswith("override.")]
    named += [(pattern, allow.origin) for allow in settings.allow for pattern in allow.rules]
    for pattern, origin in named:
        if choosing.strangers([pattern], every):
            raise _unknown(pattern, origin, ids)
    style = _style()
    total = count(len(settings.files), "file") if settings.files else "no files"
    yield f"{style.symbol('fine')} no mistake in {total} of configuration"


def _unknown(pattern: str, origin: Origin, ids: Sequence[str]) -> UsageError:
    hint = did_you_mean(pattern, ids) or "; tightlip rules list names them"
    return UsageError(f"{origin.file}:{origin.line}: `{origin.key}` {pattern} is about no rule{hint}")


def _path(args: Namespace, settings: Config, top: str | None) -> Iterator[str]:
    there = dict.fromkeys(path for _, path in found.found(top))
    named = os.path.abspath(args.config) if args.config else ""
    wanted = [(found.ORGANISATION, found.organisation()), (found.USER, found.user())]
    if args.config:
        wanted.append((found.REPOSITORY, named))
    elif top is not None:
        own = [path for path in there if os.path.dirname(path) == top]
        wanted += [(found.REPOSITORY, path) for path in own or [os.path.join(top, found.YAML)]]
    rows = [(layer, path, path in there or path == named) for layer, path in wanted if path]
    if args.json:
        files = [{"layer": layer, "path": path, "read": is_read} for layer, path, is_read in rows]
        yield json.dumps({"files": files, "read": settings.files}, indent=2)
        return
    for layer, path, is_read in rows:
        yield f"{layer:<14}{visible(path)}{'' if is_read else '  (not there)'}"
    own_names = {path for _, path, _ in rows} | {os.path.basename(path) for _, path, _ in rows}
    for name in settings.files:
        if name not in own_names:
            yield f"{'extended':<14}{visible(name)}"


def _style() -> Style:
    shown = options_for(sys.stdout, os.environ)
    return Style(shown.color, shown.unicode, shown.width)

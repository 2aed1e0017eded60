"""What tightlip finds as a `.secrets.baseline`, beside what that holds already: for a team that uses both.

Where detect-secrets is installed it is asked what it makes of the files itself, since its hook compares with just that:
it gives one value several types, and writes the file anew where an entry is of something that it does not find.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tightlip.baseline.file import NAME
from tightlip.errors import UsageError
from tightlip.interop import detect_secrets, known, reading
from tightlip.interop.foreign import ForeignFinding
from tightlip.interop.known import Judgement
from tightlip.interop.plugins.process import Process, is_installed
from tightlip.interop.reading import Table, string, strings, table, tables
from tightlip.model import Secret

if TYPE_CHECKING:
    from tightlip.finding import Finding, Report


Label: TypeAlias = "Callable[[Finding], bool | None]"
"""From a finding to what somebody judged: whether it is a secret; None where nobody has."""
_Key: TypeAlias = tuple[str, str, str]
"""What two entries about the same have in common: file, type and hash."""
_SECONDS = 600.0
_ITSELF = "detect_secrets.filters.common.is_baseline_file"
_FILES = "detect_secrets.filters.regex.should_exclude_file"
_OURS = rf"(^|/){re.escape(NAME)}$"


class Exported(NamedTuple):
    """A baseline."""

    text: str
    new: int
    labelled: int
    """Entries that were there, and that nobody had judged."""
    kept: list[str]
    """Where a label stands that is not what somebody judged here."""
    alone: list[str]
    """Where tightlip finds what detect-secrets does not: its hook would take that out again."""
    theirs: list[str]
    """Where detect-secrets finds what tightlip does not, in the same files: it is not in the baseline."""
    is_sure: bool
    """Whether detect-secrets was asked."""


def _filters(whole: Table, name: str) -> list[Table]:
    """Return what is left out: also the baseline itself, and tightlip's, whose salt detect-secrets takes for a key."""
    filters = [dict(it) for it in tables(whole.get("filters_used"), "filters_used")]
    by_path = {string(it.get("path"), "filters_used.path"): it for it in filters}
    if _ITSELF not in by_path:
        filters.append({"path": _ITSELF, "filename": name})
    if _FILES not in by_path:
        by_path[_FILES] = {"path": _FILES, "pattern": []}
        filters.append(by_path[_FILES])
    patterns = strings(by_path[_FILES].get("pattern"), f"{_FILES}: pattern")
    if _OURS not in patterns:
        by_path[_FILES]["pattern"] = [*patterns, _OURS]
    return sorted(filters, key=lambda it: str(it.get("path")).lower())


def before(path: str) -> Table | None:
    """Return what a baseline holds that is there. Raises `UsageError` where it is none."""
    top = table(reading.json_file(path), path)
    if "results" not in top:
        raise UsageError(f"{path}: not a baseline of detect-secrets, which has `results`")
    if string(top.get("version"), f"{path}: version").startswith("0."):
        raise UsageError(f"{path}: an old form; `detect-secrets scan --baseline {path}` makes it a new one")
    return top


def export(report: Report, there: Table | None, name: str, top: str, label: Label) -> Exported:
    """Return a baseline with the findings of a scan of files.

    Parameters: `there`, what it holds already, which stays; `name`, of the file, and `top`, the folder that its paths
    are counted from.
    """
    fresh = table(json.loads(detect_secrets.exported(report, top)), "a baseline")
    whole = dict(fresh if there is None else there)
    whole["filters_used"] = _filters(whole, name)
    results = {
        path: [dict(entry) for entry in tables(entries, f"results of {path}")]
        for path, entries in table({} if there is None else there["results"], "results").items()
    }
    asked = _asked(whole, report, top) if is_installed() else None
    both = asked.both if asked else _told(fresh, report, top)
    entries = {_key(path, entry): entry for path, every in results.items() for entry in every}
    new, labelled, kept = 0, 0, []
    for one in both:
        foreign, judged = one.foreign, label(one.finding)
        key = (foreign.path, foreign.kind, foreign.sha1)
        if key not in entries:
            entries[key] = _entry(foreign) | {"line_number": foreign.line}
            results.setdefault(foreign.path, []).append(entries[key])
            new += 1
        entry = entries[key]
        if "line_number" in entry:  # a slim one has none
            entry["line_number"] = foreign.line
        if judged is None or entry.get("is_secret") is judged:
            continue
        if "is_secret" in entry:
            kept.append(f"{foreign.path}:{foreign.line} {foreign.kind}")
        else:
            entry["is_secret"] = judged
            labelled += 1
    whole["results"] = {path: sorted(results[path], key=_order) for path in sorted(results)}
    alone, theirs = (asked.alone, [it for it in asked.theirs if _key_of(it) not in entries]) if asked else ([], [])
    return Exported(
        json.dumps(whole, indent=2) + "\n",
        new,
        labelled,
        kept,
        alone,
        [f"{it.path}:{it.line} {it.kind}" for it in theirs],
        is_sure=asked is not None,
    )


class _Asked(NamedTuple):
    """What detect-secrets makes of the files, put beside what tightlip finds in them."""

    both: list[Judgement]
    theirs: list[ForeignFinding]
    alone: list[str]


def _asked(whole: Table, report: Report, top: str) -> _Asked:
    """Ask detect-secrets, with the baseline's own settings. Raises `UsageError` where it fails."""
    paths = sorted({known.plain(place.path, top) for finding in report.findings for place in finding.occurrences})
    settings = {key: [dict(it) for it in tables(whole.get(key), key)] for key in ("plugins_used", "filters_used")}
    process = Process(top)
    try:
        said = process.ask({"settings": settings, "files": paths}, seconds=_SECONDS)
    finally:
        process.close()
    if "wrong" in said:
        raise UsageError(f"detect-secrets cannot be asked what it finds: {said['wrong']}")
    found = [
        ForeignFinding(path, kind, line, sha1=sha1, secret=Secret(value.encode("utf-8", "surrogateescape")))
        for path, kind, line, value, sha1 in said["rows"]
    ]
    compared = known.compared(found, report.findings, top)
    both = _one_each(compared.both)
    met = {(it.finding.rule, it.finding.secret) for it in both}
    alone = [
        f"{known.plain(it.occurrences[0].path, top)}:{it.occurrences[0].line} {it.rule}"
        for it in report.findings
        if (it.rule, it.secret) not in met
    ]
    return _Asked(both, list(compared.theirs), alone)


def _told(fresh: Table, report: Report, top: str) -> list[Judgement]:
    """Return what detect-secrets would make of each finding, as far as the types of its plugins tell."""
    told = [
        ForeignFinding(path, str(entry["type"]), _line(entry), sha1=str(entry["hashed_secret"]))
        for path, entries in table(fresh["results"], "results").items()
        for entry in tables(entries, path)
    ]
    return _one_each(known.compared(told, report.findings, top).both)


def _one_each(both: Iterable[Judgement]) -> list[Judgement]:
    """Return one for each of detect-secrets' findings: the one of the same value, if there is one."""
    found: dict[int, list[Judgement]] = {}
    for it in both:
        found.setdefault(id(it.foreign), []).append(it)
    return [min(same, key=lambda it: it.finding.secret != it.foreign.secret) for same in found.values()]


def _entry(one: ForeignFinding) -> dict[str, object]:
    return {"type": one.kind, "filename": one.path, "hashed_secret": one.sha1, "is_verified": False}


def _key(path: str, entry: Table) -> _Key:
    return path, str(entry.get("type")), str(entry.get("hashed_secret"))


def _key_of(one: ForeignFinding) -> _Key:
    return one.path, one.kind, one.sha1


def _line(entry: Table) -> int:
    line = entry.get("line_number")
    return line if isinstance(line, int) else 0


def _order(entry: Table) -> tuple[int, str, str]:
    """As detect-secrets orders them."""
    return _line(entry), str(entry.get("hashed_secret")), str(entry.get("type"))

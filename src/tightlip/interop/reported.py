"""What other scanners' JSON reports say of each place, a reader for each scanner."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tightlip.errors import UsageError
from tightlip.finding import Occurrence, Unscanned
from tightlip.interop.reading import Table, string, strings, table, tables, whole

_ADDRESS = re.compile(r"(.*?)\s*<([^<>]*)>", re.DOTALL)
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_NO_END = "the report has no end"
_NO_FILE = "file detected:"
"""What gitleaks says of a file that has a suspicious name."""
_CONTENT, _COMMIT, _PATH = "content", "commit", "path"


class Reported(NamedTuple):
    """What a scanner says of one place."""

    rule: str
    """As the scanner calls it."""
    told: str
    """In the scanner's words; may be empty."""
    value: str
    place: Occurrence
    identity: str = ""
    """The same for the same value, where that is not known; empty where nothing says so."""
    length: int = 0
    """Characters of the value where that is not known; 0 where they are not either."""
    confidence: str = ""
    severity: str = ""
    works: bool = False
    beside: str = ""
    """Another value, which is not to be shown either."""


class Told(NamedTuple):
    """What a report says."""

    ones: list[Reported]
    target: str = "."
    rules_hash: str = ""
    scanned: Mapping[str, int] = {}
    unscanned: tuple[Unscanned, ...] = ()
    judged: int = 0
    """How many somebody judged to be no secret."""
    complete: bool = False
    """Whether the scanner says how far it came."""


def _gitleaks(documents: Sequence[object]) -> Told:
    """https://github.com/gitleaks/gitleaks: a list of findings, also of betterleaks 1."""
    return Told([_of_gitleaks(entry) for document in documents for entry in tables(document, "a finding")])


def _of_gitleaks(entry: Table) -> Reported:
    match, value = _text(entry, "Match"), _text(entry, "Secret")
    line, end_line = _number(entry, "StartLine"), _number(entry, "EndLine")
    # Below the first line its columns are one too high.
    start, end = _number(entry, "StartColumn") - (line > 1), _number(entry, "EndColumn") - (end_line > 1)
    span = _span((line, start), (end_line, end), match, value)
    place = Occurrence(
        path=_path(_text(entry, "File")),
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        part=_PATH if match.startswith(_NO_FILE) else _CONTENT,
        commit=_text(entry, "Commit") or None,
        author=_text(entry, "Author") or None,
        email=_text(entry, "Email") or None,
        date=_date(_text(entry, "Date")),
        message_subject=_subject(_text(entry, "Message")),
    )
    return Reported(_needed(entry, "RuleID"), _text(entry, "Description"), value, place, length=span.length)


def _betterleaks(documents: Sequence[object]) -> Told:
    """https://github.com/betterleaks/betterleaks: an object, or a line each; version 1 wrote what gitleaks does."""
    if any(isinstance(document, list) for document in documents):
        return _gitleaks(documents)
    tops = _tops(documents, "findings", "finding", "scan")
    entries = [entry for top in tops for entry in (*tables(top.get("findings"), "findings"), *_maybe(top, "finding"))]
    scan = next((scan for top in tops for scan in _maybe(top, "scan")), None)
    if scan is None:
        missed: tuple[Unscanned, ...] = (Unscanned(".", _NO_END),)
        return Told([_of_betterleaks(entry) for entry in entries], unscanned=missed, complete=True)
    target = next(iter(strings(table(scan.get("source") or {}, "source").get("targets"), "targets")), ".")
    done = _text(scan, "state") == "complete"
    return Told(
        [_of_betterleaks(entry) for entry in entries],
        target=target,
        rules_hash=_text(scan, "config_hash"),
        scanned={"bytes": _number(scan, "bytes_scanned")},
        unscanned=() if done else (Unscanned(target, "betterleaks did not come to its end"),),
        complete=True,
    )


def _of_betterleaks(entry: Table) -> Reported:
    match, where = table(entry.get("match"), "match"), table(entry.get("location"), "location")
    about, analysis = next(_maybe(entry, "attributes"), {}), next(_maybe(entry, "analysis"), {})
    full, value = _text(match, "full"), _text(match, "value")
    line, end_line = _number(where, "start_line"), _number(where, "end_line")
    span = _span((line, _number(where, "start_column")), (end_line, _number(where, "end_column")), full, value)
    path, commit = _path(_text(where, "path")), _text(about, "git.sha") or None
    place = Occurrence(
        path=path,
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        part=_COMMIT if commit and (not path or "message" in _text(about, "resource")) else _CONTENT,
        commit=commit,
        author=_text(about, "git.author_name") or None,
        email=_text(about, "git.author_email") or None,
        date=_date(_text(about, "git.date")),
        message_subject=_subject(_text(about, "git.message")),
    )
    return Reported(
        rule=_needed(entry, "rule_id"),
        told=_text(entry, "description"),
        value=value,
        place=place,
        identity=_text(match, "fingerprint"),
        length=span.length,
        confidence=_text(entry, "confidence"),
        severity=_text(analysis, "severity"),
        works=_text(analysis, "status") == "valid",
    )


def _kingfisher(documents: Sequence[object]) -> Told:
    """https://github.com/mongodb/kingfisher: an object, or a line each."""
    tops = _tops(documents, "findings", "rule", "audit")
    entries = [
        it for top in tops for it in (*tables(top.get("findings"), "findings"), *([top] if "rule" in top else ()))
    ]
    audit = next((audit for top in tops for audit in _maybe(top, "audit")), None)
    about: Table = next((about for top in tops for about in _maybe(top, "metadata")), {})
    summary = next(_maybe(about, "summary"), {})
    states = [
        _text(next(_maybe(repository, "scan"), {}), "status")
        for repository in tables(audit and audit.get("repositories"), "repositories")
    ]
    missed = [_NO_END] if audit is None else []
    missed += ["kingfisher did not come to its end"] if set(states) - {"completed"} else []
    target = _text(about, "target") or "."
    return Told(
        [_of_kingfisher(entry) for entry in entries],
        target=target,
        scanned={"blobs": _number(summary, "blobs_scanned"), "bytes": _number(summary, "bytes_scanned")},
        unscanned=tuple(Unscanned(target, why) for why in missed),
        complete=True,
    )


def _of_kingfisher(entry: Table) -> Reported:
    rule, finding = table(entry.get("rule"), "rule"), table(entry.get("finding"), "finding")
    git = next(_maybe(finding, "git_metadata"), {})
    commit = next(_maybe(git, "commit"), {})
    author = next(_maybe(commit, "author"), {})
    value, line = _text(finding, "snippet"), _number(finding, "line")
    end = (line + value.count("\n"), _number(finding, "column_end") + 1)  # it counts columns from 0
    span = _span((line, _number(finding, "column_start") + 1), end, value, value)
    place = Occurrence(
        path=_path(_text(finding, "path")),
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
        commit=_text(commit, "id") or None,
        author=_text(author, "name") or None,
        email=_text(author, "email") or None,
        date=_date(_text(commit, "date")),
    )
    return Reported(
        rule=_needed(rule, "id"),
        told=_text(rule, "description") or _text(rule, "name"),
        value=value,
        place=place,
        identity=_text(finding, "fingerprint"),
        length=span.length,
        confidence=_text(finding, "confidence"),
        works="active" in _text(next(_maybe(finding, "validation"), {}), "status").lower().split(),
    )


def _trufflehog(documents: Sequence[object]) -> Told:
    """https://github.com/trufflesecurity/trufflehog: a line each, and lines of its log where those were kept too."""
    entries = [entry for document in documents for entry in tables(document, "a finding")]
    return Told([_of_trufflehog(entry) for entry in entries if not {"level", "msg"} <= entry.keys()])


def _of_trufflehog(entry: Table) -> Reported:
    data = table(table(entry.get("SourceMetadata"), "SourceMetadata").get("Data"), "Data")
    about = table(next(iter(data.values()), {}), "Data")
    path = next((text for key in ("file", "path", "link", "key") if (text := _text(about, key))), "")
    commit = _text(about, "commit") or None
    line = max(_number(about, "line"), 1)
    name, email = _person(_text(about, "email"))
    value, together = _text(entry, "Raw"), _text(entry, "RawV2")
    place = Occurrence(
        path=_path(path),
        line=line,
        column=1,
        end_line=line,
        end_column=1,
        part=_COMMIT if commit and not path else _CONTENT,
        commit=commit,
        author=name,
        email=email,
        date=_date(_text(about, "timestamp")),
    )
    return Reported(
        rule=_needed(entry, "DetectorName"),
        told=_text(entry, "DetectorDescription"),
        value=value,
        place=place,
        works=entry.get("Verified") is True,
        beside=together if together != value else "",
    )


def _detect_secrets(documents: Sequence[object]) -> Told:
    """https://github.com/Yelp/detect-secrets: a baseline, which is also what `scan` prints."""
    results = table(table(documents[0] if documents else None, "the whole").get("results"), "results")
    ones, judged = [], 0
    for path, entries in results.items():
        for entry in tables(entries, "an entry of results"):
            if entry.get("is_secret") is False:
                judged += 1
                continue
            line = max(_number(entry, "line_number"), 1)
            ones.append(
                Reported(
                    rule=_needed(entry, "type"),
                    told=_text(entry, "type"),
                    value="",
                    place=Occurrence(_path(path), line, 1, line, 1),
                    identity=_needed(entry, "hashed_secret"),
                    confidence="high" if entry.get("is_secret") is True else "",
                    works=entry.get("is_verified") is True,
                )
            )
    return Told(ones, judged=judged)


class _Span(NamedTuple):
    """Where a value is."""

    line: int
    column: int
    end_line: int
    end_column: int
    length: int
    """Characters; 0 where nothing says so."""


def _span(start: tuple[int, int], end: tuple[int, int], match: str, value: str) -> _Span:
    """Return where a value is that stands in a match.

    Parameters: `start` and `end`, line and column of the first and the last character of the match, from 1.
    """
    line, column = max(start[0], 1), max(start[1], 1)
    if line < end[0]:
        return _Span(line, column, end[0], max(end[1], 0) + 1, 0)
    before = max(match.find(value), 0)
    # What is redacted in the match is as long as it was, less what is not: the match's own length is known.
    length = max(end[1] - start[1] + 1 - (len(match) - len(value)), 0)
    return _Span(line, column + before, line, column + before + length, length)


def _tops(documents: Sequence[object], *keys: str) -> list[Table]:
    """Return documents each of which has one of some keys."""
    tops = [table(document, "the whole") for document in documents]
    if not tops or not all(any(key in top for key in keys) for top in tops):
        raise UsageError(f"it has neither {' nor '.join(keys)}")
    return tops


def _maybe(entry: Table, key: str) -> Iterator[Table]:
    """Yield the table under a key, if there is one."""
    if entry.get(key) is not None:
        yield table(entry[key], key)


def _text(entry: Table, key: str) -> str:
    return string(entry.get(key), key)


def _needed(entry: Table, key: str) -> str:
    if not (found := _text(entry, key).strip()):
        raise UsageError(f"a finding has no {key}")
    return found


def _number(entry: Table, key: str) -> int:
    return whole(entry.get(key), key)


def _path(text: str) -> str:
    return text.replace("\\", "/").removeprefix("./")


def _subject(message: str) -> str | None:
    return message.strip().partition("\n")[0] or None


def _person(text: str) -> tuple[str | None, str | None]:
    """Return a name and a mail address, of which a text has either or both."""
    if found := _ADDRESS.fullmatch(text.strip()):
        return found[1] or None, found[2] or None
    return None, text or None


def _date(text: str) -> str | None:
    """Return a date in ISO 8601; None where a text is none."""
    plain = text.replace(" ", "T", 1).replace(" ", "").replace("Z", "+00:00")
    try:
        datetime.fromisoformat(_OFFSET.sub(r"\1:\2", plain))
    except ValueError:
        return None
    return text if "T" in text else _OFFSET.sub(r"\1:\2", plain)


SCANNERS: dict[str, Callable[[Sequence[object]], Told]] = {
    "gitleaks": _gitleaks,
    "betterleaks": _betterleaks,
    "trufflehog": _trufflehog,
    "kingfisher": _kingfisher,
    "detect-secrets": _detect_secrets,
}
"""By the name of a scanner, what reads the documents that its report consists of. Each raises `UsageError`."""

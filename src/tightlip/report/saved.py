"""A report out of the JSON that was written of it, with the values or without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from tightlip.errors import UsageError
from tightlip.finding import Finding, Occurrence, Report, TakenOut, Unscanned
from tightlip.model import Secret
from tightlip.report.document import unquoted
from tightlip.report.json import SCHEMA_VERSION
from tightlip.report.levels import SEVERITIES
from tightlip.report.masked import Masked, is_redacted

if TYPE_CHECKING:
    Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"

_KINDS = ("files", "text", "staged", "history")
_PARTS = ("content", "path", "commit", "tag", "ref")
_LIVE = ("live", "revoked", "unknown")
_TOOL = "tightlip"
_MOST, _MOST_SECONDS = 2**63, 10**9
"""More than any scan has: numbers that no format could hold."""


class NotOneError(ValueError):
    """It is JSON, and no report of tightlip. Holds what is wrong, in words that repeat nothing of it."""


def read(content: bytes, name: str) -> Report:
    """Return the report that a file holds.

    Findings whose values it has not are there all the same, each with a secret that is `Masked`. Raises `UsageError`.

    Parameters: `name`, the file as a person calls it.
    """
    try:
        return report(loaded(content, name))
    except NotOneError as error:
        raise UsageError(f"{name}: {error}; write it with --report json:FILE") from None


def loaded(content: bytes, name: str) -> Json:
    """Return what JSON says. Raises `UsageError` where it is none."""
    try:
        made: Json = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8, as JSON is; was it written by another program?") from None
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}:{error.lineno}: this is no JSON; is the file complete?") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{name} holds numbers or brackets that no report has; is it the right file?") from None
    return made


def report(made: Json) -> Report:
    """Return the report that a document is. Raises `NotOneError`."""
    top = _Mapping(made, "the whole")
    if top.mapping("tool").text("name") != _TOOL:
        raise NotOneError("another program has written this report")
    if top.text("schema_version") != SCHEMA_VERSION:
        raise NotOneError(
            f"this tightlip reads version {SCHEMA_VERSION} of the report, and this is another: upgrade it"
        )
    scan = top.mapping("scan")
    return Report(
        kind=scan.one_of("kind", _KINDS),
        target=unquoted(scan.text("target")),
        findings=tuple(map(_finding, top.mappings("findings"))),
        unscanned=tuple(Unscanned(unquoted(it.text("what")), it.text("why")) for it in scan.mappings("unscanned")),
        scanned={name: scan.mapping("scanned").whole(name) for name in scan.mapping("scanned").names},
        seconds=scan.number("seconds", _MOST_SECONDS),
        rules_hash=top.mapping("tool").text("rules_hash"),
        allowed=scan.whole("allowed"),
        baselined=scan.whole("baselined"),
        notes=scan.texts("notes"),
    )


def _finding(given: _Mapping) -> Finding:
    fingerprint, value = given.word("fingerprint"), given.text("secret")
    group = given.maybe_text("same_value_as") or fingerprint
    return Finding(
        rule=given.word("rule"),
        name=given.text("name"),
        provider=given.text("provider"),
        severity=given.one_of("severity", SEVERITIES),
        confidence=given.number("confidence", 1),
        reasons=given.texts("reasons"),
        secret=Masked(value, group) if is_redacted(value) else _secret(value),
        remediation=given.texts("remediation"),
        occurrences=_occurrences(given),
        decoded_through=given.texts("decoded_through"),
        encoded=tuple(map(_secret, given.maybe_texts("encoded"))),
        in_head=given.maybe_truth("in_head"),
        taken_out=_taken_out(given.maybe_mapping("taken_out")),
        live=None if given.maybe_text("live") is None else given.one_of("live", _LIVE),
        told_as=fingerprint,
    )


def _secret(text: str) -> Secret:
    return Secret(text.encode("utf-8", "surrogatepass"))


def _taken_out(given: _Mapping | None) -> TakenOut | None:
    return TakenOut(given.text("commit"), given.text("date")) if given else None


def _occurrences(given: _Mapping) -> tuple[Occurrence, ...]:
    if not (found := tuple(map(_occurrence, given.mappings("occurrences")))):
        raise NotOneError("a finding is nowhere: its `occurrences` are empty")
    return found


def _occurrence(given: _Mapping) -> Occurrence:
    line, column, end_line, end_column = map(given.position, ("line", "column", "end_line", "end_column"))
    blob, commit, author, email, date, subject = map(
        given.maybe_text, ("blob", "commit", "author", "email", "date", "message_subject")
    )
    return Occurrence(
        path=unquoted(given.text("path")),
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        part=given.one_of("part", _PARTS),
        blob=blob,
        commit=commit,
        author=author,
        email=email,
        date=date,
        message_subject=subject,
        refs=tuple(map(unquoted, given.texts("refs"))),
    )


class _Mapping:
    """A mapping of the document, and where it stands. Every method raises `NotOneError` for what does not belong."""

    def __init__(self, made: Json, where: str) -> None:
        if not isinstance(made, dict):
            raise _other(where)
        self._made, self._where = made, where

    @property
    def names(self) -> list[str]:
        return list(self._made)

    def mapping(self, name: str) -> _Mapping:
        return _Mapping(self._made.get(name), f"`{name}`")

    def mappings(self, name: str) -> Iterator[_Mapping]:
        return (_Mapping(made, f"an entry of `{name}`") for made in self._list(name))

    def text(self, name: str) -> str:
        return _text(self._made.get(name), self._named(name))

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(_text(made, self._named(name)) for made in self._list(name))

    def one_of(self, name: str, known: tuple[str, ...]) -> str:
        if (text := self.text(name)) not in known:
            raise NotOneError(f"{self._named(name)} is none of {', '.join(known)}")
        return text

    def word(self, name: str) -> str:
        """Return a name that a program gave: not empty, and nothing in it that cannot be seen."""
        text = self.text(name)
        if not text or not text.isprintable():
            raise _other(self._named(name))
        return text

    def number(self, name: str, most: int = _MOST) -> float:
        """Return a number from 0 to `most`."""
        made = self._made.get(name)
        if isinstance(made, bool) or not isinstance(made, (int, float)) or not 0 <= made <= most:
            raise NotOneError(f"{self._named(name)} is no number that a report has")
        return made

    def whole(self, name: str) -> int:
        made = self.number(name)
        if not isinstance(made, int):
            raise NotOneError(f"{self._named(name)} is no whole number")
        return made

    def position(self, name: str) -> int:
        """Return a line or a column, which count from 1."""
        if (made := self.whole(name)) < 1:
            raise NotOneError(f"{self._named(name)} counts from 1")
        return made

    def maybe_text(self, name: str) -> str | None:
        return None if self._made.get(name) is None else self.text(name)

    def maybe_texts(self, name: str) -> tuple[str, ...]:
        return () if self._made.get(name) is None else self.texts(name)

    def maybe_mapping(self, name: str) -> _Mapping | None:
        return None if self._made.get(name) is None else self.mapping(name)

    def maybe_truth(self, name: str) -> bool | None:
        made = self._made.get(name)
        return made if isinstance(made, bool) else None

    def _list(self, name: str) -> list[Json]:
        made = self._made.get(name)
        if not isinstance(made, list):
            raise _other(self._named(name))
        return made

    def _named(self, name: str) -> str:
        return f"`{name}` in {self._where}"


def _text(made: Json, where: str) -> str:
    if not isinstance(made, str):
        raise _other(where)
    return made


def _other(where: str) -> NotOneError:
    return NotOneError(f"{where} is missing, or is something else than it should be")

"""Reports without what differs from one scan to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tightlip.allow import is_allowed
from tightlip.engine import Scanner
from tightlip.finding import Occurrence, Report
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git

Told = tuple[object, ...]


class Outcome(NamedTuple):
    """Findings as rule, value, confidence, whether HEAD has it, and places; and the rest of a report."""

    findings: list[Told]
    unscanned: list[tuple[str, str]]
    scanned: dict[str, int]
    allowed: int

    def without(self, value: str) -> list[Told]:
        """The findings but for those of a value."""
        return [found for found in self.findings if found[1] != value.encode()]

    def in_head(self, value: str) -> list[object]:
        """Whether HEAD has a value, by each rule that found it."""
        return [found[3] for found in self.findings if found[1] == value.encode()]

    @property
    def values(self) -> set[tuple[str, bytes]]:
        """Rule and value of each secret."""
        return {(str(rule), value) for rule, value, *_ in self.findings if isinstance(value, bytes)}

    @property
    def secrets(self) -> set[str]:
        """The values alone."""
        return {value.decode() for _, value in self.values}


Scan = Callable[..., Outcome]


def _place(one: Occurrence) -> str:
    """A place, without the object that a path leads to: it may lead to several."""
    return repr(replace(one, blob=None) if one.part == "path" else one)


def outcome(report: Report) -> Outcome:
    """Take a report down to what must be the same however it came about."""
    findings = [
        (one.rule, one.secret.reveal(), one.confidence, one.in_head, sorted(map(_place, one.occurrences)))
        for one in report.findings
    ]
    unscanned = sorted((item.what, item.why) for item in report.unscanned)
    return Outcome(sorted(findings), unscanned, report.scanned, report.allowed)


def in_objects(where: Path, scanner: Scanner) -> set[tuple[str, bytes]]:
    """What the scanner finds in each object by itself, whatever path it may have: rules and values."""
    git = Git(str(where))
    oids = git.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").decode().split()
    found = set()
    with ObjectReader(git) as reader:
        for item in reader.read_many(oids):
            assert isinstance(item, Object)
            if item.kind != "tree":
                seen = scanner.scan(item.data)
                found |= {(m.rule.id, m.secret.reveal()) for m in seen.matches if not is_allowed(seen.text, m)}
    return found

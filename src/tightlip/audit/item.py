"""What is judged at once: one value, by whatever rules it was found, in all of its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.place import path_of
from tightlip.report.levels import most_urgent_first, places
from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.model import Secret


class Found(NamedTuple):
    """A finding, and the report that it stands in."""

    report: Report
    finding: Finding


class Spot(NamedTuple):
    """A place of a value, and the finding and the report that name it."""

    report: Report
    finding: Finding
    occurrence: Occurrence


@dataclass(frozen=True, eq=False, slots=True)
class Item:
    """One value. Two are the same only if they are one object."""

    found: tuple[Found, ...]
    """Most urgent first, and at least one."""

    @property
    def finding(self) -> Finding:
        """The most urgent finding of the value."""
        return self.found[0].finding

    @property
    def secret(self) -> Secret:
        """The value."""
        return self.finding.secret

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows the value: then there is nothing to make an entry of."""
        return isinstance(self.secret, Masked)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that found it."""
        return tuple(dict.fromkeys(finding.rule for _, finding in self.found))

    def spots(self, top: str | None) -> list[Spot]:
        """Return the places, each once: those of the files as they are first. Parameters: `top`, as of `path_of`."""
        every: dict[tuple[object, ...], Spot] = {}
        for report, finding in sorted(self.found, key=lambda it: it.report.kind == "history"):
            for it in places(finding, report.kind):
                where = path_of(it, report.kind, top) or it.path or it.blob
                every.setdefault((it.part, where, it.line, it.column), Spot(report, finding, it))
        return list(every.values())


def items(reports: Sequence[Report]) -> list[Item]:
    """Return what reports found, most urgent first; what is lost comes last."""
    of = {id(finding): report for report in reports for finding in report.findings}
    groups: dict[Secret, list[Found]] = {}
    for finding in most_urgent_first(finding for report in reports for finding in report.findings):
        groups.setdefault(finding.secret, []).append(Found(of[id(finding)], finding))
    return sorted((Item(tuple(found)) for found in groups.values()), key=lambda item: item.is_lost)


def history(item: Item) -> Iterator[Finding]:
    """Yield the findings of an item that come of a history."""
    return (finding for report, finding in item.found if report.kind == "history")

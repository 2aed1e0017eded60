"""What a scan has found so far, what it has been through, and what it could not scan."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tightlip.collect import Found
    from tightlip.engine import Outcome, Scanner
    from tightlip.finding import Finding, Report, Unscanned
    from tightlip.model import Blob
    from tightlip.rule import Match

_COUNTED_AS = {"content": "blobs", "path": "names", "ref": "refs"}


class Tally:
    """What a scan has found so far, and what it has been through."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.found: list[Found] = []
        self.unscanned: list[Unscanned] = []
        self.scanned: dict[str, int] = {"blobs": 0, "bytes": 0}
        self.allowed = 0
        self.live = 0
        """How many of those are critical, and surely secrets."""
        self.interrupted = False
        self._started = time.monotonic()

    def look(self, blob: Blob) -> Outcome:
        """Scan one blob, count it, and keep nothing of it yet."""
        outcome = self.scanner.scan(blob.data, blob.path)
        self.count(blob)
        self.unscanned += outcome.unscanned
        return outcome

    def count(self, blob: Blob) -> None:
        """Count a blob that was scanned."""
        kind = _COUNTED_AS.get(blob.part, f"{blob.part}s")
        self.scanned[kind] = self.scanned.get(kind, 0) + 1
        self.scanned["bytes"] += len(blob.data)

    def scan(self, blob: Blob) -> None:
        """Scan one blob and keep what is found in it, but for what is allowed there."""
        outcome = self.look(blob)
        self.keep(blob, outcome, outcome.matches)

    def keep(self, blob: Blob, outcome: Outcome, matches: Iterable[Match]) -> None:
        """Keep those of an outcome's matches that no pragma allows."""
        for match in matches:
            from tightlip.allow import is_allowed
            from tightlip.collect import Found

            if self.scanner.pragmas and is_allowed(outcome.text, match):
                self.allow(match)
            else:
                self.found.append(Found(blob.path, blob.oid, blob.part, match))

    def allow(self, match: Match) -> None:
        """Count a match that a pragma allows."""
        from tightlip.allow.allowed import is_live

        self.allowed += 1
        self.live += is_live(match)

    def keep_judged(self, path: bytes, oid: str, part: str, matches: Iterable[Match]) -> None:
        """Keep matches that no pragma allows."""
        from tightlip.collect import Found

        self.found += [Found(path, oid, part, match) for match in matches]

    def miss(self, what: str, why: str) -> None:
        """Keep in mind that something could not be scanned."""
        from tightlip.finding import Unscanned

        self.unscanned.append(Unscanned(what, why))

    def interrupt(self, left: int) -> None:
        """Keep in mind that the scan was ended from outside, with so many objects left, or 0 where nobody knows."""
        self.interrupted = True
        self.miss(f"{left} objects" if left else "the rest", "the scan was interrupted")

    def report(self, kind: str, target: str) -> Report:
        """Return the findings of a scan that has no history."""
        from tightlip.collect import findings

        return self.close(kind, target, findings(self.found))

    def close(self, kind: str, target: str, findings: Sequence[Finding]) -> Report:
        """Return the report of the scan with the findings it led to."""
        from tightlip.finding import Report

        return Report(
            kind,
            target,
            findings=tuple(findings),
            unscanned=tuple(self.unscanned),
            scanned=self.scanned,
            seconds=time.monotonic() - self._started,
            rules_hash=self.scanner.rules_hash,
            allowed=self.allowed,
            interrupted=self.interrupted,
            notes=tuple(self._notes()),
        )

    def _notes(self) -> Iterable[str]:
        if self.live:
            from tightlip.report.style import count

            yield f"comments allow what is critical and surely a secret, {count(self.live, 'time')}; see --no-allow"

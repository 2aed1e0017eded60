"""Whether files that must be encrypted are, and always were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import FAIL, OK, UNCHECKED, Line
from tightlip.report.style import count
from tightlip.sops import crypt, earlier, files
from tightlip.sops.creation import NAME
from tightlip.tally import Tally

if TYPE_CHECKING:
    from tightlip.checkup.place import Place

_TITLE, _EARLIER = "Files that must be encrypted are", "Encrypted files were never committed in clear"


def look(place: Place) -> Iterator[Line]:
    """Tell of both. Raises `ConfigError`, `GitError`."""
    yield _today(place)
    if not place.here.wanted.looks_back:
        yield Line(UNCHECKED, _EARLIER, "--no-history", by_choice=True)
        return
    found = list(earlier.look(place.git, place.encrypted))
    if not found:
        yield Line(OK, _EARLIER, count(len(place.encrypted), "encrypted file"))
        return
    evidence = tuple(
        f"{it.path}: in clear{f' as {it.as_path}' if it.as_path != it.path else ''} from {it.first} to {it.last}, "
        f"{count(it.number, 'version')}"
        for it in found
    )
    mend = "rotate what was in clear, then: tightlip purge --plan purge.json"
    yield Line(FAIL, _EARLIER, count(len(found), "file"), evidence, mend)


def _today(place: Place) -> Line:
    tally = Tally(place.here.scanner)
    start = os.path.relpath(place.top)
    paths = [os.path.normpath(os.path.join(start, path)) for path in place.tracked]
    files.scan(tally, [os.fsencode(path.replace(os.sep, "/")) for path in paths])
    report = place.here.policy.applied(tally.report("files", place.here.where), place.here.scanner)
    report = place.left(report)
    evidence = [f"{at.path}:{at.line}: {it.rule}: {it.reasons[0]}" for it in report.findings for at in it.occurrences]
    evidence += [f"{path}: git-crypt-not-encrypted: .gitattributes says so" for path in crypt.in_clear(place.git)]
    if evidence:
        mend = "sops encrypt --in-place FILE, and rotate what was pushed in clear"
        return Line(FAIL, _TITLE, count(len(evidence), "problem"), tuple(evidence), mend)
    if report.unscanned:
        return Line(UNCHECKED, _TITLE, report.unscanned[0].why, mend=f"mend {NAME}")
    rules = any(path.rpartition("/")[2] == NAME for path in place.tracked)
    return Line(OK, _TITLE, "" if rules else f"there is no {NAME}, and so no rule")

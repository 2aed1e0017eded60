"""What a history holds in clear though it had to be encrypted: each version of a file by the word of its own commit."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tightlip import wholefile
from tightlip.engine import Outcome
from tightlip.finding import Unscanned
from tightlip.git.changes import Record
from tightlip.git.objects import ObjectReader
from tightlip.git.plumbing import Git
from tightlip.model import Blob
from tightlip.report.style import count
from tightlip.rule import Match
from tightlip.sops import check, document, earlier
from tightlip.sops.check import Was
from tightlip.sops.contents import Contents
from tightlip.sops.creation import NoConfiguration
from tightlip.sops.document import Document
from tightlip.sops.plaintext import Sealed, sealed
from tightlip.sops.troubles import Troubles
from tightlip.sops.versions import Version, Versions, Word, version
from tightlip.tally import Tally

_OF_TODAY = frozenset((wholefile.MAC_MISSING.id, wholefile.RECIPIENT_MISSING.id))
"""What is nothing to mend in an old version, and no leak."""
KEPT = 16 << 20
"""Bytes of the versions of a file that are kept from the one reading to the other."""
MOST = 256 << 20
"""Bytes of versions that are told: all that is in a file is its secret, and is held to the end of the scan."""


def scan(git: Git, tally: Tally, records: Iterable[Record | Unscanned], *, is_whole: bool) -> set[str]:
    """Judge versions, and return the ids of those with something to tell. Raises `GitError`.

    Parameters: `records`, what commits changed; of what git cannot tell there, others tell; `is_whole`, whether they
    are all that lead to any of them: otherwise only what a commit brings is told, and not what it leaves as it was.
    """
    brought = [it for record in records if isinstance(record, Record) and (it := version(record))]
    troubles = Troubles()
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        versions = Versions(git, objects, troubles)
        more = list(versions.under_new_rules(brought)) if is_whole else []
        tally.unscanned += [it for it in more if isinstance(it, Unscanned)]
        every = [*brought, *(it for it in more if isinstance(it, Version))]
        past = _Past(tally, Contents(objects, KEPT), troubles, is_whole=is_whole)
        for words in versions.candidates(every, is_whole=is_whole):
            past.judge(words)
    past.end()
    troubles.tell(git, tally, is_whole=is_whole)
    return past.told


class _Past:
    """Judges versions, path by path."""

    def __init__(self, tally: Tally, contents: Contents, troubles: Troubles, *, is_whole: bool) -> None:
        self._tally, self._contents, self._troubles, self._is_whole = tally, contents, troubles, is_whole
        self._left, self._untold = MOST, 0
        self.told = set[str]()

    def judge(self, words: Sequence[Word]) -> None:
        """Judge all versions of a path: those that SOPS encrypted at once, others when it is known which are."""
        self._contents.forget()
        path = words[0].version.path
        of: dict[str, list[Word]] = defaultdict(list)
        for word in words:
            of[word.version.oid].append(word)
        by: dict[str, str] = {}
        for oid, data in self._contents.each(oid for it in words for oid in (it.version.oid, *it.version.old)):
            found = document.read(data, path)
            by[oid] = earlier.by(data, found)
            if by[oid] == earlier.SOPS:
                self._tell(Blob(data, os.fsencode(path), oid), self._judged(of.pop(oid, ()), data, found, by))
        self._judge_others(path, of, by)

    def _judge_others(self, path: str, of: Mapping[str, Sequence[Word]], by: Mapping[str, str]) -> None:
        forms = list(self._forms(path, [oid for oid, what in by.items() if what]))
        for oid, data in self._contents.each(of):
            found = self._judged(of[oid], data, document.read(data, path), by)
            if not found and not by[oid] and data.strip() and any(it.is_of(data, path) for it in forms):
                other = [what for what in by.values() if what][-1]
                found = [check.whole(wholefile.ONCE_IN_CLEAR, data, f"another version of it is encrypted with {other}")]
            self._tell(Blob(data, os.fsencode(path), oid), found)

    def end(self) -> None:
        """Tell what was too much."""
        if self._untold:
            what = count(self._untold, "version")
            why = f"they are in clear, and there is more of them than {MOST >> 20} MiB; tell them by `--path`"
            self._tally.miss(f"{what} of files that must be encrypted", why)

    def _forms(self, path: str, encrypted: Sequence[str]) -> Iterator[Sealed]:
        """Yield what the first and the last encrypted version tell of plaintext."""
        ends = [encrypted[0], encrypted[-1]] if encrypted else []
        yield from (sealed(data, path) for _, data in self._contents.each(ends))

    def _judged(self, words: Iterable[Word], data: bytes, read: Document | None, by: Mapping[str, str]) -> list[Match]:
        """Return what is wrong with one content, by the word of any commit that had it; each case is judged once."""
        found: dict[tuple[str, int], Match] = {}
        done = set[tuple[object, ...]]()
        for word in words:
            it = word.version
            encrypted = next((by[oid] for oid in it.old if by.get(oid)), "")
            case = *word.case, encrypted, *(() if self._is_whole else it.old)
            if case not in done:
                done.add(case)
                was = Was(encrypted, "" if read else self._sibling(word, data), word.git_crypt)
                found |= {(match.rule.id, match.start): match for match in self._new(word, data, read, was)}
        return list(found.values())

    def _new(self, word: Word, data: bytes, read: Document | None, was: Was) -> list[Match]:
        """Return what is wrong with a version, and was not before, where that counts."""
        found = self._look(word, data, read, was)
        if self._is_whole:
            return [match for match in found if match.rule.id not in _OF_TODAY]
        before, path = was._replace(encrypted=""), word.version.path
        old = (content for _, content in self._contents.each(word.version.old if found else ()))
        every = (match for it in old for match in self._look(word, it, document.read(it, path), before))
        held = {(match.rule.id, match.secret) for match in every}
        return [match for match in found if (match.rule.id, match.secret) not in held]

    def _look(self, word: Word, data: bytes, read: Document | None, was: Was) -> list[Match]:
        """Judge a content; where `.sops.yaml` cannot be used, by all else that is known."""
        path = word.version.path
        try:
            return check.judge(data, read, path, word.configuration, was)
        except NoConfiguration as error:
            is_own = error.file == path
            self._troubles.add(error, path, word.version.oid if is_own else word.configured_by)
            return [] if is_own else self._look(word._replace(configuration=None), data, read, was)

    def _sibling(self, word: Word, data: bytes) -> str:
        """Return a file beside a version that is its encrypted form, or nothing."""
        names, path = {oid: name for name, oid in word.siblings}, word.version.path
        fits = (names[oid] for oid, it in self._contents.each(names) if sealed(it, names[oid]).is_of(data, path))
        return next(iter(list(fits)), "")  # all are read: git would be ended over answers that nobody takes

    def _tell(self, blob: Blob, found: list[Match]) -> None:
        if not found:
            return
        if len(blob.data) > self._left:
            self._untold += 1
            return
        self._left -= len(blob.data)
        self.told.add(blob.oid)
        self._tally.keep(blob, Outcome(blob.data, found, []), found)

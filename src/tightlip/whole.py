"""Sweep a whole repository: every object once, and then what is suspicious of them, with the paths that lead to it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tightlip import pool
from tightlip.advance import Advance, Progress
from tightlip.engine.quiet import is_quiet
from tightlip.engine.suspect import Suspicion
from tightlip.git import gaps, inventory
from tightlip.git.changes import HistoryChange, stream
from tightlip.git.edges import Gathering
from tightlip.git.graph import Graph
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.index import Numbers
from tightlip.git.plumbing import Git
from tightlip.git.repo import facts
from tightlip.model import Blob
from tightlip.pool import Lost
from tightlip.sops import concern
from tightlip.sweep import Suspect, Sweep, Swept, judged_of
from tightlip.tally import Tally
from tightlip.tasks import Task, again, asked, tasks
from tightlip.worker import Done, Setup

if TYPE_CHECKING:
    from tightlip.git.lfs import Lfs

_COUNTED_AS = {BLOB: "blobs", COMMIT: "commits", TAG: "tags", TREE: "trees"}
_PARTS = {BLOB: "content", COMMIT: "commit", TAG: "tag"}


class Whole:
    """A sweep of a whole repository. `run` does it; then `graph`, `changes` and `tips` say where things come from."""

    graph: Graph
    changes: list[HistoryChange]

    def __init__(  # noqa: PLR0913 - what, with what, and how
        self,
        git: Git,
        tally: Tally,
        *,
        lfs: Lfs | None = None,
        jobs: int = 1,
        progress: Progress | None = None,
        known: bytes = b"",
    ) -> None:
        """Prepare a sweep.

        Parameters: `lfs`, what has the content that pointer files stand for; `jobs`, how many processes may do it;
        `known`, the ids of blobs that hold nothing to report, from an earlier `clean`.
        """
        self._lfs = lfs
        self._git, self._tally, self._jobs, self._progress = git, tally, jobs, progress
        # Made before other processes are, which then have the rules loaded.
        self._suspicion = Suspicion(tally.scanner.compiled, tally.scanner.min_confidence)
        self._facts = facts(git)
        self._stock = inventory.take(git)
        self._clean = self._mask(known)
        self._looked_at: list[Numbers] = []
        self._swept: list[Swept] = []
        self._unread: dict[int, str] = {}
        self._suspects: dict[int, Suspect] = {}
        self._told = -1
        """How many trees, commits and tags the graph knows of; -1 before there is one."""
        self._remembered = self._objects = self._done = self._weight = 0
        self._refs = self._refs_and_head()
        self.tips: dict[str, int] = {}
        self._sought: tuple[list[int], list[bytes]] = [], []
        self._in_clear: list[int] = []
        """Versions of files that had to be encrypted, and are not."""

    def run(self) -> None:
        """Look at every object, and give the tally what is found. An interrupt ends it early, with what there is."""
        self._tally.unscanned += self._stock.troubles
        self._tally.unscanned += gaps.shallow(self._facts)
        try:
            self._sweep()
            if self._lfs:
                self._look_behind(self._lfs)
        except KeyboardInterrupt:
            done = sum(sum(part.counts.values()) for part in self._swept)
            self._tally.interrupt(len(self._stock.table) - done)
        if self._told != self._tell():  # an interrupt came before, or a damaged pack named a tree a blob
            self._see_graph()
        self._count()
        if not self._tally.interrupted:
            self._judge_files()
        self._settle()
        is_whole = self.graph.is_whole and all(row >= 0 for row in self._refs.values())
        if not self._tally.interrupted and not is_whole:
            with gaps.start(self._git) as search:
                self._tally.unscanned += gaps.found(search, self._facts)

    def row(self, oid: str) -> int:
        """Return an object's row."""
        return int(self._stock.table.rows(bytes.fromhex(oid))[0])

    def oid(self, row: int) -> str:
        """Return an object's id."""
        return self._stock.table.oid(row)

    def taken_out(self, groups: Sequence[Collection[str]], head: str) -> list[str]:
        """Return for each group of blobs the commit after which the history of `head` holds none; `""` for no such."""
        rows = [{self.row(oid) for oid in group} for group in groups]
        found = self.graph.taken_out(rows, *self._sought, self.row(head))
        return [self.oid(row) if row >= 0 else "" for row in found]

    def clean(self) -> bytes:
        """Return the ids of blobs that hold nothing to report and were not known to: one after the other, in order."""
        clean = np.zeros(len(self._clean), np.bool_)
        for rows in self._looked_at:
            clean[rows] = True
        for part in self._swept:
            clean[part.refused] = False
            clean[part.loose_blobs] = True
        clean[[*self._suspects, *self._unread]] = False
        return self._stock.table.oids(np.flatnonzero(clean & ~self._clean))

    @property
    def width(self) -> int:
        """The bytes of an id."""
        return self._stock.table.width

    def _mask(self, oids: bytes) -> NDArray[np.bool_]:
        mask = np.zeros(len(self._stock.table), np.bool_)
        if len(oids) % self._stock.table.width == 0:
            rows = self._stock.table.rows(oids)
            mask[rows[rows >= 0]] = True
        return mask

    def _refs_and_head(self) -> dict[str, int]:
        """Return the object of each ref, -1 for one that is not there; of HEAD too, where no branch stands there."""
        with self._git.start("for-each-ref", "--format=%(objectname) %(refname)", stdin=b"") as process:
            lines = process.read().decode("utf-8", "surrogateescape").split("\n")[:-1]
            process.finish()
            self._tally.unscanned += gaps.complaints(process)
        named = {name: oid for oid, _, name in (line.partition(" ") for line in lines)}
        head = self._git.run("rev-parse", "--quiet", "--verify", "HEAD", fine=(1, 128)).decode().strip()
        if head and head not in {oid for name, oid in named.items() if name.startswith("refs/heads/")}:
            named["HEAD"] = head
        rows = self._stock.table.rows(bytes.fromhex("".join(named.values())))
        for name, oid in named.items() if (rows < 0).any() else ():
            if self.row(oid) < 0:
                self._tally.miss(name, f"it leads to object {oid}, which is missing; fetch it, or run `git fsck`")
        return dict(zip(named, rows.tolist(), strict=True))

    def _sweep(self) -> None:
        """Look at every object, and once more at blobs of such paths as rules go by: names are known when trees are."""
        work = tasks(self._stock, self._jobs)
        self._weight = sum(task.weight for task in work)
        new = [task for task in work if not self._pass_over(task)]
        scanner = self._tally.scanner
        setup = Setup(self._git, scanner, self._stock, scanner.limit, self._clean, self._any_path)
        with closing(pool.Workers(setup, min(self._jobs, len(new)), sum(task.weight for task in new))) as workers:
            workers.submit(sorted(new, key=_is_of_blobs))
            while self._told < 0 or workers.waiting:
                if workers.waiting:
                    workers.submit(self._take(*workers.result()))
                if self._told < 0 and all(map(_is_of_blobs, workers.waiting)):
                    self._see_graph()
                    workers.submit(self._again(work))

    def _look_behind(self, lfs: Lfs) -> None:
        """Look at what pointer files stand for, and take it for what they hold."""
        missed: dict[int, str] = {}

        def contents() -> Iterator[tuple[int, int, bytes]]:
            for pointer in lfs.pointers():
                found = lfs.instead(pointer)
                if isinstance(found, Blob):
                    yield self.row(pointer.oid), BLOB, found.data
                else:
                    missed[self.row(pointer.oid)] = found.why

        sweep = Sweep(self._tally.scanner, self._stock.table, self._clean, any_path=True)
        swept = sweep.loose(contents(), every=True)
        self._tally.scanned["bytes"] += swept.size
        self._unread.update(missed)
        self._suspects.update((suspect.row, suspect) for suspect in swept.suspects)

    def _pass_over(self, task: Task) -> bool:
        """Whether all objects of a task are known to hold nothing; they are counted then."""
        if task.kind != BLOB or not self._clean[task.rows].all():
            return False
        self._objects += len(task.rows)
        self._remembered += len(task.rows)
        self._done += task.weight
        return True

    def _again(self, work: Sequence[Task]) -> Iterator[Task]:
        """Yield what is left to do for rules that go by the path."""
        special = np.zeros(len(self._clean), np.bool_) if self._any_path else self._special()
        passed = np.array([row for part in self._swept for row in part.known], np.int64)
        self._remembered += int((~special[passed]).sum())
        yield from again(self._stock, work, special)
        yield from asked(passed[special[passed]], again=True)

    def _special(self) -> NDArray[np.bool_]:
        """Return which objects may have a path that a rule goes by."""
        paths = self._tally.scanner.compiled.paths.values()
        return self.graph.under({_component(literal) for literals in paths for literal in literals})

    @property
    def _any_path(self) -> bool:
        """Whether there is a rule that goes by the path and may want any."""
        return not all(self._tally.scanner.compiled.paths.values())

    def _see_graph(self) -> None:
        """Put together what trees, commits and tags say."""
        nothing = Gathering(self._stock.table).done()
        gathered = [nothing, *((part.edges, part.commits) for part in self._swept)]
        self.graph = Graph(self._stock.table, [edges for edges, _ in gathered], [commits for _, commits in gathered])
        self._told = self._tell()

    def _tell(self) -> int:
        """Return how many trees, commits and tags there are to make a graph of."""
        return sum(len(part.edges.trees) + len(part.commits.rows) + len(part.commits.tags) for part in self._swept)

    def _take(self, task: Task, outcome: Done | Lost) -> list[Task]:
        """Keep what came of a task; return what is left to do: git has to be asked for what could not be read."""
        if task.again is None:
            self._done += task.weight
            self._objects += len(task.rows)
        if isinstance(outcome, Lost):
            rows = task.rows if task.again is None else task.rows[task.again]
            self._unread.update(dict.fromkeys(rows.tolist(), outcome.why))
            return []
        swept, unread = outcome
        if task.kind == BLOB:
            self._looked_at.append(task.rows)
        self._unread.update(unread)
        self._swept.append(swept)
        for suspect in swept.suspects:
            if task.again is not None or suspect.row not in self._suspects:  # then more rules have looked at it
                self._suspects[suspect.row] = suspect
        if self._progress:
            everything = len(self._stock.table)
            self._progress(Advance(self._objects, everything, self._done, self._weight, len(self._suspects)))
        return asked(np.array(swept.refused, np.int64))

    def _count(self) -> None:
        scanned = self._tally.scanned
        for part in self._swept:
            scanned["bytes"] += part.size
            for kind, count in part.counts.items():
                scanned[_COUNTED_AS[kind]] = scanned.get(_COUNTED_AS[kind], 0) + count
        scanned["blobs"] += self._remembered
        scanned["names"] = len(self.graph.names)

    def _judge_files(self) -> None:
        """Judge what must be encrypted, where anything ever had to be."""
        told = [(name, self.oid(row)) for name, row in self.graph.called(concern.is_told_by_name)]
        if concern.in_history(self._git, told):
            from tightlip.sops import past

            commits = "".join(f"{self.oid(row)}\n" for row, _, _ in self.graph.history())
            found = past.scan(self._git, self._tally, stream(self._git, commits.encode()), is_whole=True)
            self._in_clear = [self.row(oid) for oid in sorted(found)]

    def _settle(self) -> None:
        """Decide over everything suspicious, now that its paths are known."""
        ends = {name: self.graph.peeled(row) for name, row in self._refs.items()}
        self.tips = {name: row for name, row in ends.items() if self.graph.is_commit(row)}
        names = self._suspicious_names()
        blobs = [row for row, suspect in self._suspects.items() if suspect.kind == BLOB]
        blobs += [*self._unread, *self._in_clear]
        self._sought = blobs, names
        self.changes = self.graph.changes_of(blobs, names, set(self.tips.values()))
        paths = self._paths(blobs, names)
        for suspect in sorted(self._suspects.values(), key=lambda suspect: self.oid(suspect.row)):
            self._keep(suspect, paths.get(self.oid(suspect.row), [b""]))
        self._scan_names(names, paths)
        self._scan_refs()
        for row, why in self._unread.items():
            oid = self.oid(row)
            where = os.fsdecode(paths.get(oid, [b""])[0])
            self._tally.miss(where or f"object {oid}", f"object {oid}: {why}" if where else why)
        for row in self.graph.malformed:
            self._tally.miss(f"tree {self.oid(row)}", "it is damaged; run `git fsck`")

    def _suspicious_names(self) -> list[bytes]:
        return [name for name in self.graph.names if self._suspicion.whole(name).suspicious]

    def _paths(self, blobs: Sequence[int], names: Sequence[bytes]) -> dict[str, list[bytes]]:
        """Return the paths of each object, the one it was first brought to first."""
        found: dict[str, dict[bytes, None]] = {}
        for change in self.changes:
            found.setdefault(change.oid, {})[change.path] = None
        ends = dict.fromkeys(map(self.graph.peeled, self._refs.values()))
        for tree in filter(self.graph.is_tree, ends) if blobs or names else ():
            for path, oid in self.graph.paths_in(tree, blobs, names):
                found.setdefault(oid, {})[path] = None
        return {oid: list(paths) for oid, paths in found.items()}

    def _keep(self, suspect: Suspect, paths: Iterable[bytes]) -> None:
        """Keep what is found in an object under its first path, a quiet one last, and under others that rules go by."""
        scanner, part = self._tally.scanner, _PARTS[suspect.kind]
        first, *others = sorted(paths, key=is_quiet) if suspect.kind == BLOB else (b"",)
        again = [judged_of(form, scanner) for form in suspect.forms]
        forms, allowed = [judged for judged, _ in again], set[int]().union(*(ids for _, ids in again))
        for path in (first, *filter(scanner.looks_at, others)):
            outcome = scanner.best(forms, path)
            self._tally.unscanned += outcome.unscanned
            for match in outcome.matches:
                if id(match.secret) in allowed:
                    self._tally.allow(match)
            kept = [match for match in outcome.matches if id(match.secret) not in allowed]
            self._tally.keep_judged(path, self.oid(suspect.row), part, kept)

    def _scan_names(self, names: Sequence[bytes], paths: dict[str, list[bytes]]) -> None:
        """Scan each path that ends in a suspicious name, and such names as no commit has."""
        left = set(names)
        every = {path: oid for oid, its_paths in paths.items() for path in its_paths}
        for path, oid in every.items():
            name = path.rpartition(b"/")[2]
            if name in names:
                left.discard(name)
                self._tally.scan(Blob(path, path, oid, "path"))
        for name in left:
            self._tally.scan(Blob(name, name, "", "path"))

    def _scan_refs(self) -> None:
        """Scan the names of branches, tags and all other refs."""
        for name, row in self._refs.items():
            path = name.encode("utf-8", "surrogateescape")
            self._tally.scan(Blob(path, path, self.oid(row) if row >= 0 else "", "ref"))


def _is_of_blobs(task: Task) -> bool:
    """Whether no tree, commit or tag can come of a task."""
    return task.kind == BLOB or task.again is not None


def _component(literal: bytes) -> bytes:
    """Return what a component of each path holds that holds a literal."""
    return max(literal.split(b"/"), key=len)

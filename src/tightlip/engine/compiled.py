"""A rule set ready to scan with, and the user's cache of it, so that a commit reads no YAML and compiles nothing.

The cache is one file per list of rule files, in the user's cache folder. It is used only where nobody else can write
it, and only while every rule file has the size and times it had when the cache was written; for the rules of an
installed package one file stands for all.
"""

from __future__ import annotations

import marshal
import os
import sys

from tightlip import builtin, cachefolder
from tightlip.engine import prefilter
from tightlip.errors import RuleError
from tightlip.model import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, BinaryIO, TypeAlias

    import regex

    from tightlip.engine.marks import Mark
    from tightlip.engine.prefilter import Candidates
    from tightlip.engine.services import Services
    from tightlip.rule import Rule
    from tightlip.rules import RuleSet

    _Row: TypeAlias = tuple[Any, ...]
    _Behind: TypeAlias = tuple[list[tuple[int, int, int]], list[tuple[bytes, ...]], dict[str, list[int]], list[bytes]]
    """What is loaded with the first hit, by rule: how far its matches go, its literals, the rules of each service's
    name, and the rules themselves, each as marshal writes it: of thousands a commit needs a few."""
    _Literals: TypeAlias = dict[int, tuple[bytes, ...]]
    _Paths: TypeAlias = dict[int, tuple[str, tuple[bytes, ...]]]
    """By a rule's index: the pattern that its path must match, and literals of which such a path holds one."""
    _Head: TypeAlias = tuple[str, int, _Literals, bytes, _Paths, int, list[int], list[int]]
    """The hash of the rules, their reach, those that Hyperscan is not trusted with, those that go by path, how many
    there are, and those that need another or are needed by one."""

VERSION = 18
"""Of the cache file's form; raise it when the form, or the meaning of a rule, changes."""

_LEAST_REACH = 128
"""How far around a change marks are looked for: no mark is wider, and of a run that is cut off enough is seen."""
_FEW_LINES = 8
"""Newlines in a match that are worth to be counted."""
MARKS = 6
"""How many marks there are of what may decode; marks.py, which says more, is not loaded on a commit."""


class Reach(Value):
    """How far a match of a rule goes.

    At most `before` bytes of it stand before the end of a hit in it, and it has at most `width` in all, of which at
    most `newlines` are newlines.
    """

    __slots__ = ("before", "newlines", "width")

    def __init__(self, before: int, width: int, newlines: int) -> None:
        self.before = before
        self.width = width
        self.newlines = newlines

    def stop(self, text: bytes, end: int) -> int:
        """Return where a match ends at the latest in which a hit ends at `end`."""
        at, most = end, end + self.width
        if self.newlines > _FEW_LINES:
            return most
        for _ in range(self.newlines + 1):
            at = text.find(b"\n", at, most) + 1
            if not at:
                return most
        return at - 1


class Rules:
    """The rules, in the order of the prefilter's indexes; each is made when it is asked for."""

    def __init__(self, rows: Sequence[bytes]) -> None:
        self._rows = rows
        self._made: dict[int, Rule] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Rule:
        rule = self._made.get(index)
        if rule is None:
            rule = self._made[index] = _rule(marshal.loads(self._rows[index]))
        return rule

    def __iter__(self) -> Iterator[Rule]:
        return map(self.__getitem__, range(len(self._rows)))


class Compiled:
    """A prefilter, and the rules behind it, loaded when the first hit asks for one."""

    def __init__(
        self, head: _Head, database: bytes, behind: Callable[[], _Behind], *, literals_only: bool = False
    ) -> None:
        self.hash, self.reach, unsure, apart, self._paths, self.marks, paired, by_name = head
        self.paired = frozenset(paired)
        """The rules that count only beside another, and these others."""
        self._by_name = frozenset(by_name)
        self.runs = self.marks + MARKS
        """The index of runs that may decode."""
        self._behind = behind
        self._known: tuple[Rules, list[tuple[int, int, int]], dict[str, list[int]]] | None = None
        self._patterns: dict[str, regex.Pattern[bytes]] = {}
        self._services: Services | None = None
        self.prefilter: prefilter.HyperscanPrefilter | prefilter.LiteralPrefilter
        if database and not literals_only:
            self.prefilter = prefilter.HyperscanPrefilter(database, unsure, self.runs, apart)
        else:
            literals = dict(enumerate(behind()[1]))
            literals |= {index: mark.literals for index, mark in enumerate(_marks(), self.marks)}
            self.prefilter = prefilter.LiteralPrefilter(literals, self.runs)

    def split(self, found: Candidates) -> tuple[Candidates, Candidates]:
        """Return the hits of rules, and the marks of what may decode: these have the indexes from `marks` on."""
        if not any(index >= self.marks for index in found):
            return found, {}
        marks = {index: ends for index, ends in found.items() if index >= self.marks}
        return {index: ends for index, ends in found.items() if index < self.marks}, marks

    def applies(self, index: int, path: bytes) -> bool:
        """Whether the rule looks at a text under this path."""
        if index in self._by_name:
            from tightlip.engine.quiet import is_quiet  # late: most commits have no such hit

            if is_quiet(path):
                return False
        return index not in self._paths or self._fits(index, path)

    def has_rules_for(self, path: bytes) -> bool:
        """Whether a rule looks at texts under such paths only."""
        return any(self._fits(index, path) for index in self._paths)

    @property
    def paths(self) -> dict[int, tuple[bytes, ...]]:
        """By rule that goes by the path: literals in lower case, one of which such a path holds; none for any path."""
        return {index: literals for index, (_, literals) in self._paths.items()}

    def _fits(self, index: int, path: bytes) -> bool:
        pattern, literals = self._paths[index]
        if literals and not any(literal in path.lower() for literal in literals):
            return False
        import re  # not at the top: most commits hold no path that comes this far

        return re.search(pattern.encode("ascii"), path) is not None

    @property
    def rules(self) -> Rules:
        """The rules, in the order of the prefilter's indexes."""
        return self._loaded()[0]

    def reach_of(self, index: int) -> Reach:
        """Return how far a match of the rule's pattern goes."""
        return Reach(*self._loaded()[1][index])

    @property
    def services(self) -> Services:
        """The rules that go by the name of a service."""
        if self._services is None:
            from tightlip.engine.services import Services

            self._services = Services(self._loaded()[2], self.rules)
        return self._services

    def _loaded(self) -> tuple[Rules, list[tuple[int, int, int]], dict[str, list[int]]]:
        if self._known is None:
            reaches, _, services, rows = self._behind()
            self._known = Rules(rows), reaches, services
        return self._known

    def pattern(self, source: str) -> regex.Pattern[bytes]:
        """Return a pattern of a rule, compiled once."""
        found = self._patterns.get(source)
        if found is None:
            from tightlip import patterns  # late: most commits have no hit

            found = self._patterns[source] = patterns.pattern(source.encode("ascii"))
        return found


def compile_rules(rules: RuleSet, *, literals_only: bool = False) -> Compiled:
    """Compile a rule set in memory. `literals_only` leaves Hyperscan out, as on a platform that has no wheel of it."""
    head, database, behind = _compile(rules)
    return Compiled(head, database, lambda: behind, literals_only=literals_only)


def load(paths: Sequence[str], read: Callable[[], RuleSet]) -> Compiled:
    """Return the compiled rules of `paths` (files and folders) from the cache, or else compile what `read` returns.

    Raises what `read` raises. A cache that cannot be read or written only costs the time to compile. Of several runs
    that find none at once, one compiles.
    """
    signature = _signature(paths)
    name = f"rules-{_key(paths)}"
    cached = _load(name, signature)
    if cached is not None:
        return cached
    if not cachefolder.is_usable():
        return compile_rules(read())
    from tightlip.engine import firstrun

    # The lock is named like what a run leaves that is killed: it is cleared with these.
    with firstrun.turn(os.path.join(cachefolder.path(), f"{name}.0")):
        return _load(name, signature) or _keep(name, signature, read())


def _keep(name: str, signature: _Row, rules: RuleSet) -> Compiled:
    head, database, behind = _compile(rules)
    rest = marshal.dumps(behind)
    start = marshal.dumps((signature, head, len(database), len(rest)))
    cachefolder.write(name, len(start).to_bytes(4, "big") + start + database + rest)
    return Compiled(head, database, lambda: behind)


def _compile(rules: RuleSet) -> tuple[_Head, bytes, _Behind]:
    from tightlip import prepared
    from tightlip.necessary import NOTHING

    found = [prepared.part(rule.pattern) if rule.pattern else NOTHING for rule in rules.rules]
    try:
        patterns = [(part.expressions, part.caseless) for part in found]
        database = prefilter.compile_database(patterns + [(mark.expressions, False) for mark in _marks()])
    except prefilter.Refused as error:
        raise RuleError(f"`pattern` is too much for Hyperscan: {error}", rule=rules.rules[error.index].id) from None
    literals = [part.literals for part in found]
    apart, unsure = _apart(database, rules, patterns) if database else (b"", [])
    paths = {i: (rule.path, prepared.part(rule.path).literals) for i, rule in enumerate(rules.rules) if rule.path}
    reach = max((part.reach for part in found), default=0)
    searched = {index: literals[index] for index in unsure}
    head = (rules.hash, max(reach, _LEAST_REACH), searched, apart, paths, len(found), _paired(rules), _by_name(rules))
    reaches = [(part.before, part.width, part.newlines) for part in found]
    return head, database, (reaches, literals, _by_service(rules), [_row(rule) for rule in rules.rules])


def _paired(rules: RuleSet) -> list[int]:
    needed = {rule.requires.rule for rule in rules.rules if rule.requires}
    return [index for index, rule in enumerate(rules.rules) if rule.requires or rule.id in needed]


def _by_name(rules: RuleSet) -> list[int]:
    """The rules that go by the name before a value; those with `service` go by what these find."""
    return [index for index, rule in enumerate(rules.rules) if "assignment" in rule.filters]


def _by_service(rules: RuleSet) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, rule in enumerate(rules.rules):
        for name in rule.service:
            found.setdefault(name, []).append(index)
    return found


def _row(rule: Rule) -> bytes:
    return marshal.dumps({**rule.as_dict(), "requires": rule.requires and rule.requires.as_dict()})


def _marks() -> Sequence[Mark]:
    from tightlip.engine.marks import MARKS

    return MARKS


def _apart(
    database: bytes, rules: RuleSet, expressions: Sequence[tuple[Sequence[bytes], bool]]
) -> tuple[bytes, list[int]]:
    """Return a database of the rules that this one loses, nothing if there is none; and those that it loses as well."""
    from tightlip.engine.selfcheck import missed

    patterns = [rule.pattern for rule in rules.rules]
    lost = missed(prefilter.HyperscanPrefilter(database, {}), patterns)
    if not lost:
        return b"", []
    apart = prefilter.compile_database(
        [(parts if index in lost else (), caseless) for index, (parts, caseless) in enumerate(expressions)]
    )
    alone = ["" if index not in lost else pattern for index, pattern in enumerate(patterns)]
    return apart, missed(prefilter.HyperscanPrefilter(apart, {}), alone)


def _rule(row: dict[str, Any]) -> Rule:
    from tightlip.rule import Requires, Rule

    return Rule(**row | {"requires": row["requires"] and Requires(**row["requires"])})


def _signature(paths: Sequence[str]) -> _Row:
    files: list[_Row] = []
    for path in paths:
        _stat_files(path, files)
    return (VERSION, sys.hexversion, prefilter.ENGINE, tuple(sorted(files)))


def _stat_files(path: str, into: list[_Row]) -> None:
    if path == builtin.folder() and os.path.exists(shipped := builtin.prepared()):
        into += [_stat(shipped), _stat(path)]  # of hundreds of files that an upgrade replaces together with this one
        return
    try:
        entries = list(os.scandir(path))
    except NotADirectoryError:
        into.append(_stat(path))
        return
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            _stat_files(entry.path, into)
        elif entry.name.endswith((".yaml", ".yml")):
            into.append(_stat(entry))


def _stat(file: str | os.DirEntry[str]) -> _Row:
    status = os.stat(file) if isinstance(file, str) else file.stat()
    return os.fspath(file), status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _key(paths: Sequence[str]) -> str:
    from zlib import crc32

    return f"{crc32(os.fsencode(os.pathsep.join(map(os.path.abspath, paths)))):08x}"


class _Rest:
    """What is behind the prefilter: read when asked, from a file that stays open, so that it is still the same one."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        """Parameters: `stream`, the file, at the place from which on it is to be read; `size`, in bytes, of the rest.

        Raises `ValueError` where there is more or less of it.
        """
        self._at, self._size = stream.tell(), size
        if os.fstat(stream.fileno()).st_size != self._at + size:
            raise ValueError("cut off")
        self._file = os.dup(stream.fileno())

    def __call__(self) -> _Behind:
        # Not `read`: processes that were forked from this one read it too, and share the place where that goes on.
        return marshal.loads(os.pread(self._file, self._size, self._at))  # type: ignore[no-any-return]

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)


def _rest(stream: BinaryIO, size: int) -> Callable[[], _Behind]:
    if sys.platform != "win32":
        return _Rest(stream, size)
    content = stream.read()  # an open file cannot be replaced there
    return lambda: marshal.loads(content)


def _load(name: str, signature: _Row) -> Compiled | None:
    try:
        with cachefolder.opened(name) as stream:
            stored, head, size, rest = marshal.loads(stream.read(int.from_bytes(stream.read(4), "big")))
            return Compiled(head, stream.read(size), _rest(stream, rest)) if stored == signature else None
    except Exception:  # noqa: BLE001 - whatever is wrong with a cache, compiling anew mends it
        return None

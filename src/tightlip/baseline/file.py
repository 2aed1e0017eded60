"""The file: one entry a line, in an order that lets git merge two branches that both add some.

Git cannot put together what two branches insert in the same gap between lines. So each entry stands below the line
`# 00` to `# ff` of the first two digits of its identity: these lines are always there, and keep additions apart. What
meets in one gap all the same, `merge=union` in .gitattributes puts one after the other: who reads the file does not
mind in which order entries stand, nor that one is there twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tightlip.baseline.entry import Entry, Key, read
from tightlip.errors import UsageError

NAME = ".tightlip-baseline.yaml"
"""At the top of the repository."""
ATTRIBUTES = f"{NAME} merge=union"
"""What .gitattributes should say of it."""

_VERSION = "1"
_HEAD = """\
# Findings that tightlip knows, one a line; no value is in here, and nobody can guess one from an id in a useful time.
# `tightlip baseline check` tells what is left to judge, `tightlip baseline update` adds and judges.
# The numbered lines stay: they keep additions apart, so that git can merge branches.
"""
_ANCHOR_DIGITS = 2
"""256 lines: two branches that add five entries each meet in one gap in 9 of 100 merges, and one each in 1 of 250. With
three digits, 4,096 lines, it would be 1 of 400, and 20 of 100 where each adds 30; but nobody would read such a file."""
_CONFLICT = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
_SALT = re.compile(r'salt: *"?([0-9a-f]{16,128})"?')
_VERSION_LINE = re.compile(r'version: *"?([^"]*)"?')
_FIELD = re.compile(r'([a-z]+): (?:"([^"\\]*)"|([\w.-]+))(?:, |\}$)')
_LONGEST, _MOST_BRACKETS = 1 << 14, 100


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known."""

    salts: tuple[str, ...]
    """One; more where two branches each began a file and both were kept."""
    entries: tuple[Entry, ...] = ()
    """One for each key."""

    def by_key(self) -> dict[Key, Entry]:
        """Return the entries by what they are about."""
        return {entry.key: entry for entry in self.entries}

    def but(self, entries: Iterable[Entry]) -> Baseline:
        """Return the same file with other entries."""
        return replace(self, entries=tuple(entries))

    @property
    def text(self) -> str:
        """The content of the file: the same for the same entries."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"{_HEAD}version: {_VERSION}"
        yield from (f'salt: "{salt}"' for salt in self.salts)
        yield "findings:"
        numbers = range(16**_ANCHOR_DIGITS)
        below: dict[str, list[Entry]] = {f"{number:0{_ANCHOR_DIGITS}x}": [] for number in numbers}
        for entry in self.entries:
            below[entry.id[:_ANCHOR_DIGITS]].append(entry)
        for anchor, entries in below.items():
            yield f"# {anchor}"
            yield from (entry.line for entry in sorted(entries, key=_order))


def _order(entry: Entry) -> tuple[str, str]:
    return entry.id, entry.path if entry.is_place else ""


def parse(content: bytes, name: str = NAME) -> Baseline:
    """Read the file. Raises `UsageError`, which names file and line and repeats nothing of it.

    Of two entries about the same the one that was judged last counts, any judgement more than none, and of two of one
    day the more careful.
    """
    salts, entries = dict[str, None](), dict[Key, Entry]()
    for number, line in enumerate(_text(content, name).split("\n"), 1):
        line = line.rstrip()  # noqa: PLW2901 - also what a checkout on Windows adds
        if not line or line[0] == "#":
            continue
        try:
            if line[0] == "-" and line != "---":
                _keep(entries, _entry(line))
            else:
                salts |= _head(line)
        except ValueError as error:
            raise UsageError(f"{name}:{number}: {error}") from None
    if entries and not salts:
        raise UsageError(
            f'{name}: there is no line `salt: "..."`, without which no entry can be recognised; restore it'
        )
    return Baseline(tuple(salts), tuple(entries.values()))


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{number}: it is not UTF-8; save the file as UTF-8") from None


def _head(line: str) -> dict[str, None]:
    """Return the salts that a line of the head has. Raises `ValueError` for what belongs nowhere."""
    if line.startswith(_CONFLICT):
        raise ValueError("git left a conflict here; keep the entries of both sides, and delete the lines of <, = and >")
    if salt := _SALT.fullmatch(line):
        return {salt[1]: None}
    version = _VERSION_LINE.fullmatch(line)
    if version and version[1] != _VERSION:
        raise ValueError(f"this tightlip reads version {_VERSION} of the file, and this is another; upgrade tightlip")
    if not version and line not in ("findings:", "findings: []", "---", "..."):
        raise ValueError("this is no entry; one is `- {id: ..., rule: ..., state: ...}`, all on one line")
    return {}


def _keep(entries: dict[Key, Entry], entry: Entry) -> None:
    known = entries.get(entry.key)
    if known is None or entry.judgement.weight >= known.judgement.weight:
        entries[entry.key] = entry


def _entry(line: str) -> Entry:
    """Read a line as it is written here; by PyYAML, where somebody else wrote it. Raises `ValueError`."""
    fields, at = dict[str, str](), 3
    while line.startswith("- {") and (field := _FIELD.match(line, at)):
        fields[field[1]] = field[3] if field[2] is None else field[2]
        at = field.end()
    return read(fields if at == len(line) else _loaded(line))


def _loaded(line: str) -> dict[str, str]:
    import yaml

    problem = "this is not YAML with all of one entry on the line; compare it with the others, or restore it from git"
    if len(line) > _LONGEST or line.count("[") + line.count("{") > _MOST_BRACKETS:
        raise ValueError("this line is too long, or too deep, for an entry; restore it from git")
    try:
        # Texts and nothing else: 2027-01-31 and 0123 stay what they are, and there is nothing to be made of a tag.
        loaded = yaml.load(line, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ValueError(problem) from None
    fields = loaded[0] if isinstance(loaded, list) and len(loaded) == 1 else None
    if not isinstance(fields, dict) or not all(isinstance(text, str) for pair in fields.items() for text in pair):
        raise ValueError(problem)
    return fields

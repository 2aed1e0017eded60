r"""What every match of a pattern must contain: a cheaper pattern for the prefilter, and literals.

The prefilter asks of each blob "could this rule match here?". It need not see the wide context at either end of a
pattern, nor lookarounds, nor how far a repeat goes on: it must only never miss. So a pattern is cut down to the part
that every match contains and that starts with a literal, as an expression that Hyperscan takes:

    \b[\w.-]{0,50}(?:key|token)\s{0,5}=\s{0,5}(?P<secret>[0-9a-f]{32,64})\b
    becomes (?:key|token)\s{0,5}=\s{0,5}[0-9a-f]{32}

It starts with the literal because that is quick, and because Vectorscan 5.4.12 loses matches of expressions that do
not (https://github.com/VectorCamp/vectorscan/pull/368).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from tightlip.model import LOOKAROUND

if sys.version_info >= (3, 11):
    from re import _constants as sre
    from re import _parser as sre_parse
else:
    import sre_constants as sre
    import sre_parse

__all__ = ["CATEGORY_BYTES", "MAX_WIDTH", "Necessary", "check", "of", "parse", "sre"]

MAX_WIDTH = 65_536
"""The most bytes a rule may match."""

_GAP = 128
"""A repeat that varies by more than this splits a pattern: Hyperscan pays for every byte of it."""
_REACH = 128
"""A hit spans no more than this: a change of a text is looked at with as much around it."""
_SURE = 16
"""Where a part has as many bytes for certain, nothing is asked of what follows the next repeat that varies. That would
rule out little, and Hyperscan would make literals of it, such as the dots in a token, that ordinary text is full of.
"""
_MOST_TEXTS = 64
_ENOUGH = 6
"""A literal longer than this is not better: the earliest place wins, since more of the pattern follows it."""
_COMMON = 3.5
"""What a word that is common in source text counts for, however long."""
_RUN = 2.5
"""What a run of one byte counts for: more than a literal that is too short, less than any other."""
_COMMON_WORDS = frozenset(
    b"access account address api auth base client code config data database driver example.com file host http https "
    b"key login name object option pass passw passwd password path private public read secret server service string "
    b"test token type user userid username value".split()
)
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)
_ONE_BYTE = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)
_MAY_START = (sre.LITERAL, sre.IN, sre.BRANCH, sre.SUBPATTERN, *_REPEATS)
_ASSERTIONS = (sre.ASSERT, sre.ASSERT_NOT)

_Node = tuple[Any, Any]
_Choice = tuple[tuple[float, int], list[list[_Node]]]


class Necessary(NamedTuple):
    """What a prefilter may look for in place of a rule's pattern."""

    expression: bytes
    """For Hyperscan; every match of the pattern contains a match of it."""
    caseless: bool
    literals: tuple[bytes, ...]
    """In lower case; every match contains one of them in some case. Empty where there is none."""
    width: int
    """The most bytes that a match of the whole pattern has."""
    reach: int
    """The most bytes that a match of `expression` has."""


def check(pattern: str, *, secret: bool) -> None:
    """Raise `ValueError`, saying what is wrong, unless the engine can use `pattern`."""
    tree = parse(pattern)
    if not secret:
        return
    if list(tree.state.groupdict) != ["secret"]:
        raise ValueError("must have exactly one named group, (?P<secret>...)")
    if tree.getwidth()[1] > MAX_WIDTH:
        raise ValueError(f"can match more than {MAX_WIDTH} bytes: give every repeat an upper bound, such as {{1,200}}")
    if not of(pattern).literals:
        raise ValueError("has no literal of three or more characters that every match contains: anchor it on one")


@cache
def of(pattern: str) -> Necessary:
    """Return what every match of `pattern` contains. The pattern has passed `check`."""
    tree = parse(pattern)
    caseless = bool(tree.state.flags & sre.SRE_FLAG_IGNORECASE)
    writer = _Writer(dotall=bool(tree.state.flags & sre.SRE_FLAG_DOTALL))
    _, best = _best(_flatten(tree), depth=2)
    literals = _shortest({text for part in best for text in _leading(part)})
    parts = [_trim(_until_sure(_shorten(part, _REACH))) for part in best]
    expression = b"|".join(map(writer.sequence, parts))
    reach = max(_width(part)[1] for part in parts)
    return Necessary(expression, caseless, literals if _weight(literals) >= 3 else (), tree.getwidth()[1], reach)


def _best(items: list[_Node], depth: int) -> _Choice:
    """The parts, one of which every match contains, that start with the rarest literals, and how good they are.

    One part, or, where that has no good literal, one for each branch of an alternative.
    """
    best: _Choice = _rank([]), [[]]
    for part in [whole[start:] for whole in _split(items) for start in _starts(whole)]:
        if (rank := _rank(part)) > best[0]:
            best = rank, [part]
        if rank[0] == _ENOUGH:
            return best
    if depth:
        for at, node in enumerate(items):
            if branches := _branches(node):
                split = _joined([_best(items[:at] + branch + items[at + 1 :], depth - 1) for branch in branches])
                best = max(best, split, key=itemgetter(0))
    return best


def _joined(choices: list[_Choice]) -> _Choice:
    """The parts of all of these: as good as the worst of them, and the fewer the better."""
    worths, fewness = zip(*(rank for rank, _ in choices), strict=True)
    return (min(worths), sum(fewness)), [part for _, parts in choices for part in parts]


def _starts(part: list[_Node]) -> Iterator[int]:
    """Where a literal may begin: not in the middle of one, and not where anything may stand."""
    inside = False
    for at, (op, value) in enumerate(part):
        if op in _MAY_START and not (inside and _is_literal(op, value)):
            yield at
        inside = _is_literal(op, value)


def _is_literal(op: Any, value: Any) -> bool:
    """Whether this is one given byte, with flags or without."""
    return op is sre.LITERAL or (op is sre.SUBPATTERN and len(value[3]) == 1 and value[3][0][0] is sre.LITERAL)


def _rank(part: list[_Node]) -> tuple[float, int]:
    return min(_ENOUGH, *map(_worth, _leading(part))), -1


@cache
def _worth(text: bytes) -> float:
    """How rare a literal is in source text: its length, unless it is a common word or a run of one byte."""
    lowered = text.lower()
    if len(set(lowered)) == 1:
        return min(len(text), _RUN)
    return min(len(text), _COMMON) if lowered in _COMMON_WORDS else len(text)


def _branches(node: _Node) -> list[list[_Node]]:
    """The branches of an alternative; none of anything else."""
    op, value = node
    if op is sre.BRANCH:
        return [_flatten(branch) for branch in value[1]]
    if op is sre.SUBPATTERN:
        flags = value[1:3]
        return [[_flagged(flags, item) for item in branch] for branch in _branches(value[3][0])]
    return []


@cache
def parse(pattern: str) -> Any:
    """Return the pattern, parsed. Raises `ValueError` for what the engine does not take."""
    try:
        tree: Any = sre_parse.parse(pattern.encode("ascii"))  # type: ignore[arg-type]
    except UnicodeEncodeError:
        raise ValueError("must be ASCII: patterns are matched against bytes (write \\xNN)") from None
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    _refuse(tree)
    return tree


def _refuse(items: Iterable[_Node]) -> None:
    """Raise `ValueError` for what the three engines do not share, and for what has no bound."""
    for op, value in items:
        if op in _REPEATS and value[1] is sre.MAXREPEAT:
            raise ValueError("has a repeat without an upper bound: write {1,200} in place of + or *")
        if op in (sre.GROUPREF, sre.GROUPREF_EXISTS) or str(op) in ("ATOMIC_GROUP", "POSSESSIVE_REPEAT"):
            raise ValueError("uses a backreference, an atomic group or a possessive repeat: these are not supported")
        for inner in _inside(op, value):
            _refuse(inner)
        if op in _ASSERTIONS and value[1].getwidth()[1] > LOOKAROUND:
            raise ValueError(f"has a lookaround of more than {LOOKAROUND} bytes")


def _inside(op: Any, value: Any) -> Sequence[Any]:
    if op is sre.SUBPATTERN:
        return (value[3],)
    if op in _REPEATS:
        return (value[2],)
    if op in _ASSERTIONS:
        return (value[1],)
    return tuple(value[1]) if op is sre.BRANCH else ()


def _flatten(items: Iterable[_Node]) -> list[_Node]:
    """Open the groups at the top level, so that cutting can happen inside them; drop lookarounds and anchors."""
    flat: list[_Node] = []
    for op, value in items:
        if op is sre.SUBPATTERN:
            flat += [_flagged(value[1:3], node) for node in _flatten(value[3])]
        elif op not in _ASSERTIONS and not (op is sre.AT and value is not sre.AT_BOUNDARY):
            flat.append((op, value))
    return flat


def _flagged(flags: tuple[int, int], node: _Node) -> _Node:
    return (sre.SUBPATTERN, (None, *flags, _sequence([node]))) if any(flags) else node


def _split(items: list[_Node]) -> list[list[_Node]]:
    """Cut where a part varies in length by more than the gap."""
    parts: list[list[_Node]] = [[]]
    for node in items:
        low, high = _width([node])
        if high - low > _GAP:
            before, after = _keep_least(node)
            parts[-1] += before
            parts.append(after)
        else:
            parts[-1].append(node)
    return parts


def _keep_least(node: _Node) -> tuple[list[_Node], list[_Node]]:
    """A wide repeat as its least count, for both of its sides; of a wide alternative, how each branch begins."""
    op, value = node
    if op in (sre.BRANCH, sre.SUBPATTERN):
        return _begin(node, _REACH), []
    if op in _REPEATS and value[0] and _width(value[2])[0] == _width(value[2])[1]:
        least = [(op, (value[0], value[0], value[2]))]
        return least, list(least)
    return [], []


def _shorten(items: Iterable[_Node], room: int) -> list[_Node]:
    """As much of a sequence, from its start, as can never be wider than `room`."""
    kept: list[_Node] = []
    for node in items:
        wide = _width([node])[1]
        if wide > room:
            return kept + _begin(node, room)
        kept.append(node)
        room -= wide
    return kept


def _until_sure(items: Iterable[_Node]) -> list[_Node]:
    """A sequence as far as the part of varying length with which it has enough bytes for certain."""
    kept: list[_Node] = []
    sure = 0
    for node in items:
        low, high = _width([node])
        kept.append(node)
        sure += low
        if low < high and sure >= _SURE:
            break
    return kept


def _begin(node: _Node, room: int) -> list[_Node]:
    """What every match of a part that is wider than `room` begins with."""
    op, value = node
    if op is sre.SUBPATTERN:
        return [(op, (None, *value[1:3], _sequence(_shorten(value[3], room))))]
    if op is sre.BRANCH:
        return [(op, (None, [_sequence(_shorten(branch, room)) for branch in value[1]]))]
    if op in _REPEATS:
        count = min(value[0], room // _width(value[2])[1])
        return [(op, (count, count, value[2]))] if count else []
    return []


def _trim(items: list[_Node]) -> list[_Node]:
    """Cut optional parts from the end, and reduce a repeat there to its least count."""
    items = list(items)
    whole = True
    while items:
        op, value = items[-1]
        if op is sre.AT:
            if whole:
                return items
            items.pop()
        elif op in _REPEATS and value[0] == 0:
            whole = False
            items.pop()
        elif op in _REPEATS and value[1] > value[0]:
            items[-1] = (op, (value[0], value[0], value[2]))
            whole = False
            return items
        else:
            return items
    return items


def _width(items: Any) -> tuple[int, int]:
    if len(items) == 1 and items[0][0] in _ONE_BYTE:
        return 1, 1
    sequence = items if hasattr(items, "getwidth") else _sequence(items)
    low, high = sequence.getwidth()
    return low, high


def _sequence(items: list[_Node]) -> Any:
    return sre_parse.SubPattern(sre_parse.State(), list(items))


def _weight(literals: Iterable[bytes]) -> int:
    return min(map(len, literals), default=0)


def _leading(items: Iterable[_Node]) -> set[bytes]:
    """The texts, in some case, with one of which every match of the sequence begins."""
    run = {b""}
    for op, value in items:
        texts = _texts(op, value)
        if not texts or len(run) * len(texts) > _MOST_TEXTS:
            further = _leading_of(op, value)
            fits = len(run) * len(further) <= _MOST_TEXTS
            return {before + after for before in run for after in further} if fits else run
        run = {before + after for before in run for after in texts}
    return run


def _leading_of(op: Any, value: Any) -> set[bytes]:
    if op is sre.SUBPATTERN:
        return _leading(value[3])
    if op is sre.BRANCH:
        return set().union(*map(_leading, value[1]))
    return {b""}


def _shortest(texts: set[bytes]) -> tuple[bytes, ...]:
    """The texts that contain no other one of them, in lower case."""
    kept: list[bytes] = []
    for text in sorted({text.lower() for text in texts}, key=len):
        if not any(shorter in text for shorter in kept):
            kept.append(text)
    return tuple(kept)


def _texts(op: Any, value: Any) -> set[bytes]:
    """All the texts that a part can match, in some case, where they are few; otherwise none."""
    if op is sre.LITERAL:
        return {bytes((value,))}
    if op is sre.IN and len(value) <= 4 and all(item[0] is sre.LITERAL for item in value):
        return {bytes((item[1],)).lower() for item in value}
    if op is sre.SUBPATTERN:
        return _texts_of(value[3])
    if op in _REPEATS and value[1] == 1:
        inner = _texts_of(value[2])
        return inner | {b""} if inner and value[0] == 0 else inner
    if op is sre.BRANCH:
        branches = [_texts_of(branch) for branch in value[1]]
        found = set().union(*branches)
        return found if all(branches) and len(found) <= _MOST_TEXTS else set()
    return set()


def _texts_of(items: Iterable[_Node]) -> set[bytes]:
    run = {b""}
    for op, value in items:
        texts = {b""} if op is sre.AT or op in _ASSERTIONS else _texts(op, value)
        if not texts or len(run) * len(texts) > _MOST_TEXTS:
            return set()
        run = {before + after for before in run for after in texts}
    return run


class _Writer:
    """Writes a parsed pattern as an expression in the syntax that Hyperscan takes."""

    def __init__(self, *, dotall: bool) -> None:
        self.dotall = dotall

    def sequence(self, items: Iterable[_Node]) -> bytes:
        return b"".join(self.node(op, value) for op, value in items)

    def node(self, op: Any, value: Any) -> bytes:
        if op is sre.LITERAL:
            return b"\\x%02x" % value
        if op is sre.NOT_LITERAL:
            return b"[^\\x%02x]" % value
        if op is sre.ANY:
            return b"[\\x00-\\xff]" if self.dotall else b"[^\\n]"
        if op is sre.IN:
            return self.characters(value)
        if op is sre.AT:
            return b"\\b" if value is sre.AT_BOUNDARY else b""
        if op in _ASSERTIONS:
            return b""
        if op is sre.BRANCH:
            return b"(?:" + b"|".join(map(self.sequence, value[1])) + b")"
        if op in _REPEATS:
            return b"(?:%s){%d,%d}" % (self.sequence(value[2]), value[0], value[1])
        return self.group(value)

    def group(self, value: Any) -> bytes:
        _, add, remove, items = value
        flags = (b"i" if add & sre.SRE_FLAG_IGNORECASE else b"") + (b"-i" if remove & sre.SRE_FLAG_IGNORECASE else b"")
        inner = _Writer(dotall=bool((self.dotall or add & sre.SRE_FLAG_DOTALL) and not remove & sre.SRE_FLAG_DOTALL))
        return b"(?%s:%s)" % (flags, inner.sequence(items))

    def characters(self, items: Iterable[_Node]) -> bytes:
        out = b"["
        for op, value in items:
            if op is sre.NEGATE:
                out += b"^"
            elif op is sre.LITERAL:
                out += b"\\x%02x" % value
            elif op is sre.RANGE:
                out += b"\\x%02x-\\x%02x" % value
            else:
                out += b"".join(b"\\x%02x" % byte for byte in sorted(CATEGORY_BYTES[value]))
        return out + b"]"


CATEGORY_BYTES = {
    category: frozenset(byte for byte in range(256) if re.match(escape, bytes((byte,))))
    for category, escape in (
        (sre.CATEGORY_DIGIT, rb"\d"),
        (sre.CATEGORY_NOT_DIGIT, rb"\D"),
        (sre.CATEGORY_WORD, rb"\w"),
        (sre.CATEGORY_NOT_WORD, rb"\W"),
        (sre.CATEGORY_SPACE, rb"\s"),
        (sre.CATEGORY_NOT_SPACE, rb"\S"),
    )
}
"""The bytes that each class such as `\\d` stands for."""

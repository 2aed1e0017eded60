r"""What every match of a pattern must contain: a cheaper pattern for the prefilter, and literals.

The prefilter asks of each blob "could this rule match here?". It need not see the wide context at either end of a
pattern, nor lookarounds, nor how far a repeat goes on: it must only never miss. So a pattern is cut down to the part
that every match contains and that starts with a literal, as an expression that Hyperscan takes:

    \b[\w.-]{0,50}(?:key|token)\s{0,5}=\s{0,5}(?P<secret>[0-9a-f]{32,64})\b
    becomes (?:key|token)\s{0,5}=\s{0,5}[0-9a-f]{32}

It starts with the literal because that is quick, and because Vectorscan 5.4.12 loses matches of expressions that do
not (https://github.com/VectorCamp/vectorscan/pull/368). Of the literals the one is taken that ordinary text has least
of: a scan is slowed down by literals that do occur, and hardly by others. Hyperscan would choose by length alone, so
what follows the literal is written in classes that it makes no literals of.
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
_LEAST = 3
"""The least length of a literal that is searched for without Hyperscan."""
_LONGEST = 8
"""Hyperscan looks for so many bytes of a literal, the last ones, before anything else."""
_SMALL_CLASS = 17
"""Hyperscan makes literals of classes of so many bytes."""
_RARE = (sre.RANGE, (0x80, 0xBF))
"""What a class is made large with: bytes that ordinary text has few of."""
_NEVER = 1e9
"""More than any other cost."""
_CHEAP = 3
"""What costs no more is not compared with what comes later."""
_TELLING = 6
"""A part with fewer bytes after its literal is found in ordinary text whenever the literal is."""
_REPORT = 30
"""What an occurrence costs that is reported, and then looked at by the rule itself."""
_DEAR = 15
"""What costs more is compared with one part for each branch of an alternative."""
_PRICES = (_NEVER, _NEVER, 2, 2, 2, 1.5, 1.3, 1, 0.8)
"""By length, what it costs to look for a literal that does not occur; one occurrence in a million bytes costs 1."""
_RATES = (_NEVER, _NEVER, 1000, 8, 2, 0.8, 0.4, 0.2, 0.1)
"""By length, how often in a million bytes of source text a literal occurs that is no part of a common word."""
_RUN = 100
"""What a run of one byte counts for, of any length: data has long ones, and then a hit at each byte."""
_CASED = 2
"""How many bytes longer a literal with capital letters counts."""
_SELDOM = {b"YC": 1, b"hc": 15, b"kv": 8}
"""Pairs of letters that are literals enough, by how often they occur in a million bytes."""
_OFTEN = {
    word.replace(b"~", b" "): rate
    for rate, words in (
        (500, b"abl line pat test_ value"),
        (350, b"api app key redis write"),
        (250, b"client cur"),
        (160, b"here master re_ ses st."),
        (115, b"test_c test_e"),
        (85, b"auth mail ODU open pass pop sid stack store token"),
        (60, b"http internal NTA system"),
        (45, b":// config. graph NTE NTI wise"),
        (28, b"access hut KEY NDE NDI nfo_ ODE ODI OTA priv test_d"),
        (20, b":*: channel curl example. machine md- OTE OTI pwd st.e"),
        (13, b'_auth basic example.com http:// https:// owner password private server.ssl st.b test_b token"'),
        (10, b"ably better credentials registry schema service spaces together"),
        (7, b"crypt gossip key- st.a storage test_a test_f validation"),
        (4, b"127.0.0.1 access~token account canva client_secret consumer driver eleven key_file live_ machine~"),
        (4, b"NTU pager ~password~ segment semaphore signing signing_key stability"),
    )
    for word in words.split()
}
"""How often common words occur in a million bytes of C, Python, Tcl and prose; "~" is a space. A literal occurs as
often as a word that holds it. Of what no rule would be searched for by, nothing need be known."""
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)
_ONE_BYTE = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)
_MAY_START = (sre.LITERAL, sre.IN, sre.BRANCH, sre.SUBPATTERN, *_REPEATS)
_ASSERTIONS = (sre.ASSERT, sre.ASSERT_NOT)

_Node = tuple[Any, Any]
_Choice = tuple[float, list[list[_Node]]]


class Necessary(NamedTuple):
    """What a prefilter may look for in place of a rule's pattern."""

    expressions: tuple[bytes, ...]
    """For Hyperscan; every match of the pattern contains a match of one of them."""
    caseless: bool
    literals: tuple[bytes, ...]
    """In lower case; every match contains one of them in some case. Empty where there is none."""
    width: int
    """The most bytes that a match of the whole pattern has."""
    reach: int
    """The most bytes that a match of one of `expressions` has."""

    @property
    def expression(self) -> bytes:
        """All expressions as one."""
        return b"|".join(self.expressions)


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
    items = _flatten(tree)
    best = _best(items, 2, _Wanted(2, tree.state.flags))[1]
    literals = _literals(best) or _literals(_best(items, 2, _Wanted(_LEAST, tree.state.flags))[1])
    parts = [_cut(_anchored(part, tree.state.flags)) for part in best]
    expressions = tuple(map(writer.sequence, parts))
    reach = max(_width(part)[1] for part in parts)
    return Necessary(expressions, caseless, literals, tree.getwidth()[1], reach)


def _literals(parts: Iterable[list[_Node]]) -> tuple[bytes, ...]:
    """The literals that the parts begin with, none of them too short; otherwise nothing."""
    literals = _shortest({text for part in parts for text in _leading(part)})
    return literals if min(map(len, literals), default=0) >= _LEAST else ()


def _cut(part: list[_Node]) -> list[_Node]:
    """As much of a part, from its start, as is worth looking for."""
    return _trim(_until_sure(_shorten(part, _REACH)))


def _best(items: list[_Node], depth: int, wanted: _Wanted) -> _Choice:
    """The parts, one of which every match contains, that start with the rarest literals, and what these cost.

    One part, or, where that has no good literal, one for each branch of an alternative. Of the literals that are good
    enough the earliest is taken, since more of the pattern follows it.
    """
    best: _Choice = _NEVER, [[]]
    for part in [whole[start:] for whole in _split(items) for start in _starts(whole)]:
        cost = _head(part, wanted).cost
        if cost < best[0] and _width(_cut(part))[0] - min(map(len, _leading(part))) < _TELLING:
            cost *= _REPORT
        if cost < best[0]:
            best = cost, [part]
        if cost <= _CHEAP:
            return best
    if depth and best[0] > _DEAR:
        for at, node in enumerate(items):
            if branches := _branches(node):
                others = [_best(items[:at] + branch + items[at + 1 :], depth - 1, wanted) for branch in branches]
                best = min(best, _joined(others), key=itemgetter(0))
    return best


def _joined(choices: list[_Choice]) -> _Choice:
    return sum(cost for cost, _ in choices), [part for _, parts in choices for part in parts]


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


class _Wanted(NamedTuple):
    """What a literal has to be."""

    least: int
    """As long as this."""
    flags: int
    """Those of the whole pattern."""


class _Head(NamedTuple):
    """Where the literal that a part starts with should end."""

    cost: float
    nodes: int
    """How many nodes it takes up."""
    last: str
    """How the last of them counts: "whole", or "begun" where the literal ends inside it, or as a "class" whose members
    make a literal each."""


def _head(part: list[_Node], wanted: _Wanted) -> _Head:
    """Where the literal at a part's start should end to cost least."""
    best = _Head(_NEVER, 0, "whole")
    run = {b""}
    for at, (op, value) in enumerate(part, 1):
        last, texts = "whole", _texts(op, value)
        if not texts or len(run) * len(texts) > _MOST_TEXTS:
            last, texts = "begun", _leading_of(op, value)
            if wanted.least < _LEAST and (members := _members(op, value)) and _is_even(part):
                last, texts = "class", members
        if len(run) * len(texts) > _MOST_TEXTS:
            break
        run = {before + after for before in run for after in texts}
        if (cost := _cost(_folded(wanted.flags, run), wanted.least)) <= best.cost:
            best = _Head(cost, at, last)
        if last != "whole":
            break
    return best


def _is_even(part: list[_Node]) -> bool:
    """Whether what is looked for has one length. Then Hyperscan makes literals of a literal and the class after it."""
    low, high = _width(_cut(part))
    return low == high


def _cost(texts: Iterable[bytes], least: int) -> float:
    """What it costs to look for literals: for each to be told apart, and for each time that one occurs."""
    ends = {text[-_LONGEST:] for text in texts}
    return sum(_rate(end) + _PRICES[len(end)] for end in ends) if min(map(len, ends)) >= least else _NEVER


@cache
def _rate(text: bytes) -> float:
    """How often a literal occurs in a million bytes of source text, about."""
    if text in _SELDOM:
        return _SELDOM[text]
    if len(set(text.lower())) == 1:
        return _RUN
    length = len(text) + (_CASED if len(text) >= _LEAST and text != text.lower() else 0)
    return max(_RATES[min(length, _LONGEST)], _rates_of_parts().get(text, 0))


@cache
def _rates_of_parts() -> dict[bytes, float]:
    """How often each part of a common word occurs."""
    rates: dict[bytes, float] = {}
    for word, rate in _OFTEN.items():
        for start in range(len(word)):
            for part in (word[start:end] for end in range(start + 1, len(word) + 1)):
                rates[part] = max(rate, rates.get(part, 0))
    return rates


def _anchored(part: list[_Node], flags: int) -> list[_Node]:
    """A part in which nothing but the literal at its start can be taken for one.

    Hyperscan prefers the longest and fewest, wherever these are, however common.
    """
    _, nodes, last = _head(part, _Wanted(2, flags))
    kept = part[:nodes]
    if last == "begun":
        kept[-1] = _opened(*kept[-1])
    if last == "class":
        return [*kept, *(_closed(op, value) for op, value in part[nodes:] if op is not sre.AT)]
    return [*kept, *(_closed(op, value) for op, value in part[nodes:])]


def _opened(op: Any, value: Any) -> _Node:
    """What begins with literals, with all that follows them closed."""
    if op is sre.SUBPATTERN:
        return op, (*value[:3], _opened_sequence(value[3]))
    if op is sre.BRANCH:
        return op, (None, [_opened_sequence(branch) for branch in value[1]])
    return _closed(op, value)


def _opened_sequence(items: Any) -> Any:
    """A sequence in which all that follows the literal at its start is closed."""
    literal = 0
    while literal < len(items) and _texts(*items[literal]):
        literal += 1
    rest = [_opened(*node) if at == literal else _closed(*node) for at, node in enumerate(items) if at >= literal]
    return _sequence([*items[:literal], *rest])


def _closed(op: Any, value: Any) -> _Node:
    """The same, but of so many bytes at each place that no literals are made of it."""
    if op is sre.LITERAL:
        return sre.IN, [(op, value), _RARE]
    if op is sre.IN and value[0][0] is not sre.NEGATE:
        return op, [*value, _RARE]
    if op is sre.SUBPATTERN:
        return op, (*value[:3], _closed_sequence(value[3]))
    if op is sre.BRANCH:
        return op, (None, [_closed_sequence(branch) for branch in value[1]])
    if op in _REPEATS:
        return op, (*value[:2], _closed_sequence(value[2]))
    return op, value


def _closed_sequence(items: Any) -> Any:
    return _sequence([_closed(*node) for node in items])


def _members(op: Any, value: Any) -> set[bytes]:
    """The bytes of a small class, which may be repeated; none of anything else."""
    if op in _REPEATS and value[0] and len(value[2]) == 1:
        op, value = value[2][0]
    if op is not sre.IN or any(kind not in (sre.LITERAL, sre.RANGE) for kind, _ in value):
        return set()
    spans = [(item, item) if kind is sre.LITERAL else item for kind, item in value]
    found = {bytes((byte,)) for first, last in spans for byte in range(first, last + 1)}
    return found if len(found) <= _SMALL_CLASS else set()


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
        return _folded(value[1], _leading(value[3]))
    if op is sre.BRANCH:
        return set().union(*map(_leading, value[1]))
    return {b""}


def _folded(flags: int, texts: set[bytes]) -> set[bytes]:
    """The texts in lower case, if case does not matter."""
    return {text.lower() for text in texts} if flags & sre.SRE_FLAG_IGNORECASE else texts


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
        return {bytes((item[1],)) for item in value}
    if op is sre.SUBPATTERN:
        return _folded(value[1], _texts_of(value[3]))
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

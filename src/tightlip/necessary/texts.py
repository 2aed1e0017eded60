"""The texts that a part of a pattern stands for, or begins with, where they are few."""

from __future__ import annotations

from collections.abc import Iterable

from tightlip.necessary.parsed import ASSERTIONS, REPEATS, Node, Op, Value, sre

MOST = 64
"""So many are few."""
_SMALL_CLASS = 17
"""Hyperscan makes literals of classes of so many bytes."""
_BYTES = [bytes((byte,)) for byte in range(256)]


def leading(items: Iterable[Node]) -> set[bytes]:
    """The texts, in some case, with one of which every match of the sequence begins."""
    run = {b""}
    for op, value in items:
        added = of(op, value)
        if not added or len(run) * len(added) > MOST:
            further = leading_of(op, value)
            fits = len(run) * len(further) <= MOST
            return {before + after for before in run for after in further} if fits else run
        run = {before + after for before in run for after in added}
    return run


def leading_of(op: Op, value: Value) -> set[bytes]:
    """The same of a single node of which not all texts are few."""
    if op is sre.SUBPATTERN:
        return folded(value[1], leading(value[3]))
    if op is sre.BRANCH:
        return set().union(*map(leading, value[1]))
    return {b""}


def of(op: Op, value: Value) -> set[bytes]:
    """All the texts that a part can match, in some case, where they are few; otherwise none."""
    if op is sre.LITERAL:
        return {_BYTES[value]}
    if op is sre.IN and len(value) <= 4 and all(item[0] is sre.LITERAL for item in value):
        return {bytes((item[1],)) for item in value}
    if op is sre.SUBPATTERN:
        return folded(value[1], _of_sequence(value[3]))
    if op in REPEATS and value[1] == 1:
        inner = _of_sequence(value[2])
        return inner | {b""} if inner and value[0] == 0 else inner
    if op is sre.BRANCH:
        branches = [_of_sequence(branch) for branch in value[1]]
        found = set().union(*branches)
        return found if all(branches) and len(found) <= MOST else set()
    return set()


def _of_sequence(items: Iterable[Node]) -> set[bytes]:
    run = {b""}
    for op, value in items:
        added = {b""} if op is sre.AT or op in ASSERTIONS else of(op, value)
        if not added or len(run) * len(added) > MOST:
            return set()
        run = {before + after for before in run for after in added}
    return run


def members(op: Op, value: Value) -> set[bytes]:
    """The bytes of a small class, which may be repeated; none of anything else."""
    if op in REPEATS and value[0] and len(value[2]) == 1:
        op, value = value[2][0]
    if op is not sre.IN or any(kind not in (sre.LITERAL, sre.RANGE) for kind, _ in value):
        return set()
    spans = [(item, item) if kind is sre.LITERAL else item for kind, item in value]
    found = {bytes((byte,)) for first, last in spans for byte in range(first, last + 1)}
    return found if len(found) <= _SMALL_CLASS else set()


def folded(flags: int, texts: set[bytes]) -> set[bytes]:
    """The texts in lower case, if case does not matter."""
    return {text.lower() for text in texts} if flags & sre.SRE_FLAG_IGNORECASE else texts


def shortest(texts: set[bytes]) -> tuple[bytes, ...]:
    """The texts that contain no other one of them, in lower case."""
    kept: list[bytes] = []
    for text in sorted({text.lower() for text in texts}, key=lambda text: (len(text), text)):
        if not any(shorter in text for shorter in kept):
            kept.append(text)
    return tuple(kept)

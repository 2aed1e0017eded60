"""What can be said of a rule by itself. A check is a function here, and a line in the table at the end."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from math import log2

from tightlip import byteclass, necessary
from tightlip.engine.entropy import shannon
from tightlip.lint import dead, ends
from tightlip.lint.complaint import ERROR, WARNING, Found
from tightlip.necessary.parsed import Node, parse, sequence, sre, width
from tightlip.rule import Example, Rule
from tightlip.rules import LoadedRule
from tightlip.sample import samples

_Place = tuple[str, int, int]
"""A text, and where in it a marked secret starts and ends."""
Check = Callable[[LoadedRule], Iterator[Found]]
_FEW = 2
_ALPHABET = 70
"""Bytes that tokens are made of at most; a larger class is that of a password."""
_TELLING = 3
"""So many characters of a token are no chance."""
_RANDOM = 16
"""What has fewer bytes may be a password, that somebody thought of."""
_NEAR = 0.9
"""Bits below what they can have at most; there hardly a random value lies."""
_DRAWN = 200
_LOST = 0.02
"""Where a larger share of well-formed values is not random enough, real ones are lost."""
_SAYS_MORE = byteclass.WORD | sum(1 << byte for byte in b"-+/")
"""What a token may go on with; a full stop or a comma after it ends a sentence."""


def dead_pattern(it: LoadedRule) -> Iterator[Found]:
    """A pattern, or a part of one, that can never match."""
    patterns = [("pattern", it.rule.pattern), ("token", it.rule.token), ("path", it.rule.path)]
    for key, pattern in (*patterns, *(("allow", allow) for allow in it.rule.allow)):
        for whole, why in dead.parts(pattern) if pattern else ():
            what = f"`{key}` can never match" if whole else f"a part of `{key}` can never match"
            yield Found(ERROR, key, f"{what}: {why}", "take it out, or mend it and add an example that needs it")


def dead_path(it: LoadedRule) -> Iterator[Found]:
    """A `path` that no path in a repository has: those are relative, with slashes."""
    path = it.rule.path
    if not path:
        return
    drawn = samples(path, random.Random(1), _DRAWN)  # noqa: S311 - the same every time
    pattern = re.compile(path.encode("ascii"))
    if not any(pattern.search(text) for text in map(_as_path, drawn)):
        advice = "paths are relative and have slashes, as in src/app.py: begin it with `(?:^|/)`"
        yield Found(ERROR, "path", "`path` can never match the path of a file", advice)


def _as_path(text: bytes) -> bytes:
    return text.replace(b"\\", b"").replace(b"//", b"/").lstrip(b"/")


def allows_all(it: LoadedRule) -> Iterator[Found]:
    """An `allow` that matches nothing at all matches in every secret."""
    for allow in it.rule.allow:
        if re.search(allow.encode("ascii"), b""):
            what = f"`allow` {allow!r} matches an empty text, so the rule never reports anything"
            yield Found(ERROR, "allow", what, "make it ask for at least one character")


def never_reported(it: LoadedRule) -> Iterator[Found]:
    """Bounds that no match of the pattern can keep to."""
    secret, flags = _secret(it.rule)
    low, high = width(sequence(secret))
    if it.rule.max_length and it.rule.max_length < low:
        what = f"`max_length` {it.rule.max_length} is less than the {low} bytes that every secret has"
        yield Found(ERROR, "max_length", what, "raise it, or leave it out: the pattern bounds the length")
    most = _most_entropy(secret, flags, high)
    if it.rule.entropy > most:
        what = f"`entropy` {it.rule.entropy:g} is more than such a secret can have ({most:.2f})"
        yield Found(ERROR, "entropy", what, "lower it")


def _most_entropy(secret: Sequence[Node], flags: int, length: int) -> float:
    """Return the most bits per byte that a value of so many bytes can have."""
    return log2(max(1, min(length, byteclass.alphabet(secret, flags).bit_count())))


def loses_real_ones(it: LoadedRule) -> Iterator[Found]:
    """An `entropy` so high that random values of the rule's own form stay under it."""
    secret, flags = _secret(it.rule)
    low, _ = width(sequence(secret))
    if low < _RANDOM or it.rule.entropy <= _most_entropy(secret, flags, low) - _NEAR:
        return
    form = it.rule.pattern or it.rule.token
    drawn = samples(form, random.Random(1), _DRAWN)  # noqa: S311 - the same every time
    found = filter(None, map(re.compile(form.encode("ascii")).search, drawn))
    values = [match["secret" if it.rule.pattern else 0] or b"" for match in found]
    lost = sum(shannon(value) < it.rule.entropy for value in values)
    if len(values) >= _DRAWN // 4 and lost > _LOST * len(values):
        what = f"`entropy` {it.rule.entropy:g} loses {100 * lost // len(values)} % of random values of this form"
        yield Found(WARNING, "entropy", what, "lower it by a few tenths")


def open_end(it: LoadedRule) -> Iterator[Found]:
    """A token that may go on with more of what it ends with."""
    found = ends.open_end(it.rule.pattern) if it.rule.pattern else None
    if found and (not found.asked or found.bytes & _SAYS_MORE):
        more = byteclass.shown(found.bytes)
        what = f"the secret may go on after its end: {more} may follow"
        advice = "end it with `\\b` where its last class is \\w, otherwise with `(?![...])` around all of that class"
        sure = not found.asked and found.bytes.bit_count() <= _ALPHABET
        yield Found(ERROR if sure else WARNING, "pattern", what, advice)


def open_start(it: LoadedRule) -> Iterator[Found]:
    """A pattern that may begin in the middle of a word, with little to begin with."""
    if not it.rule.pattern:
        return
    tree = parse(it.rule.pattern)
    op, value = tree[0]
    if not (op is sre.SUBPATTERN and value[0] == tree.state.groupdict["secret"]):
        return
    literals = _literals(it)
    some, _ = byteclass.first([tree[0]], tree.state.flags)
    if (
        some & byteclass.WORD
        and value[3][0][0] not in {sre.AT, sre.ASSERT, sre.ASSERT_NOT}
        and min(map(len, literals)) < 5
    ):
        what = "the secret may begin in the middle of a word"
        yield Found(WARNING, "pattern", what, "begin the pattern with `\\b` or `(?<![A-Za-z0-9_-])`")


def moving_secret(it: LoadedRule) -> Iterator[Found]:
    """Examples that mark the secret with something before it, and without."""
    places = [place for example in it.match for place in _places(example)]
    for one, other in permutations(places, 2):
        side = _left_out(one, other)
        if side:
            what = f"one example marks the secret with what stands {side} it, another without"
            yield Found(ERROR, "examples", what, "mark the same part of the token in all of them")
            return
    if any(text[start] in "\"'` =" for text, start, _ in places):
        what = "the marked secret begins with a quote, a space or an equals sign"
        yield Found(WARNING, "examples", what, "put the group around the value alone")


def _left_out(one: _Place, other: _Place) -> str:
    """Say on which side of the secret one example leaves out what another has in it; nothing where they agree."""
    text, start, end = one
    secret, its = text[start:end], other[0][other[1] : other[2]]
    for size in range(_TELLING, len(its)):
        if text[:start].endswith(its[:size]) and not secret.startswith(its[:size]):
            return "before"
        if text[end:].startswith(its[-size:]) and not secret.endswith(its[-size:]):
            return "after"
    return ""


def _places(example: Example) -> Iterator[_Place]:
    at = 0
    for secret in example.secrets:
        start = example.text.find(secret, at)
        at = start + len(secret)
        yield example.text, start, at


def alike(it: LoadedRule) -> Iterator[Found]:
    """Two examples that say the same but for the value."""
    for kind, examples in (("match", it.match), ("no_match", it.no_match)):
        seen: dict[tuple[str, str], int] = {}
        for example in examples:
            form = example.path, _form(example)
            if form in seen and form[1].strip("\0\n "):
                what = f"this `{kind}` differs from that in line {seen[form]} by its value alone"
                advice = "show another way in which it is written: another language, another file, another key"
                yield Found(WARNING, "examples", what, advice, example.line)
            seen.setdefault(form, example.line)


def _form(example: Example) -> str:
    text = example.text
    for secret in example.secrets:
        text = text.replace(secret, "\0")
    return text


def thin(it: LoadedRule) -> Iterator[Found]:
    """Too few examples, steps or sources."""
    for kind, examples in (("match", it.match), ("no_match", it.no_match)):
        if len(examples) < _FEW:
            what = (
                f"there are {len(examples)} `{kind}` examples"
                if len(examples) != 1
                else f"there is one `{kind}` example"
            )
            yield Found(
                WARNING, "examples", what, "write two at least: what is wrong with a pattern shows in the second"
            )
    if len(it.rule.remediation) < _FEW:
        advice = "say where to revoke it, then how to replace it, then which log to look at"
        yield Found(WARNING, "remediation", "`remediation` has one step", advice)
    if not it.rule.references:
        advice = "give the address of the page that describes the format, the provider's own where there is one"
        yield Found(WARNING, "", "`references` is missing", advice)


def no_near_miss(it: LoadedRule) -> Iterator[Found]:
    """Examples of what must not match that no stage would look at."""
    literals = [literal.decode() for literal in _literals(it)]
    names = it.rule.service
    texts = [example.text.lower() for example in it.no_match]
    held = any(literal in text for text in texts for literal in literals)
    if texts and not held and not any(name in _plain(text) for text in texts for name in names):
        what = "no `no_match` example holds what the rule is found by, so they prove nothing"
        anchors = " or ".join(map(repr, sorted([*literals, *names])[:3]))
        yield Found(WARNING, "examples", what, f"write a near miss, with {anchors} in it")


def _literals(it: LoadedRule) -> Sequence[bytes]:
    return necessary.of(it.rule.pattern).literals if it.rule.pattern else ()


def not_the_providers(it: LoadedRule) -> Iterator[Found]:
    """A name that says neither whose secret it is nor what its id is called after."""
    provider, product = it.rule.provider, it.rule.id.partition("-")[0]
    words = [word for word in re.split(r"[^\w]+", provider) if len(word) > 1]
    initials = "".join(word[0] for word in words)
    known = [provider, product, *words, *([initials] if len(initials) > 1 else [])]
    if provider and not any(_plain(word) in _plain(it.rule.name) for word in known):
        what = f"the name says neither {provider} nor {product}"
        yield Found(WARNING, "name", what, "name the provider or its product: people search for it")


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _secret(rule: Rule) -> tuple[Sequence[Node], int]:
    """Return what the secret consists of, and the flags that hold there."""
    tree = parse(rule.pattern or rule.token)
    if not rule.pattern:
        return list(tree), tree.state.flags
    return next(byteclass.group(tree, tree.state.groupdict["secret"], tree.state.flags))


CHECKS: dict[str, Check] = {
    "dead-pattern": dead_pattern,
    "dead-path": dead_path,
    "allows-all": allows_all,
    "never-reported": never_reported,
    "loses-real-ones": loses_real_ones,
    "open-end": open_end,
    "open-start": open_start,
    "moving-secret": moving_secret,
    "alike": alike,
    "thin": thin,
    "no-near-miss": no_near_miss,
    "not-the-providers": not_the_providers,
}
"""Each check by the name that complaints show."""

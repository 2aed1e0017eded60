"""What is looked through together gives the hits that each text gives by itself, or more."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tightlip.engine import Scanner, batch, prefilter
from tightlip.engine.batch import Batch
from tightlip.engine.prefilter import HyperscanPrefilter, LiteralPrefilter

pytestmark = pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")

WORDS = [b"BEGIN", b"END", b"x", b"-", b"\n", b"=", b"token", b"token=", b" ", b"\xfe", b"\0", b"123"]


@pytest.fixture(scope="module")
def fast() -> HyperscanPrefilter:
    expressions = [b"BEGIN[x-]{0,9}END", b"token=[^ ]{2}", b"123", b"(?s)BEGIN.{0,20}token"]
    database = prefilter.compile_database([([expression], False) for expression in expressions])
    return HyperscanPrefilter(database, {})


texts = st.lists(st.sampled_from(WORDS), max_size=12).map(b"".join)


@st.composite
def parts(draw: st.DrawFn) -> tuple[bytes, list[slice] | None]:
    """A text, and spans of it in their order, or all of it."""
    text = draw(texts)
    if draw(st.booleans()):
        return text, None
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    return text, [slice(*pair) for pair in zip(edges[::2], edges[1::2], strict=False)]


def alone(fast: HyperscanPrefilter, text: bytes, spans: list[slice] | None) -> set[tuple[int, int]]:
    return {
        (rule, span.start + end)
        for span in (spans if spans is not None else [slice(0, len(text))])
        for rule, ends in fast.candidates(text[span]).items()
        for end in ends or ()
    }


def told(found: Mapping[int, Sequence[int] | None]) -> set[tuple[int, int]]:
    return {(rule, end) for rule, ends in found.items() for end in ends or ()}


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(parts(), max_size=6), st.sampled_from([0, 5, 1000]))
def test_no_hit_of_a_text_is_lost(
    fast: HyperscanPrefilter, some: list[tuple[bytes, list[slice] | None]], large: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_LARGE", large)
        together = Batch(fast)
        for text, spans in some:
            together.add(text, spans)
        found, plain = together.found()

    for number, (text, spans) in enumerate(some):
        hits = told(found.get(number, {}))
        assert hits >= alone(fast, text, spans)
        assert all(0 < end <= len(text) for _, end in hits)
        assert plain <= (b"\0" not in (text if spans is None else b"".join(text[span] for span in spans)))
    assert together.found() == ({}, True)


def test_a_hit_is_told_for_its_text_and_at_its_place(fast: HyperscanPrefilter) -> None:
    together = Batch(fast)
    together.add(b"nothing")
    together.add(b"123 at the beginning")
    together.add(b"")
    together.add(b"at the end 123")
    together.add(b"nothing new: 123, new: 123, and a bit", [slice(0, 7), slice(19, 28)])
    together.add(b"123 all old", [])

    assert together.found()[0] == {1: {2: [3]}, 3: {2: [14]}, 4: {2: [26]}}


def test_what_only_two_texts_together_have_is_hardly_ever_told(fast: HyperscanPrefilter) -> None:
    together = Batch(fast)
    together.add(b"BEGINxx")
    together.add(b"xxEND")
    together.add(b"xx 12")
    together.add(b"3 BEGIN, BEGIN", [slice(0, 1), slice(10, 14)])
    together.add(b"token=")

    assert together.found()[0] == {}


def test_a_large_text_is_looked_at_as_a_small_one_is(fast: HyperscanPrefilter) -> None:
    filler = random.Random(1).randbytes(1 << 15).replace(b"123", b"---").replace(b"\0", b"-")
    together = Batch(fast)
    together.add(b"123")
    together.add(filler + b"123" + filler)
    together.add(b"123")
    found, _ = together.found()

    assert [told(found[number]) for number in range(3)] == [{(2, 3)}, {(2, (1 << 15) + 3)}, {(2, 3)}]


@pytest.mark.parametrize("text", ["some text".encode("utf-16"), "some text".encode("utf-16-be"), b"\xfe\xff", b"a\0b"])
@pytest.mark.parametrize("size", [0, 1 << 15])
def test_a_text_that_may_be_in_another_encoding_is_noticed_among_others(
    text: bytes, size: int, fast: HyperscanPrefilter
) -> None:
    together = Batch(fast)
    for one in (b"plain", text + bytes(size), b"plain"):
        together.add(one)

    assert not together.found()[1]


def test_without_hyperscan_each_text_is_looked_at_alone() -> None:
    """There, a rule that could match anywhere in one text would else be one that could in all."""
    together = Batch(LiteralPrefilter({7: [b"token"]}))
    for text in (b"nothing", b"a Token", b"nothing"):
        together.add(text)

    assert together.found() == ({1: {7: None}}, True)


def test_the_built_in_rules_find_the_same_in_many_texts_as_in_each(scanner: Scanner) -> None:
    fast = scanner.compiled.prefilter
    values = [f"{'gh' + 'p_'}{'0Aa1' * 9}\n".encode(), b'db_password = "', b"-----BEGIN RSA PRIV" + b"ATE KEY-----\n"]
    chance = random.Random(3)
    some = [b" ".join(chance.choices([*values, b"x", b"\n"], k=chance.randrange(5))) for _ in range(200)]
    together = Batch(fast)
    for text in some:
        together.add(text)
    found, _ = together.found()

    for number, text in enumerate(some):
        assert told(found.get(number, {})) >= told(fast.candidates(text))

"""What is followed through changes is never lost: a text that holds something to report is always suspicious."""

from __future__ import annotations

import random

import pytest
from handmade_deltas import Edit, follow
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secrets_made_up import hidden, key, pair, password, prose, token

from tightlip import necessary
from tightlip.engine import Scanner, suspect
from tightlip.engine.suspect import Looked, Suspicion
from tightlip.rule import Rule
from tightlip.rules import rule_set


def nothing_is_lost(scanner: Scanner, text: bytes, versions: list[list[Edit]]) -> None:
    for version, looked in follow(scanner, text, versions):
        if scanner.scan(version).matches:
            assert looked.suspicious, version


pieces = st.one_of(
    st.builds(token, st.integers(0, 9)),
    st.builds(password, st.integers(0, 9)),
    st.builds(pair, st.integers(0, 9)),
    st.builds(key, st.integers(0, 9), st.sampled_from([1, 3, 12, 40])),
    st.builds(prose, st.integers(0, 99)),
    st.builds(hidden, st.integers(0, 99)),
    st.sampled_from(["\n", " ", '"', "=", "(", "example ", "next_", "sha1: ", "é", "0", "_", "\0", "# "]),
)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """A piece, or its beginning, its end, or what lies between."""
    piece = draw(pieces)
    if draw(st.integers(0, 3)) == 0:
        start = draw(st.integers(0, len(piece)))
        piece = piece[start : draw(st.integers(start, len(piece)))]
    return piece.encode()


texts = st.lists(torn(), max_size=8).map(b"".join)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[float, float] | bytes]:
    """What a version consists of: parts of the one before, as shares of its length, and new pieces."""
    share = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1))
    part = st.one_of(torn().filter(bool), st.tuples(share, share))
    if draw(st.booleans()):  # an edit in the middle, as most are
        at = draw(st.floats(0, 1))
        return [(0.0, at), draw(torn()), (min(1.0, at + draw(st.sampled_from([0.0, 0.001, 0.01]))), 1.0)]
    return draw(st.lists(part, min_size=1, max_size=6))


@st.composite
def histories(draw: st.DrawFn) -> tuple[bytes, list[list[Edit]]]:
    text = draw(texts)
    versions, size = [], len(text)
    for edit in draw(st.lists(edits(), min_size=1, max_size=4)):
        placed = [
            part if isinstance(part, bytes) else tuple(sorted(round(share * size) for share in part)) for part in edit
        ]
        placed = [
            part
            for part in placed
            if (isinstance(part, bytes) and part) or (not isinstance(part, bytes) and part[0] < part[1])
        ]
        versions.append(placed)
        size = sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in placed)
    return text, versions


relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(relaxed, max_examples=120)
@given(histories())
def test_a_version_that_holds_something_is_suspicious(
    scanner: Scanner, history: tuple[bytes, list[list[Edit]]]
) -> None:
    nothing_is_lost(scanner, *history)


@settings(relaxed, max_examples=40)
@given(histories())
def test_so_is_one_that_holds_something_unsure(unsure: Scanner, history: tuple[bytes, list[list[Edit]]]) -> None:
    nothing_is_lost(unsure, *history)


@settings(relaxed, max_examples=25)
@given(histories())
def test_so_is_one_in_utf_16(scanner: Scanner, history: tuple[bytes, list[list[Edit]]]) -> None:
    text, versions = history
    encoded = text.decode("utf-8", "replace").encode("utf-16")
    spans = [part if isinstance(part, bytes) else (2 * part[0], min(2 * part[1], len(encoded))) for part in versions[0]]
    wide = [[part for part in spans if isinstance(part, bytes) or part[0] < part[1]]]
    nothing_is_lost(scanner, encoded, [wide[0]])
    nothing_is_lost(scanner, text, [[encoded, (0, len(text))] if text else [encoded], [(0, len(encoded))]])


@pytest.fixture(scope="module")
def unsure(cache: object) -> Scanner:
    return Scanner(min_confidence=0.0)


def test_a_secret_at_either_end_of_a_text_is_followed(scanner: Scanner) -> None:
    value = token(1).encode()
    size = len(value)
    nothing_is_lost(scanner, value, [[b"x", (0, size)], [(1, size + 1)], [(0, size), b"\n"], [(0, size)]])
    nothing_is_lost(scanner, value + b"x", [[(0, size)], [b"\n", (0, size)], [(0, size + 1), (0, size + 1)]])
    seen = follow(scanner, value + b"x", [[(0, size)]])
    assert [looked.suspicious for _, looked in seen] == [False, True]


def test_two_halves_that_come_together_are_seen(scanner: Scanner) -> None:
    value = token(1).encode()
    text = b"\n".join([value[:20], b"-" * 3000, value[20:]])
    seen = follow(scanner, text, [[(0, 20), (3022, len(text))]])

    assert [looked.suspicious for _, looked in seen] == [False, True]


def test_a_word_far_before_a_value_that_is_taken_away_is_noticed(scanner: Scanner) -> None:
    """The name before a value can make it nothing to report; a change there is a change of the value."""
    value = password(3).partition('"')[2]
    text = f'{"-" * 400}\nnext_token = "{value}\n{"-" * 400}'.encode()
    at = text.index(b"next_")
    seen = follow(scanner, text, [[(0, at), (at + 5, len(text))]])

    assert not scanner.scan(text).matches
    assert scanner.scan(seen[1][0]).matches
    assert seen[1][1].suspicious


def test_what_a_filter_sees_before_a_match_is_noticed_when_it_changes() -> None:
    """A name far before a value that the rule's pattern has no part of."""
    rule = Rule("t", "t", "T", "high", 0.9, "(?P<secret>tok_[a-z0-9]{20})", (), filters=("key-name",))
    scanner = Scanner(rule_set([rule]))
    text = f'{"-" * 300} next_token{"a" * 60} = "tok_{token(1).lower()[4:24]}"'.encode()
    at = text.index(b"next_")
    seen = follow(scanner, text, [[(0, at), b"the_", (at + 5, len(text))]])

    assert [bool(scanner.scan(version).matches) for version, _ in seen] == [False, True]
    assert [looked.suspicious for _, looked in seen] == [False, True]


def test_what_a_rule_needs_far_behind_its_hit_is_noticed_when_it_comes() -> None:
    scanner = Scanner(
        rule_set([Rule("t", "t", "T", "high", 0.9, "BEGIN-X[a-z\\s-]{0,3000}=(?P<secret>[0-9]{10})", ())])
    )
    text = f"{'-' * 500}BEGIN-X{'words and ' * 200}{'-' * 500}".encode()
    at = text.index(b"BEGIN-X") + 1900
    seen = follow(scanner, text, [[(0, at), b"=4915702836", (at, len(text))]])

    assert [bool(scanner.scan(version).matches) for version, _ in seen] == [False, True]
    assert [looked.suspicious for _, looked in seen] == [False, True]


@pytest.mark.parametrize("line", [0, 1, 20, 39, 40])
def test_a_key_whose_body_changes_far_from_its_head_is_looked_at(line: int, scanner: Scanner) -> None:
    whole = key(2, lines=40)
    text = f"{prose(1) * 50}{whole}{prose(2) * 50}".encode()
    at = text.index(b"-----BEGIN") + sum(map(len, whole.encode().splitlines(keepends=True)[: line + 1]))
    broken = [(0, at), b"!!! not base64 !!!\n", (at, len(text))]
    again = [(0, at), (at + 19, len(text) + 19)]
    nothing_is_lost(scanner, text, [broken, again, broken, again])
    spoilt = text[:at] + b"!!! not base64 !!!\n" + text[at:]
    seen = [looked.suspicious for _, looked in follow(scanner, spoilt, [again])]
    assert seen == [bool(scanner.scan(spoilt).matches), True]


def test_a_value_that_needs_another_is_suspicious_by_itself(scanner: Scanner) -> None:
    """The scanner decides whether the other is there, with the whole text."""
    both = pair(5).encode()
    first = both.index(b"\n")
    text = b"-" * 500 + both[first:]
    with_id = [both[:first], (0, len(text))]
    further_off = [(0, first), b"\n" * 3, (first, len(text) + first)]
    nothing_is_lost(scanner, text, [with_id, further_off, further_off])
    alone, beside = (scanner.scan(version).matches for version in (text, both[:first] + text))
    assert not any(match.rule.requires for match in alone)
    assert any(match.rule.requires for match in beside)


def test_hits_are_looked_for_as_far_around_a_change_as_they_reach(scanner: Scanner) -> None:
    """A change may complete an expression of the prefilter that begins or ends far from it."""
    suspicion = Suspicion(scanner.compiled, scanner.min_confidence)
    parts = (necessary.of(rule.pattern).expression.decode() for rule in scanner.compiled.rules)

    assert suspicion.margin >= max(necessary.parse(part).getwidth()[1] for part in parts)


def test_without_hyperscan_every_text_is_looked_at_as_a_whole(scanner: Scanner) -> None:
    slow = Scanner(rule_set(rule for rule in scanner.compiled.rules if rule.provider == "GitHub"), literals_only=True)
    suspicion = Suspicion(slow.compiled, slow.min_confidence)
    value = token(1).encode()

    assert suspicion.whole(value) == Looked(suspicious=True, hits=None)
    assert suspicion.whole(b"nothing") == Looked(suspicious=False, hits=None)


def test_a_text_with_very_many_hits_is_looked_at_as_a_whole(scanner: Scanner) -> None:
    suspicion = Suspicion(scanner.compiled, scanner.min_confidence)
    many = "\n".join(token(number) for number in range(300)).encode()

    assert suspicion.whole(many) == Looked(suspicious=True, hits=None)
    few = suspicion.whole(token(1).encode())
    assert few.hits is not None
    assert few.hits
    assert all(reportable for _, _, reportable in few.hits)


def test_what_was_seen_before_is_remembered_and_forgotten_without_a_difference(
    scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspect, "_MOST_REMEMBERED", 3)
    suspicion = Suspicion(scanner.compiled, scanner.min_confidence)
    chance = random.Random(1)
    for _ in range(200):
        made = [token, password, key, pair, prose][chance.randrange(5)](chance.randrange(3))
        text = f"{prose(chance.randrange(5))}{made}{made}".encode()
        assert suspicion.whole(text).suspicious or not scanner.scan(text).matches
    assert len(suspicion._remembered) <= 3


def test_a_rule_that_takes_too_long_is_left_to_the_scanner(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_long(*_: object) -> object:
        raise TimeoutError

    monkeypatch.setattr(suspect.confirm, "settled", too_long)

    assert Suspicion(scanner.compiled, scanner.min_confidence).whole(token(1).encode()).suspicious

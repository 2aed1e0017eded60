"""However many texts are looked at together, what is told is what the scanner finds in each."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from handmade_deltas import encoded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secrets_made_up import hidden, key, pair, password, prose, token

from tightlip.engine import Scanner, following
from tightlip.engine.following import Following, Version
from tightlip.engine.suspect import Suspicion
from tightlip.git.native import applied, brought, moved

Edit = tuple[int, int] | bytes
WINDOWS = [1, 100, 1 << 21]


def told(scanner: Scanner, texts: Sequence[bytes]) -> list[int]:
    """Which of some texts are suspicious, each looked at as a whole."""
    found: list[int] = []
    together = Following(
        *_parts(scanner), moved, lambda number, _, text, *__: found.append(number) or _same(texts[number], text)
    )
    for number, text in enumerate(texts):
        together.add(number, 3, text)
    together.end()
    return found


def _parts(scanner: Scanner) -> tuple[Suspicion, object]:
    return Suspicion(scanner.compiled, scanner.min_confidence), scanner.compiled.prefilter


def _same(one: bytes, other: bytes) -> None:
    assert one == other


class History:
    """Versions of a text, each made of an earlier one by a delta."""

    def __init__(self, first: bytes) -> None:
        self.texts = [first]
        self.bases = [-1]
        self._codes: list[bytes] = []

    def add(self, base: int, *edits: Edit) -> None:
        code = encoded(self.texts[base], edits)
        text = applied(self.texts[base], code, 1 << 28)
        assert text is not None
        self._codes.append(code)
        self.texts.append(text)
        self.bases.append(base)

    def told(self, scanner: Scanner, passed_over: Sequence[int] = ()) -> list[int]:
        found: list[int] = []
        suspicion, prefilter = _parts(scanner)
        together = Following(suspicion, prefilter, moved, lambda number, *_: found.append(number))
        for number, (text, base) in enumerate(zip(self.texts, self.bases, strict=True)):
            delta = self._codes[number - 1] if number else b""
            spans = brought(delta, suspicion.margin, len(text))
            version = None if spans is None else Version(base, delta, spans)
            if number in passed_over:
                together.pass_over(number)
            else:
                together.add(number, 3, text, version, any_path=False)
        together.end()
        return found


pieces = st.one_of(
    st.builds(token, st.integers(0, 9)),
    st.builds(password, st.integers(0, 9)),
    st.builds(pair, st.integers(0, 9)),
    st.builds(key, st.integers(0, 9), st.sampled_from([1, 12])),
    st.builds(prose, st.integers(0, 99)),
    st.builds(hidden, st.integers(0, 99)),
    st.sampled_from(["\n", " ", '"', "=", "é", "\0", "# "]),
)
texts_made = st.lists(pieces, max_size=6).map(lambda parts: "".join(parts).encode())


@st.composite
def histories(draw: st.DrawFn) -> History:
    history = History(draw(texts_made))
    for _ in range(draw(st.integers(0, 8))):
        base = draw(st.integers(0, len(history.texts) - 1))
        size = len(history.texts[base])
        first, last = sorted(draw(st.tuples(st.integers(0, size), st.integers(0, size))))
        new = draw(st.one_of(texts_made, st.just("".encode("utf-16")), st.builds(lambda s: s.encode("utf-16"), pieces)))
        edits = [(0, first), new[: draw(st.integers(0, len(new)))], (last, size)]
        history.add(base, *(edit for edit in edits if isinstance(edit, bytes) or edit[0] < edit[1]))
    return history


@pytest.fixture(params=WINDOWS)
def _window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_WINDOW", request.param)


each_window = pytest.mark.usefixtures("_window")
relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@settings(relaxed, max_examples=80)
@given(histories(), st.sampled_from(WINDOWS))
def test_a_version_that_holds_something_is_told_of(scanner: Scanner, history: History, window: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "_WINDOW", window)
        found = history.told(scanner)

    assert found == sorted(found)
    assert set(found) >= {number for number, text in enumerate(history.texts) if scanner.scan(text).matches}


@each_window
def test_a_secret_at_either_end_of_a_text_is_told_of(scanner: Scanner) -> None:
    value = token(1).encode()

    assert told(scanner, [b"a", value, b"", value + b"\nb", b"c", b"d\n" + value, b"e"]) == [1, 3, 5]


@each_window
def test_a_secret_that_only_two_texts_together_hold_is_none(scanner: Scanner) -> None:
    value = token(1).encode()

    for at in range(1, len(value)):
        assert told(scanner, [value[:at], value[at:], value[:at] + b"\n", b"\n" + value[at:]]) == []


@pytest.mark.parametrize("window", [99, 100, 101])
def test_a_window_that_is_just_full_loses_nothing(
    window: int, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_WINDOW", window)
    value = token(1).encode()
    texts = [value.ljust(50), b" " * 50, value.rjust(100), value.ljust(50), value.rjust(51), b" ", value]

    assert told(scanner, texts) == [0, 2, 3, 4, 6]


@each_window
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_a_secret_in_utf_16_is_told_of_among_other_texts(encoding: str, scanner: Scanner) -> None:
    assert told(scanner, [b"before", f"the value {token(1)}".encode(encoding), b"after"]) == [1]


@each_window
def test_a_hit_is_followed_into_what_is_made_of_its_text_wherever_a_window_ends(scanner: Scanner) -> None:
    value = token(1).encode()
    history = History(b"-" * 400 + b"\n" + value + b"\n" + b"-" * 400)
    size = len(history.texts[0])
    for number in range(4):  # far from the value
        history.add(number, (0, size + number), b"+")
    history.add(4, (0, 401), (401 + len(value), size + 4))  # without it
    history.add(5, b"+", (0, size + 4 - len(value)))
    history.add(3, b"+", (0, size + 3))

    assert history.told(scanner) == [0, 1, 2, 3, 4, 7]


@each_window
def test_what_is_made_of_a_text_that_is_passed_over_is_looked_at_as_a_whole(scanner: Scanner) -> None:
    history = History(b"-" * 400 + b"\n" + token(1).encode() + b"\n" + b"-" * 400)
    size = len(history.texts[0])
    history.add(0, (0, size), b"+")
    history.add(1, (0, size + 1), b"+")

    assert history.told(scanner, passed_over=[0]) == [1, 2]
    assert history.told(scanner, passed_over=[1]) == [0, 2]


@each_window
def test_a_text_that_comes_to_be_in_another_encoding_or_is_no_more_is_looked_at_as_a_whole(scanner: Scanner) -> None:
    wide = f"{'-' * 400}{token(1)}{'-' * 400}".encode("utf-16-le")
    history = History(wide + f"{'-' * 400}{token(2)[:-9]}{'-' * 400}{token(3)}".encode())
    size = len(history.texts[0])
    history.add(0, (len(wide), size))
    history.add(1, b"\xff\xfe", (0, size - len(wide)))
    history.add(2, (2, size - len(wide) + 2))

    assert history.told(scanner) == [0, 1, 2, 3]


@each_window
def test_a_change_that_has_no_sign_of_another_encoding_may_make_it_one(scanner: Scanner) -> None:
    """What is taken away stood far from the part in UTF-16, but it was most of what tells."""
    wide = f"{'-' * 1500}{token(1)}{'-' * 1500}".encode("utf-16-le")
    history = History(b"\0" + b"x" * 2299 + wide)
    history.add(0, (0, 150), (2150, len(history.texts[0])))

    assert [bool(scanner.scan(text).matches) for text in history.texts] == [False, True]
    assert history.told(scanner) == [1]

"""Runs are told apart in native code and in Python alike."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.engine import compiled, marks, runs
from tightlip.engine.decode import DECODERS

_texts = st.binary(max_size=90) | st.text("abc {}\"':\n", max_size=90).map(str.encode)
_pieces = st.one_of(
    _texts.map(b64encode),
    _texts.map(encodebytes),
    _texts.map(lambda text: encodebytes(text).replace(b"\n", b"\\n")),
    _texts.map(lambda text: encodebytes(text).replace(b"\n", b'",\n  "')),
    _texts.map(lambda text: text.hex().encode()),
    st.text("abcdefgh", max_size=40).map(lambda text: b64encode(text.encode("utf-16-le"))),
    st.text(runs.ALPHABET.decode(), max_size=90).map(str.encode),
    st.sampled_from([b"key: ", b'k="', b"=> '", b"\n\xfe\n", b"0x", b"iVBORw0KGgo", b"H4sIAAAA", b"MII", b"//4", b" "]),
    st.text(" \t\r\n\"'`,+\\#*>;n=", max_size=80).map(str.encode),
    st.binary(max_size=3),
)


@settings(deadline=None, max_examples=500)
@given(st.lists(_pieces, max_size=12).map(b"".join))
def test_native_code_finds_the_same_as_python(text: bytes) -> None:
    assert runs.find(text) == runs.in_python(text)


def test_native_code_finds_the_same_in_source_text() -> None:
    for file in sorted(Path(__file__).parent.glob("*.py")):
        text = file.read_bytes()
        assert runs.find(text) == runs.in_python(text)


@pytest.mark.parametrize("find", [runs.find, runs.in_python])
def test_a_run_that_is_cut_off_may_be_anything(find: Callable[[bytes], list[runs.Run]]) -> None:
    noise = b64encode(b"".join(sha256(b"%d" % number).digest() for number in range(12)))
    assert find(b"a " + noise + b" b") == []
    assert find(b"a\n\xfe\n" + noise + b" b") == [(4, 4 + len(noise.rstrip(b"=")))]
    assert find(b"a " + noise[:200] + b"\n\xfe\nb") == [(2, 202)]


def test_each_mark_has_a_decoder() -> None:
    assert sorted(DECODERS) == sorted([*(mark.name for mark in marks.MARKS), "runs"])
    assert len(marks.MARKS) == compiled.MARKS

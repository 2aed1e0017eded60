"""Of a version of a file only what is new in it is searched, and nothing is missed by that."""

from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.model import Secret
from tightlip.purge.forms import Forms
from tightlip.purge.values import Purged

VALUE = b"k1tt3n" + b"-b0wl-77"
FORMS = Forms([Purged(Secret(VALUE))])
WRITTEN = [
    VALUE,
    base64.b64encode(b"xy" + VALUE + b"z"),
    VALUE.hex().encode(),
    b"".join(b"%%%02X" % byte for byte in VALUE),
    VALUE[:5] + b'" +\n    "' + VALUE[5:],
    "".join(f"\\u00{byte:02x}" for byte in VALUE).encode(),
]
filler = st.binary(max_size=40).map(lambda text: text.replace(b"\0", b"") * 30)


@settings(max_examples=300, deadline=None)
@given(filler, st.sampled_from(WRITTEN), filler, st.data())
def test_a_change_that_brings_a_value_is_noticed(before: bytes, form: bytes, after: bytes, data: st.DataObject) -> None:
    new = before + form + after
    start = data.draw(st.integers(0, len(new)))
    end = data.draw(st.integers(start, min(len(new), start + 60)))
    old = new[:start] + data.draw(st.binary(max_size=5)) + new[end:]
    margin = FORMS.margin
    spans = [slice(max(start - margin, 0), end + margin)]
    if not FORMS.may_be_in(old) and FORMS.found(new):
        assert FORMS.may_come(new, spans)


def test_nothing_is_noticed_where_nothing_comes() -> None:
    text = b"words and more words\n" * 1000
    assert not FORMS.may_come(text, [slice(0, 5000)])
    assert FORMS.may_come(text + VALUE, [slice(len(text) - 100, len(text) + 100)])

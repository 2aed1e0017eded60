from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
import yaml
from knownvalues import value

from tightlip.known.forms import LEAST, forms

VALUE = value(1, more="/+ \"'&<$é")


def written_in(text: str) -> dict[str, bytes]:
    """Each way in which a program writes a value, made without tightlip."""
    data = text.encode()
    return {
        "as it is": data,
        "JSON": json.dumps(text).encode(),
        "JSON with its own characters": json.dumps(text, ensure_ascii=False).encode(),
        "JSON with slashes escaped": json.dumps(text).replace("/", "\\/").encode(),
        "JSON in JSON": json.dumps(json.dumps(text, ensure_ascii=False), ensure_ascii=False).encode(),
        "JSON in JSON, in ASCII": json.dumps(json.dumps(text)).encode(),
        "Python": repr(text).encode(),
        "YAML in single quotes": yaml.safe_dump(text, default_style="'", allow_unicode=True, width=999).encode(),
        "SQL": ("VALUES ('" + text.replace("'", "''") + "')").encode(),
        "CSV": ('1,"' + text.replace('"', '""') + '"').encode(),
        "a compose file": text.replace("$", "$$").encode(),
        "Java's properties": re.sub(r"([:=#!\\])", r"\\\1", text).encode(),
        "a part of an address": quote(text, safe="").encode(),
        "a form": quote_plus(text).encode(),
        "an address with digits in lower case": re.sub("%..", lambda it: it[0].lower(), quote(text, safe="")).encode(),
        "HTML": html.escape(text).encode(),
        "a shell": shlex.quote(text).encode(),
        "base64": b64encode(data),
        "base64 after one byte": b64encode(b"a" + data),
        "base64 after two bytes": b64encode(b"ab" + data + b"cd"),
        "base64 inside a longer text": b64encode(b"user:" + data + b"@host"),
        "base64 for addresses": urlsafe_b64encode(b"abc" + data),
        "base64 of UTF-16": b64encode(text.encode("utf-16-le")),
        "hexadecimal": data.hex().encode(),
        "hexadecimal in capitals": data.hex().upper().encode(),
        "UTF-16": text.encode("utf-16-le"),
        "UTF-16, the other way round": text.encode("utf-16-be"),
    }


@pytest.mark.parametrize("way", written_in(VALUE), ids=str)
def test_a_value_stands_in_what_programs_write(way: str) -> None:
    assert any(form in written_in(VALUE)[way] for form in forms(VALUE.encode()))


def test_a_value_stands_in_what_a_shell_escapes_outside_of_quotes() -> None:
    text = value(2, more="#&$'!=:")
    written = subprocess.run(["bash", "-c", 'printf %q "$1"', "-", text], capture_output=True, check=True).stdout
    assert any(form in written for form in forms(text.encode()))


def test_no_form_is_so_short_that_it_stands_anywhere() -> None:
    assert all(len(form) >= LEAST for form in forms(b"eight888"))


def test_a_form_of_base64_is_in_no_text_that_differs_where_the_value_is() -> None:
    ours, other = b"Aq7" + VALUE.encode(), b"Aq7" + VALUE.replace(VALUE[7], "_").encode()
    encoded = [form for form, through in forms(VALUE.encode()).items() if through == ("base64",)]
    assert any(form in b64encode(ours) for form in encoded)
    assert not any(form in b64encode(other) for form in encoded)


def test_bytes_that_are_no_text_have_forms_too() -> None:
    data = bytes(range(200, 232))
    assert b64encode(data).rstrip(b"=")[:-1] in b"".join(forms(data))
    assert data.hex().encode() in forms(data)


def test_lines_end_in_either_way() -> None:
    assert b"first line\r\nsecond line" in forms(b"first line\nsecond line")
    assert b"first line\\nsecond line" in forms(b"first line\r\nsecond line")

"""What a text holds in another form is found, said how, and at the place where its bytes stand."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip.engine import Scanner
from tightlip.rule import Match

Encode = Callable[[bytes], bytes]
PASSWORD = b"tr0ub4dor" + b"&3x"


@pytest.fixture
def secret(token: str) -> bytes:
    return token.encode()


def found(scanner: Scanner, text: bytes, path: bytes = b"") -> list[Match]:
    outcome = scanner.scan(text, path)
    assert outcome.unscanned == []
    return outcome.matches


def one(scanner: Scanner, text: bytes, path: bytes = b"") -> Match:
    (match,) = found(scanner, text, path)
    return match


def wrapped(value: bytes, indent: bytes = b"", width: int = 64) -> bytes:
    code = base64.b64encode(value)
    return b"".join(indent + code[at : at + width] + b"\n" for at in range(0, len(code), width))


def each(form: str, value: bytes) -> bytes:
    return b"".join(form.encode() % byte for byte in value)


@pytest.mark.parametrize(
    ("through", "encode"),
    [
        pytest.param("base64", base64.b64encode, id="base64"),
        pytest.param("base64", lambda value: base64.urlsafe_b64encode(value).rstrip(b"="), id="safe in addresses"),
        pytest.param("hex", lambda value: value.hex().encode(), id="hex"),
        pytest.param("hex", lambda value: b"0x" + value.hex().upper().encode(), id="hex with 0x"),
        pytest.param("percent-encoding", lambda value: each("%%%02X", value), id="percent"),
        pytest.param("escapes", lambda value: each("\\x%02x", value), id="hexadecimal escapes"),
        pytest.param("escapes", lambda value: each("\\u%04x", value), id="unicode escapes"),
        pytest.param("HTML entities", lambda value: each("&#%d;", value), id="HTML entities"),
    ],
)
def test_a_secret_in_another_form_is_found_at_its_place(
    scanner: Scanner, secret: bytes, through: str, encode: Encode
) -> None:
    code = encode(secret)
    match = one(scanner, b'first line\nvalue = "' + code + b'";\n')

    assert (match.secret.reveal(), match.decoded_through) == (secret, (through,))
    assert (match.line, match.column) == (2, 10 + 2 * code.startswith(b"0x"))
    assert match.end_column - match.column == len(code.rstrip(b"=").removeprefix(b"0x"))


@pytest.mark.parametrize("indent", [b"", b"    ", b"\t# ", b" * "])
def test_base64_goes_on_over_lines(scanner: Scanner, secret: bytes, indent: bytes) -> None:
    value = b"a first line, which is text\n" * 4 + b"token: " + secret + b"\nand a last one\n"
    text = b"config: |\n" + wrapped(value, indent) + b"next: value\n"
    match = one(scanner, text)

    assert match.secret.reveal() == secret
    place = b"".join(text[match.start : match.end].replace(indent, b"").split())
    assert secret[1:-1] in base64.b64decode(b"A" * ((match.column - 1 - len(indent)) % 4) + place + b"=" * 3)


@pytest.mark.parametrize("between", ["\\n", "\\r\\n", '",\n  "', '" +\n  "', "\r\n"])
def test_lines_of_base64_may_stand_in_literals_of_their_own(scanner: Scanner, secret: bytes, between: str) -> None:
    lines = wrapped(b"a first line, which is text\n" * 4 + secret + b" \n").decode().splitlines()

    assert one(scanner, f'x = "{between.join(lines)}"'.encode()).secret.reveal() == secret


def test_base64_inside_a_longer_run_is_found(scanner: Scanner, secret: bytes) -> None:
    code = base64.b64encode(b"token " + secret).decode().rstrip("=")

    assert one(scanner, f"see /files/{code} for it".encode()).secret.reveal() == secret


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("data:\n  password: {}\n", id="YAML"),
        pytest.param('{{"data": {{"password": "{}"}}}}', id="JSON"),
        pytest.param("DB_PASSWORD={}\n", id="environment"),
        pytest.param("password => '{}'", id="arrow"),
    ],
)
def test_a_short_value_after_its_key_is_decoded_and_judged_by_the_key(scanner: Scanner, text: str) -> None:
    code = base64.b64encode(PASSWORD).decode()
    matches = found(scanner, text.format(code).encode())

    assert [match.secret.reveal() for match in matches if match.decoded_through] in ([PASSWORD], [])
    assert matches


def test_utf_16_in_base64_is_read(scanner: Scanner, secret: bytes) -> None:
    command = base64.b64encode(f'$t = "{secret.decode()}"'.encode("utf-16-le"))
    match = one(scanner, b"powershell -enc " + command)

    assert match.decoded_through == ("base64", "utf-16-le")


def test_json_in_json_in_json_is_unescaped(scanner: Scanner) -> None:
    text: object = {"password": PASSWORD.decode()}
    for _ in range(4):
        match = one(scanner, json.dumps(text).encode())
        assert match.secret.reveal() == PASSWORD
        assert set(match.decoded_through) <= {"escapes"}
        text = {"text": json.dumps(text)}


def test_a_notebooks_output_is_unescaped(scanner: Scanner) -> None:
    cell = {"cells": [{"source": ['db_password = "' + PASSWORD.decode() + '"\n'], "outputs": []}]}

    assert one(scanner, json.dumps(cell, indent=1).encode()).secret.reveal() == PASSWORD


def test_what_is_percent_encoded_is_read(scanner: Scanner) -> None:
    query = quote(json.dumps({"password": PASSWORD.decode()}))

    assert one(scanner, f"https://host.test/?q={query}".encode()).secret.reveal() == PASSWORD


def test_html_is_read(scanner: Scanner) -> None:
    code = html.escape('"password": "' + PASSWORD.decode() + '"')

    assert one(scanner, f'<a data-x="{code}">'.encode()).secret.reveal() == PASSWORD


def test_a_token_that_quoted_printable_breaks_is_joined(scanner: Scanner, secret: bytes) -> None:
    text = quopri.encodestring(b"x" * 50 + b" token= " + secret + b" and more text\n")
    match = one(scanner, text)

    assert b"=\n" in text[match.start : match.end]
    assert (match.secret.reveal(), match.decoded_through) == (secret, ("quoted-printable",))


@pytest.mark.parametrize(
    "between", ['" + "', '"+"', "' + '", '"\n    "', "'\n'", '" .\n  "', '" & "', '" + \n\t"', "\\\n"]
)
def test_literals_in_pieces_are_joined_and_the_place_is_from_the_first_to_the_last(
    scanner: Scanner, secret: bytes, between: str
) -> None:
    middle = between.encode()
    text = b'key = "' + secret[:11] + middle + secret[11:23] + middle + secret[23:] + b'"\n'
    match = one(scanner, text)

    assert match.secret.reveal() == secret
    assert match.decoded_through == ("joined literals",)
    assert text[match.start : match.end] == middle.join([secret[:11], secret[11:23], secret[23:]])


def test_encodings_beneath_each_other_are_said_outermost_first(scanner: Scanner, secret: bytes) -> None:
    text = json.dumps({"a": json.dumps({"b": base64.b64encode(gzip.compress(secret)).decode()})})
    match = one(scanner, text.encode())

    assert match.decoded_through[-2:] == ("base64", "gzip")
    assert text.encode()[match.start : match.end] in text.encode()


def test_what_the_text_holds_as_it_is_is_not_reported_again(scanner: Scanner, secret: bytes) -> None:
    text = b'a = "{\\"token\\": \\"' + secret + b'\\", \\"n\\": \\"1%2F2\\"}"\n'

    assert one(scanner, text).decoded_through == ()


def test_one_secret_in_two_ways_is_one_match(scanner: Scanner, secret: bytes) -> None:
    code = each("%%%02X", secret)
    match = one(scanner, b'x = "{\\"k1\\": \\"' + code + b'\\"}"')

    assert match.secret.reveal() == secret


def test_a_providers_rule_says_more_than_a_guess_at_the_encoded_form(scanner: Scanner, secret: bytes) -> None:
    match = one(scanner, b'api_secret = "' + base64.b64encode(secret) + b'"')

    assert match.rule.provider == "GitHub"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'integrity: "sha512-' + base64.b64encode(bytes(range(64))) + b'"', id="integrity"),
        pytest.param(b"commit " + bytes(range(20)).hex().encode(), id="commit"),
        pytest.param(b"url(data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"text " * 9), id="image"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\n" + wrapped(b"0\x82\x03\x0b" + b"Some Name, Inc. " * 9), id="DER"),
        pytest.param(b"H4sIAAAAAAAAA" + b"qz8Kx" * 20, id="no gzip"),
        pytest.param(b"handleClientsWithPendingWritesUsingThreads()", id="identifier"),
    ],
)
def test_what_only_looks_encoded_is_left_alone(scanner: Scanner, text: bytes) -> None:
    assert found(scanner, text) == []


def test_a_pragma_on_the_line_of_the_encoded_form_counts(scanner: Scanner, secret: bytes) -> None:
    from tightlip.allow import is_allowed

    text = b'x = "' + base64.b64encode(secret) + b'"  # tightlip: allow\n'
    outcome = scanner.scan(text)

    assert [is_allowed(outcome.text, match) for match in outcome.matches] == [True]


ENCODINGS: list[Encode] = [
    base64.b64encode,
    lambda value: value.hex().encode(),
    lambda value: each("%%%02X", value),
    lambda value: each("\\u%04x", value),
]


@settings(deadline=None, max_examples=150)
@given(
    encode=st.sampled_from(ENCODINGS),
    before=st.text(st.sampled_from("ab é\n.,;(){}"), max_size=60),
    after=st.text(st.sampled_from("ab é\n.,;(){}"), max_size=60),
    shift=st.integers(0, 5),
)
def test_the_place_holds_exactly_the_encoded_bytes(
    scanner: Scanner, encode: Encode, before: str, after: str, shift: int
) -> None:
    secret = ("gh" + "p_16C7e42F292c69" + "12E7710c838347Ae" + "4H2Y7G").encode()
    value = b"x" * shift + b" " + secret
    code = encode(value)
    text = f"{before} ".encode() + code + f" {after}".encode()
    match = one(scanner, text)

    start = text.index(code)
    each_byte = len(encode(b"abc")) / 3
    first = start + int((shift + 1) * each_byte)
    assert match.secret.reveal() == secret
    assert match.start == first
    assert match.end == start + -int(-len(value) * each_byte // 1)

"""What a value says about itself."""

from __future__ import annotations

import pytest

from tightlip.engine.entropy import shannon
from tightlip.engine.filters import FILTERS, Surroundings


def weigh(name: str, value: str, before: str = "", after: str = "") -> float:
    text = f"{before}{value}{after}".encode()
    start = len(before.encode())
    verdict = FILTERS[name](value, Surroundings(text, start, start + len(value.encode())))
    return 1.0 if verdict is None else verdict[0]


@pytest.mark.parametrize(
    "value",
    [
        "changeme",
        "CHANGE_ME",
        "your-api-key",
        "<password>",
        "xxxxxxxxxxxx",
        "aaaaaaaa",
        "12345678",
        "abcdefgh",
        "abcabcabc",
        "sk_test_...",
        "********",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "password",
        "my_secret",
        "insert key here",
        "0000000000000000",
        "__DB_PASSWORD__",
        "@DB_PASSWORD@",
    ],
)
def test_a_placeholder_is_no_secret(value: str) -> None:
    assert weigh("placeholder", value) == 0


@pytest.mark.parametrize("value", ["hunter2", "tr0ub4dor&3", "c0rrect-h0rse", "9f86d081884c7d65", "Summer2024!"])
def test_a_value_is_no_placeholder(value: str) -> None:
    assert weigh("placeholder", value) == 1


@pytest.mark.parametrize(
    "value",
    [
        "${PASSWORD}",
        "$PASSWORD",
        "{{ password }}",
        "<%= token %>",
        "process.env.TOKEN",
        "os.environ['X']",
        "settings.password",
        "get_token()",
        "args[0]",
        "ENC[AES256_GCM,data:x]",
        "%(password)s",
        "#{token}",
        "self._token",
        "@secret",
    ],
)
def test_a_reference_is_no_secret(value: str) -> None:
    assert weigh("reference", value) == 0


@pytest.mark.parametrize("value", ["kJ6()t@=v5qz9xf#", "f(@t5~a#nuhrw^niu"])
def test_a_value_with_parentheses_in_it_is_no_call(value: str) -> None:
    assert weigh("reference", value) == 1


def test_a_name_that_is_called_is_a_reference() -> None:
    assert weigh("reference", "make_password", after="(8)") == 0


@pytest.mark.parametrize(
    "value", ["forgot_password", "user.password.field", "authorization_code", "PasswordResetForm", "__init__"]
)
def test_words_are_no_secret(value: str) -> None:
    assert weigh("words", value) == 0


def test_words_of_a_wallets_recovery_phrase_are_one() -> None:
    phrase = "gravity machine north sort system female filter attitude volume fold club stay"
    assert weigh("words", phrase) == 1
    assert weigh("words", phrase.replace("club", "clubs")) == 0
    assert weigh("words", f"{phrase} again") == 0


def test_letters_alone_are_less_sure() -> None:
    assert 0 < weigh("words", "qmzrwxke") < 1


@pytest.mark.parametrize(
    "key", ["next_token", "token_url", "secret_name", "csrfToken", "public-key", "primary_key", "password_field"]
)
def test_a_key_that_names_something_else_is_heeded(key: str) -> None:
    assert weigh("key-name", "q7w3e9r1t5y8", before=f'{key} = "') == 0


@pytest.mark.parametrize("key", ["token", "api_key", "db.password", "client-secret"])
def test_a_key_that_names_a_secret_is_not(key: str) -> None:
    assert weigh("key-name", "q7w3e9r1t5y8", before=f'{key}: "') == 1


def test_a_right_checksum_raises_the_confidence_and_a_wrong_one_lowers_it() -> None:
    body = "16C7e42F292c6912E7710c838347Ae"
    assert weigh("crc32-base62", f"ghp_{body}178B4a") < 1
    from tightlip.engine.checksums import _checksums

    assert weigh("crc32-base62", f"ghp_{body}{_checksums(body)[0]}") > 1


@pytest.mark.parametrize("made", range(5))
def test_a_key_of_age_has_a_right_checksum_until_a_letter_is_changed(made: int) -> None:
    pyrage = pytest.importorskip("pyrage")
    key = str(pyrage.x25519.Identity.generate())
    changed = key[: -10 - made] + ("Q" if key[-10 - made] != "Q" else "P") + key[len(key) - 9 - made :]
    assert len(changed) == len(key)
    assert weigh("bech32", key) > 1
    assert weigh("bech32", changed) < 1


@pytest.mark.parametrize("text", ["AGE-SECRET-KEY", "AGE-SECRET-KEY-1", "1qqqqqqqq", "AGE-SECRET-KEY-1BIO", ""])
def test_what_is_no_key_of_age_has_no_right_checksum(text: str) -> None:
    assert weigh("bech32", text) < 1


def test_entropy_is_in_bits_per_byte() -> None:
    assert shannon(b"aaaa") == 0
    assert shannon(b"abab") == 1
    assert shannon(bytes(range(256))) == 8
    assert shannon(b"") == 0

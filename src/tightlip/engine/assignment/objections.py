"""Why it is plain that a value is no secret: by its own form, or by the name and how it is given to that."""

from __future__ import annotations

from binascii import a2b_base64

from tightlip.engine.around import AFTER
from tightlip.engine.assignment import names
from tightlip.engine.assignment.lead import REACH, Lead
from tightlip.patterns import DOTALL, VERBOSE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_SECRET = pattern(
    rb"""
    \d{4}-\d\d-\d\d (?:[T\ ].*)?                                # a date
    | 1[4-9]\d{8} (?:\d{3})? (?:\.\d+)?                         # a time, in seconds or milliseconds since 1970
    | v?\d+ (?:\.\d+){1,10} (?:[+-][\w.+-]*)?                   # a version, an IPv4 address
    | 0x[0-9A-Fa-f]{1,10} | \d{1,5}                             # a number
    | \d+[a-z]{1,2} | [\d.,:/+-]*[.,:/+-][\d.,:/+-]*[A-Za-z%]?  # a number with its unit, a range, a time of day
    | (?:\{\w+\})? \$ (?:2[abxy]?|argon2\w*|scrypt|pbkdf2[\w-]*|apr1|y|[156]) \$ .*  # a hash: other rules know them
    | (?:hash|sha\d*|md5):.*                                    # a hash that says so
    | [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)* \.[A-Za-z]{2,}            # an email address
    | (?:[A-Fa-f0-9]{2}:){5,} [A-Fa-f0-9]{2}                    # a fingerprint, a MAC address
    | (?:[a-z][a-z_.-]+ | [A-Z][A-Z_]+) = [^=].*                # a setting of its own
    | [A-Z]{2} \d{13,30}                                        # the number of a bank account
    | [a-z]{1,12} - [0-9a-f]{17}                                # what AWS calls a thing: `snap-...`, `sg-...`
    | Ag [A-Za-z0-9+/]{60} \S{90,}                              # what kubeseal has encrypted
    | AQICAH [A-Za-z0-9+/]{60,} ={0,2}                          # what a key of AWS KMS has encrypted
    | \#(?:[0-9A-Fa-f]{3,4}){1,2}                               # a colour
    | \^[\[(\\].* | .*(?:\[\^?\w-\w|\(\?[:=!<]).*                # a regular expression
    | .* \.{3}                                                  # something that is left out
    | (?i:(?:aes|rsa|sha3?|scram-sha|hmac-sha|pbkdf2|chacha20|[hrep]s) (?:[_-]?\d{1,4})?
      (?:[_-](?:sha\d*|gcm|cbc|ctr|ecb|poly1305|crypt|oaep|plus|\w*padding|\d+)){0,3})        # what encrypts or signs
    | \w+With(?:Hmac|RSA|ECDSA|AES|SHA|MD5)\w* | (?:AES|DES(?:ede)?|RSA|Blowfish)(?:/\w+){1,2}
    | (?:.*\|)?(?:required|nullable|sometimes|string)[|:].*      # what a form asks of a value
    | .* EXAMPLE (?:KEY)?                                       # what AWS has in its documentation
    | mF_9\.B5f-4\.1JqM | 2YotnFZFEjr1zCsicMWpAA | tGzv3JOkF0XG5Qx2TlKWIA | SlAV32hkKG   # RFC 6749 and 6750
    | czZCaGRSa3F0MzpnWDFmQmF0M2JW | QWxhZGRpbjp(?:vcGVuIHNlc2FtZQ==|PcGVuU2VzYW1l)        # RFC 6749 and 7617
    | (?: /9j/4 | iVBORw0KGgo | R0lGOD ) .{20,}                 # an image in base64
    | pk_(?:live|test)_\w+                                      # a key that is there to be published
    | sk_test_4eC39Hq.* | Eby8vdM02xNOcqF.*                      # keys that Stripe and Azurite tell everybody
    | (?i:e3b0c44298fc1c14|da39a3ee5e6b4b0d|d41d8cd98f00b204|4b825dc642cb6eb9)[0-9a-f]+   # the hash of nothing
    | (?i:(?:0x)?(?:2b7e151628aed2a6abf71588|(?:00)?0102030405060708))[0-9a-fA-F]*       # a key of test vectors
    | [ACGTUN]{20,}                                             # a sequence of DNA
    | [A-Z]{14}-[A-Z]{10}-[A-Z]                                 # the key of an InChI, a chemical's name
    | 0x[0-9A-Fa-f]{40}                                         # an address of Ethereum
    | [a-z][\w.-]*-cache                                        # what a cache is called
    | (?P<unit>.{1,16}?) (?P=unit){2,}                          # the same again and again
    | .* (?: \xc2[\xab\xbb\xa6] | \[[^\]]+\]\{\d+\} ) .*        # an example in a rule file: see notation.py
    """,
    DOTALL | VERBOSE,
)
"""Values that are no secrets, whatever they are given to."""
_STANDS_FOR = pattern(
    rb"""(?ix)
    (?: my|your|the|a|some|test|user|secret|new )? [_.-]?
    (?: pass(?:word|wd)? | pwd | secret | token | test | user | foo | bar | changeme | example
      | x+ | 1234*5*6* | \*+ | \W*
    )
    """
)
"""Words that stand for a password, as the examples of `Authorization: Basic` have them."""
_EXAMPLE_HOST = pattern(
    rb"""(?ix)
    @ (?:[\w-]+\.){0,3}
    (?: example | invalid | test | domain | hostname | your[\w-]* ) (?:\.\w+)?
    [:/\"'\s]
    """
)
"""What follows a password in a URL that documentation made up; RFC 2606 reserves the first three names."""
_HASHED = pattern(rb"[a-z][a-z0-9.-]{1,40}-[0-9a-f]{40,64}")
"""What a cache knows its entries by."""
_WORD = pattern(rb"[A-Z][a-z]{5,}")
_FINGERPRINT = pattern(rb"[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{40}")
_SHORT_NUMBER = 5
"""The fewest characters beside the words of a name that say that a value is more than these."""
_OF_A_SENTENCE = 4
"""The fewest words of a text that tells something."""
_LOOKED_UP = pattern(rb"[\"']\]?\)?\.(?:get_?)?(?i:password|secret|token|key)")
"""What follows the name of an entry whose secret is asked for: `get_connection("mail").password`."""
_LOOKS_UP = pattern(r"(?:^|[^\w])(?:hiera|lookup|getenv|ssm|(?i:get_?(?:secret|param(?:eter)?|credential)\w*))$")
"""Functions that are given the name of a secret."""
_BASE64 = pattern(rb"(?:[A-Za-z0-9+/]{4}){1,30}(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)")
_OF_FINGERPRINTS = frozenset({"gpg", "pgp"})
"""Words in the name of a key that is named by its fingerprint."""
_ARN = pattern(rb"arn:aws[\w-]*:[\w-]*:[\w-]*:\d*:[\w/:-]*$")
_OTHER_LETTERS, _DIGIT = pattern(rb"[\x80-\xff]"), pattern(rb"[0-9]")
"""Bytes of letters that are none of English, and digits."""
_IS_NAME = pattern(rb"[\"'][ ]?(?:=>|:)")
WORDS = pattern("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""The words of a value, in camelCase or with anything between them."""
_SHORTEST_OF_BARE = 8
"""The fewest bytes of a value that is given to `key` alone: shorter ones are names of entries and of keys to press."""


def is_no_secret(text: bytes, start: int, end: int) -> bool:
    """Whether a value is none, whatever it is given to."""
    return _NO_SECRET.fullmatch(text, start, end) is not None


def objection(found: Lead, text: bytes, start: int, end: int) -> str:
    """Why it is plain, from the name and how the value is given to it, that this is no secret; nothing if it is not."""
    return next((reason for applies, reason in _objections(found, text, start, end) if applies), "")


def _objections(found: Lead, text: bytes, start: int, end: int) -> Iterator[tuple[object, str]]:
    """Yield whether each applies, and what it says; the next one is worked out when it is asked for."""
    name, value = names.read(found.name), text[start:end]
    is_basic = found.form == "header" and found.call.lower() == "basic"
    yield name.others_after or name.not_one_before, "its name speaks of something else than a secret"
    yield name.kind != "password" and value.isdigit(), "a number"
    yield name.kind == "password" and _speaks_of_passwords(value), "it says what its name says"
    yield name.bare and len(value) < _SHORTEST_OF_BARE, "its name says little, and it is short"
    yield name.bare and _HASHED.fullmatch(value), "its name says little, and it is a word with a hash"
    yield found.operator == "," and _IS_NAME.match(text, end), "it is a name itself"
    yield _LOOKED_UP.match(text, end), "the name of what is looked up"
    yield _LOOKS_UP.search(found.call), "the name of what is looked up"
    yield _is_stand_in_in_base64(value), "base64 of a word that stands for one"
    yield _is_of_a_language(value), "words of a language"
    yield _repeats(name.words, value), "it has the words of its name"
    yield name.kind != "password" and _WORD.fullmatch(value), "a word"
    yield name.kind == "key" and _OF_FINGERPRINTS & set(name.words) and _FINGERPRINT.fullmatch(value), "a fingerprint"
    yield _ARN.search(text, max(0, start - REACH), start), "part of the name of a thing at AWS"
    yield found.form == "url" and _EXAMPLE_HOST.match(text, end, end + AFTER), "the URL of an example"
    yield is_basic and not _is_basic(value), "not base64 of a user's name and a password that is one"


def _repeats(words: tuple[str, ...], value: bytes) -> bool:
    """Whether a value is words of its own name, and a number at most."""
    own = [word.lower() for word in WORDS.findall(value.decode("utf-8", "replace"))]
    return bool(own) and set(own) <= set(words) and len(value) < sum(map(len, own)) + len(own) + _SHORT_NUMBER


def _is_of_a_language(value: bytes) -> bool:
    """Whether a value is words in another script than that of keys, or with other letters: `Passwort bestätigen`."""
    others = len(_OTHER_LETTERS.findall(value))
    return others > len(value) // 2 or (others > 0 and not _DIGIT.search(value))


def _speaks_of_passwords(value: bytes) -> bool:
    """Whether a value is words about a password, as an interface has them: `Wachtwoord vergeten?`."""
    text = value.decode("utf-8", "replace")
    is_told = len(text.split()) >= _OF_A_SENTENCE or not any(map(str.isdigit, text))
    return is_told and names.read(text).kind == "password"


def _is_stand_in_in_base64(value: bytes) -> bool:
    """Whether a value is base64 of a word that stands for one, as in the template of a Kubernetes secret."""
    if not _BASE64.fullmatch(value):
        return False
    decoded = a2b_base64(value)
    return bool(_STANDS_FOR.fullmatch(decoded)) or (decoded[:1] == b"<" and decoded[-1:] == b">")


def _is_basic(value: bytes) -> bool:
    """Whether this is base64 of `name:password`, and the password no word that stands for one."""
    try:
        name, colon, password = a2b_base64(value + b"=" * (-len(value) % 4)).partition(b":")
    except ValueError:
        return False
    return bool(colon and password) and password.lower() != name.lower() and not _STANDS_FOR.fullmatch(password)

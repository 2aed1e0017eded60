"""What a value says about itself: each filter weighs a match, and says why.

A filter takes the value and its surroundings and returns None where it has nothing to say, or a factor for the
confidence and the reason for it. A factor of 0 means: this is not a secret.
"""

from __future__ import annotations

from binascii import a2b_base64
from itertools import pairwise

from tightlip.engine import checksums
from tightlip.model import Value
from tightlip.patterns import IGNORECASE, VERBOSE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Verdict: TypeAlias = tuple[float, str]
    Filter: TypeAlias = Callable[[str, "Surroundings"], Verdict | None]


class Surroundings(Value):
    """Where a value stands in a text."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: bytes, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end


_PLACEHOLDER = pattern(
    r"example|sample|placeholder|change[_-]?me|your[_-]?|x{4,}|dummy|redacted|\binsert\b|replace[_-]?(?:me|this|with)"
    r"|\btodo\b|\bfake|\bfoo(?:bar)?\b|\*{3,}|\.{3}|<[^<>]*>|\bnone\b|\bnull\b|\btrue\b|\bfalse\b|\bundefined\b"
    r"|^(?:my|the|some|a)[_-]?(?:secret|password|token|key|api)|^(?:secret|password|passwd|token|key|user|pass)$"
    r"|^\d{4}-\d\d-\d\d(?:[T ]|$)|^__\w+__$|^@\w+@$",
    IGNORECASE,
)
_REFERENCE = pattern(
    r"""[$#%@]?\{ | \$\(? [A-Za-z_(] | ^[%&!@] | <%  | \}\}
    | process\.env | os\.(?:environ|getenv) | \bENV\[ | getenv | \benv\( | System\. | \bsecrets?\. | \bvars?\.
    | \bvault: | ^[\w.:>-]+\([\w\s.,:;'"`$/+|&=\[\]{}()\\*<>!?-]*\)?$
    | ^[\w>-]+\[.*\]?$ | ^ENC\[ | ^!vault | ^[A-Za-z_]+\d?(?:\.[A-Za-z_]+\d?)+$
    | ^(?:self|this|cls)\b""",
    VERBOSE,
)
_IDENTIFIER = pattern(
    r"[A-Za-z]{2,}(?:[_.\-:/ ][A-Za-z]+)+[_.\-:/]?|[a-z]{3,}(?:[A-Z][a-z]+)+|[A-Z][a-z]{2,}(?:[A-Z][a-z]+)+"
    r"|[A-Z_]+|__\w+__"
)
_KEY = pattern(
    rb"((?:\w+::)?[A-Za-z0-9_.\-]{1,80})[\"'\]]{0,2}\s{0,8}(?::\s{0,3}\w{1,10}\s{0,3})?"  # a name, and perhaps its type
    rb"(?::=|=>|={1,3}|:|,)\s{0,8}[urbf]{0,2}[\"'`]?$"
)
_OTHER_KEYS = pattern(
    r"::|(?:next|page|continuation|pagination|sync|cancel(?:lation)?|start|end|csrf|xsrf|resume|client_?request)_?token"
    r"|idempotency_?token|token_?(?:type|url|uri|name|id|endpoint|format|kind|count|index|s)$"
    r"|(?:secret|key|token|password|credentials?)_?(?:name|arn|ref|path|file|type|class|label|field|column|hint|help"
    r"|error|message|prompt|text|title|policy|regex|pattern|length|algorithm|encoder|provider|source|manager|url|uri)s?$"
    r"|(?:public|primary|foreign|sort|partition|cache|row|hash|object|storage)_?key|key_?(?:id|code|usage)s?$|token_?bucket",
    IGNORECASE,
)
_FEWEST_BLANKS = 11
"""Between the words of the shortest recovery phrase."""
_UUID = pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PATH = pattern(
    r"^arn:|^(?:[a-z][a-z0-9+.-]*:/)?/|^\.{0,2}/|^[A-Za-z]:\\|^~/"
    r"|\.(?:py|js|ts|json|ya?ml|pem|txt|html|xml|md|go|java|rb|php|conf|key|crt)$",
    IGNORECASE,
)
_HASH_NAME = pattern(
    rb"(?i)(?:sha\d*|md5|checksum|digest|integrity|commit|revision|etag|fingerprint|hash)[\w.\-]{0,20}"
    rb"[\"']?\s{0,3}[:=]\s{0,3}[\"']?$"
)


_NOTATION = pattern(rb"\xc2[\xab\xbb\xa6]|\]\{\d+\}")
_BEHIND = 6
"""How far behind a value `]{32}` may end, of which a value can hold no brace."""


def is_in_notation(around: Surroundings) -> bool:
    """Whether a value is an example in a rule file, written as notation.py says: no value, but how one is made.

    Marks that stand around a value do not count: they are quotation marks in French, German and Russian.
    """
    found = _NOTATION.search(around.text, around.start, around.end + _BEHIND)
    return found is not None and (found.start() < around.end or found[0].startswith(b"]"))


def placeholder(value: str, around: Surroundings) -> Verdict | None:
    """A stand-in for a value: `changeme`, `<token>`, `xxxxxxxx`, `your-api-key`, one repeated character, `12345678`."""
    if is_in_notation(around):
        return 0.0, "an example in a rule file"
    if found := _PLACEHOLDER.search(value):
        return 0.0, f"a placeholder ({found[0][:12]})"
    if len(set(value)) <= 2 or _period(value) or _is_run(value):
        return 0.0, "a pattern of characters, not a value"
    return None


def _period(value: str) -> bool:
    """Whether the value is a short unit three times or more, the last one perhaps cut."""
    return any(
        value == (value[:size] * (len(value) // size + 1))[: len(value)] for size in range(1, len(value) // 3 + 1)
    )


def _is_run(value: str) -> bool:
    """Whether most characters follow their neighbour in the alphabet: `abcdefgh`, `12345678`, `0987654321`."""
    steps = [ord(right) - ord(left) for left, right in pairwise(value)]
    return max(steps.count(1), steps.count(-1)) >= 0.7 * len(steps)


def reference(value: str, around: Surroundings) -> Verdict | None:
    """The name of a value kept elsewhere, or a sealed one: `${TOKEN}`, `{{ token }}`, `os.environ[...]`, `ENC[...]`."""
    after = around.text[around.end : around.end + 1]
    if is_in_notation(around):
        return 0.0, "an example in a rule file"
    if _REFERENCE.search(value) or after in {b"(", b"["}:
        return 0.0, "a reference to a value kept elsewhere"
    return None


def key_name(value: str, around: Surroundings) -> Verdict | None:
    """A key that speaks of secrets and holds none: `next_token`, `token_url`, `secret_name`, `public_key`."""
    before = around.text[max(0, around.start - 120) : around.start]
    key = _KEY.search(before)
    if key and _OTHER_KEYS.search(key[1].decode("ascii", "replace").replace("-", "_")):
        return 0.0, "the key names something else than a secret"
    return None


def words(value: str, around: Surroundings) -> Verdict | None:
    """An identifier or a piece of prose."""
    if value.count(" ") >= _FEWEST_BLANKS and _is_phrase(value):  # words, yet a secret
        return None
    if _IDENTIFIER.fullmatch(value):
        return 0.0, "an identifier or words"
    if value.count(" ") >= 2:
        return 0.0, "prose"
    if value.isalpha() and len(value) >= 8 and 0 < sum(map(str.isupper, value[1:])) <= len(value) // 4:
        return 0.0, "words run together"
    if value.isalpha() and (value.islower() or value.isupper() or value.istitle()):
        return 0.5, "letters only"
    return None


def _is_phrase(value: str) -> bool:
    from tightlip.engine import recovery  # late: hardly a commit has one

    return recovery.is_phrase(value)


def path_like(value: str, around: Surroundings) -> Verdict | None:
    """A file's path or a URL without credentials."""
    return (0.0, "a path or an address") if _PATH.search(value) else None


def uuid(value: str, around: Surroundings) -> Verdict | None:
    """A UUID: an identifier more often than a secret."""
    return (0.5, "a UUID") if _UUID.fullmatch(value) else None


def hash_(value: str, around: Surroundings) -> Verdict | None:
    """A checksum or commit id, by the name before it."""
    before = around.text[max(0, around.start - 60) : around.start]
    return (0.0, "a checksum, by its name") if _HASH_NAME.search(before) else None


def crc32_base62(value: str, around: Surroundings) -> Verdict | None:
    """The checksum that GitHub and npm build into their tokens."""
    if checksums.crc32_base62(value):
        return 1.09, "its built-in checksum is right"
    return 0.7, "its built-in checksum is wrong: revoked, mistyped or made up"


def bech32(value: str, around: Surroundings) -> Verdict | None:
    """The checksum that age builds into its keys."""
    if checksums.bech32(value):
        return 1.09, "its built-in checksum is right"
    return 0.7, "its built-in checksum is wrong: mistyped or made up"


def base64_json(value: str, around: Surroundings) -> Verdict | None:
    """A value whose first part must be base64 of a JSON object."""
    return None if _opens_json(value.partition(".")[0]) else (0.0, "not base64 of JSON")


def jwt(value: str, around: Surroundings) -> Verdict | None:
    """A JSON Web Token: its header must decode to JSON that names an algorithm."""
    header = _decode(value.partition(".")[0])
    if not header.startswith(b"{") or b'"alg"' not in header:
        return 0.0, "its header is not that of a JSON Web Token"
    return None


def _opens_json(part: str) -> bool:
    return _decode(part).lstrip()[:1] == b"{"


def _decode(part: str) -> bytes:
    try:
        return a2b_base64(part[: len(part) // 4 * 4].replace("-", "+").replace("_", "/"))
    except ValueError:
        return b""


def random_(value: str, around: Surroundings) -> Verdict | None:
    """Whether the characters look drawn at random: letters that make words are an identifier more often."""
    from tightlip.engine.assignment import is_random

    return None if is_random(value) else (0.2, "not random enough")


def assignment(value: str, around: Surroundings) -> Verdict | None:
    """A value that is given to a name, by both and by how: what was learned from labelled lines weighs them."""
    from tightlip.engine.assignment import chance

    return chance(around.text, around.start, around.end)


FILTERS: dict[str, Filter] = {
    "placeholder": placeholder,
    "reference": reference,
    "key-name": key_name,
    "words": words,
    "path-like": path_like,
    "uuid": uuid,
    "hash": hash_,
    "crc32-base62": crc32_base62,
    "bech32": bech32,
    "base64-json": base64_json,
    "jwt": jwt,
    "random": random_,
    "assignment": assignment,
}
"""Each filter by the name that rule files use."""

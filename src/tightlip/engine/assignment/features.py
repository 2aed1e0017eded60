"""What a value and what stands around it say, as numbers: what the scorer weighs."""

from __future__ import annotations

from itertools import pairwise
from math import log2

from tightlip.engine.assignment import names
from tightlip.engine.assignment.syntaxes import FORMS
from tightlip.patterns import IGNORECASE, VERBOSE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tightlip.engine.assignment.lead import Lead

_HEX = pattern(r"(?:0x)?[0-9a-fA-F]+")
_UUID = pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = pattern(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_IDENTIFIER = pattern(r"[$@]{0,2}[A-Za-z_]+\d{0,2}(?:[_.\-:/>]+[A-Za-z]*\d{0,2})*")
_DOTTED = pattern(r"[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*)+")
_CONSTANT = pattern(r"[A-Z]+(?:_[A-Z0-9]+)+")
_PATH = pattern(r"^(?:\.{0,2}/|~/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*://|\w+/\w+(?:/|$))|(?:/[\w.\-]+){2}|\.[a-z]{2,5}$")
_TEMPLATE = pattern(
    r"[$#%@]?\{\{?|\}\}|\$\(|\$[A-Za-z_]|<[^<>]*>|<%|%[sdv(]|^%\w+%$|\[[A-Za-z ]+\]|\.\.\.|…|^:\w+$|^@\w+$|__\w+__"
)
_WORD = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STAND_IN = pattern(
    r"""example|sample|placeholder|change[_-]?(?:me|it)|\byour|x{4,}|dummy|redacted|insert|replace|todo|fake|\*{3,}
    | \bnone\b|\bnull\b|\bnil\b|\btrue\b|\bfalse\b|undefined|hidden|masked|removed
    | secret|password|passwd|p[4@a]ssw[0o]rd|pass\b|token|test|demo|default|invalid|user|admin|root|login
    | value|string|mock|stub|blah|lorem|random|unsafe|insecure|foo|bar\b|baz|hello|world
    # "my", but not before a word and another that begins with a capital letter: a password is made of such
    | ^my(?!(?-i:[A-Z][a-z]+\d{0,2}[A-Z][a-z]))
    # short words that stand in many others, such as monkey, golden, bright
    | (?:(?<![A-Za-z])|(?-i:(?<=[a-z])(?=[A-Z])))
      (?:wrong|right|correct|valid|old|new|some|key|here|temp|super|strong|weak)
    | geheim|einsetzen|eintragen|ersetzen|\b(?:hier|ihr|dein|votre|ici|aqui|twoje|uw)[_-]
    | abc(?!\w*\d{4})|(?<!\d)123(?:4(?:5(?:6\d*)?)?)?(?!\d)|(?:123){2,}|s[3e]cr[3e]t(?![_.-]?\w{4})|(?:qwe|asd){2}
    | (?:qwert\w?|asdf[gh]*)(?![A-Za-z]*[0-9])""",
    IGNORECASE | VERBOSE,
)
_SPECIALS = pattern(r"[^A-Za-z0-9]+")
_BETWEEN_WORDS = pattern(r"[a-z]\d{1,4}[A-Z][a-z]")
"""A number between two words, each with a capital letter."""
_CALLS = pattern(
    r"""(?:^|[.:\s])(?:
        some | just | optional | of | none | ptr | pointer                               # what may hold a value
        | string | str | bytes? | bytearray | \[\]byte | buffer | literal | value | new[ ]\w+  # what a value is made
        | b64decode | base64 | decode | encode | hex\w* | unhexlify | parse\w* | from\w* | to\w+
        | secret\w* | password\w* | key | setenv
    ),?$""",
    IGNORECASE | VERBOSE,
)
"""Functions that are given a value itself."""
_LOOKUPS = pattern(
    r"""
    getenv | environ | \benv\b | \bget\w*$ | fetch | find | lookup | read | load | config | param | prop
    | file | open | path
    | require | import | query | header | match | select | input
    | _$ | \bt$ | i18n | translate | gettext | format | printf | print | log | label | prompt | ask   # what people read
    | error | raise | throw | assert | expect | should | equal
    """,
    IGNORECASE | VERBOSE,
)
"""Functions that are given the name of a value, or a text about it."""
_LINE = pattern(r"example|sample|dummy|fake|placeholder|e\.g\.|\bfor instance|mock|stub", IGNORECASE)
_TALK = pattern(
    r"""\b(?:
        error|err|raise|throw|exception|assert\w*|failed
        | log|print|warn|message|msg
        | invalid|must|cannot|expected|usage|help|please|enter
    )\b""",
    IGNORECASE | VERBOSE,
)
"""Words of messages, which speak of secrets and hold none."""
_OPERATORS = ("=", ":", "=>", "==", ",", "<-", "")
_KINDS = tuple(names.KINDS)

NAMES: tuple[str, ...] = (
    *(
        "length",
        "short",
        "digits",
        "upper",
        "specials",
        "classes",
        "changes",
        "distinct",
        "vowels",
        "longest_word",
        "likely",
        "unlikely",
    ),
    *(
        "hex",
        "uuid",
        "number",
        "base64",
        "padded",
        "identifier",
        "dotted",
        "constant",
        "path",
        "template",
        "spaces",
        "one_case",
    ),
    *(
        "stand_in",
        "stand_in_covers",
        "same_word",
        "run",
        "called",
        "member",
        "first_special",
        "inner_special",
        "long_number",
        "between_words",
    ),
    *(f"kind_{kind}" for kind in _KINDS),
    *("others_after", "not_one_before", "last", "bare", "words_in_name", "upper_name", "letters_in_name"),
    *(f"form_{form}" for form in FORMS),
    *(f"operator_{operator}" for operator in _OPERATORS),
    *(
        "quoted",
        "call_holds",
        "call_looks_up",
        "call_other",
        "comment",
        "example_near",
        "talk",
        "semicolon",
        "alone",
        "closed",
    ),
)
"""The name of each number, in order."""


def of(value: str, lead: Lead, line: str, after: str, likelihood: Callable[[str], float]) -> list[float]:
    """Return the numbers that describe a value.

    Parameters: `lead`, what stands before it; `line`, the line before the value; `after`, what follows it;
    `likelihood`, how likely letters are to be those of a word, as the mean of a logarithm.
    """
    return [*_of_value(value, lead, after, likelihood), *_of_name(lead), *_of_place(lead, line, after)]


def _of_value(value: str, lead: Lead, after: str, likelihood: Callable[[str], float]) -> list[float]:
    size = len(value)
    digits = sum(map(str.isdigit, value))
    upper = sum(map(str.isupper, value))
    lower = sum(map(str.islower, value))
    specials = size - digits - upper - lower
    words = _WORD.findall(value)
    letters = [word.lower() for word in words if len(word) > 2]
    chances = [(likelihood(word), len(word)) for word in letters]
    total = sum(length for _, length in chances)
    stand_ins = [found[0] for found in _STAND_IN.finditer(value)]
    kinds = list(map(_kind_of, value))
    name_words = set(names.read(lead.name).words)
    return [
        log2(size + 1),
        float(size < 6),
        digits / size,
        upper / size,
        len(_SPECIALS.findall(value)) / size,
        float((digits > 0) + (upper > 0) + (lower > 0) + (specials > 0)),
        sum(left != right for left, right in pairwise(kinds)) / size,
        len(set(value)) / min(size, 40),
        sum(value.lower().count(vowel) for vowel in "aeiou") / max(1, upper + lower),
        max(map(len, words), default=0) / size,
        sum(chance * length for chance, length in chances) / total if total else -4.0,
        min((chance for chance, _ in chances), default=-4.0),
        float(bool(_HEX.fullmatch(value)) and digits > 0 and size >= 8),
        float(bool(_UUID.fullmatch(value))),
        float(value.isdigit()),
        float(bool(_BASE64.fullmatch(value)) and digits > 0 and upper > 0 and lower > 0),
        float(value.endswith("=")),
        float(bool(_IDENTIFIER.fullmatch(value))),
        float(bool(_DOTTED.fullmatch(value))),
        float(bool(_CONSTANT.fullmatch(value))),
        float(bool(_PATH.search(value))),
        float(bool(_TEMPLATE.search(value))),
        min(4.0, value.count(" ")),
        float(value.isalpha() and (upper == 0 or lower == 0)),
        float(len(stand_ins)),
        sum(map(len, stand_ins)) / size,
        sum(len(word) for word in letters if word in name_words) / size,
        _longest_run(value) / size,
        float(after.startswith("(")),
        float(after[:1] in {".", "["} or after.startswith(("->", "::"))),
        float(value[0] in "$@%&#*{[(<-+~^|\\/!."),
        float(any(character in "!@#$%^&*?~" for character in value[1:])),
        float(size >= 5 and digits / size > 0.8),
        float(bool(_BETWEEN_WORDS.search(value))),
    ]


def _kind_of(character: str) -> int:
    return 0 if character.islower() else 1 if character.isupper() else 2 if character.isdigit() else 3


def _longest_run(value: str) -> float:
    """The longest stretch in which characters follow each other in the alphabet, or are one: `1234`, `aaaa`, `dcba`."""
    longest = run = 1
    last = None
    for left, right in pairwise(value):
        step = ord(right) - ord(left)
        run = run + 1 if step == last and abs(step) < 2 else 2 if abs(step) < 2 else 1
        last = step
        longest = max(longest, run)
    return float(longest if longest > 2 else 0)


def _of_name(lead: Lead) -> list[float]:
    name = names.read(lead.name)
    return [
        *(float(name.kind == kind) for kind in _KINDS),
        float(min(3, name.others_after)),
        float(name.not_one_before),
        float(name.last),
        float(name.bare),
        float(min(6, len(name.words))),
        float(lead.name.isupper()),
        float(min(40, len(lead.name))),
    ]


def _of_place(lead: Lead, line: str, after: str) -> list[float]:
    call = lead.call if lead.form != "header" else ""
    holds, looks_up = bool(_CALLS.search(call)), bool(_LOOKUPS.search(call))
    rest = after.partition("\n")[0].strip()
    bare = line.strip()
    return [
        *(float(lead.form == form) for form in FORMS),
        *(float(lead.operator == operator) for operator in _OPERATORS),
        float(bool(lead.quote)),
        float(bool(call) and holds),
        float(bool(call) and looks_up and not holds),
        float(bool(call) and not looks_up and not holds),
        float(bare.startswith(("#", "//", "*", "/*", "<!--", ";", "--", "'''", '"""'))),
        float(bool(_LINE.search(line) or _LINE.search(rest[:80]))),
        float(bool(_TALK.search(line))),
        float(rest.endswith((";", "{", "(", ")"))),
        float(not rest),
        float(after[:1] in {'"', "'", "`", "&", "\\"}),
    ]

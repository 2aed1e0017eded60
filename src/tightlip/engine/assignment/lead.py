"""What stands before a value: the name that it is given to, and how.

The patterns of generic rules only say that a word such as `password` or `token` stands somewhere before a value. This
reads what lies between them, in the syntax of whatever file it is.
"""

from __future__ import annotations

import regex
from typing import NamedTuple

REACH = 200
"""The most bytes before a value that are read."""


class Lead(NamedTuple):
    """How a value is given to a name."""

    form: str
    """The syntax: one of `FORMS`."""
    name: str
    """What the value is given to: `DB_PASSWORD`, `client.secret`."""
    operator: str
    """What stands between the two: `=`, `:`, `=>`, `==`, `,` or nothing."""
    quote: str
    """The quotation mark that opens the value, if there is one."""
    call: str
    """The function that the value is an argument of: `Some`, `getenv`."""


_NAME = r"(?P<name>[^\W\d]?[\w$@][\w.\-$@]*(?:[ ][\w\-]+){0,1}|[\w.\-]+)"
_QUOTE = r"(?P<quote>\\{0,3}[\"'`]{1,3}|&(?:quot|apos|\#39|\#34);|[‘“])"
_CALLS = r"""
    (?P<call>(?:(?:new|await|return|not)\s+)?(?:(?:[&*@]|\[\])?[A-Za-z_][\w.:<>\[\]!]*[({]\s*|\(\s*){0,3}
    (?:(?:None|null|nil|undefined)\s*,\s*)?)
    (?:[\[{]\s*)?(?:[A-Za-z]{1,2}|@|\$)??"""
_CLOSE = r"(?:\\{0,3}[\"'`]|&(?:quot|apos|\#39|\#34);|[\])}>*]){0,4}"

_FORMS: tuple[tuple[str, str], ...] = (
    ("pair", rf"(?:name|key|id|n|field|variable)[\"'\]]{{0,2}}\s*[:=]\s*[\"']?{_NAME}[\"']?[\s,;]+[\"']?"
             rf"(?P<operator>value|v|val|default|content|data)[\"']?\s*[:=]\s*{_QUOTE}?"),
    ("list", rf"{_NAME}{_CLOSE}\s*(?P<operator>[:=]|=>)\s*\[\s*(?:[\"'][^\"'\r\n]{{4,80}}[\"']\s*,\s*){{0,3}}{_QUOTE}"),
    ("variable", r"(?:variable|parameter)\s+\"?(?P<name>[\w.\-]+)\"?\s*\{[^{}]*?(?P<operator>default)\s*=\s*[\"']"),
    ("element", r"(?:<(?:key|name)>(?P<name>[\w.\- ]+)</(?:key|name)>\s*<(?:string|value)>|<(?:[\w\-]+[ ](?:[\w\-]+=\"[^\"]*\"[ ]){0,2}(?:name|key|id)=[\"'])?"
                r"(?P<name2>[\w:.\-]+)(?:[\"'][^<>]*|\s[^<>]*)?>\s*(?:<value>\s*)?(?:<!\[CDATA\[)?)"),
    ("header", r"(?:(?P<name>[\w\-]+)(?:\\{0,3}[\"'])?\s{0,3}(?P<operator>[:=,]|=>)\s{0,3}(?:\\{0,3}[\"'`])?)?"
               r"(?P<call>bearer|basic|api-?key|token|digest|negotiate|ntlm|oauth)[ \t]+"),
    ("url", r"(?P<name>[a-z][a-z0-9+.\-]*)(?P<operator>://)[^\s:/@\"'<>]{0,80}:"),
    ("query", r"[?&;](?:amp;)?(?P<name>[\w.\-\[\]%]+)(?P<operator>=)"),
    ("user", r"(?:(?P<name>-u|--?user(?:name)?|\w*auth\w*|login|b64encode|passin|passout)(?:\W|\bb){0,6}[\w.\-@]+(?P<operator>:))"),
    ("option", rf"(?<![\w])--?(?P<name>[A-Za-z][\w.\-]*)(?P<operator>[\"']?(?:=|[ \t]+|[\"'],\s*)){_QUOTE}?"),
    ("fallback", rf"{_NAME}[\"'`\])}}]{{0,4}}[!?]?\s{{0,3}}(?P<operator>\|\||\?\?|\?:|//|\bor\b"
                 rf"|\.\s*\w*(?:unwrap_or|or_?else|else|default|fallback)\w*\(|,\s*(?:default|fallback)\w*\s*[=:])\s{{0,3}}{_CALLS}{_QUOTE}"),
    ("given", rf"{_NAME}{_CLOSE}[ \t]*(?::[ \t]*(?P<type>(?:&'static )?[&*?\w.\[\]<>]{{1,30}}?)[ \t]*(?==))?"
              rf"(?P<operator>:=|=>|->|<-|[=!]==?|\?=|\|\|=|\?\?=|\+=|[:=]|,)(?:[ \t]*[|>][+-]?(?=\s))?\s{{0,40}}{_CALLS}{_QUOTE}?"),
    ("argument", rf"{_NAME}(?P<operator>)\(\s*{_CALLS}{_QUOTE}"),
    ("said", rf"{_NAME}[\"'`)]*[ \t]+(?P<operator>is|was|to|as|of)[ \t:]+{_QUOTE}?"),
    ("sql", rf"(?P<name>identified|password)[ \t]+(?P<operator>by|as|with[ \t]+\S+[ \t]+(?:by|as))?[ \t]*{_QUOTE}?"),
    ("spaced", rf"(?P<name>[\w.\-$]+)[\"'`]?(?P<operator>[ \t]+|[ \t]*[|,;\t][ \t]*){_QUOTE}?"),
)  # fmt: skip
FORMS = tuple(form for form, _ in _FORMS)
"""Every syntax, in the order that they are tried."""
_READERS = [(form, regex.compile(rf"(?r)(?:{pattern})", regex.VERBOSE | regex.IGNORECASE)) for form, pattern in _FORMS]


def read(text: bytes, start: int) -> list[Lead]:
    """Return all that can be read before the value at `start`, the likeliest first."""
    before = text[max(0, start - REACH) : start].decode("utf-8", "replace")
    return [_lead(form, found) for form, reader in _READERS if (found := reader.match(before))]


def _lead(form: str, found: regex.Match[str]) -> Lead:
    groups = found.groupdict()
    name = "password" if form in {"sql", "url", "user"} else groups.get("name") or groups.get("name2") or ""
    call = (groups.get("call") or "").strip(" (\n\t{")
    return Lead(
        form,
        name,
        (groups.get("operator") or "").strip(" \t\"',") or ("," if groups.get("operator") else ""),
        groups.get("quote") or "",
        call,
    )

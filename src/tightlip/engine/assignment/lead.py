"""What stands before a value: the name that it is given to, and how.

The patterns of generic rules only say that a word such as `password` or `token` stands somewhere before a value. This
reads what lies between them, in the syntax of whatever file it is.
"""

from __future__ import annotations

from tightlip.engine.around import AFTER
from tightlip.model import Value
from tightlip.patterns import IGNORECASE, VERBOSE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex

REACH = 200
"""The most bytes before a value that are read."""


class Lead(Value):
    """How a value is given to a name.

    `form` is the syntax, one of `FORMS`; `name` is what the value is given to: `DB_PASSWORD`, `client.secret`;
    `operator` is what stands between the two: `=`, `:`, `=>`, `==`, `,` or nothing; `quote` is the quotation mark that
    opens the value, if there is one; `call` is the function that the value is an argument of: `Some`, `getenv`.
    """

    __slots__ = ("call", "form", "name", "operator", "quote")

    def __init__(self, form: str, name: str, operator: str, quote: str, call: str) -> None:
        self.form = form
        self.name = name
        self.operator = operator
        self.quote = quote
        self.call = call


_NAME = r"""(?P<name>
    (?:checksum/)? [^\W\d]? [\w$@] [\w.\-$@]* (?:[ ][\w\-]+)?   # a word, or two with a blank between them
    | [\w.\-]+
)"""
"""What a value is given to."""
_ENTITY = r"&(?:quot|apos|\#39|\#34);"
"""A quotation mark in HTML and XML."""
_QUOTE = rf"(?P<quote> \"?\\{{0,3}}[\"'`]{{1,3}} | {_ENTITY} | [‘“])"
"""What opens a value; in a text within a text, with backslashes before it, of which the outer one may open here."""
_CLOSE = rf"(?: \\{{0,3}}[\"'`] | {_ENTITY} | [\])}}>*] ){{0,4}}"
"""What closes a name: `password"]`, `<b>password</b>`, `**password**`."""
_VALUE = r"(?: \w{0,12}? (?P<operator>value|v|val|default|content|data) )"
"""What a value is called where its name stands apart: `value`, `ParameterValue`."""
_OTHER = r"""
    [\"']? (?:type|description|kind|sensitive|enabled|required|scope|noecho|m(?:ax|in)length) [\"']?
    \s*[:=]\s* [\"']?[^\"',;{}\r\n]{0,60}[\"']?
"""
"""What else is said of a value in an entry."""
_CALLS = r"""
    (?P<call>
        (?: (?:new|await|return|not)\s+ )?
        (?: (?:[&*@]|\[\])? [A-Za-z_][\w.:<>\[\]!]* [({]\s* | \(\s* ){0,3}   # Some(, []byte(, new Key{
        (?: (?:None|null|nil|undefined)\s*,\s* )?
    )
    (?: [\[{]\s* | << )?
    (?: [A-Za-z]{1,2} | @ | \$ )??                                           # the prefix of a text: b"", f"", @""
"""
"""Functions that a value is an argument of."""

_PATTERNS = {
    # name: DB_PASSWORD, value: "..."
    "pair": rf"""
        (?:
            (?:name|key|id|n|field|variable) [\"'\]]{{0,2}} \s*[:=]\s* [\"']? {_NAME} [\"']?
            [\s,;]+ (?: {_OTHER} [\s,;]+ ){{0,2}}
            [\"']? {_VALUE} [\"']? \s*[:=]\s*
            | --name[ =] [\"']?(?:/?[\w\-]+/)* (?P<name2>[\w.\-]+) [\"']? (?:[ ]--?\S+[ ]\S+){{0,2}} [ ]--value[ =]
        ) {_QUOTE}?
    """,
    # in a list, after others: passwords = ["the first", "..."
    "list": rf"""
        {_NAME} {_CLOSE} \s* (?P<operator>[:=]|=>) \s*
        \[\s* (?: [\"'][^\"'\r\n]{{4,80}}[\"'] \s*,\s* ){{0,3}} {_QUOTE}
    """,
    # variable "password" { default = "...", "password": { "value": "...
    "variable": rf"""
        (?:
            (?:variable|parameter)\s+ \"?(?P<name>[\w.\-]+)\"? \s*\{{ [^{{}}]*?
            | (?P<name2>[\w.\-]+) [\"']? \s* (?: => | [:=] ) \s* \{{? \s* (?: {_OTHER} [\s,;]+ ){{0,4}}
        )
        [\"']? (?P<operator>value|default) [\"']? \s*[:=]\s* {_QUOTE}?
    """,
    # <key>password</key><string>..., <add key="password" value="">..., <password>...
    "element": r"""
        (?:
            <(?:key|name)> (?P<name>[\w.\- ]+) </(?:key|name)> \s* <(?:string|value)>
            |
            <(?: [\w\-]+[ ] (?:[\w\-]+=\"[^\"]*\"[ ]){0,2} (?:name|key|id)=[\"'] )? (?P<name2>[\w:.\-]+)
            (?: [\"'][^<>]* | \s[^<>]* )? >
            \s* (?:<value>\s*)? (?:<!\[CDATA\[)?
        )
    """,
    # Authorization: Bearer ...
    "header": r"""
        (?:
            (?P<name>[\w\-]+) (?:\\{0,3}[\"'])? \s{0,3}
            (?P<operator>[:=,]|=>) \s{0,3} (?:\\{0,3}[\"'`])?
        )?
        (?P<call>bearer|basic|api-?key|token|digest|negotiate|ntlm|oauth) [ \t]+
    """,
    # postgres://user:...
    "url": r"""(?P<name>[a-z][a-z0-9+.\-]*) (?P<operator>://) [^\s:/@\"'<>]{0,80} :""",
    # ?token=...
    "query": r"""[?&;](?:amp;)? (?P<name>[\w.\-\[\]%]+) (?P<operator>=)""",
    # curl -u user:..., b64encode(b"user:..., login("user", "...
    "user": r"""
        (?P<name>
            -u | --?user(?:name)? | \w*auth\w* | login | \w*credentials? | creds | b64encode | btoa | \w*encode\w*
            | from | passin | passout | basic | \w*connect | sequelize
        )
        (?:
            (?:\W|\bb){0,6}
            | [(\[] (?:[\"'][^\"'\r\n]{1,120}[\"'],\s{0,20})? (?:\d{1,5},\s?)? [\"']    # an address and a port
        )
        [\w.\-@+]+ (?P<operator> [ ]?[:/][ ]? | [\"']\s*,\s*[\"'] )
    """,
    # --password=..., "--password", "..."
    "option": rf"""
        (?<![\w]) --?(?P<name>[A-Za-z][\w.\-]*)
        (?P<operator> [\"']? (?: = | [ \t]+ | [\"'],\s* ) ) {_QUOTE}?
    """,
    # process.env.PASSWORD || "..."
    "fallback": rf"""
        {_NAME} [\"'`\])}}]{{0,4}} [!?]? \s{{0,3}}
        (?P<operator>
            \|\| | \?\? | \?: | // | \bor\b | (?<=\)[ ]?) \{{
            | \.\s* \w*(?:unwrap_or|or_?else|else|default|fallback|send_?keys|fill|type|setvalue)\w* \( (?:\|\w*\|)?
            | ,\s* (?:default|fallback)\w* \s*[=:]
        )
        \s{{0,3}} {_CALLS} {_QUOTE}
    """,
    # password: str = "...", password => ..., password := Some("...
    "given": rf"""
        {_NAME} (?:\[\w*\])? {_CLOSE} [ \t]*
        (?: (?<!\$env) :[ \t]* (?:&'static)? [&*?\w.\[\]<>]{{1,30}}? [ \t]* (?==) # the type of what it is given to
            | \bAs[ ]\w+[ ]
            | \{{[ ]*get;[^{{}}]*\}}[ ]* )?
        (?P<operator> := | => | -> | <- | [=!]==? | \?= | \|\|= | \?\?= | \+= | [:=] | , )
        (?: [ \t]* (?: [|>][+-]? | \\ ) (?=\s) )?        # a block of text in YAML, a line that goes on
        \s{{0,40}} (?: [^\r\n=]{{1,80}} [ ]else[ ] )? {_CALLS} {_QUOTE}?
    """,
    # set_password("..., createHmac("sha256", "..., password() { return "...
    "argument": rf"""
        {_NAME} (?:\.new)? (?P<operator>)
        (?: [({{]\s* (?: [\"'](?:sha|md|hs)[\w\-]{{1,8}}[\"'] \s*,\s* )? | \(\) [^{{}}\r\n]{{0,40}} \{{\s* return\s+ )
        {_CALLS} {_QUOTE}
    """,
    # [secrets] mailer = "..., "api_keys": { "mailer": "...
    "section": rf"""
        (?P<name>\w*(?:secrets?|tokens|passwords|keys|credentials)) [\"']? \]?
        \s{{0,3}} (?P<operator>[:=\]]) \s{{0,3}} \{{?
        (?: [ \t]*\r?\n [ \t]* [\"']?[\w.\-]+[\"']? [ ]?[:=][ ]? [^\r\n\[{{]+ ){{0,3}}
        [ \t]* \r?\n [ \t]* [\"']?[\w.\-]+[\"']? [ ]?[:=][ ]? {_QUOTE}?
    """,
    # the password is "..."
    "said": rf"""
        {_NAME} [\"'`)]* [ \t]+ (?:for[ ][\w .\-]{{2,40}}[ ])?
        (?P<operator>is|was|to|as|of) [ \t:]+ {_QUOTE}?
    """,
    # IDENTIFIED BY '...
    "sql": rf"""
        (?P<name>identified|password) [ \t]+
        (?P<operator> by | as | with[ \t]+\S+[ \t]+(?:by|as) )? [ \t]* {_QUOTE}?
    """,
    # password ..., | password | ...
    "spaced": rf"""
        (?P<name>[\w.\-$]+) [\"'`]?
        (?P<operator> [ \t]+ | [ \t]*[|,;\t][ \t]* ) @? {_QUOTE}?
    """,
}
"""Every syntax, by what it is called, in the order that they are tried: an example stands above each."""
FORMS = tuple(_PATTERNS)
"""What the syntaxes are called; features.py counts them in this order."""
_NEEDS: dict[str, tuple[str, ...]] = {
    "pair": ("value", "val", "v=", "v:", 'v"', "v ", "default", "content", "data"),
    "list": ("[",),
    "variable": ("default", "value"),
    "url": ("://",),
    "option": ("-",),
    "fallback": (
        "||",
        "??",
        "?:",
        "//",
        "or ",
        "or(",
        "{",
        "unwrap",
        "else",
        "default",
        "fallback",
        "keys(",
        "fill",
        "type",
    ),
    "argument": ("(", "{"),
}
"""What a syntax cannot be without: a pattern takes milliseconds to compile, and most commits need few of them."""
_ENDS: dict[str, tuple[str, ...]] = {
    "list": ("[", ","),
    "element": (">", "["),
    "header": ("bearer", "basic", "key", "token", "digest", "negotiate", "ntlm", "oauth"),
    "query": ("=",),
    "user": (":", "/", ","),
    "said": ("is", "was", "to", "as", "of", ":"),
    "sql": ("by", "as", "password", "identified"),
}
"""What stands last before a value in a syntax, but for white space and a quotation mark."""
_BLANKS = " \t\r\n\"'`\\"
_OTHER_MARKS = (";", "“", "‘")
"""How those quotation marks end that are none of the usual ones, such as `&quot;`."""
_OF_PASSWORDS = frozenset({"sql", "url", "user"})
"""Syntaxes in which a password stands, whatever is before it."""
_UNNAMED = rf"(?r) [\"'\s<,{{] (?:value|val|default) [\"']? \s*[:=]\s* {_QUOTE}?"
_NAMED_AFTER = rf"[\"']? [\s,;]{{1,40}} [\"']? (?:name|key|id) [\"']? \s*[:=]\s* [\"']? {_NAME}"
"""The name of a value that comes after it: "value": "...", "name": "password"."""
_COMPARED_AFTER = rf"[\"']\.equals\w*\(\s{{0,4}}{_NAME}"
"""What a text is compared with: "...".equals(password)."""
_BACKWARDS = {form: rf"(?r)(?:{source})" for form, source in _PATTERNS.items()}
"""Every syntax, to be read backwards from the value."""


def read(text: bytes, start: int, end: int) -> Iterator[Lead]:
    """Yield all that can be read before the value from `start` to `end`, the likeliest first, and what stands after."""
    before = text[max(0, start - REACH) : start].decode("utf-8", "replace")
    lowered = before.lower()
    for form in FORMS:
        if _may_be(form, lowered) and (found := _read(_BACKWARDS[form], before)):
            yield _lead(form, found)
    after = text[end : end + AFTER].decode("utf-8", "replace")
    if (
        lowered.rstrip(_BLANKS).endswith((":", "="))
        and _read(_UNNAMED, before)
        and (found := _read(_NAMED_AFTER, after))
    ):
        yield Lead("pair", found["name"], "value", "", "")
    if found := _read(_COMPARED_AFTER, after):
        yield Lead("given", found["name"], "==", before[-1:], "")


def _read(source: str, text: str) -> regex.Match[str] | None:
    return pattern(source, VERBOSE | IGNORECASE).match(text)


def _may_be(form: str, lowered: str) -> bool:
    """Whether a syntax has what it cannot be without; `lowered` is what stands before the value, in small letters."""
    if not lowered.rstrip(_BLANKS).endswith((*_ENDS.get(form, ("",)), *_OTHER_MARKS)):
        return False
    return any(part in lowered for part in _NEEDS.get(form, ("",)))


def _lead(form: str, found: regex.Match[str]) -> Lead:
    groups = found.groupdict(default="")
    name = "password" if form in _OF_PASSWORDS else groups.get("name") or groups.get("name2", "")
    call = groups.get("call", "").strip(" (\n\t{")
    return Lead(form, name, _operator(groups.get("operator", "")), groups.get("quote", ""), call)


def _operator(found: str) -> str:
    """What stands between a name and a value, without what stands around it; a comma for what is no more than that."""
    return found.strip(" \t\"',") or ("," if found else "")

"""The syntaxes in which a value is given to a name, each as a pattern of what stands before the value.

The patterns are for `re.VERBOSE` and without regard to case. A group `name` is what the value is given to, `operator`
what stands between the two, `call` a function that the value is an argument of, and `quote` what opens the value.
"""

from __future__ import annotations

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

PATTERNS = {
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
            -u | --?user(?:name)? | \w*auth\w* | login | \w*credentials? | creds | btoa
            | (?:\w*encode(?:tostring|string)?|from)(?=\() | passin | passout | basic | \w*connect(?:ion)? | sequelize
            | \w*bind(?:_s)? | create_?(?:super)?_?user | users | accounts | logins
        )
        (?:
            (?:\W|\bb){0,8}
            | [ ]?[=:][ ]?[{(\[]{1,2}\s{0,20}[\"']
            | [(\[]\s{0,20} (?:(?:[\"'][^\"'\r\n]{1,120}[\"'] | [\w.]{1,60})\s{0,4},\s{0,20})?
                (?:\d{1,5},\s?)? [urb]?[\"']
        )
        [\w.\-@+=,]+ (?P<operator> [ ]?[:/][ ]? | [\"']\s*[:,]\s*[urb]?[\"'] )
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
        {_NAME} (?:\[\w*\] | \.(?:text|value)(?=\s*==))? {_CLOSE} [ \t]*
        (?: (?<!\$env|\b[abglstw]) :[ \t]* (?:&'static)? [&*?\w.\[\]<>]{{1,30}}? [ \t]* (?==)    # its type
            | \bAs[ ]\w+[ ]
            | \{{[ ]*get;[^{{}}]*\}}[ ]* )?
        (?P<operator> := | => | -> | <- | [=!]==? | \?= | \|\|= | \?\?= | \+= | [:=] | , | (?:PIC[ ]+\S+[ ]+)? VALUE\b )
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
        {_NAME} [\"'`)]* [ \t]+ (?:(?:for|on|of|für|auf)[ ][\w .\-]{{2,60}}[ ])?
        (?P<operator>is|was|to|as|of|with|lautet|ist|→) [ \t:]+ (?: {_QUOTE} | \*\* )?
    """,
    # IDENTIFIED BY '...
    "sql": rf"""
        (?P<name>identified|password) [ \t]+
        (?P<operator> by | as | with[ \t]+\S+[ \t]+(?:by|as) )? [ \t]* {_QUOTE}?
    """,
    # password ..., | password | ...
    "spaced": rf"""
        (?P<name>[\w.\-$]+) [\"'`}}]?
        (?P<operator> [ \t]+ | [ \t]*[|,;\t][ \t]* ) @? {_QUOTE}?
    """,
}
"""Every syntax, by what it is called, in the order that they are tried: an example stands above each."""
FORMS = tuple(PATTERNS)
"""What the syntaxes are called; features.py counts them in this order."""
NEEDS: dict[str, tuple[str, ...]] = {
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
ENDS: dict[str, tuple[str, ...]] = {
    "list": ("[", ","),
    "element": (">", "["),
    "header": ("bearer", "basic", "key", "token", "digest", "negotiate", "ntlm", "oauth"),
    "query": ("=",),
    "user": (":", "/", ","),
    "said": ("is", "was", "to", "as", "of", "with", "lautet", "ist", "→", ":", "**"),
    "sql": ("by", "as", "password", "identified"),
}
"""What stands last before a value in a syntax, but for white space and a quotation mark."""
BLANKS = " \t\r\n\"'`\\"
OTHER_MARKS = (";", "“", "‘")
"""How those quotation marks end that are none of the usual ones, such as `&quot;`."""
OF_PASSWORDS = frozenset({"sql", "url", "user"})
"""Syntaxes in which a password stands, whatever is before it."""
# What stands before a value that comes before its name, to be read backwards too.
UNNAMED = rf"(?r) [\"'\s<,{{] (?:value|val|default) [\"']? \s*[:=]\s* {_QUOTE}?"
NAMED_AFTER = rf"[\"']? [\s,;]{{1,40}} [\"']? (?:name|key|id) [\"']? \s*[:=]\s* [\"']? {_NAME}"
"""The name of a value that comes after it: "value": "...", "name": "password"."""
COMPARED_AFTER = rf"[\"']\.equals\w*\(\s{{0,4}}{_NAME}"
"""What a text is compared with: "...".equals(password)."""
BACKWARDS = {form: rf"(?r)(?:{source})" for form, source in PATTERNS.items()}
"""Every syntax, to be read backwards from the value."""

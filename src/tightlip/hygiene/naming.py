"""Whether a name is that of a secret, and whether a value could be one."""

from __future__ import annotations

import re

from tightlip.engine.filters import Surroundings, placeholder

_SECRET = re.compile(
    r"pass(?:word|wd|phrase|code)|(?:^|[_.-])pass$|pwd|secret|token|api_?-?key|access_?-?key|private_?-?key|auth_?-?key"
    r"|encryption_?-?key|signing_?-?key|master_?-?key|credential|connection_?-?string|(?:^|_)dsn$|webhook_?url",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(?:_|-|\.|^)(?:file|path|dir|name|url|uri|id|arn|ref|type|ttl|length|policy|expir\w*|enabled|version|count|field"
    r"|header|prefix|suffix|mount|store|provider|region|rotation|days|hours|minutes|seconds|format|audience|scope|engine"
    r"|method|algorithm|class|group|manager|issuer|namespace|login|label)s?$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"^\$\w+$|\$[A-Z_][A-Z0-9_]{2,}|\$[{(]|\$\[\[|\{\{|<[^>]*>|^%\w+%$|^@"
    r"|^(?:file|vault|ssm|arn|secret|projects|op|env)s?:|^/run/secrets/|^!|^ENC\["
)
_PLAIN = re.compile(
    r"(?:true|false|yes|no|on|off|none|null|nil|~|-?\d{1,5}|inherit|read|write|required|optional)", re.IGNORECASE
)
_IN_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:([^/\s@]+)@", re.IGNORECASE)
_USUAL = frozenset(
    ("password", "passwd", "secret", "postgres", "root", "admin", "test", "user", "guest", "letmein", "pass", "token")
)
"""What stands in examples and in tests for a password, and is none."""
_ENDS_IN_DOTS = re.compile(r"(?:\.{3}|…)$")


def is_secret(name: str) -> bool:
    """Whether a name says that its value is a secret: `DB_PASSWORD`, and not `DB_PASSWORD_FILE`."""
    return bool(_SECRET.search(name)) and not _OTHER.search(name)


def is_value(value: str) -> bool:
    """Whether a value is itself one, and no reference, placeholder, switch or word."""
    text = value.strip().strip("\"'")
    if not text or _REFERENCE.search(text) or _PLAIN.fullmatch(text) or _ENDS_IN_DOTS.search(text):
        return False
    return text.lower() not in _USUAL and placeholder(text, Surroundings(b"", 0, 0)) is None


def has_password(value: str) -> bool:
    """Whether a value is an address with a password in it that is one."""
    found = _IN_ADDRESS.search(value)
    return found is not None and is_value(found[1])


def is_leak(name: str, value: str) -> bool:
    """Whether a name with a value gives a secret away."""
    return has_password(value) or (is_secret(name) and "://" not in value and is_value(value))

"""A request with its values in place, ready to be sent."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from tightlip.request import SECRET, Json, Request
from tightlip.verify.signature import signed

_NAME = re.compile(r"\{\{(\w+)\}\}")
_SENDABLE = re.compile(rb"[\x21-\x7e]{1,8192}")
"""What can stand in a header: one printable word of ASCII."""


class CannotAskError(Exception):
    """The request cannot be made of these values; says why, and nothing of them."""


class Call(NamedTuple):
    """A request to be sent. It holds a value, and so is masked when shown."""

    method: str
    host: str
    port: int
    target: str
    """Path and query."""
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Call({self.method} {self.host}, ********)"


def call(request: Request, url: str, values: Mapping[str, bytes], now: datetime) -> Call:
    """Return the request to one of its URLs. Raises `CannotAskError`.

    Parameters: `values`, by the names in braces; `now`, in UTC, for what is signed.
    """
    texts = {name: _text(value) for name, value in values.items()}
    host, port, target = _place(request, url, texts)
    headers = {name: _fill(value, texts) for name, value in request.headers}
    body: bytes | None = None
    if request.form:
        body = urlencode([(name, _fill(value, texts)) for name, value in request.form]).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    elif request.json:
        body = json.dumps(_filled(json.loads(request.json), texts)).encode()
        headers["Content-Type"] = "application/json"
    elif request.method == "POST":
        body = b""
    if request.basic:
        user, password = (_fill(part, texts) for part in request.basic)
        headers["Authorization"] = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
    if sign := request.sign:
        key = _fill(sign.key, texts)
        named = host if port == _USUAL else f"{host}:{port}"
        headers |= signed(
            request.method, named, target, headers, body or b"", sign._replace(id=_fill(sign.id, texts), key=key), now
        )
    return Call(request.method, host, port, target, tuple(headers.items()), body)


_USUAL = 443
_HOST = re.compile(r"[a-z0-9.-]+")
_CLIMBS = {".", ".."}
"""Segments of a path that are taken out again, with what stands before them."""


def _text(value: bytes) -> str:
    if not _SENDABLE.fullmatch(value):
        raise CannotAskError("the value holds characters that no request can carry")
    return value.decode("ascii")


def _place(request: Request, url: str, texts: Mapping[str, str]) -> tuple[str, int, str]:
    """Return host, port, and path with query. The host is the rule's, or one that it allows."""
    is_value = url == f"{{{{{SECRET}}}}}"
    made = texts[SECRET] if is_value else _fill(url, {name: quote(text, safe=":") for name, text in texts.items()})
    try:
        parts = urlsplit(made)
        host, port = (parts.hostname or "").lower(), parts.port or _USUAL
    except ValueError:
        raise CannotAskError("the value is no URL") from None
    if _CLIMBS & {segment.lower().replace("%2e", ".") for segment in parts.path.split("/")}:
        raise CannotAskError("the value would lead out of the path that it stands in")
    if is_value and (
        parts.scheme != "https"
        or port != _USUAL
        or not _HOST.fullmatch(host)
        or "@" in parts.netloc
        or not any(host == it or (it.startswith(".") and host.endswith(it)) for it in request.hosts)
    ):
        raise CannotAskError("the value leads to a host that the rule does not know")
    return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _fill(template: str, texts: Mapping[str, str]) -> str:
    """Return a text with values in the place of their names, in one pass: what a value holds is not looked at again."""
    return _NAME.sub(lambda match: texts[match[1]], template)


def _filled(made: Json, texts: Mapping[str, str]) -> Json:
    if isinstance(made, str):
        return _fill(made, texts)
    if isinstance(made, list):
        return [_filled(item, texts) for item in made]
    if isinstance(made, dict):
        return {name: _filled(item, texts) for name, item in made.items()}
    return made

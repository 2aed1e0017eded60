"""Connections to servers that keep secrets: bounded in time and size, and loyal to the host that was named.

Certificates are always verified. Proxies and certificate authorities come from the environment, as `requests` reads it.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
import requests.adapters
import urllib3

SECONDS = 30
"""How long to wait for a connection, and for each part of an answer."""
_WHOLE = 120  # seconds for all of an answer
_LARGEST = 32 << 20  # bytes of an answer, unpacked
_PART = 1 << 16
_TRIES = 3


class Elsewhere(requests.RequestException):
    """The server sent the request to another host. It is not followed: the token is not for that one."""


class TooMuch(requests.RequestException):
    """The answer was too large, or took too long."""


class Session(requests.Session):
    """A session of `requests` that stays with its host and reads no more than it must."""

    def __init__(self) -> None:
        super().__init__()
        self.mount("https://", Bounded())
        self.mount("http://", Bounded())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where to go next on the same host. Raises `Elsewhere`."""
        target = super().get_redirect_target(resp)
        if target:
            new, old = urlsplit(target), urlsplit(resp.url or "")
            if new.netloc and (new.scheme or old.scheme, new.netloc) != (old.scheme, old.netloc):
                raise Elsewhere(f"{new.hostname!r}")
        return target


class Bounded(requests.adapters.HTTPAdapter):
    """Reads the whole of an answer at once, as long as it keeps to its bounds, and waits where a server says so."""

    # ANN401: what requests gives is passed on as it is, whatever the types are in its version
    def send(self, request: requests.PreparedRequest, *args: Any, **how: Any) -> requests.Response:  # noqa: ANN401
        """Send a request. Raises `TooMuch`, and what `requests` raises."""
        for _ in range(_TRIES - 1):
            response = self._send(request, *args, **how)
            wait = _wait(response)
            if wait is None:
                return response
            time.sleep(wait)
        return self._send(request, *args, **how)

    def _send(self, request: requests.PreparedRequest, *args: Any, **how: Any) -> requests.Response:  # noqa: ANN401
        response = super().send(request, *args, **(how | {"stream": True, "timeout": SECONDS}))
        try:
            response.raw = io.BytesIO(_read(response.raw))
        except urllib3.exceptions.HTTPError:
            raise requests.ConnectionError("the answer broke off") from None
        return response


def _wait(response: requests.Response) -> int | None:
    """Return for how many seconds a server wants to be left alone (429), where that is not too long."""
    after = response.headers.get("Retry-After", "1")
    is_short = after.isascii() and after.isdigit() and len(after) < 3 and int(after) <= SECONDS
    return int(after) if response.status_code == requests.codes.too_many_requests and is_short else None


def _read(raw: urllib3.HTTPResponse) -> bytes:
    """Read an answer and let go of its connection."""
    body, until = bytearray(), time.monotonic() + _WHOLE
    try:
        for part in _parts(raw):
            body += part
            if len(body) > _LARGEST or time.monotonic() > until:
                raw.close()
                raise TooMuch
    finally:
        raw.release_conn()
    return bytes(body)


def _parts(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """Yield an answer as it comes. urllib3 1 waits until there is as much as was asked for, however slowly it comes."""
    if not hasattr(raw, "read1"):
        return raw.stream(_PART, decode_content=True)
    return iter(partial(raw.read1, _PART, decode_content=True), b"")


def trouble(error: Exception) -> str:
    """Say in a few words what went wrong with a connection: never what the server or the library wrote."""
    for kind, words in _TROUBLES:
        if isinstance(error, kind):
            return words.format(error)
    return "the connection failed"


_TROUBLES: list[tuple[type[Exception], str]] = [
    (Elsewhere, "the server sends the request on to the host {}, which is not followed; name that host if it is yours"),
    (requests.TooManyRedirects, "the server sends the request on, again and again or where it must not"),
    (TooMuch, f"the answer is larger than {_LARGEST >> 20} MB or takes longer than {_WHOLE} seconds"),
    (
        requests.exceptions.SSLError,
        "the server's certificate is not trusted; name the authority that signed it (VAULT_CACERT, REQUESTS_CA_BUNDLE)",
    ),
    (requests.exceptions.ProxyError, "the proxy gives no connection; see HTTPS_PROXY and NO_PROXY"),
    (requests.Timeout, f"no answer within {SECONDS} seconds; is the server reached from here?"),
    (requests.exceptions.InvalidHeader, "the token has characters that no token has, such as a line break"),
    (requests.exceptions.InvalidURL, "the address is no URL; write https://HOST"),
    (requests.exceptions.MissingSchema, "the address is no URL; write https://HOST"),
    (requests.exceptions.InvalidSchema, "the address is no URL; write https://HOST"),
    (requests.ConnectionError, "no connection; is the address right, and does the server run?"),
]

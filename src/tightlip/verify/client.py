"""Sends one request: over TLS that is verified, through the user's proxy, with no redirects, and with an end to it.

http.client and not a library on top of it: nothing that these add is wanted, neither redirects, cookies, retries and
pools nor logs of requests.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Timer
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import tightlip
from tightlip.verify.filling import Call

TIMEOUT = 10.0
"""Seconds for each step: to connect, to agree on TLS, and for the whole of the answer."""
_MOST = 1 << 16
"""Bytes of an answer that are read."""
_LONGEST_WAIT = 10**6
_REFUSED = re.compile(r"Tunnel connection failed: ([0-9]{3})\b")
"""What http.client says where a proxy refuses; the words of the proxy come after it."""


class NoAnswerError(Exception):
    """There was no answer that can be used. Says why, in words of its own: nothing of what was sent or came back."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    wait: float = 0.0
    """Seconds after which to ask again, where the provider says so."""


def send(call: Call, timeout: float = TIMEOUT) -> Reply:
    """Send a request and return the answer, of which at most 64 KiB are read. Raises `NoAnswerError`."""
    proxy = _proxy(call.host)
    connection = _connection(call, proxy, timeout)
    late = Event()
    try:
        with _limit(timeout, connection, late):
            connection.connect()
        with _limit(timeout, connection, late):
            return _reply(connection, call, late)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = (proxy and _of_proxy(error)) or _reason(error, connection)
        if late.is_set():
            reason = "did not answer in time"
        raise NoAnswerError(f"{call.host} {reason}") from None
    finally:
        connection.close()


def _reply(connection: http.client.HTTPSConnection, call: Call, late: Event) -> Reply:
    headers = {"User-Agent": f"tightlip/{tightlip.__version__}", "Accept": "*/*", **dict(call.headers)}
    connection.request(call.method, call.target, body=call.body, headers=headers)
    response = connection.getresponse()
    body = response.read(_MOST)
    if late.is_set() or (response.length and len(body) < _MOST):
        raise http.client.IncompleteRead(b"")
    return Reply(response.status, body, _seconds(response.getheader("Retry-After")))


def _connection(call: Call, proxy: str, timeout: float) -> http.client.HTTPSConnection:
    context = ssl.create_default_context()
    if not proxy:
        return http.client.HTTPSConnection(call.host, call.port, timeout=timeout, context=context)
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    try:
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if parts.scheme != "http" or not host:
        raise NoAnswerError("the proxy that is set is none that can be used: only http://HOST:PORT is")
    connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    headers = {}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + b64encode(login.encode()).decode()
    connection.set_tunnel(call.host, call.port, headers=headers)
    return connection


def _proxy(host: str) -> str:
    """Return the user's proxy for a host, or nothing: HTTPS_PROXY, ALL_PROXY and NO_PROXY, or the system's settings."""
    found = getproxies()
    return "" if proxy_bypass(host) else found.get("https") or found.get("all") or ""


@contextmanager
def _limit(timeout: float, connection: http.client.HTTPSConnection, late: Event) -> Iterator[None]:
    """End a connection that is waited on for longer: what comes byte by byte would never end by itself.

    The socket is kept: http.client forgets it where the answer is to end with the connection.
    """
    kept = connection.sock

    def end() -> None:
        late.set()
        if sock := kept or connection.sock:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    watchdog = Timer(timeout, end)
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _seconds(text: str | None) -> float:
    """Read a `Retry-After`; a date in it is as good as a long time."""
    if not text:
        return 0.0
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else float(_LONGEST_WAIT)


def _of_proxy(error: Exception) -> str:
    """Return what the proxy did, where it was the proxy, or nothing."""
    if isinstance(error, ConnectionRefusedError):
        return "cannot be reached: the proxy refused the connection"
    found = _REFUSED.match(str(error))
    return f"cannot be reached: the proxy answered {found[1]}" if found else ""


def _reason(error: Exception, connection: http.client.HTTPSConnection) -> str:
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "shows a certificate that is not trusted"
    if isinstance(error, socket.gaierror):
        return "has no address here: is there a network?"
    if isinstance(error, ConnectionRefusedError):
        return "refused the connection"
    if isinstance(error, OSError) and connection.sock is None:
        return "cannot be reached"
    return "broke off, or did not answer as HTTP does"

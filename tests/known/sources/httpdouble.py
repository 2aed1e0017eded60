"""A small HTTP server that answers as a test says, and a proxy that stands for any host, with TLS of its own."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    import trustme


class Asked(NamedTuple):
    host: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int
    body: bytes | object = b""
    headers: dict[str, str] = {}  # noqa: RUF012 - nobody changes it


Answering = Callable[[Asked], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, answering: Answering, contexts: Callable[[str], ssl.SSLContext] | None) -> None:
        self.answering, self.contexts = answering, contexts
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece, which is quicker
    host = ""

    def do_CONNECT(self) -> None:
        """Stand for the host that the client wants, as a proxy may."""
        assert self.server.contexts
        self.host = self.path.rpartition(":")[0]
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.connection = self.server.contexts(self.host).wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(
            self.host or self.headers.get("Host", ""),
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            headers,
            self.rfile.read(length),
        )
        status, body, more = self.server.answering(asked)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | more).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_LIST = _answer  # noqa: N815 - the library's way

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nobody reads it."""


@contextmanager
def serving(answering: Answering, contexts: Callable[[str], ssl.SSLContext] | None = None) -> Iterator[str]:
    """Answer until the block ends. Gives the address."""
    with _Server(answering, contexts) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@contextmanager
def standing_in(answering: Answering, authority: trustme.CA) -> Iterator[str]:
    """Stand for every host, as a proxy for `HTTPS_PROXY`, with certificates of an authority. Gives its address."""

    def context(host: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(made)
        return made

    with serving(answering, lru_cache(context)) as address:
        yield address

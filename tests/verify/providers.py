"""A stand-in for every provider: a proxy of our own, to which all connections go and which answers in their place.

It speaks TLS with a certificate that is right for each host, so that the client is tested as it is, with nothing in it
replaced.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import NamedTuple


class Seen(NamedTuple):
    """A request that came in."""

    host: str
    method: str
    target: str
    headers: dict[str, str]
    """By their names in small letters."""
    body: bytes


class Said(NamedTuple):
    """An answer."""

    status: int
    body: object = b""
    """Bytes as they are, anything else as JSON."""
    headers: Mapping[str, str] = MappingProxyType({})


class Providers:
    """What answers, and what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.connected: list[tuple[str, str]] = []
        """To where, and with what `Proxy-Authorization`."""
        self.answer: Callable[[Seen], Said] = lambda seen: Said(404)
        self.raw: Callable[[Handler], None] | None = None
        """In place of an answer: writes what it likes."""
        self.server: ThreadingHTTPServer
        self.port = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    providers: Providers
    context: ssl.SSLContext
    host = ""

    def do_CONNECT(self) -> None:
        self.providers.connected.append((self.path, self.headers.get("Proxy-Authorization", "")))
        self.send_response(200)
        self.end_headers()
        self.host = self.path.partition(":")[0]
        try:
            self.connection = self.context.wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError):
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")  # type: ignore[assignment]
        self.wfile = self.connection.makefile("wb", 0)  # type: ignore[assignment]
        self.close_connection = False

    def finish(self) -> None:
        """Close what was wrapped, which the server does not know of."""
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def _reply(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = self.host or headers["host"].partition(":")[0]
        seen = Seen(host, self.command, self.path, headers, self.rfile.read(size))
        self.providers.seen.append(seen)
        self.close_connection = True
        if self.providers.raw:
            self.providers.raw(self)
            return
        said = self.providers.answer(seen)
        body = said.body if isinstance(said.body, bytes) else json.dumps(said.body, separators=(",", ":")).encode()
        self.send_response(said.status)
        for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_DELETE = do_HEAD = _reply  # noqa: N815 - their names in http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in http.server
        """Say nothing."""


HOSTS = (
    *("*.github.com", "gitlab.com", "slack.com", "api.stripe.com", "api.openai.com", "api.anthropic.com"),
    *("api.sendgrid.com", "api.eu.sendgrid.com", "api.mailgun.net", "api.eu.mailgun.net", "api.twilio.com"),
    *(
        "api.dublin.ie1.twilio.com",
        "api.sydney.au1.twilio.com",
        "api.tokyo.jp1.twilio.com",
        "api.digitalocean.com",
        "registry.npmjs.org",
    ),
    *("huggingface.co", "api.heroku.com", "api.cloudflare.com", "*.datadoghq.com", "*.us3.datadoghq.com"),
    *("*.us5.datadoghq.com", "api.datadoghq.eu", "*.ap1.datadoghq.com", "*.ap2.datadoghq.com", "*.uk1.datadoghq.com"),
    *("api.ddog-gov.com", "*.us2.ddog-gov.com"),
    *("api.linear.app", "api.notion.com", "api.telegram.org", "discord.com", "*.discord.com", "discordapp.com"),
    *("sts.amazonaws.com", "api.groq.com", "api.getpostman.com", "api.dropboxapi.com", "oauth2.googleapis.com"),
    *("api.buildkite.com", "localhost", "api.acme.example", "eu.acme.example", "hooks.acme.example"),
)

"""All providers, as they are for a test."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from providers import HOSTS, Handler, Providers


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def _served(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    return context


@pytest.fixture
def providers(
    _served: ssl.SSLContext, authority: trustme.CA, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Providers]:
    """All providers, behind the proxy that the environment names."""
    made = Providers()
    handler = type("OneHandler", (Handler,), {"providers": made, "context": _served})
    made.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    made.server.daemon_threads = True
    made.port = made.server.server_address[1]
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{made.port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    (cache / "verified").unlink(missing_ok=True)
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()

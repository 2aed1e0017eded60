"""The client: where it sends a value and where it does not, and what it makes of answers that nobody would expect."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from _thread import interrupt_main
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

import pytest
import trustme
from providers import Handler, Providers, Said

from tightlip.request import Answer, Request
from tightlip.verify.asker import Asker, Verdict
from tightlip.verify.client import Reply, send
from tightlip.verify.filling import Call

VALUE = "acme_" + "0123456789abcdef" * 2
ACME = Request(
    method="GET",
    urls=("https://api.acme.example/me",),
    answers=(Answer("live", (200,)), Answer("revoked", (401,))),
    source="https://acme.example/docs",
    headers=(("Authorization", "Bearer {{secret}}"),),
)


def asked(request: Request = ACME, value: str = VALUE, *, timeout: float = 5, pause: float = 0) -> Verdict:
    return Asker(lambda call: send(call, timeout), pause).ask(request, {"secret": value.encode()})


def test_the_value_goes_to_the_host_of_the_rule_and_nowhere_else(providers: Providers) -> None:
    providers.answer = lambda seen: Said(200)
    assert asked() == Verdict("live")
    (seen,) = providers.seen
    assert (seen.host, seen.method, seen.target) == ("api.acme.example", "GET", "/me")
    assert seen.headers["authorization"] == f"Bearer {VALUE}"
    assert seen.headers["user-agent"].startswith("tightlip/")
    assert [where for where, _ in providers.connected] == ["api.acme.example:443"]


def test_a_value_that_the_provider_refuses_is_revoked(providers: Providers) -> None:
    providers.answer = lambda seen: Said(401)
    assert asked() == Verdict("revoked")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(providers: Providers, status: int) -> None:
    providers.answer = lambda seen: Said(status, headers={"Location": "https://eu.acme.example/me"})
    assert asked() == Verdict("unknown", f"api.acme.example answered {status} elsewhere, which is not followed")
    assert [seen.host for seen in providers.seen] == ["api.acme.example"]


def test_the_proxy_gets_its_password_and_the_provider_does_not(
    providers: Providers, monkeypatch: pytest.MonkeyPatch
) -> None:
    providers.answer = lambda seen: Said(200)
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:let%20me@127.0.0.1:{providers.port}")
    assert asked() == Verdict("live")
    login = "Basic " + b64encode(b"ada:let me").decode()
    assert providers.connected == [("api.acme.example:443", login)]
    assert "proxy-authorization" not in providers.seen[0].headers


def test_all_proxy_counts_where_there_is_no_other(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    providers.answer = lambda seen: Said(200)
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{providers.port}")
    assert asked() == Verdict("live")


def test_no_proxy_is_kept_to(providers: Providers, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of its own on localhost is asked directly, and the proxy sees nothing."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            connection, _ = server.accept()
            with context.wrap_socket(connection, server_side=True) as stream:
                stream.recv(4096)
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        verdict = asked(ACME._replace(urls=(f"https://localhost:{port}/me",)))
        thread.join()
    assert verdict == Verdict("live")
    assert providers.connected == []


def test_a_certificate_that_nobody_vouches_for_ends_it(providers: Providers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert asked() == Verdict("unknown", "api.acme.example shows a certificate that is not trusted")
    assert providers.seen == []


def test_a_certificate_of_another_host_ends_it(providers: Providers) -> None:
    verdict = asked(ACME._replace(urls=("https://other.example/me",)))
    assert verdict == Verdict("unknown", "other.example shows a certificate that is not trusted")
    assert providers.seen == []


@pytest.mark.parametrize(
    ("proxy", "why"),
    [
        ("https://127.0.0.1:1", "the proxy that is set is none that can be used: only http://HOST:PORT is"),
        ("socks5://127.0.0.1:1", "the proxy that is set is none that can be used: only http://HOST:PORT is"),
        ("http://127.0.0.1:x", "the proxy that is set is none that can be used: only http://HOST:PORT is"),
        ("http://127.0.0.1:1", "api.acme.example cannot be reached: the proxy refused the connection"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said(
    providers: Providers, monkeypatch: pytest.MonkeyPatch, proxy: str, why: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert asked() == Verdict("unknown", why)


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_lets_nobody_through_is_said_and_its_password_is_not(
    providers: Providers, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    def refuse(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(f"HTTP/1.1 {status} let me {VALUE}\r\nContent-Length: 0\r\n\r\n".encode())

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:pw@127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=refuse, args=(server,))
        thread.start()
        verdict = asked()
        thread.join()
    assert verdict == Verdict("unknown", f"api.acme.example cannot be reached: the proxy answered {status}")


def slow(handler: Handler) -> None:
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 1000:
        try:
            handler.wfile.write(bytes([byte]))
        except OSError:
            return
        time.sleep(0.05)


def slow_body(handler: Handler, head: bytes = b"Connection: close\r\n") -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
    for _ in range(200):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def slow_old_body(handler: Handler) -> None:
    slow_body(handler, b"")


def slow_chunks(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200):
        try:
            handler.wfile.write(b"1\r\na\r\n")
        except OSError:
            return
        time.sleep(0.05)


def silent(handler: Handler) -> None:
    time.sleep(1.5)


def cut(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


def garbage(handler: Handler) -> None:
    handler.wfile.write(b"\x00\xff" * 500 + b"\r\n\r\n")


def many_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(500)) + b"\r\n")


def nothing(handler: Handler) -> None:
    """Close at once."""


@pytest.mark.parametrize(
    "raw",
    [slow, slow_body, slow_old_body, slow_chunks, silent, cut, garbage, many_headers, nothing],
    ids=lambda it: it.__name__,
)
def test_an_answer_that_is_none_is_unknown_and_soon(providers: Providers, raw: Callable[[Handler], None]) -> None:
    providers.raw = raw
    began = time.monotonic()
    verdict = asked(timeout=0.7)
    assert verdict.meaning == "unknown"
    assert verdict.why.startswith("api.acme.example ")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("piece", [b"X-A: b\r\n", b"a"], ids=["headers", "a-line"])
def test_a_proxy_that_answers_byte_by_byte_is_not_waited_for(
    providers: Providers, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    over = threading.Event()

    def serve(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.05):
                connection.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.getsockname()[1]}")
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        began = time.monotonic()
        try:
            assert asked(timeout=0.7) == Verdict("unknown", "api.acme.example did not answer in time")
            assert time.monotonic() - began < 3
        finally:
            over.set()
            thread.join()


def test_no_more_than_the_beginning_of_an_answer_is_read(providers: Providers) -> None:
    def endless(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                handler.wfile.write(b"a" * 65536)
        except OSError:
            return

    providers.raw = endless
    call = Call("GET", "api.acme.example", 443, "/me", (), None)
    assert send(call) == Reply(200, b"a" * 65536)


BODIES = {
    "deep": b"[" * 60_000,
    "not-json": b"<html>",
    "not-text": b"\xff\xfe\x00",
    "a-number": b"1",
    "another-type": b'{"ok": 1}',
    "a-list": b'[{"ok": true}]',
    "a-long-number": b'{"ok": ' + b"1" * 5000 + b"}",
    "empty": b"",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_not_as_the_rule_says_means_nothing(providers: Providers, body: bytes) -> None:
    providers.answer = lambda seen: Said(200, body)
    request = ACME._replace(answers=(Answer("live", (200,), (("ok", (True,)),)),))
    assert asked(request) == Verdict("unknown", "api.acme.example answered 200")


def test_a_short_break_is_kept_and_the_question_asked_again(providers: Providers) -> None:
    answers = iter([Said(429, headers={"Retry-After": "1"}), Said(200)])
    providers.answer = lambda seen: next(answers)
    began = time.monotonic()
    assert asked() == Verdict("live")
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 2999 23:59:59 GMT", "9" * 400, "-1", "٣"])
def test_a_provider_that_wants_a_long_break_is_left_alone(providers: Providers, wait: str) -> None:
    wait = wait.encode().decode("latin-1")
    providers.answer = lambda seen: Said(429, headers={"Retry-After": wait})
    asker = Asker(send, 0)
    assert asker.ask(ACME, {"secret": VALUE.encode()}) == Verdict("unknown", "api.acme.example answered 429")
    again = asker.ask(ACME, {"secret": b"another"})
    assert again == Verdict("unknown", "api.acme.example wants to be asked less often")
    assert len(providers.seen) == 1


def test_a_host_is_not_asked_twice_without_a_pause(providers: Providers) -> None:
    times: list[float] = []

    def answer(seen: object) -> Said:
        times.append(time.monotonic())
        return Said(200)

    providers.answer = answer
    Asker(send, 0.3).ask_all([(ACME, {"secret": value}) for value in (b"one", b"two", b"three")])
    assert len(times) == 3
    assert min(late - early for early, late in pairwise(times)) > 0.25


def test_an_interrupt_ends_the_questions_and_keeps_the_answers() -> None:
    from threading import Timer

    def send_slowly(call: Call) -> Reply:
        return Reply(200, b"")

    asker = Asker(send_slowly, 0.5)
    timer = Timer(0.7, interrupt_main)
    timer.start()
    began = time.monotonic()
    verdicts = asker.ask_all([(ACME, {"secret": b"value-%d" % number}) for number in range(50)])
    timer.join()
    assert time.monotonic() - began < 5
    assert verdicts[0] == Verdict("live")
    assert verdicts[-1] == Verdict("unknown", "the questions were interrupted")


def test_of_several_regions_the_first_that_knows_the_value_counts(providers: Providers) -> None:
    both = ACME._replace(urls=("https://api.acme.example/me", "https://eu.acme.example/me"))
    providers.answer = lambda seen: Said(200 if seen.host == "eu.acme.example" else 401)
    assert asked(both) == Verdict("live")
    providers.answer = lambda seen: Said(401)
    assert asked(both) == Verdict("revoked")
    providers.answer = lambda seen: Said(500 if seen.host == "api.acme.example" else 401)
    assert asked(both) == Verdict("unknown", "api.acme.example answered 500"), "one region did not say"


HOSTILE = {
    "a-line-break": "a\r\nX-Other: b",
    "a-space": "two words",
    "not-ascii": "schlüssel",
    "nothing": "",
    "very-long": "a" * 10_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_a_value_that_no_header_can_carry_is_not_sent(providers: Providers, value: str) -> None:
    assert asked(value=value) == Verdict("unknown", "the value holds characters that no request can carry")
    assert providers.connected == []


def test_a_value_cannot_change_the_path_that_it_stands_in(providers: Providers) -> None:
    providers.answer = lambda seen: Said(200)
    asked(ACME._replace(urls=("https://api.acme.example/bot{{secret}}/me",)), "1:../../x?y#z{{secret}}")
    assert providers.seen[0].target == "/bot1:..%2F..%2Fx%3Fy%23z%7B%7Bsecret%7D%7D/me"


@pytest.mark.parametrize("value", ["..", ".", "%2e%2e", "a/..", "..?"])
def test_a_value_cannot_climb_out_of_the_path(providers: Providers, value: str) -> None:
    providers.answer = lambda seen: Said(200)
    asked(ACME._replace(urls=("https://api.acme.example/keys/{{secret}}/me",)), value)
    for seen in providers.seen:
        assert seen.target.startswith("/keys/")
        assert not {".", "..", "%2e%2e"} & set(seen.target.lower().split("/"))


def test_a_value_cannot_change_the_json_that_it_stands_in(providers: Providers) -> None:
    providers.answer = lambda seen: Said(200)
    asked(ACME._replace(method="POST", json='{"token": "{{secret}}"}'), 'a","admin":"b')
    assert providers.seen[0].body == b'{"token": "a\\",\\"admin\\":\\"b"}'


HOOK = ACME._replace(urls=("{{secret}}",), hosts=("hooks.acme.example", ".shops.example"), headers=())


def test_a_value_that_is_a_url_leads_to_the_hosts_of_the_rule(providers: Providers) -> None:
    providers.answer = lambda seen: Said(200)
    assert asked(HOOK, "https://hooks.acme.example/a/b?c=d") == Verdict("live")
    assert (providers.seen[0].host, providers.seen[0].target) == ("hooks.acme.example", "/a/b?c=d")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "https://hooks.acme.example.evil.example/a",
        "https://hooks.acme.example@evil.example/a",
        "https://evil.example#@hooks.acme.example/a",
        "https://evilshops.example/a",
        "https://shops.example/a",
        "https://hooks.acme.example:8443/a",
        "http://hooks.acme.example/a",
        "https://[::1/a",
        "https://hooks.acme.example:x/a",
        "file:///etc/passwd",
        "https://hooks.acme.example./a",
        "https://evil.example\\.shops.example/a",
        "https://evil.example%2f.shops.example/a",
        "https://hooks.acme.example\\@evil.example/a",
        "https://hooks.acme.example/a/../../b",
        "https://hooks.acme.example/a/%2E%2e/b",
    ],
)
def test_a_value_that_leads_elsewhere_is_not_followed(providers: Providers, url: str) -> None:
    assert asked(HOOK, url).meaning == "unknown"
    assert providers.connected == []


def test_a_request_shows_nothing_of_the_value(providers: Providers) -> None:
    seen: list[Call] = []

    def keep(call: Call) -> Reply:
        seen.append(call)
        return Reply(200, b"")

    Asker(keep, 0).ask(ACME, {"secret": VALUE.encode()})
    for shown in (repr(seen[0]), str(seen[0]), f"{seen[0]}"):
        assert VALUE not in shown

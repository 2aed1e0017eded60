"""Nothing of a repository becomes markup, a script or a command, whatever its paths, people, messages and refs are."""

from __future__ import annotations

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pages import UNSCANNED, history

from tightlip.finding import Report, Unscanned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from conftest import Open

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

NAMES = {
    "ends the script": "</script><script>window.taken = 1</script>",
    "comment": "<!--<script>window.taken = 1",
    "image": "<img src=x onerror='window.taken = 1'>",
    "svg": "<svg onload=window.taken=1><a href=javascript:window.taken=1>x</a></svg>",
    "address": "javascript:window.taken=1",
    "attribute": '" autofocus onfocus="window.taken=1" x="',
    "entity": "&lt;script&gt;window.taken=1&lt;/script&gt;&#x202e;",
    "template": "${window.taken=1}{{window.taken=1}}$data$script",
    "bidirectional": "safe\u202egpj.exe\u2066\u200f",
    "control": "null\x00escape\x1b[2Jtab\tline\nbell\x07",
    "separator": "line\u2028paragraph\u2029",
    "not UTF-8": "caf\udce9\udcff",
    "long": "a" * 5000 + "/" + "b" * 5000,
    "prototype": "__proto__",
    "right to left": "\u05d0\u05d1\u05d2/\u05d3.py",
    "dots": "../../../etc/passwd",
    "a day that there is not": "2024-02-31",
    "a month that there is not": "2024-99-99T99:99:99",
    "the year nought": "0000-01-01T00:00:00Z",
    "the last year": "9999-12-31T23:59:59Z",
}


def hostile(text: str) -> Report:
    """A report in which everything that a repository or a saved report can choose is this text."""
    made = history(12, unscanned=(Unscanned(text, text),), notes=(text,))
    findings = tuple(
        replace(
            it,
            rule=text,
            name=text,
            provider=text,
            reasons=(text,),
            remediation=(text, f"Go to https://{text} now"),
            decoded_through=(text,),
            told_as=f"{n}{text}",
            occurrences=tuple(
                replace(place, path=text, author=text, email=text, message_subject=text, refs=(text, "main"), date=date)
                for place, date in zip(it.occurrences, [text, *(it.occurrences[0].date,) * 9], strict=False)
            ),
        )
        for n, it in enumerate(made.findings)
    )
    return replace(made, findings=(*findings, *history(20).findings), target=text, scanned={text: 3, "bytes": 9})


@pytest.mark.parametrize("text", NAMES.values(), ids=list(NAMES))
def test_it_is_shown_as_text_and_nothing_else(show: Open, text: str) -> None:
    page = show(hostile(text))
    page.locator("#rows .open").first.click()
    page.locator("[data-facet] .choice >> nth=5").click()
    page.click("text=Fewer") if page.locator("text=Fewer").count() else None
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.evaluate("window.taken") is None
    assert page.locator("img, iframe, object, embed, base, form, svg a").count() == 0
    assert page.locator("script").count() == 3
    assert {it.split(":")[0] for it in page.evaluate("[...document.links].map((it) => it.href)")} <= {"https", "file"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    shown = str(page.evaluate("document.body.textContent"))
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ud800-\udfff]", shown)


@pytest.mark.parametrize("first", ["0001-01-01", "2024-05-06", "9999-12-31"])
def test_a_date_at_the_end_of_time_is_drawn(show: Open, first: str) -> None:
    made = history(2)
    dates = (f"{first}T00:00:00Z", "9999-12-31T23:59:59Z")
    findings = tuple(
        replace(it, occurrences=tuple(replace(place, date=date) for place in it.occurrences), taken_out=None)
        for it, date in zip(made.findings, dates, strict=True)
    )
    page = show(replace(made, findings=findings))
    assert page.locator("#chart .life .label").count() == 2
    assert page.inner_text("#time-hint").startswith(f"2 came between {first} and 9999-12-31")


@pytest.mark.parametrize("text", NAMES.values(), ids=list(NAMES))
def test_it_can_be_filtered_and_handed_on(show: Open, text: str) -> None:
    page = show(hostile(text))
    page.locator("[data-facet=author] .choice", has_text=re.compile(r"^(?!.*shop\.example)")).first.click()
    before = page.inner_text("#count")
    assert before.startswith("12 of ")

    other = show(hostile(text), fragment=page.evaluate("location.hash"))
    assert other.inner_text("#count") == before


def test_invisible_characters_are_made_visible(show: Open) -> None:
    page = show(hostile("safe\u202egpj.exe\x00"))
    assert r"safe\u202egpj.exe\x00" in page.inner_text("#rows")


def test_a_fingerprint_that_is_none_makes_no_command(show: Open) -> None:
    made = history(1)
    page = show(replace(made, findings=(replace(made.findings[0], told_as="x'; touch /tmp/taken; '"),)))
    page.locator("#rows .open").first.click()
    assert page.locator("#detail pre").count() == 0
    assert "so there is no command for it" in page.inner_text("#detail")


@contextmanager
def served(file: Path, policy: str) -> Iterator[tuple[str, list[str]]]:
    """Serve a file with a policy, and return its address and what was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(file.read_bytes())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def visit(browser: Browser, address: str) -> tuple[Page, list[str]]:
    said: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    return page, said


def test_it_works_where_a_server_sends_the_same_policy(browser: Browser, saved: Callable[[Report], Path]) -> None:
    file = saved(history(5))
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', file.read_text("ascii"))
    assert found
    with served(file, found[1]) as (address, asked):
        page, said = visit(browser, address)
        page.locator("#rows .open").first.click()
        page.click("#theme-button")
        assert page.inner_text("#summary-title") == "5 secrets found"
        page.close()
    assert said == []
    assert asked == ["/"]


@pytest.mark.parametrize(
    "way",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "const it = document.createElement('script'); it.text = 'window.taken = 1'; document.body.append(it)",
        "const it = document.createElement('button'); it.setAttribute('onclick', 'window.taken = 1'); it.click()",
        "await fetch('http://127.0.0.1:9/')",
        "const it = new Image(); it.src = 'http://127.0.0.1:9/'; await it.decode()",
    ],
    ids=["markup", "script", "handler", "request", "image"],
)
def test_its_own_policy_stops_whatever_is_not_its_own(
    browser: Browser, saved: Callable[[Report], Path], way: str
) -> None:
    page, _ = visit(browser, saved(history(2)).as_uri())
    said = page.evaluate(
        f"""async () => {{
          const stopped = new Promise((done) =>
            addEventListener("securitypolicyviolation", (it) => done(it.effectiveDirective)));
          try {{ {way}; }} catch {{ /* that is how some of it is stopped */ }}
          return Promise.race([stopped, new Promise((done) => setTimeout(done, 2000))]);
        }}"""
    )
    assert said
    assert page.evaluate("window.taken") is None
    page.close()


def test_it_works_in_a_sandbox_that_lets_scripts_run(browser: Browser, saved: Callable[[Report], Path]) -> None:
    with served(saved(history(40)), "sandbox allow-scripts") as (address, _):
        page, said = visit(browser, address)
        page.click("[data-facet=severity] .choice >> nth=0")
        page.locator("#rows .open").first.click()
        page.click("#theme-button")
        assert page.locator("#detail").is_visible()
        page.close()
    assert said == []


@pytest.mark.parametrize("how", ["no scripts", "sandboxed", "no style either"])
def test_where_scripts_may_not_run_there_is_a_list(browser: Browser, saved: Callable[[Report], Path], how: str) -> None:
    policy = {
        "no scripts": "script-src 'none'",
        "sandboxed": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "no style either": "default-src 'none'",
    }[how]
    with served(saved(history(5, unscanned=UNSCANNED)), policy) as (address, _):
        page, _ = visit(browser, address)
        assert page.locator(".plain").is_visible()
        assert not page.locator(".app").is_visible()
        assert "The scan is not complete: 8 things were not scanned." in page.inner_text(".plain")
        assert page.locator(".plain ol").first.locator("li").count() == 5
        page.close()


def test_where_the_script_fails_there_is_the_list_too(browser: Browser, saved: Callable[[Report], Path]) -> None:
    file = saved(history(5))
    file.write_text(re.sub(r'(id="data">).*?(</script>)', r"\1{}\2", file.read_text("ascii"), flags=re.DOTALL), "ascii")
    page, _ = visit(browser, file.as_uri())
    assert page.locator(".plain ol").first.locator("li").count() == 5
    assert page.locator(".plain").is_visible()
    assert not page.locator(".app").is_visible()
    page.close()

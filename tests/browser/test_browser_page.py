"""What a person can do with the page: look, narrow down, search, open, copy, hand on, print; by mouse or by keys."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pages import UNSCANNED, history, staged

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Open

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]


def number(page: Page) -> int:
    """How many secrets the list says that it has."""
    return int(page.inner_text("#count").split()[0].replace(",", ""))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def is_seen(page: Page, selector: str) -> bool:
    """Whether any of it is within the window."""
    return bool(
        page.evaluate(
            "(it) => { const box = document.querySelector(it).getBoundingClientRect();"
            " return box.bottom > 0 && box.top < innerHeight && box.height > 0; }",
            selector,
        )
    )


def test_it_says_how_many_there_are_and_of_what_severity(show: Open) -> None:
    page = show(history(40))

    assert page.inner_text("#summary-title") == "40 secrets found"
    amounts = [int(it.split()[0]) for it in page.locator("#severities button").all_inner_texts()]
    assert sum(amounts) == number(page) == 40
    assert page.inner_text("h1") == "Secrets in the history of ../shop"
    assert "9,310 commits" in page.inner_text("#facts")
    assert not page.locator("#incomplete").is_visible()


def test_a_scan_that_is_not_complete_says_so_before_all_else(show: Open) -> None:
    page = show(history(3, unscanned=UNSCANNED))
    title = page.locator("main section h2").first

    assert title.inner_text() == "This scan is not complete: 8 things were not scanned"
    assert is_seen(page, "#incomplete")
    assert page.locator("#unscanned li").count() == 5
    page.click("text=Show all 8")
    assert page.locator("#unscanned li").count() == 8
    assert "an entry is encrypted" in page.inner_text("#unscanned")


def test_nothing_found_is_not_everything_is_fine_where_something_was_not_scanned(show: Open) -> None:
    assert show(history(0)).inner_text("#summary-title") == "No secrets found"
    page = show(history(0, unscanned=UNSCANNED))
    assert page.inner_text("#summary-title") == "No secrets found in what was scanned"
    assert page.locator("#incomplete").is_visible()


def test_what_to_rotate_first_says_why_and_how(show: Open) -> None:
    page = show(history(40))
    first = page.locator("#first-list li").first

    assert "Critical" in first.inner_text()
    assert "HEAD still has it" in first.inner_text()
    assert first.locator("a").get_attribute("href", timeout=1000) in {
        "https://github.com/settings/tokens",
        "https://dashboard.stripe.com/apikeys",
        "https://console.aws.amazon.com/iam/",
    }
    first.locator("button").click()
    assert first.locator("button").inner_text() == page.inner_text("#detail-title")


@pytest.mark.parametrize("facet", ["severity", "state", "rule", "folder", "provider", "author", "ref", "confidence"])
def test_each_breakdown_is_a_filter_and_its_count_is_right(show: Open, facet: str) -> None:
    page = show(history(60))
    choice = page.locator(f"[data-facet={facet}] .choice").nth(1)
    amount = int(choice.locator(".amount").inner_text())

    choice.click()
    assert number(page) == amount
    if facet != "folder":
        assert page.locator(f"[data-facet={facet}] [aria-pressed=true]").count() == 1
    page.locator("#chips button").first.click()
    assert number(page) == 60


def test_filters_of_one_kind_add_up_and_of_two_kinds_narrow(show: Open) -> None:
    page = show(history(60))
    critical, high = page.locator("[data-facet=severity] .choice").all()[:2]
    amounts = [int(it.locator(".amount").inner_text()) for it in (critical, high)]
    critical.click()
    page.locator("[data-facet=severity] .choice").nth(1).click()
    assert number(page) == sum(amounts)

    state = page.locator("[data-facet=state] .choice").first
    amount = int(state.locator(".amount").inner_text())
    state.click()
    assert number(page) == amount < sum(amounts)
    page.click("text=Take all away")
    assert number(page) == 60


def test_folders_open_one_into_the_other(show: Open) -> None:
    page = show(history(60))
    page.click("[data-facet=folder] .choice[title='services/']")
    inside = page.locator("[data-facet=folder] .choice .what").all_inner_texts()

    assert set(inside) <= {"billing/", "mail/", "auth/"}
    page.click("[data-facet=folder] .choice[title='services/mail/']")
    assert all(".." not in it and "/" not in it for it in page.locator("[data-facet=folder] .what").all_inner_texts())
    page.click("[data-facet=folder] .up")
    assert page.locator("#chips").inner_text().startswith("Folder: services/")


def test_a_column_of_the_timeline_narrows_and_so_does_its_table(show: Open) -> None:
    page = show(history(60))
    page.locator("#chart .column").nth(2).click()
    assert 0 < (by_mouse := number(page)) < 60
    page.locator("#chips button").click()

    page.click("#time-table summary")
    row = page.locator("#time-table tbody tr").nth(2)
    assert int(row.locator("td").first.inner_text()) == by_mouse
    row.locator("button").press("Enter")
    assert number(page) == by_mouse
    assert page.locator("#chart svg[role=img]").get_attribute("aria-label")


def test_search_finds_every_word_anywhere(show: Open) -> None:
    page = show(history(60))
    page.keyboard.press("/")
    assert focused(page) == "search"
    page.keyboard.type("grace DEPLOY/prod")
    assert 0 < number(page) < 60
    page.fill("#search", "no such thing")
    assert page.inner_text("#none") == "No secret fits these filters."
    page.fill("#search", "")
    assert number(page) == 60


@pytest.mark.parametrize(("sort", "column"), [("name", "secret"), ("since", "since"), ("where", "where")])
def test_a_heading_sorts_and_again_the_other_way(show: Open, sort: str, column: str) -> None:
    page = show(history(20))
    part = {"name": ".open", "since": "time", "where": ".path"}[sort]

    def shown() -> list[str]:
        return [it.lower() for it in page.locator(f"#rows td.{column} {part}").all_inner_texts()]

    page.click(f"[data-sort={sort}]")
    up = shown()
    assert page.locator("th[aria-sort=ascending]").count() == 1
    page.click(f"[data-sort={sort}]")
    assert page.locator("th[aria-sort=descending]").count() == 1
    assert shown()[0] == up[-1]
    if sort != "where":
        assert up == sorted(up)


def test_keys_move_open_and_close(show: Open) -> None:
    page = show(history(40))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("k")
    row = page.locator("#rows tr:has(.open:focus)")
    assert row.get_attribute("data-index") == "1"
    name = row.locator(".open").inner_text()

    page.keyboard.press("Enter")
    assert focused(page) == "detail-title"
    assert page.inner_text("#detail-title") == name
    page.keyboard.press("j")
    assert page.locator("#rows tr.current").get_attribute("data-index") == "2"
    page.keyboard.press("Escape")
    assert not page.locator("#detail").is_visible()
    assert row.get_attribute("data-index") == "2"

    page.keyboard.press("End")
    assert row.get_attribute("data-index") == "39"
    assert is_seen(page, "#rows tr:has(.open:focus)")
    page.keyboard.press("Home")
    assert row.get_attribute("data-index") == "0"


def test_the_keys_are_told(show: Open) -> None:
    page = show(history(3))
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    assert "Search" in page.inner_text("#keys")
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_a_key_in_the_search_is_a_letter(show: Open) -> None:
    page = show(history(3))
    page.keyboard.press("/")
    page.keyboard.type("jk?x")
    assert page.input_value("#search") == "jk?x"
    assert not page.locator("#keys").is_visible()


def test_what_is_shown_is_in_the_address_and_comes_back(show: Open) -> None:
    page = show(history(60))
    page.click("[data-facet=severity] .choice >> nth=0")
    page.click("[data-facet=author] .choice >> nth=1")
    page.click("[data-facet=folder] .choice >> nth=0")
    page.fill("#search", "a")
    page.click("[data-sort=name]")
    page.locator("#rows .open").first.click()
    fragment, rows = page.evaluate("location.hash"), page.locator("#rows").inner_text()
    assert "severity=critical" in fragment

    other = show(history(60), fragment=fragment)
    assert other.locator("#rows").inner_text() == rows
    assert other.inner_text("#detail-title") == page.inner_text("#detail-title")
    assert other.evaluate("location.hash") == fragment
    other.evaluate("location.hash = ''")
    other.wait_for_function("document.getElementById('detail').hidden")
    assert number(other) == 60


def test_an_address_of_another_report_does_no_harm(show: Open) -> None:
    fragment = "#severity=none&ref=%00%ff&sort=-__proto__&open=zz&folder=%2e%2e%2f&x=1&rule"
    page = show(history(5), fragment=fragment)
    assert page.inner_text("#none") == "No secret fits these filters."
    page.keyboard.press("x")
    assert number(page) == 5


def test_the_detail_has_reasons_steps_history_places_and_commands(show: Open) -> None:
    page = show(history(40))
    page.locator("#rows .open").first.click()
    text = page.inner_text("#detail")
    fingerprint = re.search(r"fingerprint\s+([0-9a-f]{20})", text)

    assert fingerprint
    for part in ("Why it matters", "Make it worthless", "History", "Where it is", "Why it was found"):
        assert part in text
    commands = page.locator("#detail pre").all_inner_texts()
    assert commands == [
        f"tightlip incident {fingerprint[1]} ../shop",
        (
            "tightlip scan-history ../shop --report json:report.json\n"
            f"tightlip purge ../shop --plan plan.json --findings report.json --select {fingerprint[1]}"
        ),
        f"printf '%s\\n' '{fingerprint[1]}  # why it may stay' >> .tightlipignore",
    ]


def test_a_command_is_copied(show: Open) -> None:
    page = show(history(3), permissions=["clipboard-read", "clipboard-write"])
    page.locator("#rows .open").first.click()
    page.locator(".copy").first.click()
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#detail pre").first.inner_text()


def test_what_is_staged_has_a_comment_to_paste_and_no_history(show: Open) -> None:
    page = show(staged())
    page.locator("#rows .open").first.click()
    text = page.inner_text("#detail")

    assert re.search(r"(#|//) tightlip: allow=[a-z0-9-]+ why it may stay", text)
    assert "tightlip purge" not in text
    assert "History" not in text
    assert not page.locator("#time").is_visible()
    assert page.locator("#list th").all_inner_texts() == ["Severity\u2191", "Secret", "Where"]


def test_many_places_come_when_asked_for(show: Open) -> None:
    made = history(1)
    one = made.findings[0].occurrences[0]
    places = tuple(replace(one, path=f"a/{n}.py", line=n) for n in range(1, 200))
    page = show(replace(made, findings=(replace(made.findings[0], occurrences=places),)))
    page.locator("#rows .open").first.click()

    assert page.locator("#detail li code >> text=.py").count() == 12
    page.click("text=Show all 199")
    assert page.locator("#detail li code >> text=.py").count() == 199


def test_it_is_light_or_dark_as_the_system_is_or_as_the_button_says(show: Open) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light, dark = show(history(3), color_scheme="light"), show(history(3), color_scheme="dark")
    colours = (light.evaluate(ground), dark.evaluate(ground))
    assert colours[0] != colours[1]

    light.click("#theme-button")
    light.click("#theme-button")
    assert light.evaluate(ground) == colours[1]
    for _ in range(20):  # the browser takes its time to write down what is to be kept
        light.reload()
        if light.evaluate(ground) == colours[1]:
            break
        light.wait_for_timeout(100)
    assert light.evaluate(ground) == colours[1]
    assert light.locator("#theme-button").get_attribute("aria-label") == "Colours: Dark"


def test_paper_has_everything_the_filters_leave_and_nothing_to_press(show: Open) -> None:
    page = show(history(60, unscanned=UNSCANNED), color_scheme="dark")
    page.click("[data-facet=severity] .choice >> nth=0")
    left = number(page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.locator("#printed > ol > li").count() == left
    assert "Only those of this view. Severity: critical" in page.inner_text("#printed")
    assert "How to make them worthless" in page.inner_text("#printed")
    assert page.locator("#unscanned li").count() == len(UNSCANNED)
    for selector in ("#search", "#theme-button", "#list", ".filters", ".skip"):
        assert not page.locator(selector).is_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#printed").inner_text() == ""
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize("width", [320, 390, 768, 1100], ids=str)
def test_it_fits_a_narrow_screen(show: Open, width: int) -> None:
    page = show(history(40, unscanned=UNSCANNED), size=(width, 700))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#rows .open").nth(2).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width < 760:
        box = page.locator("#detail").bounding_box()
        assert box == {"x": 0, "y": 0, "width": width, "height": 700}
        assert page.get_by_role("dialog").count() == 1
        assert page.evaluate("document.querySelector('.results').inert")
        page.keyboard.press("Escape")
        assert not page.evaluate("document.querySelector('.results').inert")


def test_filters_can_be_opened_on_a_phone(show: Open) -> None:
    page = show(history(40), size=(390, 800))
    assert not page.locator("#filters").is_visible()
    page.click("#filters-button")
    assert page.locator("#filters-button").get_attribute("aria-expanded") == "true"
    page.click("[data-facet=severity] .choice >> nth=0")
    assert number(page) < 40

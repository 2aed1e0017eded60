"""The page for people who do not see it, do not use a mouse, or do not want things to move."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pages import UNSCANNED, history

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from conftest import Open

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]

CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const linear = (it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
    const [x, y, z] = [r, g, b].map((it) => linear(it / 255));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const share = at.querySelector(":scope > .share");
      const colour = rgba(getComputedStyle(share && at !== node ? share : at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const low = [];
  const walk = document.createTreeWalker(document.querySelector(".app"), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(node);
    const front = rgba(node.closest("#chart svg") ? style.fill : style.color);
    const [a, b] = [light(front), light(behind(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) low.push([walk.currentNode.data.slice(0, 30), node.outerHTML.slice(0, 60), ratio.toFixed(2)]);
  }
  return low;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (390, 800)], ids=["desk", "phone"])
def test_all_text_can_be_read(show: Open, scheme: str, size: tuple[int, int]) -> None:
    page = show(history(60, unscanned=UNSCANNED, notes=("a note",)), size=size, color_scheme=scheme)
    page.evaluate(
        "for (const it of document.querySelectorAll('[data-facet] .choice')) if (it.textContent[0] < 'M') it.click()"
    )
    page.locator("#rows .open, #chips button").first.click()
    page.locator("#time-table summary").evaluate("(it) => it.click()")

    assert page.evaluate(CONTRASTS) == []


def test_the_calculation_sees_what_cannot_be_read(show: Open) -> None:
    page = show(history(2))
    page.evaluate("document.getElementById('count').style.color = '#bbbbbb'")
    assert [what for what, _, _ in page.evaluate(CONTRASTS)] == ["2 secrets"]


def test_it_has_landmarks_and_headings_in_order(show: Open) -> None:
    page = show(history(40, unscanned=UNSCANNED))
    page.locator("#rows .open").first.click()
    for role in ("banner", "main", "search", "complementary", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter((it) => it.checkVisibility()).map((it) => +it.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.evaluate("document.documentElement.lang") == "en"


def test_every_control_has_a_name_and_every_id_is_one(show: Open) -> None:
    page = show(history(40))
    page.locator("#rows .open").first.click()
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a, input, summary')].filter((it) => it.checkVisibility() && "
        "!(it.getAttribute('aria-label') || it.textContent.trim() || it.labels?.length)).map((it) => it.outerHTML)"
    )
    assert nameless == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((it) => it.id)")
    assert len(ids) == len(set(ids))
    wanted = page.evaluate(
        "[...document.querySelectorAll('[aria-labelledby], [aria-controls]')].flatMap((it) => "
        "[it.getAttribute('aria-labelledby'), it.getAttribute('aria-controls')]).filter(Boolean)"
    )
    assert set(wanted) - {"detail-title"} <= set(ids)


def test_the_list_is_a_table_that_knows_how_long_it_is(show: Open) -> None:
    page = show(history(2000))
    table = page.get_by_role("table", name="Secrets")
    rows = page.locator("#rows tr")

    assert table.get_attribute("aria-rowcount") == "2001"
    assert rows.first.get_attribute("aria-rowindex") == "2"
    assert page.get_by_role("columnheader").count() == 5
    assert rows.count() < 100
    page.keyboard.press("j")
    page.keyboard.press("End")
    assert rows.last.get_attribute("aria-rowindex") == "2001"
    assert table.get_by_role("row").last.get_by_role("cell").count() == 5


def test_how_many_are_left_is_said_aloud(show: Open) -> None:
    page = show(history(40))
    assert page.locator("#count").get_attribute("aria-live") == "polite"
    page.fill("#search", "stripe")
    assert page.get_by_role("status").inner_text().endswith("of 40 secrets")


def tabbed(page: Page, times: int) -> list[Any]:
    seen = []
    for _ in range(times):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
    return seen


def test_the_tab_key_reaches_everything_and_the_list_is_one_stop(show: Open) -> None:
    page = show(history(20))
    seen = tabbed(page, 90)

    assert seen[:3] == ["skip", "theme-button", "keys-button"]
    assert "search" in seen
    first = seen.index("open")
    assert seen[first + 1] != "open"


def test_one_can_skip_to_the_list_and_the_address_stays(show: Open) -> None:
    page = show(history(20), fragment="#severity=high")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "list-title"
    assert page.evaluate("location.hash") == "#severity=high"


def test_focus_stays_where_it_was_when_a_filter_changes(show: Open) -> None:
    page = show(history(40))
    choice = page.locator("[data-facet=rule] .choice").nth(2)
    title = choice.get_attribute("title")
    choice.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.title") == title
    page.focus("[data-sort=name]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.sort") == "name"


def test_closing_brings_the_focus_back_to_the_row(show: Open) -> None:
    page = show(history(40))
    page.locator("#rows .open").nth(3).click()
    page.keyboard.press("Escape")
    assert page.locator("#rows tr:has(.open:focus)").get_attribute("data-index") == "3"


def test_severity_is_a_shape_and_a_word_besides_a_colour(show: Open) -> None:
    page = show(history(60))
    shapes = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#severities button')].map((it) => "
        "[it.lastChild.textContent, it.querySelector('use').getAttribute('href')]))"
    )
    assert shapes == {"Critical": "#critical", "High": "#high", "Medium": "#medium", "Low": "#low"}
    assert page.locator("#rows .severity").first.inner_text() == "Critical"


def test_nothing_moves_where_that_is_not_wanted(show: Open) -> None:
    moving = (
        "[...document.querySelectorAll('*')].filter((it) => { const style = getComputedStyle(it); "
        "return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none'; }).length"
    )
    assert show(history(5), reduced_motion="no-preference").evaluate(moving) > 0
    assert show(history(5), reduced_motion="reduce").evaluate(moving) == 0


def test_rows_may_be_of_any_height(show: Open) -> None:
    page = show(history(400))
    page.evaluate("document.documentElement.style.fontSize = '32px'; dispatchEvent(new Event('resize'))")
    page.wait_for_function("document.querySelector('#rows tr').offsetHeight > 100")
    page.keyboard.press("j")
    page.keyboard.press("End")
    row = page.locator("#rows tr:has(.open:focus)")
    assert row.get_attribute("data-index") == "399"
    box = row.bounding_box()
    assert box
    assert 0 < box["y"] < 900

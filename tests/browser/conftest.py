"""A browser without a window, and pages of reports in it. Where there is none, these tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tightlip.report.html import write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tightlip.finding import Report

Open = Callable[..., "Page"]
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")  # and no longer: other tests count the processes that are left
def browser() -> Iterator[Browser]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program)
        yield started
        started.close()


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Report], Path]:
    """Write the page of a report into a file."""

    def saved(report: Report) -> Path:
        file = tmp_path / "report.html"
        with file.open("w", encoding="ascii", newline="\n") as out:
            write(report, out)
        return file

    return saved


@pytest.fixture
def show(browser: Browser, saved: Callable[[Report], Path]) -> Iterator[Open]:
    """Open a report from the disk. Nothing may fail in it, and nothing may be asked for."""
    said: list[str] = []
    contexts = []

    def show(report: Report, *, fragment: str = "", size: tuple[int, int] = (1440, 900), **options: object) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        file = saved(report).as_uri()
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
        page.on("request", lambda request: said.append(request.url) if request.url.partition("#")[0] != file else None)
        page.goto(file + fragment)
        return page

    yield show
    for context in contexts:
        context.close()
    assert said == []

"""The trial report as a browser shows it: on a desk, on a phone and on paper."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
A4_WITHIN_MARGINS = 688
"""A4 less 14 mm at either side [CSS px]."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trial") / "out"
    command = [sys.executable, "-m", "csf_responder", "trial", str(REFERENCE), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: run scripts/install-debian.sh"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    page.goto(report.as_uri())
    yield page
    page.close()


WIDTHS = pytest.mark.parametrize("opened", [390, 1280, 1920], indirect=True)


@WIDTHS
def test_nothing_is_wider_than_the_screen(opened: Page) -> None:
    width = opened.evaluate("document.documentElement.clientWidth")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("opened", [1280], indirect=True)
def test_no_table_has_to_be_moved_on_a_desk(opened: Page) -> None:
    moved = opened.evaluate(
        "[...document.querySelectorAll('section > .scroll')]"
        ".filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText.slice(0, 40))"
    )
    assert moved == []


@WIDTHS
def test_every_picture_is_drawn_and_large_enough_to_read(opened: Page) -> None:
    scales = opened.evaluate(
        "[...document.images].map(one => one.complete && one.width / one.naturalWidth)"
    )
    assert len(scales) > 20
    assert min(scales) > 0.75, "text of 12 px would be below 9 px"


def test_the_report_asks_nobody_for_anything(browser: Browser, report: Path) -> None:
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(report.as_uri())
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []


@pytest.mark.parametrize("opened", [A4_WITHIN_MARGINS], indirect=True)
def test_nothing_is_cut_on_paper(opened: Page) -> None:
    opened.emulate_media(media="print")
    wide = opened.evaluate(
        "[...document.querySelectorAll('table, img, p')]"
        ".filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.id)"
    )
    assert wide == []


def test_the_report_prints_to_paper(browser: Browser, report: Path, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    printed = page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    page.close()
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 7

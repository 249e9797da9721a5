"""The training report as the service sends it and a browser shows it, under its own policy."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from models.registry import Registry

ROOT = Path(__file__).parents[2]
DARK_GROUND = "rgb(22, 24, 29)"


@pytest.fixture(scope="module")
def base(linear_registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real service, and where it listens."""
    registry = tmp_path_factory.mktemp("served") / "registry"
    shutil.copytree(linear_registry.folder, registry)
    command = [sys.executable, "-m", "csf_responder", "serve", "--port", "0", "--registry"]
    environment = {**os.environ, "CSF_ALLOW_ANONYMOUS": "1"}
    with subprocess.Popen(
        [*command, str(registry)], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as service:  # fmt: skip
        assert service.stdout is not None
        found = None
        while found is None:
            line = service.stdout.readline()
            assert line, "the service ended before it listened"
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
        yield found[0]
        service.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: run scripts/install-debian.sh"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_is_whole_quiet_and_fits(
    browser: Browser, base: str, width: int, scheme: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{base}/v1/models/champion/report?task=on_treatment")
    drawn = page.evaluate("[...document.images].map(one => one.naturalWidth > 0)")
    assert len(drawn) > 8
    assert all(drawn)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == DARK_GROUND) == (scheme == "dark")
    assert not [url for url in asked if not url.startswith((base, "data:"))]
    assert [text for text in said if "favicon" not in text] == []
    page.close()


def test_pictures_turn_dark_with_the_page(browser: Browser, base: str) -> None:
    corners = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{base}/v1/models/champion/report?task=on_treatment")
        picture = page.locator("img").first
        corners[scheme] = picture.screenshot()
        page.close()
    assert corners["light"] != corners["dark"]


def test_a_picture_of_its_own_is_shown(browser: Browser, base: str) -> None:
    page = browser.new_page()
    answer = page.goto(f"{base}/v1/models/champion/plots/roc?task=on_treatment&format=svg")
    assert answer is not None
    assert answer.status == 200
    assert "ROC of the classifier" in (page.locator("svg").text_content() or "")
    page.close()

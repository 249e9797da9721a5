"""Every page of a running service at 390, 1280 and 1920 px, light and dark, to look at.

Start one that needs no keys (`make demo-serve`), then
`.venv/bin/python scripts/screenshots.py http://127.0.0.1:PORT FOLDER`.
"""

import json
import shutil
import sys
from itertools import product
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

WIDTHS = (390, 1280, 1920)
SCHEMES = ("light", "dark")


def main() -> None:
    address, folder = sys.argv[1].rstrip("/"), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for (name, path), width, scheme in product(pages(address).items(), WIDTHS, SCHEMES):
            shoot(browser, address + path, folder / f"{name}-{width}-{scheme}.png", width, scheme)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")


def pages(address: str) -> dict[str, str]:
    """Addresses by name; those of a bundle and of a prediction where there is one."""
    found = {
        "overview": "/",
        "models": "/models",
        "try": "/try?example=1",
        "predictions": "/predictions",
        "monitoring": "/monitoring",
        "docs": "/docs",
        "login": "/login",
    }
    bundles = [one["bundle_id"] for one in ask(f"{address}/v1/models")["models"]]
    if bundles:
        found["model"] = f"/models/{bundles[-1]}"
        found["comparison"] = f"/models/{bundles[-1]}/comparison?with={bundles[0]}"
    kept = ask(f"{address}/v1/predictions?limit=1")["predictions"]
    for one in kept:
        found["prediction"] = f"/predictions/{one['prediction_id']}"
    return found


def ask(address: str) -> dict[str, list[dict[str, str]]]:
    with urlopen(address) as answer:  # noqa: S310 - what the command line names
        found: dict[str, list[dict[str, str]]] = json.load(answer)
    return found


def shoot(browser: Browser, address: str, file: Path, width: int, scheme: str) -> None:
    """One picture, with all charts drawn."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(address)
    for place in page.query_selector_all(".chart"):
        place.scroll_into_view_if_needed()
        page.wait_for_function("place => 'drawn' in place.dataset", arg=place)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=True)
    page.close()


if __name__ == "__main__":
    main()

"""Every chart as Vega-Lite reads it: nothing in a specification makes it warn."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from charts.evaluation.plots import plots_of
from models.registry import Registry

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "service" / "pages" / "static" / "vendor"
COMPILE = """spec => {
  const said = [], note = (...words) => { said.push(words.join(" ")); return logger; };
  const logger = {level: () => logger, error: note, warn: note, info: () => logger,
                  debug: () => logger};
  vegaLite.compile(spec, {logger});
  return said;
}"""


@pytest.fixture(scope="module")
def libraries() -> Iterator[Page]:
    """A page with the libraries that the dashboard sends."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: run scripts/install-debian.sh"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = opened.new_page()
        for name in ("vega.js", "vega-lite.js"):
            page.add_script_tag(path=VENDOR / name)
        yield page
        opened.close()


def warnings_of(page: Page, specs: dict[str, Any]) -> dict[str, list[str]]:
    said = {name: page.evaluate(COMPILE, spec) for name, spec in specs.items()}
    return {name: found for name, found in said.items() if found}


def test_a_specification_that_contradicts_itself_is_noticed(libraries: Page) -> None:
    layers = [
        {"mark": mark, "encoding": {"color": {"field": "a", "type": "nominal", "legend": legend}}}
        for mark, legend in (("point", None), ("line", {"title": "a"}))
    ]
    data = {"values": [{"a": "x"}]}
    assert warnings_of(libraries, {"odd": {"data": data, "layer": layers}}) != {}


@pytest.mark.parametrize("family", ["linear", "boosted"])
def test_no_chart_of_a_classifier_warns(
    libraries: Page, request: pytest.FixtureRequest, family: str
) -> None:
    registry: Registry = request.getfixturevalue(f"{family}_registry")
    for bundle_id in registry.champions().values():
        figures = plots_of(registry.read(bundle_id).evaluation)
        specs = {name: figure.charts[0].spec for name, figure in figures.items()}
        assert len(specs) >= 10
        assert warnings_of(libraries, specs) == {}


def test_no_chart_of_a_trial_warns(libraries: Page, tmp_path: Path) -> None:
    cohort = ROOT / "data" / "reference"
    command = [sys.executable, "-m", "csf_responder", "trial", str(cohort), "--out"]
    subprocess.run([*command, str(tmp_path / "out")], check=True, capture_output=True)
    files = sorted((tmp_path / "out" / "figures").glob("*.vl.json"))
    assert len(files) > 20
    specs = {path.name: json.loads(path.read_text()) for path in files}
    assert warnings_of(libraries, specs) == {}

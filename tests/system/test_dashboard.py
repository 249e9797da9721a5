"""The dashboard as people see it: a real browser at a real service, with and without keys."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from data.cohort import Cohort
from models.registry import Registry

AXE = (Path(__file__).parent / "vendor" / "axe.js").read_text()
SERVE = (sys.executable, "-m", "csf_responder")
MARKUP = (
    "<script>canary={0}</script>", "<img src=x onerror=canary={0}>", "<svg onload=canary={0}>",
    "\"><script>canary={0}</script>", "'><b onmouseover=canary={0}>",
    "</td><script>canary={0}</script>",
    "<iframe src=javascript:canary={0}>", "{{{{canary={0}}}}}", "${{canary={0}}}",
    "{{% canary={0} %}}",
    "<a href=javascript:canary={0}>x</a>", "</textarea><script>canary={0}</script>",
    "\" autofocus onfocus=canary={0} x=\"", "</title><script>canary={0}</script>",
    "</script><script>canary={0}</script>", "<!--<script>canary={0}</script>-->",
    "<style>@import 'x{0}'</style>", "<base href=//example.org/{0}>", "<object data=x{0}>",
    "<form action=//example.org/{0}><button>", "<b hx-get=/x{0} hx-trigger=load>",
    "<b hx-on:load=canary={0}>", "<link rel=stylesheet href=//example.org/{0}>",
    "<details open ontoggle=canary={0}>", "<input onfocus=canary={0} autofocus>",
    "`${{canary={0}}}`", "\\\"><script>canary={0}</script>",
    "&lt;script&gt;canary={0}&lt;/script&gt;",
    "<math><mtext></mtext><script>canary={0}</script>", "[x](javascript:canary={0})",
)  # fmt: skip
CANARIES = tuple(text.format(number) for number, text in enumerate(MARKUP))
"""Thirty texts that would run, load or post something where they are taken for markup."""


@dataclass
class Served:
    """A service, a browser at it, and all that went wrong there."""

    address: str
    browser: Browser
    registry: Registry
    said: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @contextmanager
    def page(self, path: str, *, width: int = 1280, scheme: Any = "light") -> Iterator[Page]:
        """A page in a browser of its own; whatever it says or asks for elsewhere is noted."""
        viewport: Any = {"width": width, "height": 900}
        context = self.browser.new_context(
            base_url=self.address, viewport=viewport, color_scheme=scheme
        )
        context.set_default_timeout(5000)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.on("request", self._note_request)
        page.goto(path)
        yield page
        context.close()

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.left.append(request.url)


@contextmanager
def serving(registry: Registry, folder: Path, **settings: str) -> Iterator[str]:
    """The address of a service of its own, ended by its own id."""
    environment = os.environ | {
        "CSF_REGISTRY": str(registry.folder),
        "CSF_DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
        **settings,
    }
    process = subprocess.Popen(
        [*SERVE, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, cwd=folder,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip().removeprefix("Serving on ")
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: run scripts/install-debian.sh"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: Any, cohort: Cohort, train_quickly: Callable[..., Any]) -> Registry:
    """A registry whose every free text wants to be markup."""
    registry = Registry(tmp_path_factory.mktemp("hostile") / "registry")
    described = replace(cohort.provenance, description=" ".join(CANARIES))
    for task in ("pretreatment", "on_treatment"):
        bundle = train_quickly(replace(cohort, provenance=described), task)
        bundle_id = bundle.write(registry.bundles)
        for number, text in enumerate(CANARIES):
            now = datetime(2026, 1, 3, 0, number, tzinfo=UTC)
            registry.promote(bundle_id, by=text, reason=text, now=now)
    return registry


@pytest.fixture(scope="module")
def served(hostile: Registry, browser: Browser, tmp_path_factory: Any) -> Iterator[Served]:
    """A service that whoever is on this machine may ask, with thirty hostile predictions."""
    folder = tmp_path_factory.mktemp("served")
    with serving(hostile, folder, CSF_ALLOW_ANONYMOUS="1") as address:
        for number, text in enumerate(CANARIES):
            answer = httpx.post(f"{address}/v1/predictions", json=panel(number, text))
            assert answer.status_code == 201, answer.text
            tell(f"{address}{answer.headers['location']}", responder=number % 2 == 0)
        yield Served(address, browser, hostile)


def panel(number: int, text: str) -> dict[str, Any]:
    """A panel pair with a text wherever one may be."""
    cell = {"analyte": "TNF", "result": "<0.7", "unit": "pg/mL", "platform": text, "plate": text}
    panels = [{"month": month, "measurements": [cell | {"lloq": 0.7}]} for month in (0, 1)]
    return {"patient_id": f"P-{number}", "baseline": panels[0], "follow_up": panels[1]}


def tell(address: str, *, responder: bool) -> None:
    """What became of the patient of a prediction."""
    outcome = {"definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"}
    answer = httpx.put(f"{address}/outcome", json=outcome | {"responder": responder})
    assert answer.status_code == 200, answer.text


def paths(served: Served) -> dict[str, str]:
    """Every page by its name."""
    first, second = (served.registry.champion(t) for t in ("on_treatment", "pretreatment"))  # type: ignore[arg-type]
    kept = httpx.get(f"{served.address}/v1/predictions").json()["predictions"]
    return {
        "overview": "/", "models": "/models", "model": f"/models/{first}",
        "comparison": f"/models/{first}/comparison?with={second}", "try": "/try?example=1",
        "predictions": "/predictions", "prediction": f"/predictions/{kept[0]['prediction_id']}",
        "monitoring": "/monitoring", "docs": "/docs", "login": "/login",
    }  # fmt: skip


PAGES = ("overview", "models", "model", "comparison", "try", "predictions", "prediction",
         "monitoring", "docs", "login")  # fmt: skip


def draw_all(page: Page) -> None:
    """Wait until every chart of a page is drawn."""
    for place in page.query_selector_all(".chart"):
        place.scroll_into_view_if_needed()
        page.wait_for_function("place => 'drawn' in place.dataset", arg=place)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_quiet_accessible_and_asks_nobody_elsewhere(
    served: Served, name: str, scheme: str
) -> None:
    served.said.clear(), served.left.clear()
    with served.page(paths(served)[name], scheme=scheme) as page:
        draw_all(page)
        found = page.evaluate(f"(async () => {{ {AXE}; return (await axe.run()).violations }})()")
        assert page.evaluate("typeof canary") == "undefined"
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert (served.said, served.left) == ([], [])


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(served: Served, name: str, width: int) -> None:
    with served.page(paths(served)[name], width=width) as page:
        draw_all(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_hostile_texts_are_shown_as_they_are(served: Served) -> None:
    with served.page(paths(served)["model"]) as page:
        reasons = page.locator("#history ~ .scroll").first.inner_text()
    for text in CANARIES:
        assert text in reasons


def test_prediction_with_hostile_texts_shows_them(served: Served) -> None:
    kept = httpx.get(f"{served.address}/v1/predictions").json()["predictions"]
    for one in kept[::5]:
        with served.page(f"/predictions/{one['prediction_id']}") as page:
            assert CANARIES[int(one["patient_id"][2:])] in page.inner_text("main")
            assert page.evaluate("typeof canary") == "undefined"


def test_threshold_moves_the_numbers_and_not_what_is_served(served: Served) -> None:
    with served.page(paths(served)["model"]) as page:
        before = page.inner_text("#numbers")
        page.focus("#slider")
        page.keyboard.press("End")
        assert "1.00 (" in page.inner_text('#numbers [data-part="sensitivity"]')
        page.keyboard.press("Home")
        strict = page.inner_text("#numbers")
        assert strict != before
        row = page.locator("#thresholds tbody tr").first.text_content() or ""
        assert page.inner_text('#numbers [data-part="specificity"]') in row
        assert "Nothing moves in the service" in page.inner_text("main")


def test_charts_turn_dark_when_somebody_asks_and_stay_so(served: Served) -> None:
    with served.page(paths(served)["model"]) as page:
        draw_all(page)
        fill = "getComputedStyle(document.body).color"
        light, drawn = page.evaluate(fill), page.inner_html(".chart svg")
        page.click("#theme")
        page.wait_for_function(
            "old => document.querySelector('.chart svg').innerHTML !== old", arg=drawn
        )
        assert page.evaluate(fill) != light
        page.reload()
        assert page.evaluate(fill) != light


def test_form_shows_a_fault_beside_its_field_and_a_result_for_the_example(served: Served) -> None:
    with served.page("/try") as page:
        page.click("text=Fill in an example")
        page.fill("[name='baseline/measurements/0/result']", "abc")
        page.click("button:has-text('Predict')")
        fault = page.wait_for_selector("[id='fault-baseline/measurements/0/result']")
        assert fault is not None
        assert "A result is written like" in fault.inner_text()
        page.fill("[name='baseline/measurements/0/result']", "<0.7")
        page.click("button:has-text('Predict')")
        said = page.wait_for_selector("#said")
        assert said is not None
        assert re.fullmatch(r"[01]\.\d\d", page.inner_text("#answer .big"))
        assert page.locator(".fault").count() == 0


def test_form_works_without_scripts(served: Served) -> None:
    context = served.browser.new_context(base_url=served.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/try?example=1")
    page.click("button:has-text('Predict')")
    assert re.fullmatch(r"[01]\.\d\d", page.inner_text("#answer .big"))
    context.close()


def test_everything_can_be_reached_with_the_keyboard(served: Served) -> None:
    with served.page("/") as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_monitoring_shows_charts_of_outcomes_and_drift(served: Served) -> None:
    with served.page("/monitoring") as page:
        draw_all(page)
        titles = page.eval_on_selector_all("figcaption strong", "all => all.map(e => e.innerText)")
        said = page.inner_text("main")
    assert titles == [
        "In use less training.", "ROC in use beside training.", "Shift of each feature's mean.",
        "Probabilities that were answered.", "Predictions by day.",
    ]  # fmt: skip
    assert "n = 30 patients with their outcome told, 15 responders and 15 others" in said


def test_first_page_says_what_live_numbers_ask_for(served: Served) -> None:
    found = served.address + "/v1/monitoring/drift"
    loud = [one["drift"]["attention"] for one in httpx.get(found).json()["bundles"]]
    assert {"notice", "alarm"} & set(loud)
    with served.page("/") as page:
        page.wait_for_selector("#live:has-text('90 days')")
        assert "On treatment: patients who are sent differ" in page.inner_text("#live")


def test_browser_gets_a_page_where_nothing_is(served: Served) -> None:
    with served.page("/modles") as page:
        assert page.inner_text("h1") == "Not Found"
        page.click("main a")
        assert page.inner_text("h1") == "Overview"


def test_model_page_paints_within_a_second_and_is_small(served: Served) -> None:
    with served.page(paths(served)["model"]) as page:
        draw_all(page)
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        loaded = page.evaluate(
            "[...performance.getEntriesByType('resource'),"
            " ...performance.getEntriesByType('navigation')]"
            ".reduce((sum, one) => sum + one.decodedBodySize, 0)"
        )
    assert paint < 1000
    assert loaded < 1_500_000


@pytest.fixture(scope="module")
def keyed(
    linear_registry: Registry, browser: Browser, tmp_path_factory: Any
) -> Iterator[tuple[Served, dict[str, str]]]:
    """A service that asks for keys, and a key of each of two tenants."""
    folder = tmp_path_factory.mktemp("keyed")
    environment = os.environ | {
        "CSF_REGISTRY": str(linear_registry.folder),
        "CSF_DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
        "CSF_PEPPER_FILE": str(folder / "pepper"),
    }
    (folder / "pepper").write_text(os.urandom(32).hex())
    (folder / "pepper").chmod(0o600)
    keys = {}
    for tenant in ("north", "south"):
        scopes = [part for s in ("read", "predict", "read-patient") for part in ("--scope", s)]
        command = [*SERVE, "keys", "create", "--tenant", tenant, *scopes]
        made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        keys[tenant] = made.stdout.split()[0]
    with serving(linear_registry, folder, CSF_PEPPER_FILE=str(folder / "pepper")) as address:
        yield Served(address, browser, linear_registry), keys


def log_in(page: Page, key: str) -> None:
    page.fill("#key", key)
    page.click("main button")


def test_login_and_tenant_walls_hold(keyed: tuple[Served, dict[str, str]]) -> None:
    served, keys = keyed
    headers = {"authorization": f"Bearer {keys['north']}"}
    body = panel(1, "milliplex")
    made = httpx.post(f"{served.address}/v1/predictions", json=body, headers=headers).json()
    path = f"/predictions/{made['prediction_id']}"
    with served.page(path) as page:
        assert page.url.endswith(f"/login?next={path}")
        log_in(page, "csf_0_0")
        assert page.locator("#fault").count() == 1
        log_in(page, keys["south"])
        assert "Not Found" in page.inner_text("h1")
        page.click("text=Sign out")
        page.goto(path)
        log_in(page, keys["north"])
        assert "P-1" in page.inner_text("h1")
        assert page.evaluate("document.cookie") == ""


def test_page_of_another_origin_cannot_post_with_the_session(
    keyed: tuple[Served, dict[str, str]], tmp_path: Path
) -> None:
    served, keys = keyed
    with served.page("/login") as page:
        log_in(page, keys["north"])
        elsewhere = served.address.replace("127.0.0.1", "localhost")
        page.goto(f"{elsewhere}/login")
        page.evaluate(
            "address => { const form = document.createElement('form'); form.method = 'post';"
            "form.action = address; document.body.append(form); form.submit() }",
            f"{served.address}/logout",
        )
        page.wait_for_timeout(300)
        page.goto(f"{served.address}/")
        assert "Sign out" in page.inner_text("header")

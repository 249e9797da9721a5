"""Bundles as pages: the evaluation's numbers, what a threshold would do, the card as text."""

import re
import shutil
from typing import Any

import pytest

from models.registry import Registry
from models.scoring.circumstances import ROW_FLAGS
from service.pages.card import card_html
from service.pages.thresholds import thresholds_of
from service.pages.words import FLAGS, estimate, fixed

TASKS = ("pretreatment", "on_treatment")


@pytest.mark.parametrize("task", TASKS)
def test_page_card_and_api_have_the_same_headline(
    linear_client: Any, linear_registry: Registry, task: Any
) -> None:
    bundle_id = linear_registry.champion(task)
    auc = linear_client.get(f"/v1/models/{bundle_id}").json()["evaluation"]["auc"]
    page = linear_client.get(f"/models/{bundle_id}").text
    assert f'<p class="big">{fixed(auc["value"])}</p>' in page
    assert f"AUC {estimate(auc)}" in page
    assert f"AUC {estimate(auc)}" in linear_client.get("/").text
    assert f"| {fixed(auc['value'])} | {fixed(auc['lower'])} to {fixed(auc['upper'])} |" in (
        linear_client.get(f"/v1/models/{bundle_id}/card").text
    )


@pytest.mark.parametrize("path", ["/", "/models", "/try", "/models/{}"])
def test_simulated_is_said_wherever_a_simulated_bundle_speaks(
    linear_client: Any, linear_registry: Registry, path: str
) -> None:
    page = linear_client.get(path.format(linear_registry.champion("on_treatment"))).text
    assert '<p class="simulated" role="note">Simulated data' in page


def test_threshold_of_the_page_has_the_rates_of_the_curve(
    linear_client: Any, linear_registry: Registry
) -> None:
    bundle = linear_registry.read(linear_registry.champion("on_treatment"))
    curve = bundle.evaluation["roc"][0]
    page = linear_client.get(f"/models/{bundle.bundle_id}").text
    rows = re.findall(r'data-part="sensitivity">(\S+) .*?data-part="specificity">(\S+) ', page)
    finite = [point for point in curve["points"] if point["threshold"] is not None]
    assert rows == [(fixed(one["sensitivity"]), fixed(one["specificity"])) for one in finite]


def test_counts_of_a_threshold_add_up_and_give_its_predictive_values() -> None:
    auc = {"n_cases": 20, "n_controls": 10}
    points = [{"threshold": t, "sensitivity": se, "specificity": sp}
              for t, se, sp in ((None, 0.0, 1.0), (0.6, 0.625, 0.8), (0.1, 1.0, 0.0))]  # fmt: skip
    first, last = thresholds_of({"auc": auc, "points": points})
    assert (first.counts.true_positives, first.counts.false_positives) == (12.5, 2.0)
    assert first.ppv is not None
    assert first.npv is not None
    assert first.ppv.value == pytest.approx(12.5 / 14.5)
    assert first.npv.value == pytest.approx(8 / 15.5)
    assert first.ppv.lower < first.ppv.value < first.ppv.upper
    assert last.npv is None


def test_damaged_bundle_is_named_and_the_others_are_shown(
    make_client: Any, linear_registry: Registry, tmp_path: Any
) -> None:
    shutil.copytree(linear_registry.folder, tmp_path / "copy")
    registry = Registry(tmp_path / "copy")
    client, bundle_id = make_client(registry), registry.champion("pretreatment")
    (registry.bundles / bundle_id / "card.md").write_text("changed")
    page = client.get("/models")
    assert "Cannot be used" in page.text
    assert f'href="/models/{registry.champion("on_treatment")}"' in page.text
    assert client.get(f"/models/{bundle_id}").status_code == 503


@pytest.mark.parametrize("name", ["20200101T000000Z-000000000000", "CANARY", "..%2F..%2Fetc"])
def test_bundle_that_is_not_there_is_not_found(linear_client: Any, name: str) -> None:
    page = linear_client.get(f"/models/{name}")
    assert page.status_code == 404
    assert "CANARY" not in page.text


def test_two_bundles_of_the_same_folds_are_compared_fold_by_fold(
    linear_client: Any, linear_registry: Registry
) -> None:
    first, second = (linear_registry.champion(task) for task in reversed(TASKS))  # type: ignore[arg-type]
    page = linear_client.get(f"/models/{first}/comparison?with={second}")
    assert page.status_code == 200
    assert "fold by fold" in page.text
    same = linear_client.get(f"/models/{first}/comparison?with={first}").text
    assert "AUC 0.000 (0.000 to 0.000)" in same
    assert linear_client.get(f"/models/{first}/comparison").status_code == 404


def test_list_pages_without_gap(make_client: Any, linear_registry: Registry, tmp_path: Any) -> None:
    ids = [f"202601{day:02d}T120000Z-{day:012x}" for day in range(1, 29)]
    for bundle_id in ids:
        (tmp_path / "many" / "bundles" / bundle_id).mkdir(parents=True)
    client = make_client(Registry(tmp_path / "many"))
    first = client.get("/models").text
    (before,) = re.findall(r'hx-get="/models\?before=([^"]*)"', first)
    last = client.get(f"/models?before={before}").text
    shown = re.findall(r"<code>(\d{8}T\d{6}Z-\w{12})</code>", first + last)
    assert shown == ids[::-1]


def test_overview_of_an_empty_registry_says_what_to_do(make_client: Any, tmp_path: Any) -> None:
    page = make_client(Registry(tmp_path / "empty")).get("/")
    assert page.status_code == 200
    assert page.text.count("Nothing is promoted for this task") == 2


def test_every_flag_has_its_words() -> None:
    assert set(FLAGS) == set(ROW_FLAGS)


def test_card_on_the_page_is_text_and_its_tables_are_tables() -> None:
    card = "# T\n\n## A <b>\n\n- x\n\n| h | i |\n|---|---|\n| a\\|b | <script> |\n"
    assert str(card_html(card)) == (
        "<h2>A &lt;b&gt;</h2>\n<ul><li>x</li></ul>\n"
        '<div class="scroll"><table><thead><tr><th scope="col">h</th><th scope="col">i</th></tr>'
        "</thead><tbody><tr><td>a|b</td><td>&lt;script&gt;</td></tr></tbody></table></div>"
    )


def test_report_and_numbers_of_charts_are_those_of_the_api(
    linear_client: Any, linear_registry: Registry
) -> None:
    bundle_id = linear_registry.champion("on_treatment")
    ours, theirs = (linear_client.get(f"{at}/models/{bundle_id}/report") for at in ("", "/v1"))
    assert ours.content == theirs.content
    assert "sandbox" in ours.headers["content-security-policy"]
    page = linear_client.get(f"/models/{bundle_id}").text
    names = re.findall(rf'href="(/models/{bundle_id}/plots/\w+)"', page)
    assert len(names) > 5
    for name in names:
        assert linear_client.get(name).text == linear_client.get(f"/v1{name}?format=csv").text

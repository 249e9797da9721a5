import json
import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import altair
import pytest

from charts.chart import Figure
from charts.evaluation.plots import plots_of
from charts.evaluation.who import SIMULATED
from models.registry import Registry

NEW_FIELDS = ("contributions", "labels", "stability", "controls", "subgroups", "procedure_less")


@pytest.fixture(params=["linear", "boosted"])
def evaluation(
    request: pytest.FixtureRequest, linear_registry: Registry, boosted_registry: Registry
) -> dict[str, Any]:
    registry = {"linear": linear_registry, "boosted": boosted_registry}[request.param]
    return dict(registry.read(registry.champion("on_treatment")).evaluation)


@pytest.fixture
def linear(linear_registry: Registry) -> dict[str, Any]:
    found = linear_registry.read(linear_registry.champion("on_treatment")).evaluation
    return deepcopy(dict(found))


def spec_of(figure: Figure) -> dict[str, Any]:
    (chart,) = figure.charts
    return chart.spec


def points_of(figure: Figure) -> list[dict[str, Any]]:
    """The data of all layers, one after another."""
    spec = spec_of(figure)
    parts = [spec, *spec.get("layer", [])]
    return [point for part in parts for point in part.get("data", {}).get("values", [])]


def numbers_in(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from numbers_in(one)
    elif isinstance(value, float):
        yield value


def test_every_chart_fits_the_schema_and_has_finite_numbers(evaluation: dict[str, Any]) -> None:
    plots = plots_of(evaluation)
    assert len(plots) >= 10
    for figure in plots.values():
        altair.Chart.from_dict(spec_of(figure), validate=True)
        assert all(map(math.isfinite, numbers_in(spec_of(figure)))), figure.name
        assert json.loads(json.dumps(spec_of(figure))) == spec_of(figure)


def test_every_chart_says_what_it_is_whom_it_rests_on_and_that_it_is_simulated(
    evaluation: dict[str, Any],
) -> None:
    for name, figure in plots_of(evaluation).items():
        title = spec_of(figure)["title"]
        assert " ".join(title["text"]) == figure.title
        assert title["subtitle"][-1] == SIMULATED
        assert len(title["subtitle"]) > 1, name
        assert figure.caption.startswith(" ".join(title["subtitle"][:-1]))


def test_charts_of_patients_are_not_called_simulated(linear: dict[str, Any]) -> None:
    for figure in plots_of({**linear, "simulated": False}).values():
        assert "SIMULATED" not in json.dumps(spec_of(figure))


def test_every_number_of_a_forest_is_the_evaluations(linear: dict[str, Any]) -> None:
    drawn = {one["label"]: one["value"] for one in points_of(plots_of(linear)["auc"])
             if "label" in one}  # fmt: skip
    assert drawn["whole procedure"] == linear["auc"]["value"]
    assert drawn["ridge"] == linear["candidates"]["ridge"]["auc"]["value"]
    assert drawn["ref. lead in slope"] == linear["references"]["lead_in_slope"]["auc"]["value"]


def test_the_table_beside_a_chart_has_its_numbers(linear: dict[str, Any]) -> None:
    figure = plots_of(linear)["roc"]
    lines = figure.table.csv().splitlines()
    curve, band = linear["roc"][0]["points"], linear["roc"][0]["band"]["points"]
    assert len(lines) == 1 + len(curve) + len(band)
    assert f"{band[5]['lower']!r},{band[5]['upper']!r}" in figure.table.csv()


def test_the_two_families_never_stand_in_one_chart(evaluation: dict[str, Any]) -> None:
    plots = plots_of(evaluation)
    for name, family, case in (
        ("roc_analytes", "responder_vs_nonresponder", "responder"),
        ("roc_pre_vs_post", "pre_vs_post", "after treatment"),
    ):
        curves = [c for c in evaluation["roc"] if c["family"] == family and c["score"] != "model"]
        labels = {one["label"] for one in points_of(plots[name]) if "label" in one}
        assert len(labels) == len(curves)
        assert f"sensitivity ({case})" in json.dumps(spec_of(plots[name]))


def test_many_analytes_get_a_plot_each_and_the_rest_the_table(linear: dict[str, Any]) -> None:
    model, alone = linear["roc"][0], linear["roc"][1]
    many = [{**alone, "score": f"log_ratio_{index}"} for index in range(15)]
    figure = plots_of({**linear, "roc": [model, *many]})["roc_analytes"]
    assert len({one["label"] for one in spec_of(figure)["data"]["values"]}) == 12
    assert len(figure.table.rows) == 15 * len(alone["points"])
    assert figure.caption.count("3 further analytes") == 1


def test_trees_have_sizes_and_no_coefficients(boosted_registry: Registry) -> None:
    bundle = boosted_registry.read(boosted_registry.champion("pretreatment"))
    figure = plots_of(bundle.evaluation)["contributions"]
    features = bundle.evaluation["contributions"]["features"]
    lengths = [one["length"] for one in points_of(figure) if "length" in one]
    assert lengths[: len(features)] == [one["mean_absolute"] for one in features.values()]


def test_an_older_evaluation_has_fewer_charts(linear: dict[str, Any]) -> None:
    old = {name: value for name, value in linear.items() if name not in NEW_FIELDS}
    del old["roc"][0]["band"], old["permutation"]["histogram"], old["calibration"]["curve"]
    assert set(plots_of(old)) == {
        "roc", "roc_analytes", "roc_pre_vs_post", "auc", "decision_curve", "sample_size",
    }  # fmt: skip


def test_a_band_is_spoken_of_where_it_is_drawn(linear: dict[str, Any]) -> None:
    assert " Band: 95 %" in plots_of(linear)["roc"].caption
    del linear["roc"][0]["band"]
    assert " Band: 95 %" not in plots_of(linear)["roc"].caption


def test_names_of_groups_are_data_and_never_markup(linear: dict[str, Any]) -> None:
    row = next(row for row in linear["subgroups"] if row["group"] is not None)
    hostile = {**row, "group": "<script>datum.x</script>"}
    figure = plots_of({**linear, "subgroups": [hostile]})["subgroups"]
    spec = spec_of(figure)
    assert "<script>" in json.dumps(spec["data"])
    del spec["data"]
    outside = [layer["mark"] for layer in spec["layer"]], spec["title"]
    assert "<script>" not in json.dumps(outside)

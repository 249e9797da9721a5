import json
from pathlib import Path
from typing import Any

import pytest

from charts.chart import Figure
from charts.render import svg
from charts.report import Notice, Prose
from data.errors import CsfError
from data.simulation.moments import MOMENTS
from trial.operating_characteristics import OperatingCharacteristics, simulate_trials
from trial.pages.operating_characteristics import operating_characteristics_page
from trial.pages.operating_characteristics_tables import COURSES, what
from trial.results import plain

ROOT = Path(__file__).parents[2]
N = 300


@pytest.fixture(scope="module")
def told() -> list[int]:
    return []


@pytest.fixture(scope="module")
def found(told: list[int]) -> OperatingCharacteristics:
    return simulate_trials(N, seed=3, jobs=2, on_progress=told.append)


def test_every_trial_is_counted_as_it_is_done(
    found: OperatingCharacteristics, told: list[int]
) -> None:
    assert sum(told) == found.n_trials == N
    assert len(told) > 10


@pytest.mark.parametrize(("month", "published"), [(4, 2.98), (6, 3.38)])
def test_observed_differences_average_the_published_ones(
    found: OperatingCharacteristics, month: int, published: float
) -> None:
    row = found.row(f"mean_welch_change_{month}")
    assert (row.target, row.verdict) == (published, "compatible")
    assert abs(row.estimate - published) < 3 * row.standard_error
    # 32 v 27 patients with the published SDs: the study's own standard errors, .75 and 1.07.
    assert row.standard_error * N**0.5 == pytest.approx({4: 0.75, 6: 1.07}[month], rel=0.15)


@pytest.mark.parametrize("quantity", ["ls_mean_4", "ls_mean_6", "follow_up_slope", "slope_change"])
def test_the_mixed_model_is_held_against_its_own_value_in_the_population(
    found: OperatingCharacteristics, quantity: str
) -> None:
    bias, coverage = (found.row(f"{of}_mixed_model_{quantity}") for of in ("mean", "coverage"))
    values = {(one.quantity, one.month): one.value for one in found.population}
    assert bias.target == values[bias.quantity, bias.month]
    assert (bias.verdict, coverage.verdict) == ("compatible", "compatible")


def test_straight_lines_do_not_estimate_the_observed_change(
    found: OperatingCharacteristics,
) -> None:
    slope = found.row("mean_mixed_model_follow_up_slope").estimate
    assert 4 * slope < 2.98 - 0.4


def test_type_one_error_is_one_less_coverage_of_no_difference(
    found: OperatingCharacteristics,
) -> None:
    rows = [row for row in found.rows if row.measure == "type_one_error"]
    assert {row.course for row in rows} == {"both_control", "both_msc", "noisy_visits"}
    assert {row.target for row in rows} == {0.05}
    assert all(0.01 < row.estimate < 0.1 for row in rows)
    welch, student = (found.row(f"type_one_error_{t}_change_4_both_msc") for t in T_TESTS)
    assert abs(welch.estimate - student.estimate) < 0.02


T_TESTS = ("welch", "student")


def test_noisy_visits_make_singular_fits_and_their_errors_are_told(
    found: OperatingCharacteristics,
) -> None:
    singular = found.row("singular_fits_mixed_model_covariance_noisy_visits")
    assert singular.estimate == pytest.approx(0.18, abs=0.08)
    error = found.row("type_one_error_if_singular_mixed_model_follow_up_slope_noisy_visits")
    assert error.n_trials == round(singular.estimate * N)
    assert found.row("singular_fits_mixed_model_covariance_both_msc").estimate < 0.02


@pytest.mark.parametrize("arm", ["msc", "control"])
@pytest.mark.parametrize("month", [4, 6])
def test_responder_rates_are_near_the_published_ones(
    found: OperatingCharacteristics, month: int, arm: str
) -> None:
    row = found.row(f"responders_{arm}_{month}")
    published = {("msc", 4): 22 / 32, ("control", 4): 5 / 27, ("msc", 6): 20 / 32}
    assert row.target == published.get((arm, month), 6 / 27)
    assert row.verdict == "compatible"
    assert abs(row.estimate - row.target) <= 0.05


def test_moments_are_those_that_the_simulator_says_it_has(found: OperatingCharacteristics) -> None:
    assert len(found.moments) == len(MOMENTS)
    for moment, claimed in zip(found.moments, MOMENTS, strict=True):
        within = 4 * moment.standard_error + 0.005
        assert moment.simulated == pytest.approx(claimed.achieved, abs=within)
        assert moment.published == claimed.published


def test_moments_that_cannot_be_met_are_listed(found: OperatingCharacteristics) -> None:
    missed = {(one.measure, one.arm) for one in found.moments if one.verdict == "not compatible"}
    assert {("responders_100_4", "msc"), ("change_6_sd", "msc")} <= missed
    assert not {one for one in missed if one[0] in ("change_4_mean", "change_6_mean")}


def test_names_of_rows_are_unique(found: OperatingCharacteristics) -> None:
    assert len({row.name for row in found.rows}) == len(found.rows)
    with pytest.raises(KeyError):
        found.row("nothing")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"n_trials": 1}, "at least 2 simulated trials"),
        ({"n_patients": 1}, "at least 2 patients"),
        ({"scenario": "other"}, "one of published, informative, null"),
        ({"seed": -1}, "0 or above"),
        ({"jobs": 0}, "at least 1 process"),
    ],
)
def test_impossible_simulations_are_refused(changed: dict[str, Any], sentence: str) -> None:
    asked = {"n_trials": 10, "n_patients": 64, "scenario": "published", "seed": 1, "jobs": 1}
    asked |= changed
    with pytest.raises(CsfError, match=sentence):
        simulate_trials(asked.pop("n_trials"), **asked)


def test_the_page_says_that_it_is_simulated_and_draws_every_chart(
    found: OperatingCharacteristics,
) -> None:
    page = operating_characteristics_page(found)
    first = page.blocks[0]
    assert isinstance(first, Notice)
    assert first.text.startswith("Simulated data")
    (figure,) = page.figures()
    assert all("<svg" in svg(chart.spec) for chart in figure.charts)
    assert len(figure.table.rows) == 10 + 3 * 10


def test_the_page_names_what_is_not_as_it_ought_to_be() -> None:
    nothing = simulate_trials(2, n_patients=2, seed=1, jobs=1)
    page = operating_characteristics_page(nothing)
    notices = [block.text for block in page.blocks if isinstance(block, Notice)]
    assert any("Not computed: Welch's t, change to 4 months" in text for text in notices)
    assert isinstance(page.blocks[1], Prose)
    (figure,) = page.figures()
    assert isinstance(figure, Figure)
    assert all("<svg" in svg(chart.spec) for chart in figure.charts)


def test_the_page_does_not_read_few_trials_as_agreement(found: OperatingCharacteristics) -> None:
    page = operating_characteristics_page(found)
    text = " ".join(block.text for block in page.blocks if isinstance(block, Prose))
    n_told = sum(moment.verdict == "not compatible" for moment in found.moments)
    assert f"{n_told} of 28 can be told from the published ones" in text
    assert f"{28 - n_told} cannot" in text
    moments = next(t for t in page.tables() if t.name.endswith("moments"))
    assert len(moments.rows) == 28
    assert {row["verdict"] for row in moments.rows} == {"compatible", "not compatible"}


def test_results_are_plain_json_without_nan(found: OperatingCharacteristics) -> None:
    results = json.loads(json.dumps(plain(found), allow_nan=False))
    assert results["simulated"] is True
    assert {row["verdict"] for row in results["rows"]} >= {"compatible", "reported"}


def test_the_documented_tables_are_those_of_their_command(found: OperatingCharacteristics) -> None:
    text = (ROOT / "docs" / "operating-characteristics.md").read_text()
    assert "python bench/operating_characteristics.py --trials 10000" in text
    tables = text.split("<!-- tables -->")[1].split("<!-- end of tables -->")[0]
    assert "Simulated data: 10000 trials of 64 patients" in tables
    rows = [line.strip("| ").split(" | ") for line in tables.splitlines() if line.startswith("| ")]
    documented = {(row[0], row[1]): row[-1] for row in rows if row[-1].isdigit()}
    assert set(documented) == {(what(row), COURSES[row.course]) for row in found.rows}
    assert {n for (of, _), n in documented.items() if "is singular" not in of} == {"10000"}

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import DefinitionError
from data.outcome import (
    DEFINITIONS,
    ResponderDefinition,
    Visit,
    define_responder,
    improvement,
    judge,
    lead_in_slope,
    reaches,
    slopes,
    stated_outcome,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "data"


def read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((REFERENCE / name).read_text().splitlines()))


EXPECTED = read("alsfrs_slopes_expected.csv")
LONG = read("alsfrs_long.csv")
WHOLE_STUDY = define_responder(horizon_months=6)


def visits_of(patient: str) -> list[Visit]:
    rows = (row for row in LONG if row["id"] == patient)
    return [Visit(float(row["month"]), float(row["alsfrsr"])) for row in rows]


def course(lead_in: float, follow_up: float, *, start: float = 40, until: float = 4) -> list[Visit]:
    """Straight lines on both sides of month 0."""
    before = [Visit(month, start + lead_in * month) for month in (-3, -2, -1)]
    months = np.arange(0, until + 1).tolist()
    return before + [Visit(month, start + follow_up * month) for month in months]


@pytest.mark.parametrize("row", EXPECTED, ids=[row["id"] for row in EXPECTED])
def test_slopes_improvement_and_label_are_those_of_r(row: dict[str, str]) -> None:
    outcome = judge(visits_of(row["id"]), WHOLE_STUDY)
    assert outcome.lead_in_slope == pytest.approx(float(row["slope_pre"]), abs=1e-10)
    assert outcome.follow_up_slope == pytest.approx(float(row["slope_post"]), abs=1e-10)
    if float(row["slope_pre"]) < -1e-9:
        assert outcome.improvement == pytest.approx(float(row["improvement_pct"]), abs=1e-8)
        assert outcome.responder is (row["good"] == "1")
    else:
        assert outcome.not_evaluable == "lead_in_slope_not_negative"
        assert outcome.responder is None
        assert outcome.improvement is None


def test_the_reference_holds_both_labels_and_patients_without_decline() -> None:
    outcomes = [judge(visits_of(row["id"]), WHOLE_STUDY) for row in EXPECTED]
    assert {outcome.responder for outcome in outcomes} == {True, False, None}
    assert len(outcomes) == 64


def test_slopes_of_all_patients_at_once_are_those_of_one_by_one() -> None:
    months = [-3, -2, -1, 0]
    totals = [[43, 39, 40, 40], [40, math.nan, 38, 37], [30, 30, 30, 30]]
    one_by_one = [slopes(months, row) for row in totals]
    assert slopes(months, totals).tolist() == [float(slope) for slope in one_by_one]


@pytest.mark.parametrize("totals", [[math.nan] * 3, [40, math.nan, math.nan]])
def test_slope_needs_two_visits(totals: list[float]) -> None:
    assert math.isnan(slopes([-2, -1, 0], totals))


def test_slope_needs_two_different_months() -> None:
    assert math.isnan(slopes([0, 0], [40, 38]))
    assert slopes([], []).shape == ()


@given(
    st.lists(st.floats(0, 48), min_size=2, max_size=9),
    st.floats(-20, 20),
    st.floats(-3, 3),
)
def test_slope_ignores_a_shift_and_adds_up(totals: list[float], shift: float, add: float) -> None:
    months = np.arange(len(totals), dtype=float)
    base = slopes(months, totals)
    assert slopes(months + shift, totals) == pytest.approx(base, abs=1e-9)
    assert slopes(months, np.array(totals) + add * months) == pytest.approx(base + add, abs=1e-9)


def test_month_0_belongs_to_lead_in_and_to_follow_up() -> None:
    visits = [Visit(-2, 42), Visit(0, 40), Visit(2, 39)]
    outcome = judge(visits, define_responder())
    assert (outcome.lead_in_slope, outcome.follow_up_slope) == (-1.0, -0.5)
    assert lead_in_slope(visits) == -1.0


def test_visits_after_the_horizon_do_not_count() -> None:
    visits = [*course(-1, -0.5), Visit(5, 0), Visit(6, 0)]
    assert judge(visits, define_responder()).follow_up_slope == pytest.approx(-0.5)
    assert judge(visits, WHOLE_STUDY).follow_up_slope == pytest.approx(-200 / 28)


def test_the_visit_at_the_horizon_counts() -> None:
    visits = [Visit(-2, 42), Visit(0, 40), Visit(4, 38)]
    assert judge(visits, define_responder()).follow_up_slope == -0.5


@pytest.mark.parametrize(
    ("visits", "reason"),
    [
        ([], "too_few_lead_in_visits"),
        ([Visit(0, 40), Visit(2, 39)], "too_few_lead_in_visits"),
        ([Visit(-2, 42), Visit(0, 40)], "too_few_follow_up_visits"),
        ([Visit(-2, 42), Visit(0, 40), Visit(5, 39)], "too_few_follow_up_visits"),
        ([Visit(-2, 42), Visit(-1, 41), Visit(2, 39)], "too_few_follow_up_visits"),
        (course(0, -1), "lead_in_slope_not_negative"),
        (course(0.5, -1), "lead_in_slope_not_negative"),
        (course(-1e-12, -1), "lead_in_slope_not_negative"),
    ],
)
def test_not_evaluable_is_its_own_outcome(visits: list[Visit], reason: str) -> None:
    outcome = judge(visits, define_responder())
    assert outcome.not_evaluable == reason
    assert outcome.responder is None
    assert outcome.improvement is None


def test_points_are_evaluable_without_a_decline_before() -> None:
    outcome = judge(course(0, 2), define_responder("berry2019"))
    assert outcome.responder is True
    assert outcome.improvement == pytest.approx(2)


@pytest.mark.parametrize(
    ("after", "responder"), [(-0.5, True), (-0.51, False), (0.2, True), (-1, False), (-2, False)]
)
def test_improvement_equal_to_the_threshold_counts(after: float, responder: bool) -> None:
    assert judge(course(-1, after), define_responder()).responder is responder


@given(st.integers(1, 300), st.sampled_from([25, 50, 75, 100]))
def test_equal_to_the_threshold_counts_whatever_the_rounding(tenths: int, percent: int) -> None:
    before = -tenths / 100
    after = before * (1 - percent / 100)
    definition = define_responder(percent=percent)
    assert judge(course(before, after), definition).responder is True
    assert judge(course(before, after - 0.001), definition).responder is False


@pytest.mark.parametrize(("after", "responder"), [(-0.5, True), (-0.51, False)])
def test_points_equal_to_the_threshold_count(after: float, responder: bool) -> None:
    assert judge(course(-2, after), define_responder("berry2019")).responder is responder


def test_improvement_in_percent_is_relative_to_the_decline_before() -> None:
    gained = improvement([-1, -2, 0, 0.5], [-0.5, -2.5, 1, 1], define_responder())
    assert gained[:2].tolist() == [50, -25]
    assert np.isnan(gained[2:]).all()
    assert reaches(gained, define_responder()).tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("name", "percent", "points", "horizon"),
    [
        ("oh2018", 50, None, 4),
        ("petrou2016", 25, None, 6),
        ("karussis2021", 25, None, 6),
        ("berry2019", None, 1.5, 4),
        ("cudkowicz2022", None, 1.25, 6.5),
    ],
)
def test_published_definitions_are_as_published(
    name: str, percent: float | None, points: float | None, horizon: float
) -> None:
    found = define_responder(name)
    assert (found.percent, found.points, found.horizon_months) == (percent, points, horizon)
    assert found.source


def test_oh2018_with_4_months_is_the_default_and_there_are_no_others() -> None:
    assert define_responder() == DEFINITIONS["oh2018"]
    assert len(DEFINITIONS) == 5


def test_percent_and_horizon_change_a_copy() -> None:
    changed = define_responder("oh2018", percent=75, horizon_months=6)
    assert (changed.percent, changed.horizon_months) == (75, 6)
    assert define_responder().percent == 50


def test_an_unknown_definition_is_refused_with_the_known() -> None:
    with pytest.raises(DefinitionError, match="one of oh2018, petrou2016") as caught:
        define_responder("canary")
    assert "canary" not in str(caught.value)


def test_percent_for_a_definition_of_points_is_refused() -> None:
    with pytest.raises(DefinitionError, match="points per month, not percent"):
        define_responder("berry2019", percent=50)


@pytest.mark.parametrize("percent", [0, -50, math.nan, math.inf])
def test_a_percent_that_asks_for_no_improvement_is_refused(percent: float) -> None:
    with pytest.raises(DefinitionError, match="above 0"):
        define_responder(percent=percent)


@pytest.mark.parametrize("horizon", [0, -4, math.nan, math.inf])
def test_a_horizon_that_is_no_time_after_treatment_is_refused(horizon: float) -> None:
    with pytest.raises(DefinitionError, match="horizon"):
        define_responder(horizon_months=horizon)


def test_percent_and_points_at_once_are_refused() -> None:
    with pytest.raises(DefinitionError, match="not both"):
        ResponderDefinition("x", 50, 1.5, 4)


def test_slopes_need_a_horizon() -> None:
    with pytest.raises(DefinitionError, match="needs a horizon"):
        replace(define_responder(), horizon_months=None)


def test_a_stated_outcome_has_no_threshold_and_judges_nobody() -> None:
    stated = stated_outcome("steroid_response")
    assert stated.is_stated
    with pytest.raises(DefinitionError, match="no threshold"):
        stated.least  # noqa: B018
    with pytest.raises(DefinitionError, match="stated by a table"):
        judge(course(-1, -0.5), stated)

"""Reports of monitoring as charts and tables: their numbers, and what is hidden in them."""

from copy import deepcopy
from typing import Any

import altair
import pytest

from charts.chart import Figure
from charts.live.drift_plots import drift_plots, levels_table, ranges_table, shares_table
from charts.live.performance_plots import calibration_table, measures_table, performance_plots
from charts.live.volume_plots import volume_plots

ESTIMATE = {
    "value": 0.6, "lower": 0.5, "upper": 0.7, "level": 0.95, "method": "logit_delong",
    "n_cases": 20, "n_controls": 20,
}  # fmt: skip
BESIDE = {
    "live": ESTIMATE, "training": {**ESTIMATE, "value": 0.7, "upper": 0.8},
    "difference": {**ESTIMATE, "value": -0.1, "lower": -0.3, "upper": 0.1},
    "finding": "no_difference_shown", "sentence": "no difference is shown, nor excluded",
}  # fmt: skip
IDEAL = {"live": ESTIMATE, "training": ESTIMATE, "ideal": 1.0, "finding": "below"}
POINTS = [
    {"threshold": None, "sensitivity": 0.0, "specificity": 1.0},
    {"threshold": 0.4, "sensitivity": 1.0, "specificity": 0.0},
]
CURVE = {"auc": ESTIMATE, "n_patients": 40, "points": POINTS, "case": "responder"}
PERFORMANCE = {
    "simulated": True, "n_judged": 40, "n_cases": 20, "n_controls": 20,
    "estimates": {
        "auc": BESIDE, "roc": CURVE,
        "calibration": {
            "in_the_large": IDEAL, "slope": IDEAL, "observed_over_expected": ESTIMATE,
            "brier": {"live": ESTIMATE, "training": 0.2},
            "brier_of_prevalence": {"live": 0.25, "training": 0.24}, "scaled_brier": BESIDE,
        },
        "operating_point": {"sensitivity": BESIDE, "specificity": BESIDE},
    },
}  # fmt: skip
TESTED = {"p_adjusted": 0.0004, "attention": "alarm"}
SHIFT = {"value": 0.4, "lower": 0.1, "upper": 0.7, "level": 0.95, "method": "welch"}
TRAINED = {"n": 32, "mean": 1.0, "sd": 0.5}
SHARE = {"feature": "log_tnf", "k": None, "n": 30, "share": None, "difference": None,
         "training": {"n": 32, "share": 0.25}} | TESTED  # fmt: skip
DRIFT = {
    "simulated": False, "n_patients": 30,
    "drift": {
        "levels": [{"feature": "log_tnf", "n": 30, "mean": 1.2, "sd": 0.5, "training": TRAINED,
                    "shift": SHIFT, **TESTED}],
        "ranges": [{"analyte": "TNF", "panel": "baseline", "lower": 0.7, "upper": 20.0, "k": 6,
                    "n": 30, "share": 0.2, **TESTED}],
        "missing": [SHARE], "censored": [SHARE],
        "probability": [{"lower": tenth / 10, "upper": (tenth + 1) / 10, "n": n}
                        for tenth, n in enumerate([0, 0, None, None, 9, 14, 0, 0, 0, 0])],
    },
}  # fmt: skip
VOLUME = {
    "simulated": False, "n_predictions": 40,
    "days": [{"day": "2026-01-02", "n": 30}, {"day": "2026-01-03", "n": None}],
}  # fmt: skip


def every_figure() -> list[Figure]:
    return [
        *performance_plots(PERFORMANCE, CURVE),
        *drift_plots(DRIFT, 0.55),
        *volume_plots(VOLUME),
    ]


def cells(table: Any) -> list[list[str]]:
    return [[text for _, text in row] for row in table.shown()]


def test_every_chart_fits_the_schema_and_says_its_n() -> None:
    figures = every_figure()
    assert [figure.name for figure in figures] == [
        "differences", "live_roc", "shifts", "probabilities", "days",
    ]  # fmt: skip
    for figure in figures:
        altair.Chart.from_dict(figure.charts[0].spec, validate=True)
        assert "n = " in " ".join(figure.charts[0].spec["title"]["subtitle"])


def test_chart_says_where_no_patient_trained() -> None:
    said = [" ".join(one.charts[0].spec["title"]["subtitle"]) for one in every_figure()]
    assert ["SIMULATED TRAINING" in text for text in said] == [True, True, False, False, False]


def test_measures_stand_beside_training_with_their_difference() -> None:
    rows = cells(measures_table(PERFORMANCE))
    assert rows[0] == [
        "AUC", "0.60 (0.50 to 0.70)", "0.70 (0.50 to 0.80)", "-0.10 (-0.30 to 0.10)",
    ]  # fmt: skip
    assert [row[0] for row in rows[1:]] == ["sensitivity", "specificity", "scaled Brier score"]


def test_calibration_below_its_ideal_is_said_in_words() -> None:
    (large, slope, *_) = cells(calibration_table(PERFORMANCE))
    assert large[-1] == "fewer responders than was stated"
    assert slope[-1] == "probabilities too far apart"


def test_nothing_is_drawn_of_too_few_outcomes() -> None:
    few = deepcopy(PERFORMANCE) | {"n_cases": None, "n_controls": None}
    few["estimates"]["roc"] = None  # type: ignore[index]
    assert list(performance_plots(few, CURVE)) == []
    assert "nothing is told" in measures_table(few).note


def test_hidden_counts_are_called_hidden_and_not_drawn() -> None:
    shares = cells(shares_table(DRIFT))
    assert shares[0][:5] == ["log_tnf", "missing", "hidden", "30", "\N{EN DASH}"]
    _, probabilities = drift_plots(DRIFT, 0.55)
    drawn = probabilities.charts[0].spec["layer"][0]["data"]["values"]
    assert [one["n"] for one in drawn] == [0, 0, 9, 14, 0, 0, 0, 0]
    assert "2 tenths are hidden" in probabilities.caption
    (days,) = volume_plots(VOLUME)
    assert "1 of 2 days are hidden" in days.caption


def test_levels_and_ranges_say_unit_shift_and_attention() -> None:
    assert cells(levels_table(DRIFT))[0][-3:] == [
        "0.40 (0.10 to 0.70)", "<0.001", "ALARM: adjusted p below 0.001",
    ]  # fmt: skip
    assert cells(ranges_table(DRIFT, {"TNF": "pg/mL"}))[0][2] == "0.7 to 20 pg/mL"


@pytest.mark.parametrize("days", [[], [{"day": "2026-01-02", "n": None}]])
def test_no_days_are_drawn_where_all_are_hidden(days: list[Any]) -> None:
    assert list(volume_plots(VOLUME | {"days": days})) == []

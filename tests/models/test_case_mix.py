import json

import numpy as np
import pytest

from data.analytes import study_analytes
from data.measurement import Measurement
from data.panel import Panel, PanelPair
from models.case_mix import LEAST_SHOWN, case_mix, side_by_side
from models.columns import PairColumns, columns_of_pairs
from models.features import compute, recipe

ANALYTES = tuple(study_analytes().values())
RECIPE = recipe("on_treatment", ANALYTES)


def panel(month: float, tnf: float | None, *, censored: bool = False) -> Panel:
    level = Measurement("TNF", None if censored else tnf, "<" if censored else "none",
                        tnf if censored else None, "pg/mL", str(tnf))  # fmt: skip
    mcp1 = Measurement("MCP-1", 500.0, "none", None, "pg/mL", "500")
    return Panel(month, (level, mcp1) if tnf is not None else (mcp1,))


def columns(n: int) -> PairColumns:
    """TNF is missing in the first patient and censored at follow-up in the second."""
    baselines = [panel(0, None), *(panel(0, 1.0 + row) for row in range(1, n))]
    follow_ups = [panel(1, 0.9, censored=row == 1) for row in range(n)]
    pairs = [PanelPair(f"P{row}", baselines[row], follow_ups[row]) for row in range(n)]
    return columns_of_pairs(pairs, ANALYTES)


def mixed(n: int, *scores: np.ndarray) -> dict:
    found = columns(n)
    y = np.arange(n) % 2 == 0
    return case_mix(RECIPE, found, compute(RECIPE, found), y, scores or [np.arange(n) * 1.0])


def test_a_feature_tells_mean_spread_missing_and_censored_of_the_panels_it_uses() -> None:
    features = mixed(9)["features"]
    log_tnf = np.log(1.0 + np.arange(1, 9))
    assert features["log_tnf"]["mean"] == pytest.approx(log_tnf.mean())
    assert features["log_tnf"]["sd"] == pytest.approx(log_tnf.std(ddof=1))
    assert (features["log_tnf"]["n"], features["log_tnf"]["missing"]) == (8, 1)
    assert features["log_tnf"]["censored"] == 0
    assert features["log_ratio_tnf"]["censored"] == pytest.approx(1 / 8)


def test_below_the_least_number_no_mean_is_told_for_it_would_be_somebodys_value() -> None:
    features = mixed(LEAST_SHOWN)["features"]
    assert features["log_tnf"] == {"n": 4, "mean": None, "sd": None, "missing": 1, "censored": 0}
    assert features["log_tgfb1"] == {
        "n": 0, "mean": None, "sd": None, "missing": 5, "censored": None
    }  # fmt: skip
    assert features["log_mcp1"]["mean"] == pytest.approx(np.log(500))
    assert mixed(4)["score"] == {"n": 4, "mean": None, "sd": None}


def test_scores_of_repeats_are_averaged_and_patients_counted_once() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=10), rng.normal(2, 3, size=10)
    score = mixed(10, first, second)["score"]
    assert score["n"] == 10
    assert score["mean"] == pytest.approx((first.mean() + second.mean()) / 2)
    assert score["sd"] ** 2 == pytest.approx((first.var(ddof=1) + second.var(ddof=1)) / 2)


def test_two_summaries_stand_side_by_side_and_a_missing_one_is_none() -> None:
    new = mixed(9)
    both = side_by_side(new, new)
    assert both["features"]["log_tnf"]["new"] is both["features"]["log_tnf"]["training"]
    assert both["prevalence"]["training"]["n_responders"] == 5
    assert side_by_side(new, None)["score"] == {"new": new["score"], "training": None}
    assert json.loads(json.dumps(both, allow_nan=False)) == both

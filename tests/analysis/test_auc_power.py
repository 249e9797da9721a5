from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from analysis.auc_power import (
    auc_power,
    patients_for_half_width,
    patients_for_power,
    planned_variance,
)
from analysis.errors import OutOfRangeError, UnknownChoiceError

FORMULAS = ["obuchowski", "hanley_mcneil"]


def test_power_and_patients_are_those_of_proc(expected: Callable[[str], Any]) -> None:
    for plan in expected("r_proc")["power"]:
        sides: Any = plan["sided"].replace(".", "_")
        reached = auc_power(plan["auc"], 19, 19 * plan["kappa"], sides=sides)
        assert reached == pytest.approx(plan["power_of_19"], abs=1e-9)
        needed = patients_for_power(
            plan["auc"], power=0.85, sides=sides, controls_per_case=plan["kappa"]
        )
        assert needed.exact_cases == pytest.approx(plan["ncases"], rel=1e-9)
        assert 0 <= needed.n_cases - plan["ncases"] < 1
        assert 0 <= needed.n_controls - plan["ncontrols"] < 1


def test_hanley_and_mcneil_is_the_variance_of_exponential_scores() -> None:
    rng = np.random.default_rng(1)
    cases, controls = rng.exponential(4, (20000, 8, 1)), rng.exponential(1, (20000, 1, 5))
    aucs = (cases > controls).mean(axis=(1, 2))
    wanted = planned_variance(0.8, 8, 5, formula="hanley_mcneil")
    assert aucs.mean() == pytest.approx(0.8, abs=0.005)
    assert aucs.var() == pytest.approx(wanted, rel=0.05)


def test_obuchowski_is_close_to_the_variance_of_normal_scores() -> None:
    rng = np.random.default_rng(1)
    cases, controls = (
        rng.normal(2**0.5 * ndtri(0.8), 1, (4000, 40, 1)),
        rng.normal(size=(4000, 1, 30)),
    )
    aucs = (cases > controls).mean(axis=(1, 2))
    assert aucs.var() == pytest.approx(planned_variance(0.8, 40, 30), rel=0.25)


@given(
    st.floats(0.52, 0.98),
    st.floats(0.05, 0.99),
    st.floats(0.2, 5),
    st.sampled_from(FORMULAS),
    st.sampled_from([0.5, 0.3]),
)
def test_planned_patients_reach_the_power_and_one_less_does_not(
    auc: float, power: float, ratio: float, formula: Any, null: float
) -> None:
    needed = patients_for_power(
        auc, power=power, controls_per_case=ratio, formula=formula, null=null
    )
    cases = needed.exact_cases
    for n, enough in ((cases * 1.001, True), (cases * 0.999, False)):
        if n >= 1 <= n * ratio:
            reached = auc_power(auc, n, n * ratio, formula=formula, null=null)
            assert (reached >= power) == enough


@given(st.floats(0.05, 0.95), st.floats(0.01, 0.3), st.sampled_from(FORMULAS))
def test_planned_half_width_is_reached(auc: float, half_width: float, formula: Any) -> None:
    needed = patients_for_half_width(auc, half_width=half_width, level=0.9, formula=formula)
    variance = planned_variance(auc, needed.n_cases, needed.n_controls, formula=formula)
    assert ndtri(0.95) * variance**0.5 <= half_width * (1 + 1e-9)
    if needed.exact_cases > 1:
        variance = planned_variance(auc, needed.exact_cases, needed.exact_cases, formula=formula)
        assert ndtri(0.95) * variance**0.5 == pytest.approx(half_width, rel=1e-9)


@given(st.floats(0.51, 0.99), st.floats(1, 500), st.floats(1, 500))
def test_an_auc_and_its_mirror_have_the_same_power(
    auc: float, cases: float, controls: float
) -> None:
    mirrored = auc_power(1 - auc, cases, controls)
    assert auc_power(auc, cases, controls) == pytest.approx(mirrored, abs=1e-9)


def test_at_the_edge_of_the_null_power_is_half_the_significance() -> None:
    found = auc_power(0.5 + 1e-9, 40, 40, significance=0.1)
    assert found == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"auc": 1.0}, OutOfRangeError),
        ({"auc": 0.5}, OutOfRangeError),
        ({"null": 0.0}, OutOfRangeError),
        ({"power": 1.0}, OutOfRangeError),
        ({"significance": 0}, OutOfRangeError),
        ({"controls_per_case": 0}, OutOfRangeError),
        ({"auc": 0.5 + 1e-12}, OutOfRangeError),
        ({"sides": "three"}, UnknownChoiceError),
        ({"formula": "delong"}, UnknownChoiceError),
    ],
)
def test_impossible_plans_are_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        patients_for_power(**({"auc": 0.8, "power": 0.8} | change))


def test_impossible_half_widths_and_patients_are_refused() -> None:
    with pytest.raises(OutOfRangeError):
        patients_for_half_width(0.8, half_width=0.5)
    with pytest.raises(OutOfRangeError):
        patients_for_half_width(0.8, half_width=1e-9)
    with pytest.raises(OutOfRangeError):
        planned_variance(0.8, 0, 10)
    with pytest.raises(UnknownChoiceError):
        planned_variance(0.8, 10, 10, formula="delong")  # type: ignore[arg-type]

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    RankDeficientError,
    ShapeError,
    TooFewError,
)
from analysis.likelihood_ratio import likelihood_ratio
from analysis.mixed_contrasts import mixed_contrasts
from analysis.mixed_errors import NotIdentifiedError, PerfectFitError
from analysis.mixed_model import MixedFit, fit_mixed_model
from analysis.piecewise_slopes import RandomStructure, fixed_columns, random_columns

Expected = Callable[[str], Any]
Floats = NDArray[np.float64]
VISITS = Path(__file__).parents[1] / "reference/data/alsfrs_long.csv"
CASES: dict[RandomStructure, str] = {
    "intercept": "alsfrs_random_intercept",
    "intercept_slope": "alsfrs_random_intercept_slope",
    "two_slopes": "alsfrs_random_intercept_two_slopes",
}
SETS = range(8)


@pytest.fixture(scope="module")
def visits() -> tuple[Floats, Floats, Any, Any]:
    """Totals, months, arm and patient of 64 simulated patients."""
    with VISITS.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    numbers = (np.array([float(row[name]) for row in rows]) for name in ("alsfrsr", "month"))
    is_msc, patient = [row["arm"] == "msc" for row in rows], [row["id"] for row in rows]
    return (*numbers, np.array(is_msc), np.array(patient))


def fitted(
    visits: Any, structure: RandomStructure, *, reml: bool = True, **without: int
) -> MixedFit:
    totals, month, is_msc, patient = visits
    fixed = np.delete(fixed_columns(month, is_msc), list(without.values()), axis=1)
    return fit_mixed_model(totals, fixed, random_columns(month, structure), patient, reml=reml)


def mean(month: float, is_msc: bool) -> Floats:
    return fixed_columns([month], [is_msc])[0]


@pytest.mark.parametrize("structure", CASES)
def test_fit_is_that_of_lme4_polished(
    visits: Any, expected: Expected, structure: RandomStructure
) -> None:
    reference = expected("05b_lmm_polished")[CASES[structure]]
    fit = fitted(visits, structure)
    assert fit.coefficients == pytest.approx(reference["estimate"], rel=1e-7)
    errors = np.sqrt(np.diag(reference["vcov"]))
    assert fit.standard_errors == pytest.approx(errors, rel=1e-7)
    assert fit.theta == pytest.approx(np.atleast_1d(reference["theta"]), rel=2e-7)
    assert fit.random_covariance == pytest.approx(np.array(reference["G"]), rel=2e-7)
    assert fit.residual_sd**2 == pytest.approx(reference["sigma2"], rel=1e-7)
    assert fit.deviance == pytest.approx(reference["reml_deviance"], abs=1e-9)


@pytest.mark.parametrize("structure", CASES)
def test_means_and_differences_are_those_of_lme4_polished(
    visits: Any, expected: Expected, structure: RandomStructure
) -> None:
    reference = expected("05b_lmm_polished")[CASES[structure]]["lsmeans_wald"]
    rows = {f"{name}_{m}": mean(m, name == "msc") for name in ("ctl", "msc") for m in (0, 4, 6)}
    rows |= {f"diff_{m}": rows[f"msc_{m}"] - rows[f"ctl_{m}"] for m in (0, 4, 6)}
    rows |= {f"change_diff_{m}": rows[f"diff_{m}"] - rows["diff_0"] for m in (4, 6)}
    found = mixed_contrasts(fitted(visits, structure), list(rows.values()))
    wanted = [(reference[name]["estimate"], reference[name]["se"]) for name in rows]
    pairs = zip(found.value, found.standard_error, strict=True)
    assert [*pairs] == [pytest.approx(pair, rel=1e-7) for pair in wanted]


@pytest.mark.parametrize("structure", CASES)
def test_coefficients_have_the_degrees_of_freedom_and_p_of_lmertest(
    visits: Any, expected: Expected, structure: RandomStructure
) -> None:
    reference = expected("05_lmm")[CASES[structure]]["fixed"]
    found = mixed_contrasts(fitted(visits, structure), np.eye(6))
    assert found.value == pytest.approx(reference["estimate"], abs=1e-6)
    assert found.standard_error == pytest.approx(reference["se"], abs=1e-6)
    assert found.df == pytest.approx(reference["df_satterthwaite"], abs=1e-3)
    assert found.t == pytest.approx(reference["t"], rel=1e-6)
    assert found.p == pytest.approx(reference["p_satterthwaite"], rel=1e-4)


@pytest.mark.parametrize("structure", CASES)
def test_means_and_differences_have_the_intervals_of_emmeans(
    visits: Any, expected: Expected, structure: RandomStructure
) -> None:
    reference = expected("05_lmm")[CASES[structure]]["emmeans"]["satterthwaite"]
    rows = [mean(row["t_post"], row["arm"] == "msc") for row in reference["lsmeans"]]
    rows += [
        mean(row["t_post"], True) - mean(row["t_post"], False)
        for row in reference["diff_msc_minus_control"]
    ]
    found = mixed_contrasts(fitted(visits, structure), rows)
    both = reference["lsmeans"] + reference["diff_msc_minus_control"]
    for name, values in (("df", found.df), ("lcl", found.lower), ("ucl", found.upper)):
        assert values == pytest.approx(
            [row[name] for row in both], abs=1e-3 if name == "df" else 1e-6
        )


def test_likelihood_ratio_of_the_follow_up_is_that_of_lme4(visits: Any, expected: Expected) -> None:
    reference = expected("05_lmm")["alsfrs_lrt_arm_by_post_slope_ML"]
    full = fitted(visits, "intercept_slope", reml=False)
    found = likelihood_ratio(full, fitted(visits, "intercept_slope", reml=False, last=5))
    assert full.log_likelihood == pytest.approx(reference["loglik_full"], abs=1e-8)
    assert found.chi_square == pytest.approx(reference["chisq"], abs=1e-7)
    assert (found.df, found.p) == (1, pytest.approx(reference["p"], rel=1e-6))


@pytest.mark.parametrize("number", SETS)
def test_random_sets_have_the_fit_of_lmertest_also_where_it_is_singular(
    expected: Expected, number: int
) -> None:
    given = expected("r_mixed_model")["sets"][number]
    fixed = fixed_columns(given["month"], given["msc"])
    random = random_columns(given["month"], given["structure"])
    fit = fit_mixed_model(given["y"], fixed, random, given["patient"])
    assert fit.is_singular == given["singular"]
    assert fit.deviance == pytest.approx(given["deviance_reml"], abs=1e-8)
    assert fit.random_covariance == pytest.approx(np.atleast_2d(given["G"]), abs=1e-6)
    assert fit.residual_sd == pytest.approx(given["sigma"], abs=1e-8)
    found = mixed_contrasts(fit, [*np.eye(6), [0, 1, 0, 0, 0, 6]])
    assert found.value == pytest.approx([*given["estimate"], given["at6"][0]], abs=1e-8)
    assert found.standard_error == pytest.approx([*given["se"], given["at6"][1]], abs=1e-8)
    assert found.df == pytest.approx([*given["df"], given["at6"][2]], rel=1e-6)
    assert found.p == pytest.approx([*given["p"], given["at6"][3]], abs=1e-8)


@pytest.mark.parametrize("number", SETS)
def test_random_sets_have_the_likelihoods_of_lme4(expected: Expected, number: int) -> None:
    given = expected("r_mixed_model")["sets"][number]
    fixed = fixed_columns(given["month"], given["msc"])
    random = random_columns(given["month"], given["structure"])
    full, reduced = (
        fit_mixed_model(given["y"], columns, random, given["patient"], reml=False)
        for columns in (fixed, fixed[:, :5])
    )
    assert full.log_likelihood == pytest.approx(given["loglik_ml"], abs=1e-8)
    assert likelihood_ratio(full, reduced).chi_square == pytest.approx(given["chisq"], abs=1e-8)


@pytest.mark.parametrize("structure", CASES)
def test_every_fit_proves_its_convergence(visits: Any, structure: RandomStructure) -> None:
    proof = fitted(visits, structure).convergence
    assert proof.max_gradient < 1e-8
    assert proof.scaled_gradient < 1e-9
    assert proof.least_curvature > 0


def test_order_of_rows_and_kind_of_ids_do_not_matter(visits: Any) -> None:
    shuffled = np.random.default_rng(1).permutation(len(visits[0]))
    totals, month, is_msc, patient = (column[shuffled] for column in visits)
    there = fitted((totals, month, is_msc, patient.astype(np.int64)), "two_slopes")
    here = fitted(visits, "two_slopes")
    assert there.deviance == pytest.approx(here.deviance, abs=1e-9)
    assert there.coefficients == pytest.approx(here.coefficients, rel=1e-8)


@pytest.mark.parametrize(("scale", "shift"), [(1e-6, 0.0), (1e3, 0.0), (1.0, 1e4)])
def test_unit_and_origin_of_the_values_do_not_matter(
    visits: Any, scale: float, shift: float
) -> None:
    totals, *others = visits
    there = fitted((scale * (totals + shift), *others), "two_slopes")
    here = fitted(visits, "two_slopes")
    moved = scale * (here.coefficients + np.array([shift, 0, 0, 0, 0, 0]))
    assert there.coefficients == pytest.approx(moved, rel=1e-7, abs=scale * 1e-8)
    assert there.random_sds == pytest.approx(scale * here.random_sds, rel=1e-6)


@pytest.mark.parametrize("origin", [-600.0, 30.0])
def test_origin_of_time_changes_neither_deviance_nor_slopes(visits: Any, origin: float) -> None:
    totals, month, is_msc, patient = visits
    random = random_columns(month + origin, "intercept_slope")
    there = fit_mixed_model(totals, fixed_columns(month, is_msc), random, patient)
    here = fitted(visits, "intercept_slope")
    assert there.deviance == pytest.approx(here.deviance, abs=1e-8)
    assert there.random_sds[1] == pytest.approx(here.random_sds[1], rel=1e-6)
    assert mixed_contrasts(there, np.eye(6)).df == pytest.approx(
        mixed_contrasts(here, np.eye(6)).df, rel=1e-5
    )


def test_balanced_patients_have_the_variances_of_analysis_of_variance() -> None:
    values = np.random.default_rng(2).normal(size=(12, 5)) + np.arange(12.0)[:, None]
    ones = np.ones((60, 1))
    fit = fit_mixed_model(values.ravel(), ones, ones, np.repeat(np.arange(12), 5))
    within = float(values.var(axis=1, ddof=1).mean())
    between = float(values.mean(axis=1).var(ddof=1)) - within / 5
    assert fit.residual_sd**2 == pytest.approx(within)
    assert fit.random_covariance[0, 0] == pytest.approx(between)
    assert mixed_contrasts(fit, [[1]]).df[0] == pytest.approx(11)


def test_a_variance_of_zero_leaves_ordinary_least_squares() -> None:
    # Each patient has the same mean: less than chance allows them to differ.
    month, patient = np.tile([-1.0, 0.0, 1.0, 2.0], 8), np.repeat(np.arange(8), 4)
    noise = np.tile([1.0, -1.0, -1.0, 1.0], 8) * np.repeat([1, -1], 16)
    fixed = np.column_stack([np.ones(32), month])
    fit = fit_mixed_model(40 - month + noise, fixed, fixed[:, :1], patient)
    least_squares = np.linalg.lstsq(fixed, 40 - month + noise)[0]
    assert (fit.is_singular, fit.zero_variances, fit.perfect_correlations) == (True, (0,), ())
    assert fit.coefficients == pytest.approx(least_squares)
    assert mixed_contrasts(fit, np.eye(2)).df == pytest.approx([30, 30])
    assert np.isnan(fit.random_correlations).all()


def test_a_perfect_correlation_is_named() -> None:
    # Patients differ in one direction, and their residuals are at right angles to any line.
    month, patient = np.tile(np.arange(6.0), 20), np.repeat(np.arange(20), 6)
    steep = np.linspace(-1, 1, 20)[patient]
    noise = np.tile([0.5, -0.1, -0.4, -0.4, -0.1, 0.5], 20)
    values = 40 + 3 * steep + (steep - 1) * month + noise * (-1) ** patient
    columns = np.column_stack([np.ones(120), month])
    fit = fit_mixed_model(values, columns, columns, patient)
    assert fit.is_singular
    assert fit.perfect_correlations == ((0, 1),)
    assert fit.random_correlations[0, 1] == pytest.approx(1, abs=1e-6)


def test_a_patient_with_one_visit_adds_to_the_fit(visits: Any) -> None:
    totals, month, is_msc, patient = visits
    kept = (patient != patient[0]) | (month == 0)
    fit = fitted((totals[kept], month[kept], is_msc[kept], patient[kept]), "two_slopes")
    assert (fit.n_patients, fit.n_rows) == (64, int(kept.sum()))
    assert fit.convergence.scaled_gradient < 1e-9


def test_few_patients_of_any_spread_end_at_a_minimum() -> None:
    rng = np.random.default_rng(4)
    for _ in range(60):
        month, patient = np.tile(np.arange(-2.0, 4.0), 10), np.repeat(np.arange(10), 6)
        spread = rng.normal(size=(10, 3)) * rng.choice([0, 0.3, 2], 3)
        random = random_columns(month, "two_slopes")
        values = 40 + (random * spread[patient]).sum(axis=1) + rng.normal(size=60)
        seen = rng.random(60) < 0.8
        fit = fit_mixed_model(values[seen], random[seen], random[seen], patient[seen])
        assert fit.convergence.scaled_gradient < 1e-6
        assert fit.convergence.least_curvature > -1e-6


ONES = np.ones((6, 1))
PAIRS = ["a", "a", "b", "b", "c", "c"]
COUNT = [1.0, 2, 4, 3, 7, 9]


@pytest.mark.parametrize(
    ("values", "fixed", "random", "patient", "error"),
    [
        (COUNT, np.ones((6, 2)), ONES, PAIRS, RankDeficientError),
        (COUNT, ONES, np.column_stack([ONES, np.zeros(6)]), PAIRS, RankDeficientError),
        (COUNT, ONES, ONES, list("abcdef"), NotIdentifiedError),
        (COUNT, ONES, ONES, ["a"] * 6, NotIdentifiedError),
        (COUNT, ONES, random_columns([0, 1] * 3, "intercept_slope"), PAIRS, NotIdentifiedError),
        ([5.0] * 6, ONES, ONES, PAIRS, PerfectFitError),
        ([1.0, 1, 4, 4, 7, 7], ONES, ONES, PAIRS, PerfectFitError),
        (COUNT[:2], random_columns([0, 1], "intercept_slope"), ONES[:2], PAIRS[:2], TooFewError),
        (COUNT[:5], ONES, ONES, PAIRS, LengthsDifferError),
        (COUNT, ONES[:, 0], ONES, PAIRS, ShapeError),
        (COUNT, np.empty((6, 0)), ONES, PAIRS, ShapeError),
        (COUNT, ONES * np.nan, ONES, PAIRS, NotFiniteError),
        ([*COUNT[:5], np.inf], ONES, ONES, PAIRS, NotFiniteError),
    ],
)
def test_what_has_no_fit_is_refused(
    values: Any, fixed: Any, random: Any, patient: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        fit_mixed_model(values, fixed, random, patient)


def test_lines_without_residuals_are_refused_by_what_is_wrong(visits: Any) -> None:
    _, month, is_msc, patient = visits
    own = np.random.default_rng(5).normal(size=(64, 3))[np.unique(patient, return_inverse=True)[1]]
    lines = (random_columns(month, "two_slopes") * (own + np.array([40, -1, -1]))).sum(axis=1)
    with pytest.raises(PerfectFitError, match="593 values of 64 patients"):
        fitted((lines, month, is_msc, patient), "two_slopes")

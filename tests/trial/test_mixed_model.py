import csv
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from charts.report import Figure, Notice, Page, Prose, Table
from data.cohort import ARMS, Cohort, Patient, Provenance
from data.outcome import Visit
from data.simulate import simulate_cohort
from trial.mixed_model import MixedModelResults, analyse_mixed_model
from trial.mixed_model_rows import visit_rows
from trial.not_computed import NotComputed
from trial.pages.mixed_model import mixed_model_page
from trial.results import plain
from trial.study import Study

VISITS = Path(__file__).parents[1] / "reference/data/alsfrs_long.csv"
FULL_MONTHS = tuple(map(float, range(-3, 7)))


def reference_cohort() -> Cohort:
    """The 64 simulated patients of the reference numbers."""
    with VISITS.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    arms = {row["id"]: row["arm"] for row in rows}
    visits = {
        id_: tuple(Visit(float(r["month"]), float(r["alsfrsr"])) for r in rows if r["id"] == id_)
        for id_ in arms
    }
    patients = tuple(Patient(id_, arms[id_], visits=visits[id_]) for id_ in arms)  # type: ignore[arg-type]
    return Cohort(patients, Provenance(simulated=True))


def analysed(patients: Sequence[Patient]) -> MixedModelResults | NotComputed:
    return analyse_mixed_model(Study(Cohort(tuple(patients), Provenance(simulated=True))))


def fitted(patients: Sequence[Patient]) -> MixedModelResults:
    results = analysed(patients)
    assert isinstance(results, MixedModelResults)
    return results


def seen_at(months: Sequence[float]) -> list[Patient]:
    """Simulated patients with their visits at some months only."""
    patients = simulate_cohort("published", n=64, seed=1).patients
    return [replace(p, visits=tuple(v for v in p.visits if v.month in months)) for p in patients]


@pytest.fixture(scope="module")
def reference() -> MixedModelResults:
    return fitted(reference_cohort().patients)


@pytest.mark.parametrize(
    ("structure", "name"),
    [
        ("two_slopes", "alsfrs_random_intercept_two_slopes"),
        ("intercept_slope", "alsfrs_random_intercept_slope"),
        ("intercept", "alsfrs_random_intercept"),
    ],
)
def test_results_hold_the_numbers_of_r(
    reference: MixedModelResults, expected: Callable[[str], Any], structure: Any, name: str
) -> None:
    wanted = expected("05_lmm")[name]["emmeans"]["satterthwaite"]
    fit = reference.fits[structure]
    assert not isinstance(fit, NotComputed)
    found = [fit.found("mean", None, month).tested for month in (0.0, 4.0, 6.0)]
    found += [fit.found("change", None, month).tested for month in (4.0, 6.0)]
    both = wanted["diff_msc_minus_control"] + wanted["change_from_baseline_diff"]
    for tested, row in zip(found, both, strict=True):
        assert tested.estimate.value == pytest.approx(row["estimate"], abs=1e-6)
        assert tested.standard_error == pytest.approx(row["se"], abs=1e-6)
        assert tested.df == pytest.approx(row["df"], abs=1e-3)
        assert tested.p == pytest.approx(row["p"], rel=1e-4)


def test_two_slopes_are_the_headline_where_they_can_be_fitted(
    reference: MixedModelResults,
) -> None:
    assert reference.headline == "two_slopes"
    assert reference.n_patients == {"msc": 33, "control": 31}
    assert reference.n_visits == 593
    assert reference.months == FULL_MONTHS


def test_differences_are_those_of_the_arms(reference: MixedModelResults) -> None:
    fit = reference.headline_fit
    for quantity, month in (("mean", 4.0), ("change", 6.0), ("slope_change", None)):
        both, msc, control = (
            fit.found(quantity, arm, month).tested.estimate.value  # type: ignore[arg-type]
            for arm in (None, *ARMS)
        )
        assert both == pytest.approx(msc - control)


def test_change_grows_in_proportion_to_time(reference: MixedModelResults) -> None:
    fit = reference.headline_fit
    slope = fit.found("follow_up_slope", "msc").tested
    change = fit.found("change", "msc", 6.0).tested
    assert change.estimate.value == pytest.approx(6 * slope.estimate.value)
    assert change.t == pytest.approx(slope.t)


def test_exchanging_the_arms_changes_every_sign(reference: MixedModelResults) -> None:
    other = {"msc": "control", "control": "msc"}
    patients = [replace(p, arm=other[p.arm]) for p in reference_cohort().patients]  # type: ignore[arg-type]
    there = fitted(patients).headline_fit.found("change", None, 6.0).tested
    here = reference.headline_fit.found("change", None, 6.0).tested
    assert there.estimate.lower == pytest.approx(-here.estimate.upper)
    assert (there.df, there.p) == pytest.approx((here.df, here.p))


def test_a_follow_up_that_bends_is_found() -> None:
    rng, patients = np.random.default_rng(1), simulate_cohort("null", n=40, seed=1).patients
    tests = []
    for bend in (0.0, 0.15):
        bent = [
            replace(p, visits=tuple(Visit(m, 36 + own - m + bend * max(m, 0) ** 2 + rng.normal())
                                    for m in FULL_MONTHS))
            for p, own in zip(patients, rng.normal(size=40), strict=True)
        ]  # fmt: skip
        tests.append(fitted(bent).tests["curvature"])
    straight, curved = tests
    assert not isinstance(straight, NotComputed)
    assert not isinstance(curved, NotComputed)
    assert straight.test.p > 0.01
    assert curved.test.p < 1e-6


def test_residuals_of_a_normal_simulation_are_normal(reference: MixedModelResults) -> None:
    found = reference.residuals
    assert found.n == 593
    assert sum(month.n for month in found.by_month) == 593
    assert abs(found.skewness) < 0.3
    assert found.quantiles == pytest.approx(found.normal_quantiles, abs=0.3)


@pytest.mark.parametrize("arm", ARMS)
def test_one_arm_has_a_model_without_terms_of_the_arm(arm: Any) -> None:
    cohort = simulate_cohort("published", n=64, seed=1)
    results = fitted(cohort.of_arm(arm))
    assert list(results.headline_fit.fixed) == ["intercept", "lead_in", "follow_up"]
    assert {contrast.arm for contrast in results.headline_fit.contrasts} == {arm}
    assert isinstance(results.tests["all_arm_terms"], NotComputed)
    assert not isinstance(results.tests["curvature"], NotComputed)


def test_what_the_visits_cannot_tell_apart_is_passed_over() -> None:
    results = fitted(seen_at([-3, 0, 6]))
    assert isinstance(results.fits["two_slopes"], NotComputed)
    assert results.headline == "intercept_slope"
    assert "Passed over: two_slopes" in results.headline_reason


def singular_patients() -> list[Patient]:
    """Visits far noisier than the slopes differ, which two slopes fit as one direction."""
    rng = np.random.default_rng(1)
    totals = 40 + 3 * rng.normal(size=(20, 1)) + rng.normal(size=(20, len(FULL_MONTHS)))
    return [
        Patient(str(n), ARMS[n % 2], visits=tuple(map(Visit, FULL_MONTHS, row)))
        for n, row in enumerate(totals.tolist())
    ]


def test_a_singular_fit_of_two_slopes_stays_the_headline() -> None:
    results = fitted(singular_patients())
    assert results.headline_fit.singular
    assert results.headline == "two_slopes"
    assert "Passed over" not in results.headline_reason
    tested = results.headline_fit.found("change", None, 6.0).tested
    assert tested.df > 1
    assert tested.estimate.lower < tested.estimate.value < tested.estimate.upper


def test_the_page_names_what_is_singular_and_what_follows() -> None:
    patients = singular_patients()
    results = fitted(patients)
    page = mixed_model_page(results, Study(Cohort(tuple(patients), Provenance(simulated=True))))
    (notice,) = (block.text for block in page.blocks if isinstance(block, Notice))
    assert all(what in notice for what in results.headline_fit.singular)
    assert "p values may be a little too small" in notice


def test_a_patient_with_one_visit_counts() -> None:
    patients = list(simulate_cohort("published", n=64, seed=1).patients)
    patients[0] = replace(patients[0], visits=patients[0].visits[:1])
    assert sum(fitted(patients).n_patients.values()) == 64


@pytest.mark.parametrize(
    ("months", "reason"),
    [
        ([], "no ALSFRS-R visit"),
        ([-3, -2, 0], "Arm msc has no visit after month 0"),
        ([0, 1, 2, 3], "Arm msc has no visit before month 0"),
        ([-3, 6], "columns"),
    ],
)
def test_visits_that_carry_no_lines_are_refused(months: list[float], reason: str) -> None:
    results = analysed(seen_at(months))
    assert isinstance(results, NotComputed)
    assert reason in results.not_computed


def test_one_visit_per_patient_is_refused() -> None:
    patients = [
        replace(p, visits=(p.visits[n % len(p.visits)],))
        for n, p in enumerate(seen_at(FULL_MONTHS))
    ]
    results = analysed(patients)
    assert isinstance(results, NotComputed)
    assert "64 values of 64 patients" in results.not_computed


def test_lines_without_residuals_are_refused() -> None:
    patients = [
        replace(p, visits=tuple(Visit(v.month, 40 - v.month) for v in p.visits))
        for p in seen_at(FULL_MONTHS)
    ]
    results = analysed(patients)
    assert isinstance(results, NotComputed)
    assert "exactly on their lines" in results.not_computed


def test_rows_are_every_visit_of_every_patient() -> None:
    patients = simulate_cohort("published", n=20, seed=3).patients
    rows = visit_rows(patients)
    assert rows.total.tolist() == [v.total for p in patients for v in p.visits]
    assert int(rows.of_arm("msc").sum()) == sum(len(p.visits) for p in patients if p.arm == "msc")


def shown(page: Page) -> str:
    tables = " ".join(cell for t in page.tables() for row in t.shown() for _, cell in row)
    texts = " ".join(b.text for b in page.blocks if isinstance(b, Prose | Notice))
    return f"{texts} {tables}"


def test_page_shows_the_numbers_of_the_results(reference: MixedModelResults) -> None:
    page = mixed_model_page(reference, Study(reference_cohort()))
    change = reference.headline_fit.found("change", None, 6.0).tested.estimate
    assert f"{change.value:.2f} ({change.lower:.2f} to {change.upper:.2f})" in shown(page)
    assert {f.name for f in page.figures()} == {"figure-2b", "mixed-model-residuals"}
    assert all(isinstance(block, Prose | Notice | Table | Figure) for block in page.blocks)


def test_figure_2b_draws_each_mean_with_its_error(reference: MixedModelResults) -> None:
    page = mixed_model_page(reference, Study(reference_cohort()))
    figure = next(f for f in page.figures() if f.name == "figure-2b")
    drawn = figure.charts[0].spec["data"]["values"]
    assert [(row["arm"], row["time"]) for row in drawn] == [
        (arm, month) for arm in ARMS for month in FULL_MONTHS
    ]
    half = [(row["upper"] - row["lower"]) / 2 for row in drawn]
    assert half == pytest.approx([row["standard_error"] for row in figure.table.rows])


def test_page_says_what_could_not_be_fitted() -> None:
    study = Study(simulate_cohort("published", n=64, seed=1))
    three, one_arm = fitted(seen_at([-3, 0, 6])), fitted(study.cohort.of_arm("msc"))
    assert "not fitted" in shown(mixed_model_page(three, study))
    assert "There is one arm" in shown(mixed_model_page(one_arm, study))
    refused = mixed_model_page(analysed([]), study)
    assert [type(block) for block in refused.blocks] == [Notice]


def test_results_are_json_without_patients(reference: MixedModelResults) -> None:
    text = json.dumps(plain(reference), allow_nan=False)
    assert json.loads(text)["headline"] == "two_slopes"
    assert not re.search("patient_id", text)

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from data.cohort import Cohort, Patient
from data.doubts.swapped_panels import p_below, p_below_zero, swapped_panels
from data.measurement import Measurement
from data.simulate import SCENARIOS, Scenario, simulate_cohort


def swap(patient: Patient) -> Patient:
    """The patient with the last two panels' months exchanged."""
    if len(patient.panels) < 2:
        return patient
    first, second = patient.panels
    return replace(
        patient,
        panels=(
            replace(first, measurements=second.measurements),
            replace(second, measurements=first.measurements),
        ),
    )


def swapped(cohort: Cohort, which: Callable[[Patient], bool]) -> Cohort:
    return replace(cohort, patients=tuple(swap(p) if which(p) else p for p in cohort.patients))


def on_plates_of_patients(cohort: Cohort) -> Cohort:
    """The cohort with both panels of a patient on one of four plates."""

    def placed(patient: Patient, plate: str) -> Patient:
        def moved(m: Measurement) -> Measurement:
            return replace(m, plate=plate)

        panels = tuple(
            replace(x, measurements=tuple(map(moved, x.measurements))) for x in patient.panels
        )
        return replace(patient, panels=panels, site=None)

    return replace(
        cohort, patients=tuple(placed(p, f"p{i % 4}") for i, p in enumerate(cohort.patients))
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("n", [20, 40, 64, 200])
def test_a_simulated_trial_is_not_suspected(scenario: Scenario, n: int) -> None:
    suspected = [s for s in range(8) if list(swapped_panels(simulate_cohort(scenario, n, s)))]
    assert suspected == []


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_of_20_trials_with_all_months_swapped_at_least_19_are_suspected(scenario: Scenario) -> None:
    found = [
        len(list(swapped_panels(swapped(simulate_cohort(scenario, 64, seed), lambda _: True))))
        for seed in range(20)
    ]
    assert sum(found) >= 19


@pytest.mark.parametrize("site", ["A", "B"])
def test_months_swapped_at_one_site_are_suspected(site: str) -> None:
    cohort = simulate_cohort("informative", 200, 3)
    (fault,) = swapped_panels(swapped(cohort, lambda p: p.site == site))
    assert (fault.file, fault.column, fault.rule) == ("cytokines", "month", "suspected_swapped")
    assert fault.message.startswith("at one site ")


def test_months_swapped_on_one_plate_are_suspected() -> None:
    cohort = on_plates_of_patients(simulate_cohort("informative", 200, 3))
    assert list(swapped_panels(cohort)) == []
    one = swapped(cohort, lambda p: p.panels[0].measurements[0].plate == "p2")
    (fault,) = swapped_panels(one)
    assert fault.message.startswith("at one plate ")


def test_few_patients_and_controls_are_never_suspected() -> None:
    cohort = swapped(simulate_cohort("informative", 64, 3), lambda _: True)
    assert list(swapped_panels(replace(cohort, patients=cohort.of_arm("msc")[:4]))) == []
    assert list(swapped_panels(replace(cohort, patients=cohort.of_arm("control")))) == []
    assert list(swapped_panels(replace(cohort, patients=()))) == []


def test_without_any_change_a_cohort_is_suspected_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(1)
    suspected = [p_below_zero(rng.normal(size=12)) <= 0.025 for _ in range(2000)]
    assert 0.018 < np.mean(suspected) < 0.033


INSIDE = np.array([-1, -2, 0.5, -1, -0.3, -1.2])
OUTSIDE = np.array([0.2, 1, 0.4, -0.5, 0.9])


def test_p_values_are_students_and_welchs() -> None:
    expected = stats.ttest_1samp(INSIDE, 0, alternative="less").pvalue
    assert p_below_zero(INSIDE) == pytest.approx(expected, rel=1e-12)
    expected = stats.ttest_ind(INSIDE, OUTSIDE, equal_var=False, alternative="less").pvalue
    assert p_below(INSIDE, OUTSIDE) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("change", "p"), [(-0.5, 0.0), (0.0, 1.0), (0.5, 1.0)])
def test_changes_that_are_all_the_same_say_so(change: float, p: float) -> None:
    assert p_below_zero(np.full(6, change)) == p

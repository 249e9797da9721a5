from dataclasses import replace
from typing import Any

import pytest

from data.cohort import Cohort, Patient, Provenance
from data.doubts.doubts import FEW_ON_PLATFORM, suspicions, warnings
from data.measurement import Comparator, Measurement
from data.outcome import define_responder
from data.panel import Panel
from data.simulate import SCENARIOS, Scenario, simulate_cohort


def measured(value: float | None = 1.0, **changes: Any) -> Measurement:
    comparator: Comparator = "none" if value is not None else "<"
    limit = None if value is not None else 0.7
    made = Measurement("TNF", value, comparator, limit, "pg/mL", "", "msd", None)
    return replace(made, **changes)


def panel(month: float = 0, value: float | None = 1.0, **changes: Any) -> Panel:
    return Panel(month, (measured(value, **changes),))


def cohort(*panels: tuple[Panel, ...]) -> Cohort:
    patients = (Patient(f"P-{n}", "msc", found) for n, found in enumerate(panels))
    return Cohort(tuple(patients), Provenance(True))


def warned(of: Cohort) -> list[tuple[str | None, str, str]]:
    found = warnings(of, define_responder())
    return [(warning.column, warning.rule, warning.message) for warning in found]


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("n", [20, 40, 64, 200])
def test_a_simulated_trial_is_not_suspected(scenario: Scenario, n: int) -> None:
    assert [seed for seed in range(5) if suspicions(simulate_cohort(scenario, n, seed))] == []


def test_a_simulated_trial_is_warned_about_nothing_but_censoring_and_chance() -> None:
    rules = [
        [rule for _, rule, _ in warned(simulate_cohort("published", 64, seed))]
        for seed in range(20)
    ]
    rare = [rule for found in rules for rule in found if rule != "censored_heavily"]
    assert len(rare) <= 4


def test_a_result_with_its_unit_mistaken_by_1000_is_suspected() -> None:
    usual = [(panel(value=1 + n / 10),) for n in range(10)]
    assert suspicions(cohort(*usual)) == []
    (fault,) = suspicions(cohort(*usual, (panel(value=0.0015),)))
    assert (fault.column, fault.rule) == ("result", "far_from_others")
    assert fault.message.startswith("1 of 11 results of TNF lie 500 times")


def test_platforms_are_not_compared_with_each_other() -> None:
    usual = [(panel(value=1.0),) for _ in range(10)]
    other = [(panel(value=0.0015, platform="simoa"),) for _ in range(10)]
    assert suspicions(cohort(*usual, *other)) == []


def test_a_platform_with_few_patients_is_named() -> None:
    many = [(panel(),) for _ in range(FEW_ON_PLATFORM)]
    few = [(panel(platform="simoa"),) for _ in range(FEW_ON_PLATFORM - 1)]
    assert [rule for _, rule, _ in warned(cohort(*many))] == []
    assert warned(cohort(*many, *few)) == [
        (
            "platform",
            "platform_small",
            "TNF was measured in only 9 treated patients on one platform",
        )
    ]


@pytest.mark.parametrize(("n_censored", "heavy"), [(5, False), (6, True)])
def test_more_than_half_of_censored_results_is_heavy(n_censored: int, heavy: bool) -> None:
    found = [(panel(value=None if n < n_censored else 1.0),) for n in range(10)]
    said = [message for _, rule, message in warned(cohort(*found)) if rule == "censored_heavily"]
    assert said == (["60% of 10 results of TNF at baseline are censored"] if heavy else [])


@pytest.mark.parametrize(("late", "named"), [("p1", False), ("p2", True)])
def test_plates_of_one_visit_each_are_named(late: str, named: bool) -> None:
    pair = (panel(plate="p1"), panel(1, plate=late))
    rules = [rule for _, rule, _ in warned(cohort(*[pair] * 10))]
    assert rules == (["plate_is_visit"] if named else [])


def test_patients_without_a_baseline_panel_are_counted() -> None:
    found = warned(cohort(*[(panel(),)] * 10, (panel(1),)))
    message = "1 treated patients have panels after treatment but none before"
    assert ("month", "baseline_missing", message) in found


def test_follow_ups_only_past_the_horizon_are_counted() -> None:
    late, early = (panel(), panel(5)), (panel(), panel(4))
    said = [rule for _, rule, _ in warned(cohort(*[early] * 10, (panel(), panel(1), panel(9))))]
    assert said == []
    rules = [rule for _, rule, _ in warned(cohort(*[early] * 10, late))]
    assert rules == ["panel_after_horizon"]

from dataclasses import replace

import pytest

from data.cohort import Arm, Cohort, Patient, Provenance, Survival
from data.outcome import Visit, define_responder
from trial.deaths import DEATHS_UNKNOWN, Deaths, died_by, find_deaths
from trial.efficacy import analyse_efficacy
from trial.pages.efficacy import efficacy_page
from trial.study import Study

VISITS = (Visit(-2, 42), Visit(0, 40), Visit(1, 40))


def patient(number: int, arm: Arm, months: float, *, event: bool) -> Patient:
    """A responder by two follow-up visits, whose survival time is this."""
    return Patient(f"P-{number}", arm, visits=VISITS, survival=Survival(months, event=event))


@pytest.mark.parametrize(
    ("months", "event", "expected"),
    [(1.3, True, True), (4.0, True, True), (4.1, True, False), (1.3, False, False)],
)
def test_only_an_event_at_or_before_the_month_is_a_death_by_it(
    months: float, event: bool, expected: bool
) -> None:
    assert died_by(patient(1, "msc", months, event=event), 4) is expected


def test_deaths_are_named_with_those_who_are_judged_and_those_who_respond() -> None:
    early = replace(patient(2, "msc", 0.5, event=True), visits=VISITS[:2])
    declining = replace(patient(3, "control", 2, event=True), visits=(*VISITS[:2], Visit(1, 39)))
    found = find_deaths((patient(1, "msc", 1.3, event=True), early, declining), define_responder())
    assert isinstance(found, Deaths)
    assert found.died == {"msc": ("P-1", "P-2"), "control": ("P-3",)}
    assert found.evaluable == {"msc": ("P-1",), "control": ("P-3",)}
    assert found.responders == {"msc": ("P-1",), "control": ()}


def test_whose_survival_is_not_known_up_to_the_horizon_is_counted() -> None:
    found = find_deaths(
        (
            patient(1, "msc", 3, event=False),
            patient(2, "msc", 4, event=False),
            Patient("P-3", "control"),
        ),
        define_responder(),
    )
    assert isinstance(found, Deaths)
    assert found.unknown == {"msc": 1, "control": 1}


def test_without_any_survival_time_deaths_are_unknown() -> None:
    assert find_deaths((Patient("P-1", "msc", visits=VISITS),), define_responder()) == (
        DEATHS_UNKNOWN
    )


@pytest.mark.parametrize(
    ("months", "event", "said"),
    [
        (1.3, True, "by month 4, 1 msc (P-1); by month 6, 1 msc (P-1)"),
        (30, True, "Nobody is known to have died or had a tracheostomy by month 6."),
        (5, False, "by month 6; of 1 msc and 0 control it is not known"),
    ],
)
def test_the_page_says_which_responders_died(months: float, event: bool, said: str) -> None:
    patients = patient(1, "msc", months, event=event), patient(2, "control", 30, event=False)
    study = Study(Cohort(patients, Provenance(simulated=True)))
    page = efficacy_page(analyse_efficacy(study), study)
    assert said in str(page)
    assert ("deaths" in {table.name for table in page.tables()}) is (months == 1.3)

from dataclasses import replace

import pytest

from data.cohort import Arm, Cohort, Patient, Provenance
from data.outcome import Visit
from trial.efficacy import analyse_efficacy
from trial.judged_patients import judge_patients
from trial.pages.efficacy import efficacy_page
from trial.study import Study

LATE = "Slopes and responses up to a month use no visit after it"


def patient(number: int, arm: Arm, *months: float) -> Patient:
    """A patient who loses a point each month, seen before treatment and at these months."""
    seen = (-2, -1, 0, *months)
    return Patient(f"P-{number}", arm, visits=tuple(Visit(month, 40 - month) for month in seen))


def study(*patients: Patient) -> Study:
    return Study(Cohort(patients, Provenance(simulated=True)))


def page(of: Study) -> str:
    return str(efficacy_page(analyse_efficacy(of), of))


def test_patients_who_cannot_be_judged_are_listed_with_their_reason() -> None:
    rising = replace(patient(2, "msc", 4), visits=(Visit(-1, 39), Visit(0, 40), Visit(4, 40)))
    judged = judge_patients(
        study(patient(1, "msc", 4), rising, patient(3, "control"), Patient("P-4", "control"))
    )[0]
    assert judged.not_evaluable == {
        "lead_in_slope_not_negative": {"msc": ("P-2",), "control": ()},
        "too_few_follow_up_visits": {"msc": (), "control": ("P-3",)},
        "too_few_lead_in_visits": {"msc": (), "control": ("P-4",)},
    }


def test_slopes_that_end_early_are_counted() -> None:
    judged = judge_patients(study(patient(1, "msc", 1, 2, 3, 4), patient(2, "msc", 1, 2)))
    assert [one.ended_early["msc"] for one in judged] == [1, 2]


@pytest.mark.parametrize(
    ("month", "is_late"), [(4, False), (4.03, True), (4.5, True), (4.51, False), (3.9, False)]
)
def test_visits_up_to_half_a_month_after_the_horizon_are_counted(
    month: float, is_late: bool
) -> None:
    judged = judge_patients(study(patient(1, "msc", 2, month), patient(2, "control", 2)))[0]
    assert judged.late_visits == {"msc": int(is_late), "control": 0}


def test_a_page_says_how_many_visits_came_a_few_days_late() -> None:
    text = page(study(patient(1, "msc", 2, 4.03, 6.1), patient(2, "control", 2, 4, 6.1)))
    assert LATE in text
    assert "after month 4, 1 msc and 0 control; after month 6, 1 msc and 1 control" in text
    assert "last seen" not in text
    assert LATE not in page(study(patient(1, "msc", 2, 4, 6)))


def test_early_ends_are_said_also_where_everybody_is_evaluable() -> None:
    text = page(study(patient(1, "msc", 2), patient(2, "control", 2, 4, 6)))
    assert "without a visit in the last half month up to month 4: 1 msc and 0 control" in text

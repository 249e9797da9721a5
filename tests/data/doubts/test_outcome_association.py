import numpy as np
import pytest

from data.cohort import Patient
from data.doubts.outcome_association import associated, associations
from data.measurement import Measurement
from data.outcome import define_responder, stated_outcome
from data.panel import Panel


def patient(number: int, responder: bool, *, site: str | None, plate: str | None) -> Patient:
    measured = Measurement("TNF", 1.0, "none", None, "pg/mL", "1", "msd", plate)
    panels = (Panel(0, (measured,)),)
    return Patient(f"P-{number}", "msc", panels, responder=responder, site=site)


@pytest.mark.parametrize("column", ["site", "plate"])
def test_a_batch_that_goes_with_the_outcome_is_named(column: str) -> None:
    patients = []
    for number in range(40):
        names = {"site": None, "plate": None} | {column: f"{column}-{number % 2}"}
        patients.append(patient(number, number % 2 == 0, **names))
    (warning,) = associations(patients, stated_outcome("responder"))
    assert (warning.column, warning.rule) == (column, f"{column}_outcome")


def test_patients_who_cannot_be_judged_do_not_count() -> None:
    patients = [patient(n, True, site="AB"[n % 2], plate=None) for n in range(40)]
    unjudged = [Patient(p.patient_id, "msc", p.panels, site=p.site) for p in patients]
    assert list(associations(unjudged, define_responder())) == []


def test_one_group_or_one_outcome_is_associated_with_nothing() -> None:
    assert not associated([], [])
    assert not associated(["A"] * 9, [True] * 4 + [False] * 5)
    assert not associated(["A"] * 4 + ["B"] * 5, [True] * 9)


def test_every_patient_in_a_group_of_their_own_says_nothing() -> None:
    assert not associated([str(n) for n in range(30)], [n < 15 for n in range(30)])


def test_what_is_independent_is_called_associated_once_in_a_hundred() -> None:
    rng = np.random.default_rng(1)
    found = [
        associated([str(g) for g in rng.integers(4, size=40)], list(rng.random(40) < 0.5))
        for _ in range(400)
    ]
    assert sum(found) <= 12

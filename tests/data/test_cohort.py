import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from data.cohort import (
    AdverseEvent,
    Cohort,
    Patient,
    Provenance,
    Survival,
    cohort_sha256,
)
from data.errors import CsfError
from data.measurement import Measurement
from data.outcome import Visit, define_responder
from data.panel import Panel

TNF = Measurement("TNF", None, "<", 0.7, "pg/mL", "<0.7", "milliplex", "plate-1")
VISITS = tuple(Visit(month, 40 - month) for month in (-2.0, -1.0, 0.0, 1.0, 2.0))
PATIENT = Patient(
    "P-1",
    "msc",
    (Panel(0, (TNF,)),),
    VISITS,
    site="A",
    covariates={"age": "51", "sex": "male"},
    survival=Survival(28.5, True),
    adverse_events=(AdverseEvent("Back pain", 1, False, True),),
)
COHORT = Cohort((PATIENT, Patient("P-2", "control")), Provenance(True, "made up"))


def with_first(change: Callable[[Patient], Patient]) -> Cohort:
    return replace(COHORT, patients=(change(PATIENT), *COHORT.patients[1:]))


def with_tnf(**changes: object) -> Cohort:
    changed = Panel(0, (replace(TNF, **changes),))  # type: ignore[arg-type]
    return with_first(lambda patient: replace(patient, panels=(changed,)))


CHANGED = {
    "simulated": replace(COHORT, provenance=Provenance(False, "made up")),
    "description": replace(COHORT, provenance=Provenance(True, "made up.")),
    "patient left out": replace(COHORT, patients=COHORT.patients[:1]),
    "patients swapped": replace(COHORT, patients=COHORT.patients[::-1]),
    "id": with_first(lambda p: replace(p, patient_id="P-3")),
    "arm": with_first(lambda p: replace(p, arm="control")),
    "responder": with_first(lambda p: replace(p, responder=False)),
    "site": with_first(lambda p: replace(p, site=None)),
    "covariate": with_first(lambda p: replace(p, covariates={"age": "52", "sex": "male"})),
    "survival": with_first(lambda p: replace(p, survival=Survival(28.5, False))),
    "adverse event": with_first(lambda p: replace(p, adverse_events=())),
    "visit": with_first(lambda p: replace(p, visits=(*VISITS[:-1], Visit(2, 39)))),
    "visit left out": with_first(lambda p: replace(p, visits=VISITS[:-1])),
    "month": with_first(lambda p: replace(p, panels=(Panel(-0.1, (TNF,)),))),
    "limit": with_tnf(limit=0.71),
    "comparator": with_tnf(comparator=">"),
    "raw": with_tnf(raw="< 0.7"),
    "platform": with_tnf(platform="msd"),
    "plate": with_tnf(plate=None),
}


@pytest.mark.parametrize("what", CHANGED)
def test_sha256_changes_with(what: str) -> None:
    assert cohort_sha256(CHANGED[what]) != cohort_sha256(COHORT)


def test_sha256_does_not_depend_on_the_order_of_covariates() -> None:
    turned = with_first(lambda p: replace(p, covariates={"sex": "male", "age": "51"}))
    assert cohort_sha256(turned) == cohort_sha256(COHORT)


def test_sha256_is_that_of_canonical_json_line_by_line() -> None:
    lines = (
        b'{"description":"made up","simulated":true}\n'
        b'{"adverse_events":[],"arm":"control","covariates":{},"panels":[],"patient_id":"P-2",'
        b'"responder":null,"site":null,"survival":null,"visits":[]}\n'
    )
    cohort = replace(COHORT, patients=COHORT.patients[1:])
    assert cohort_sha256(cohort) == hashlib.sha256(lines).hexdigest()


def test_two_patients_with_one_id_are_refused() -> None:
    with pytest.raises(CsfError, match="an id of their own") as caught:
        Cohort((PATIENT, PATIENT), Provenance(simulated=False))
    assert "P-1" not in str(caught.value)


def test_of_arm_keeps_the_order_of_the_table() -> None:
    third = replace(PATIENT, patient_id="P-0")
    cohort = replace(COHORT, patients=(*COHORT.patients, third))
    assert [patient.patient_id for patient in cohort.of_arm("msc")] == ["P-1", "P-0"]
    assert [patient.patient_id for patient in cohort.of_arm("control")] == ["P-2"]


def test_a_stated_outcome_wins_over_the_slopes() -> None:
    by_slopes = PATIENT.outcome(define_responder())
    stated = replace(PATIENT, responder=True).outcome(define_responder())
    assert by_slopes.responder is False
    assert stated.responder is True
    assert stated.lead_in_slope == by_slopes.lead_in_slope == -1


def test_a_stated_outcome_needs_no_visits() -> None:
    outcome = Patient("P-1", "msc", responder=False).outcome(define_responder())
    assert outcome.responder is False
    assert outcome.not_evaluable is None
    assert outcome.lead_in_slope is None

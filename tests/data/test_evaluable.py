import pytest

from data.cohort import Cohort, Patient, Provenance
from data.errors import DefinitionError
from data.evaluable import choose_evaluable, controls_responding
from data.outcome import Visit, define_responder, stated_outcome
from data.panel import Task
from data.simulate import simulate_cohort

COHORT = simulate_cohort("published", n=64, seed=2)
ON_TREATMENT = Task("on_treatment")
OH = define_responder()
SIMULATED = Provenance(simulated=True)


def test_everybody_treated_is_chosen_or_counted_and_no_control_is() -> None:
    found = choose_evaluable(COHORT, ON_TREATMENT, OH)
    treated = {patient.patient_id for patient in COHORT.of_arm("msc")}
    assert {patient.patient_id for patient in found.patients} < treated
    assert len(found.patients) + sum(found.left_out.values()) == len(treated)
    assert found.left_out == {"too_few_follow_up_visits": 2}


def test_pairs_outcomes_and_labels_are_of_the_same_patients() -> None:
    found = choose_evaluable(COHORT, ON_TREATMENT, OH)
    for patient, pair, outcome in zip(found.patients, found.pairs, found.outcomes, strict=True):
        assert pair.patient_id == patient.patient_id
        assert outcome == patient.outcome(OH)
    assert found.is_responder.tolist() == [outcome.responder for outcome in found.outcomes]


def test_a_patient_without_the_follow_up_panel_is_judged_before_treatment_only() -> None:
    first = choose_evaluable(COHORT, ON_TREATMENT, OH).patients[0]
    without = Patient(first.patient_id, "msc", panels=first.panels[:1], visits=first.visits)
    cohort = Cohort((without,), SIMULATED)
    assert choose_evaluable(cohort, ON_TREATMENT, OH).left_out == {"panel_missing": 1}
    assert choose_evaluable(cohort, Task("pretreatment"), OH).patients == (without,)


def test_nobody_treated_is_nobody_judged() -> None:
    found = choose_evaluable(Cohort(COHORT.of_arm("control"), SIMULATED), ON_TREATMENT, OH)
    assert (found.patients, found.is_responder.shape, found.left_out) == ((), (0,), {})


def test_stated_and_derived_outcomes_never_mix() -> None:
    panels = COHORT.of_arm("msc")[0].panels
    cohort = Cohort(
        (Patient("P1", "msc", panels, responder=True), Patient("P2", "msc", panels)), SIMULATED
    )
    with pytest.raises(DefinitionError, match="states its outcomes"):
        choose_evaluable(cohort, ON_TREATMENT, OH)
    found = choose_evaluable(cohort, ON_TREATMENT, stated_outcome("responder"))
    assert found.left_out == {"outcome_not_stated": 1}


def test_controls_that_improve_are_counted_with_their_own_n() -> None:
    flat = (Visit(-2, 42), Visit(0, 40), Visit(4, 40))
    worse = (Visit(-2, 42), Visit(0, 40), Visit(4, 30))
    stable = (Visit(-2, 40), Visit(0, 40), Visit(4, 40))
    controls = tuple(
        Patient(f"C{i}", "control", visits=visits) for i, visits in enumerate((flat, worse, stable))
    )
    assert controls_responding(Cohort(controls, SIMULATED), OH) == (1, 2)

from dataclasses import replace

import numpy as np
import pytest

from data.analytes import study_analytes
from data.cohort import Cohort, Patient, Provenance
from data.errors import DefinitionError
from data.outcome import define_responder, stated_outcome
from data.panel import Panel, Task
from data.simulate import simulate_cohort
from training.errors import TrainingError
from training.training_set import TrainingSet, make_training_set

ANALYTES = tuple(study_analytes().values())
COHORT = simulate_cohort("published", n=64, seed=2)
ON_TREATMENT = Task("on_treatment")


def made(cohort: Cohort, task: Task = ON_TREATMENT, n_folds: int = 5) -> TrainingSet:
    return make_training_set(cohort, task, define_responder(), ANALYTES, n_folds=n_folds)


def test_controls_never_train_and_everybody_left_out_is_counted() -> None:
    training_set = made(COHORT)
    treated = {patient.patient_id for patient in COHORT.of_arm("msc")}
    assert {pair.patient_id for pair in training_set.pairs} < treated
    assert training_set.n_patients + sum(training_set.not_evaluable.values()) == len(treated)


def test_labels_are_those_of_the_definition() -> None:
    training_set = made(COHORT)
    outcomes = {p.patient_id: p.outcome(define_responder()).responder for p in COHORT.patients}
    expected = [outcomes[pair.patient_id] for pair in training_set.pairs]
    assert training_set.is_responder.tolist() == expected


def test_a_patient_without_the_follow_up_panel_trains_before_treatment_only() -> None:
    first = COHORT.of_arm("msc")[0]
    without = Patient(first.patient_id, "msc", panels=first.panels[:1], visits=first.visits)
    others = tuple(p for p in COHORT.patients if p is not first)
    cohort = Cohort((without, *others), COHORT.provenance)
    assert made(cohort).not_evaluable.get("panel_missing", 0) >= 1
    names = [pair.patient_id for pair in made(cohort, Task("pretreatment")).pairs]
    assert first.patient_id in names


def test_a_follow_up_panel_after_the_horizon_is_not_used() -> None:
    task = Task("on_treatment", follow_up_month=5, window_months=2)
    late = tuple(
        Patient(p.patient_id, p.arm, (p.panels[0], Panel(5.0, p.panels[0].measurements)), p.visits)
        for p in COHORT.of_arm("msc")
    )
    with pytest.raises(TrainingError, match="panel_missing"):
        made(Cohort(late, Provenance(simulated=True)), task)


def test_too_few_of_a_class_is_one_clear_sentence() -> None:
    panels = COHORT.of_arm("msc")[0].panels
    patients = tuple(Patient(f"P{i}", "msc", panels, responder=i > 2) for i in range(20))
    cohort = Cohort(patients, Provenance(simulated=True))
    with pytest.raises(TrainingError, match="17 responders and 3 non-responders"):
        make_training_set(
            cohort, Task("pretreatment"), stated_outcome("responder"), ANALYTES, n_folds=5
        )


def test_stated_outcomes_need_no_visits_and_unstated_ones_are_counted() -> None:
    panels = COHORT.of_arm("msc")[0].panels
    patients = tuple(
        Patient(f"P{i}", "msc", panels, (), responder=None if i == 0 else i % 2 == 0)
        for i in range(20)
    )
    training_set = make_training_set(
        Cohort(patients, Provenance(simulated=True)),
        Task("pretreatment"),
        stated_outcome("steroid_response"),
        ANALYTES,
        n_folds=5,
    )
    assert training_set.not_evaluable == {"outcome_not_stated": 1}
    assert np.isnan(training_set.lead_in_slopes).all()


def test_a_cohort_that_states_outcomes_takes_no_definition_over_slopes() -> None:
    stated = replace(COHORT.patients[0], responder=True)
    with pytest.raises(DefinitionError, match="states its outcomes"):
        made(Cohort((stated, *COHORT.patients[1:]), COHORT.provenance))


def test_pooled_and_unnamed_platforms_are_said() -> None:
    def on(patient: Patient, platform: str | None) -> Patient:
        panels = tuple(
            replace(p, measurements=tuple(replace(m, platform=platform) for m in p.measurements))
            for p in patient.panels
        )
        return replace(patient, panels=panels)

    platforms = ["milliplex", "msd", None]
    patients = tuple(on(p, platforms[n % 3]) for n, p in enumerate(COHORT.patients))
    warnings = made(Cohort(patients, COHORT.provenance)).warnings
    assert "MCP-1 was measured on 2 platforms, pooled here" in warnings
    assert "MCP-1 has results whose platform is not named" in warnings
    assert made(COHORT).warnings == ()


def test_grouping_by_site_needs_sites() -> None:
    nowhere = tuple(replace(patient, site=None) for patient in COHORT.patients)
    with pytest.raises(TrainingError, match="needs sites"):
        made(Cohort(nowhere, COHORT.provenance)).groups("site")


def test_patients_without_a_site_are_groups_of_their_own() -> None:
    training_set = made(COHORT)
    fields = {name: getattr(training_set, name) for name in TrainingSet.__slots__}
    n = training_set.n_patients
    sites = ("A", "A", *([None] * (n - 2)))
    groups = TrainingSet(**{**fields, "sites": sites}).groups("site")
    assert groups is not None
    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == n - 1

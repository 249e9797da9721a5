from collections.abc import Callable
from dataclasses import replace

from data.cohort import Cohort, Patient
from models.registry import Registry
from training.controls import auc_in_controls
from training.run import Trained
from training.training_set import TrainingSet


def on_platform(patient: Patient, platform: str | None) -> Patient:
    panels = tuple(
        replace(p, measurements=tuple(replace(m, platform=platform) for m in p.measurements))
        for p in patient.panels
    )
    return replace(patient, panels=panels)


def changed(cohort: Cohort, change: Callable[[Patient], Patient]) -> Cohort:
    """A cohort with its controls changed."""
    return replace(
        cohort, patients=tuple(change(p) if p.arm == "control" else p for p in cohort.patients)
    )


def test_controls_have_an_auc_before_treatment(linear_registry: Registry) -> None:
    found = linear_registry.read(linear_registry.champion("pretreatment")).evaluation
    controls, responding = found["controls"], found["control_responders"]
    assert (controls["n_patients"], controls["n_responders"]) == (responding["n"], responding["k"])
    assert controls["auc"]["method"] == "logit_delong"
    assert controls["reason"] is None


def test_controls_without_follow_up_panels_have_none_and_it_is_said_why(
    linear_registry: Registry,
) -> None:
    found = linear_registry.read(linear_registry.champion("on_treatment")).evaluation["controls"]
    assert found["auc"] is None
    assert found["reason"] == "fewer than 5 controls of a class have the panels and an outcome"
    assert found["left_out"] == {"panel_missing": 31}


def test_controls_on_a_platform_that_training_has_not_seen_do_not_count(
    cohort: Cohort, training_set: TrainingSet, train_quickly: Callable[..., Trained]
) -> None:
    estimator = train_quickly(cohort, "pretreatment").estimator
    elsewhere = changed(cohort, lambda patient: on_platform(patient, "msd"))
    found = auc_in_controls(elsewhere, training_set, estimator)
    assert (found["auc"], found["left_out"]) == (None, {"unknown_platform": 31})


def test_without_controls_the_reason_is_that_there_are_none(
    cohort: Cohort, training_set: TrainingSet, train_quickly: Callable[..., Trained]
) -> None:
    estimator = train_quickly(cohort, "pretreatment").estimator
    treated = replace(cohort, patients=cohort.of_arm("msc"))
    found = auc_in_controls(treated, training_set, estimator)
    assert (found["n_patients"], found["reason"]) == (0, "there are no controls")


def test_only_stated_outcomes_count_where_the_table_states_them(
    cohort: Cohort, training_set: TrainingSet, train_quickly: Callable[..., Trained]
) -> None:
    from data.outcome import stated_outcome

    estimator = train_quickly(cohort, "pretreatment").estimator
    stated = replace(training_set, definition=stated_outcome("responder"))
    some = iter(range(31))
    half = changed(cohort, lambda p: replace(p, responder=n % 2 == 0 if (n := next(some)) < 20
                                             else None))  # fmt: skip
    found = auc_in_controls(half, stated, estimator)
    assert (found["n_patients"], found["n_responders"]) == (20, 10)
    assert found["left_out"] == {"outcome_not_stated": 11}
    assert found["auc"] is not None

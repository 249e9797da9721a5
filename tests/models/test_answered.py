from dataclasses import replace

import numpy as np
import pytest

from data.cohort import Cohort, Patient, Provenance
from models.answered import answer_cohort, check_both_classes
from models.classifier import Classifier
from models.errors import EvaluationError


def on_platform(patient: Patient, platform: str) -> Patient:
    panels = tuple(
        replace(p, measurements=tuple(replace(m, platform=platform) for m in p.measurements))
        for p in patient.panels
    )
    return replace(patient, panels=panels)


def test_answers_are_those_of_the_service_for_the_same_pairs(
    champion: Classifier, new_cohort: Cohort
) -> None:
    answered = answer_cohort(champion, new_cohort)
    alone = [champion.predict_pairs([pair]).scores.score[0] for pair in answered.pairs]
    np.testing.assert_array_equal(answered.score, alone)
    assert len(answered.pairs) == len(answered.is_responder) == len(answered.lead_in_slopes)


def test_whom_the_service_would_refuse_is_counted_once_by_code(
    pretreatment: Classifier, new_cohort: Cohort
) -> None:
    everybody = answer_cohort(pretreatment, new_cohort)
    treated = new_cohort.of_arm("msc")
    elsewhere = tuple(on_platform(patient, "msd") for patient in treated[:10])
    answered = answer_cohort(
        pretreatment, Cohort((*elsewhere, *treated[10:]), new_cohort.provenance)
    )
    (code, n), *others = answered.not_answered.items()
    assert (code, others) == ("unknown_platform", [])
    assert len(answered.pairs) + n == len(everybody.pairs)


def test_flags_count_patients_not_results(linear: Classifier, new_cohort: Cohort) -> None:
    answered = answer_cohort(linear, new_cohort)
    flagged = answered.flagged(linear)
    rows = {flag.row for flag in answered.predictions.cell_flags if flag.code == "below_lloq"}
    assert flagged["below_lloq"] == len(rows)
    moved = replace(new_cohort.of_arm("msc")[0].panels[1], month=4.0)
    late = [replace(p, panels=(p.panels[0], moved)) for p in new_cohort.of_arm("msc")[:3]]
    assert answer_cohort(linear, Cohort(tuple(late), Provenance(simulated=True))).pairs == ()


def test_nobody_to_answer_is_nobody_answered(champion: Classifier, new_cohort: Cohort) -> None:
    controls = Cohort(new_cohort.of_arm("control"), new_cohort.provenance)
    answered = answer_cohort(champion, controls)
    assert (answered.score.shape, answered.flagged(champion)) == ((0,), {})
    with pytest.raises(EvaluationError, match="0 responders and 0 non-responders"):
        check_both_classes(answered.is_responder, answered.not_evaluable)


def test_the_cohort_that_trained_a_classifier_is_refused(
    linear: Classifier, cohort: Cohort
) -> None:
    with pytest.raises(EvaluationError, match="trained on this very cohort"):
        answer_cohort(linear, cohort)


def test_the_patients_that_trained_it_are_known_under_any_name_and_in_any_order(
    champion: Classifier, cohort: Cohort, new_cohort: Cohort
) -> None:
    renamed = [
        replace(patient, patient_id=f"X{n}") for n, patient in enumerate(reversed(cohort.patients))
    ]
    with pytest.raises(EvaluationError, match="whatever they are called"):
        answer_cohort(champion, Cohort(tuple(renamed), Provenance(simulated=True)))
    with_others = Cohort((*renamed, *new_cohort.of_arm("msc")[:5]), new_cohort.provenance)
    assert len(answer_cohort(champion, with_others).pairs) > 32


def test_stated_and_derived_outcomes_do_not_validate_each_other(
    linear: Classifier, stated: Classifier, new_cohort: Cohort, state_outcomes
) -> None:
    with pytest.raises(EvaluationError, match="must state outcomes too"):
        answer_cohort(stated, new_cohort)
    with pytest.raises(EvaluationError, match="must have visits"):
        answer_cohort(linear, state_outcomes(new_cohort))
    assert len(answer_cohort(stated, state_outcomes(new_cohort)).pairs) > 90

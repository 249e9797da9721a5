"""A cohort's patients as a classifier meets them: who can be judged, and what it answers.

The classifier is fixed: nothing here fits anything, and the service would give the same bits.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.checks import class_sizes
from analysis.errors import OneClassError
from data.cohort import Cohort, cohort_sha256
from data.evaluable import choose_evaluable
from data.panel import PanelPair
from models.case_mix import LEAST_SHOWN, case_mix, same_patients
from models.classifier import Classifier, Predictions
from models.columns import PairColumns, columns_of_pairs
from models.errors import EvaluationError
from models.features import compute
from models.scorer import Floats


@dataclass(frozen=True, slots=True)
class Answered:
    """Patients with a known outcome whom a classifier answers, in the cohort's order.

    Attributes
    ----------
    pairs, lead_in_slopes
        One per patient; a slope [points/month] is None where there were no visits.
    is_responder
        Shape (n_patients,).
    not_evaluable
        Number of `msc` patients who cannot be judged, by reason.
    not_answered
        Number of evaluable patients whom the service would refuse, by the code of the first
        fault.
    """

    pairs: tuple[PanelPair, ...]
    lead_in_slopes: tuple[float | None, ...]
    columns: PairColumns
    predictions: Predictions
    is_responder: NDArray[np.bool_]
    not_evaluable: Mapping[str, int]
    not_answered: Mapping[str, int]

    @property
    def score(self) -> Floats:
        """Shape (n_patients,) [log-odds]."""
        return self.predictions.scores.score

    @property
    def probability(self) -> Floats:
        """Shape (n_patients,)."""
        return self.predictions.scores.probability

    def flagged(self, classifier: Classifier) -> dict[str, int]:
        """Number of patients with each flag."""
        codes = {(flag.row, flag.code) for flag in self.predictions.cell_flags}
        for row, pair in enumerate(self.pairs):
            codes |= {(row, flag.code) for flag in classifier.pair_flags(pair)}
        return dict(sorted(Counter(code for _, code in codes).items()))

    def case_mix(self, classifier: Classifier) -> dict[str, Any]:
        """Who these patients are, in summary."""
        features = compute(classifier.features, self.columns)
        return case_mix(
            classifier.features, self.columns, features, self.is_responder, [self.score]
        )


def answer_cohort(classifier: Classifier, cohort: Cohort) -> Answered:
    """Ask a classifier about every patient of a cohort whose outcome is known.

    Raises
    ------
    EvaluationError
        The cohort is the one that trained the classifier, also with other ids, order or
        description; or its outcomes are of another kind.
    """
    _refuse_training_cohort(classifier, cohort)
    _refuse_other_outcomes(classifier, cohort)
    found = choose_evaluable(cohort, classifier.task, classifier.definition)
    codes = [_first_fault(classifier, pair) for pair in found.pairs]
    rows = [row for row, code in enumerate(codes) if code is None]
    pairs = tuple(found.pairs[row] for row in rows)
    columns = columns_of_pairs(pairs, classifier.analytes)
    answered = Answered(
        pairs=pairs,
        lead_in_slopes=tuple(found.outcomes[row].lead_in_slope for row in rows),
        columns=columns,
        predictions=classifier.predict(columns),
        is_responder=found.is_responder[rows],
        not_evaluable=found.left_out,
        not_answered=dict(sorted(Counter(code for code in codes if code is not None).items())),
    )
    _refuse_training_patients(classifier, answered)
    return answered


def check_both_classes(is_responder: NDArray[np.bool_], reasons: Mapping[str, int]) -> None:
    """Nothing can be told from patients with one outcome.

    Parameters
    ----------
    reasons
        Who is missing, and why: the sentence lists them.

    Raises
    ------
    EvaluationError
        No responder or no non-responder among the patients.
    """
    try:
        class_sizes(is_responder)
    except OneClassError as error:
        listed = ", ".join(f"{n} {reason}" for reason, n in reasons.items() if n) or "nobody"
        raise EvaluationError(
            f"{error.n_cases} responders and {error.n_controls} non-responders can be judged "
            f"(left out: {listed}); at least one of each is needed"
        ) from error


def _refuse_training_cohort(classifier: Classifier, cohort: Cohort) -> None:
    if cohort_sha256(cohort) == classifier.manifest.cohort.sha256:
        raise EvaluationError(
            f"bundle {classifier.bundle_id} was trained on this very cohort: patients that it has "
            "not seen are needed"
        )


def _refuse_training_patients(classifier: Classifier, answered: Answered) -> None:
    """The same patients under other names; bundles from before `case_mix` cannot tell."""
    trained_on = classifier.bundle.evaluation.get("case_mix")
    if trained_on is None or len(answered.is_responder) < LEAST_SHOWN:
        return
    if same_patients(answered.case_mix(classifier), trained_on):
        raise EvaluationError(
            f"bundle {classifier.bundle_id} was trained on these patients, whatever they are "
            "called: patients that it has not seen are needed"
        )


def _refuse_other_outcomes(classifier: Classifier, cohort: Cohort) -> None:
    """An outcome that a table states and one that follows from slopes are not the same thing."""
    stated = classifier.definition.is_stated
    if stated and not cohort.states_outcomes:
        raise EvaluationError(
            f"bundle {classifier.bundle_id} knows an outcome that a table states, so the cohort "
            "must state outcomes too, in a column responder"
        )
    if not stated and cohort.states_outcomes:
        raise EvaluationError(
            f"bundle {classifier.bundle_id} knows an outcome that follows from ALSFRS-R slopes, "
            "so the cohort must have visits and no column responder"
        )


def _first_fault(classifier: Classifier, pair: PanelPair) -> str | None:
    """Why the service would refuse a pair, None where it would answer."""
    faults = classifier.faults(pair.baseline, pair.follow_up)
    return faults[0].code if faults else None

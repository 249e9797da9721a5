"""Likelihood-ratio tests between mixed models of the same visits, all fitted by ML."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from analysis.checks import Vector
from analysis.likelihood_ratio import LikelihoodRatio, likelihood_ratio
from analysis.piecewise_slopes import FIXED_TERMS, RandomStructure
from trial.mixed_model_fit import fit_rows
from trial.mixed_model_rows import VisitRows
from trial.not_computed import NotComputed, computed

TestName = Literal["follow_up_by_arm", "slopes_by_arm", "all_arm_terms", "curvature"]
TEST_NAMES: Final[tuple[TestName, ...]] = get_args(TestName)
_LEFT_OUT: Final[Mapping[TestName, tuple[str, ...]]] = {
    "follow_up_by_arm": ("arm:follow_up",),
    "slopes_by_arm": ("arm:lead_in", "arm:follow_up"),
    "all_arm_terms": ("arm", "arm:lead_in", "arm:follow_up"),
}


@dataclass(frozen=True, slots=True)
class LikelihoodTest:
    """One test.

    Attributes
    ----------
    name
        Terms tested; ``curvature`` is the square of the months after month 0, with its
        difference between the arms, which the model does without.
    log_likelihood, log_likelihood_reduced
        Of the model with and of the model without the terms.
    """

    name: TestName
    log_likelihood: float
    log_likelihood_reduced: float
    test: LikelihoodRatio


def likelihood_tests(
    rows: VisitRows, structure: RandomStructure
) -> Mapping[TestName, LikelihoodTest | NotComputed]:
    """Test the terms of the arm, and whether one slope after month 0 is enough."""
    lines = rows.fixed()
    models = {"curvature": (_bent(rows, lines), lines)}
    if rows.has_both_arms:
        for name, terms in _LEFT_OUT.items():
            models[name] = lines, lines[:, [term not in terms for term in FIXED_TERMS]]
    one_arm = NotComputed("There is one arm; terms of the arm need both.")
    return {
        name: _test(rows, structure, name, *models[name]) if name in models else one_arm
        for name in TEST_NAMES
    }


def _bent(rows: VisitRows, lines: Vector) -> Vector:
    """Add the square of the months after month 0, and its difference between the arms."""
    square = np.maximum(rows.month, 0.0)[:, None] ** 2
    by_arm = (square * rows.is_msc[:, None],) if rows.has_both_arms else ()
    return np.hstack([lines, square, *by_arm])


def _test(
    rows: VisitRows, structure: RandomStructure, name: TestName, full: Vector, reduced: Vector
) -> LikelihoodTest | NotComputed:
    def fitted() -> LikelihoodTest:
        with_terms, without = (
            fit_rows(rows, structure, columns=columns, reml=False) for columns in (full, reduced)
        )
        test = likelihood_ratio(with_terms, without)
        return LikelihoodTest(name, with_terms.log_likelihood, without.log_likelihood, test)

    return computed(fitted)

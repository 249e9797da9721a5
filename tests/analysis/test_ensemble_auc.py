from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.ensemble_auc import ensemble_auc
from analysis.errors import AnalysisError, NotFiniteError, ShapeError, TooFewError
from analysis.influence_curve_auc import influence_curve_auc

HIGH: Any = {"direction": "higher_is_case"}


def test_an_ensemble_looks_much_better_than_its_model(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, rows = expected("10_cvauc"), table("cvauc60")
    order = np.lexsort((rows["id"], rows["rep"]))
    scores, folds, is_case = (rows[name][order].reshape(4, 60) for name in ("p", "fold", "y"))
    ensemble = ensemble_auc(scores, is_case[0], **HIGH)
    model = influence_curve_auc(scores, is_case[0], folds, **HIGH)
    wanted = reference["auc_of_patient_mean_prediction"]
    assert ensemble.value == pytest.approx(wanted, abs=1e-9)
    assert ensemble.method == "ensemble_of_repeats_logit_delong"
    assert ensemble.value - model.value > 0.14


def test_equal_repeats_make_no_ensemble() -> None:
    scores, is_case = np.array([0.1, 0.6, 0.4, 0.8]), [0, 0, 1, 1]
    assert ensemble_auc([scores, scores], is_case, **HIGH).value == 0.75


@pytest.mark.parametrize(
    ("scores", "error"),
    [
        ([0.1, 0.2], ShapeError),
        ([[0.1, 0.2]], TooFewError),
        ([[0.1, 0.2], [0.1, np.nan]], NotFiniteError),
        ([[0.1, 0.2, 0.3]] * 2, AnalysisError),
    ],
)
def test_what_is_no_table_of_repeats_is_refused(scores: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ensemble_auc(scores, [0, 1], **HIGH)

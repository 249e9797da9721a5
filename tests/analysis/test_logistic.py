from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from analysis.errors import SeparatedError
from analysis.logistic import fit_logistic, log_likelihood


def test_coefficients_are_those_of_r(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, patients = expected("07_optimism")["optimism60"], table("optimism60")
    design = np.column_stack([np.ones(60), *(patients[name] for name in ("x1", "x2", "x3"))])
    fit = fit_logistic(design, patients["y"] == 1, offset=np.zeros(60))
    wanted = list(reference["coef_glm"].values())
    assert fit.coefficients == pytest.approx(wanted, abs=1e-8)
    assert fit.standard_errors == pytest.approx(list(reference["se_glm"].values()), abs=1e-8)
    assert fit.log_likelihood == pytest.approx(reference["loglik"], abs=1e-8)


def test_at_the_maximum_residuals_are_orthogonal_to_the_columns() -> None:
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(50), rng.normal(size=(50, 2))])
    offset, is_case = rng.normal(size=50), rng.random(50) < 0.4
    fit = fit_logistic(design, is_case, offset=offset)
    residual = is_case - expit(offset + design @ fit.coefficients)
    assert design.T @ residual == pytest.approx(0, abs=1e-9)


def test_likelihood_of_certain_mistakes_is_finite() -> None:
    assert log_likelihood(np.array([1000.0, -800.0]), np.array([False, True])) == -1800.0


def test_one_class_has_no_finite_intercept() -> None:
    with pytest.raises((SeparatedError, np.linalg.LinAlgError)):
        fit_logistic(np.ones((3, 1)), np.array([True] * 3), offset=np.array([0.0, 1e3, -1e3]))

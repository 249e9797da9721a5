import numpy as np
import pytest

from analysis.errors import LengthsDifferError
from analysis.mixed_model import fit_mixed_model
from analysis.mixed_residuals import conditional_residuals, patient_effects
from analysis.piecewise_slopes import random_columns

PATIENT = np.repeat(np.arange(9), 6)[::-1]
MONTH = np.tile(np.arange(-2.0, 4.0), 9)
COLUMNS = random_columns(MONTH, "two_slopes")
VALUES = (
    40 + np.random.default_rng(1).normal(size=9)[PATIENT] * MONTH
    + np.random.default_rng(2).normal(size=54)
)  # fmt: skip


def test_effects_are_the_conditional_means_of_the_normal_distribution() -> None:
    fit = fit_mixed_model(VALUES, COLUMNS, COLUMNS, PATIENT)
    mine = PATIENT == 4
    z, residual = COLUMNS[mine], (VALUES - COLUMNS @ fit.coefficients)[mine]
    covariance = z @ fit.random_covariance @ z.T + fit.residual_sd**2 * np.eye(6)
    wanted = fit.random_covariance @ z.T @ np.linalg.solve(covariance, residual)
    assert patient_effects(fit)[4] == pytest.approx(wanted, abs=1e-9)


def test_effects_of_all_patients_add_up_to_nothing() -> None:
    fit = fit_mixed_model(VALUES, COLUMNS, COLUMNS, PATIENT)
    assert patient_effects(fit).sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-9)


def test_residuals_are_what_the_lines_of_patients_leave() -> None:
    fit = fit_mixed_model(VALUES, COLUMNS, COLUMNS, PATIENT)
    found = conditional_residuals(fit, VALUES, COLUMNS, COLUMNS, PATIENT)
    lines = (COLUMNS * (fit.coefficients + patient_effects(fit)[PATIENT])).sum(axis=1)
    assert found * fit.residual_sd == pytest.approx(VALUES - lines)
    assert COLUMNS.T @ found == pytest.approx([0, 0, 0], abs=1e-9)


def test_other_rows_than_those_of_the_fit_are_refused() -> None:
    fit = fit_mixed_model(VALUES, COLUMNS, COLUMNS, PATIENT)
    with pytest.raises(LengthsDifferError):
        conditional_residuals(fit, VALUES[1:], COLUMNS[1:], COLUMNS[1:], PATIENT[1:])

"""What a mixed model leaves of the values, and where it predicts each patient's own line.

For looking at its assumptions: the coefficients and their tests are elsewhere.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector
from analysis.errors import LengthsDifferError
from analysis.mixed_model import MixedFit


def patient_effects(fit: MixedFit) -> Vector:
    """Predict the patients' own coefficients, drawn towards zero by how little is known of each.

    Parameters
    ----------
    fit : MixedFit
        A fitted model.

    Returns
    -------
    Vector, shape (n_patients, q)
        In the units of the random columns, beside the fixed coefficients; patients in the order
        of their sorted ids.

    Notes
    -----
    Best linear unbiased predictions. They vary less than the patients do, so their spread is no
    estimate of `random_covariance`.

    Source: Robinson 1991, Stat Sci 6:15.

    Examples
    --------
    >>> from analysis.mixed_model import fit_mixed_model
    >>> ones = [[1], [1], [1], [1]]
    >>> fit = fit_mixed_model([1, 2, 6, 9], ones, ones, ["a", "a", "b", "b"])
    >>> patient_effects(fit).round(3).ravel().tolist()
    [-2.792, 2.792]
    """
    at = fit.minimum.deviance.regression
    left = at.left @ np.append(-at.shift, 1.0)
    relative = at.factor @ at.factor.T
    effects: Vector = left @ relative @ fit.moments.to_random.T
    return effects


def conditional_residuals(
    fit: MixedFit, values: ArrayLike, fixed: ArrayLike, random: ArrayLike, patient: ArrayLike
) -> Vector:
    """Return each value less its patient's own predicted line, over the residual SD.

    Parameters
    ----------
    fit : MixedFit
        Fitted to the columns that follow.
    values, fixed, random, patient : array_like
        As `fit_mixed_model` had them.

    Returns
    -------
    Vector, shape (n_rows,)
        In residual standard deviations. Their own spread is below 1, because each patient's line
        was drawn towards them.

    Raises
    ------
    LengthsDifferError
        Other rows than those of the fit.

    Examples
    --------
    >>> from analysis.mixed_model import fit_mixed_model
    >>> rows = [1, 2, 6, 9], [[1], [1], [1], [1]], [[1], [1], [1], [1]], ["a", "a", "b", "b"]
    >>> conditional_residuals(fit_mixed_model(*rows), *rows).round(3).tolist()
    [-0.448, 0.184, -0.817, 1.08]
    """
    y = np.asarray(values, dtype=np.float64)
    number: NDArray[np.intp] = np.unique(np.asarray(patient), return_inverse=True)[1]
    if not y.size == number.size == fit.n_rows:
        raise LengthsDifferError({"values": y.size, "patient": number.size, "fit": fit.n_rows})
    own = patient_effects(fit)[number]
    line = np.asarray(fixed) @ fit.coefficients + (np.asarray(random) * own).sum(axis=1)
    residuals: Vector = (y - line) / fit.residual_sd
    return residuals

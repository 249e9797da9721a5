"""Whether a mixed model loses by leaving coefficients out: the likelihood-ratio test."""

from dataclasses import dataclass

from scipy.special import chdtrc

from analysis.mixed_errors import NotNestedError
from analysis.mixed_model import MixedFit

_ROUNDING = 1e-6  # deviance by which a reduced model may fit better


@dataclass(frozen=True, slots=True)
class LikelihoodRatio:
    """Twice the log of the ratio of two likelihoods, and its chi-square test.

    Parameters
    ----------
    chi_square : float
        Fall of the deviance.
    df : int
        Coefficients left out.
    p : float
        Upper tail of the chi-square distribution.
    """

    chi_square: float
    df: int
    p: float


def likelihood_ratio(full: MixedFit, reduced: MixedFit) -> LikelihoodRatio:
    """Test the coefficients that one model has and the other has not.

    Parameters
    ----------
    full, reduced : MixedFit
        Fitted to the same rows by ML (``reml=False``) with the same random columns; the fixed
        columns of `reduced` are some of those of `full`.

    Returns
    -------
    LikelihoodRatio

    Raises
    ------
    NotNestedError
        Fitted by REML, whose likelihoods are of different data; not the same rows or random
        columns; no coefficient left out.

    Notes
    -----
    In small samples the test rejects somewhat too often; t tests with Satterthwaite's degrees of
    freedom are to be preferred for one coefficient.

    Source: Pinheiro and Bates 2000, Mixed-Effects Models in S and S-PLUS, section 2.4.1.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.mixed_model import fit_mixed_model
    >>> values, patient = [1, 2, 5, 6, 8, 11], ["a", "a", "b", "b", "c", "c"]
    >>> columns = np.column_stack([np.ones(6), [0, 1, 0, 1, 0, 1]])
    >>> full, reduced = (
    ...     fit_mixed_model(values, fixed, columns[:, :1], patient, reml=False)
    ...     for fixed in (columns, columns[:, :1])
    ... )
    >>> found = likelihood_ratio(full, reduced)
    >>> round(found.chi_square, 3), found.df, round(found.p, 3)
    (4.251, 1, 0.039)
    """
    if full.reml or reduced.reml:
        raise NotNestedError("models fitted by maximum likelihood, not REML")
    if not _same_rows(full, reduced):
        raise NotNestedError("models with the same rows, patients and random columns")
    df = full.coefficients.size - reduced.coefficients.size
    chi_square = reduced.deviance - full.deviance
    if df < 1 or chi_square < -_ROUNDING:
        raise NotNestedError("a reduced model whose fixed columns are some of the full model's")
    return LikelihoodRatio(max(chi_square, 0.0), df, float(chdtrc(df, max(chi_square, 0.0))))


def _same_rows(full: MixedFit, reduced: MixedFit) -> bool:
    one, other = full.moments, reduced.moments
    return (one.n_rows, one.length, one.within.shape) == (
        other.n_rows,
        other.length,
        other.within.shape,
    )

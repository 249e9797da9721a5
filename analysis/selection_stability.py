"""How much the features that a procedure selects depend on the patients it happened to see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from analysis.auc_limits import Limits
from analysis.checks import Vector, checked_level
from analysis.errors import OutOfRangeError, ShapeError, TooFewError


@dataclass(frozen=True, slots=True, eq=False)
class SelectionStability:
    """Stability of selection over refits.

    Parameters
    ----------
    value, lower, upper : float or None
        1: the same features every time; 0: as by chance; its least value is
        ``-1 / (n_refits - 1)``. None if every refit selects all features, or none does any: there
        is then nothing to be stable.
    level : float
        Confidence level of the limits. They cover the choice of refits, not of the patients.
    method : str
        ``nogueira``; ``exact_when_identical`` where all refits agree; ``nothing_selected_apart``
        where there is no value.
    frequency : Vector, shape (n_features,)
        Share of refits that select each feature.
    n_refits : int
        Refits.
    """

    value: float | None
    lower: float | None
    upper: float | None
    level: float
    method: str
    frequency: Vector
    n_refits: int

    @property
    def mean_selected(self) -> float:
        """Mean number of features that a refit selects."""
        return float(self.frequency.sum())


def selection_stability(selected: ArrayLike, *, level: float = 0.95) -> SelectionStability:
    """Estimate the stability of selection.

    Parameters
    ----------
    selected : array_like, shape (n_refits, n_features)
        True or 1 where a refit selects a feature (a coefficient that is not 0).
    level : float
        Confidence level.

    Returns
    -------
    SelectionStability
        Limits cut at the least value and at 1. Where all refits select the same features the
        variance is zero: then at least ``((1 - level) / 2) ** (1 / n_refits)`` of all refits
        do, and the lower limit is the least stability that leaves to the others.

    Raises
    ------
    ShapeError
        Not a table.
    TooFewError
        Fewer than two refits, or no feature.
    OutOfRangeError
        Anything but true, false, 1 and 0; a level out of range.

    Notes
    -----
    Source: Nogueira, Sechidis and Brown 2018, J Mach Learn Res 18(174):1, definition 4 and
    corollary 9; the limits of identical refits are our choice.

    Examples
    --------
    >>> found = selection_stability([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]])
    >>> round(found.value, 4), round(found.lower, 4), found.frequency.round(2).tolist()
    (0.3333, -0.0223, [1.0, 0.67, 0.33, 0.0])
    """
    table = _checked_selection(selected)
    checked_level(level)
    n_refits, n_features = table.shape
    frequency = table.mean(axis=0)
    size = float(frequency.mean())
    if table.min() == table.max():
        return SelectionStability(
            None, None, None, level, "nothing_selected_apart", frequency, n_refits
        )
    if (table == table[0]).all():
        lower = _least_when_identical(size, n_refits, level)
        return SelectionStability(
            1.0, lower, 1.0, level, "exact_when_identical", frequency, n_refits
        )
    by_chance = size * (1 - size)
    spread = float(np.mean(frequency * (1 - frequency))) * n_refits / (n_refits - 1)
    value = 1 - spread / by_chance
    sizes = table.mean(axis=1)
    parts = table @ frequency / n_features - sizes * size
    parts += value / 2 * (2 * sizes * size - sizes - size + 1)
    error = 2 * float(np.std(parts)) / (by_chance * n_refits**0.5)
    lower, upper = _cut_limits(value, error, n_refits, level)
    return SelectionStability(value, lower, upper, level, "nogueira", frequency, n_refits)


def _cut_limits(value: float, error: float, n_refits: int, level: float) -> Limits:
    half_width = float(ndtri((1 + level) / 2)) * error
    least = min(-1 / (n_refits - 1), value)
    return max(value - half_width, least), min(value + half_width, 1.0)


def _least_when_identical(size: float, n_refits: int, level: float) -> float:
    """Return the least stability when only a share of refits selects one set, the rest any."""
    share = float(((1 - level) / 2) ** (1 / n_refits))
    spread = share * (1 - share) if share > 0.5 else 0.25
    ends = share * size, share * size + 1 - share
    by_chance = min(end * (1 - end) for end in ends)
    return max(1 - spread / by_chance, -1 / (n_refits - 1))


def _checked_selection(selected: ArrayLike) -> Vector:
    table = np.asarray(selected)
    if table.ndim != 2:
        raise ShapeError("selected", table.shape, "(n_refits, n_features)")
    for what, n, needed in (("refits", table.shape[0], 2), ("features", table.shape[1], 1)):
        if n < needed:
            raise TooFewError(what, n, needed)
    if table.dtype.kind not in "biuf" or not ((table == 0) | (table == 1)).all():
        raise OutOfRangeError("selected", "true or 1 where selected, else false or 0")
    return table.astype(np.float64)

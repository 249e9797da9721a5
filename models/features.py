"""Features: named functions of a pair of panels, listed in a bundle as a recipe in JSON.

The one place where a censored result becomes a number: below the limit of quantification it
enters as limit/sqrt(2) (Hornung and Reed 1990), above it as the limit; where baseline and
follow-up are censored on the same side, their log-ratio is 0.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte, Direction
from data.errors import CsfError
from data.panel import TaskName
from models.columns import BASELINE, FOLLOW_UP, Kind, PairColumns

Floats = NDArray[np.float64]

RECIPE_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Feature:
    """One column a classifier looks at.

    Attributes
    ----------
    name
        Such as ``log_ratio_mcp1``.
    function
        Key of `FUNCTIONS`.
    analytes
        Canonical names, in the order the function takes them.
    unit
        Unit of the feature, such as ``ln(pg/mL)``.
    direction
        Which way the ROC of this feature alone is drawn: fixed beforehand, never chosen by
        the data (decision 9).
    """

    name: str
    function: str
    analytes: tuple[str, ...]
    unit: str
    direction: Direction


@dataclass(frozen=True)
class Levels:
    """Numbers that features are made of, shapes (n_patients, 2, n_analytes).

    `plain` and `log` (natural; NaN for analytes taken as they are) with censoring substituted,
    `kinds` as in `PairColumns`.
    """

    plain: Floats
    log: Floats
    kinds: NDArray[np.int8]

    @cached_property
    def log_ratios(self) -> Floats:
        """ln(follow-up / baseline), (n_patients, n_analytes); 0 where both are censored alike."""
        before, after = self.kinds[:, BASELINE], self.kinds[:, FOLLOW_UP]
        censored = (before == Kind.BELOW_LLOQ) | (before == Kind.ABOVE_ULOQ)
        change: Floats = self.log[:, FOLLOW_UP] - self.log[:, BASELINE]
        change[censored & (before == after)] = 0.0
        return change


def _log_balance(levels: Levels, first: int, second: int) -> Floats:
    difference: Floats = levels.log[:, BASELINE, first] - levels.log[:, BASELINE, second]
    return difference


FUNCTIONS: Final[dict[str, Callable[..., Floats]]] = {
    "log_concentration": lambda levels, a: levels.log[:, BASELINE, a],
    "log_ratio": lambda levels, a: levels.log_ratios[:, a],
    "log_balance": _log_balance,
    "log_balance_change": lambda levels, a, b: levels.log_ratios[:, a] - levels.log_ratios[:, b],
    "value": lambda levels, a: levels.plain[:, BASELINE, a],
    "change": lambda levels, a: levels.plain[:, FOLLOW_UP, a] - levels.plain[:, BASELINE, a],
}
"""Every feature function there is: levels and positions of analytes to shape (n_patients,)."""

_CHANGES: Final = frozenset({"log_ratio", "log_balance_change", "change"})


def uses_follow_up(feature: Feature) -> bool:
    """Whether a feature looks at the follow-up panel beside the baseline one."""
    return feature.function in _CHANGES


def recipe(task: TaskName, analytes: Sequence[Analyte]) -> tuple[Feature, ...]:
    """The features of a task over the given analytes.

    Baseline levels for both tasks; changes and the change of balance for ``on_treatment`` only.

    Examples
    --------
    >>> from data.analytes import study_analytes
    >>> [feature.name for feature in recipe("pretreatment", list(study_analytes().values()))]
    ['log_tnf', 'log_mcp1', 'log_tgfb1', 'log_balance_tgfb1_mcp1']
    """
    baseline = [_level(analyte) for analyte in analytes] + _balance(analytes, change=False)
    if task == "pretreatment":
        return tuple(baseline)
    changes = [_change(analyte) for analyte in analytes] + _balance(analytes, change=True)
    return tuple(baseline + changes)


def _level(analyte: Analyte) -> Feature:
    names = (analyte.name,)
    if analyte.scale == "as_is":
        return Feature(f"value_{analyte.key}", "value", names, "as is", analyte.direction)
    unit = f"ln({analyte.unit})"
    return Feature(f"log_{analyte.key}", "log_concentration", names, unit, analyte.direction)


def _change(analyte: Analyte) -> Feature:
    names = (analyte.name,)
    if analyte.scale == "as_is":
        return Feature(f"change_{analyte.key}", "change", names, "as is", analyte.direction)
    return Feature(f"log_ratio_{analyte.key}", "log_ratio", names, "ln", analyte.direction)


def _balance(analytes: Sequence[Analyte], *, change: bool) -> list[Feature]:
    """TGF-b1 against MCP-1, the pair that the study found inversely correlated."""
    pair = ("TGF-b1", "MCP-1")
    if not {a.name for a in analytes if a.scale == "concentration"}.issuperset(pair):
        return []
    name = "log_balance_change" if change else "log_balance"
    return [Feature(f"{name}_tgfb1_mcp1", name, pair, "ln", "higher_is_case")]


def levels(columns: PairColumns) -> Levels:
    """Substitute what is censored and take logarithms."""
    plain = np.where(
        columns.kinds == Kind.BELOW_LLOQ, columns.values / math.sqrt(2), columns.values
    )
    logged = np.array([analyte.scale == "concentration" for analyte in columns.analytes])
    # The logarithm runs over one contiguous array, so that a row gives the same bits alone
    # and among a million.
    known = logged & ~np.isnan(plain)
    log = np.log(np.where(known, plain, 1.0))
    log[~known] = np.nan
    return Levels(plain, log, columns.kinds)


def compute(features: Sequence[Feature], columns: PairColumns) -> Floats:
    """Features of every patient.

    Returns
    -------
    Shape (n_patients, n_features), float64; NaN where a result is missing.

    Raises
    ------
    CsfError
        When a feature's function or analyte is not known.
    """
    position = {analyte.name: index for index, analyte in enumerate(columns.analytes)}
    computed = levels(columns)
    matrix = np.empty((len(features), columns.n_patients)).T  # each feature in one piece
    for index, feature in enumerate(features):
        at = [position[name] for name in feature.analytes if name in position]
        if feature.function not in FUNCTIONS or len(at) < len(feature.analytes):
            raise CsfError(f"the feature {feature.name} cannot be computed here")
        matrix[:, index] = FUNCTIONS[feature.function](computed, *at)
    return matrix

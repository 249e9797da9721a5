"""The study's ROC curves: an analyte after treatment against before. Not a responder classifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.auc_interval import auc_interval
from analysis.clustered_roc import clustered_auc_interval
from analysis.estimate import Estimate
from analysis.resampling import bootstrap_indices
from analysis.roc import Direction, roc_curve
from analysis.roc_band import roc_band
from trial.analyte_pairs import Numbers

_RESAMPLES: Final = 2000
_GRID: Final = 41


@dataclass(frozen=True, slots=True)
class CurveBand:
    """Pointwise limits of sensitivity over specificity."""

    specificity: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PrePostRoc:
    """How well an analyte's level tells after (the case) from before, in the same patients.

    Attributes
    ----------
    direction
        The study's expectation for the analyte, fixed beforehand.
    auc
        Interval clustered by patient (Obuchowski 1997, on the logit).
    auc_ignoring_pairs
        The same area with DeLong's interval, as if before and after were different patients; to
        be compared, not used.
    band
        From a bootstrap of patients, whose two levels stay together.
    """

    family: Literal["pre_vs_post"]
    score: str
    direction: Direction
    case: str
    n_patients: int
    auc: Estimate
    auc_ignoring_pairs: Estimate
    points: tuple[Mapping[str, float | None], ...]
    band: CurveBand


def pre_post_roc(
    before: Numbers, after: Numbers, analyte: str, direction: Direction, *, level: float, seed: int
) -> PrePostRoc:
    """Compare levels after with levels before.

    Parameters
    ----------
    before, after
        Shape (n_patients,), one complete pair each.

    Raises
    ------
    AnalysisError
        Fewer than two patients.

    Examples
    --------
    >>> before, after = np.array([60.0, 71, 48, 90]), np.array([66.0, 70, 59, 95])
    >>> roc = pre_post_roc(before, after, "TGF-b1", "higher_is_case", level=0.95, seed=1)
    >>> print(roc.auc)
    0.56 (95% CI 0.32-0.78, obuchowski_logit, 4 v 4)
    """
    auc = clustered_auc_interval(before, after, direction=direction, level=level)
    n = before.size
    levels, is_after = np.concatenate([after, before]), np.arange(2 * n) < n
    drawn = bootstrap_indices(n, n_resamples=_RESAMPLES, rng=np.random.default_rng(seed))
    band = roc_band(
        levels,
        is_after,
        direction=direction,
        specificity=np.linspace(0, 1, _GRID),
        indices=np.concatenate([drawn, drawn + n], axis=1),
        level=level,
    )
    return PrePostRoc(
        family="pre_vs_post",
        score=analyte,
        direction=direction,
        case="after treatment",
        n_patients=n,
        auc=auc,
        auc_ignoring_pairs=auc_interval(
            levels, is_after, direction=direction, level=level, method="delong"
        ),
        points=tuple(roc_curve(levels, is_after, direction=direction).points()),
        band=CurveBand(
            *map(tuple, (x.tolist() for x in (band.specificity, band.lower, band.upper)))
        ),
    )

"""Each analyte's change compared between the arms: what treatment did, apart from time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.ancova import Ancova, ancova, slope_difference
from analysis.estimate import Estimate
from analysis.mean_difference import MeanDifference, two_sample_t
from data.analytes import Analyte
from data.cohort import ARMS, Arm
from trial.analyte_pairs import AnalytePairs, Numbers, analyte_pairs, follow_up_months
from trial.before_after import measured_analytes
from trial.censored_groups import CensoredGroups, censored_groups
from trial.holm import holm
from trial.not_computed import NotComputed, computed
from trial.paired_tests import Scale, ratio_of
from trial.study import Study

_FEWEST: Final = 2
"""Pairs of an arm from which a spread can be told."""


@dataclass(frozen=True, slots=True)
class AnalyteByArm:
    """One analyte's change, MSC less control.

    Attributes
    ----------
    scale
        ``log``: the change is the logarithm of after over before. ``raw``: after less before, for
        an analyte that holds no concentrations.
    mean_change
        By arm, on that scale.
    welch
        Variances may differ.
    ancova
        At the same baseline, on the same scale.
    slope_difference
        MSC's slope on the baseline less control's: the check that both lines are parallel.
    ratio, ancova_ratio
        The same as MSC's after over before in units of control's; None on the raw scale.
    censoring
        First MSC, second control; None without levels beyond a limit, and on the raw scale.
    """

    analyte: str
    unit: str
    scale: Scale
    n_pairs: Mapping[Arm, int]
    mean_change: Mapping[Arm, float]
    welch: MeanDifference | NotComputed
    ratio: Estimate | None
    ancova: Ancova | NotComputed
    ancova_ratio: Estimate | None
    slope_difference: MeanDifference | NotComputed
    censoring: CensoredGroups | None


@dataclass(frozen=True, slots=True)
class ArmsAtFollowUp:
    """All analytes at one follow-up.

    Attributes
    ----------
    month
        1 for the second injection, else the month meant.
    p_holm
        p adjusted by Holm over the analytes: ``welch``, ``ancova``.
    """

    month: float
    analytes: Mapping[str, AnalyteByArm]
    p_holm: Mapping[str, Mapping[str, float]]


def changes_by_arm(study: Study) -> tuple[ArmsAtFollowUp, ...] | NotComputed:
    """Compare the arms at every follow-up at which each has at least two pairs."""
    patients = study.cohort.patients
    found: dict[float, dict[str, AnalyteByArm]] = {}
    for analyte in measured_analytes(study, patients):
        for month in follow_up_months(patients, analyte.name):
            pairs = {
                arm: analyte_pairs(study.cohort.of_arm(arm), analyte.name, month) for arm in ARMS
            }
            if min(len(of_arm.pairs) for of_arm in pairs.values()) >= _FEWEST:
                found.setdefault(month, {})[analyte.name] = _compared(pairs, analyte, study.level)
    if not found:
        return NotComputed(
            "The arms' changes cannot be compared: at least two patients of each need a cytokine"
            " measured both before and after."
        )
    return tuple(
        ArmsAtFollowUp(month, analytes, _adjusted(analytes))
        for month, analytes in sorted(found.items())
    )


def _compared(pairs: Mapping[Arm, AnalytePairs], analyte: Analyte, level: float) -> AnalyteByArm:
    scale: Scale = "raw" if analyte.scale == "as_is" else "log"
    befores, changes = zip(*(_numbers(pairs[arm], scale) for arm in ARMS), strict=True)
    welch = computed(lambda: two_sample_t(*changes, level=level))
    covered = computed(lambda: ancova(*changes, *befores, level=level))
    censoring = censored_groups(*(pairs[arm].pairs for arm in ARMS), level=level)
    return AnalyteByArm(
        analyte=analyte.name,
        unit=analyte.unit,
        scale=scale,
        n_pairs={arm: len(pairs[arm].pairs) for arm in ARMS},
        mean_change={arm: float(x.mean()) for arm, x in zip(ARMS, changes, strict=True)},
        welch=welch,
        ratio=_ratio(welch, scale),
        ancova=covered,
        ancova_ratio=_ratio(_comparison(covered), scale),
        slope_difference=computed(lambda: slope_difference(*changes, *befores, level=level)),
        censoring=censoring if scale == "log" else None,
    )


def _numbers(pairs: AnalytePairs, scale: Scale) -> tuple[Numbers, Numbers]:
    """Baseline and change of one arm's patients."""
    if scale == "raw":
        return pairs.before, pairs.after - pairs.before
    return np.log(pairs.before), np.log(pairs.after / pairs.before)


def _comparison(found: Ancova | NotComputed) -> MeanDifference | NotComputed:
    return found if isinstance(found, NotComputed) else found.comparison


def _ratio(found: MeanDifference | NotComputed, scale: Scale) -> Estimate | None:
    if scale == "raw" or isinstance(found, NotComputed):
        return None
    return ratio_of(found.difference, f"{found.difference.method}_of_logarithms")


def _adjusted(analytes: Mapping[str, AnalyteByArm]) -> dict[str, dict[str, float]]:
    tests = {
        "welch": {name: one.welch for name, one in analytes.items()},
        "ancova": {name: _comparison(one.ancova) for name, one in analytes.items()},
    }
    return {
        test: holm({n: one.p for n, one in found.items() if not isinstance(one, NotComputed)})
        for test, found in tests.items()
    }

"""Cytokines: before and after, in good and poor responders, and how two changes go together."""

from collections.abc import Mapping
from dataclasses import dataclass

from data.cohort import ARMS, Arm
from trial.before_after import BeforeAfter, before_after, measured_analytes
from trial.good_versus_poor import GoodVersusPoor, good_versus_poor
from trial.not_computed import NotComputed
from trial.study import Study


@dataclass(frozen=True, slots=True)
class BiomarkersResults:
    """Everything about cytokines.

    Attributes
    ----------
    measured
        Analytes with a result in each arm.
    before_after
        By arm: each analyte within patients, and its ROC of the family ``pre_vs_post``.
    good_versus_poor
        Treated patients, once for each horizon or stated outcome.
    """

    measured: Mapping[Arm, tuple[str, ...]]
    before_after: Mapping[Arm, BeforeAfter | NotComputed]
    good_versus_poor: tuple[GoodVersusPoor, ...] | NotComputed


def analyse_biomarkers(study: Study) -> BiomarkersResults | NotComputed:
    """Every number of the page, from the study's cohort.

    Examples
    --------
    >>> from data.simulate import simulate_cohort
    >>> found = analyse_biomarkers(Study(simulate_cohort("published", 64, 1)))
    >>> print(found.before_after["msc"].follow_ups[0].analytes["MCP-1"].log.ratio)
    0.94 (95% CI 0.88-1.01, paired_t_of_logarithms, 33 v 33)
    """
    measured = {
        arm: tuple(one.name for one in measured_analytes(study, study.cohort.of_arm(arm)))
        for arm in ARMS
    }
    if not any(measured.values()):
        return NotComputed("The table cytokines holds no result of any patient.")
    return BiomarkersResults(
        measured,
        {arm: before_after(study, arm) for arm in ARMS},
        good_versus_poor(study),
    )

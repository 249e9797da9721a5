"""Cytokines before and after, by arm, in good and poor responders, and two changes together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.cohort import ARMS, Arm, Patient
from trial.analyte_pairs import panels_of
from trial.before_after import BeforeAfter, before_after, measured_analytes
from trial.change_by_arm import ArmsAtFollowUp, changes_by_arm
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
    platforms
        Number of patients of each platform, by arm and analyte; empty text where it is not named.
    before_after
        By arm: each analyte within patients, and its ROC of the family ``pre_vs_post``.
    changes_by_arm
        MSC against control, once for each follow-up.
    good_versus_poor
        Treated patients, once for each horizon or stated outcome.
    """

    measured: Mapping[Arm, tuple[str, ...]]
    platforms: Mapping[Arm, Mapping[str, Mapping[str, int]]]
    changes_by_arm: tuple[ArmsAtFollowUp, ...] | NotComputed
    before_after: Mapping[Arm, BeforeAfter | NotComputed]
    good_versus_poor: tuple[GoodVersusPoor, ...] | NotComputed


def analyse_biomarkers(study: Study) -> BiomarkersResults | NotComputed:
    """Every number of the page, from the study's cohort.

    Examples
    --------
    >>> from data.simulate import simulate_cohort
    >>> found = analyse_biomarkers(Study(simulate_cohort("published", 64, 1)))
    >>> print(found.before_after["msc"].follow_ups[0].analytes["MCP-1"].log.ratio)
    0.90 (95% CI 0.83-0.96, paired_t_of_logarithms, 33 v 33)
    """
    measured = {
        arm: tuple(one.name for one in measured_analytes(study, study.cohort.of_arm(arm)))
        for arm in ARMS
    }
    if not any(measured.values()):
        return NotComputed("The table cytokines holds no result of any patient.")
    return BiomarkersResults(
        measured,
        {
            arm: {name: _platforms(study.cohort.of_arm(arm), name) for name in names}
            for arm, names in measured.items()
        },
        changes_by_arm(study),
        {arm: before_after(study, arm) for arm in ARMS},
        good_versus_poor(study),
    )


def _platforms(patients: Sequence[Patient], analyte: str) -> dict[str, int]:
    found: dict[str, set[str]] = {}
    for patient in patients:
        for panel in panels_of(patient, analyte):
            platform = panel.measurements[0].platform or ""
            found.setdefault(platform, set()).add(patient.patient_id)
    return {platform: len(ids) for platform, ids in sorted(found.items())}

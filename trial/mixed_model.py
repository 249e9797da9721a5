"""ALSFRS-R over lead-in and follow-up: a piecewise linear mixed model with its knot at month 0.

What of it is fitted with each choice of random effects, and which choice is the headline.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.piecewise_slopes import RANDOM_STRUCTURES, RandomStructure
from data.cohort import Arm
from trial.mixed_model_checks import ResidualChecks, check_residuals
from trial.mixed_model_fit import StructureFit, report_fit
from trial.mixed_model_rows import VisitRows, visit_rows
from trial.mixed_model_tests import LikelihoodTest, TestName, likelihood_tests
from trial.not_computed import NotComputed, computed
from trial.schedule import visit_months
from trial.study import Study


@dataclass(frozen=True, slots=True)
class MixedModelResults:
    """Figure 2B and what it rests on; every difference is MSC less control.

    Attributes
    ----------
    n_patients, n_visits
        In the model: everybody with a visit, whether before or after month 0.
    headline
        The random effects whose fit is reported first: the first of `fits` that is computed,
        singular or not.
    headline_reason
        Why it is that one.
    fits
        By random effects, in the order of preference.
    tests
        Likelihood-ratio tests with the headline's random effects, by ML.
    months
        At which means are estimated: 0, those reported and those near which anybody was seen.
    """

    n_patients: Mapping[Arm, int]
    n_visits: int
    months: tuple[float, ...]
    headline: RandomStructure
    headline_reason: str
    fits: Mapping[RandomStructure, StructureFit | NotComputed]
    tests: Mapping[TestName, LikelihoodTest | NotComputed]
    residuals: ResidualChecks

    @property
    def headline_fit(self) -> StructureFit:
        """The fit that is reported first."""
        computed_fits = (fit for fit in self.fits.values() if isinstance(fit, StructureFit))
        return next(fit for fit in computed_fits if fit.structure == self.headline)


def analyse_mixed_model(study: Study) -> MixedModelResults | NotComputed:
    """Everything of the mixed-model page."""
    rows = computed(lambda: visit_rows(study.cohort.patients))
    return rows if isinstance(rows, NotComputed) else _analyse(study, rows)


def _analyse(study: Study, rows: VisitRows) -> MixedModelResults | NotComputed:
    months = visit_months(study.cohort.patients, study.months)
    fits = {
        structure: computed(
            lambda structure=structure: report_fit(rows, structure, months, level=study.level)  # type: ignore[misc]
        )
        for structure in RANDOM_STRUCTURES
    }
    chosen = choose_headline(fits)
    if isinstance(chosen, NotComputed):
        return chosen
    headline, reason = chosen
    return MixedModelResults(
        n_patients=rows.n_patients,
        n_visits=rows.total.size,
        months=months,
        headline=headline,
        headline_reason=reason,
        fits=fits,
        tests=likelihood_tests(rows, headline),
        residuals=check_residuals(rows, headline, months),
    )


def choose_headline(
    fits: Mapping[RandomStructure, StructureFit | NotComputed],
) -> tuple[RandomStructure, str] | NotComputed:
    """Take the first fit that is not refused, and say why.

    A singular fit is not refused. With a slope less, what patients' slopes differ in becomes
    residual, and intervals of slopes are too narrow. Our choice; how often its tests err is in
    docs/operating-characteristics.md.

    Parameters
    ----------
    fits
        In the order of preference.

    Returns
    -------
    tuple
        Name and reason; the last fit's refusal where there is no fit.
    """
    refused: dict[RandomStructure, NotComputed] = {}
    for name, fit in fits.items():
        if isinstance(fit, StructureFit):
            return name, _because(refused)
        refused[name] = fit
    return list(refused.values())[-1]


def _because(refused: Mapping[RandomStructure, NotComputed]) -> str:
    if not refused:
        return "It is the first in the order of preference."
    passed = (f"{name}: {fit.not_computed.rstrip('.')}" for name, fit in refused.items())
    return f"Passed over: {'; '.join(passed)}."

"""Each analyte before and after the injections, within patients, arm by arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from data.analytes import Analyte, Direction
from data.cohort import Arm, Patient
from trial.analyte_pairs import (
    AnalytePair,
    AnalytePairs,
    analyte_pairs,
    follow_up_months,
    panels_of,
)
from trial.censored_ratio import (
    CensoredRatio,
    CensoringVerdict,
    censored_ratio,
    censoring_verdict,
)
from trial.holm import exact_or_normal, holm
from trial.levels import LevelSummary, summarise_levels
from trial.not_computed import NotComputed, computed
from trial.paired_tests import PairedTests, paired_tests
from trial.pre_post_roc import PrePostRoc, pre_post_roc
from trial.study import Study


@dataclass(frozen=True, slots=True)
class AnalyteChange:
    """One analyte at one follow-up.

    Attributes
    ----------
    key
        The analyte's name inside names of files.
    months_after
        First, median and last month at which the follow-up was drawn; None without pairs.
    left_out
        Number of patients without a pair, by reason.
    log
        Tests of logarithms, which the page leads with; not computed for an analyte that holds no
        concentrations.
    raw
        The same tests of the levels themselves, as in the study.
    likelihood
        The ratio with nothing filled in for levels beyond a limit.
    """

    analyte: str
    key: str
    unit: str
    direction: Direction
    n_pairs: int
    n_on_two_plates: int
    months_after: tuple[float, float, float] | None
    left_out: Mapping[str, int]
    pairs: tuple[AnalytePair, ...]
    before: LevelSummary
    after: LevelSummary
    log: PairedTests | NotComputed
    raw: PairedTests
    likelihood: CensoredRatio | NotComputed
    censoring: CensoringVerdict
    roc: PrePostRoc | NotComputed


@dataclass(frozen=True, slots=True)
class FollowUp:
    """All analytes at one follow-up.

    Attributes
    ----------
    month
        1 for the second injection, else the month meant.
    p_holm
        p adjusted by Holm over the analytes, for each test: ``t_log``, ``t_raw``,
        ``wilcoxon_log``, ``wilcoxon_raw``, ``likelihood``.
    """

    month: float
    analytes: Mapping[str, AnalyteChange]
    p_holm: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One arm, at each follow-up."""

    arm: Arm
    follow_ups: tuple[FollowUp, ...]


def before_after(study: Study, arm: Arm) -> BeforeAfter | NotComputed:
    """Every analyte measured in an arm, at the second injection and later."""
    patients = study.cohort.of_arm(arm)
    measured = measured_analytes(study, patients)
    months = {one.name: follow_up_months(patients, one.name) for one in measured}
    if not any(analyte_pairs(patients, n, month).pairs for n in months for month in months[n]):
        return NotComputed(
            f"No patient of arm {arm} has a cytokine measured both at month 0 or before and near"
            " the second injection (month 1), and at no later month do five have, so nothing is"
            " compared within patients."
        )
    follow_ups = []
    for month in sorted({month for found in months.values() for month in found}):
        found = {
            one.name: _change(study, patients, one, month)
            for one in measured
            if month in months[one.name]
        }
        follow_ups.append(FollowUp(month, found, _adjusted(found)))
    return BeforeAfter(arm, tuple(follow_ups))


def measured_analytes(study: Study, patients: Sequence[Patient]) -> tuple[Analyte, ...]:
    """The analytes with at least one result, in the order of the study's table of analytes."""
    return tuple(
        analyte
        for analyte in study.analytes.values()
        if any(panels_of(patient, analyte.name) for patient in patients)
    )


def _change(
    study: Study, patients: Sequence[Patient], analyte: Analyte, month: float
) -> AnalyteChange:
    chosen = analyte_pairs(patients, analyte.name, month)
    pairs, level = chosen.pairs, study.level
    before, after = chosen.before, chosen.after
    log, likelihood = _log_scale(chosen, analyte, level)
    drawn = [pair.month_after for pair in pairs]
    return AnalyteChange(
        analyte=analyte.name,
        key=analyte.key,
        unit=analyte.unit,
        direction=analyte.direction,
        n_pairs=len(pairs),
        n_on_two_plates=sum(pair.on_two_plates for pair in pairs),
        months_after=(min(drawn), median(drawn), max(drawn)) if drawn else None,
        left_out=chosen.left_out,
        pairs=pairs,
        before=summarise_levels([pair.before for pair in pairs]),
        after=summarise_levels([pair.after for pair in pairs]),
        log=log,
        raw=paired_tests(before, after, "raw", level=level),
        likelihood=likelihood,
        censoring=censoring_verdict(chosen, log, likelihood, level=level),
        roc=computed(
            lambda: pre_post_roc(
                before, after, analyte.name, analyte.direction, level=level, seed=study.seed
            )
        ),
    )


def _log_scale(
    pairs: AnalytePairs, analyte: Analyte, level: float
) -> tuple[PairedTests | NotComputed, CensoredRatio | NotComputed]:
    if analyte.scale == "as_is":
        reason = NotComputed(f"{analyte.name} is taken as it is, so no logarithm is taken of it.")
        return reason, reason
    tests = paired_tests(np.log(pairs.before), np.log(pairs.after), "log", level=level)
    return tests, censored_ratio(pairs.pairs, level=level)


def _adjusted(changes: Mapping[str, AnalyteChange]) -> dict[str, dict[str, float]]:
    """Adjust the p of each test over the analytes by Holm."""
    found: dict[str, dict[str, float]] = {
        name: {} for name in ("t_log", "t_raw", "wilcoxon_log", "wilcoxon_raw", "likelihood")
    }
    for name, change in changes.items():
        for tests in (change.log, change.raw):
            if isinstance(tests, NotComputed):
                continue
            if not isinstance(tests.t_test, NotComputed):
                found[f"t_{tests.scale}"][name] = tests.t_test.p
            if not isinstance(tests.wilcoxon, NotComputed):
                found[f"wilcoxon_{tests.scale}"][name] = exact_or_normal(tests.wilcoxon)
        if not isinstance(change.likelihood, NotComputed):
            found["likelihood"][name] = change.likelihood.fit.p_likelihood_ratio
    return {test: holm(p_values) for test, p_values in found.items()}

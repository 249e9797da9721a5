"""Tables of means and the tests that compare them: the study's Table 3 and what is beside it."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.mean_difference import MeanDifference
from charts.table import Cell, Column, Table
from data.cohort import ARMS
from trial.arm_comparison import Adjusted, ArmComparison
from trial.efficacy import EfficacyResults
from trial.not_computed import NotComputed

Row = Mapping[str, Cell]

_COVARIATES: Final = {
    "baseline_alsfrs_r": "baseline ALSFRS-R [points]",
    "lead_in_slope": "lead-in slope [points/month]",
}


def table_3(results: EfficacyResults) -> Table:
    """Means, SDs and the headline test, laid out as the study's Table 3."""
    columns = (
        Column("measure", "Measure"),
        Column("n_msc", "MSC: n", "integer"),
        Column("mean_msc", "mean", "number"),
        Column("sd_msc", "SD", "number"),
        Column("n_control", "Control: n", "integer"),
        Column("mean_control", "mean", "number"),
        Column("sd_control", "SD", "number"),
        Column("difference", "MSC less control (interval)", "estimate"),
        Column("standard_error", "SE", "number"),
        Column("p", "p", "p"),
    )
    rows = tuple({"measure": name, **_arms(c), **_test(c.welch)} for name, c in _measures(results))
    note = (
        "Interval and p by Welch's t. Above 0 is in favour of MSC. Not corrected for several tests."
    )
    return Table("table-3", "Table 3. ALSFRS-R: change and change of slope", columns, rows, note)


def comparisons_table(results: EfficacyResults) -> Table:
    """Every test of the same measures."""
    columns = (
        Column("measure", "Measure"),
        Column("test", "Test"),
        Column("n_msc", "MSC: n", "integer"),
        Column("n_control", "Control: n", "integer"),
        Column("difference", "MSC less control (interval)", "estimate"),
        Column("standard_error", "SE", "number"),
        Column("t", "t", "number"),
        Column("df", "df", "number", 1),
        Column("p", "p", "p"),
    )
    rows = tuple(
        {"measure": name, "test": test, **_test(found), **_sizes(comparison, found)}
        for name, comparison in _measures(results)
        for test, found in _tests(comparison)
    )
    return Table("efficacy-tests", "Each difference by each test", columns, rows)


def adjusted_table(results: EfficacyResults) -> Table:
    """Adjusted means and the check of parallel lines."""
    columns = (
        Column("measure", "Measure"),
        Column("covariate", "Adjusted for"),
        Column("at", "at its mean of", "number"),
        Column("msc", "MSC: adjusted mean", "estimate"),
        Column("control", "Control: adjusted mean", "estimate"),
        Column("slope", "Slope on the covariate", "number"),
        Column("slope_difference", "MSC's slope less control's", "estimate"),
        Column("p_parallel", "p (parallel lines)", "p"),
    )
    rows = tuple(
        {"measure": name, "covariate": _COVARIATES[adjusted.covariate], **_adjusted(adjusted)}
        for name, comparison in _measures(results)
        for adjusted in comparison.adjusted
    )
    return Table("efficacy-adjusted", "Analysis of covariance", columns, rows)


def reasons(results: EfficacyResults) -> Iterator[str]:
    """Why numbers of these tables could not be computed: each reason once, with its measures."""
    measures: dict[str, list[str]] = {}
    for name, comparison in _measures(results):
        found = [test for _, test in _tests(comparison)]
        found += [adjusted.slope_difference for adjusted in comparison.adjusted]
        for reason in dict.fromkeys(x.not_computed for x in found if isinstance(x, NotComputed)):
            measures.setdefault(reason, []).append(name)
    for reason, names in measures.items():
        sentence = reason[:1].upper() + reason[1:]
        yield f"Not everything could be computed of: {'; '.join(names)}. {sentence}"


def _measures(results: EfficacyResults) -> Iterator[tuple[str, ArmComparison]]:
    for one in results.changes:
        yield f"ALSFRS-R change to {one.month:g} months [points]", one.comparison
    for one in results.slope_changes:
        yield f"Slope change to {one.month:g} months [points/month]", one.comparison


def _tests(comparison: ArmComparison) -> Iterator[tuple[str, MeanDifference | NotComputed]]:
    yield "Welch's t (headline)", comparison.welch
    yield "Student's t (pooled variance)", comparison.student
    for adjusted in comparison.adjusted:
        found = adjusted.ancova
        name = _COVARIATES[adjusted.covariate].split(" [")[0]
        yield (
            f"ANCOVA, {name}",
            found if isinstance(found, NotComputed) else found.comparison,
        )


def _arms(comparison: ArmComparison) -> Row:
    return {
        f"{what}_{arm}": getattr(comparison.arms[arm], what)
        for arm in ARMS
        for what in ("n", "mean", "sd")
    }


def _sizes(comparison: ArmComparison, found: MeanDifference | NotComputed) -> Row:
    """Patients of a test, which an adjusted one may have fewer of."""
    if isinstance(found, NotComputed):
        return {f"n_{arm}": comparison.arms[arm].n for arm in ARMS}
    return {"n_msc": found.difference.n_cases, "n_control": found.difference.n_controls}


def _test(found: MeanDifference | NotComputed) -> Row:
    if isinstance(found, NotComputed):
        return {}
    return {
        "difference": found.difference,
        "standard_error": found.standard_error,
        "t": found.t,
        "df": found.df,
        "p": found.p,
    }


def _adjusted(adjusted: Adjusted) -> Row:
    found, parallel = adjusted.ancova, adjusted.slope_difference
    row: dict[str, Cell] = {}
    if not isinstance(found, NotComputed):
        row |= {
            "at": found.covariate_mean,
            "msc": found.adjusted_first,
            "control": found.adjusted_second,
            "slope": found.slope,
        }
    if not isinstance(parallel, NotComputed):
        row |= {"slope_difference": parallel.difference, "p_parallel": parallel.p}
    return row

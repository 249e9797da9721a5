"""The tables that compare the survival of the arms."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.cox import ChiSquareTest, Cox
from analysis.estimate import Estimate
from analysis.log_rank import LogRank
from charts.table import Cell, Column, Table
from trial.not_computed import NotComputed
from trial.pages.words import ARM_NAMES
from trial.survival import SurvivalResults
from trial.survival_comparison import SurvivalComparison

Row = Mapping[str, Cell]


def table_of_tests(comparison: SurvivalComparison) -> Table:
    """Every test of equal survival, and that of the Cox model's assumption."""
    columns = (
        Column("test", "Test"),
        Column("of", "Of"),
        Column("chi_square", "Chi-square", "number", 3),
        Column("df", "df", "integer"),
        Column("p", "p", "p"),
    )
    note = (
        "Two-sided; p is unadjusted. Peto and Peto's test weighs early events more. The three"
        " tests of the Cox model ask what the log-rank test asks. The last row asks whether the"
        " hazard ratio changes with time (score test, time as 1 - Kaplan-Meier); of few events, a"
        " p that is not small shows little, here as in the other rows."
    )
    rows = tuple(_tests(comparison))
    return Table("survival-tests", "Tests", columns, rows, note)


def _tests(comparison: SurvivalComparison) -> Iterator[Row]:
    same = "equal survival"
    for name, ranked in (
        ("Log-rank", comparison.log_rank),
        ("Peto-Peto (rho = 1)", comparison.peto_peto),
    ):
        if isinstance(ranked, LogRank):
            yield _test(name, same, ranked.chi_square, ranked.df, ranked.p)
    if isinstance(comparison.cox, Cox):
        for name, found in (
            ("Cox: likelihood ratio", comparison.cox.likelihood_ratio),
            ("Cox: score", comparison.cox.score),
            ("Cox: Wald", comparison.cox.wald),
        ):
            yield _chi_square(name, same, found)
    if not isinstance(comparison.proportional_hazards, NotComputed):
        overall = comparison.proportional_hazards.overall
        yield _chi_square("Schoenfeld residuals", "proportional hazards", overall)


def _chi_square(name: str, of: str, found: ChiSquareTest) -> Row:
    return _test(name, of, found.statistic, found.df, found.p)


def _test(name: str, of: str, chi_square: float, df: int, p: float) -> Row:
    return {"test": name, "of": of, "chi_square": chi_square, "df": df, "p": p}


def effects_table(results: SurvivalResults, comparison: SurvivalComparison, level: str) -> Table:
    """How large the difference is: hazard ratio, and mean survival of each arm."""
    columns = (
        Column("measure", "Measure"),
        Column("n", "Patients (events counted)"),
        Column("value", "Value", "number"),
        Column("lower", "Lower limit", "number"),
        Column("upper", "Upper limit", "number"),
        Column("standard_error", "SE", "number", 3),
        Column("p", "p", "p"),
    )
    note = (
        f"{level} limits. Hazard ratio: Cox model with the arm alone, Wald interval, below 1 when"
        " the treated have the event later; its SE is of the logarithm. Restricted mean: area"
        f" under the Kaplan-Meier curve up to month {results.tau:g}, the smaller of the arms'"
        " longest follow-ups, beyond which one curve is not known; difference above 0 when the"
        " treated live longer (normal approximation; no proportional hazards needed). Its events:"
        " those before that month."
    )
    rows = tuple(_effects(results, comparison))
    return Table("survival-effects", "Size of the difference", columns, rows, note)


def _effects(results: SurvivalResults, comparison: SurvivalComparison) -> Iterator[Row]:
    for name, fit in (
        ("Hazard ratio, MSC v control (Efron)", comparison.cox),
        ("Hazard ratio, MSC v control (Breslow)", comparison.cox_breslow),
    ):
        if isinstance(fit, Cox):
            yield {
                "measure": name,
                "n": f"{fit.n_patients} ({fit.n_events})",
                "value": float(fit.hazard_ratios[0]),
                "lower": float(fit.lower[0]),
                "upper": float(fit.upper[0]),
                "standard_error": float(fit.standard_errors[0]),
                "p": float(fit.p[0]),
            }
    for arm in results.arms:
        if not isinstance(arm.restricted_mean, NotComputed):
            mean = arm.restricted_mean
            yield {
                "measure": f"Restricted mean, {ARM_NAMES[arm.arm]} [months]",
                "n": f"{arm.n_patients} ({mean.n_events})",
                **_limits(mean.mean),
                "standard_error": mean.standard_error,
            }
    difference = comparison.restricted_mean_difference
    if not isinstance(difference, NotComputed):
        yield {
            "measure": "Difference of restricted means, MSC less control [months]",
            "n": " v ".join(
                f"{arm.n_patients} ({arm.n_events_before(results.tau)})" for arm in results.arms
            ),
            **_limits(difference.difference),
            "standard_error": difference.standard_error,
            "p": difference.p,
        }


def _limits(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}

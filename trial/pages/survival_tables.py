"""The tables of each arm's survival."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.kaplan_meier import INTERVALS, Interval
from charts.table import Cell, Column, Kind, Table
from trial.pages.words import ARM_NAMES
from trial.survival import SurvivalResults
from trial.survival_of_arm import ArmSurvival

Row = Mapping[str, Cell]

_INTERVAL_NAMES: Final[Mapping[Interval, str]] = {
    "log_log": "log-log",
    "log": "log",
    "plain": "plain",
}


def arms_table(results: SurvivalResults, level: str) -> Table:
    """Patients, events, follow-up and median survival of each arm."""
    columns = (
        Column("arm", "Arm"),
        Column("n_patients", "Patients", "integer"),
        Column("n_events", "Events", "integer"),
        Column("n_censored", "Censored", "integer"),
        Column("longest", "Longest follow-up", "number", 1),
        Column("median_follow_up", "Median follow-up", "number", 1),
        Column("median", "Median survival", "number", 1),
        *_limit_columns("number"),
    )
    note = (
        f"Months; {level} limits, where the limits of the curve cross one half (Brookmeyer and"
        " Crowley 1982); a dash: not reached. Median follow-up by reverse Kaplan-Meier (Schemper"
        " and Smith 1996). Where the curve lies at exactly one half for a while, the median is"
        " the middle of that while, as in R."
    )
    title = "Events, follow-up and median survival"
    return Table("survival-medians", title, columns, tuple(map(_medians, results.arms)), note)


def _limit_columns(kind: Kind) -> tuple[Column, ...]:
    return tuple(
        Column(f"{interval}_{side}", f"{_INTERVAL_NAMES[interval]}, {side}", kind, 1)
        for interval in INTERVALS
        for side in ("lower", "upper")
    )


def _medians(arm: ArmSurvival) -> Row:
    row: dict[str, Cell] = {
        "arm": ARM_NAMES[arm.arm],
        "n_patients": arm.n_patients,
        "n_events": arm.n_events,
        "n_censored": arm.n_censored,
        "longest": arm.longest,
        "median_follow_up": arm.median_follow_up.time,
    }
    for median in arm.medians:
        row["median"] = median.time
        row |= {f"{median.interval}_lower": median.lower, f"{median.interval}_upper": median.upper}
    return row


def times_table(results: SurvivalResults, level: str) -> Table:
    """Survival at the months reported and at every year, with limits of each kind."""
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 1),
        Column("n_at_risk", "At risk", "integer"),
        Column("survival", "Survival", "percent", 1),
        Column("standard_error", "SE", "percent", 1),
        *_limit_columns("percent"),
    )
    rows = tuple(row for arm in results.arms for row in _at_times(arm))
    note = (
        f"Kaplan-Meier with Greenwood's standard error; pointwise {level} limits on three scales:"
        " log-log (drawn; best coverage in small groups), log (R's default) and plain. At risk:"
        " followed up to the month or longer. Months beyond an arm's follow-up are left out. A"
        " dash: no limit is defined, before the first event (log-log) and once survival is 0;"
        " limits of no width, before it, do not mean certainty."
    )
    return Table("survival-at", "Survival at chosen months", columns, rows, note)


def _at_times(arm: ArmSurvival) -> Iterator[Row]:
    by_month: dict[float, dict[str, Cell]] = {}
    for read in arm.at:
        row = by_month.setdefault(
            read.time,
            {
                "arm": ARM_NAMES[arm.arm],
                "month": read.time,
                "n_at_risk": read.n_at_risk,
                "survival": read.survival,
                "standard_error": read.standard_error,
            },
        )
        row |= {f"{read.interval}_lower": read.lower, f"{read.interval}_upper": read.upper}
    yield from by_month.values()


def curve_table(results: SurvivalResults) -> Table:
    """Every step of the curves, as drawn."""
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 1),
        Column("n_at_risk", "At risk", "integer"),
        Column("n_events", "Events", "integer"),
        Column("n_censored", "Censored", "integer"),
        Column("survival", "Survival", "percent", 1),
        Column("lower", "Lower (log-log)", "percent", 1),
        Column("upper", "Upper (log-log)", "percent", 1),
    )
    rows = tuple(row for arm in results.arms for row in _steps(arm))
    return Table("survival-curves", "Kaplan-Meier curves, step by step", columns, rows)


def _steps(arm: ArmSurvival) -> Iterator[Row]:
    curve, limits = arm.curve, arm.limits[0]
    for place, month in enumerate(curve.times.tolist()):
        yield {
            "arm": ARM_NAMES[arm.arm],
            "month": month,
            "n_at_risk": int(curve.n_at_risk[place]),
            "n_events": int(curve.n_events[place]),
            "n_censored": int(curve.n_censored[place]),
            "survival": float(curve.survival[place]),
            "lower": float(limits.lower[place]),
            "upper": float(limits.upper[place]),
        }

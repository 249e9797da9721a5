"""Tables of operating characteristics, and the words for their rows."""

from collections.abc import Mapping
from typing import Final

from charts.table import Cell, Column, Kind, Table
from data.cohort import Arm
from trial.operating_characteristics import OperatingCharacteristics
from trial.simulation.characteristic import MOST_ERRORS, Characteristic, Measure
from trial.simulation.contrasts import Course
from trial.simulation.population import SimulatedMoment

_ARMS: Final[Mapping[Arm, str]] = {"msc": "MSC", "control": "control"}
COURSES: Final[Mapping[Course, str]] = {
    "published": "as published",
    "both_control": "both arms as controls",
    "both_msc": "both arms as MSC",
    "noisy_visits": "both arms as MSC, noisy visits",
}
METHODS: Final = {
    "welch": "Welch's t",
    "student": "Pooled t",
    "ancova": "ANCOVA",
    "mixed_model": "Mixed model",
}
_QUANTITIES: Final[Mapping[str, str]] = {
    "change": "change",
    "adjusted_change": "adjusted change",
    "ls_mean": "least-squares mean",
    "follow_up_slope": "slope after month 0",
    "slope_change": "slope change at month 0",
    "covariance": "random effects",
    **{arm: f"Responders, {name}" for arm, name in _ARMS.items()},
}
_MEASURES: Final[Mapping[Measure, str]] = {
    "mean": "mean estimate",
    "coverage": "coverage",
    "type_one_error": "type I error",
    "type_one_error_if_singular": "type I error where the fit is singular",
    "singular_fits": "singular fits",
    "failed_fits": "failed fits",
    "responders": "rate",
}
_MOMENTS: Final = {
    "change": "change of ALSFRS-R [points]",
    "slope_change": "slope change [points/month]",
    "responders": "responders",
}


DETECTABLE: Final = f"Detectable departure ({MOST_ERRORS:g} SE)"
"""What so many trials can tell from the target; without it a verdict says nothing."""


def differences_table(results: OperatingCharacteristics) -> Table:
    """Mean estimates of what differs between the arms."""
    return _table(
        results,
        "differences",
        "Differences between the arms",
        ("mean",),
        "number",
        "MSC less control: means over the trials, in points of ALSFRS-R or points/month; above 0 is"
        " in favour of MSC. Target of the change: the published difference; of the others: the"
        " population's value.",
    )


def coverage_table(results: OperatingCharacteristics) -> Table:
    """Coverage of intervals and type I error of tests."""
    return _table(
        results,
        "tests",
        "Coverage and type I error",
        ("coverage", "type_one_error"),
        "percent",
        "Coverage: share of intervals that hold the population's value. Type I error: share of"
        " trials without any difference in which p is below the level. The standard error is that"
        " of a test that keeps what it says.",
    )


def fits_table(results: OperatingCharacteristics) -> Table:
    """How often the mixed model's fit is singular, or fails, and what follows from singular."""
    return _table(
        results,
        "fits",
        "Fits of the mixed model",
        ("singular_fits", "failed_fits", "type_one_error_if_singular"),
        "percent",
        "Singular: the patients' own intercepts and slopes vary in fewer than three directions; the"
        " fit stays the headline. Failed: two slopes cannot be fitted, and the tests are those of"
        " one slope, or of none. Type I error: among the trials with a singular fit, n of them.",
    )


def responders_table(results: OperatingCharacteristics) -> Table:
    """Responder rates beside the published ones."""
    return _table(
        results,
        "responders",
        "Responders, at least 50 % improvement of the slope",
        ("responders",),
        "percent",
        "Share of evaluable patients, mean over the trials. Target: the published share.",
        margin="Allowed +/-",
    )


def _table(
    results: OperatingCharacteristics,
    name: str,
    title: str,
    measures: tuple[Measure, ...],
    kind: Kind,
    note: str,
    *,
    margin: str = DETECTABLE,
) -> Table:
    columns = (
        Column("what", "What"),
        Column("trials", "Trials"),
        Column("estimate", "Estimate", kind),
        Column("standard_error", "Monte-Carlo SE", kind, 3 if kind == "number" else 2),
        Column("target", "Target", kind),
        Column("margin", margin, kind),
        Column("verdict", "Verdict"),
        Column("n_trials", "n", "integer"),
    )
    rows = tuple(_row(row) for row in results.rows if row.measure in measures)
    return Table(f"operating-characteristics-{name}", title, columns, rows, note)


def _row(row: Characteristic) -> Mapping[str, Cell]:
    return {
        "what": what(row),
        "trials": COURSES[row.course],
        "estimate": row.estimate,
        "standard_error": row.standard_error,
        "target": row.target,
        "margin": row.margin,
        "verdict": row.verdict,
        "n_trials": row.n_trials,
    }


def what(row: Characteristic) -> str:
    """A property in words.

    Examples
    --------
    >>> import numpy as np
    >>> from trial.simulation.characteristic import judged
    >>> what(judged(np.ones(2), "coverage", "welch", "change", 4.0))
    "Welch's t, change to 4 months: coverage"
    """
    by = f"{METHODS[row.method]}, " if row.method is not None else ""
    to = "to" if row.quantity.endswith("change") else "at"
    month = "" if row.month is None else f" {to} {row.month:g} months"
    return f"{by}{_QUANTITIES[row.quantity]}{month}: {_MEASURES[row.measure]}"


def moments_table(results: OperatingCharacteristics) -> Table:
    """Numbers of the study's Table 3 beside the simulator's."""
    columns = (
        Column("moment", "Moment"),
        Column("arm", "Arm"),
        Column("published", "Published", "number", 3),
        Column("simulated", "Simulated", "number", 3),
        Column("standard_error", "Monte-Carlo SE", "number", 4),
        Column("margin", DETECTABLE, "number", 3),
        Column("verdict", "Verdict"),
    )
    rows = tuple(map(_moment, results.moments))
    return Table(
        "operating-characteristics-moments",
        "Published moments and the simulator's",
        columns,
        rows,
        "Oh 2018, Table 3; responders as shares. No departure below half a unit of the second"
        " decimal, which is all that is printed, is called one.",
    )


def _moment(moment: SimulatedMoment) -> Mapping[str, Cell]:
    stem, *rest = moment.measure.rsplit("_", 2)
    quantity = _MOMENTS[stem]
    words = (
        f"{rest[0]} % {quantity} at {rest[1]} months" if stem == "responders"
        else f"{rest[1].replace('sd', 'SD')} of {quantity} to {rest[0]} months"
    )  # fmt: skip
    return {
        "moment": words,
        "arm": _ARMS[moment.arm],
        "published": moment.published,
        "simulated": moment.simulated,
        "standard_error": moment.standard_error,
        "margin": moment.margin,
        "verdict": moment.verdict,
    }

"""The page of operating characteristics: what simulated trials say of the report's own tests."""

from collections.abc import Iterator
from typing import Final

from charts.chart import Chart, Figure
from charts.forest_chart import ForestRow, forest_chart
from charts.report import Block, Notice, Page, Prose
from trial.operating_characteristics import OperatingCharacteristics
from trial.pages.operating_characteristics_tables import (
    COURSES,
    METHODS,
    coverage_table,
    differences_table,
    fits_table,
    moments_table,
    responders_table,
    what,
)
from trial.simulation.characteristic import BY_CHANCE, MOST_ERRORS, Characteristic, Measure
from trial.simulation.contrasts import NOISY_SD, Course

_PANELS: Final[tuple[tuple[str, Measure, Course], ...]] = (
    ("coverage", "coverage", "published"),
    ("type-one-controls", "type_one_error", "both_control"),
    ("type-one-msc", "type_one_error", "both_msc"),
    ("type-one-noisy", "type_one_error", "noisy_visits"),
)
"""Charts of the figure: name of their files, and what each shows."""
_SLOPES: Final = {"follow_up_slope": "slope", "slope_change": "slope change"}


def operating_characteristics_page(results: OperatingCharacteristics) -> Page:
    """Lay out what was found in simulated trials."""
    return Page("operating_characteristics", "Operating characteristics", tuple(_blocks(results)))


def _blocks(results: OperatingCharacteristics) -> Iterator[Block]:
    yield Notice("Simulated data: no patient is in any number of this page.")
    yield Prose(
        f"{results.n_trials} simulated trials of {results.n_patients} patients, 33:31 to MSC and"
        f" control (scenario {results.scenario}, seed {results.seed}), were put through the same"
        " functions as the cohort of this report: a Monte-Carlo study of bias, coverage and type I"
        " error (Morris, White and Crowther 2019, Stat Med 38:2074). Every number stands beside"
        " what it ought to be and is called compatible with that where these trials cannot tell"
        f" them apart: within {MOST_ERRORS:g} Monte-Carlo standard errors, responder rates within"
        " .05. This is no proof that they agree; the departure that would have been detected"
        " stands beside it. Patients leave completely at random, so nothing here speaks of"
        " visits that are missing for a reason."
    )
    yield from _departures(results)
    yield differences_table(results)
    yield Prose(
        "The mixed model draws one straight line before month 0 and one after it, but the"
        " simulated courses bend, as the published differences of 2.98 at 4 and 3.38 points at 6"
        " months demand. It is therefore held against its own value in the population: the mean"
        f" over {results.n_large_trials} trials of {results.n_large_patients} patients. Its"
        " difference at a month is one of totals, not of changes: the simulated arms, as the"
        " study's slopes imply, decline at different speeds before month 0 and are apart at month"
        " 0. ANCOVA estimates a third quantity, the difference between patients with the same"
        " baseline."
    )
    yield _figure(results)
    yield Prose(
        "Coverage is that of trials in which the arms differ, in mean and in spread, as the"
        " study's did. For type I error there are trials without any difference: both"
        " arms decline, and leave, as the simulator's controls, or both as its treated patients."
        " A t test rests on the means being nearly normal. The controls' changes are strongly"
        " skewed, for a few decline steeply; where both arms are, and are equally so, steep"
        " decliners widen the interval more than they move it, and a t test may reject less often"
        " than it says. Where one arm is skewed and the other is not, coverage may fall short."
    )
    yield Prose(
        "A third kind has noisy visits: both arms as the treated patients, with a residual SD of"
        f" {NOISY_SD:g} points and lead-in slopes that differ less (both assumed), so that fits of"
        " the mixed model become singular. The two slopes stay its headline there, as on its page;"
        " the table says how often fits are singular and how often tests err in those trials."
    )
    yield fits_table(results)
    yield responders_table(results)
    yield _moments(results)
    yield moments_table(results)


def _departures(results: OperatingCharacteristics) -> Iterator[Notice]:
    n_checks = sum(row.target is not None for row in results.rows)
    for verdict, says in (
        ("not compatible", f"Not compatible with what it ought to be, of {n_checks} checks"),
        ("not computed", "Not computed"),
    ):
        rows = [row for row in results.rows if row.verdict == verdict]
        if rows:
            yield Notice(f"{says}: {'; '.join(map(_named, rows))}.")


def _named(row: Characteristic) -> str:
    return f"{what(row)} ({COURSES[row.course]})"


def _moments(results: OperatingCharacteristics) -> Prose:
    n_told = sum(moment.verdict == "not compatible" for moment in results.moments)
    n = len(results.moments)
    return Prose(
        "The published means, standard deviations and responder rates cannot all be met by one"
        " course of each arm; mean changes came first, because the primary outcome rests on them."
        f" In {results.n_large_trials} trials of {results.n_large_patients} patients"
        f" {n_told} of {n} can be told from the published ones; {n - n_told} cannot, for departures"
        " of the size given beside each."
    )


def _figure(results: OperatingCharacteristics) -> Figure:
    table = coverage_table(results)
    return Figure(
        "operating-characteristics",
        "Coverage and type I error",
        f"Of {results.n_trials} simulated trials of {results.n_patients} patients in each panel:"
        f" share of {100 * results.level:g} % intervals that hold the population's value, and share"
        " of tests that reject where the arms do not differ. Dashed: what it ought to be. Bars:"
        f" {MOST_ERRORS:g} Monte-Carlo standard errors; one that does not reach the dashed line is"
        f" rarely an accident of the simulation: {100 * BY_CHANCE:.1f} % of checks do not by chance"
        f" alone, and {len(table.rows)} are drawn here.",
        tuple(_chart(results, *of) for of in _PANELS),
        table,
    )


def _chart(results: OperatingCharacteristics, key: str, measure: Measure, course: Course) -> Chart:
    level = results.level if measure == "coverage" else 1 - results.level
    drawn = [row for row in results.rows if (row.measure, row.course) == (measure, course)]
    name = "Coverage" if measure == "coverage" else "Type I error"
    return forest_chart(
        [_bar(row) for row in drawn],
        title=f"{name}: {COURSES[course]}",
        axis=[f"{name} [%],", COURSES[course]],
        reference=100 * level,
        key=key,
    )


def _bar(row: Characteristic) -> ForestRow:
    of = _SLOPES[row.quantity] if row.month is None else f"{row.month:g} months"
    label = f"{METHODS[str(row.method)]}, {of}"
    if row.verdict == "not computed":
        return ForestRow(label, None, None, None)
    margin = MOST_ERRORS * row.standard_error
    ends = (100 * max(row.estimate - margin, 0.0), 100 * min(row.estimate + margin, 1.0))
    return ForestRow(label, 100 * row.estimate, *ends)

"""The part of the robustness page on missing visits."""

from collections.abc import Iterator, Mapping

from analysis.rubin import Pooled
from charts.chart import Chart, Figure
from charts.report import Block, Notice, Prose
from charts.table import Cell, Column, Table
from charts.tipping_chart import tipping_chart
from data.cohort import ARMS
from trial.imputation import ImputationModel
from trial.missing_visits import MissingVisits, MonthWithGaps
from trial.not_computed import NotComputed
from trial.pages.words import ARM_NAMES
from trial.study import Study
from trial.tipping_points import ShiftGrid, TippingPoint

_PREDICTORS = {"arm": "arm", "baseline": "baseline", "lead_in_slope": "lead-in slope"}


def missing_blocks(results: MissingVisits, study: Study) -> Iterator[Block]:
    """Lay out what missing visits may change."""
    yield Prose(
        "Missing visits. The study analysed the patients who were seen. That is right if who was"
        " missed differs from the others by chance alone. Multiple imputation asks less: that,"
        " given arm and earlier course, a missed value is like the values seen (missing at random)."
        " It fills in what a patient would have had without death or withdrawal, which for patients"
        " who died is a hypothetical quantity."
    )
    yield _visits_table(results)
    if isinstance(results.model, NotComputed):
        yield Notice(f"Missing visits cannot be imputed. {results.model.not_computed}")
    elif any(isinstance(one.imputed, Pooled) for one in results.months):
        yield Prose(_method(results.model))
    yield _differences_table(results, study)
    for one in results.months:
        yield from _tipping(one, results.model)
    figure = _figure(results, study)
    if figure is not None:
        yield figure


def _method(model: ImputationModel) -> str:
    predictors = [_PREDICTORS[name] for name in model.predictors]
    visits = ", ".join(f"{month:g}" for month in model.visits)
    order = (
        "all earlier visits, once from the first to the last, which draws exactly because nobody"
        " returns after a gap"
        if model.is_monotone
        else "all other visits in turn, 20 rounds of chained equations, because some patients"
        " return after a gap"
    )
    return (
        f"Imputation: Bayesian normal regression (Rubin 1987) of each visit (months {visits}) on"
        f" {', '.join(predictors) or 'nothing else'} and {order}; {model.n_imputations} imputed"
        f" data sets of {model.n_patients} patients. Each is analysed by Welch's t and pooled by"
        " Rubin's rules with Barnard and Rubin's degrees of freedom (1999). Assumed besides missing"
        " at random: normal errors of one size in both arms and lines of one slope. Imputed totals"
        " are not held between 0 and 48, because that would bias means."
    )


def _visits_table(results: MissingVisits) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 0),
        Column("randomised", "Randomised", "integer"),
        Column("with_baseline", "With baseline", "integer"),
        Column("seen", "Seen", "integer"),
        Column("missing", "Missed", "integer"),
        Column("died", "of them died by then", "integer"),
        Column("seen_mean", "Mean change of those seen [points]", "number"),
        Column("imputed_mean", "Mean imputed change of those missed", "number"),
    )
    rows = tuple(
        {
            "arm": ARM_NAMES[arm],
            "month": one.month,
            **{
                column.key: getattr(one.arms[arm], column.key)
                for column in columns
                if column.key not in ("arm", "month")
            },
        }
        for one in results.months
        for arm in ARMS
    )
    return Table(
        "missing-visits",
        "Who was seen at each month, of those with a baseline",
        columns,
        rows,
        "Died: death or tracheostomy by the survival table, where there is one. Below 0 is"
        " decline.",
    )


def _differences_table(results: MissingVisits, study: Study) -> Table:
    columns = (
        Column("month", "Month", "number", 0),
        Column("patients", "Patients"),
        Column("n", "MSC and control", "text"),
        Column("difference", "Difference in change [points]", "estimate"),
        Column("standard_error", "SE", "number"),
        Column("df", "df", "number", 1),
        Column("p", "p", "p"),
        Column("missing_information", "Missing information", "percent", 0),
    )
    rows: list[Mapping[str, Cell]] = []
    for one in results.months:
        if not isinstance(one.seen, NotComputed):
            found = one.seen
            rows.append(
                {
                    "month": one.month,
                    "patients": "seen (Welch)",
                    "n": f"{found.difference.n_cases} and {found.difference.n_controls}",
                    "difference": found.difference,
                    "standard_error": found.standard_error,
                    "df": found.df,
                    "p": found.p,
                }
            )
        if isinstance(one.imputed, Pooled):
            pooled = one.imputed
            rows.append(
                {
                    "month": one.month,
                    "patients": "all with a baseline (imputed)",
                    "n": f"{pooled.estimate.n_cases} and {pooled.estimate.n_controls}",
                    "difference": pooled.estimate,
                    "standard_error": pooled.standard_error,
                    "df": pooled.df,
                    "p": pooled.p,
                    "missing_information": pooled.missing_information,
                }
            )
    return Table(
        "imputed-differences",
        "Difference in ALSFRS-R change from baseline, MSC less control",
        columns,
        tuple(rows),
        f"Above 0 favours MSC; {100 * study.level:g} % intervals. Missing information: share of"
        " what could be known of the difference that is missing.",
    )


def _tipping(one: MonthWithGaps, model: ImputationModel | NotComputed) -> Iterator[Block]:
    if isinstance(one.seen, NotComputed):
        yield Notice(
            f"Month {one.month:g}: the arms are not compared among those who were seen."
            f" {one.seen.not_computed}"
        )
    if one.imputed is None:
        if any(arm.with_baseline for arm in one.arms.values()):
            yield Prose(f"Month {one.month:g}: nobody with a baseline was missed.")
        return
    if isinstance(one.imputed, NotComputed):
        if one.imputed != model:  # which has its own notice above
            yield Notice(f"Month {one.month:g}: nothing was imputed. {one.imputed.not_computed}")
        return
    explained = [
        found.explanation
        for found in one.tipping_points.values()
        if isinstance(found, TippingPoint)
    ]
    yield Prose(f"Tipping point at month {one.month:g}. {' '.join(dict.fromkeys(explained))}")


def _figure(results: MissingVisits, study: Study) -> Figure | None:
    grids = [(one.month, one.grid) for one in results.months if isinstance(one.grid, ShiftGrid)]
    if not grids:
        return None
    return Figure(
        "tipping-points",
        "Where the conclusion tips",
        "If who was missed did worse or better than was imputed (not missing at random; delta"
        " adjustment, Carpenter and Kenward 2013; both arms: Liublinska and Rubin 2014). In each"
        " cell: the pooled difference in change [points], MSC less control, all imputed changes of"
        f" an arm shifted by so much; colour: where its {100 * study.level:g} % interval lies. 0"
        " and 0 is missing at random. An arm of which nobody was missed has no shift.",
        tuple(_chart(month, grid) for month, grid in grids),
        _grid_table(grids),
    )


def _chart(month: float, grid: ShiftGrid) -> Chart:
    return tipping_chart(
        grid.shifts_control,
        grid.shifts_msc,
        grid.difference,
        grid.lower,
        grid.upper,
        title=f"Month {month:g}",
        x_title=["controls: shift [points]", "(right: better)"],
        y_title=["MSC: shift [points]", "(down: worse)"],
        key=f"month-{month:g}",
    )


def _grid_table(grids: list[tuple[float, ShiftGrid]]) -> Table:
    columns = (
        Column("month", "Month", "number", 0),
        Column("shift_msc", "MSC: shift [points]", "number", 0),
        Column("shift_control", "Control: shift", "number", 0),
        Column("difference", "Difference", "number"),
        Column("lower", "from", "number"),
        Column("upper", "to", "number"),
        Column("p", "p", "p"),
    )
    rows = tuple(
        {
            "month": month,
            "shift_msc": shift_msc,
            "shift_control": shift_control,
            "difference": grid.difference[i][j],
            "lower": grid.lower[i][j],
            "upper": grid.upper[i][j],
            "p": grid.p[i][j],
        }
        for month, grid in grids
        for i, shift_msc in enumerate(grid.shifts_msc)
        for j, shift_control in enumerate(grid.shifts_control)
    )
    return Table("tipping-points", "The difference for every pair of shifts", columns, rows)

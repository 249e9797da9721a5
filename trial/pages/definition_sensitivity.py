"""The part of the robustness page on what a responder is."""

import math
from collections.abc import Iterator, Mapping, Sequence

from charts.chart import Figure
from charts.forest_chart import ForestRow, forest_chart
from charts.report import Block, Notice, Prose
from charts.sensitivity_chart import ShareCurve, share_chart
from charts.table import Cell, Column, Table
from data.cohort import ARMS
from trial.deaths import DEATHS_UNKNOWN
from trial.definition_counts import Contrast
from trial.definition_sensitivity import (
    DefinitionResult,
    DefinitionSensitivity,
    ResponderCurve,
)
from trial.not_computed import NotComputed
from trial.pages.words import ARM_NAMES, rule
from trial.study import Study

_DEFINITION = (
    Column("definition", "Definition"),
    Column("least", "At least"),
    Column("horizon", "To month", "number"),
)


def definition_blocks(results: DefinitionSensitivity, study: Study) -> Iterator[Block]:
    """Lay out what hangs on the definition, the percent and the horizon."""
    yield Prose(
        "Definitions. What a responder is differs from trial to trial, and a percentage of a small"
        " lead-in slope is a small step. Below, the same patients by the definitions of other"
        " trials and by other percents and horizons. The difference is the share of responders, MSC"
        " less control, above 0 in favour of MSC, with Newcombe's interval (1998, method 10); p by"
        " the study's rule, chi-square without correction or Fisher where an expected count is"
        " below 5. The study tested at 4 and 6 months and 50 to 100 % and left out who could not be"
        " judged; beside that stands the share of all randomised patients, where who cannot be"
        " judged, or died or had a tracheostomy by the horizon, did not respond. Nothing is"
        " corrected for looking often: read the table for how far the answer moves, not for its"
        " smallest p."
    )
    empty = [arm for arm in ARMS if not study.cohort.of_arm(arm)]
    for arm in empty:
        yield Notice(f"There is no patient of arm {arm}, so the arms are not compared.")
    if results.published[0].arms["msc"].responders_who_died is None:
        yield Notice(DEATHS_UNKNOWN.not_computed)
    yield from _figures(results, study)
    yield _table("responder-definitions", "Responders by published definitions", results.published)
    if results.grid:
        yield _table("responder-grid", "Responders by percent and horizon", results.grid)
    yield from _labels(results)


def _figures(results: DefinitionSensitivity, study: Study) -> Iterator[Block]:
    compared = [one for one in results.published if isinstance(one.evaluable, Contrast)]
    if compared:
        yield _forest(compared, study)
    months = dict.fromkeys(curve.horizon_months for curve in results.curves)
    if months:
        yield _curves(results, list(months))


def _forest(compared: Sequence[DefinitionResult], study: Study) -> Figure:
    evaluable: list[ForestRow] = []
    randomised: list[ForestRow] = []
    for one in compared:
        label = _short(one)
        for bars, contrast in ((evaluable, one.evaluable), (randomised, one.all_randomised)):
            if isinstance(contrast, Contrast):
                bars.append(ForestRow.of(label, contrast.difference))
    charts = tuple(
        forest_chart(
            bars,
            title=f"Difference in responders among {patients}",
            axis=[f"difference among {patients}", "(right: more responders after MSC)"],
            reference=0,
            drawn=_ends(evaluable + randomised),
            is_percent=True,
            key=key,
        )
        for bars, patients, key in (
            (evaluable, "evaluable patients", "evaluable"),
            (randomised, "all randomised", "randomised"),
        )
        if bars
    )
    return Figure(
        "responder-definitions",
        "Difference in responders by definition",
        f"MSC less control, with Newcombe's {100 * study.level:g} % interval; n by arm in the"
        " table. Among all randomised: patients who cannot be judged, or who died by the horizon,"
        " count as not responding.",
        charts,
        _drawn_table(compared),
    )


def _ends(bars: Sequence[ForestRow]) -> tuple[float, float]:
    """One axis for both charts, to the next quarter."""
    limits = [limit for bar in bars for limit in (bar.lower, bar.upper) if limit is not None]
    low, high = math.floor(4 * min([0.0, *limits])) / 4, math.ceil(4 * max([0.0, *limits])) / 4
    return (low, high) if low < high else (-1.0, 1.0)


def _drawn_table(compared: Sequence[DefinitionResult]) -> Table:
    columns = (
        *_DEFINITION,
        Column("difference", "Difference, evaluable", "estimate"),
        Column("randomised", "Difference, all randomised", "estimate"),
    )
    rows = tuple(
        {key: row.get(key) for key in (column.key for column in columns)}
        for row in map(_row, compared)
    )
    return Table("responder-differences", "Difference in responders by definition", columns, rows)


def _short(one: DefinitionResult) -> str:
    definition = one.definition
    unit = "%" if definition.percent is not None else ""
    return f"{definition.name} {definition.least:g}{unit} m{definition.horizon_months:g}"


def _curves(results: DefinitionSensitivity, months: Sequence[float]) -> Figure:
    own = results.definition
    is_marked = own.percent is not None
    charts = tuple(
        share_chart(
            [
                ShareCurve(curve.arm, curve.thresholds, curve.shares)
                for curve in results.curves
                if curve.horizon_months == month
            ],
            title=f"To month {month:g}",
            x_title=["least improvement of the slope [%]", "(right: stricter)"],
            y_title="share of evaluable patients",
            marked=[own.least] if is_marked else [],
            key=f"month-{month:g}",
        )
        for month in months
    )
    marked = f" Dotted line: {own.least:g} %, the report's definition." if is_marked else ""
    return Figure(
        "responder-curves",
        "Share of patients who improve by at least so much",
        "Share of the evaluable patients of each arm whose slope improved by at least the"
        f" percentage of the lead-in slope, in steps of 5 %; {_n_of(results.curves)}.{marked} Where"
        " the curves lie apart over the whole range, the finding does not hang on one threshold.",
        charts,
        _curve_table(results.curves),
    )


def _n_of(curves: Sequence[ResponderCurve]) -> str:
    return ", ".join(
        f"{ARM_NAMES[curve.arm]} n = {curve.evaluable} to month {curve.horizon_months:g}"
        for curve in curves
    )


def _curve_table(curves: Sequence[ResponderCurve]) -> Table:
    keys = [f"{curve.arm}_{curve.horizon_months:g}" for curve in curves]
    columns = [Column("threshold", "At least [%]", "number", 0)]
    columns += [
        Column(key, f"{ARM_NAMES[curve.arm]}, month {curve.horizon_months:g}", "percent", 0)
        for key, curve in zip(keys, curves, strict=True)
    ]
    rows = tuple(
        {"threshold": threshold, **dict(zip(keys, (c.shares[i] for c in curves), strict=True))}
        for i, threshold in enumerate(curves[0].thresholds)
    )
    return Table("responder-curves", "Share who improve by at least so much", tuple(columns), rows)


def _table(name: str, title: str, results: Sequence[DefinitionResult]) -> Table:
    columns = (
        *_DEFINITION,
        Column("msc", "MSC", "number"),
        Column("control", "Control", "number"),
        Column("difference", "Difference", "estimate"),
        Column("p", "p", "p"),
        Column("test", "Test"),
        Column("died", "Died", "number"),
        Column("not_evaluable", "Not evaluable", "number"),
        Column("randomised", "Difference, all randomised", "estimate"),
        Column("p_randomised", "p", "p"),
    )
    return Table(
        name,
        title,
        columns,
        tuple(map(_row, results)),
        "MSC and control: responders of evaluable patients, by visits alone. Died: those of"
        " the responders who died or had a tracheostomy by the horizon; it and not evaluable are"
        " MSC + control. All randomised: neither of these responded.",
    )


def _row(one: DefinitionResult) -> Mapping[str, Cell]:
    msc, control = one.arms["msc"], one.arms["control"]
    cells: dict[str, Cell] = {
        **_definition(one),
        "msc": f"{msc.responders} of {msc.evaluable}",
        "control": f"{control.responders} of {control.evaluable}",
        "not_evaluable": " + ".join(str(arm.randomised - arm.evaluable) for arm in (msc, control)),
    }
    if msc.responders_who_died is not None:
        cells["died"] = f"{msc.responders_who_died} + {control.responders_who_died}"
    if isinstance(one.evaluable, Contrast):
        test = "chi-square" if one.evaluable.test == "chi_square" else "Fisher"
        cells |= {"difference": one.evaluable.difference, "p": one.evaluable.p, "test": test}
    if isinstance(one.all_randomised, Contrast):
        contrast = one.all_randomised
        cells |= {"randomised": contrast.difference, "p_randomised": contrast.p}
    return cells


def _definition(one: DefinitionResult) -> Mapping[str, Cell]:
    unit = "%" if one.definition.percent is not None else "points/month"
    return {
        "definition": one.definition.name + _until(one),
        "least": f"{one.definition.least:g} {unit}",
        "horizon": f"{one.definition.horizon_months:g}",
    }


def _until(one: DefinitionResult) -> str:
    horizon = one.definition.horizon_months or 0.0
    if one.last_month is None:
        return " (nobody was seen after month 0)"
    is_short = one.last_month < horizon - 0.25
    return f" (last visit: month {one.last_month:g})" if is_short else ""


def _labels(results: DefinitionSensitivity) -> Iterator[Block]:
    others = [one for one in results.published if one.definition != results.definition]
    columns = (
        *_DEFINITION,
        Column("evaluable_by_both", "Evaluable by both", "integer"),
        Column("gained", "Responder by this one only", "integer"),
        Column("lost", "by the report's only", "integer"),
        Column("newly_evaluable", "Evaluable by this one only", "integer"),
        Column("no_longer_evaluable", "by the report's only", "integer"),
    )
    rows = tuple(
        {
            **_definition(one),
            **{column.key: getattr(one.label_changes, column.key) for column in columns[3:]},
        }
        for one in others
    )
    yield Table(
        "responder-labels",
        f"Patients whose label changes against {rule(results.definition)}",
        columns,
        rows,
        "Both arms together. karussis2021 has petrou2016's rule and is not listed twice.",
    )
    uncompared = {
        one.evaluable.not_computed
        for one in results.published
        if isinstance(one.evaluable, NotComputed)
    }
    for reason in sorted(uncompared):
        yield Notice(reason)

"""Every patient's slopes, and who could not be judged by them and why."""

from collections.abc import Iterator

from charts.chart import Figure
from charts.report import Block, Prose
from charts.slopes_chart import SlopePoint, slopes_chart
from charts.table import Column, Table
from data.cohort import ARMS
from data.outcome import ResponderDefinition
from trial.efficacy import EfficacyResults
from trial.judged_patients import Judged
from trial.pages.words import NOT_EVALUABLE


def judged_blocks(results: EfficacyResults) -> Iterator[Block]:
    """Lay out who is not evaluable, and the figure of all slopes."""
    yield from _not_evaluable(results)
    yield from _figure(results)


def _not_evaluable(results: EfficacyResults) -> Iterator[Block]:
    for judged in results.judged:
        horizon = judged.definition.horizon_months or 0.0
        if not any(judged.not_evaluable.values()):
            yield Prose(
                f"By {horizon:g} months everybody's response is evaluable. {_ended_early(judged)}"
            )
            continue
        yield _not_evaluable_table(judged, horizon)


def _not_evaluable_table(judged: Judged, horizon: float) -> Table:
    columns = (
        Column("reason", "Reason"),
        *(Column(f"n_{arm}", f"{arm}: n", "integer") for arm in ARMS),
        *(Column(f"ids_{arm}", f"{arm}: patients") for arm in ARMS),
    )
    rows = tuple(
        {"reason": NOT_EVALUABLE[reason]}
        | {f"n_{arm}": len(arms[arm]) for arm in ARMS}
        | {f"ids_{arm}": ", ".join(arms[arm]) for arm in ARMS}
        for reason, arms in judged.not_evaluable.items()
    )
    note = f"Left out of the rows above. {_ended_early(judged)}"
    title = f"Not evaluable by {horizon:g} months"
    return Table(f"not-evaluable-{horizon:g}", title, columns, rows, note)


def _ended_early(judged: Judged) -> str:
    early = " and ".join(f"{judged.ended_early[arm]} {arm}" for arm in ARMS)
    return (
        "Evaluable, but without a visit in the last half month up to month"
        f" {judged.definition.horizon_months:g}: {early}; their slope is from the visits before."
    )


def _figure(results: EfficacyResults) -> Iterator[Block]:
    charts = []
    for judged in results.judged:
        horizon = judged.definition.horizon_months or 0.0
        points = [
            SlopePoint(one.arm, one.lead_in_slope, one.follow_up_slope)
            for one in judged.patients
            if one.lead_in_slope is not None and one.follow_up_slope is not None
        ]
        if points:
            charts.append(
                slopes_chart(
                    points,
                    _lines(judged.definition),
                    title=f"Slopes, month 0 to {horizon:g} against lead-in",
                    x_title="lead-in slope [points/month]",
                    y_title=f"slope from month 0 to {horizon:g} [points/month]",
                    key=f"{horizon:g}",
                )
            )
    if charts:
        yield Figure(
            "slopes",
            "Slopes of every patient",
            "Each patient's ALSFRS-R slope before the first injection and after it; 0 is no"
            " decline. On the solid line the slope did not change; on or above the dashed one the"
            " patient is a responder, if the lead-in slope is below 0. Patients who decline"
            " steeply before lie above the solid line in both arms where slopes regress to the"
            " mean.",
            tuple(charts),
            _patients_table(results),
        )


def _lines(definition: ResponderDefinition) -> list[tuple[str, float, float]]:
    no_change = ("no change", 0.0, 1.0)
    if definition.percent is not None:
        label = f"{definition.percent:g} % improvement"
        return [no_change, (label, 0.0, 1 - definition.percent / 100)]
    return [no_change, (f"{definition.least:g} points/month better", definition.least, 1.0)]


def _patients_table(results: EfficacyResults) -> Table:
    columns = (
        Column("patient_id", "Patient"),
        Column("arm", "Arm"),
        Column("horizon", "By month", "number", 1),
        Column("lead_in_slope", "Lead-in slope", "number"),
        Column("follow_up_slope", "Follow-up slope", "number"),
        Column("improvement", "Improvement", "number", 1),
        Column("responder", "Responder"),
        Column("not_evaluable", "Not evaluable"),
    )
    rows = tuple(
        {
            "patient_id": one.patient_id,
            "arm": one.arm,
            "horizon": judged.definition.horizon_months,
            "lead_in_slope": one.lead_in_slope,
            "follow_up_slope": one.follow_up_slope,
            "improvement": one.improvement,
            "responder": one.responder,
            "not_evaluable": None
            if one.not_evaluable is None
            else NOT_EVALUABLE[one.not_evaluable],
        }
        for judged in results.judged
        for one in judged.patients
    )
    percent = results.judged[0].definition.percent is not None
    measure = "percent of the lead-in slope" if percent else "points/month"
    note = f"Slopes in points/month, improvement in {measure}."
    return Table("slopes", "Slopes and response of every patient", columns, rows, note)

"""The page of efficacy: Table 3 and Figure 2A of the study, and what stands behind them."""

from collections.abc import Iterator

from analysis.estimate import Estimate
from charts.chart import Figure
from charts.means_chart import MeanPoint, means_chart
from charts.report import Block, Notice, Page, Prose
from charts.table import Column, Table
from data.cohort import ARMS
from trial.efficacy import EfficacyResults, MeanChange
from trial.pages.efficacy_tables import adjusted_table, comparisons_table, reasons, table_3
from trial.pages.responders import responder_blocks
from trial.study import Study


def efficacy_page(results: EfficacyResults, study: Study) -> Page:
    """Lay out the efficacy analyses."""
    blocks = (*_changes(results, study), *_figure_2a(results, study))
    return Page("efficacy", "Efficacy", (*blocks, *responder_blocks(results, study)))


def _changes(results: EfficacyResults, study: Study) -> Iterator[Block]:
    months = " and ".join(f"{month:g}" for month in study.months)
    yield Prose(
        "ALSFRS-R total: 0 to 48, higher is better. The primary outcome is its change from baseline"
        f" to {months} months. Every difference is MSC less control: above 0 is in favour of MSC."
        " Each row has its own n: the patients with both values. That assumes that who missed a"
        " visit does not depend on what it would have shown; the page of robustness asks what if it"
        " does. The study was open label: nothing here makes up for patients who know their arm."
    )
    yield Prose(
        "The headline is Welch's t (Welch 1947, Biometrika 34:28), which allows each arm its own"
        " variance. The study's printed changes agree with Student's t, which assumes one variance"
        " for both; its slope change to 6 months agrees with Welch's alone. Both are below. Slope"
        " change is the least-squares slope from month 0 up to the month less that of the lead-in,"
        " month 0 in both, at least two visits on either side; whether a patient was seen up to the"
        " end is not asked, as the study's responder n imply."
    )
    yield table_3(results)
    for reason in reasons(results):
        yield Notice(reason)
    yield from _late_visits(results)
    yield comparisons_table(results)
    yield Prose(
        "Analysis of covariance takes out what the arms' difference at the start predicts of the"
        " outcome, and narrows the interval where the covariate predicts it (Senn 1989, Stat Med"
        " 8:467). It assumes parallel lines and one variance. Slope change is adjusted for the"
        " lead-in slope, too: the lead-in slope is part of it, so a steep one promises an"
        " improvement without any treatment (regression to the mean). Parallel lines: difference"
        " of the arms' slopes on the covariate; a large p is no proof that they are parallel."
    )
    yield adjusted_table(results)


def _late_visits(results: EfficacyResults) -> Iterator[Block]:
    late = [
        f"after month {one.definition.horizon_months:g}, "
        + " and ".join(f"{one.late_visits[arm]} {arm}" for arm in ARMS)
        for one in results.judged
        if any(one.late_visits.values())
    ]
    if late:
        yield Notice(
            "Slopes and responses up to a month use no visit after it. Patients with a visit up to"
            f" half a month late: {'; '.join(late)}. If these were the visits of that month, give"
            " the scheduled month in alsfrs_r (docs/data.md). Changes use the nearest visit."
        )


def _figure_2a(results: EfficacyResults, study: Study) -> Iterator[Block]:
    drawn = [_point(one) for one in results.mean_changes if one.mean is not None]
    points = [point for point in drawn if point is not None]
    if not any(point.time > 0 for point in points):
        yield Notice("Figure 2A is not drawn: no patient has a baseline and a visit after it.")
        return
    chart = means_chart(
        points,
        title="Mean ALSFRS-R change from baseline by arm",
        x_title="months since the first injection",
        y_title=["mean ALSFRS-R change [points]", "up is better"],
        y_line=0.0,
    )
    yield Figure(
        "figure-2a",
        "Figure 2A. ALSFRS-R change from baseline",
        f"Means of the patients with baseline and that visit, by arm, with {100 * study.level:g} %"
        " t intervals of each mean (not of the difference between the arms, and each visit alone)."
        " n of each visit is in the table. Visits stand at the nearest whole month.",
        (chart,),
        _means_table(results),
    )


def _point(one: MeanChange) -> MeanPoint | None:
    if one.mean is None:
        return None
    if not isinstance(one.interval, Estimate):
        return MeanPoint(one.arm, one.month, one.mean)
    return MeanPoint(one.arm, one.month, one.mean, one.interval.lower, one.interval.upper)


def _means_table(results: EfficacyResults) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("month", "Month", "number", 1),
        Column("n", "n", "integer"),
        Column("mean", "Mean change [points]", "number"),
        Column("interval", "Mean change (interval)", "estimate"),
    )
    rows = tuple(
        {
            "arm": one.arm,
            "month": one.month,
            "n": one.n,
            "mean": one.mean,
            "interval": one.interval if isinstance(one.interval, Estimate) else None,
        }
        for one in results.mean_changes
    )
    return Table("mean-change", "Mean ALSFRS-R change from baseline", columns, rows)

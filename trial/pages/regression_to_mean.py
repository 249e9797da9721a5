"""The part of the robustness page on controls who respond and on regression to the mean."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.slope_errors import ErrorVariance
from charts.chart import Chart, Figure
from charts.forest_chart import ForestRow, forest_chart
from charts.report import Block, Notice, Prose
from charts.table import Cell, Column, Table
from data.cohort import ARMS, Arm
from trial.expected_responders import N_TRIALS, PRO_ACT_CORRELATION, Scenario, ScenarioName
from trial.not_computed import NotComputed
from trial.pages.words import ARM_NAMES, rule
from trial.regression_to_mean import ArmRegression, RegressionToMean
from trial.responder_rate import ResponderRate
from trial.study import Study

_LABELS: Final[Mapping[ScenarioName, str]] = {
    "unchanged": "no change",
    "unchanged_normal": "no change, normal",
    "correlated": "weakly correlated",
    "correlated_normal": "weakly corr., normal",
    "as_controls": "as controls went on",
}


def regression_blocks(results: Mapping[float, RegressionToMean], study: Study) -> Iterator[Block]:
    """Lay out what regression to the mean alone would give."""
    yield Prose(
        "Regression to the mean. A responder's slope improves on a lead-in slope that was measured"
        " with error over a few months. Who looks steep then partly was, and will look better later"
        " without any treatment: regression to the mean. Besides, courses of ALS change by"
        " themselves. Both make responders in either arm; the study reports them in controls, too"
        " (5 of 27 at 4 months), and does not say how many were to be expected."
    )
    yield _controls(results)
    yield from _assumptions(study)
    yield from _notices(results)
    for horizon, one in results.items():
        if isinstance(one.error, NotComputed):
            yield Notice(f"Expected responders cannot be computed. {one.error.not_computed}")
            return
        if not all(isinstance(arm, NotComputed) for arm in one.arms.values()):
            yield _figure(horizon, one, study)
    yield _slopes_table(results)


def _controls(results: Mapping[float, RegressionToMean]) -> Block:
    said = [
        f"{found.responders} of {found.evaluable} by {rule(one.definition)}, that is"
        f" {_percent(found.rate.value)} ({_percent(found.rate.lower)} to"
        f" {_percent(found.rate.upper)})"
        for one in results.values()
        if isinstance(found := one.observed["control"], ResponderRate)
    ]
    if not said:
        return Notice("No control can be judged, so there is no responder rate without treatment.")
    return Prose(
        f"Controls who responded, of those evaluable: {'; '.join(said)}; Wilson's intervals. A rate"
        " of responders after MSC means nothing without this one beside it."
    )


def _assumptions(study: Study) -> Iterator[Prose]:
    yield Prose(
        "Expected rates take treatment to do nothing and keep each patient's own visits. A measured"
        " slope is the true one plus an error, which follows from the months of the visits and the"
        " error of one total. That error is pooled from the residuals about the lead-in lines of"
        " both arms. A visit at month 0 is in both slopes, so that their errors are correlated."
    )
    yield Prose(
        "No change: the true slope stays what it was. Weakly correlated: true slopes after month 0"
        " have the distribution of those before, but measured slopes correlate only"
        f" {PRO_ACT_CORRELATION:g}, as in PRO-ACT. The distribution comes from this arm's lead-in,"
        " by maximum likelihood without a shape (Kiefer and Wolfowitz 1956; Laird 1978) and, marked"
        f" normal, by Paule and Mandel's moments (1982); {N_TRIALS:,} trials are simulated of each."
        " As controls went on: the controls' follow-up slopes are regressed on their lead-in"
        " slopes; each patient gets the line at the own lead-in and the residuals of all controls."
        " In the controls themselves this only checks the method."
    )
    yield Prose(
        "Assumed throughout: normal errors of one size and a straight course on either side. Not in"
        " the intervals: that distribution and error are themselves estimated from these patients."
        f" Bars hold {100 * study.level:g} % of trials; that of the observed rate is Wilson's."
    )


def _notices(results: Mapping[float, RegressionToMean]) -> Iterator[Notice]:
    """Each reason once, with the arms and horizons that it is about."""
    places: dict[str, list[str]] = {}
    for horizon, one in results.items():
        for arm, found in one.arms.items():
            if isinstance(one.error, NotComputed):
                continue
            parts = (found,) if isinstance(found, NotComputed) else found.scenarios.values()
            reasons = dict.fromkeys(p.not_computed for p in parts if isinstance(p, NotComputed))
            for reason in reasons:
                places.setdefault(reason, []).append(f"{ARM_NAMES[arm]} to month {horizon:g}")
    for reason, of in places.items():
        yield Notice(f"Expectations that cannot be computed ({', '.join(of)}): {reason}")


def _figure(horizon: float, one: RegressionToMean, study: Study) -> Figure:
    level = f"{100 * study.level:g} %"
    charts = tuple(
        chart for arm in ARMS if (chart := _chart(arm, one.observed[arm], one.arms[arm]))
    )
    return Figure(
        f"regression-to-mean-month-{horizon:g}",
        f"Responders observed and expected without an effect, to month {horizon:g}",
        f"By {rule(one.definition)}; {_n_of(one)}. Observed with Wilson's {level} interval;"
        f" expected with the middle {level} of {N_TRIALS:,} simulated trials (as controls went on:"
        " of the exact distribution). Dashed line: observed rate. Where an expectation reaches it,"
        " the rate by itself is no evidence of an effect; only the comparison with randomised"
        " controls can be.",
        charts,
        _table(horizon, one, study),
    )


def _n_of(one: RegressionToMean) -> str:
    return ", ".join(
        f"{ARM_NAMES[arm]} n = {found.evaluable}"
        for arm, found in one.observed.items()
        if isinstance(found, ResponderRate)
    )


def _chart(
    arm: Arm, observed: ResponderRate | NotComputed, found: ArmRegression | NotComputed
) -> Chart | None:
    if isinstance(observed, NotComputed) or isinstance(found, NotComputed):
        return None
    bars = [ForestRow.of("observed", observed.rate)]
    for name, scenario in found.scenarios.items():
        if isinstance(scenario, Scenario):
            bars.append(_bar(_LABELS[name], scenario))
    return forest_chart(
        bars,
        title=f"{ARM_NAMES[arm]}: {observed.responders} of {observed.evaluable} responded",
        axis=[f"{ARM_NAMES[arm]}: responders among evaluable", "(right: more)"],
        reference=observed.rate.value,
        drawn=(0.0, 1.0),
        is_percent=True,
        key=arm,
    )


def _bar(label: str, scenario: Scenario) -> ForestRow:
    expected = scenario.simulated or scenario.given_lead_in
    if expected is None or isinstance(expected, NotComputed):
        return ForestRow(label, None, None, None)
    return ForestRow(label, expected.rate, expected.lower, expected.upper)


def _table(horizon: float, one: RegressionToMean, study: Study) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("assumption", "Assumption"),
        Column("rate", "Responders among evaluable", "percent", 1),
        Column("lower", "from", "percent", 1),
        Column("upper", "to", "percent", 1),
        Column("standard_error", "Monte Carlo SE", "percent", 2),
        Column("as_high", "Trials with at least the observed rate", "p"),
        Column("evaluable", "Evaluable", "percent", 0),
        Column("given_lead_in", "Given the lead-in slopes measured", "percent", 1),
        Column("correlation", "True correlation", "number"),
    )
    return Table(
        f"regression-to-mean-month-{horizon:g}",
        f"Responders observed and expected without an effect, to month {horizon:g}",
        columns,
        tuple(row for arm in ARMS for row in _rows(arm, one)),
        f"From-to: Wilson's interval of the observed rate; the middle {100 * study.level:g} % of"
        " trials of expected ones. Evaluable: share of patients with both slopes who can be judged;"
        " an assumption that misses the observed share does not fit the lead-in. Given the lead-in:"
        " expected among the evaluable patients whose lead-in slopes are as measured, exact for"
        " normal true slopes.",
    )


def _rows(arm: Arm, one: RegressionToMean) -> Iterator[Mapping[str, Cell]]:
    observed, found = one.observed[arm], one.arms[arm]
    if isinstance(observed, ResponderRate):
        n = found.n if isinstance(found, ArmRegression) else 0
        yield {
            "arm": ARM_NAMES[arm],
            "assumption": "observed",
            "rate": observed.rate.value,
            "lower": observed.rate.lower,
            "upper": observed.rate.upper,
            "evaluable": observed.evaluable / n if n else None,
        }
    if isinstance(found, ArmRegression):
        for name, scenario in found.scenarios.items():
            if isinstance(scenario, Scenario):
                yield {"arm": ARM_NAMES[arm], "assumption": _LABELS[name], **_cells(scenario)}


def _cells(scenario: Scenario) -> Mapping[str, Cell]:
    simulated, given = scenario.simulated, scenario.given_lead_in
    cells: dict[str, Cell] = {}
    if given is not None and not isinstance(given, NotComputed):
        cells |= {"given_lead_in": given.rate}
        if simulated is None:
            limits: Mapping[str, Cell] = {"lower": given.lower, "upper": given.upper}
            cells |= {"rate": given.rate, "as_high": given.as_high, **limits}
    if simulated is not None:
        cells |= {
            "rate": simulated.rate,
            "lower": simulated.lower,
            "upper": simulated.upper,
            "standard_error": simulated.standard_error,
            "as_high": simulated.as_high,
            "evaluable": simulated.evaluable,
        }
    if scenario.correlation is not None:
        cells |= {"correlation": scenario.correlation}
    return cells


def _slopes_table(results: Mapping[float, RegressionToMean]) -> Table:
    columns = (
        Column("arm", "Arm"),
        Column("horizon", "To month", "number", 0),
        Column("n", "Patients", "integer"),
        Column("lead_in", "Lead-in mean", "number"),
        Column("lead_in_sd", "SD", "number"),
        Column("follow_up", "Follow-up mean", "number"),
        Column("follow_up_sd", "SD", "number"),
        Column("error_sd", "Error SD [points]", "number"),
        Column("measured", "Correlation, measured", "number"),
        Column("true", "true", "number"),
        Column("unchanged", "if nothing changed", "number"),
    )
    rows = tuple(
        _slopes_row(arm, horizon, found, one.error)
        for horizon, one in results.items()
        for arm, found in one.arms.items()
        if isinstance(found, ArmRegression) and isinstance(one.error, ErrorVariance)
    )
    return Table(
        "slopes-and-errors",
        "Slopes before and after, errors taken off",
        columns,
        rows,
        "Patients with both slopes. Mean and SD [points/month] of true slopes, by Paule and"
        " Mandel's moments; negative is decline. Error SD: of one total. Correlation of lead-in and"
        " follow-up: measured, with Fisher's interval; true, by moments, errors taken off, held"
        " within -1 and 1; and what measured slopes would correlate if true ones did not change.",
    )


def _slopes_row(
    arm: Arm, horizon: float, found: ArmRegression, error: ErrorVariance
) -> Mapping[str, Cell]:
    measured = found.measured_correlation
    return {
        "arm": ARM_NAMES[arm],
        "horizon": horizon,
        "n": found.n,
        "lead_in": found.lead_in.mean,
        "lead_in_sd": found.lead_in.sd,
        "follow_up": found.follow_up.mean,
        "follow_up_sd": found.follow_up.sd,
        "error_sd": error.sd,
        "measured": None
        if isinstance(measured, NotComputed)
        else f"{measured.r:.2f} ({measured.lower:.2f} to {measured.upper:.2f})",
        "true": found.true_correlation,
        "unchanged": found.unchanged_correlation,
    }


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

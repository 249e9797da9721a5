"""The page of participants: Figure 1 and the table of how the arms compare before treatment."""

from collections.abc import Iterator, Mapping

from charts.chart import Figure
from charts.flow_chart import FlowColumn, flow_chart
from charts.report import Block, Notice, Page, Prose
from charts.table import Column, Table
from data.cohort import ARMS, Arm
from trial.not_computed import NotComputed
from trial.pages.baseline_table import baseline_table, short
from trial.pages.words import ARM_NAMES
from trial.participants import Flow, ParticipantsResults
from trial.study import Study


def participants_page(results: ParticipantsResults, study: Study) -> Page:
    """Lay out the participants."""
    return Page("participants", "Participants", tuple(_blocks(results, study)))


def _blocks(results: ParticipantsResults, study: Study) -> Iterator[Block]:
    yield from _flow(results)
    yield from _baseline(results, study)


def _flow(results: ParticipantsResults) -> Iterator[Block]:
    empty = [arm for arm in ARMS if results.randomised[arm] == 0]
    for arm in empty:
        yield Notice(f"There is no patient of arm {arm}: nothing in this report compares arms.")
    if isinstance(results.flow, NotComputed):
        yield Notice(f"The flow of patients cannot be shown. {results.flow.not_computed}")
        return
    yield Prose(
        "The full analysis set is the study's: randomised, with an ALSFRS-R total at baseline and"
        " at least one after it. The baseline is the last visit within half a month before the"
        " first injection or on its day; a later month is the visit nearest to it, within half a"
        " month, of two equally near the earlier. Everybody in the participants table counts as"
        " randomised; patients who were screened and not randomised are not in these tables."
    )
    if any(results.randomised.values()):
        yield _figure_1(results, results.flow)
    yield from _absent("no baseline ALSFRS-R", results.flow.without_baseline)
    yield from _absent("a baseline but no later ALSFRS-R", results.flow.without_later_value)


def _figure_1(results: ParticipantsResults, flow: Flow) -> Figure:
    arms = [arm for arm in ARMS if results.randomised[arm]]
    columns = [_column(arm, results, flow) for arm in arms]
    everybody = sum(results.randomised.values())
    chart = flow_chart([f"Randomised: {everybody}"], columns, title="Flow of patients by arm")
    return Figure(
        "figure-1",
        "Figure 1. Flow of patients",
        "Number of patients by arm. A patient who misses one visit can be at the next, so the"
        " visits are not stages that follow from each other. Evaluable: response can be judged"
        " from the visits up to that month; that needs two visits on either side of the first"
        " injection and, for a percentage, a declining lead-in.",
        (chart,),
        _visits_table(results, flow),
    )


def _column(arm: Arm, results: ParticipantsResults, flow: Flow) -> FlowColumn:
    evaluable = [f"month {month:g}: {counts[arm]}" for month, counts in flow.evaluable.items()]
    visits = [
        f"month {v.month:g}: {v.seen[arm]}, missing {v.missing[arm]}"
        for v in flow.visits
        if v.month in flow.evaluable
    ]
    stages = (
        (f"{ARM_NAMES[arm]}: {results.randomised[arm]}",),
        (f"Baseline: {flow.with_baseline[arm]}",),
        (f"Full analysis set: {flow.full_analysis_set[arm]}",),
        ("Visits", *visits),
    )
    return FlowColumn(arm, stages, ("Evaluable for response", *evaluable))


def _visits_table(results: ParticipantsResults, flow: Flow) -> Table:
    columns = [Column("stage", "Patients")]
    for arm in ARMS:
        columns += [
            Column(f"n_{arm}", ARM_NAMES[arm], "integer"),
            Column(f"missing_{arm}", f"{ARM_NAMES[arm]}: missing", "integer"),
        ]
    stages: list[tuple[str, Mapping[Arm, int]]] = [
        ("Randomised", results.randomised),
        ("With baseline ALSFRS-R", flow.with_baseline),
        ("Full analysis set", flow.full_analysis_set),
        *((f"Visit at month {v.month:g}", v.seen) for v in flow.visits),
        *((f"Evaluable by month {m:g}", counts) for m, counts in flow.evaluable.items()),
    ]
    rows = tuple(
        {"stage": stage}
        | {f"n_{arm}": counts[arm] for arm in ARMS}
        | {f"missing_{arm}": results.randomised[arm] - counts[arm] for arm in ARMS}
        for stage, counts in stages
    )
    note = "Missing: randomised patients who are not there. Months below 0 are the lead-in."
    return Table("participant-flow", "Patients by stage and visit", tuple(columns), rows, note)


def _absent(what: str, ids: Mapping[Arm, tuple[str, ...]]) -> Iterator[Block]:
    for arm in ARMS:
        if ids[arm]:
            listed = ", ".join(ids[arm])
            yield Notice(
                f"Not in the full analysis set, {what} ({arm}, {len(ids[arm])}): {listed}."
            )


def _baseline(results: ParticipantsResults, study: Study) -> Iterator[Block]:
    yield Prose(
        "How far apart the arms are at the start is given in standard deviations, not as a p"
        " value: under randomisation every difference at baseline is due to chance, so a test of"
        " it has nothing to find (Senn 1994, Stat Med 13:1715), and with few patients a"
        " difference that matters need not be significant. Numeric variables: difference of"
        " means, MSC less control, over the root of the mean of both variances (Austin 2009, Stat"
        " Med 28:3083). Categories: Mahalanobis distance of the shares, without a sign (Yang and"
        " Dalton 2012, SAS Global Forum, paper 335). Patients without a value are counted and"
        " left out."
    )
    if not isinstance(results.by_chance, NotComputed):
        n = " and ".join(str(results.randomised[arm]) for arm in ARMS)
        yield Prose(
            f"With {n} patients, randomisation alone keeps the standardised difference of a"
            f" numeric variable within {results.by_chance:.2f} in {100 * study.level:g} % of"
            " trials; of many variables some lie beyond. What predicts the outcome, as the"
            " baseline ALSFRS-R and the lead-in slope may, is adjusted for on the next page"
            " whatever its difference is here."
        )
    yield baseline_table(results)
    if isinstance(results.cytokines, NotComputed):
        yield Notice(f"No cytokines at baseline. {results.cytokines.not_computed}")
    if results.not_tabulated:
        yield Notice(
            "Not tabulated, because they are neither numbers nor up to ten categories: "
            f"{', '.join(map(short, results.not_tabulated))}."
        )

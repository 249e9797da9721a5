"""The tables of the safety page."""

from collections.abc import Iterator, Mapping, Sequence

from charts.table import Cell, Column, Table
from data.cohort import ARMS
from trial.event_risk import EventRisk, RiskComparison
from trial.event_terms import TermRisk
from trial.pages.baseline_table import short
from trial.pages.words import ARM_NAMES
from trial.safety import SafetyResults

Row = Mapping[str, Cell]


def risk_table(
    name: str, title: str, risks: Sequence[EventRisk], results: SafetyResults, level: str
) -> Table:
    """Patients with at least one event of each kind, and the arms' difference."""
    of_arms = (
        column
        for arm in ARMS
        for column in (
            Column(
                f"{arm}_n_with",
                f"{ARM_NAMES[arm]} patients (of {results.n_patients[arm]})",
                "integer",
            ),
            Column(f"{arm}_n_events", f"{ARM_NAMES[arm]} events", "integer"),
            Column(f"{arm}_risk", f"{ARM_NAMES[arm]} share", "percent", 0),
        )
    )
    columns = (
        Column("event", "Event"),
        *of_arms,
        Column("difference", "Risk difference", "estimate"),
        Column("odds_ratio", "Odds ratio", "number"),
        Column("odds_ratio_lower", "lower", "number"),
        Column("odds_ratio_upper", "upper", "number"),
        Column("p", "Fisher's p", "p"),
    )
    note = (
        f"Share: patients with at least one, of all of the arm. {level} limits: difference of"
        " shares, MSC less control, above 0 when more of the treated had it, by Newcombe's method"
        " 10 (1998); odds ratio conditional and exact. p two-sided, not adjusted for the number"
        " of rows."
    )
    return Table(name, title, columns, tuple(map(_risk, risks)), note)


def _risk(risk: EventRisk) -> Row:
    row: dict[str, Cell] = {"event": short(risk.name)}
    for one in risk.arms:
        row[f"{one.arm}_n_with"] = one.n_with
        row[f"{one.arm}_n_events"] = one.n_events
        row[f"{one.arm}_risk"] = None if one.risk is None else one.risk.value
    found = risk.comparison
    if isinstance(found, RiskComparison):
        row |= {
            "difference": found.difference,
            "odds_ratio": found.odds_ratio.value,
            "odds_ratio_lower": found.odds_ratio.lower,
            "odds_ratio_upper": found.odds_ratio.upper,
            "p": found.fisher_p,
        }
    return row


def difference_table(risks: Sequence[EventRisk]) -> Table:
    """What the figure draws."""
    columns = (
        Column("event", "Event"),
        *(Column(f"{arm}_n_with", f"{ARM_NAMES[arm]} patients", "integer") for arm in ARMS),
        Column("difference", "Risk difference", "estimate"),
    )
    rows = tuple({column.key: _risk(risk).get(column.key) for column in columns} for risk in risks)
    return Table("risk-differences", "Risk difference of adverse events", columns, rows)


def term_events_table(terms: Sequence[TermRisk]) -> Table:
    """Events of each term that are serious, related, severe."""
    kinds = {"serious": "serious", "related": "related", "severe": "grade >= 3"}
    columns = (
        Column("term", "Term"),
        *(
            Column(f"{arm}_{key}", f"{ARM_NAMES[arm]}: {label}", "integer")
            for arm in ARMS
            for key, label in {"events": "events", **kinds}.items()
        ),
    )
    note = "Events, not patients. Related: to treatment, as the laboratory's table states it."
    rows = tuple(map(_term_events, terms))
    return Table("adverse-event-terms", "Events by term and kind", columns, rows, note)


def _term_events(term: TermRisk) -> Row:
    row: dict[str, Cell] = {"term": short(term.risk.name)}
    for one in term.risk.arms:
        row[f"{one.arm}_events"] = one.n_events
        row[f"{one.arm}_serious"] = term.n_serious[one.arm]
        row[f"{one.arm}_related"] = term.n_related[one.arm]
        row[f"{one.arm}_severe"] = term.n_severe[one.arm]
    return row


def grade_table(results: SafetyResults) -> Table:
    """Patients by their worst grade, and events, of each grade."""
    columns = (
        Column("grade", "CTCAE grade", "integer"),
        *(
            Column(f"{arm}_{key}", f"{ARM_NAMES[arm]} {label}", "integer")
            for arm in ARMS
            for key, label in (("patients", "patients, worst"), ("events", "events"))
        ),
    )
    note = "Each patient stands once, with the worst grade; patients without events stand nowhere."
    rows = tuple(_by_grade(results))
    return Table("adverse-event-grades", "By grade", columns, rows, note)


def _by_grade(results: SafetyResults) -> Iterator[Row]:
    rows: dict[int, dict[str, Cell]] = {}
    for one in results.grades:
        row = rows.setdefault(one.grade, {"grade": one.grade})
        row[f"{one.arm}_patients"] = one.n_with_worst
        row[f"{one.arm}_events"] = one.n_events
    yield from rows.values()

"""The page of safety: adverse events of any kind, by term and by grade, and what differs."""

from collections.abc import Iterator
from typing import Final

from charts.chart import Figure
from charts.forest_chart import ForestRow, forest_chart
from charts.report import Block, Notice, Page, Prose
from data.cohort import ARMS
from trial.event_risk import EventRisk, RiskComparison
from trial.not_computed import NotComputed
from trial.pages.baseline_table import short
from trial.pages.safety_tables import (
    difference_table,
    grade_table,
    risk_table,
    term_events_table,
)
from trial.pages.words import ARM_NAMES
from trial.safety import SafetyResults
from trial.study import Study

_DRAWN: Final = 20
"""Terms that the figure shows."""
_SPELLINGS: Final = 10
"""Terms of several spellings that are named."""


def safety_page(results: SafetyResults, study: Study) -> Page:
    """Lay out safety."""
    return Page("safety", "Safety", tuple(_blocks(results, f"{100 * study.level:g} %")))


def _blocks(results: SafetyResults, level: str) -> Iterator[Block]:
    if not any(results.n_events.values()):
        of = " and ".join(f"{results.n_patients[arm]} of arm {arm}" for arm in ARMS)
        yield Notice(f"There is no adverse event that could be counted ({of}).")
        return
    yield Prose(
        "Counted are patients with at least one event, out of all patients of the arm, whether or"
        " not they had one; events are counted beside them, for one patient may have many. Time"
        " at risk does not enter: the comparison assumes that both arms were observed for as long"
        " and asked as often, which in an open trial with injections in one arm only is doubtful"
        " for mild events. The study reports no treatment-related serious adverse event."
    )
    if any(kind.comparison is None for kind in results.kinds):
        yield Prose(
            "Events related to treatment are counted and not compared: nobody of arm control has"
            " one, and where one arm alone was injected a difference would show that and no more."
        )
    comparison = results.kinds[0].comparison
    if isinstance(comparison, NotComputed):
        yield Notice(comparison.not_computed)
    else:
        yield _figure(results, level)
    yield risk_table("adverse-events", "Adverse events of any kind", results.kinds, results, level)
    yield from _terms(results, level)
    yield grade_table(results)


def _terms(results: SafetyResults, level: str) -> Iterator[Block]:
    n_terms = len(results.terms)
    if isinstance(results.kinds[0].comparison, RiskComparison):
        several = (
            f"{n_terms} terms are compared without adjustment: of comparisons without any"
            " difference, at most about one in twenty has p below .05, fewer of rare terms. "
        )
        yield Notice(
            f"{several if n_terms > 1 else ''}A small p here is a question to look into, not a"
            " finding; a large one with a wide interval is no proof of safety."
        )
    respelt = [term for term in results.terms if len(term.spellings) > 1]
    if respelt:
        listed = "; ".join(
            " = ".join(map(short, term.spellings[:_SPELLINGS])) for term in respelt[:_SPELLINGS]
        )
        more = f"; and {len(respelt) - _SPELLINGS} more" if len(respelt) > _SPELLINGS else ""
        yield Notice(f"Spellings that differ in case alone were taken as one term: {listed}{more}.")
    risks = tuple(term.risk for term in results.terms)
    title = "Adverse events by term"
    yield risk_table("adverse-events-by-term", title, risks, results, level)
    yield term_events_table(results.terms)


def _figure(results: SafetyResults, level: str) -> Figure:
    terms = tuple(term.risk for term in results.terms)
    compared = tuple(kind for kind in results.kinds if kind.comparison is not None)
    drawn = (*compared, *terms[:_DRAWN])
    chart = forest_chart(
        _rows(drawn),
        title="Risk difference of adverse events, MSC less control",
        axis=["Risk difference, MSC less control", "(right: more often with MSC)"],
        reference=0,
        is_percent=True,
    )
    n = " v ".join(f"{results.n_patients[arm]} {ARM_NAMES[arm]}" for arm in ARMS)
    which = f"the {_DRAWN} most frequent of {len(terms)} terms" if len(terms) > _DRAWN else "terms"
    caption = (
        f"Share of patients with at least one event, MSC less control, with {level} Newcombe"
        f" intervals; n = {n}. Above: events of any kind; below: {which}, those that most patients"
        " had first. No adjustment for several comparisons."
    )
    title = "Risk difference of adverse events"
    return Figure("risk-differences", title, caption, (chart,), difference_table(drawn))


def _rows(risks: tuple[EventRisk, ...]) -> list[ForestRow]:
    return [
        ForestRow.of(short(risk.name), risk.comparison.difference)
        for risk in risks
        if isinstance(risk.comparison, RiskComparison)
    ]

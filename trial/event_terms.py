"""Adverse events term by term; spellings that differ in case and spaces alone are one term."""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from data.cohort import ARMS, Arm
from trial.event_risk import EventOfPatient, EventRisk, event_risk

SEVERE: Final = 3
"""CTCAE grade from which an event is severe."""


@dataclass(frozen=True, slots=True)
class TermRisk:
    """One term in both arms.

    Attributes
    ----------
    risk
        Named by the term's most frequent spelling.
    spellings
        All that were found, the most frequent first.
    n_serious, n_related, n_severe
        Its events that are serious, related to treatment, of grade 3 or above, by arm.
    """

    risk: EventRisk
    spellings: tuple[str, ...]
    n_serious: Mapping[Arm, int]
    n_related: Mapping[Arm, int]
    n_severe: Mapping[Arm, int]


def term_risks(
    events: Sequence[EventOfPatient], n_patients: Mapping[Arm, int], *, level: float
) -> tuple[TermRisk, ...]:
    """Count every term.

    Parameters
    ----------
    events
        All adverse events.
    n_patients
        All patients of each arm.
    level
        Of the intervals.

    Returns
    -------
    tuple of TermRisk
        Those that most patients had first, both arms together; then by events, then by name.
    """
    of_term: dict[str, list[EventOfPatient]] = {}
    for one in events:
        of_term.setdefault(one_term(one.event.term), []).append(one)
    terms = [_term_risk(found, n_patients, level) for found in of_term.values()]
    return tuple(sorted(terms, key=_most_patients_first))


def one_term(spelling: str) -> str:
    """What all spellings of one term have in common.

    Examples
    --------
    >>> one_term(" Back  Pain") == one_term("back pain")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", spelling).split()).casefold()


def _term_risk(
    events: Sequence[EventOfPatient], n_patients: Mapping[Arm, int], level: float
) -> TermRisk:
    counted = Counter(" ".join(one.event.term.split()) for one in events)
    spellings = tuple(name for name, _ in counted.most_common())

    def by_arm(chosen: Sequence[bool]) -> dict[Arm, int]:
        return {
            arm: sum(
                is_chosen for one, is_chosen in zip(events, chosen, strict=True) if one.arm == arm
            )
            for arm in ARMS
        }

    return TermRisk(
        risk=event_risk(spellings[0], events, n_patients, level=level),
        spellings=spellings,
        n_serious=by_arm([one.event.serious for one in events]),
        n_related=by_arm([one.event.related for one in events]),
        n_severe=by_arm([one.event.grade >= SEVERE for one in events]),
    )


def _most_patients_first(term: TermRisk) -> tuple[int, int, str]:
    arms = term.risk.arms
    n_with, n_events = sum(one.n_with for one in arms), sum(one.n_events for one in arms)
    return -n_with, -n_events, one_term(term.risk.name)

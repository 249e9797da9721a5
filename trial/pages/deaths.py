"""The part of the efficacy page about patients who died before response was judged."""

from collections.abc import Iterator, Mapping, Sequence

from charts.report import Block, Notice, Prose
from charts.table import Cell, Column, Table
from data.cohort import ARMS, Arm
from trial.deaths import Deaths
from trial.judged_patients import Judged
from trial.not_computed import NotComputed


def death_blocks(judged: Sequence[Judged]) -> Iterator[Block]:
    """Lay out who died by each horizon, and whom the rule judges all the same."""
    known = {
        one.definition.horizon_months or 0.0: one.deaths
        for one in judged
        if isinstance(one.deaths, Deaths)
    }
    reasons = (one.deaths for one in judged if isinstance(one.deaths, NotComputed))
    for reason in dict.fromkeys(one.not_computed for one in reasons):
        yield Notice(reason)
    responders = [
        f"by month {month:g}, {_named(deaths.responders)}"
        for month, deaths in known.items()
        if any(deaths.responders.values())
    ]
    if responders:
        yield Notice(
            "Responders by their visits who died or had a tracheostomy:"
            f" {'; '.join(responders)}. The study does not say how it judged such patients. The"
            " rule by visits stays the headline; rows where death is no response stand beside it."
        )
    if any(any(deaths.died.values()) for deaths in known.values()):
        yield _table(known)
    elif known:
        yield Prose(f"Nobody is known to have died or had a tracheostomy {_nobody(known)}.")


def _named(ids: Mapping[Arm, tuple[str, ...]]) -> str:
    return " and ".join(
        f"{len(ids[arm])} {arm} ({', '.join(ids[arm])})" for arm in ARMS if ids[arm]
    )


def _nobody(known: Mapping[float, Deaths]) -> str:
    last = max(known)
    unknown = known[last].unknown
    if not any(unknown.values()):
        return f"by month {last:g}"
    counted = " and ".join(f"{unknown[arm]} {arm}" for arm in ARMS)
    return (
        f"by month {last:g}; of {counted} it is not known (no survival time, or last contact"
        " before that month)"
    )


def _table(known: Mapping[float, Deaths]) -> Table:
    columns = (
        Column("horizon", "By month", "number", 1),
        Column("arm", "Arm"),
        Column("died", "Died: n", "integer"),
        Column("evaluable", "of them judged: n", "integer"),
        Column("evaluable_ids", "patients"),
        Column("responders", "of them responders: n", "integer"),
        Column("responder_ids", "patients"),
        Column("unknown", "Not known: n", "integer"),
    )
    rows = tuple(_row(month, arm, deaths) for month, deaths in known.items() for arm in ARMS)
    note = (
        "Death or tracheostomy at or before the month, from the survival table. Judged: evaluable"
        " by their visits. Not known: no survival time, or last contact before the month."
    )
    return Table("deaths", "Deaths before response was judged", columns, rows, note)


def _row(month: float, arm: Arm, deaths: Deaths) -> Mapping[str, Cell]:
    return {
        "horizon": month,
        "arm": arm,
        "died": len(deaths.died[arm]),
        "evaluable": len(deaths.evaluable[arm]),
        "evaluable_ids": ", ".join(deaths.evaluable[arm]),
        "responders": len(deaths.responders[arm]),
        "responder_ids": ", ".join(deaths.responders[arm]),
        "unknown": deaths.unknown[arm],
    }

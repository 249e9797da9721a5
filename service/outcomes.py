"""Outcomes as laboratories tell them, held against what the prediction was about."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from data.errors import Fault, FaultsError
from service.schemas import OutcomeBody
from service.store.outcomes import Outcome

_FURTHEST_ZONE: Final = timedelta(hours=14)
"""Somewhere on earth it is already the next day."""


class OutcomeError(FaultsError):
    """An outcome is not one of the prediction it is told of."""


def read_outcome(body: OutcomeBody, definition: Mapping[str, Any], *, now: datetime) -> Outcome:
    """The outcome that a laboratory tells.

    Parameters
    ----------
    body
        What it says.
    definition
        Of the bundle that made the prediction: `name`, `horizon_months`, `percent`, `points`.
    now
        An outcome cannot have been observed later.

    Raises
    ------
    OutcomeError
        With every fault: another definition than the bundle's, or a day that cannot be.
    """
    faults = []
    if body.definition != definition["name"]:
        message = "the prediction was made for another responder definition; see its definition"
        faults.append(Fault("/definition", "other_definition", message))
    for name in ("horizon_months", "percent", "points"):
        if name in body.model_fields_set and getattr(body, name) != definition[name]:
            message = f"the prediction's definition has another {name}"
            faults.append(Fault(f"/{name}", "other_definition", message))
    observed_on = _day(body.observed_on)
    if observed_on is None:
        faults.append(Fault("/observed_on", "bad_date", "this must be a day: YYYY-MM-DD"))
    elif observed_on > (now + _FURTHEST_ZONE).date():
        faults.append(Fault("/observed_on", "in_the_future", "this day is still to come"))
    if faults or observed_on is None:
        raise OutcomeError(faults)
    return Outcome(body.responder, body.definition, body.horizon_months, observed_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""Which predictions a person wants to see, as the address of a page says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

from data.panel import TASK_NAMES
from models.bundle import is_bundle_id
from service.errors import RequestError
from service.store.reading import PredictionFilter

FIELDS: Final = ("task", "since", "until", "bundle", "outcome")
_OUTCOMES: Final = {"told": True, "open": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter as it was chosen; texts are empty where everything is wanted.

    Raises
    ------
    RequestError
        A text is no choice of its field.
    """

    task: str = ""
    since: str = ""
    until: str = ""
    bundle: str = ""
    outcome: str = ""

    def __post_init__(self) -> None:
        fits = (
            self.task in ("", *TASK_NAMES)
            and self.outcome in ("", *_OUTCOMES)
            and (not self.bundle or is_bundle_id(self.bundle))
        )
        if not fits:
            raise RequestError(422, "bad_filter", "choose from what the filter offers")

    def predictions(self) -> PredictionFilter:
        """The same for the store; days are those of UTC, the last one included.

        Raises
        ------
        RequestError
            A day is none.
        """
        since, until = _begin(self.since), _begin(self.until)
        return PredictionFilter(
            None,
            since,
            None if until is None else until + timedelta(days=1),
            self.task or None,
            self.bundle or None,
            _OUTCOMES.get(self.outcome),
        )

    def query(self, **more: str) -> str:
        """As the end of an address."""
        chosen = {name: getattr(self, name) for name in FIELDS} | more
        return urlencode({name: text for name, text in chosen.items() if text})


def read_filter(query: Mapping[str, str]) -> Wanted:
    """The filter in an address.

    Raises
    ------
    RequestError
        It is none of ours.
    """
    return Wanted(**{name: query.get(name, "").strip() for name in FIELDS})


def _begin(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC) if day else None
    except ValueError:
        raise RequestError(422, "bad_filter", "write a day as 2026-01-31") from None

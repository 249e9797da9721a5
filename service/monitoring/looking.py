"""What a report looks at: whose predictions, of which days, and the bundles that made them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from data.errors import Fault, PanelError
from models.bundle import Bundle
from models.errors import BundleError, UnknownBundleError
from models.registry import Registry
from service.champions import Champions
from service.facts import bundle_facts
from service.predictions import timestamp
from service.security import Caller
from service.store.reading import PredictionFilter
from service.store.store import Store

DAY: Final = timedelta(days=1)
USUAL_DAYS: Final = 90
"""How far back drift and volumes look where nobody says."""


@dataclass(frozen=True, slots=True)
class Looking:
    """One look at what was recorded.

    Attributes
    ----------
    store, registry, champions
        Where predictions are, where their bundles are, and which answer now.
    tenant
        Whose predictions; None for everybody's.
    wanted
        Which of them: whole days.
    now
        When it is looked.
    """

    store: Store
    registry: Registry
    champions: Champions
    tenant: str | None
    wanted: PredictionFilter
    now: datetime

    def bundle(self, bundle_id: str) -> Bundle | None:
        """The bundle with this id; None where it cannot be read any more."""
        return find_bundle(self.champions, self.registry, bundle_id)

    def heading(self) -> dict[str, Any]:
        """What every report says of itself."""
        since, until = self.wanted.since, self.wanted.until
        return {
            "of": "everybody" if self.tenant is None else "tenant",
            "since": None if since is None else timestamp(since),
            "until": None if until is None else timestamp(until),
            "made_at": timestamp(self.now),
        }

    def facts(self, bundle_id: str, task: str, bundle: Bundle | None) -> dict[str, Any]:
        """Which bundle a part of a report is about; None cannot be read any more."""
        known = {"bundle_id": bundle_id, "task": task} if bundle is None else bundle_facts(bundle)
        is_champion = bundle_id in self.champions.ids.values()
        return {**known, "champion": is_champion, "readable": bundle is not None}


def find_bundle(champions: Champions, registry: Registry, bundle_id: str) -> Bundle | None:
    """The bundle with this id; None where it cannot be read any more."""
    for classifier in champions.by_task.values():
        if classifier.bundle_id == bundle_id:
            return classifier.bundle
    try:
        return registry.read(bundle_id)
    except (BundleError, UnknownBundleError):
        return None


def whose(caller: Caller) -> str | None:
    """The tenant that a caller sees; None for everybody, with the scope `admin`."""
    return None if "admin" in caller.scopes else caller.tenant


def whole_days(
    since: datetime | None, until: datetime | None, *, now: datetime, usual_days: int | None
) -> tuple[datetime | None, datetime]:
    """The whole days in UTC that moments fall into, the last one included.

    Parameters
    ----------
    since, until
        As asked for; None was not said.
    now
        Until when where nobody says.
    usual_days
        How many days where nobody says since when; None looks at everything.

    Raises
    ------
    PanelError
        The one lies behind the other.

    Examples
    --------
    >>> noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    >>> [day.isoformat()[:10] for day in whole_days(noon, None, now=noon, usual_days=None)]
    ['2026-01-02', '2026-01-03']
    """
    end = _midnight(until or now)
    if until is None or end < until:
        end = end if end > datetime.max.replace(tzinfo=UTC) - DAY else end + DAY
    begin = None if since is None else _midnight(since)
    if since is None and usual_days is not None:
        earliest = datetime.min.replace(tzinfo=UTC)
        begin = end - usual_days * DAY if end - earliest > usual_days * DAY else earliest
    if begin is not None and begin >= end:
        message = "until must be later than since"
        raise PanelError([Fault("/query/until", "until_before_since", message)])
    return begin, end


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

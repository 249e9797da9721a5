"""How many predictions a tenant has: counted in the index alone, however large they are."""

from datetime import datetime

from sqlalchemy import func, select

from service.store.outcomes import is_of
from service.store.schema import OUTCOMES, PREDICTIONS
from service.store.store import Store


def count_predictions(store: Store, tenant: str, since: datetime | None = None) -> int:
    """Number of a tenant's predictions, void and superseded ones among them.

    Parameters
    ----------
    store, tenant
        Where, and whose.
    since
        Only those made at or after this moment.
    """
    statement = select(func.count()).where(PREDICTIONS.c.tenant == tenant)
    if since is not None:
        statement = statement.where(PREDICTIONS.c.created_at >= since)
    with store.reading() as connection:
        return connection.execute(statement).scalar_one()


def count_outcomes(store: Store, tenant: str) -> int:
    """Number of a tenant's predictions whose outcome was told."""
    statement = select(func.count(OUTCOMES.c.prediction_id.distinct())).where(is_of(tenant))
    with store.reading() as connection:
        return connection.execute(statement).scalar_one()

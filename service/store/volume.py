"""How many predictions a tenant has, counted by the database."""

from datetime import datetime

from sqlalchemy import func, select

from service.store.schema import OUTCOMES, PREDICTIONS
from service.store.store import Store


def count_predictions(store: Store, tenant: str, since: datetime | None = None) -> dict[str, int]:
    """Number of a tenant's predictions by task, void and superseded ones among them.

    Parameters
    ----------
    store, tenant
        Where, and whose.
    since
        Only those made at or after this moment.
    """
    statement = select(PREDICTIONS.c.task, func.count()).where(PREDICTIONS.c.tenant == tenant)
    if since is not None:
        statement = statement.where(PREDICTIONS.c.created_at >= since)
    with store.reading() as connection:
        found = connection.execute(statement.group_by(PREDICTIONS.c.task)).all()
    return {row[0]: row[1] for row in found}


def count_outcomes(store: Store, tenant: str) -> dict[str, int]:
    """Number of a tenant's predictions whose outcome was told, by task."""
    told = func.count(OUTCOMES.c.prediction_id.distinct())
    statement = (
        select(PREDICTIONS.c.task, told)
        .join(OUTCOMES, OUTCOMES.c.prediction_id == PREDICTIONS.c.prediction_id)
        .where(PREDICTIONS.c.tenant == tenant)
        .group_by(PREDICTIONS.c.task)
    )
    with store.reading() as connection:
        found = connection.execute(statement).all()
    return {row[0]: row[1] for row in found}

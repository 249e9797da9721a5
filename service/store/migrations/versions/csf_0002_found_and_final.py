"""Pages of one task are found without reading the others; what was taken back stays so."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "csf_0002"
down_revision = "csf_0001"

INDEX: Final = ["tenant", "task", "created_at", "number"]
ONLY_ERASED: Final = ("patient_id", "input")
ONLY_SET_ONCE: Final = ("voided_at", "erased_at")


def upgrade() -> None:
    """Add an index, and a trigger for the columns that may change in one direction only."""
    op.create_index("ix_predictions_" + "_".join(INDEX), "predictions", INDEX)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    differs = "NEW.{0} IS NOT OLD.{0}" if is_sqlite else "NEW.{0} IS DISTINCT FROM OLD.{0}"
    refused = [f"(NEW.{name} IS NOT NULL AND {differs.format(name)})" for name in ONLY_ERASED]
    refused += [f"(OLD.{name} IS NOT NULL AND {differs.format(name)})" for name in ONLY_SET_ONCE]
    change = "UPDATE OF " + ", ".join((*ONLY_ERASED, *ONLY_SET_ONCE))
    begin = f"CREATE TRIGGER predictions_refuse_undoing BEFORE {change} ON predictions "
    when = f"WHEN ({' OR '.join(refused)}) "
    if is_sqlite:
        says = "BEGIN SELECT RAISE(ABORT, 'predictions are only added to'); END"
        op.execute(sa.text(begin + when + says))
    else:
        # The first migration made the function that refuses.
        does = "EXECUTE FUNCTION predictions_refuse_update()"
        op.execute(sa.text(f"{begin}FOR EACH ROW {when}{does}"))

"""The first tables, and the triggers that refuse to change what is said."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "csf_0001"
down_revision = None

NUMBER: Final = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT: Final = sa.DateTime(timezone=True)

NEVER_CHANGED: Final = {
    "audit_events": (
        "seq", "at", "tenant", "actor", "action", "subject", "details", "previous_hash", "hash",
    ),
    "outcomes": (
        "number", "prediction_id", "responder", "definition", "horizon_months", "observed_on",
        "recorded_at", "recorded_by",
    ),
    "predictions": (
        "number", "prediction_id", "tenant", "created_at", "task", "bundle_id", "content_sha256",
        "input_sha256", "answer", "supersedes",
    ),
}  # fmt: skip
NEVER_DELETED: Final = (*NEVER_CHANGED, "audit_head")


def upgrade() -> None:
    """Make everything in an empty database."""
    _predictions()
    _outcomes()
    _idempotency_keys()
    _api_keys()
    _audit()
    for table in NEVER_DELETED:
        _refuse(table, "DELETE")
    for table, columns in NEVER_CHANGED.items():
        _refuse(table, "UPDATE OF " + ", ".join(columns))


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("prediction_id", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("bundle_id", sa.String(128), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("input", sa.LargeBinary),
        sa.Column("input_sha256", sa.String(64), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("supersedes", sa.String(64)),
        sa.Column("voided_at", MOMENT),
        sa.Column("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_predictions"),
        sa.UniqueConstraint("prediction_id", name="uq_predictions_prediction_id"),
        sa.UniqueConstraint("supersedes", name="uq_predictions_supersedes"),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["predictions.prediction_id"], name="fk_predictions_supersedes"
        ),
        sa.CheckConstraint(
            "(erased_at IS NULL) = (input IS NOT NULL) "
            "AND (erased_at IS NULL OR patient_id IS NULL)",
            name=op.f("ck_predictions_erased_whole"),
        ),
    )
    for columns in (
        ["tenant", "created_at", "number"],
        ["tenant", "patient_id", "created_at", "number"],
    ):
        op.create_index("ix_predictions_" + "_".join(columns), "predictions", columns)


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("prediction_id", sa.String(64), nullable=False),
        sa.Column("responder", sa.Boolean, nullable=False),
        sa.Column("definition", sa.String(64), nullable=False),
        sa.Column("horizon_months", sa.Float),
        sa.Column("observed_on", sa.Date, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_outcomes"),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.prediction_id"], name="fk_outcomes_prediction_id"
        ),
    )
    op.create_index("ix_outcomes_prediction_id", "outcomes", ["prediction_id"])


def _idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("prediction_id", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("client", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
    )


def _audit() -> None:
    op.create_table(
        "audit_events",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_events"),
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("store_id", sa.String(36), nullable=False),
        sa.Column("pepper_check", sa.String(64), nullable=False),
        sa.Column("n_events", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("one", name="pk_audit_head"),
        sa.CheckConstraint("one = 1", name=op.f("ck_audit_head_one_row")),
    )


def _refuse(table: str, change: str) -> None:
    """A trigger that lets nobody make a change."""
    kind = change.split()[0].lower()
    sentence = f"{table} are only added to"
    name = f"{table}_refuse_{kind}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN RAISE EXCEPTION '{sentence}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    if kind == "delete":
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )

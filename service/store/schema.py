"""The tables. Migrations make them; a test holds the two to be the same.

Predictions, outcomes and audit events are only ever added to. What may change in a prediction
(erasure of its input, voiding) has columns of its own, which change once; triggers refuse the
rest. The `number` of a row is the `seq` of the audit event that tells of it.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, on databases with and without time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Stored as UTC; a moment without a zone is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read back with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")
_DIGEST: Final = String(64)

PREDICTIONS: Final = Table(
    "predictions",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("prediction_id", String(64), nullable=False, unique=True),
    Column("tenant", String(64), nullable=False),
    Column("patient_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("task", String(64), nullable=False),
    Column("bundle_id", String(128), nullable=False),
    Column("content_sha256", _DIGEST, nullable=False),
    Column("input", LargeBinary),
    Column("input_sha256", _DIGEST, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("supersedes", ForeignKey("predictions.prediction_id"), unique=True),
    Column("voided_at", UtcDateTime),
    Column("erased_at", UtcDateTime),
    CheckConstraint(
        "(erased_at IS NULL) = (input IS NOT NULL) AND (erased_at IS NULL OR patient_id IS NULL)",
        name="erased_whole",
    ),
    Index(None, "tenant", "created_at", "number"),
    Index(None, "tenant", "task", "created_at", "number"),
    Index(None, "tenant", "patient_id", "created_at", "number"),
)

OUTCOMES: Final = Table(
    "outcomes",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("prediction_id", ForeignKey(PREDICTIONS.c.prediction_id), nullable=False, index=True),
    Column("responder", Boolean, nullable=False),
    Column("definition", String(64), nullable=False),
    Column("horizon_months", Float),
    Column("observed_on", Date, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("recorded_by", String(64), nullable=False),
)
"""The last of a prediction counts; the ones before are its history."""

IDEMPOTENCY_KEYS: Final = Table(
    "idempotency_keys",
    METADATA,
    Column("client", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_sha256", _DIGEST, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("prediction_id", String(64)),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

API_KEYS: Final = Table(
    "api_keys",
    METADATA,
    Column("key_id", String(16), primary_key=True),
    Column("mac", _DIGEST, nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

AUDIT_EVENTS: Final = Table(
    "audit_events",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous_hash", _DIGEST, nullable=False),
    Column("hash", _DIGEST, nullable=False),
)

AUDIT_HEAD: Final = Table(
    "audit_head",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(36), nullable=False),
    Column("pepper_check", _DIGEST, nullable=False),
    Column("n_events", BigInteger, nullable=False),
    Column("hash", _DIGEST, nullable=False),
    Column("mac", _DIGEST, nullable=False),
    CheckConstraint("one = 1", name="one_row"),
)
"""How far the audit goes, under a MAC that only the pepper can make. Writers take turns on it."""

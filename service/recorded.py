"""Kept predictions as everybody reads them: what was answered, and what became of it."""

from datetime import date, datetime
from typing import Any

import orjson

from service.predictions import timestamp
from service.store.outcomes import RecordedOutcome, outcome_history
from service.store.reading import StoredPrediction
from service.store.store import Store


def recorded_prediction(store: Store, tenant: str, prediction: StoredPrediction) -> dict[str, Any]:
    """A prediction with what was sent, until that is erased, and the outcome, once it was told."""
    history = outcome_history(store, tenant, prediction.prediction_id)
    sent = None if prediction.input is None else orjson.loads(prediction.input)
    told = told_outcome(history[-1]) if history else None
    return {**listed_prediction(prediction), "input": sent, "outcome": told}


def listed_prediction(prediction: StoredPrediction) -> dict[str, Any]:
    """A prediction as it was answered, whose it is, and whether it still counts."""
    return {
        **orjson.loads(prediction.answer),
        "patient_id": prediction.patient_id,
        "superseded_by": prediction.superseded_by,
        "patient_changed": prediction.patient_changed,
        "voided_at": _moment(prediction.voided_at),
        "erased_at": _moment(prediction.erased_at),
    }


def told_outcome(told: RecordedOutcome) -> dict[str, Any]:
    """What was told to have become of a patient, and when."""
    outcome = told.outcome
    observed_on: date = outcome.observed_on
    return {
        "responder": outcome.responder,
        "definition": outcome.definition,
        "horizon_months": outcome.horizon_months,
        "observed_on": observed_on.isoformat(),
        "recorded_at": timestamp(told.recorded_at),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)

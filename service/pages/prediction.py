"""`/predictions/{id}`: what was sent, what was answered, and what became of the patient."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Response

from data.errors import FaultsError
from service.outcomes import read_outcome
from service.pages.visit import Visit
from service.recorded import recorded_prediction
from service.routes.records import known_id
from service.schemas import OUTCOME
from service.store.outcomes import set_outcome
from service.store.reading import StoredPrediction, read_prediction
from service.structure import validate

_ANSWERS = {"yes": True, "no": False}


def show(visit: Visit) -> Response:
    """One prediction of the tenant."""
    return _page(visit, _prediction(visit))


def tell_outcome(visit: Visit) -> Response:
    """Tell whether the patient responded, by the definition that the prediction is about."""
    prediction, now = _prediction(visit), datetime.now(UTC)
    definition = recorded_prediction(visit.store, visit.caller.tenant, prediction)["definition"]
    body = {
        "responder": _ANSWERS.get(visit.form.get("responder", "")),
        "definition": definition["name"],
        "horizon_months": definition["horizon_months"],
        "observed_on": visit.form.get("observed_on", ""),
    }
    try:
        outcome = read_outcome(validate(OUTCOME, body), definition, now=now)
    except FaultsError as error:
        sentences = {"/responder": "say whether the patient responded"}
        faults = [sentences.get(fault.path, fault.message) for fault in error.faults]
        return _page(visit, prediction, faults)
    caller = visit.caller
    set_outcome(
        visit.store,
        caller.tenant,
        prediction.prediction_id,
        outcome,
        actor=caller.key_id,
        now=now,
    )
    return Response(None, 303, {"location": f"/predictions/{prediction.prediction_id}#outcome"})


def _prediction(visit: Visit) -> StoredPrediction:
    prediction_id = known_id(visit.path("prediction_id"))
    return read_prediction(visit.store, visit.caller.tenant, prediction_id)


def _page(visit: Visit, prediction: StoredPrediction, faults: list[str] | None = None) -> Response:
    found = recorded_prediction(visit.store, visit.caller.tenant, prediction)
    return visit.page(
        "prediction.html",
        422 if faults else 200,
        found=found,
        panels=_panels(found["input"]),
        supersedes=prediction.supersedes,
        input_sha256=prediction.input_sha256,
        faults=faults or [],
        today=f"{datetime.now(UTC):%Y-%m-%d}",
        simulated=found["simulated"],
    )


def _panels(sent: dict[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    """The panels of a request, by what they are called."""
    names = {"baseline": "Before treatment", "follow_up": "Follow-up"}
    return [(title, sent[name]) for name, title in names.items() if sent and sent.get(name)]

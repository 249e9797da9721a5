"""`/v1/models`: what the served classifiers are and how much to believe them.

Every number comes from the bundle's `evaluation.json`.
"""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from models.aliases import Champions as ChampionIds
from models.errors import BundleError
from models.registry import Registry
from service.champions import Champions
from service.errors import RequestError
from service.facts import bundle_facts
from service.metadata import CLOSED, TaskQuery, find_bundle, tagged, tagged_json
from service.openapi import links_to, problems, text_of

router = APIRouter(prefix="/v1/models", tags=["models"], responses=problems(404, 422, 503))

_PARTS: Final = (
    "read_model",
    "read_roc",
    "read_calibration",
    "read_card",
    "read_report",
    "list_plots",
)
LINKS: Final = links_to(*_PARTS, name="/models/0/bundle_id")
FamilyQuery = Annotated[
    Literal["responder_vs_nonresponder", "pre_vs_post"] | None,
    Query(description="Only the ROC curves of one family."),
]


@router.get("", response_model=None, responses={200: LINKS})
def list_models(request: Request) -> Response:
    """All bundles, oldest first, with the champions marked; damaged ones are named."""
    registry: Registry = request.app.state.registry
    champions = _champion_ids(request)
    lines = [_line(registry, b, champions) for b in registry.bundle_ids()]
    return tagged_json(request, {"models": lines})


def _champion_ids(request: Request) -> ChampionIds:
    """The champions that this process answers with."""
    champions: Champions = request.app.state.champions
    return champions.ids


def _line(registry: Registry, bundle_id: str, champions: ChampionIds) -> dict[str, Any]:
    try:
        bundle = registry.read(bundle_id)
    except BundleError:
        return {"bundle_id": bundle_id, "damaged": True}
    return {
        **bundle_facts(bundle),
        "champion": champions.get(bundle.manifest.task.name) == bundle_id,
        "auc": bundle.evaluation["auc"],
        "n_patients": bundle.evaluation["n_patients"],
        "n_responders": bundle.evaluation["n_responders"],
        "created_at": bundle.manifest.model_dump(mode="json")["created_at"],
    }


@router.get("/{name}", response_model=None)
def read_model(request: Request, name: str, task: TaskQuery = None) -> Response:
    """Manifest and evaluation of a bundle, or of a task's `champion`."""
    bundle = find_bundle(request, name, task)
    manifest = bundle.manifest.model_dump(mode="json")
    body = {**bundle_facts(bundle), "manifest": manifest, "evaluation": dict(bundle.evaluation)}
    return tagged_json(request, body)


@router.get("/{name}/roc", response_model=None)
def read_roc(
    request: Request, name: str, task: TaskQuery = None, family: FamilyQuery = None
) -> Response:
    """ROC curves: the classifier and each analyte; the two families never mix in one object."""
    bundle = find_bundle(request, name, task)
    curves = [
        curve for curve in bundle.evaluation["roc"] if family is None or curve["family"] == family
    ]
    return tagged_json(request, {**bundle_facts(bundle), "roc": curves})


@router.get("/{name}/calibration", response_model=None)
def read_calibration(request: Request, name: str, task: TaskQuery = None) -> Response:
    """Calibration of out-of-fold probabilities."""
    bundle = find_bundle(request, name, task)
    body = {**bundle_facts(bundle), "calibration": bundle.evaluation["calibration"]}
    return tagged_json(request, body)


@router.get(
    "/{name}/card", response_model=None, response_class=Response, responses=text_of("text/markdown")
)
def read_card(request: Request, name: str, task: TaskQuery = None) -> Response:
    """The model card as Markdown."""
    card = find_bundle(request, name, task).card.encode()
    return tagged(request, card, "text/markdown; charset=utf-8")


@router.get(
    "/{name}/report", response_model=None, response_class=Response, responses=text_of("text/html")
)
def read_report(request: Request, name: str, task: TaskQuery = None) -> Response:
    """The training report as one HTML page, which may load and run nothing."""
    from charts.report import policy_of

    report = find_bundle(request, name, task).report
    if report is None:
        sentence = "this bundle was made before there were reports"
        raise RequestError(404, "no_report", sentence)
    headers = {
        "content-security-policy": f"{policy_of(report)}; {CLOSED}",
        "x-content-type-options": "nosniff",
    }
    return tagged(request, report.encode(), "text/html; charset=utf-8", headers)

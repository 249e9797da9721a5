"""`/v1/models`: what the served classifiers are and how much to believe them.

Every number comes from the bundle's `evaluation.json`.
"""

from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response

from data.errors import Fault, PanelError
from data.panel import TaskName
from models.aliases import Champions as ChampionIds
from models.bundle import Bundle, is_bundle_id
from models.canonical import sha256
from models.errors import BundleError
from models.registry import Registry
from service.champions import Champions
from service.facts import bundle_facts
from service.openapi import links_to, problems, text_of

router = APIRouter(prefix="/v1/models", tags=["models"], responses=problems(404, 422, 503))

LINKS: Final = links_to(
    "read_model", "read_roc", "read_calibration", "read_card", name="/models/0/bundle_id"
)
TaskQuery = Annotated[TaskName | None, Query(description="Whose champion; only with `champion`.")]
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
    return _json(request, {"models": lines})


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
    bundle = _find(request, name, task)
    manifest = bundle.manifest.model_dump(mode="json")
    body = {**bundle_facts(bundle), "manifest": manifest, "evaluation": dict(bundle.evaluation)}
    return _json(request, body)


@router.get("/{name}/roc", response_model=None)
def read_roc(
    request: Request, name: str, task: TaskQuery = None, family: FamilyQuery = None
) -> Response:
    """ROC curves: the classifier and each analyte; the two families never mix in one object."""
    bundle = _find(request, name, task)
    curves = [
        curve for curve in bundle.evaluation["roc"] if family is None or curve["family"] == family
    ]
    return _json(request, {**bundle_facts(bundle), "roc": curves})


@router.get("/{name}/calibration", response_model=None)
def read_calibration(request: Request, name: str, task: TaskQuery = None) -> Response:
    """Calibration of out-of-fold probabilities."""
    bundle = _find(request, name, task)
    body = {**bundle_facts(bundle), "calibration": bundle.evaluation["calibration"]}
    return _json(request, body)


@router.get(
    "/{name}/card", response_model=None, response_class=Response, responses=text_of("text/markdown")
)
def read_card(request: Request, name: str, task: TaskQuery = None) -> Response:
    """The model card as Markdown."""
    card = _find(request, name, task).card.encode()
    return _tagged(request, card, "text/markdown; charset=utf-8")


def _find(request: Request, name: str, task: TaskName | None) -> Bundle:
    """The bundle of that id, or the champion of a task."""
    if name != "champion":
        registry: Registry = request.app.state.registry
        return registry.read(name)
    if task is None:
        message = "say which champion: task=pretreatment or task=on_treatment"
        raise PanelError([Fault("/query/task", "missing", message)])
    champions: Champions = request.app.state.champions
    return champions.of(task).bundle


def _json(request: Request, body: dict[str, Any]) -> Response:
    return _tagged(request, orjson.dumps(body), "application/json")


def _tagged(request: Request, content: bytes, media_type: str) -> Response:
    """Content under a tag, by which a client asks whether there is anything new.

    What a bundle's id gives stays as it is and may be stored; a list or a champion may not.
    """
    tag = f'"{sha256(content)}"'
    is_lasting = is_bundle_id(request.path_params.get("name", ""))
    headers = {"etag": tag, "cache-control": "private, no-cache" if is_lasting else "no-store"}
    asked = [known.strip() for known in request.headers.get("if-none-match", "").split(",")]
    if tag in asked or f"W/{tag}" in asked or "*" in asked:
        return Response(None, 304, headers)
    return Response(content, headers=headers, media_type=media_type)

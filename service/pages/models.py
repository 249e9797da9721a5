"""`/models`: all bundles, newest first, a page at a time; each is read and verified when shown."""

from typing import Any, Final

from fastapi import Response

from models.errors import BundleError
from models.registry import Registry
from service.facts import bundle_facts
from service.pages.visit import Visit

_ON_PAGE: Final = 25


def show(visit: Visit) -> Response:
    """A page of bundles."""
    registry: Registry = visit.request.app.state.registry
    before = visit.request.query_params.get("before", "")
    every = registry.bundle_ids()
    older = [bundle_id for bundle_id in reversed(every) if not before or bundle_id < before]
    shown = older[:_ON_PAGE]
    champions = visit.champions.ids
    bundles = [_line(registry, bundle_id, set(champions.values())) for bundle_id in shown]
    return visit.page(
        "models.html",
        bundles=bundles,
        n_bundles=len(every),
        next=shown[-1] if len(older) > len(shown) else None,
        simulated=any(one.get("simulated") for one in bundles),
    )


def _line(registry: Registry, bundle_id: str, champions: set[str]) -> dict[str, Any]:
    try:
        bundle = registry.read(bundle_id)
    except BundleError as error:
        return {"bundle_id": bundle_id, "damage": str(error)}
    return {
        **bundle_facts(bundle),
        "damage": None,
        "is_champion": bundle_id in champions,
        "estimator": bundle.manifest.estimator,
        "created_at": bundle.manifest.created_at,
        "evaluation": bundle.evaluation,
    }

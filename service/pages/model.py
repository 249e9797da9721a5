"""`/models/{id}`: one bundle with all its evidence, and beside another of the same patients."""

from typing import Any

from fastapi import Response

from data.errors import CsfError
from models.bundle import Bundle
from models.errors import EvaluationError
from models.history import Change
from models.registry import Registry
from service.facts import bundle_facts
from service.pages.believing import headline
from service.pages.visit import Visit
from service.routes.models import read_report
from service.routes.plots import read_plot

_MOST_OTHERS = 50


def show(visit: Visit) -> Response:
    """The page of a bundle."""
    # Here, so that a service starts without SciPy and what charts need.
    from charts.evaluation.plots import plots_of
    from charts.theme import DARK
    from service.pages.card import card_html
    from service.pages.thresholds import nearest, thresholds_of

    registry = _registry(visit)
    bundle = registry.read(visit.path("bundle_id"))
    evaluation = bundle.evaluation
    thresholds = thresholds_of(evaluation["roc"][0])
    served = evaluation["operating_point"]["threshold"]
    return visit.page(
        "model.html",
        **_facts(visit, bundle),
        headline=headline(evaluation),
        curve=evaluation["roc"][0],
        thresholds=thresholds,
        served=served,
        nearest=nearest(thresholds, served),
        figures=plots_of(evaluation),
        dark=DARK,
        units={one.name: one.unit for one in bundle.manifest.domain_analytes()},
        card=card_html(bundle.card, lowest=3),
        history=[change for change in _history(registry) if bundle.bundle_id in _ids(change)],
        others=[one for one in reversed(registry.bundle_ids()) if one != bundle.bundle_id][
            :_MOST_OTHERS
        ],
    )


def compare(visit: Visit) -> Response:
    """Two bundles beside each other, and their AUCs fold by fold where they share the folds."""
    from models.comparison import compare_folds

    registry = _registry(visit)
    first = registry.read(visit.path("bundle_id"))
    second = registry.read(visit.request.query_params.get("with", ""))
    try:
        found, reason = compare_folds(first, second), None
    except EvaluationError as error:
        found, reason = None, str(error)
    return visit.page(
        "comparison.html",
        sides=[_facts(visit, one) for one in (first, second)],
        found=found,
        reason=reason,
        simulated=first.manifest.simulated or second.manifest.simulated,
    )


def report(visit: Visit) -> Response:
    """The training report, under a policy of its own."""
    return read_report(visit.request, visit.path("bundle_id"))


def numbers(visit: Visit) -> Response:
    """The numbers of one chart as CSV."""
    return read_plot(visit.request, visit.path("bundle_id"), visit.path("plot"), format="csv")


def _registry(visit: Visit) -> Registry:
    registry: Registry = visit.request.app.state.registry
    return registry


def _facts(visit: Visit, bundle: Bundle) -> dict[str, Any]:
    return {
        **bundle_facts(bundle),
        "bundle": bundle,
        "manifest": bundle.manifest,
        "evaluation": bundle.evaluation,
        "is_champion": bundle.bundle_id in visit.champions.ids.values(),
    }


def _history(registry: Registry) -> list[Change]:
    """Newest first; a history that cannot be read is a matter of `/readyz`, not of this page."""
    try:
        return registry.history()[::-1]
    except CsfError:
        return []


def _ids(change: Change) -> set[str | None]:
    return {change.bundle_id, change.predecessor}

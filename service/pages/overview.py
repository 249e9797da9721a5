"""`/`: what answers now, how much to believe it, how much it is used, what needs attention."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Response

from data.panel import TASK_NAMES, TaskName
from models.classifier import Classifier
from service.champions import Champions
from service.facts import bundle_facts
from service.pages.believing import headline
from service.pages.visit import Visit
from service.pages.words import TASK_SENTENCES, TASKS
from service.store.store import Store
from service.store.volume import count_outcomes, count_predictions

_DAYS = (7, 30)


def show(visit: Visit) -> Response:
    """The first page."""
    champions = visit.champions
    cards = [_card(task, champions.by_task.get(task)) for task in TASK_NAMES]
    return visit.page(
        "overview.html",
        cards=cards,
        attention=list(_attention(champions)),
        volume=_volume(visit.store, visit.caller.tenant, datetime.now(UTC)),
        is_recording=visit.settings.record,
        simulated=any(card["champion"] and card["champion"]["simulated"] for card in cards),
    )


def _card(task: TaskName, classifier: Classifier | None) -> dict[str, Any]:
    card = {"task": task, "sentence": TASK_SENTENCES[task], "champion": None}
    if classifier is None:
        return card
    evaluation = classifier.bundle.evaluation
    facts = {
        **bundle_facts(classifier.bundle),
        "evaluation": evaluation,
        "headline": headline(evaluation),
        "created_at": classifier.manifest.created_at,
        "estimator": classifier.manifest.estimator,
    }
    return card | {"champion": facts}


def _attention(champions: Champions) -> Iterator[str]:
    """What somebody should look at, in sentences."""
    yield from (f"{problem[0].upper()}{problem[1:]}." for problem in champions.problems)
    for task in TASK_NAMES:
        classifier = champions.by_task.get(task)
        if classifier is None:
            yield f"{TASKS[task]}: nothing is promoted, so nothing is answered."
            continue
        manifest = classifier.manifest
        if manifest.simulated:
            yield f"{TASKS[task]}: no patient trained the classifier; its cohort is simulated."
        elif manifest.exploratory:
            yield f"{TASKS[task]}: the classifier is exploratory, not to act on."
        yield from (f"{TASKS[task]}: {said}" for said in classifier.bundle.evaluation["warnings"])


def _volume(store: Store, tenant: str, now: datetime) -> dict[str, int]:
    """Numbers of the tenant's predictions, by what is counted."""
    recent = {
        f"made in {days} days": count_predictions(store, tenant, now - timedelta(days=days))
        for days in _DAYS
    }
    ever, told = count_predictions(store, tenant), count_outcomes(store, tenant)
    return {**recent, "made ever": ever, "with their outcome told": told}

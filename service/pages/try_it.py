"""`/try`: one panel pair typed in by a person, answered as the API would, and kept by nobody."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Response

from data.errors import Fault, PanelError
from data.panel import TASK_NAMES
from models.classifier import Classifier
from models.errors import NoChampionError
from service.champions import Champions
from service.pages.panel_form import (
    empty_form,
    example_form,
    panel_fields,
    platforms,
    read_form,
    sentences_by_field,
)
from service.pages.visit import Visit
from service.pages.words import flag
from service.predictions import predict_one
from service.schemas import PREDICTION
from service.structure import validate


def show(visit: Visit) -> Response:
    """The form, empty or with an example."""
    query = visit.request.query_params
    classifier = _classifier(visit.champions, query.get("task", ""))
    is_example = "example" in query
    form = (example_form if is_example else empty_form)(classifier)
    return _page(visit, classifier, form, is_example=is_example)


def answer(visit: Visit) -> Response:
    """The form again, with what the classifier says of it, or every fault beside its field."""
    classifier = _classifier(visit.champions, visit.form.get("task", ""))
    request, faults = read_form(classifier, visit.form)
    found = None
    try:
        body = validate(PREDICTION, request)
        found = predict_one(visit.champions, body, now=datetime.now(UTC))
    except PanelError as error:
        faults += [fault for fault in error.faults if fault.path not in {f.path for f in faults}]
    return _page(
        visit,
        classifier,
        visit.form,
        request=request,
        faults=faults,
        found=None if faults else found,
    )


def _classifier(champions: Champions, task: str) -> Classifier:
    """The champion of a task; of another where nobody said which, or it has none.

    Raises
    ------
    NoChampionError
        There is none at all.
    """
    wanted = [name for name in TASK_NAMES if name == task]
    for name in (*wanted, *reversed(TASK_NAMES)):
        if name in champions.by_task:
            return champions.by_task[name]
    raise NoChampionError(TASK_NAMES[0])


def _page(
    visit: Visit,
    classifier: Classifier,
    form: Mapping[str, str],
    *,
    request: Mapping[str, Any] | None = None,
    faults: list[Fault] | None = None,
    found: Mapping[str, Any] | None = None,
    is_example: bool = False,
) -> Response:
    fields, faults = panel_fields(classifier), faults or []
    flags = [] if found is None else [(one["path"], flag(one["code"])) for one in found["flags"]]
    sent = None if request is None else orjson.dumps(request, option=orjson.OPT_INDENT_2).decode()
    return visit.page(
        "try_it.html",
        422 if faults else 200,
        classifier=classifier,
        tasks=[name for name in TASK_NAMES if name in visit.champions.by_task],
        panels=fields,
        form=form,
        platforms=platforms(classifier),
        faults=faults,
        fault_of=sentences_by_field(fields, ((one.path, one.message) for one in faults)),
        flag_of=sentences_by_field(fields, iter(flags)),
        answer=found,
        request=request,
        request_json=sent,
        is_example=is_example,
        simulated=classifier.manifest.simulated,
    )

"""Pairs of plain numbers are read at a glance exactly as they are with every care."""

import copy
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import PanelError
from models.classifier import Classifier
from models.registry import Registry
from service.champions import Champions, load_champions
from service.pair_cells import PairCells, cells_of_pair, plain_cells
from service.predictions import careful_pair
from service.schemas import PREDICTION
from service.structure import validate

CHANGES = {
    "analyte": ["TNF", "CCL2", "tgf beta 1", "XYZ"],
    "result": [0.2, 0.7, 1.1, 61, 512.5, 1e9, 0, -1.0, "<0.7", "1.1", "OOR <", "NA", None],
    "unit": ["pg/mL", "ng/mL", "ng/L", "pg/ml", None],
    "lloq": [0.7, 61, 0.0, -1.0, None],
    "uloq": [1.0, 1e4, None],
    "platform": ["milliplex", "MILLIPLEX", "unheard of", None],
    "month": [-1.0, 0.0, 0.5, 1.0, 4.0, 5.0],
}
changes = st.lists(
    st.sampled_from(sorted(CHANGES)).flatmap(
        lambda field: st.tuples(
            st.sampled_from(["baseline", "follow_up"]),
            st.integers(0, 2),
            st.just(field),
            st.sampled_from(CHANGES[field]),
        )
    ),
    max_size=3,
)


def changed(body: dict[str, Any], made: Any) -> dict[str, Any]:
    found = copy.deepcopy(body)
    for panel, place, field, value in made:
        of = found[panel] if field == "month" else found[panel]["measurements"][place]
        of[field] = value
    return found


@pytest.fixture(scope="module")
def champions(linear_registry: Registry) -> Champions:
    return load_champions(linear_registry)


def carefully(classifier: Classifier, body: Any) -> PairCells | None:
    try:
        return cells_of_pair(classifier, careful_pair(classifier, body))
    except PanelError:
        return None


def written(cells: PairCells) -> str:
    """NaN is NaN."""
    return repr(cells)


@pytest.mark.parametrize("task", ["pretreatment", "on_treatment"])
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(made=changes, has_follow_up=st.booleans(), order=st.permutations([0, 1, 2]))
def test_what_is_plain_is_read_as_with_every_care(
    champions: Champions, request_body: Any, task: Any, made: Any, has_follow_up: bool,
    order: list[int],
) -> None:  # fmt: skip
    classifier = champions.of(task)
    sent = changed(request_body, made)
    sent["baseline"]["measurements"] = [sent["baseline"]["measurements"][at] for at in order]
    if not has_follow_up:
        del sent["follow_up"]
    body = validate(PREDICTION, sent)
    plain = plain_cells(classifier, body)
    if plain is not None:
        careful = carefully(classifier, body)
        assert careful is not None
        assert written(plain) == written(careful)


@pytest.mark.parametrize("task", ["pretreatment", "on_treatment"])
def test_usual_pairs_are_plain(champions: Champions, request_body: Any, task: Any) -> None:
    if task == "pretreatment":
        del request_body["follow_up"]
    classifier = champions.of(task)
    cells = plain_cells(classifier, validate(PREDICTION, request_body))
    assert cells is not None
    assert cells.values[:3] == [1.1, 512.0, 61.0]
    assert all(map(math.isnan, cells.values[3:])) == (task == "pretreatment")

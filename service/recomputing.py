"""Predictions made again from what is kept of them, and held against what was answered.

Whoever keeps a database and its bundles can show for years that the one follows from the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from operator import attrgetter
from typing import Final

import orjson

from models.classifier import Classifier
from models.errors import BundleError, UnknownBundleError
from models.registry import Registry
from service.predictions import AskedPair, answer_pairs, answerable_pair
from service.schemas import PREDICTION
from service.store.reading import PredictionFilter, StoredPrediction, recorded_predictions
from service.store.store import Store
from service.structure import validate

MOST_LISTED: Final = 100
_AT_A_TIME: Final = 200
_BUNDLES_AT_A_TIME: Final = 8


@dataclass(frozen=True, slots=True)
class RecomputingReport:
    """How predictions compare with what is computed now.

    Attributes
    ----------
    n_identical
        Answers that came out the same, byte for byte.
    n_erased
        Predictions whose input was erased, which nobody can make again.
    n_different
        Answers that came out otherwise, or whose input or bundle is refused now.
    different
        Ids of at most 100 of them.
    """

    n_identical: int
    n_erased: int
    n_different: int
    different: tuple[str, ...]


def recompute(
    store: Store, registry: Registry, wanted: PredictionFilter | None = None
) -> RecomputingReport:
    """Make predictions again, each with the bundle that it names.

    Parameters
    ----------
    store, registry
        Where predictions and bundles are kept.
    wanted
        Which; left out, all of all tenants.

    Returns
    -------
    RecomputingReport
        Bytes are compared: another version of NumPy or XGBoost may change last digits.

    Raises
    ------
    StoreError
        The store cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from service.store.open_store import open_store
    >>> from service.store.pepper import Pepper
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(f"sqlite:///{folder}/store.sqlite3", Pepper(bytes(32)))
    ...     recompute(store, Registry(Path(folder) / "registry"))
    ...     store.close()
    RecomputingReport(n_identical=0, n_erased=0, n_different=0, different=())
    """
    bundles = _Bundles(registry)
    n_identical = n_erased = n_different = 0
    different: list[str] = []
    for group in _groups(recorded_predictions(store, wanted or PredictionFilter())):
        kept = [one for one in group if one.input is not None]
        n_erased += len(group) - len(kept)
        again = _answers(bundles.find(kept[0]), kept) if kept else {}
        wrong = [one.prediction_id for one in kept if again.get(one.number) != one.answer]
        n_identical += len(kept) - len(wrong)
        n_different += len(wrong)
        different += wrong[: MOST_LISTED - len(different)]
    return RecomputingReport(n_identical, n_erased, n_different, tuple(different))


class _Bundles:
    """Classifiers by what predictions say of them; those used last stay in memory."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._load = lru_cache(_BUNDLES_AT_A_TIME)(self._load_anew)

    def find(self, prediction: StoredPrediction) -> Classifier | None:
        """The classifier that made a prediction; None where it is not there, or another."""
        classifier = self._load(prediction.bundle_id)
        if classifier is None:
            return None
        is_same = classifier.bundle.content_sha256 == prediction.content_sha256
        return classifier if is_same else None

    def _load_anew(self, bundle_id: str) -> Classifier | None:
        try:
            return self._registry.load(bundle_id)
        except (BundleError, UnknownBundleError):
            return None


def _groups(predictions: Iterator[StoredPrediction]) -> Iterator[list[StoredPrediction]]:
    """Neighbours of one bundle, a few hundred at a time."""
    for _, of_bundle in groupby(predictions, attrgetter("bundle_id", "content_sha256")):
        while group := list(islice(of_bundle, _AT_A_TIME)):
            yield group


def _answers(classifier: Classifier | None, kept: Sequence[StoredPrediction]) -> dict[int, bytes]:
    """What is answered now to the inputs that are not refused, by number."""
    pairs = [] if classifier is None else [(one, _asked(classifier, one)) for one in kept]
    asked = [(one, pair) for one, pair in pairs if pair is not None]
    if classifier is None or not asked:
        return {}
    answers = answer_pairs(classifier, [pair for _, pair in asked])
    return {
        one.number: orjson.dumps(answer | {"prediction_id": one.prediction_id})
        for (one, _), answer in zip(asked, answers, strict=True)
    }


def _asked(classifier: Classifier, kept: StoredPrediction) -> AskedPair | None:
    try:
        body = validate(PREDICTION, orjson.loads(kept.input or b""))
        return AskedPair(body.supersedes, answerable_pair(classifier, body), kept.created_at)
    except ValueError:  # no JSON, or every refusal of ours
        return None

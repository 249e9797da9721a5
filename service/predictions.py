"""Predictions of panel pairs, one or many, as the JSON that is answered; no HTTP here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any, Final, NamedTuple

from data.errors import Fault, FaultsError, PanelError
from data.panel import PanelPair, TaskName
from models.cell_flags import CellFlag
from models.classifier import PANELS, Classifier, Flag, Predictions
from models.errors import NoChampionError
from models.scorer import INTERVAL_METHOD, LEVEL
from service.champions import Champions
from service.facts import bundle_facts
from service.pair_cells import PairCells, cells_of_pair, columns_of_cells, plain_cells
from service.panels import read_panels, task_of
from service.schemas import PREDICTION, PredictionBody
from service.structure import validate

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ESTIMATES: Final = ("sensitivity", "specificity")
_MILLISECOND: Final = timedelta(milliseconds=1)
_VARIANT: Final = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))


def timestamp(now: datetime) -> str:
    """A moment as the API writes it: UTC to the millisecond, with a Z."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def new_prediction_ids(now: datetime, n: int) -> list[str]:
    """UUIDs of version 7 (RFC 9562): later ones sort behind, and nobody can guess one."""
    moment = f"{(now - _EPOCH) // _MILLISECOND:012x}"
    begin, drawn = f"{moment[:8]}-{moment[8:]}-7", urandom(10 * n).hex()
    return [
        f"{begin}{drawn[at : at + 3]}-{_VARIANT[drawn[at + 3]]}{drawn[at + 4 : at + 7]}-"
        f"{drawn[at + 7 : at + 19]}"
        for at in range(0, 20 * n, 20)
    ]


class Row(NamedTuple):
    """One row of predictions."""

    score: float
    probability: float
    lower: float
    upper: float
    responder: bool
    intercept: float
    terms: list[float]


class AskedPair(NamedTuple):
    """A pair of panels, the prediction that it corrects, and when it was asked."""

    supersedes: str | None
    pair: PairCells
    now: datetime


def predict_one(champions: Champions, body: PredictionBody, *, now: datetime) -> dict[str, Any]:
    """The answer to one request.

    Raises
    ------
    PanelError
        With every fault of the panels.
    NoChampionError
        The task has no champion.
    """
    classifier = champions.of(task_of(body))
    asked = AskedPair(body.supersedes, answerable_pair(classifier, body), now)
    return answer_pairs(classifier, [asked])[0]


def answer_pairs(classifier: Classifier, asked: Sequence[AskedPair]) -> list[dict[str, Any]]:
    """The answers to requests whose pairs are good, scored together."""
    pairs = [one.pair for one in asked]
    predictions = classifier.predict(columns_of_cells(classifier, pairs))
    facts, flags = ClassifierFacts.of(classifier), flags_by_row(predictions.cell_flags)
    answers = []
    for number, (one, found) in enumerate(zip(asked, rows_of(predictions), strict=True)):
        answer = facts.answer(
            found,
            _flags(classifier, one.pair, flags.get(number, ())),
            prediction_id=new_prediction_ids(one.now, 1)[0],
            lead_months=classifier.lead_months(one.pair.last_month),
            created_at=timestamp(one.now),
        )
        if one.supersedes is not None:
            answer["supersedes"] = one.supersedes
        answers.append(answer)
    return answers


def answerable_pair(classifier: Classifier, body: PredictionBody) -> PairCells:
    """The pair of a request, if the classifier can answer for it.

    Raises
    ------
    PanelError
        With every fault.
    """
    plain = plain_cells(classifier, body)
    return plain or cells_of_pair(classifier, careful_pair(classifier, body))


def careful_pair(classifier: Classifier, body: PredictionBody) -> PanelPair:
    """The pair by every rule, each with its fault."""
    faults: list[Fault] = []
    baseline, follow_up = read_panels(body, classifier.analyte_table, faults)
    if baseline is None or (follow_up is None and body.follow_up is not None):
        raise PanelError(faults)
    faults += classifier.faults(baseline, follow_up)
    try:
        pair = PanelPair(body.patient_id, baseline, follow_up)
    except PanelError as error:
        faults += error.faults
    if faults:
        raise PanelError(faults)
    return pair


def predict_items(
    champions: Champions, items: Sequence[Any], *, now: datetime
) -> list[dict[str, Any]]:
    """An answer or the faults of each item, in order; items of a task are scored together."""
    answers: list[dict[str, Any]] = [{} for _ in items]
    waiting: dict[TaskName, list[tuple[int, AskedPair]]] = {}
    for index, item in enumerate(items):
        try:
            body = validate(PREDICTION, item)
            task = task_of(body)
            asked = AskedPair(body.supersedes, answerable_pair(champions.of(task), body), now)
            waiting.setdefault(task, []).append((index, asked))
        except FaultsError as error:
            answers[index] = {"faults": [_fault(fault) for fault in error.faults]}
        except NoChampionError as error:
            answers[index] = {"faults": [_fault(Fault("", "no_champion", str(error)))]}
    for task, entries in waiting.items():
        made = answer_pairs(champions.of(task), [asked for _, asked in entries])
        for (index, _), answer in zip(entries, made, strict=True):
            answers[index] = {"prediction": answer}
    return answers


def _fault(fault: Fault) -> dict[str, str]:
    return {"path": fault.path, "code": fault.code, "message": fault.message}


def flags_by_row(flags: Iterable[CellFlag]) -> Mapping[int, list[CellFlag]]:
    """Flags of single results, by row."""
    by_row: dict[int, list[CellFlag]] = {}
    for flag in flags:
        by_row.setdefault(flag.row, []).append(flag)
    return by_row


def rows_of(predictions: Predictions) -> Iterator[Row]:
    """Predictions one by one, as plain numbers."""
    scores = predictions.scores
    arrays = (scores.score, scores.probability, scores.lower, scores.upper, predictions.responder)
    columns = [array.tolist() for array in (*arrays, scores.intercept, scores.terms)]
    return map(Row._make, zip(*columns, strict=True))


class ClassifierFacts(NamedTuple):
    """What every answer says about the classifier that gave it, and its features' names."""

    said: dict[str, Any]
    features: Sequence[str]

    @classmethod
    def of(cls, classifier: Classifier) -> "ClassifierFacts":
        """Those of a classifier."""
        operating_point = classifier.manifest.operating_point
        estimates = {name: vars(getattr(operating_point, name)) for name in _ESTIMATES}
        said = {
            **bundle_facts(classifier.bundle),
            "operating_point": {**vars(operating_point), **estimates},
        }
        return cls(said, [feature.name for feature in classifier.features])

    def answer(
        self,
        found: Row,
        flags: Sequence[Flag],
        *,
        prediction_id: str,
        lead_months: float | None,
        created_at: str,
    ) -> dict[str, Any]:
        """One row of predictions as the API answers it."""
        return {
            "prediction_id": prediction_id,
            "created_at": created_at,
            **self.said,
            "lead_months": lead_months,
            "score": found.score,
            "probability": found.probability,
            "probability_interval": {
                "lower": found.lower,
                "upper": found.upper,
                "level": LEVEL,
                "method": INTERVAL_METHOD,
            },
            "responder": found.responder,
            "contributions": {
                "intercept": found.intercept,
                "features": [
                    {"name": name, "log_odds": log_odds}
                    for name, log_odds in zip(self.features, found.terms, strict=True)
                ],
            },
            "flags": [{"code": flag.code, "path": flag.path} for flag in flags],
        }


def _flags(classifier: Classifier, pair: PairCells, flags: Sequence[CellFlag]) -> Sequence[Flag]:
    """All flags of a pair, each once; those of results with their place in the request."""
    if not flags:
        return pair.flags
    n_analytes, found = len(classifier.analytes), dict[Flag, None]()
    for flag in flags:
        place = pair.places[flag.panel * n_analytes + flag.analyte]
        step = "" if place < 0 else f"/{place}"
        found[Flag(flag.code, f"/{PANELS[flag.panel]}/measurements{step}")] = None
    return tuple(found | dict.fromkeys(pair.flags))

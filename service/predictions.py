"""Predictions of panel pairs, one or many, as the JSON that is answered; no HTTP here."""

from collections.abc import Iterator, Mapping, Sequence
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
from service.panels import read_panels, task_of
from service.schemas import PREDICTION, PredictionBody
from service.structure import validate

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ESTIMATES: Final = ("sensitivity", "specificity")
_MILLISECOND: Final = timedelta(milliseconds=1)


def timestamp(now: datetime) -> str:
    """A moment as the API writes it: UTC to the millisecond, with a Z."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def new_prediction_id(now: datetime) -> str:
    """A UUID of version 7 (RFC 9562): later ones sort behind, and nobody can guess one."""
    milliseconds = (now - _EPOCH) // _MILLISECOND
    hexadecimal = f"{milliseconds:012x}7{urandom(9).hex()}"
    variant = "89ab"[int(hexadecimal[16], 16) & 3]
    return (
        f"{hexadecimal[:8]}-{hexadecimal[8:12]}-{hexadecimal[12:16]}-"
        f"{variant}{hexadecimal[17:20]}-{hexadecimal[19:31]}"
    )


class Row(NamedTuple):
    """One row of predictions, with everything there is to know about it."""

    predictions: Predictions
    row: int
    flags: Sequence[Flag]


class AskedPair(NamedTuple):
    """A pair of panels, the request that it came with, and when."""

    body: PredictionBody
    pair: PanelPair
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
    asked = AskedPair(body, answerable_pair(classifier, body), now)
    return answer_pairs(classifier, [asked])[0]


def answer_pairs(classifier: Classifier, asked: Sequence[AskedPair]) -> list[dict[str, Any]]:
    """The answers to requests whose pairs are good, scored together."""
    predictions = classifier.predict_pairs([one.pair for one in asked])
    facts, flags = classifier_facts(classifier), flags_by_row(predictions.cell_flags)
    answers = []
    for row, one in enumerate(asked):
        found = Row(predictions, row, _pair_flags(classifier, one.pair, flags.get(row, ())))
        answers.append(_answer(facts, classifier, one, found))
    return answers


def answerable_pair(classifier: Classifier, body: PredictionBody) -> PanelPair:
    """The pair of a request, if the classifier can answer for it.

    Raises
    ------
    PanelError
        With every fault.
    """
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
            asked = AskedPair(body, answerable_pair(champions.of(task), body), now)
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


def flags_by_row(flags: Sequence[CellFlag]) -> Mapping[int, list[CellFlag]]:
    """Flags of single results, by row."""
    by_row: dict[int, list[CellFlag]] = {}
    for flag in flags:
        by_row.setdefault(flag.row, []).append(flag)
    return by_row


def _answer(
    facts: Mapping[str, Any], classifier: Classifier, asked: AskedPair, found: Row
) -> dict[str, Any]:
    """The answer to one request."""
    last = asked.pair.follow_up if classifier.task.name == "on_treatment" else None
    answer = answer_of(
        facts,
        classifier,
        found,
        prediction_id=new_prediction_id(asked.now),
        lead_months=classifier.lead_months((last or asked.pair.baseline).month),
        now=asked.now,
    )
    if asked.body.supersedes is not None:
        answer["supersedes"] = asked.body.supersedes
    return answer


def answer_of(
    facts: Mapping[str, Any],
    classifier: Classifier,
    found: Row,
    *,
    prediction_id: str,
    lead_months: float | None,
    now: datetime,
) -> dict[str, Any]:
    """One row of predictions as the API answers it; `facts` are those of the classifier."""
    scores, row = found.predictions.scores, found.row
    return {
        "prediction_id": prediction_id,
        "created_at": timestamp(now),
        **facts,
        "lead_months": lead_months,
        "score": float(scores.score[row]),
        "probability": float(scores.probability[row]),
        "probability_interval": {
            "lower": float(scores.lower[row]),
            "upper": float(scores.upper[row]),
            "level": LEVEL,
            "method": INTERVAL_METHOD,
        },
        "responder": bool(found.predictions.responder[row]),
        "contributions": {
            "intercept": float(scores.intercept[row]),
            "features": [
                {"name": feature.name, "log_odds": log_odds}
                for feature, log_odds in zip(
                    classifier.features, scores.terms[row].tolist(), strict=True
                )
            ],
        },
        "flags": [{"code": flag.code, "path": flag.path} for flag in found.flags],
    }


def classifier_facts(classifier: Classifier) -> dict[str, Any]:
    """What every answer says about the classifier that gave it."""
    operating_point = classifier.manifest.operating_point
    estimates = {name: vars(getattr(operating_point, name)) for name in _ESTIMATES}
    return {
        **bundle_facts(classifier.bundle),
        "operating_point": {**vars(operating_point), **estimates},
    }


def _pair_flags(
    classifier: Classifier, pair: PanelPair, flags: Sequence[CellFlag]
) -> tuple[Flag, ...]:
    """All flags of a pair, each once."""
    found = (*_flags_of_cells(classifier, pair, flags), *classifier.pair_flags(pair))
    return tuple(dict.fromkeys(found))


def _flags_of_cells(
    classifier: Classifier, pair: PanelPair, flags: Sequence[CellFlag]
) -> Iterator[Flag]:
    """Flags with the place of the measurement in the request."""
    for flag in flags:
        panel = pair.baseline if PANELS[flag.panel] == "baseline" else pair.follow_up
        analyte = classifier.analytes[flag.analyte].name
        names = [measurement.analyte for measurement in panel.measurements] if panel else []
        place = f"/{names.index(analyte)}" if analyte in names else ""
        yield Flag(flag.code, f"/{PANELS[flag.panel]}/measurements{place}")

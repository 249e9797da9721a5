"""Predictions of one table of columns: many patients at once, the same bits as one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from data.errors import Fault, MeasurementError, PanelError
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.measurement import read_measurement
from models.classifier import Classifier
from models.columns import BASELINE, FOLLOW_UP, Kind, PairColumns
from models.result_columns import read_results
from service.champions import Champions
from service.predictions import (
    classifier_facts,
    flags_by_row,
    new_prediction_id,
    timestamp,
)
from service.schemas import TableBody

RowFaults = dict[int, list[Fault]]
Limits = dict[str, tuple[float | None, float | None]]
"""Lower and upper limit of quantification of each analyte, by canonical name."""


class Column(NamedTuple):
    """Results of one analyte and the JSON pointer to them."""

    path: str
    results: Sequence[Any]


Columns = dict[str, Column]
"""Columns of one panel by canonical name."""


def predict_table(champions: Champions, body: TableBody, *, now: datetime) -> dict[str, Any]:
    """The answer to a table; a row with faults has nulls and is listed.

    Raises
    ------
    PanelError
        When the table as a whole cannot be used: columns missing, unknown or of other lengths,
        unit, month or platform refused.
    NoChampionError
        The task has no champion.
    """
    has_follow_up = body.follow_up is not None
    classifier = champions.of(body.task or ("on_treatment" if has_follow_up else "pretreatment"))
    faults: list[Fault] = []
    panels = _panels(classifier, body, faults)
    limits = _limits(classifier, body, faults)
    if faults:
        raise PanelError(faults)
    row_faults: RowFaults = {}
    for row, patient_id in enumerate(body.patient_id):
        if not (isinstance(patient_id, str) and is_identifier(patient_id)):
            row_faults[row] = [Fault(f"/table/patient_id/{row}", "bad_id", IDENTIFIER_RULE)]
    columns = _columns(classifier, body, panels, limits, row_faults)
    good = np.array([row for row in range(columns.n_patients) if row not in row_faults], np.intp)
    chosen = PairColumns(columns.analytes, columns.values[good], columns.kinds[good])
    return _answer(classifier, body, chosen, good, row_faults, now)


def _panels(classifier: Classifier, body: TableBody, faults: list[Fault]) -> dict[str, Columns]:
    """Columns of each panel used; what is wrong with months, names and platform to `faults`."""
    received = {"baseline": body.baseline}
    if classifier.task.name == "on_treatment":
        message = "on_treatment needs follow_up and follow_up_month"
        if body.follow_up is not None:
            received["follow_up"] = body.follow_up
        else:
            faults.append(Fault("/table/follow_up", "follow_up_missing", message))
        if body.follow_up_month is None:
            faults.append(Fault("/table/follow_up_month", "follow_up_missing", message))
        else:
            for fault in classifier.month_faults(body.follow_up_month):
                faults.append(replace(fault, path="/table/follow_up_month"))
    panels = {}
    for panel, columns in received.items():
        path = f"/table/{panel}"
        panels[panel] = _named(classifier, path, columns, len(body.patient_id), faults)
    for analyte in classifier.analytes:
        if classifier.refuses_platform(analyte.name, body.platform):
            message = classifier.platform_sentence(analyte.name)
            faults.append(Fault("/table/platform", "unknown_platform", message))
    return panels


def _named(
    classifier: Classifier,
    path: str,
    columns: Mapping[str, Sequence[Any]],
    n_patients: int,
    faults: list[Fault],
) -> Columns:
    """Columns by canonical name; what is wrong with them goes to `faults`."""
    named: Columns = {}
    for name, results in columns.items():
        analyte = classifier.analyte_table.find(name)
        if analyte is None:
            sentence = classifier.analyte_table.unknown(name)
            faults.append(Fault(path, "unknown_analyte", sentence))
        elif analyte.name in named:
            message = f"{analyte.name} has two columns; send each analyte once"
            faults.append(Fault(path, "duplicate_analyte", message))
        elif len(results) != n_patients:
            message = f"the column of {analyte.name} must be as long as patient_id"
            faults.append(Fault(f"{path}/{_escaped(name)}", "lengths_differ", message))
        else:
            named[analyte.name] = Column(f"{path}/{_escaped(name)}", results)
    return named


def _columns(
    classifier: Classifier,
    body: TableBody,
    panels: Mapping[str, Columns],
    limits: Limits,
    row_faults: RowFaults,
) -> PairColumns:
    """The table as columns; faults of single results go to `row_faults`.

    A column that is left out counts as not reported, as in a single request.
    """
    shape = (len(body.patient_id), 2, len(classifier.analytes))
    values = np.full(shape, np.nan)
    kinds = np.full(shape, Kind.NOT_REPORTED, dtype=np.int8)
    for panel, columns in panels.items():
        at = BASELINE if panel == "baseline" else FOLLOW_UP
        for index, analyte in enumerate(classifier.analytes):
            if analyte.name not in columns:
                continue
            path, results = columns[analyte.name]
            lloq, uloq = limits[analyte.name]
            read = read_results(
                classifier.analyte_table, analyte, results, unit=body.unit, lloq=lloq, uloq=uloq
            )
            values[:, at, index], kinds[:, at, index] = read.values, read.kinds
            for row, faults in read.faults.items():
                row_faults.setdefault(row, []).extend(
                    replace(fault, path=f"{path}/{row}") for fault in faults
                )
        nothing = (kinds[:, at] == Kind.NOT_REPORTED).all(axis=1)
        for row in np.flatnonzero(nothing).tolist():
            message = "none of the analytes needed has a result"
            fault = Fault(f"/table/{panel}", "nothing_reported", message)
            row_faults.setdefault(row, []).append(fault)
    return PairColumns(classifier.analytes, values, kinds)


def _limits(classifier: Classifier, body: TableBody, faults: list[Fault]) -> Limits:
    """Limits of quantification; what is wrong with them or with the unit goes to `faults`."""
    limits: Limits = {analyte.name: (None, None) for analyte in classifier.analytes}
    for side, stated in enumerate((body.lloq, body.uloq)):
        for name, limit in stated.items():
            analyte = classifier.analyte_table.find(name)
            if analyte is None:
                sentence = classifier.analyte_table.unknown(name)
                path = "/table/uloq" if side else "/table/lloq"
                faults.append(Fault(path, "unknown_analyte", sentence))
            else:
                lloq, uloq = limits[analyte.name]
                limits[analyte.name] = (lloq, limit) if side else (limit, uloq)
    for name, (lloq, uloq) in limits.items():
        try:
            read_measurement(
                classifier.analyte_table, name, None, unit=body.unit, lloq=lloq, uloq=uloq
            )
        except MeasurementError as error:
            faults += [f for e in error.faults if (f := e.under("/table")) not in faults]
    return limits


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _answer(
    classifier: Classifier,
    body: TableBody,
    columns: PairColumns,
    good: np.ndarray[Any, np.dtype[np.intp]],
    row_faults: RowFaults,
    now: datetime,
) -> dict[str, Any]:
    predictions = classifier.predict(columns)
    scores = predictions.scores
    n_patients = len(body.patient_id)
    table: dict[str, list[Any]] = {
        "prediction_id": _spread([new_prediction_id() for _ in good], good, n_patients),
        "score": _spread(scores.score.tolist(), good, n_patients),
        "probability": _spread(scores.probability.tolist(), good, n_patients),
        "lower": _spread(scores.lower.tolist(), good, n_patients),
        "upper": _spread(scores.upper.tolist(), good, n_patients),
        "responder": _spread(predictions.responder.tolist(), good, n_patients),
        "flags": _spread(_flags(classifier, body, predictions.cell_flags, good), good, n_patients),
    }
    used_month = body.baseline_month
    if classifier.task.name == "on_treatment" and body.follow_up_month is not None:
        used_month = body.follow_up_month
    return {
        "created_at": timestamp(now),
        **classifier_facts(classifier),
        "lead_months": classifier.lead_months(used_month),
        "table": table,
        "faults": [
            {"row": row, "path": fault.path, "code": fault.code, "message": fault.message}
            for row in sorted(row_faults)
            for fault in row_faults[row]
        ],
    }


def _spread(found: Sequence[Any], rows: np.ndarray[Any, Any], n_patients: int) -> list[Any]:
    """Values at their rows, None elsewhere."""
    if len(found) == n_patients:
        return list(found)
    spread: list[Any] = [None] * n_patients
    for row, value in zip(rows.tolist(), found, strict=True):
        spread[row] = value
    return spread


def _flags(
    classifier: Classifier,
    body: TableBody,
    cell_flags: Sequence[Any],
    good: np.ndarray[Any, Any],
) -> list[list[str]]:
    """Codes of each good row, each code once."""
    of_table = []
    if classifier.task.name == "on_treatment" and body.follow_up_month is not None:
        of_table = [flag.code for flag in classifier.month_flags(body.follow_up_month)]
        if any(classifier.new_platform(a.name, body.platform) for a in classifier.analytes):
            of_table.append("unknown_platform")
    elif body.follow_up is not None:
        of_table = ["follow_up_not_used"]
    by_row = flags_by_row(cell_flags)
    return [
        list(dict.fromkeys([*(flag.code for flag in by_row.get(row, ())), *of_table]))
        for row in range(len(good))
    ]

"""Predictions of one table of columns: many patients at once, the same bits as one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from data.errors import Fault, MeasurementError, PanelError
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.measurement import read_measurement
from models.classifier import Classifier
from models.columns import BASELINE, FOLLOW_UP, Kind, PairColumns
from models.result_columns import read_results
from service.champions import Champions
from service.schemas import TableBody
from service.table_answer import (
    Column,
    Columns,
    Limits,
    RowFaults,
    Table,
    TableAnswer,
    answer_table,
)


def predict_table(champions: Champions, body: TableBody, *, now: datetime) -> TableAnswer:
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
    good = [row for row in range(columns.n_patients) if row not in row_faults]
    if row_faults:
        columns = PairColumns(columns.analytes, columns.values[good], columns.kinds[good])
    table = Table(classifier, body, panels, limits, good)
    return answer_table(table, classifier.predict(columns), row_faults, now=now)


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
        path = "/table/uloq" if side else "/table/lloq"
        for name, limit in stated.items():
            analyte = classifier.analyte_table.find(name)
            if analyte is None:
                sentence = classifier.analyte_table.unknown(name)
                faults.append(Fault(path, "unknown_analyte", sentence))
            elif limits[analyte.name][side] is not None:
                message = f"{analyte.name} has two limits; send each analyte once"
                faults.append(Fault(path, "duplicate_analyte", message))
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

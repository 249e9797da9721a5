"""Answers to a table of columns: as columns, and each row as it would be alone, to be kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from data.errors import Fault
from models.cell_flags import CELL_FLAGS, CellFlag, CellFlags
from models.classifier import PANELS, Classifier, Flag, Predictions
from service.predictions import (
    ClassifierFacts,
    flags_by_row,
    new_prediction_ids,
    rows_of,
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


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was understood.

    `panels` are its columns by panel, `good` the numbers of the rows that can be answered.
    """

    classifier: Classifier
    body: TableBody
    panels: Mapping[str, Columns]
    limits: Limits
    good: Sequence[int]

    @property
    def lead_months(self) -> float | None:
        """Months from the last panel used to the outcome's horizon."""
        used = self.body.follow_up_month if "follow_up" in self.panels else None
        return self.classifier.lead_months(self.body.baseline_month if used is None else used)

    def flags(self) -> list[Flag]:
        """Flags that every row has."""
        body, classifier = self.body, self.classifier
        if "follow_up" not in self.panels or body.follow_up_month is None:
            return [] if body.follow_up is None else [Flag("follow_up_not_used", "/follow_up")]
        new = [
            Flag("unknown_platform", f"/{panel}/measurements/{index}")
            for panel in ("follow_up", "baseline")
            for index, name in enumerate(self.panels[panel])
            if classifier.new_platform(name, body.platform)
            and not (panel == "baseline" and name in self.panels["follow_up"])
        ]
        return [*new, *classifier.month_flags(body.follow_up_month)]

    def request(self, row: int) -> dict[str, Any]:
        """The request that a row would be alone."""
        months = {"baseline": self.body.baseline_month, "follow_up": self.body.follow_up_month}
        panels = {
            panel: {
                "month": months[panel],
                "measurements": [
                    self._measurement(name, column.results[row])
                    for name, column in self.panels[panel].items()
                ],
            }
            for panel in self.panels
        }
        patient_id, task = self.body.patient_id[row], self.classifier.task.name
        return {"patient_id": patient_id, "task": task, **panels}

    def _measurement(self, name: str, result: Any) -> dict[str, Any]:
        lloq, uloq = self.limits[name]
        facts = {"unit": self.body.unit, "platform": self.body.platform, "lloq": lloq, "uloq": uloq}
        stated = {fact: value for fact, value in facts.items() if value is not None}
        return {"analyte": name, "result": result, **stated}

    def cell_flags(self, flags: Sequence[CellFlag]) -> Iterator[Flag]:
        """Flags of a row's results with their place in the request that it would be alone."""
        for flag in flags:
            panel, name = PANELS[flag.panel], self.classifier.analytes[flag.analyte].name
            names = list(self.panels[panel])
            place = f"/{names.index(name)}" if name in names else ""
            yield Flag(flag.code, f"/{panel}/measurements{place}")


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """What a table is answered; iterated, its good rows as requests and answers of their own."""

    table: Table
    predictions: Predictions
    prediction_ids: Sequence[str]
    now: datetime
    body: dict[str, Any]

    def __iter__(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        table, created_at = self.table, timestamp(self.now)
        facts, lead_months = ClassifierFacts.of(table.classifier), table.lead_months
        flags, of_table = flags_by_row(self.predictions.cell_flags), table.flags()
        for number, (row, found) in enumerate(
            zip(table.good, rows_of(self.predictions), strict=True)
        ):
            of_row = (*table.cell_flags(flags.get(number, ())), *of_table)
            yield (
                table.request(row),
                facts.answer(
                    found,
                    tuple(dict.fromkeys(of_row)),
                    prediction_id=self.prediction_ids[number],
                    lead_months=lead_months,
                    created_at=created_at,
                ),
            )


def answer_table(
    table: Table, predictions: Predictions, row_faults: RowFaults, *, now: datetime
) -> TableAnswer:
    """The answer in columns; a row with faults has nulls and is listed."""
    scores, n_patients = predictions.scores, len(table.body.patient_id)
    prediction_ids = new_prediction_ids(now, len(table.good))
    columns: dict[str, list[Any]] = {
        "prediction_id": prediction_ids,
        "score": scores.score.tolist(),
        "probability": scores.probability.tolist(),
        "lower": scores.lower.tolist(),
        "upper": scores.upper.tolist(),
        "responder": predictions.responder.tolist(),
        "flags": _codes(table, predictions),
    }
    faults = [
        {"row": row, "path": fault.path, "code": fault.code, "message": fault.message}
        for row in sorted(row_faults)
        for fault in row_faults[row]
    ]
    body = {
        "created_at": timestamp(now),
        **ClassifierFacts.of(table.classifier).said,
        "lead_months": table.lead_months,
        "table": {name: _spread(found, table.good, n_patients) for name, found in columns.items()},
        "faults": faults,
    }
    return TableAnswer(table, predictions, prediction_ids, now, body)


def _spread(found: Sequence[Any], rows: Sequence[int], n_patients: int) -> list[Any]:
    """Values at their rows, None elsewhere."""
    if len(found) == n_patients:
        return list(found)
    spread: list[Any] = [None] * n_patients
    for row, value in zip(rows, found, strict=True):
        spread[row] = value
    return spread


def _codes(table: Table, predictions: Predictions) -> list[list[str]]:
    """Codes of each good row, each code once."""
    of_table = [flag.code for flag in table.flags()]
    bits = predictions.flags.of_rows()
    by_bits = {1 << number: [code, *of_table] for number, code in enumerate(CELL_FLAGS)}
    by_bits[0] = of_table
    codes = [by_bits.get(found, of_table) for found in bits.tolist()]
    several = np.flatnonzero(bits & (bits - 1))
    for number, flags in flags_by_row(CellFlags(predictions.flags.bits[several])).items():
        codes[several[number]] = list(dict.fromkeys([*(flag.code for flag in flags), *of_table]))
    return codes

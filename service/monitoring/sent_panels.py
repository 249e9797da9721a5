"""Panels that were sent, from the requests as they were kept to columns, many at once.

Results of one analyte with the same unit and limits are read together; what was answered once has
no faults.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import orjson

from data.analytes import Analyte, AnalyteTable
from models.classifier import PANELS
from models.columns import Kind, PairColumns
from models.result_columns import read_results


class _Alike(NamedTuple):
    """What results have in common that are read together."""

    panel: int
    analyte: int
    unit: str | None
    lloq: float | None
    uloq: float | None


def sent_columns(inputs: Iterable[bytes], analytes: tuple[Analyte, ...]) -> PairColumns:
    """Panels of kept requests as columns, in their order.

    Parameters
    ----------
    inputs
        Requests for one prediction, as JSON.
    analytes
        Those of the bundle that answered; others are left out.
    """
    table = AnalyteTable(analytes)
    place = {analyte.name: index for index, analyte in enumerate(analytes)}
    known: dict[str, int | None] = {}
    alike: dict[_Alike, tuple[list[int], list[Any]]] = {}
    n = 0
    for row, sent in enumerate(inputs):
        n = row + 1
        request = orjson.loads(sent)
        for panel, name in enumerate(PANELS):
            for found in (request.get(name) or {}).get("measurements", ()):
                written = found["analyte"]
                if written not in known:
                    analyte = table.find(written)
                    known[written] = None if analyte is None else place[analyte.name]
                if (index := known[written]) is not None:
                    kind = _Alike(
                        panel, index, found.get("unit"), found.get("lloq"), found.get("uloq")
                    )
                    rows, results = alike.setdefault(kind, ([], []))
                    rows.append(row)
                    results.append(found["result"])
    return _read(n, analytes, table, alike)


def _read(
    n: int,
    analytes: tuple[Analyte, ...],
    table: AnalyteTable,
    alike: dict[_Alike, tuple[list[int], list[Any]]],
) -> PairColumns:
    values = np.full((n, 2, len(analytes)), np.nan)
    kinds = np.full(values.shape, Kind.NOT_REPORTED, dtype=np.int8)
    for (panel, index, unit, lloq, uloq), (rows, results) in alike.items():
        read = read_results(table, analytes[index], results, unit=unit, lloq=lloq, uloq=uloq)
        values[rows, panel, index], kinds[rows, panel, index] = read.values, read.kinds
    return PairColumns(analytes, values, kinds)

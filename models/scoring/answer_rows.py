"""Rows of panels answered together: the rules and the bits of the service's tables."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import Fault, PanelError
from data.identifier import IDENTIFIER_RULE
from models.classifier import PANELS, Classifier
from models.columns import Kind, PairColumns
from models.result_columns import Results, read_results
from models.scoring.circumstances import Circumstances, Meaning
from models.scoring.layout import Layout
from models.scoring.rows import AnsweredRows, Bools, RowFault, Rows

At = slice | NDArray[np.intp]
"""Positions of some rows, or a slice for all."""
RowFaults = dict[int, list[Fault]]


def answer_rows(
    classifier: Classifier, layout: Layout, stated: Circumstances, rows: Rows
) -> AnsweredRows:
    """Ask a classifier about rows whose columns were understood."""
    found: RowFaults = {}
    for row in np.flatnonzero(~rows.known).tolist():
        found.setdefault(row, [Fault(layout.patient_id, "bad_id", IDENTIFIER_RULE)])
    shape = len(classifier.analytes), len(PANELS), len(rows.numbers)
    columns = PairColumns(  # the results of an analyte lie in one piece of memory
        classifier.analytes, np.full(shape, np.nan).T, np.full(shape, Kind.NOT_REPORTED, np.int8).T
    )
    flags = np.zeros(len(rows.numbers), dtype=np.uint16)
    read_alike: dict[Hashable, list[tuple[Circumstances, At]]] = {}
    for cells, at in _alike(rows):
        try:
            circumstances = _answerable(classifier, stated.with_cells(cells))
        except PanelError as error:
            for row in np.arange(len(flags))[at].tolist():
                found.setdefault(row, []).extend(error.faults)
            continue
        flags[at] = circumstances.flags(classifier, has_follow_up=layout.has_follow_up)
        read_alike.setdefault(circumstances.reading, []).append((circumstances, at))
    for parts in read_alike.values():
        _read(classifier, layout, parts[0][0], rows, _joined(parts), columns, found)
    _refuse_empty_panels(columns, n_panels=len({panel for panel, _ in layout.results}), found=found)
    found |= {row: [fault] for row, fault in rows.faults.items()}  # nothing else of it counts
    return _answered(classifier, rows, columns, flags, found)


def _answerable(classifier: Classifier, circumstances: Circumstances) -> Circumstances:
    faults = list(circumstances.faults(classifier))
    if faults:
        raise PanelError(faults)
    return circumstances


def _alike(rows: Rows) -> Iterator[tuple[Mapping[Meaning, Any], At]]:
    """Rows with the same cells of facts together."""
    if all(len(cells) == 1 for cells in rows.facts.values()):
        yield {meaning: cell for meaning, (cell,) in rows.facts.items()}, slice(None)
        return
    n_rows = len(rows.numbers)
    spread = [list(cells) * (n_rows // len(cells)) for cells in rows.facts.values()]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for row, cells in enumerate(zip(*spread, strict=True)):
        groups.setdefault(cells, []).append(row)
    for cells, at in groups.items():
        yield dict(zip(rows.facts, cells, strict=True)), np.array(at, dtype=np.intp)


def _joined(parts: Sequence[tuple[Circumstances, At]]) -> At:
    """The rows of all parts in one."""
    if len(parts) == 1:
        return parts[0][1]
    return np.concatenate([at for _, at in parts if not isinstance(at, slice)])


def _read(
    classifier: Classifier,
    layout: Layout,
    circumstances: Circumstances,
    rows: Rows,
    at: At,
    columns: PairColumns,
    found: RowFaults,
) -> None:
    """Put the results of some rows into `columns`, and what is wrong with them into `found`."""
    position = {analyte.name: index for index, analyte in enumerate(classifier.analytes)}
    for (panel, name), column in layout.results.items():
        read = read_results(
            classifier.analyte_table,
            classifier.analytes[position[name]],
            _some(rows.results[panel, name], at),
            unit=circumstances.unit,
            lloq=circumstances.lloq.get(name),
            uloq=circumstances.uloq.get(name),
        )
        columns.values[at, panel, position[name]] = read.values
        columns.kinds[at, panel, position[name]] = read.kinds
        for number, faults in read.faults.items():
            row = number if isinstance(at, slice) else int(at[number])
            found.setdefault(row, []).extend(replace(fault, path=column) for fault in faults)


def _some(results: Results, at: At) -> Results:
    """The results of some rows; a slice is all of them."""
    if isinstance(at, slice):
        return results
    return results[at] if isinstance(results, np.ndarray) else [results[row] for row in at.tolist()]


def _refuse_empty_panels(columns: PairColumns, *, n_panels: int, found: RowFaults) -> None:
    for panel in range(n_panels):
        nothing = (columns.kinds[:, panel] == Kind.NOT_REPORTED).all(axis=1)
        message = "none of the analytes needed has a result"
        fault = Fault(PANELS[panel], "nothing_reported", message)
        for row in np.flatnonzero(nothing).tolist():
            of_row = found.setdefault(row, [])
            if all(other.code == fault.code for other in of_row):
                of_row.append(fault)


def _answered(
    classifier: Classifier,
    rows: Rows,
    columns: PairColumns,
    flags: NDArray[np.uint16],
    found: RowFaults,
) -> AnsweredRows:
    good = np.ones(columns.n_patients, dtype=np.bool_)
    good[list(found)] = False
    if not found:
        chosen = columns
    else:
        chosen = PairColumns(columns.analytes, columns.values[good], columns.kinds[good])
    predictions = classifier.predict(chosen)
    scores = predictions.scores
    flags[good] |= predictions.flags.of_rows()
    ids = {row: str(rows.patient_id[row]) if rows.known[row] else "" for row in found}
    return AnsweredRows(
        rows,
        faulty=~good,
        score=_spread(scores.score, good),
        probability=_spread(scores.probability, good),
        lower=_spread(scores.lower, good),
        upper=_spread(scores.upper, good),
        responder=_spread(predictions.responder, good),
        flags=flags,
        faults=tuple(
            RowFault(rows.numbers[row], ids[row], fault)
            for row in sorted(found)
            for fault in found[row]
        ),
    )


def _spread(values: NDArray[Any], good: Bools) -> NDArray[Any]:
    """Values in the rows that have them."""
    if len(values) == len(good):
        return values
    spread = np.zeros(len(good), dtype=values.dtype)
    spread[good] = values
    return spread

"""Rows of a file of panels: as they were read, and as they were answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.errors import Fault
from models.result_columns import Results
from models.scoring.circumstances import Meaning

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a file, one after the other.

    Attributes
    ----------
    numbers
        As a spreadsheet counts them; the header is row 1.
    patient_id
        As its file writes them back; `known` (n_rows,) says which are ids.
    results
        By panel and canonical analyte.
    facts
        One cell per row; a single one holds for all.
    faults
        What is wrong with whole rows already, by position.
    """

    numbers: Sequence[int]
    patient_id: Any
    known: Bools
    results: Mapping[tuple[int, str], Results]
    facts: Mapping[Meaning, Sequence[Any]]
    faults: Mapping[int, Fault]


class RowFault(NamedTuple):
    """What is wrong with a row; the fault's path is the column."""

    number: int
    patient_id: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class AnsweredRows:
    """Answers in the same order, shapes (n_rows,); where `faulty`, numbers mean nothing.

    `flags` are bits of `ROW_FLAGS`.
    """

    rows: Rows
    faulty: Bools
    score: Floats
    probability: Floats
    lower: Floats
    upper: Floats
    responder: Bools
    flags: NDArray[np.uint16]
    faults: tuple[RowFault, ...]

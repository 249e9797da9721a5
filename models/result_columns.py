"""Results of one analyte in many patients, read at once; the rules are `read_measurement`'s.

Plain numbers go through arrays; everything else is read one by one, so that a column and its
single results can never disagree.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte, AnalyteTable
from data.errors import Fault, MeasurementError
from data.measurement import read_measurement
from data.units import conversion
from models.columns import Kind, value_and_kind

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Results = Sequence[Any] | Floats
"""As received; in an array NaN is a result that was not reported."""

_MAX_EXACT: Final = 2**53
_NUMBERS: Final = frozenset({float, int})
_PLAIN_TEXT = re.compile(r"[0-9]{1,30}(?:\.[0-9]{1,30})?")
"""Texts that no rule reads as anything but this number."""


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """Results of one analyte.

    `values` (n_patients,) in the analyte's unit and `kinds` (n_patients,) as in `PairColumns`;
    `faults` by row, whose values are NaN.
    """

    values: Floats
    kinds: NDArray[np.int8]
    faults: dict[int, tuple[Fault, ...]]


def read_results(
    analytes: AnalyteTable,
    analyte: Analyte,
    results: Results,
    *,
    unit: str | None,
    lloq: float | None = None,
    uloq: float | None = None,
) -> ResultColumn:
    """Read results as `read_measurement` does.

    Raises
    ------
    MeasurementError
        The unit or a limit is refused, whatever the results are.
    """
    read_measurement(analytes, analyte.name, None, unit=unit, lloq=lloq, uloq=uloq)
    read_one = partial(_reading, analytes, analyte, unit=unit, lloq=lloq, uloq=uloq)
    column = ResultColumn(
        np.full(len(results), np.nan), np.full(len(results), Kind.NOT_REPORTED, np.int8), {}
    )
    unread = _reported(results)
    rows, numbers = _numbers(results)
    easy = np.ones(len(rows), dtype=np.bool_)
    for beyond in _beyond_limits(analyte, numbers, lloq, uloq):
        easy &= ~beyond
        reading = read_one(float(numbers[beyond.argmax()])) if beyond.any() else _NOTHING
        if not reading.faults:  # all others are read as the same limit
            column.values[rows[beyond]], column.kinds[rows[beyond]] = reading.value_and_kind
            unread[rows[beyond]] = False
    converted = _converted(analyte, numbers, unit)
    easy &= (converted >= analyte.lower) & (converted <= analyte.upper)
    column.values[rows[easy]], column.kinds[rows[easy]] = converted[easy], Kind.MEASURED
    unread[rows[easy]] = False
    readings: dict[str, _Reading] = {}
    for row in np.flatnonzero(unread).tolist():
        result = results[row]
        reading = readings.get(result, _NOTHING) if isinstance(result, str) else _NOTHING
        if reading is _NOTHING:
            reading = read_one(float(result) if isinstance(result, np.float64) else result)
            if isinstance(result, str):  # most texts of a column are the same few limits
                readings[result] = reading
        column.values[row], column.kinds[row] = reading.value_and_kind
        if reading.faults:
            column.faults[row] = reading.faults
    return column


class _Reading(NamedTuple):
    """One result as `value_and_kind` gives it, or its faults."""

    value_and_kind: tuple[float, int]
    faults: tuple[Fault, ...] = ()


_NOTHING: Final = _Reading(value_and_kind(None))


def _reading(
    analytes: AnalyteTable,
    analyte: Analyte,
    result: Any,
    *,
    unit: str | None,
    lloq: float | None,
    uloq: float | None,
) -> _Reading:
    try:
        measurement = read_measurement(
            analytes, analyte.name, result, unit=unit, lloq=lloq, uloq=uloq
        )
    except MeasurementError as error:
        return _Reading(value_and_kind(None), error.faults)
    return _Reading(value_and_kind(measurement))


def _reported(results: Results) -> Bools:
    """Where there is anything to read."""
    if isinstance(results, np.ndarray):
        return ~np.isnan(results)
    return np.ones(len(results), dtype=np.bool_)


def _numbers(results: Results) -> tuple[NDArray[np.intp], Floats]:
    """Rows with a finite number that float64 holds, as such or in a plain text, and the numbers."""
    if isinstance(results, np.ndarray):
        rows = np.flatnonzero(np.isfinite(results))
        return rows, results[rows]
    if set(map(type, results)) <= _NUMBERS:
        with suppress(OverflowError):  # an integer beyond every float
            numbers = np.array(results, dtype=np.float64)
            if (np.abs(numbers) <= _MAX_EXACT).all():
                return np.arange(len(results)), numbers
    plain = np.fromiter(map(_is_plain, results), np.bool_, len(results))
    rows = np.flatnonzero(plain)
    numbers = np.array([float(results[row]) for row in rows.tolist()], dtype=np.float64)
    finite = np.isfinite(numbers)
    return rows[finite], numbers[finite]


def _is_plain(result: Any) -> bool:
    if type(result) is str:
        return _PLAIN_TEXT.fullmatch(result) is not None
    # JSON's true and false are ints to Python, and no results.
    return type(result) is float or (type(result) is int and abs(result) <= _MAX_EXACT)


def _beyond_limits(
    analyte: Analyte, numbers: Floats, lloq: float | None, uloq: float | None
) -> Iterator[Bools]:
    """Where numbers count as below one limit of quantification, and as above the other."""
    if analyte.scale == "concentration" and lloq is not None:
        yield (numbers >= 0) & (numbers < lloq)
    if analyte.scale == "concentration" and uloq is not None:
        yield numbers > uloq


def _converted(analyte: Analyte, numbers: Floats, unit: str | None) -> Floats:
    numerator, denominator = (1, 1)
    if analyte.scale == "concentration" and unit is not None:
        numerator, denominator = conversion(unit, analyte.unit) or (1, 1)
    if (numerator, denominator) == (1, 1):
        return numbers
    with np.errstate(over="ignore"):  # what overflows is beyond every range
        return numbers * numerator / denominator

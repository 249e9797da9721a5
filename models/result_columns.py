"""Results of one analyte in many patients, read at once; the rules are `read_measurement`'s.

Plain numbers within range go through arrays; everything else is read one by one, so that a
column and its single results can never disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte, AnalyteTable
from data.errors import Fault, MeasurementError
from data.measurement import read_measurement
from data.units import conversion
from models.columns import Kind, value_and_kind

_MAX_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """Results of one analyte.

    `values` (n_patients,) in the analyte's unit and `kinds` (n_patients,) as in `PairColumns`;
    `faults` by row, whose values are NaN.
    """

    values: NDArray[np.float64]
    kinds: NDArray[np.int8]
    faults: dict[int, tuple[Fault, ...]]


def read_results(
    analytes: AnalyteTable,
    analyte: Analyte,
    results: Sequence[Any],
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
    values = np.full(len(results), np.nan)
    kinds = np.full(len(results), Kind.NOT_REPORTED, dtype=np.int8)
    plain = _plain_numbers(results)
    numbers = np.array([results[row] for row in np.flatnonzero(plain).tolist()], dtype=np.float64)
    easy = _within(numbers, lloq, uloq)
    numerator, denominator = (1, 1)
    if analyte.scale == "concentration" and unit is not None:
        numerator, denominator = conversion(unit, analyte.unit) or (1, 1)
    with np.errstate(over="ignore"):  # what overflows is beyond every range
        converted = numbers * numerator / denominator
    easy &= (converted >= analyte.lower) & (converted <= analyte.upper)
    rows = np.flatnonzero(plain)[easy]
    values[rows], kinds[rows] = converted[easy], Kind.MEASURED
    plain[:] = False
    plain[rows] = True
    faults = {}
    readings: dict[str, _Reading] = {}
    for row in np.flatnonzero(~plain).tolist():
        result = results[row]
        reading = readings.get(result) if isinstance(result, str) else None
        if reading is None:
            reading = _reading(analytes, analyte, result, unit=unit, lloq=lloq, uloq=uloq)
            if isinstance(result, str):  # most texts of a column are the same few limits
                readings[result] = reading
        values[row], kinds[row] = reading.value_and_kind
        if reading.faults:
            faults[row] = reading.faults
    return ResultColumn(values, kinds, faults)


class _Reading(NamedTuple):
    """One result as `value_and_kind` gives it, or its faults."""

    value_and_kind: tuple[float, int]
    faults: tuple[Fault, ...] = ()


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


def _plain_numbers(results: Sequence[Any]) -> NDArray[np.bool_]:
    """Where a result is a number (JSON's true and false are not) that float64 holds."""
    return np.array(
        [
            type(result) is float or (type(result) is int and abs(result) <= _MAX_EXACT)
            for result in results
        ],
        dtype=np.bool_,
    )


def _within(
    numbers: NDArray[np.float64], lloq: float | None, uloq: float | None
) -> NDArray[np.bool_]:
    """Where a number is neither below one limit of quantification nor above the other."""
    inside = np.isfinite(numbers)
    if lloq is not None:
        inside &= numbers >= lloq
    if uloq is not None:
        inside &= numbers <= uloq
    return inside

"""One measured analyte, read from what laboratories write, with nothing silently changed.

``<3.2`` is data, not missing: comparator and limit are carried, and turned into a number in
one place only (`models/features.py`). The text that was received is kept.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from data.analytes import Analyte, AnalyteTable
from data.errors import Fault, MeasurementError
from data.number_text import DecimalMark, NumberTextError, read_number
from data.units import ACCEPTED_UNITS, AS_IS, conversion

Comparator = Literal["none", "<", ">", "extrapolated"]

MISSING_TEXTS: Final = frozenset({"", "na", "n/a", "#n/a", "***", "---"})
"""Texts for "no result" (`***` and `---` as Bio-Plex Manager exports them)."""

RESULT_TYPE_RULE: Final = "a result must be a number or a laboratory's text"

_MAX_TEXT: Final = 64
_SENSITIVITY: Final = 1000
"""How far below the plausible range a limit of quantification may lie (our choice)."""
_OUT_OF_RANGE: Final = frozenset({"OOR<", "<LLOQ", "<LOQ", "OOR>", ">ULOQ"})
"""Texts for "beyond the run's limit" that do not repeat the limit."""

ACCEPTED_FORMS: Final = "12.3, 1.2e3, <3.2, >10000, OOR <, OOR >, *3.42, ***, ---, NA or blank"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a laboratory says about one analyte in one specimen.

    Attributes
    ----------
    analyte
        Canonical name.
    value
        In `unit`; None where the result is censored or was not reported.
    comparator
        ``none``, ``<`` or ``>`` (censored at `limit`), ``extrapolated`` (a value read off
        beyond the standard curve).
    limit
        The limit of a censored result, in `unit`; None otherwise.
    unit
        The analyte's own unit; values are converted to it exactly.
    raw
        What was received, as text.
    platform
        Name of the assay in lower case; platforms differ 2.5-fold in location and are never
        pooled silently.
    plate
        The plate or batch it was measured on, when known.
    """

    analyte: str
    value: float | None
    comparator: Comparator
    limit: float | None
    unit: str
    raw: str
    platform: str | None = None
    plate: str | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes a reader of the result should see; empty for a plain number.

        Examples
        --------
        >>> Measurement("TNF", None, "<", 0.7, "pg/mL", "<0.7").flags
        ('below_lloq',)
        """
        if self.comparator == "none":
            return () if self.value is not None else ("not_reported",)
        return (_FLAG_OF_COMPARATOR[self.comparator],)


_FLAG_OF_COMPARATOR: Final = {
    "<": "below_lloq",
    ">": "above_uloq",
    "extrapolated": "extrapolated",
}


def platform_name(written: str | None) -> str | None:
    """A platform's name as it is compared: without case and outer spaces; None for no name.

    Examples
    --------
    >>> platform_name(" MILLIPLEX "), platform_name("")
    ('milliplex', None)
    """
    return written.strip().lower() or None if written is not None else None


class _Result(NamedTuple):
    """What a result's text says, before units: a number and how it is meant."""

    number: float | None
    comparator: Comparator


class _RefusedError(Exception):
    """A result's text cannot be read; becomes one fault."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


def read_measurement(
    analytes: AnalyteTable,
    analyte: str,
    result: float | str | None,
    *,
    unit: str | None,
    lloq: float | None = None,
    uloq: float | None = None,
    platform: str | None = None,
    plate: str | None = None,
    decimal_mark: DecimalMark = "point",
) -> Measurement:
    """Read one measurement as a laboratory writes it.

    Parameters
    ----------
    analytes
        The analytes that are known.
    analyte
        Name in any accepted spelling.
    result
        A finite number, or text such as ``<0.7``, ``< 3,2``, ``OOR <``, ``*3.42``, ``***``.
        A number below `lloq` or above `uloq` counts as censored there, as other laboratories
        would have written it; `raw` keeps the number.
    unit
        Unit of `result`, `lloq` and `uloq`; None only for analytes taken as they are.
    lloq, uloq
        Limits of quantification of the run; `lloq` is needed for ``OOR <`` and for zero.
    decimal_mark
        What the table around the result shows (`number_text.decimal_mark`): it decides only
        whether ``1,234`` or ``1.234`` can be read.

    Raises
    ------
    MeasurementError
        With every fault found: paths ``/analyte``, ``/result``, ``/unit``, ``/lloq``, ``/uloq``.

    Examples
    --------
    >>> from data.analytes import study_analytes
    >>> read_measurement(study_analytes(), "CCL2", "< 3,2", unit="ng/mL").limit
    3200.0
    """
    found = analytes.find(analyte)
    if found is None:
        raise MeasurementError([Fault("/analyte", "unknown_analyte", analytes.unknown(analyte))])
    faults = []
    factor = _factor(found, unit)
    if factor is None:
        faults.append(Fault("/unit", "unit_not_accepted", _unit_sentence(found)))
    faults += _limit_faults(lloq, uloq)
    try:
        read = _read_result(result, decimal_mark)
    except _RefusedError as refused:
        faults.append(Fault("/result", refused.code, refused.message))
    if faults or factor is None:
        raise MeasurementError(faults)
    return _measurement(
        found, read, str(result), factor, (lloq, uloq), platform_name(platform), plate
    )


def _factor(analyte: Analyte, unit: str | None) -> tuple[int, int] | None:
    if analyte.scale == "as_is":
        return (1, 1) if unit in (None, AS_IS) else None
    return conversion(unit, analyte.unit) if unit is not None else None


def _unit_sentence(analyte: Analyte) -> str:
    if analyte.scale == "as_is":
        return f'{analyte.name} is taken as it is: leave the unit out or write "{AS_IS}"'
    return f"the unit of a concentration must be one of {ACCEPTED_UNITS} (case matters)"


def _limit_faults(lloq: float | None, uloq: float | None) -> list[Fault]:
    faults = [
        Fault(path, "limit_not_positive", "a limit of quantification is a finite number above 0")
        for path, limit in (("/lloq", lloq), ("/uloq", uloq))
        if limit is not None and not (_is_finite(limit) and limit > 0)
    ]
    if not faults and lloq is not None and uloq is not None and lloq >= uloq:
        faults.append(Fault("/uloq", "limits_out_of_order", "uloq must be above lloq"))
    return faults


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond every float
        return False


def _read_result(result: float | str | None, mark: DecimalMark) -> _Result:
    if result is None:
        return _Result(None, "none")
    if isinstance(result, str):
        return _read_text(result, mark)
    if isinstance(result, bool) or not isinstance(result, float | int):
        raise _RefusedError("result_type", RESULT_TYPE_RULE)
    if not _is_finite(result):
        raise _RefusedError("not_finite", "a result must be a finite number or a laboratory's text")
    return _Result(float(result), "none")


def _read_text(text: str, mark: DecimalMark = "point") -> _Result:
    written = text.strip()
    if len(written) > _MAX_TEXT:
        raise _RefusedError("unreadable_result", f"a result has at most {_MAX_TEXT} characters")
    squeezed = "".join(written.split())
    if squeezed.casefold() in MISSING_TEXTS:
        return _Result(None, "none")
    if squeezed.upper() in _OUT_OF_RANGE:
        return _Result(None, "<" if "<" in squeezed else ">")
    if squeezed[0] in "<>":
        comparator: Comparator = "<" if squeezed[0] == "<" else ">"
        return _Result(_read_number(written[1:].strip(), mark), comparator)
    if squeezed[0] == "*":
        return _Result(_read_number(written[1:].strip(), mark), "extrapolated")
    return _Result(_read_number(written, mark), "none")


_NUMBER_SENTENCES: Final = {
    "unreadable": ("unreadable_result", f"a result is written like {ACCEPTED_FORMS}"),
    "ambiguous": (
        "ambiguous_number",
        "a comma or point before exactly three digits may mean thousands or decimals: "
        "write one mark for decimals everywhere and none for thousands",
    ),
}


def _read_number(text: str, mark: DecimalMark) -> float:
    try:
        number = read_number(text, mark)
    except NumberTextError as error:
        raise _RefusedError(*_NUMBER_SENTENCES[error.problem]) from None
    if math.isinf(number):
        raise _RefusedError("not_finite", "a result must be a finite number")
    return number


def _measurement(
    analyte: Analyte,
    read: _Result,
    raw: str,
    factor: tuple[int, int],
    limits: tuple[float | None, float | None],
    platform: str | None,
    plate: str | None,
) -> Measurement:
    """Units, limits and ranges applied to a result that could be read."""
    try:
        value, comparator, limit = _censored(analyte, read, *limits)
        value, limit = _converted(value, factor), _converted(limit, factor)
        _check_range(analyte, comparator, value, limit)
    except _RefusedError as refused:
        raise MeasurementError([Fault("/result", refused.code, refused.message)]) from None
    return Measurement(analyte.name, value, comparator, limit, analyte.unit, raw, platform, plate)


def _censored(
    analyte: Analyte, read: _Result, lloq: float | None, uloq: float | None
) -> tuple[float | None, Comparator, float | None]:
    """Value, comparator and limit of a result, in the unit it was received in."""
    number, comparator = read
    if analyte.scale == "as_is":
        if comparator != "none":
            raise _RefusedError(
                "censored_as_is", f"{analyte.name} is taken as it is and cannot be censored"
            )
        return number, "none", None
    if comparator in ("<", ">"):
        return None, comparator, _limit(number, comparator, lloq if comparator == "<" else uloq)
    if number is None:
        return None, "none", None
    if lloq is not None and 0 <= number < lloq:
        return None, "<", lloq
    if uloq is not None and number > uloq:
        return None, ">", uloq
    if number <= 0:
        raise _RefusedError(
            "not_positive",
            "a concentration is above 0; below the limit of quantification write <limit",
        )
    return number, comparator, None


def _limit(number: float | None, comparator: str, limit_of_run: float | None) -> float:
    limit = number if number is not None else limit_of_run
    if limit is None:
        name = "lloq" if comparator == "<" else "uloq"
        raise _RefusedError("limit_missing", f"OOR {comparator} needs the run's {name}")
    if limit <= 0:
        raise _RefusedError("not_positive", "the limit of a censored result is above 0")
    return limit


def _converted(number: float | None, factor: tuple[int, int]) -> float | None:
    return None if number is None else number * factor[0] / factor[1]


def _check_range(
    analyte: Analyte, comparator: Comparator, value: float | None, limit: float | None
) -> None:
    level = value if limit is None else limit
    # An assay may well measure below the range, but not that far.
    lower = analyte.lower / _SENSITIVITY if comparator == "<" else analyte.lower
    if level is not None and not lower <= level <= analyte.upper:
        raise _RefusedError(
            "implausible_value",
            f"{analyte.name} must lie within {analyte.lower:g} to {analyte.upper:g}"
            + ("" if analyte.scale == "as_is" else f" {analyte.unit}: is the unit right?"),
        )


def as_text(measured: Measurement) -> str:
    """Text that reads back to the same result in the measurement's own unit.

    The text that was received wherever it still says the same.

    Examples
    --------
    >>> as_text(Measurement("TNF", None, "<", 0.7, "pg/mL", "< 0,7"))
    '< 0,7'
    """
    number = measured.limit if measured.comparator in ("<", ">") else measured.value
    try:
        if _read_text(measured.raw) == (number, measured.comparator):
            return measured.raw
    except _RefusedError:
        pass
    if number is None:
        return ""
    sign = "*" if measured.comparator == "extrapolated" else measured.comparator
    return f"{number!r}" if sign == "none" else f"{sign}{number!r}"

"""The errors of the domain: few, named after what is wrong, carrying every fault at once.

No sentence here ever repeats a received value: values may be a patient's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace


class CsfError(ValueError):
    """Anything that the project refuses; the text is one clear sentence for a person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with something received.

    Attributes
    ----------
    path
        Where: a JSON pointer (RFC 6901) into what was received, ``""`` for the whole.
    code
        Stable name of the rule, for programs.
    message
        What is wrong and what would be right, for people; never the received value.
    """

    path: str
    code: str
    message: str

    def under(self, prefix: str) -> "Fault":
        """The same fault, seen from the thing that contains this one at `prefix`."""
        return replace(self, path=prefix + self.path)


class FaultsError(CsfError):
    """Something received has faults; `faults` lists all of them.

    Examples
    --------
    >>> str(PanelError([Fault("/month", "month_not_finite", "month must be a finite number")]))
    '1 fault: /month: month must be a finite number'
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        listed = "; ".join(f"{fault.path or '/'}: {fault.message}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} {noun}: {listed}")


class MeasurementError(FaultsError):
    """A measurement cannot be understood or is impossible."""


class PanelError(FaultsError):
    """A panel or a pair of panels breaks a rule."""


class AnalyteError(CsfError):
    """An analyte is not known, or its declaration does not hold together."""


class DefinitionError(CsfError):
    """A responder definition does not exist or its numbers do not make sense."""


@dataclass(frozen=True, slots=True)
class CohortFault:
    """One thing that is wrong with a cohort's files.

    Attributes
    ----------
    file
        Name of the file inside the folder.
    row
        Row as a spreadsheet counts it (the header is row 1); None for the whole file.
    column
        Name of the column; None for the whole row.
    rule
        Stable name of the rule, for programs.
    message
        What is wrong and what would be right, for people; never the received value.
    """

    file: str
    row: int | None
    column: str | None
    rule: str
    message: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row is not None else ""
        column = f", column {self.column}" if self.column is not None else ""
        return f"{self.file}{row}{column}: {self.message}"


class TableError(CsfError):
    """One file cannot be read as a table; `row` and `column` say where, if anywhere."""

    def __init__(
        self, rule: str, message: str, row: int | None = None, column: str | None = None
    ) -> None:
        self.rule, self.message, self.row, self.column = rule, message, row, column
        super().__init__(message)


class ConfigError(CsfError):
    """A configuration file cannot be read or does not make sense."""


class CohortError(CsfError):
    """A cohort's files have faults; `faults` lists all of them."""

    def __init__(self, faults: Iterable[CohortFault]) -> None:
        self.faults = tuple(faults)
        noun = "fault" if len(self.faults) == 1 else "faults"
        listed = "; ".join(str(fault) for fault in self.faults[:3])
        more = f"; and {len(self.faults) - 3} more" if len(self.faults) > 3 else ""
        super().__init__(f"{len(self.faults)} {noun} in the cohort: {listed}{more}")

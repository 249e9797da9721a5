from typing import Any

import pytest

from data.errors import (
    AnalyteError,
    CohortError,
    CohortFault,
    CsfError,
    DefinitionError,
    Fault,
    FaultsError,
    MeasurementError,
    PanelError,
)

FAULT = Fault("/month", "month_not_finite", "month must be a finite number")


@pytest.mark.parametrize("kind", [MeasurementError, PanelError])
def test_faults_error_lists_every_fault_with_its_place(kind: type[FaultsError]) -> None:
    error = kind([FAULT, Fault("", "empty", "nothing was sent")])
    assert error.faults[1].code == "empty"
    assert str(error) == "2 faults: /month: month must be a finite number; /: nothing was sent"


def test_one_fault_is_counted_in_the_singular() -> None:
    assert str(PanelError([FAULT])).startswith("1 fault: ")


def test_a_fault_moves_under_what_contains_it() -> None:
    assert FAULT.under("/baseline").path == "/baseline/month"
    assert FAULT.path == "/month"


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        (3, "arm", "participants.csv, row 3, column arm: wrong"),
        (3, None, "participants.csv, row 3: wrong"),
        (None, "arm", "participants.csv, column arm: wrong"),
        (None, None, "participants.csv: wrong"),
    ],
)
def test_cohort_fault_says_where_it_is(row: int | None, column: str | None, text: str) -> None:
    assert str(CohortFault("participants.csv", row, column, "rule", "wrong")) == text


def test_cohort_error_keeps_all_faults_and_prints_three() -> None:
    faults = [CohortFault("x.csv", row, None, "rule", f"wrong {row}") for row in range(2, 7)]
    error = CohortError(faults)
    assert error.faults == tuple(faults)
    assert "5 faults in the cohort" in str(error)
    assert "wrong 4; and 2 more" in str(error)
    assert "wrong 5" not in str(error)


@pytest.mark.parametrize(
    "error",
    [PanelError([]), MeasurementError([]), CohortError([]), AnalyteError(""), DefinitionError("")],
    ids=lambda error: type(error).__name__,
)
def test_everything_refused_is_one_kind_of_error(error: Any) -> None:
    assert isinstance(error, CsfError)
    assert isinstance(error, ValueError)

import pytest

from analysis.errors import (
    AllCensoredError,
    AnalysisError,
    LengthsDifferError,
    NoSpreadError,
    NotConvergedError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    RankDeficientError,
    SeparatedError,
    ShapeError,
    TooFewError,
    TooManyError,
    UnknownChoiceError,
)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AllCensoredError("patients", 3), "All 3 patients are beyond their limit"),
        (LengthsDifferError({"scores": 3, "is_case": 2}), "scores has 3, is_case has 2"),
        (NoSpreadError("x"), "x must differ between patients"),
        (NotConvergedError("the maximum"), "search for the maximum did not converge"),
        (NotFiniteError("scores", 1, 3), "1 of 3 entries of scores are NaN or infinite"),
        (OneClassError(0, 4), "there are 0 cases and 4 controls"),
        (OutOfRangeError("level", "strictly between 0 and 1"), "level must be strictly"),
        (RankDeficientError(2, 3), "Only 2 of 3 columns"),
        (SeparatedError(3, 4), "separate the 3 cases from the 4 controls"),
        (ShapeError("scores", (2, 2), "one-dimensional"), "scores has shape (2, 2)"),
        (TooFewError("folds", 1, 2), "At least 2 folds are needed; there is 1"),
        (TooManyError("patients", 45, 44), "At most 44 patients can be worked through"),
        (UnknownChoiceError("direction", ["up", "down"]), "one of: up, down"),
    ],
)
def test_error_is_a_value_error_that_writes_its_sentence(error: AnalysisError, said: str) -> None:
    assert isinstance(error, ValueError)
    assert said in str(error)


def test_error_keeps_its_facts() -> None:
    error = OneClassError(0, 4)
    assert (error.n_cases, error.n_controls) == (0, 4)

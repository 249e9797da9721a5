from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import NotFiniteError, OutOfRangeError, TooFewError
from analysis.summary import Summary, quartiles, standard_deviation, summarise

Table = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("analyte", ["tnf", "mcp1", "tgfb1"])
@pytest.mark.parametrize(("scale", "of"), [("csf33", np.asarray), ("csf33_log", np.log)])
@pytest.mark.parametrize("time", ["pre", "post"])
def test_summaries_are_those_of_r(
    analyte: str, scale: str, of: Any, time: str, expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("04_paired_corr")[scale][analyte]
    values = of(table("csf33")[f"{analyte}_{time}"])
    found = summarise(values)
    assert found.n == reference["n"]
    assert found.mean == pytest.approx(reference[f"mean_{time}"], abs=1e-9)
    assert found.sd == pytest.approx(reference[f"sd_{time}"], abs=1e-9)
    wanted = [reference[f"{name}_{time}"] for name in ("q1", "median", "q3")]
    assert quartiles(values) == pytest.approx(wanted, abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_quartiles_are_ordered_and_within_the_sample(values: list[float]) -> None:
    lower, median, upper = quartiles(values)
    assert min(values) <= lower <= median <= upper <= max(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_standard_deviation_is_numpys_in_any_unit(values: list[float]) -> None:
    vector = np.array(values)
    found = standard_deviation(vector)
    assert found == pytest.approx(vector.std(ddof=1), rel=1e-9, abs=1e-9)
    assert standard_deviation(vector * 2.0**600) == found * 2.0**600


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: summarise([1.0]), TooFewError),
        (lambda: summarise([1.0, np.nan]), NotFiniteError),
        (lambda: quartiles([]), TooFewError),
        (lambda: Summary(1, 0.0, 1.0), OutOfRangeError),
        (lambda: Summary(5, np.inf, 1.0), OutOfRangeError),
        (lambda: Summary(5, 0.0, -1.0), OutOfRangeError),
        (lambda: Summary(5, 0.0, np.nan), OutOfRangeError),
    ],
)
def test_what_no_sample_can_have_is_refused(
    refused: Callable[[], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        refused()

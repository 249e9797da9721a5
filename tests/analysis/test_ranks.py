import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import NotFiniteError
from analysis.ranks import midranks, tie_sizes

VALUES = st.lists(st.integers(-5, 5), max_size=20)


@given(VALUES)
def test_midrank_is_the_number_below_and_half_of_the_equals(values: list[int]) -> None:
    vector = np.array(values)
    wanted = [(vector < v).sum() + ((vector == v).sum() + 1) / 2 for v in values]
    assert midranks(values).tolist() == wanted


@given(VALUES)
def test_tie_sizes_count_everyone_once(values: list[int]) -> None:
    assert tie_sizes(values).sum() == len(values)
    assert tie_sizes(values).size == len(set(values))


@pytest.mark.parametrize("function", [midranks, tie_sizes])
def test_a_missing_value_is_refused(function: object) -> None:
    with pytest.raises(NotFiniteError):
        function([1.0, np.nan])  # type: ignore[operator]

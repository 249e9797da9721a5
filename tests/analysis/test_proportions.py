import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutOfRangeError
from analysis.proportions import clopper_pearson, wilson

COUNTS = Path(__file__).parents[1] / "reference" / "data" / "ae.csv"
ROWS = list(csv.DictReader(COUNTS.read_text().splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=[row["term"] for row in ROWS])
def test_intervals_are_those_of_r(row: dict[str, str], expected: Callable[[str], Any]) -> None:
    (reference,) = (ae for ae in expected("08_ae_clustered")["ae"] if ae["term"] == row["term"])
    msc = int(row["msc_n"]), int(row["msc_N"])
    control = int(row["control_n"]), int(row["control_N"])
    assert wilson(*msc) == pytest.approx(reference["wilson_msc"], abs=1e-12)
    assert clopper_pearson(*msc) == pytest.approx(reference["cp_msc"], abs=1e-9)
    assert clopper_pearson(*control) == pytest.approx(reference["cp_control"], abs=1e-9)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@given(st.integers(1, 100), st.floats(0, 1), st.floats(0.5, 0.999))
def test_interval_lies_inside_and_contains_the_proportion(
    interval: Any, n: int, proportion: float, level: float
) -> None:
    lower, upper = interval(proportion * n, n, level=level)
    assert 0 <= lower <= proportion * n / n <= upper <= 1
    assert lower < upper


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_none_and_all_reach_the_ends_exactly(interval: Any) -> None:
    assert interval(0, 7)[0] == 0.0
    assert interval(7, 7)[1] == 1.0


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_mean_over_repeats_lies_between_its_neighbours(interval: Any) -> None:
    limits = [interval(successes, 14) for successes in (9, 9.5, 10)]
    assert limits == sorted(limits)
    assert len(set(limits)) == 3


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize(
    ("successes", "n", "level"), [(1, 0, 0.95), (-1, 5, 0.95), (6, 5, 0.95), (1, 5, 95)]
)
def test_what_is_wrong_is_refused(interval: Any, successes: int, n: int, level: float) -> None:
    with pytest.raises(OutOfRangeError):
        interval(successes, n, level=level)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analysis.thresholds import count_at_thresholds

PATIENTS = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=30)


@given(PATIENTS)
def test_counts_are_those_of_the_rule_at_each_threshold(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    counts = count_at_thresholds(scores, is_case)
    called = scores >= counts.thresholds[:, None]
    assert counts.true_positives.tolist() == (called & is_case).sum(axis=1).tolist()
    assert counts.false_positives.tolist() == (called & ~is_case).sum(axis=1).tolist()


@given(PATIENTS)
def test_thresholds_are_infinity_and_each_distinct_score(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = zip(*patients, strict=True)
    thresholds = count_at_thresholds(scores, is_case).thresholds
    assert thresholds.tolist() == [np.inf, *sorted(set(scores), reverse=True)]


def test_totals_are_known_even_for_one_class_or_nobody() -> None:
    only_cases = count_at_thresholds([1.0, 2.0], [True, True])
    nobody = count_at_thresholds([], np.array([], dtype=bool))
    assert (only_cases.n_cases, only_cases.n_controls) == (2, 0)
    assert (nobody.n_cases, nobody.n_controls) == (0, 0)
    assert nobody.thresholds.tolist() == [np.inf]

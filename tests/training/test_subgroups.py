"""Groups of patients: who is shown, who is hidden behind whom, and what is said of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.nested_cv import PROCEDURE, Repeat
from training.procedure import Floats
from training.subgroups import LEAST_OF_EACH, subgroups
from training.training_set import TrainingSet

Rows = list[dict[str, Any]]


def rows_of(
    training_set: TrainingSet, scores: Sequence[Floats] | None = None, **columns: Sequence[str]
) -> Rows:
    """Rows of patients whose covariates are `columns`, by scores of repeats in fixed folds."""
    y = training_set.is_responder
    folds = np.empty(len(y), dtype=np.intp)
    folds[y], folds[~y] = np.arange(y.sum()) % 4, np.arange((~y).sum()) % 4
    scores = scores or [np.random.default_rng(1).normal(size=len(y))]
    repeats = [Repeat(folds, {PROCEDURE: one}, (), one > 0) for one in scores]
    covariates = tuple(
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    )
    return subgroups(replace(training_set, covariates=covariates), repeats)


def of_classes(training_set: TrainingSet, responders: str, others: str) -> list[str]:
    """One letter for each patient, taken in turn for responders and for the others."""
    left = {True: list(responders), False: list(others)}
    return [left[bool(y)].pop(0) for y in training_set.is_responder]


def test_a_group_with_few_of_a_class_is_counted_and_not_shown(training_set: TrainingSet) -> None:
    arms = of_classes(training_set, "A" * 10 + "B" * 9 + "C" * 2, "A" * 5 + "B" * 4 + "C" * 2)
    shown, hidden = rows_of(training_set, arm=arms)
    assert (shown["group"], shown["n_patients"], shown["n_responders"]) == ("A", 15, 10)
    assert hidden == {"column": "arm", "group": None, "n_patients": 17}


def test_a_small_rest_cannot_be_had_by_subtracting_what_is_shown(
    training_set: TrainingSet,
) -> None:
    arms = of_classes(training_set, "A" * 10 + "B" * 10 + "C", "A" * 6 + "B" * 5)
    shown, hidden = rows_of(training_set, arm=arms)
    assert (shown["group"], hidden["n_patients"]) == ("A", 16)
    two = of_classes(training_set, "A" * 20 + "B", "A" * 11)
    assert rows_of(training_set, arm=two) == [{"column": "arm", "group": None, "n_patients": 32}]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from("ABCDE"), min_size=32, max_size=32))
def test_every_shown_group_and_every_rest_has_enough_of_both_classes(
    training_set: TrainingSet, groups: list[str]
) -> None:
    shown = [r for r in rows_of(training_set, arm=groups) if r["group"] is not None]
    sizes = [(row["n_responders"], row["n_patients"] - row["n_responders"]) for row in shown]
    rest = np.array([21, 11]) - np.sum(sizes, axis=0, dtype=int)
    assert all(min(size) >= LEAST_OF_EACH for size in sizes)
    assert not shown or not rest.any() or rest.min() >= LEAST_OF_EACH


@pytest.mark.parametrize(
    "words",
    [
        ["54", "61"], ["1", "2", "NA"], ["0,5", "1,5"], ["2019-01-02", "2019-03-04"],
        ["1/2/2019", "3/4/2019 10:00"], ["x" * 41, "y"], ["female\u200b", "male"], ["A"],
        ["", "NA"], list("ABCDEFGHI"),
    ],
)  # fmt: skip
def test_numbers_dates_remarks_invisible_or_many_words_are_no_groups(
    training_set: TrainingSet, words: list[str]
) -> None:
    cells = (words * 32)[:32]
    assert rows_of(training_set, column=cells) == []


def test_ids_are_no_groups(training_set: TrainingSet) -> None:
    assert rows_of(training_set, hospital_number=[f"H-{n}" for n in range(32)]) == []


def test_blank_and_na_are_one_group_that_is_not_recorded(training_set: TrainingSet) -> None:
    cells = of_classes(training_set, "F" * 11 + "-" * 10, "F" * 6 + "-" * 5)
    blanks = ["" if n % 2 else "NA" for n in range(32)]
    sexes = [cell if cell == "F" else blanks[n] for n, cell in enumerate(cells)]
    assert [row["group"] for row in rows_of(training_set, sex=sexes)] == ["F", "not recorded"]


def test_scores_that_differ_only_between_folds_separate_nobody(training_set: TrainingSet) -> None:
    """Pooled ranks would call it an AUC away from one half: fits do not compare."""
    y = training_set.is_responder
    folds = np.empty(len(y), dtype=np.intp)
    folds[y], folds[~y] = np.arange(y.sum()) % 4, np.arange((~y).sum()) % 4
    between = np.array([3.0, -1.0, 2.0, 0.5])[folds]
    arms = of_classes(training_set, "AB" * 10 + "A", "AB" * 5 + "A")
    assert {row["auc"]["value"] for row in rows_of(training_set, [between], arm=arms)} == {0.5}


def test_sensitivity_is_averaged_over_repeats_without_a_rule_for_ties(
    training_set: TrainingSet,
) -> None:
    y = training_set.is_responder
    arms = of_classes(training_set, "AB" * 10 + "A", "AB" * 5 + "A")
    tie = [np.where(y, 1.0, -1.0), np.where(y, -1.0, 1.0)]
    for row in rows_of(training_set, tie, arm=arms):
        assert (row["sensitivity"]["value"], row["specificity"]["value"]) == (0.5, 0.5)
        n = row["n_patients"] - row["n_responders"]
        assert (row["auc"]["n_cases"], row["auc"]["n_controls"]) == (row["n_responders"], n)
        assert row["auc"]["method"].startswith("ensemble_of_repeats_")

"""The whole procedure on many training sets at once: every family fitted, one of them chosen.

Nested cross-validation and the final fit run this same procedure, so that what is evaluated is
what is served; bootstrap refits run it with the chosen family alone (decision 20).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from training.choice import InnerResult, choose_family, inner_result, inner_weights
from training.errors import TrainingError
from training.estimators import Family

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Folds = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ProcedureResult:
    """What the procedure made of one training set.

    Attributes
    ----------
    inner
        One per family.
    scores
        Shape (n_families, n_patients) [log-odds]: everybody, calibrated, by each family's best
        setting fitted on the whole training set.
    chosen
        Position of the chosen family.
    """

    inner: tuple[InnerResult, ...]
    scores: Floats
    chosen: int


def assign_folds(
    is_responder: Bools,
    groups: NDArray[np.intp] | None,
    n_folds: int,
    rng: np.random.Generator,
) -> Folds:
    """Stratified folds, shape (n_patients,); patients of one group share a fold.

    Folds that no group was put into are left out, so that there may be fewer than `n_folds`.

    Raises
    ------
    TrainingError
        Fewer groups than folds.
    """
    seed = int(rng.integers(2**31))
    folds = np.empty(len(is_responder), dtype=np.intp)
    if groups is None:
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
        splits = splitter.split(folds, is_responder)
    else:
        if len(np.unique(groups)) < n_folds:
            raise TrainingError(
                f"grouping needs at least {n_folds} groups (sites), one for every fold; "
                f"there are {len(np.unique(groups))}"
            )
        splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
        splits = splitter.split(folds, is_responder, groups)
    for fold, (_, held_out) in enumerate(splits):
        folds[held_out] = fold
    return np.unique(folds, return_inverse=True)[1]


def assign_inner_folds(
    is_responder: Bools,
    groups: NDArray[np.intp] | None,
    weight: Floats,
    n_folds: int,
    rng: np.random.Generator,
) -> Folds:
    """Inner folds of one training set: -1 outside it, copies of one patient together.

    As many folds as asked for, fewer where a class has fewer patients or there are fewer groups.

    Raises
    ------
    TrainingError
        One group, or fewer than two patients of a class: no fold can be held out.
    """
    inside = np.flatnonzero(weight > 0)
    labels = is_responder[inside]
    smallest = min(int(labels.sum()), int((~labels).sum()))
    inner_groups = groups[inside] if groups is not None else None
    if smallest < 2:
        raise TrainingError(
            "a training set is left with fewer than two patients of the rarer outcome, and "
            "choosing settings holds some of them out: more of them or more folds are needed"
        )
    if inner_groups is not None:
        smallest = min(smallest, len(np.unique(inner_groups)))
    if smallest < 2:
        raise TrainingError(
            "a training set is left with one site, and choosing settings holds sites out: "
            "use more folds or do not group"
        )
    folds = np.full(len(weight), -1, dtype=np.intp)
    folds[inside] = assign_folds(labels, inner_groups, min(n_folds, smallest), rng)
    return folds


def check_both_classes(trained_on: Bools, is_responder: Bools) -> None:
    """Stratified folds always have both classes to train on; grouped ones may not."""
    both = (trained_on & is_responder).any(axis=1) & (trained_on & ~is_responder).any(axis=1)
    if not both.all():
        raise TrainingError(
            f"{int((~both).sum())} training sets are left with one class when sites are held out "
            "whole: use fewer folds or do not group"
        )


def check_varies(features: Floats) -> None:
    """Refuse features of which none differs between patients: nothing could be learnt."""
    known = ~np.isnan(features)
    highest = np.where(known, features, -np.inf).max(axis=0)
    lowest = np.where(known, features, np.inf).min(axis=0)
    if not (highest > lowest).any():
        raise TrainingError(
            "every analyte is missing, or the same in all patients who can train (a censored "
            "result counts as its limit): there is nothing to learn from"
        )


def run_procedures(
    candidates: Sequence[Family],
    features: Floats,
    is_responder: Bools,
    weights: Floats,
    inner_folds: Sequence[Folds],
) -> list[ProcedureResult]:
    """Run the procedure on several training sets.

    Parameters
    ----------
    features
        Shape (n_patients, n_features).
    weights
        Shape (n_sets, n_patients): 0 held out, 1 trained on, more for copies.
    inner_folds
        One per training set, as `assign_inner_folds` makes them.
    """
    n_inner = [int(folds.max()) + 1 for folds in inner_folds]
    inner = [
        inner_weights(folds, weight, n)
        for folds, weight, n in zip(inner_folds, weights, n_inner, strict=True)
    ]
    problems = np.concatenate([weights, *inner])
    check_both_classes(problems > 0, is_responder)
    scores = [family.scores(features, is_responder, problems) for family in candidates]
    starts = len(weights) + np.concatenate([[0], np.cumsum(n_inner)])
    results = []
    for number, (weight, folds) in enumerate(zip(weights, inner_folds, strict=True)):
        of_inner = slice(starts[number], starts[number + 1])
        found = tuple(
            inner_result(family, of_family[of_inner], is_responder, weight, folds)
            for family, of_family in zip(candidates, scores, strict=True)
        )
        everybody = np.array(
            [
                result.platt.apply(of_family[number, result.setting])
                for result, of_family in zip(found, scores, strict=True)
            ]
        )
        n_train = int((weight > 0).sum())
        n_test = n_train / n_inner[number]
        chosen = choose_family(found, n_train=n_train - n_test, n_test=n_test)
        results.append(ProcedureResult(found, everybody, chosen))
    return results

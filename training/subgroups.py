"""How the classifier does in groups of patients: sex, region of onset, site and the like.

A group is shown where it, and everybody who is not in a shown group of its column, have enough
patients of both classes: a small rest could be had by subtracting what is shown from the whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.auc_interval import auc_interval
from analysis.ranks import midranks
from training.nested_cv import PROCEDURE, Repeat
from training.out_of_fold import proportion
from training.procedure import Bools, Floats
from training.training_set import TrainingSet

LEAST_OF_EACH: Final = 5
"""Responders, and others, of a group that is shown (our choice; as the service's counts)."""
MOST_GROUPS: Final = 8
"""A column with more different words is no grouping."""
LONGEST_NAME: Final = 40
"""Characters of a group's or a column's name; what is longer is a remark."""

NOT_RECORDED: Final = "not recorded"
_BLANK: Final = frozenset({"", "na", "n/a", "nan", "none", "null"})
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")


def subgroups(training_set: TrainingSet, repeats: Sequence[Repeat]) -> list[dict[str, Any]]:
    """Rows of `evaluation.json`: column, group, n, responders, AUC, sensitivity, specificity.

    Out of fold, all of them. The AUC is of each patient's mean rank within the folds that held
    them out, so of an ensemble of the repeats' models, and its interval takes those ranks as
    fixed. Sensitivity and specificity are means over repeats, as those of everybody.

    The patients of a column who are in no shown group are counted in a row whose group is None.
    """
    y = training_set.is_responder
    ranks = np.mean([_ranks_within_folds(repeat) for repeat in repeats], axis=0)
    called = np.mean([repeat.called for repeat in repeats], axis=0)
    rows: list[dict[str, Any]] = []
    for column, groups in _groupings(training_set.covariates).items():
        shown = _shown(groups, y)
        for group in sorted(shown):
            inside = groups == group
            row = _row(ranks[inside], called[inside], y[inside])
            rows.append({"column": column, "group": group, **row})
        hidden = int((~np.isin(groups, shown)).sum())
        if hidden:
            rows.append({"column": column, "group": None, "n_patients": hidden})
    return rows


def _groupings(covariates: Sequence[Mapping[str, str]]) -> dict[str, NDArray[np.str_]]:
    """Columns of words that divide the patients into a few groups, each of shape (n_patients,)."""
    groupings = {}
    for column in sorted({name for patient in covariates for name in patient}):
        cells = [" ".join(patient.get(column, "").split()) for patient in covariates]
        recorded = {cell for cell in cells if cell.casefold() not in _BLANK}
        groups = np.array([cell if cell in recorded else NOT_RECORDED for cell in cells])
        few = 2 <= len(set(groups.tolist())) <= MOST_GROUPS
        if few and recorded and all(map(_is_word, (column, *recorded))):
            groupings[column] = groups
    return groupings


def _is_word(text: str) -> bool:
    """Whether a cell may name a group: no number, no date, no remark, nothing invisible."""
    if len(text) > LONGEST_NAME or not text.isprintable() or _DATE.fullmatch(text):
        return False
    try:
        float(text.replace(",", "."))
    except ValueError:
        return True
    return False


def _shown(groups: NDArray[np.str_], is_responder: Bools) -> list[str]:
    """Groups with enough of both classes, the smallest left out until the rest has enough, too."""
    names, sizes = np.unique(groups, return_counts=True)
    largest_first = names[np.argsort(-sizes, kind="stable")].tolist()
    shown = [name for name in largest_first if _enough(is_responder[groups == name])]
    while shown:
        rest = is_responder[~np.isin(groups, shown)]
        if not rest.size or _enough(rest):
            break
        shown.pop()
    return shown


def _enough(is_responder: Bools) -> bool:
    n, k = len(is_responder), int(is_responder.sum())
    return min(k, n - k) >= LEAST_OF_EACH


def _ranks_within_folds(repeat: Repeat) -> Floats:
    """Ranks from 0 to 1 among those held out together: scores of different fits do not compare."""
    ranks = np.empty(len(repeat.folds))
    for fold in np.unique(repeat.folds):
        at = repeat.folds == fold
        ranks[at] = (midranks(repeat.scores[PROCEDURE][at]) - 0.5) / at.sum()
    return ranks


def _row(ranks: Floats, called: Floats, is_responder: Bools) -> dict[str, Any]:
    n, k = len(is_responder), int(is_responder.sum())
    area = auc_interval(ranks, is_responder, direction="higher_is_case")
    right = float(called[is_responder].sum()), float((1 - called[~is_responder]).sum())
    return {
        "n_patients": n,
        "n_responders": k,
        "auc": replace(area, method=f"ensemble_of_repeats_{area.method}").as_dict(),
        "sensitivity": proportion(right[0], k, n_cases=k, n_controls=n - k),
        "specificity": proportion(right[1], n - k, n_cases=k, n_controls=n - k),
    }

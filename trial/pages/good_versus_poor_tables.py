"""The tables of good and of poor responders: each analyte's levels, change and AUC."""

from collections.abc import Iterator, Mapping
from typing import Final

from charts.table import Cell, Column, Table
from trial.good_versus_poor import GoodVersusPoor
from trial.group_comparison import GroupComparison, ResponderRoc
from trial.holm import exact_or_normal
from trial.not_computed import NotComputed
from trial.pages.words import median_quartiles

Row = Mapping[str, Cell]
Quantity = tuple[str, GroupComparison, float | None, Mapping[str, Mapping[str, float]]]

_QUANTITIES: Final = {"baseline": "baseline", "follow_up": "follow-up", "change": "after / before"}


def comparison_table(groups: GoodVersusPoor, name: str, who: str, level: str) -> Table:
    """Levels and changes of both groups, and their difference."""
    columns = (
        Column("analyte", "Analyte"),
        Column("quantity", "Quantity"),
        Column("n_good", "Good: n", "integer"),
        Column("good", "median (quartiles)", "number"),
        Column("n_poor", "Poor: n", "integer"),
        Column("poor", "median (quartiles)", "number"),
        Column("ratio", "Good / poor", "estimate"),
        Column("p", "p (Welch)", "p"),
        Column("p_holm", "Holm", "p"),
        Column("p_rank_sum", "p (ranks)", "p"),
        Column("p_rank_sum_holm", "Holm", "p"),
    )
    rows = tuple(_row(*found) for found in _quantities(groups))
    note = (
        f"Ratio of geometric means, good over poor, with Welch's {level} interval of logarithms"
        " (differences of means for an analyte that holds no concentrations); Wilcoxon's rank-sum"
        " test, exact up to 200 patients; limit/sqrt(2) for levels below a limit. Holm: over the"
        " analytes of one quantity."
    )
    return Table(f"{name}-cytokines", f"Good and poor responders by {who}", columns, rows, note)


def responder_roc_table(groups: GoodVersusPoor, name: str, who: str, level: str) -> Table:
    """Each analyte alone as a classifier, and levels beyond a limit without filling in."""
    columns = (
        Column("analyte", "Analyte"),
        Column("quantity", "Quantity"),
        Column("direction", "Called good if"),
        Column("n", "Good v poor"),
        Column("auc", "AUC", "estimate"),
        Column("method", "Method"),
        Column("likelihood", "Log ratio, likelihood", "estimate"),
        Column("p_likelihood", "p", "p"),
    )
    rows = tuple(_roc_row(analyte, one, month) for analyte, one, month, _ in _quantities(groups))
    note = (
        f"Family responder_vs_nonresponder, {level} intervals: one analyte alone, its direction"
        " fixed beforehand; an area below .5 speaks for the other direction and is not turned."
        " Likelihood: logarithm of good / poor with nothing filled in (left-censored log-normal,"
        " likelihood-ratio p), where a level lies below its limit."
    )
    return Table(f"{name}-roc", f"Each analyte alone, by {who}", columns, rows, note)


def _quantities(groups: GoodVersusPoor) -> Iterator[Quantity]:
    """Each analyte's comparisons, with the follow-up month and p adjusted by Holm."""
    for analyte, baseline in groups.baseline.items():
        yield analyte, baseline, None, groups.p_holm
        for follow_up in groups.follow_ups:
            if analyte not in follow_up.level:
                continue
            for what, found in (("level", follow_up.level), ("change", follow_up.change)):
                p_holm = {test: follow_up.p_holm[f"{what}_{test}"] for test in groups.p_holm}
                yield analyte, found[analyte], follow_up.month, p_holm


def _name(one: GroupComparison, month: float | None) -> str:
    return (
        _QUANTITIES[one.quantity]
        if month is None
        else (f"{_QUANTITIES[one.quantity]}, month {month:g}")
    )


def _row(
    analyte: str,
    one: GroupComparison,
    month: float | None,
    p_holm: Mapping[str, Mapping[str, float]],
) -> Row:
    row: dict[str, Cell] = {
        "analyte": analyte,
        "quantity": _name(one, month),
        "n_good": one.good.n,
        "good": median_quartiles(one.good),
        "n_poor": one.poor.n,
        "poor": median_quartiles(one.poor),
    }
    if not isinstance(one.difference, NotComputed):
        row["ratio"] = one.ratio or one.difference.difference
        row |= {"p": one.difference.p, "p_holm": p_holm["welch"][analyte]}
    if not isinstance(one.rank_sum, NotComputed):
        row["p_rank_sum"] = exact_or_normal(one.rank_sum)
        row["p_rank_sum_holm"] = p_holm["rank_sum"][analyte]
    return row


def _roc_row(analyte: str, one: GroupComparison, month: float | None) -> Row:
    row: dict[str, Cell] = {
        "analyte": analyte,
        "quantity": _name(one, month),
        "n": f"{one.good.n} v {one.poor.n}",
    }
    if isinstance(one.roc, ResponderRoc):
        way = "lower" if one.roc.direction == "lower_is_case" else "higher"
        row |= {"direction": way, "auc": one.roc.auc, "method": one.roc.auc.method}
    if one.likelihood is not None and not isinstance(one.likelihood, NotComputed):
        row["likelihood"] = one.likelihood.difference
        row["p_likelihood"] = one.likelihood.p_likelihood_ratio
    return row

"""How far to trust it: chance, sample size, and what hangs on the outcome's rule."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from charts.bars_chart import bars_chart, histogram_chart
from charts.chart import Figure
from charts.evaluation.who import Evaluation, plot, readable, who
from charts.table import Column, Table

_STEP: Final = 0.02
"""Width of the bars in which the evaluation keeps permuted AUCs."""


def doubt_plots(evaluation: Evaluation) -> Iterator[Figure]:
    """The permutation null, where it was asked for, sample size and labels at other bars."""
    permutation = evaluation.get("permutation")
    if permutation is not None and "histogram" in permutation:
        yield _permutation(permutation, evaluation)
    yield _sample_size(evaluation["sample_size"], evaluation)
    if evaluation.get("labels"):
        yield _labels(evaluation["labels"], evaluation)


def _permutation(found: Mapping[str, Any], evaluation: Evaluation) -> Figure:
    observed, mean = found["observed_auc"], found["mean_permuted_auc"]
    bars = found["histogram"]
    chart = histogram_chart(
        [(one["lower"], one["n"]) for one in bars],
        _STEP,
        title="AUC with outcomes dealt at random",
        axis=["AUC of the whole procedure", "higher is better"],
        counted="permutations",
        lines={f"observed: {observed:.2f}": observed, f"mean of permutations: {mean:.2f}": mean},
    )
    columns = (
        Column("lower", f"AUC from (steps of {_STEP:g})", "number", 2),
        Column("n", "Permutations", "integer"),
    )
    interval = found["interval"]
    return plot(
        "permutation",
        chart,
        Table("permutation", chart.title, columns, tuple(bars)),
        evaluation,
        how=(
            f"{found['n_permutations']} permutations of the whole procedure: p = {found['p']:.2g} "
            f"(of all permutations: {interval['lower']:.2g} to {interval['upper']:.2g})."
        ),
        caption=(
            f"Folds are drawn anew for each, {found['n_repeats']} repeat(s), and for what was "
            "observed, which therefore differs from the headline."
        ),
    )


def _sample_size(size: Mapping[str, Any], evaluation: Evaluation) -> Figure:
    chart = bars_chart(
        [(readable(name), needed) for name, needed in size["criteria"].items()],
        title="Patients that the model would need",
        axis=["patients needed, by criterion", f"line: the {size['actual']} who trained"],
        line=size["actual"],
    )
    columns = (Column("criterion", "Criterion"), Column("needed", "Patients needed", "integer"))
    rows = tuple(
        {"criterion": readable(name), "needed": needed} for name, needed in size["criteria"].items()
    )
    return plot(
        "sample_size",
        chart,
        Table("sample_size", chart.title, columns, rows),
        evaluation,
        how=(
            f"Riley 2020; {size['n_parameters']} candidate features, anticipated AUC "
            f"{size['anticipated_auc']:g}, prevalence {size['prevalence']:.2f}. "
            f"{size['required']} meet all criteria."
        ),
    )


def _labels(labels: Mapping[str, Any], evaluation: Evaluation) -> Figure:
    definition = evaluation["definition"]
    unit = "%" if definition["percent"] is not None else "points/month"
    served = definition["percent"] if definition["percent"] is not None else definition["points"]
    counts = {
        f"{one['least']:g} {unit}{' (the rule)' if one['least'] == served else ''}":
            one["n_responders"]
        for one in labels["responders_at"]
    }  # fmt: skip
    n = evaluation["n_patients"]
    chart = bars_chart(
        list(counts.items()),
        title="Responders if the bar were another",
        axis=[f"responders of the {n} who trained", f"line: all {n}"],
        line=n,
    )
    columns = (
        Column("least", f"Least improvement of the slope [{unit}]", "number", 2),
        Column("n_responders", "Responders", "integer"),
    )
    return plot(
        "responders_at",
        chart,
        Table("responders_at", chart.title, columns, tuple(labels["responders_at"])),
        evaluation,
        how=(
            f"{who(evaluation)} by {definition['name']}. One ALSFRS-R point at the last visit "
            f"would turn the label of {labels['n_one_point_away']} of {n}."
        ),
    )

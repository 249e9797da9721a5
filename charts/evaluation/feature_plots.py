"""What the features do: their part in the score, and how often refits keep them."""

from collections.abc import Iterator, Mapping
from typing import Any

from charts.bars_chart import bars_chart
from charts.chart import Figure
from charts.evaluation.who import Evaluation, plot, readable
from charts.forest_chart import ForestRow, forest_chart
from charts.table import Column, Table


def feature_plots(evaluation: Evaluation) -> Iterator[Figure]:
    """Contributions, and the stability of selection where the family selects."""
    if evaluation.get("contributions"):
        yield _contributions(evaluation)
    selection = evaluation.get("stability", {}).get("selection")
    if selection is not None:
        yield _selection(selection, evaluation)


def _contributions(evaluation: Evaluation) -> Figure:
    found = evaluation["contributions"]
    features: Mapping[str, Mapping[str, Any]] = found["features"]
    family = evaluation["chosen"]["family"]
    columns = (
        Column("feature", "Feature"),
        Column("mean_absolute", "Mean size of its term [log-odds]", "number", 3),
        Column("value", "Per standard deviation [log-odds]", "number", 3),
        Column("lower", "Lower limit", "number", 3),
        Column("upper", "Upper limit", "number", 3),
    )
    rows: tuple[dict[str, Any], ...] = tuple(
        {"feature": name, "mean_absolute": one["mean_absolute"], **(one["per_sd"] or {})}
        for name, one in features.items()
    )
    n_refits = found["n_refits"]
    if all(one["per_sd"] is not None for one in features.values()):
        chart = forest_chart(
            [ForestRow(readable(name), **one["per_sd"]) for name, one in features.items()],
            title="What each feature adds to the score",
            axis=["log-odds per training standard deviation", "right of 0: towards responder"],
            reference=0.0,
            label_width=200,
        )
        how = (
            f"Coefficients of the served {readable(family)}; {100 * found['level']:g} % "
            f"percentiles of {n_refits} bootstrap refits."
        )
    else:
        chart = bars_chart(
            [(readable(name), one["mean_absolute"]) for name, one in features.items()],
            title="What each feature adds to the score",
            axis=["mean size of its term [log-odds]", "in the training patients; no direction"],
            shown=".2f",
        )
        how = f"TreeSHAP of the served {readable(family)}; trees have no coefficients."
    return plot(
        "contributions",
        chart,
        Table("contributions", chart.title, columns, rows),
        evaluation,
        how=how,
        caption=(
            "How much the model uses a feature, and how that moves over resamples: not where a "
            "true effect lies, and no cause. Features that say the same share what they add."
        ),
    )


def _selection(selection: Mapping[str, Any], evaluation: Evaluation) -> Figure:
    frequency: Mapping[str, float] = selection["frequency"]
    chart = bars_chart(
        [(readable(name), share) for name, share in frequency.items()],
        title="How often refits keep each feature",
        axis="share of bootstrap refits",
        shown=".0%",
        most=1.15,
    )
    columns = (Column("feature", "Feature"), Column("share", "Refits with it", "percent", 0))
    rows: tuple[dict[str, Any], ...] = tuple(
        {"feature": name, "share": share} for name, share in frequency.items()
    )
    return plot(
        "selection",
        chart,
        Table("selection", chart.title, columns, rows),
        evaluation,
        how=(
            f"{evaluation['stability']['n_refits']} refits; Nogueira's index "
            f"{selection['index']:.2f} ({selection['lower']:.2f} to {selection['upper']:.2f}; 1: "
            "always the same)."
        ),
    )

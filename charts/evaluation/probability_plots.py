"""What the probabilities are worth: calibration, and the net benefit of acting on them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from charts.chart import Figure
from charts.curves_chart import DrawnLine, curves_chart
from charts.evaluation.who import Evaluation, estimate, plot, who
from charts.table import Column, Table

_LEAST_BENEFIT: Final = -0.15
"""Where the axis of net benefit ends below; what is beneath serves nobody."""


def probability_plots(evaluation: Evaluation) -> Iterator[Figure]:
    """Calibration, where its slope can be judged, and the decision curve."""
    if evaluation["calibration"].get("curve"):
        yield _calibration(evaluation)
    if evaluation.get("decision_curve"):
        yield _decision_curve(evaluation)


def _calibration(evaluation: Evaluation) -> Figure:
    found = evaluation["calibration"]
    points = found["curve"]["points"]
    columns = (_column(points, name) for name in ("stated", "observed", "lower", "upper"))
    chart = curves_chart(
        [DrawnLine("recalibration line with 95 % band", *columns)],
        title="Calibration, out of fold",
        x=(["stated probability", "dashed: stated = observed"], (0, 1)),
        y=("observed share of responders", (0, 1)),
        has_diagonal=True,
    )
    table = Table(
        "calibration",
        "Observed share of responders at stated probabilities",
        (
            Column("stated", "Stated probability", "number", 2),
            Column("observed", "Observed", "number", 3),
            Column("lower", "Lower limit", "number", 3),
            Column("upper", "Upper limit", "number", 3),
        ),
        tuple(points),
    )
    return plot(
        "calibration",
        chart,
        table,
        evaluation,
        how=(
            f"{who(evaluation)}. Logistic recalibration, mean of {found['n_repeats']} repeats; "
            "Wald, pointwise; drawn where nine patients of ten are."
        ),
        caption=_measures(found),
    )


def _measures(found: Mapping[str, Any]) -> str:
    slope, intercept, large = (
        estimate(found[name]) for name in ("slope", "intercept", "in_the_large")
    )
    return (
        f"Slope {slope.value:z.2f} ({slope.lower:z.2f} to {slope.upper:z.2f}; 1 is perfect, "
        f"below 1 too extreme), intercept {intercept.value:z.2f} ({intercept.lower:z.2f} to "
        f"{intercept.upper:z.2f}), in the large {large.value:z.2f} ({large.lower:z.2f} to "
        f"{large.upper:z.2f}; 0 is perfect). Brier score {found['brier']:.3f}, of the prevalence "
        f"alone {found['brier_of_prevalence']:.3f}."
    )


def _decision_curve(evaluation: Evaluation) -> Figure:
    points = evaluation["decision_curve"]["points"]
    at = _column(points, "threshold")
    model, everybody = (_column(points, name) for name in ("model", "treat_all"))
    top = max(one["upper"] for one in (*model, *everybody))
    chart = curves_chart(
        [
            DrawnLine("by the model, 95 % interval", at, *_limits(model)),
            DrawnLine("everybody", at, _column(everybody, "value")),
            DrawnLine("nobody", [0, 1], [0, 0]),
        ],
        title="Decision curve: net benefit of treating",
        x=(["threshold probability of treating", "(the harm it stands for)"], (0, 1)),
        y=(["net benefit [responders per patient]", "higher is better"],
           (_LEAST_BENEFIT, 1.05 * top)),
    )  # fmt: skip
    columns = (
        Column("threshold", "Threshold", "number", 2),
        Column("model", "By the model", "estimate", 3),
        Column("treat_all", "Everybody", "estimate", 3),
        Column("over_treat_all", "Model less everybody", "estimate", 3),
    )
    names = ("model", "treat_all", "over_treat_all")
    rows = tuple(
        {"threshold": one["threshold"], **{name: estimate(one[name]) for name in names}}
        for one in points
    )
    return plot(
        "decision_curve",
        chart,
        Table("decision_curve", "Net benefit by threshold", columns, rows),
        evaluation,
        how=(
            f"{who(evaluation)}. Out of fold, mean of {evaluation['decision_curve']['n_repeats']} "
            "repeats (Vickers and Elkin 2006)."
        ),
        caption=(
            f"Net benefit below {_LEAST_BENEFIT:g} is cut off in the picture, not in the table. "
            "Treating nobody has 0. A research figure: no treatment decision may rest on it."
        ),
    )


def _column(points: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [one[name] for one in points]


def _limits(estimates: Sequence[Mapping[str, Any]]) -> tuple[list[Any], ...]:
    return tuple(_column(estimates, name) for name in ("value", "lower", "upper"))

"""A classifier in use beside its training: measures, their differences, and the two ROC curves."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from charts.chart import Figure
from charts.evaluation.roc_plots import drawn_band
from charts.forest_chart import ForestRow, forest_chart
from charts.live.measures import measures
from charts.live.words import Part, estimate, finding, live_plot
from charts.roc_chart import DrawnRoc, roc_chart
from charts.table import Column, Table

_WITHOUT_HALVES: Final = "the uncertainty of both (MOVER, Zou and Donner 2008)"


def measures_table(part: Part) -> Table:
    """AUC, decisions at the served threshold and scaled Brier score, live beside training."""
    rows = tuple(
        {
            "measure": name,
            **{key: estimate(both[key]) for key in ("live", "training", "difference")},
        }
        for name, both in measures(part["estimates"]).items()
    )
    columns = (
        Column("measure", "Measure (higher is better)"),
        Column("live", "In use", "estimate"),
        Column("training", "Training, out of fold", "estimate"),
        Column("difference", "In use less training", "estimate"),
    )
    note = f"95 % intervals; that of the difference has {_WITHOUT_HALVES}. {judged(part)}."
    return Table("measures", "In use beside training", columns, rows, note)


def calibration_table(part: Part) -> Table:
    """Whether stated probabilities come true."""
    found = part["estimates"]["calibration"]
    named = (("in_the_large", "in the large", 0), ("slope", "slope", 1))
    rows: list[dict[str, Any]] = [
        {
            "measure": label,
            "live": estimate(found[name]["live"]),
            "training": estimate(found[name]["training"]),
            "ideal": ideal,
            "finding": finding(name, found[name]["finding"]),
        }
        for name, label, ideal in named
    ]
    observed = estimate(found["observed_over_expected"])
    ratio = {"measure": "responders observed / expected", "live": observed, "ideal": 1}
    rows.append({**ratio, "finding": "below 1: fewer than was stated"})
    for name, label in (
        ("brier", "Brier score"),
        ("brier_of_prevalence", "Brier score of the prevalence"),
    ):
        both = found[name]
        live = estimate(both["live"]) if name == "brier" else both["live"]
        row = {"measure": label, "live": live, "training": both["training"], "ideal": 0}
        rows.append({**row, "finding": "lower is better"})
    columns = (
        Column("measure", "Measure"),
        Column("live", "In use", "estimate"),
        Column("training", "Training, out of fold", "estimate"),
        Column("ideal", "Ideal", "integer"),
        Column("finding", "What it says"),
    )
    note = f"In the large needs ten, the slope twenty of each outcome. {judged(part)}."
    return Table("calibration", "Calibration in use", columns, tuple(rows), note)


def judged(part: Part) -> str:
    """Whom live numbers rest on."""
    if part["n_cases"] is None:
        return "Rests on fewer than five responders or fewer than five others: nothing is told"
    return (
        f"n = {part['n_judged']} patients with their outcome told, "
        f"{part['n_cases']} responders and {part['n_controls']} others"
    )


def performance_plots(part: Part, training: Mapping[str, Any]) -> Iterator[Figure]:
    """The differences from training and the two ROC curves; none where too few outcomes are told.

    Parameters
    ----------
    part
        What the report of performance says of one bundle.
    training
        The classifier's curve in its evaluation, ``roc[0]``.
    """
    estimates = part["estimates"]
    if estimates["roc"] is not None:
        yield _differences(part)
        yield _curves(part, training)


def _differences(part: Part) -> Figure:
    drawn = [
        ForestRow(name, *(both["difference"][end] for end in ("value", "lower", "upper")))
        for name, both in measures(part["estimates"]).items()
        if both["difference"] is not None
    ]
    chart = forest_chart(
        drawn,
        title="In use less training",
        axis=["difference", "left of 0: worse than in training"],
        reference=0.0,
    )
    how = f"{judged(part)}. 95 % intervals with {_WITHOUT_HALVES}."
    return live_plot("differences", chart, measures_table(part), part, how=how)


def _curves(part: Part, training: Mapping[str, Any]) -> Figure:
    live, point = part["estimates"]["roc"], part["estimates"]["operating_point"]
    band = training.get("band")
    chart = roc_chart(
        [_drawn("training", training), _drawn("in use", live)],
        title="ROC in use beside training",
        band=None if band is None else drawn_band(band),
        point=(point["specificity"]["live"]["value"], point["sensitivity"]["live"]["value"]),
        case=live["case"],
    )
    rows = [
        {"curve": name, **one}
        for name, curve in (("in use", live), ("training", training))
        for one in curve["points"]
    ]
    columns = (
        Column("curve", "Curve"),
        Column("specificity", "Specificity", "number", 3),
        Column("sensitivity", "Sensitivity", "number", 3),
        Column("threshold", "Threshold", "number", 4),
    )
    how = (
        f"{judged(part)}; in training {training['n_patients']} patients, out of fold. "
        f"AUC in use: logit DeLong.{'' if band is None else ' Band: training, 95 %, pointwise.'}"
    )
    caption = "Diamond: sensitivity and specificity in use at the served threshold."
    table = Table("live_roc", chart.title, columns, tuple(rows))
    return live_plot("live_roc", chart, table, part, how=how, caption=caption)


def _drawn(name: str, curve: Mapping[str, Any]) -> DrawnRoc:
    auc = curve["auc"]
    label = f"{name}: AUC {auc['value']:.2f} ({auc['lower']:.2f} to {auc['upper']:.2f})"
    columns: tuple[Sequence[float], ...] = tuple(
        [one[name] for one in curve["points"]] for name in ("specificity", "sensitivity")
    )
    return DrawnRoc(label, *columns)

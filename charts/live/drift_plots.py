"""Patients who are sent beside those who trained: levels, ranges, censoring, probabilities."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from charts.bars_chart import histogram_chart
from charts.chart import Figure
from charts.evaluation.who import readable
from charts.forest_chart import ForestRow, forest_chart
from charts.live.words import ATTENTION, Part, estimate, live_plot, told
from charts.table import Column, Table

_PANELS: Final = {"baseline": "before treatment", "follow_up": "follow-up"}
_VERDICT: Final = (
    Column("p_adjusted", "p, adjusted", "p"),
    Column("attention", "Attention"),
)


def drift_plots(part: Part, threshold: float) -> Iterator[Figure]:
    """How far the levels of each feature moved, and how the probabilities lie; where told.

    Parameters
    ----------
    part
        What the report of drift says of one bundle.
    threshold
        The served one.
    """
    drift = part["drift"]
    if any(row["shift"] for row in drift["levels"]):
        yield _shifts(part)
    if any(one["n"] for one in drift["probability"]):
        yield _probabilities(part, threshold)


def patients(part: Part) -> str:
    """Whom a report of drift rests on."""
    n = part["n_patients"]
    return "Fewer than five patients were sent" if n is None else f"n = {n} patients were sent"


def levels_table(part: Part) -> Table:
    """The mean of each feature beside training's."""
    rows = tuple(
        {
            "feature": row["feature"],
            "n": told(row["n"]),
            "mean": row["mean"],
            "sd": row["sd"],
            **{f"trained_{name}": row["training"][name] for name in ("n", "mean", "sd")},
            "shift": estimate(row["shift"]),
            **_verdict(row),
        }
        for row in part["drift"]["levels"]
    )
    columns = (
        Column("feature", "Feature"),
        Column("n", "n", "integer"),
        Column("mean", "Mean", "number"),
        Column("sd", "SD", "number"),
        Column("trained_n", "n, training", "integer"),
        Column("trained_mean", "Mean", "number"),
        Column("trained_sd", "SD", "number"),
        Column("shift", "Shift [SD of training]", "estimate"),
        *_VERDICT,
    )
    note = "Shift: mean in use less mean in training, 95 % (Welch); above 0 is higher in use."
    return Table("levels", "Levels of each feature", columns, rows, note)


def ranges_table(part: Part, units: Mapping[str, str]) -> Table:
    """How many results lie outside what training has seen; `units` by analyte."""
    rows = tuple(
        {
            "analyte": row["analyte"],
            "panel": _PANELS[row["panel"]],
            "range": f"{row['lower']:g} to {row['upper']:g} {units[row['analyte']]}",
            **_count(row),
            **_verdict(row),
        }
        for row in part["drift"]["ranges"]
    )
    columns = (
        Column("analyte", "Analyte"),
        Column("panel", "Panel"),
        Column("range", "Seen in training"),
        Column("k", "Outside", "integer"),
        Column("n", "of n", "integer"),
        Column("share", "Share", "percent", 0),
        *_VERDICT,
    )
    note = "p: exact for any distribution (Gumbel and von Schelling 1950)."
    return Table("ranges", "Results outside the range of training", columns, rows, note)


def shares_table(part: Part) -> Table:
    """How often a feature is missing, or rests on a censored result, beside training."""
    rows = tuple(
        {
            "feature": row["feature"],
            "what": which,
            **_count(row),
            "trained": row["training"]["share"],
            "difference": estimate(row["difference"]),
            **_verdict(row),
        }
        for which in ("missing", "censored")
        for row in part["drift"][which]
    )
    columns = (
        Column("feature", "Feature"),
        Column("what", "What"),
        Column("k", "Patients", "integer"),
        Column("n", "of n", "integer"),
        Column("share", "Share", "percent", 0),
        Column("trained", "Training", "percent", 0),
        Column("difference", "Difference", "estimate"),
        *_VERDICT,
    )
    note = (
        "Censored: rests on a result beyond a limit of quantification, of those in whom the "
        "feature is known. Difference: share in use less share in training, 95 % (Newcombe); p: "
        "Fisher's exact."
    )
    return Table("shares", "Missing and censored", columns, rows, note)


def _count(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"k": told(row["k"]), "n": told(row["n"]), "share": row["share"]}


def _verdict(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"p_adjusted": row["p_adjusted"], "attention": ATTENTION[row["attention"]]}


def _shifts(part: Part) -> Figure:
    drawn = [
        ForestRow(readable(row["feature"]), *(row["shift"][e] for e in ("value", "lower", "upper")))
        for row in part["drift"]["levels"]
        if row["shift"]
    ]
    chart = forest_chart(
        drawn,
        title="Shift of each feature's mean",
        axis=["SDs of training", "right of 0: higher in use"],
        reference=0.0,
        label_width=200,
    )
    how = f"{patients(part)}, each once. 95 % intervals (Welch)."
    return live_plot("shifts", chart, levels_table(part), part, how=how)


def _probabilities(part: Part, threshold: float) -> Figure:
    tenths = part["drift"]["probability"]
    chart = histogram_chart(
        [(one["lower"], one["n"]) for one in tenths if one["n"] is not None],
        0.1,
        title="Probabilities that were answered",
        axis=["probability of being a responder", "by tenths"],
        counted="patients",
        lines={f"served threshold, {threshold:.2f}": threshold},
    )
    hidden = sum(one["n"] is None for one in tenths)
    rows = tuple(
        {"tenth": f"{one['lower']:.1f} to {one['upper']:.1f}", "n": told(one["n"])}
        for one in tenths
    )
    columns = (Column("tenth", "Probability"), Column("n", "Patients", "integer"))
    caption = f"{hidden} tenths are hidden and not drawn." if hidden else ""
    table = Table("probabilities", chart.title, columns, rows)
    how = f"{patients(part)}, each once."
    return live_plot("probabilities", chart, table, part, how=how, caption=caption)

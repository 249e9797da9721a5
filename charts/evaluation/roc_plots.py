"""ROC curves: the classifier's with its band, and each analyte's in both families, kept apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from charts.chart import Chart, Figure
from charts.evaluation.who import Evaluation, estimate, plot, readable, who
from charts.roc_chart import DrawnBand, DrawnRoc, roc_chart
from charts.roc_grid_chart import roc_grid_chart
from charts.table import Column, Table

MOST_TOGETHER: Final = 4
"""Curves in one plot; more get a plot each."""
MOST_DRAWN: Final = 12
"""Analytes that are drawn, the first of the recipe; the table has all."""
_RESPONSE, _CHANGE = "responder_vs_nonresponder", "pre_vs_post"

_STEPS: Final = "Steps: mean of the curves of the held-out folds, which are small."
_BAND: Final = " Band: 95 %, pointwise, for the curve of many (corrected resampled t)."

_POINTS: Final = (
    Column("curve", "Curve"),
    Column("n_patients", "n", "integer"),
    Column("specificity", "Specificity", "number", 3),
    Column("sensitivity", "Sensitivity", "number", 3),
    Column("lower", "Lower limit", "number", 3),
    Column("upper", "Upper limit", "number", 3),
    Column("threshold", "Threshold", "number", 4),
)


def roc_plots(evaluation: Evaluation) -> Iterator[Figure]:
    """The classifier's curve, then one plot for each family of curves of single analytes."""
    model, *others = evaluation["roc"]
    yield _of_model(model, evaluation)
    alone = [curve for curve in others if curve["family"] == _RESPONSE]
    if alone:
        how = (
            f"Responders v others, {_n_of(alone)}. AUC with logit DeLong interval; (higher) or "
            "(lower) in responders was fixed beforehand. Nothing was fitted."
        )
        title = "Each analyte alone: who responds"
        yield _of_analytes("roc_analytes", title, alone, evaluation, how)
    paired = [curve for curve in others if curve["family"] == _CHANGE]
    if paired:
        how = (
            f"After v before in the same {_n_of(paired)}, clustered by patient (Obuchowski "
            "1997). Says nothing of who responds."
        )
        title = "Each analyte: after v before treatment"
        yield _of_analytes("roc_pre_vs_post", title, paired, evaluation, how)


def _of_model(curve: Mapping[str, Any], evaluation: Evaluation) -> Figure:
    point = evaluation["operating_point"]
    auc = estimate(curve["auc"])
    label = f"AUC {auc.value:.2f} ({auc.lower:.2f} to {auc.upper:.2f})"
    band = curve.get("band")
    chart = roc_chart(
        [_drawn(label, curve)],
        title="ROC of the classifier, out of fold",
        band=None if band is None else drawn_band(band),
        point=(point["specificity"]["value"], point["sensitivity"]["value"]),
        case=curve["case"],
    )
    n = curve["n_patients"]
    rows = [_row("mean over folds", n, one) for one in curve["points"]]
    if band is not None:
        name = f"band, {100 * band['level']:g} % pointwise"
        rows += [_row(name, n, one) for one in band["points"]]
    return plot(
        "roc",
        chart,
        Table("roc", "The classifier's ROC: curve and band", _POINTS, tuple(rows)),
        evaluation,
        how=f"{who(evaluation)}. {_STEPS}{_BAND if band is not None else ''}",
        caption=(
            "The mean of small folds begins above and ends below the curve that it stands for, so "
            "that its ends may leave a band, which holds at each specificity alone. Diamond: "
            "sensitivity and specificity of choosing a threshold by the rule of the served one on "
            "other patients."
        ),
    )


def _of_analytes(
    name: str, title: str, curves: Sequence[Mapping[str, Any]], evaluation: Evaluation, how: str
) -> Figure:
    drawn = [_drawn(_label(curve), curve) for curve in curves[:MOST_DRAWN]]
    case = curves[0]["case"]
    chart: Chart
    if len(drawn) <= MOST_TOGETHER:
        chart = roc_chart(drawn, title=title, case=case)
    else:
        chart = roc_grid_chart(drawn, title=title, case=case)
    rows = tuple(
        _row(_label(curve), curve["n_patients"], one) for curve in curves for one in curve["points"]
    )
    cut = len(curves) - len(drawn)
    caption = f"{cut} further analytes are in the table alone. " if cut else ""
    caption += "Thresholds of the table lie between the observed values."
    return plot(name, chart, Table(name, title, _POINTS, rows), evaluation, how=how,
                caption=caption)  # fmt: skip


def _n_of(curves: Sequence[Mapping[str, Any]]) -> str:
    """How many patients the curves rest on.

    Examples
    --------
    >>> _n_of([{"n_patients": 30}, {"n_patients": 32}])
    'n = 30 to 32 patients'
    """
    fewest, most = (end(curve["n_patients"] for curve in curves) for end in (min, max))
    return f"n = {most} patients" if fewest == most else f"n = {fewest} to {most} patients"


def _label(curve: Mapping[str, Any]) -> str:
    auc = curve["auc"]
    direction = "higher" if curve["direction"] == "higher_is_case" else "lower"
    return (
        f"{readable(curve['score'])} ({direction}): "
        f"{auc['value']:.2f} ({auc['lower']:.2f}-{auc['upper']:.2f})"
    )


def _drawn(label: str, curve: Mapping[str, Any]) -> DrawnRoc:
    points = curve["points"]
    return DrawnRoc(
        label, [one["specificity"] for one in points], [one["sensitivity"] for one in points]
    )


def drawn_band(band: Mapping[str, Any]) -> DrawnBand:
    """The band of a curve as an evaluation has it."""
    columns = ([one[name] for one in band["points"]] for name in ("specificity", "lower", "upper"))
    return DrawnBand(*columns)


def _row(curve: str, n_patients: int, point: Mapping[str, Any]) -> dict[str, Any]:
    return {"curve": curve, "n_patients": n_patients, **point}

"""Curves and table of the ROC of after against before; no classifier of responders."""

from collections.abc import Iterator

from charts.chart import Chart, Figure
from charts.report import Block
from charts.roc_chart import DrawnBand, DrawnRoc, roc_chart
from charts.table import Cell, Column, Table
from trial.before_after import FollowUp
from trial.pre_post_roc import PrePostRoc


def pre_post_roc_blocks(follow_up: FollowUp, name: str, when: str, level: str) -> Iterator[Block]:
    """Lay out the curves, and what ignoring the pairing would make of their areas."""
    curves = {
        one.key: one.roc for one in follow_up.analytes.values() if isinstance(one.roc, PrePostRoc)
    }
    if not curves:
        return
    title = f"Figure 3A, continued. ROC of after against before, {when}"
    caption = (
        "It is not a responder classifier: the level tells after from before, in the same"
        f" patients. Area with its {level} interval clustered by patient; pointwise band from"
        " 2,000 resamples of patients, whose two levels stay together. Dashed: chance."
        f" n = {', '.join(f'{roc.n_patients} ({roc.score})' for roc in curves.values())}."
    )
    charts = tuple(_chart(key, roc) for key, roc in curves.items())
    points = _points_table(list(curves.values()), f"{name}-roc-points", title)
    yield Figure(f"{name}-roc-curves", title, caption, charts, points)
    yield _areas_table(list(curves.values()), f"{name}-roc", when, level)


def _areas_table(curves: list[PrePostRoc], name: str, when: str, level: str) -> Table:
    columns = (
        Column("analyte", "Analyte"),
        Column("direction", "Called after if"),
        Column("n", "Patients", "integer"),
        Column("auc", "AUC, clustered by patient", "estimate"),
        Column("ignoring", "AUC, pairing ignored", "estimate"),
        Column("method", "Method"),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "analyte": roc.score,
            "direction": _way(roc),
            "n": roc.n_patients,
            "auc": roc.auc,
            "ignoring": roc.auc_ignoring_pairs,
            "method": roc.auc.method,
        }
        for roc in curves
    )
    note = (
        f"Family pre_vs_post: after (case) against before (control), {level} intervals. Clustered:"
        " Obuchowski 1997, Biometrics 53:567, on the logit. Pairing ignored: DeLong's interval as"
        " if before and after were different patients; shown to see what it does, not to be used."
        " Directions were fixed beforehand: TNF and MCP-1 lower, TGF-b1 higher after treatment"
        " (Oh 2018); any other analyte as its table of analytes says, higher unless stated."
    )
    return Table(name, f"ROC of after against before, {when}", columns, rows, note)


def _points_table(curves: list[PrePostRoc], name: str, title: str) -> Table:
    columns = (
        Column("analyte", "Analyte"),
        Column("threshold", "Threshold", "number"),
        Column("sensitivity", "Sensitivity", "number", 3),
        Column("specificity", "Specificity", "number", 3),
    )
    rows: tuple[dict[str, Cell], ...] = tuple(
        {"analyte": roc.score, **point} for roc in curves for point in roc.points
    )
    note = "The first point of each curve, where nothing is called after, has no finite threshold."
    return Table(name, title, columns, rows, note)


def _chart(key: str, roc: PrePostRoc) -> Chart:
    auc, band = roc.auc, roc.band
    return roc_chart(
        [
            DrawnRoc(
                f"AUC {auc.value:.2f} ({auc.lower:.2f} to {auc.upper:.2f})",
                [point["specificity"] or 0.0 for point in roc.points],
                [point["sensitivity"] or 0.0 for point in roc.points],
            )
        ],
        title=f"{roc.score}: {_way(roc)} is called after",
        band=DrawnBand(band.specificity, band.lower, band.upper),
        case="after",
        key=key,
    )


def _way(roc: PrePostRoc) -> str:
    return "lower" if roc.direction == "lower_is_case" else "higher"

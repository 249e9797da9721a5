"""Curves and table of the ROC of after against before; no classifier of responders."""

from collections.abc import Mapping

from charts.chart import Chart
from charts.roc_chart import DrawnBand, DrawnRoc, roc_chart
from charts.table import Cell, Column, Table
from trial.before_after import AnalyteChange, FollowUp
from trial.not_computed import NotComputed
from trial.pre_post_roc import PrePostRoc


def roc_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table:
    """Area under each ROC curve of after against before."""
    columns = (
        Column("analyte", "Analyte"),
        Column("direction", "Called after if"),
        Column("n", "Patients", "integer"),
        Column("auc", "AUC, clustered by patient", "estimate"),
        Column("ignoring", "AUC, pairing ignored", "estimate"),
        Column("method", "Method"),
    )
    rows = tuple(
        _roc(one.roc) for one in follow_up.analytes.values() if not isinstance(one.roc, NotComputed)
    )
    note = (
        f"Family pre_vs_post: after (case) against before (control), {level} intervals. Clustered:"
        " Obuchowski 1997, Biometrics 53:567, on the logit. Pairing ignored: DeLong's interval as"
        " if before and after were different patients; shown to see what it does, not to be used."
        " Directions were fixed beforehand: TNF and MCP-1 lower, TGF-b1 higher after treatment"
        " (Oh 2018); any other analyte as its table of analytes says, higher unless stated."
    )
    return Table(f"{name}-roc", f"ROC of after against before, {when}", columns, rows, note)


def pre_post_roc_chart(one: AnalyteChange, roc: PrePostRoc) -> Chart:
    """One analyte's curve with its band."""
    auc, band = roc.auc, roc.band
    way = "lower" if roc.direction == "lower_is_case" else "higher"
    return roc_chart(
        [
            DrawnRoc(
                f"AUC {auc.value:.2f} ({auc.lower:.2f} to {auc.upper:.2f})",
                [point["specificity"] or 0.0 for point in roc.points],
                [point["sensitivity"] or 0.0 for point in roc.points],
            )
        ],
        title=f"{one.analyte}: {way} is called after",
        band=DrawnBand(band.specificity, band.lower, band.upper),
        case="after",
        key=f"{one.key}-roc",
    )


def _roc(roc: PrePostRoc) -> Mapping[str, Cell]:
    return {
        "analyte": roc.score,
        "direction": "lower" if roc.direction == "lower_is_case" else "higher",
        "n": roc.n_patients,
        "auc": roc.auc,
        "ignoring": roc.auc_ignoring_pairs,
        "method": roc.auc.method,
    }

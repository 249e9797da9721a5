"""AUCs under one another: the procedure, its candidates, reference models, and groups."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from charts.chart import Figure
from charts.evaluation.who import Evaluation, estimate, plot, readable, who
from charts.forest_chart import ForestRow, forest_chart
from charts.table import Column, Table

_AXIS: Final = ["AUC with 95 % interval", "0.5 is chance; higher is better"]

_COLUMNS: Final = (
    Column("model", "Model"),
    Column("auc", "AUC (interval)", "estimate"),
    Column("method", "Interval"),
    Column("n_cases", "Responders", "integer"),
    Column("n_controls", "Others", "integer"),
)


def auc_plots(evaluation: Evaluation) -> Iterator[Figure]:
    """All AUCs, the procedure's differences from the others, and groups of patients."""
    yield _compared(evaluation)
    if evaluation.get("procedure_less"):
        yield _differences(evaluation)
    if any(row["group"] is not None for row in evaluation.get("subgroups", ())):
        yield _groups(evaluation)


def _compared(evaluation: Evaluation) -> Figure:
    found = {"whole procedure": evaluation["auc"]}
    found |= {readable(name): one["auc"] for name, one in evaluation["candidates"].items()}
    found |= {f"ref. {readable(n)}": one["auc"] for n, one in evaluation["references"].items()}
    controls = evaluation.get("controls", {}).get("auc")
    if controls is not None:
        found["among controls (no cells)"] = controls
    chart = forest_chart(
        [ForestRow.of(label, estimate(auc)) for label, auc in found.items()],
        title="How well it tells responders, beside other models",
        axis=_AXIS,
        reference=0.5,
        drawn=(0, 1),
        label_width=170,
    )
    rows = tuple(
        {"model": label, "auc": estimate(auc), **_how(auc)} for label, auc in found.items()
    )
    table = Table("auc", "AUC of the procedure, candidates and reference models", _COLUMNS, rows)
    return plot(
        "auc",
        chart,
        table,
        evaluation,
        how=f"{who(evaluation)}. Out of fold; corrected resampled t (Nadeau and Bengio 2003).",
        caption=(
            "The headline is the whole procedure's, its choice among candidates included. "
            "Reference models are never served: the prevalence says the same of everybody, the "
            "lead-in slope shows what regression to the mean alone can do. As good among controls, "
            "who had no cells, would mean prognosis, not response to treatment."
        ),
    )


def _how(auc: Mapping[str, Any]) -> dict[str, Any]:
    return {name: auc[name] for name in ("method", "n_cases", "n_controls")}


def _differences(evaluation: Evaluation) -> Figure:
    found = evaluation["procedure_less"]
    chart = forest_chart(
        [
            ForestRow.of(f"less {readable(name)}", estimate(one["difference"]))
            for name, one in found.items()
        ],
        title="The procedure less each other model",
        axis=["difference of AUC with 95 % interval", "right of 0: the procedure is better"],
        reference=0.0,
    )
    columns = (
        Column("model", "The procedure less"),
        Column("difference", "Difference of AUC (interval)", "estimate"),
        Column("p", "p", "p"),
    )
    rows = tuple(
        {"model": readable(name), "difference": estimate(one["difference"]), "p": one["p"]}
        for name, one in found.items()
    )
    return plot(
        "auc_differences",
        chart,
        Table("auc_differences", chart.title, columns, rows),
        evaluation,
        how=f"{who(evaluation)}. Fold by fold on the same patients; corrected resampled t.",
        caption="Not corrected for being several comparisons.",
    )


def _groups(evaluation: Evaluation) -> Figure:
    shown = [row for row in evaluation["subgroups"] if row["group"] is not None]
    chart = forest_chart(
        [
            ForestRow.of(f"{row['column']}: {row['group']} ({row['n_patients']})",
                         estimate(row["auc"]))
            for row in shown
        ],
        title="In groups of patients (n)",
        axis=_AXIS,
        reference=0.5,
        drawn=(0, 1),
        label_width=200,
    )  # fmt: skip
    columns = (
        Column("column", "Column"),
        Column("group", "Group"),
        Column("n_patients", "n", "integer"),
        Column("n_responders", "Responders", "integer"),
        Column("auc", "AUC of the ensemble", "estimate"),
        Column("sensitivity", "Sensitivity", "estimate"),
        Column("specificity", "Specificity", "estimate"),
    )
    rows = tuple(_group_row(row) for row in evaluation["subgroups"])
    return plot(
        "subgroups",
        chart,
        Table("subgroups", "Groups of patients", columns, rows),
        evaluation,
        how=(
            "AUC of each patient's mean rank within the folds that held them out; logit of DeLong."
        ),
        caption=(
            "Groups with fewer than 5 responders or 5 others are counted together and not shown. "
            "They were not planned, and their differences are not tested."
        ),
    )


def _group_row(row: Mapping[str, Any]) -> dict[str, Any]:
    if row["group"] is None:
        return {**row, "group": "too small to show"}
    return {
        **row, **{name: estimate(row[name]) for name in ("auc", "sensitivity", "specificity")}
    }  # fmt: skip

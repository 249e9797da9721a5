"""The tables of cytokines before and after: levels, change, tests, and every pair."""

from collections.abc import Mapping
from typing import Final

from charts.table import Cell, Column, Table
from trial.before_after import AnalyteChange, FollowUp
from trial.holm import exact_or_normal
from trial.levels import Level
from trial.not_computed import NotComputed
from trial.pages.words import median_quartiles
from trial.paired_tests import PairedTests

Row = Mapping[str, Cell]

_SCALES: Final = {"log": "logarithms", "raw": "levels, as the study"}


def change_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table:
    """What changed: quartiles of both times, ratio of geometric means, effect size."""
    columns = (
        Column("analyte", "Analyte"),
        Column("n", "Pairs", "integer"),
        Column("n_below", "Below limit", "number"),
        Column("before", "Before: median (quartiles)", "number"),
        Column("after", "After: median (quartiles)", "number"),
        Column("ratio", "After / before", "estimate"),
        Column("p", "p (t)", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("p_wilcoxon", "p (Wilcoxon)", "p"),
        Column("d_z", "d_z", "estimate"),
    )
    rows = tuple(_change(one, follow_up) for one in follow_up.analytes.values())
    note = (
        "Below limit: before / after. Median (quartiles) with levels at their limit, < where they"
        " rest on one below it. "
        f"Ratio of geometric means with its {level} interval, p of the paired t test and of the"
        " exact signed-rank test, all of logarithms with limit/sqrt(2) for levels below a limit;"
        " below 1 is a fall. Holm: adjusted over the analytes of this table. d_z: mean log"
        " change in its standard deviations, noncentral t interval."
    )
    return Table(f"{name}-change", f"Before and after, {when}", columns, rows, note)


def both_scales_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table:
    """Every test on both scales."""
    columns = (
        Column("analyte", "Analyte"),
        Column("scale", "Of"),
        Column("change", "Mean change", "estimate"),
        Column("t", "t", "number"),
        Column("df", "df", "integer"),
        Column("p", "p (t)", "p"),
        Column("p_holm", "Holm", "p"),
        Column("p_wilcoxon", "p (Wilcoxon)", "p"),
        Column("p_wilcoxon_holm", "Holm", "p"),
        Column("d_z", "d_z", "estimate"),
        Column("p_normal", "p (Shapiro-Wilk)", "p"),
    )
    rows = tuple(
        _tests(one, tests, follow_up)
        for one in follow_up.analytes.values()
        for tests in (one.log, one.raw)
        if not isinstance(tests, NotComputed)
    )
    note = (
        f"After less before with {level} interval; logarithms are natural, levels in the analyte's"
        " unit. Wilcoxon's p is exact up to 500 patients who changed. A small p of Shapiro and"
        " Wilk's test says that changes are not normal, which the t test assumes; a large one does"
        " not say that they are."
    )
    return Table(f"{name}-tests", f"Tests on both scales, {when}", columns, rows, note)


def pairs_table(
    follow_up: FollowUp,
    name: str,
    title: str,
    groups: Mapping[str, str] | None = None,
) -> Table:
    """Every patient's two levels; with `groups`, the group of each and nobody without one."""
    columns = (
        Column("patient_id", "Patient"),
        *((Column("group", "Responder"),) if groups is not None else ()),
        Column("analyte", "Analyte"),
        Column("before", "Before", "number"),
        Column("after", "After", "number"),
        Column("month_before", "Month before", "number"),
        Column("month_after", "Month after", "number"),
    )
    rows = tuple(
        {
            "patient_id": pair.patient_id,
            "group": groups.get(pair.patient_id) if groups is not None else None,
            "analyte": f"{one.analyte} [{one.unit}]",
            "before": _level(pair.before),
            "after": _level(pair.after),
            "month_before": pair.month_before,
            "month_after": pair.month_after,
        }
        for one in follow_up.analytes.values()
        for pair in one.pairs
        if groups is None or pair.patient_id in groups
    )
    return Table(name, title, columns, rows)


def _level(level: Level) -> str | float:
    """A level as a number, or as the laboratory's text where it lies beyond a limit."""
    return level.value if level.bound == "none" else f"{level.bound}{level.value!r}"


def _change(one: AnalyteChange, follow_up: FollowUp) -> Row:
    row: dict[str, Cell] = {
        "analyte": f"{one.analyte} [{one.unit}]",
        "n": one.n_pairs,
        "n_below": f"{one.before.n_below} / {one.after.n_below}",
        "before": median_quartiles(one.before),
        "after": median_quartiles(one.after),
    }
    if isinstance(one.log, NotComputed):
        return row
    return {**row, "ratio": one.log.ratio, **_p_values(one.log, one.analyte, follow_up)}


def _tests(one: AnalyteChange, tests: PairedTests, follow_up: FollowUp) -> Row:
    row: dict[str, Cell] = {"analyte": one.analyte, "scale": _SCALES[tests.scale]}
    if not isinstance(tests.t_test, NotComputed):
        row |= {"change": tests.t_test.change, "t": tests.t_test.t, "df": tests.t_test.df}
    if not isinstance(tests.normality, NotComputed):
        row["p_normal"] = tests.normality.p
    return {**row, **_p_values(tests, one.analyte, follow_up)}


def _p_values(tests: PairedTests, analyte: str, follow_up: FollowUp) -> Row:
    row: dict[str, Cell] = {}
    if not isinstance(tests.t_test, NotComputed):
        row["p"] = tests.t_test.p
        row["p_holm"] = follow_up.p_holm[f"t_{tests.scale}"][analyte]
    if not isinstance(tests.wilcoxon, NotComputed):
        row["p_wilcoxon"] = exact_or_normal(tests.wilcoxon)
        row["p_wilcoxon_holm"] = follow_up.p_holm[f"wilcoxon_{tests.scale}"][analyte]
    if not isinstance(tests.effect, NotComputed):
        row["d_z"] = tests.effect.d_z
    return row

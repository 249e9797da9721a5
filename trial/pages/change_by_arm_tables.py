"""The tables of the arms' changes compared."""

import math
from collections.abc import Mapping, Sequence

from analysis.ancova import Ancova
from charts.table import Cell, Column, Table
from data.cohort import ARMS
from trial.change_by_arm import AnalyteByArm, ArmsAtFollowUp
from trial.not_computed import NotComputed


def change_by_arm_table(follow_up: ArmsAtFollowUp, name: str, title: str, level: str) -> Table:
    """Both arms' changes and their ratio, unadjusted and at the same baseline."""
    columns = (
        Column("analyte", "Analyte"),
        Column("n_msc", "MSC: pairs", "integer"),
        Column("msc", "MSC: after / before", "number"),
        Column("n_control", "Control: pairs", "integer"),
        Column("control", "Control: after / before", "number"),
        Column("welch", "MSC / control (Welch)", "estimate"),
        Column("p", "p", "p"),
        Column("p_holm", "Holm", "p"),
        Column("ancova", "MSC / control (ANCOVA)", "estimate"),
        Column("p_ancova", "p", "p"),
        Column("p_ancova_holm", "Holm", "p"),
        Column("p_parallel", "p (parallel lines)", "p"),
    )
    rows = tuple(_row(one, follow_up) for one in follow_up.analytes.values())
    note = (
        f"After / before: geometric means. MSC / control: ratio of these ratios with its {level}"
        " interval; below 1 the level falls more, or rises less, with MSC. Welch's t of log ratios"
        " (Welch 1947, Biometrika 34:28) is the headline. Analysis of covariance compares log"
        " ratios at the same log baseline (Vickers and Altman 2001, BMJ 323:1123), which is"
        " narrower where the baseline predicts the change; it assumes parallel lines and one"
        " variance. limit/sqrt(2) stands for levels below a limit. Holm: over the analytes of one"
        " test."
    )
    if any(one.scale == "raw" for one in follow_up.analytes.values()):
        note += " An analyte with its unit holds no concentrations: differences, not ratios."
    return Table(name, title, columns, rows, note)


def _row(one: AnalyteByArm, follow_up: ArmsAtFollowUp) -> Mapping[str, Cell]:
    is_log = one.scale == "log"
    row: dict[str, Cell] = {"analyte": one.analyte if is_log else f"{one.analyte} [{one.unit}]"}
    for arm in ARMS:
        row[f"n_{arm}"] = one.n_pairs[arm]
        row[arm] = math.exp(one.mean_change[arm]) if is_log else one.mean_change[arm]
    if not isinstance(one.welch, NotComputed):
        row["welch"] = one.ratio or one.welch.difference
        row |= {"p": one.welch.p, "p_holm": follow_up.p_holm["welch"][one.analyte]}
    if isinstance(one.ancova, Ancova):
        found = one.ancova.comparison
        row["ancova"] = one.ancova_ratio or found.difference
        row |= {"p_ancova": found.p, "p_ancova_holm": follow_up.p_holm["ancova"][one.analyte]}
    if not isinstance(one.slope_difference, NotComputed):
        row["p_parallel"] = one.slope_difference.p
    return row


def ratios_table(drawn: Sequence[AnalyteByArm], name: str, title: str) -> Table:
    """The numbers of the charts."""
    columns = (
        Column("analyte", "Analyte"),
        Column("welch", "Welch's t", "estimate"),
        Column("ancova", "ANCOVA", "estimate"),
    )
    rows = tuple(
        {"analyte": one.analyte, "welch": one.ratio, "ancova": one.ancova_ratio} for one in drawn
    )
    return Table(name, title, columns, rows)

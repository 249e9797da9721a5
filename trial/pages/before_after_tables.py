"""The tables of cytokines before and after: change, tests, levels beyond a limit, ROC."""

from collections.abc import Iterator, Mapping
from typing import Final

from charts.table import NOTHING, Cell, Column, Table
from trial.before_after import AnalyteChange, FollowUp
from trial.censored_ratio import CensoredRatio
from trial.holm import exact_or_normal
from trial.levels import LevelSummary, Quartile
from trial.not_computed import NotComputed
from trial.paired_tests import PairedTests
from trial.pre_post_roc import PrePostRoc

Row = Mapping[str, Cell]

_SCALES: Final = {"log": "logarithms", "raw": "levels, as the study"}


def change_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table:
    """What changed: quartiles of both times, ratio of geometric means, effect size."""
    columns = (
        Column("analyte", "Analyte"),
        Column("n", "Pairs", "integer"),
        Column("n_below", "Below limit: before / after"),
        Column("before", "Before: median (quartiles)"),
        Column("after", "After: median (quartiles)"),
        Column("ratio", "After / before", "estimate"),
        Column("p", "p (paired t)", "p"),
        Column("p_holm", "p (Holm)", "p"),
        Column("p_wilcoxon", "p (Wilcoxon)", "p"),
        Column("d_z", "d_z", "estimate"),
    )
    rows = tuple(_change(one, follow_up) for one in follow_up.analytes.values())
    note = (
        f"Ratio of geometric means with its {level} interval, paired t test and exact signed-rank"
        " test of logarithms, with limit/sqrt(2) for levels below a limit; below 1 is a fall. Holm:"
        " adjusted over the analytes of this table. d_z: mean log change in its standard"
        " deviations, noncentral t interval."
    )
    return Table(f"{name}-change", f"Before and after, {when}", columns, rows, note)


def tests_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table:
    """Every test on both scales."""
    columns = (
        Column("analyte", "Analyte"),
        Column("scale", "Of"),
        Column("change", "Mean change", "estimate"),
        Column("t", "t", "number"),
        Column("df", "df", "integer"),
        Column("p", "p (paired t)", "p"),
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


def censoring_table(follow_up: FollowUp, name: str, when: str, level: str) -> Table | None:
    """Both ways to handle levels beyond a limit; None where there are none."""
    censored = [
        one
        for one in follow_up.analytes.values()
        if any(level.bound != "none" for pair in one.pairs for level in (pair.before, pair.after))
    ]
    if not censored:
        return None
    columns = (
        Column("analyte", "Analyte"),
        Column("substituted", "Ratio, limit/sqrt(2)", "estimate"),
        Column("likelihood", "Ratio, likelihood", "estimate"),
        Column("p", "p (likelihood ratio)", "p"),
        Column("p_holm", "Holm", "p"),
        Column("factor", "Ratios differ by", "number"),
        Column("matters", "Matters"),
        Column("sentence", "In words"),
    )
    rows = tuple(_censoring(one, follow_up) for one in censored)
    note = (
        "Likelihood: before and after bivariate log-normal, a level beyond a limit enters with the"
        " probability of lying there (Lyles 2001, Biometrics 57:1238); nothing is filled in."
        f" {level} profile-likelihood interval. Stated rule: it matters if the two ratios differ"
        " by more than a factor of 1.1, or if one interval leaves out 1 and the other does not."
    )
    return Table(f"{name}-limits", f"Levels beyond a limit, {when}", columns, rows, note)


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


def median_quartiles(summary: LevelSummary) -> str:
    """Median and quartiles as text, those that rest on a level beyond a limit marked.

    Examples
    --------
    >>> from trial.levels import Level, summarise_levels
    >>> median_quartiles(summarise_levels([Level(0.7, "<"), Level(1.2, "none"), Level(3, "none")]))
    '1.2 (<0.95 to 2.1)'
    """
    if summary.quartiles is None:
        return NOTHING
    lower, median, upper = map(_quartile, summary.quartiles)
    return f"{median} ({lower} to {upper})"


def _quartile(quartile: Quartile) -> str:
    bound = "" if quartile.bound == "none" else quartile.bound
    return f"{bound}{_digits(quartile.value)}"


def _digits(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


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


def _censoring(one: AnalyteChange, follow_up: FollowUp) -> Row:
    verdict = one.censoring
    row: dict[str, Cell] = {
        "analyte": one.analyte,
        "substituted": None if isinstance(one.log, NotComputed) else one.log.ratio,
        "factor": verdict.factor,
        "matters": "not known" if verdict.matters is None else verdict.matters,
        "sentence": verdict.sentence,
    }
    if isinstance(one.likelihood, CensoredRatio):
        row |= {
            "likelihood": one.likelihood.ratio,
            "p": one.likelihood.fit.p_likelihood_ratio,
            "p_holm": follow_up.p_holm["likelihood"][one.analyte],
        }
    return row


def _roc(roc: PrePostRoc) -> Row:
    return {
        "analyte": roc.score,
        "direction": "lower" if roc.direction == "lower_is_case" else "higher",
        "n": roc.n_patients,
        "auc": roc.auc,
        "ignoring": roc.auc_ignoring_pairs,
        "method": roc.auc.method,
    }


def reasons(follow_up: FollowUp) -> Iterator[tuple[str, str]]:
    """What of each analyte could not be computed, and why."""
    for one in follow_up.analytes.values():
        parts: dict[str, object] = {
            "paired t test of logarithms": getattr(one.log, "t_test", one.log),
            "paired t test of levels": one.raw.t_test,
            "likelihood": one.likelihood,
            "ROC": one.roc,
        }
        for what, part in parts.items():
            if isinstance(part, NotComputed):
                yield f"{one.analyte}, {what}", part.not_computed

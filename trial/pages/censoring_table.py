"""The table of levels beyond a limit: the change with numbers in their place, and without."""

from collections.abc import Mapping

from charts.table import Cell, Column, Table
from trial.before_after import AnalyteChange, FollowUp
from trial.censored_ratio import MATTERS, CensoredRatio
from trial.not_computed import NotComputed


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
        Column("p_substituted", "p, limit/sqrt(2)", "p"),
        Column("p", "p, likelihood", "p"),
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
        f" by more than a factor of {MATTERS:g}, or if only one of the two likelihood-ratio tests"
        " is significant. A level above its limit enters the first ratio at the limit."
    )
    return Table(f"{name}-limits", f"Levels beyond a limit, {when}", columns, rows, note)


def _censoring(one: AnalyteChange, follow_up: FollowUp) -> Mapping[str, Cell]:
    verdict = one.censoring
    row: dict[str, Cell] = {
        "analyte": one.analyte,
        "substituted": None if isinstance(one.log, NotComputed) else one.log.ratio,
        "p_substituted": verdict.p_substituted,
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

"""The paragraphs of `card.md` on how much to believe a classifier, one for each kind of evidence.

Each takes a part of the evaluation and gives its lines, an empty one last.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from training.markdown import escaped


def compared(others: Mapping[str, Any]) -> list[str]:
    """The procedure against each other model, fold by fold."""
    lines = ["| the procedure less | difference of AUC | 95 % interval | p |", "|---|---|---|---|"]
    for name, found in others.items():
        difference, p = found["difference"], found["p"]
        interval = f"{difference['lower']:z.2f} to {difference['upper']:z.2f}"
        shown = "-" if p is None else f"{p:.2g}"
        lines.append(f"| {name} | {difference['value']:z.2f} | {interval} | {shown} |")
    return [*lines, ""]


def permutation(found: Mapping[str, Any] | None) -> list[str]:
    """How often outcomes dealt at random do as well."""
    if found is None:
        return ["No permutation test was asked for.", ""]
    return [
        f"Permutation test of the whole procedure: p = {found['p']:.2g} "
        f"({found['n_permutations']} permutations; folds drawn anew for each, and for what was "
        f"observed: AUC {found['observed_auc']:.2f} against {found['mean_permuted_auc']:.2f} on "
        "average with outcomes dealt at random).",
        "",
    ]


def optimism(found: Mapping[str, Any] | None) -> list[str]:
    """The bootstrap's view, beside the headline and never instead of it."""
    if found is None:
        return []
    auc, point632 = found["corrected"]["auc"], found["point632"]["auc"]
    if auc["corrected"] is None:
        return []
    line = (
        f"Secondary, by {found['n_resamples']} bootstrap resamples: apparent AUC "
        f"{auc['apparent']:.2f}, optimism {auc['optimism']:z.2f}, corrected {auc['corrected']:.2f}"
    )
    if point632["point632_plus"] is not None:
        line += f"; .632+ {point632['point632_plus']:.2f}"
    not_fitted = sum(n for what, n in found["failures"].items() if what.startswith("fit"))
    line += f" ({not_fitted} resamples could not be learnt from)." if not_fitted else "."
    return [line, ""]


def in_controls(found: Mapping[str, Any]) -> list[str]:
    """Whether it separates responders among those who had no cells, too."""
    if not found["n_patients"] and not found["left_out"]:
        return []
    if found["auc"] is None:
        return [f"AUC among the controls, who had no cells: none, {found['reason']}.", ""]
    return [
        f"AUC among {found['n_patients']} controls: {_between(found['auc'])}. As good there as "
        "among the treated would mean prognosis, not response to treatment.",
        "",
    ]


def _between(estimate: Mapping[str, Any]) -> str:
    return f"{estimate['value']:z.2f} ({estimate['lower']:z.2f} to {estimate['upper']:z.2f})"


def operating_point(point: Mapping[str, Any]) -> list[str]:
    """The threshold, and what choosing one this way is worth."""
    sensitivity, specificity = point["sensitivity"], point["specificity"]
    return [
        f"Responder from a probability of {point['threshold']:.2f} ({point['rule']}): "
        f"sensitivity {sensitivity['value']:.2f} "
        f"({sensitivity['lower']:.2f} to {sensitivity['upper']:.2f}), "
        f"specificity {specificity['value']:.2f} "
        f"({specificity['lower']:.2f} to {specificity['upper']:.2f}). These are of choosing a "
        "threshold this way on other patients, not of exactly this threshold.",
        "",
    ]


def calibration(found: Mapping[str, Any]) -> list[str]:
    """Slope and Brier score, or why there is no slope."""
    slope = found["slope"]
    brier = (
        f"Brier score {found['brier']:.3f}, against {found['brier_of_prevalence']:.3f} "
        "for the prevalence alone."
    )
    if slope is None and "classes_separated" in found["repeats_without_slope"]:
        return [f"Out of fold the classes are separated: no slope can be judged. {brier}", ""]
    if slope is None:
        return [
            f"The out-of-fold probabilities are nearly constant: no slope is judged. {brier}",
            "",
        ]
    reading = (
        "0 or below: the probabilities say nothing of the outcome"
        if slope["value"] <= 0
        else "1 is perfect, below 1 too extreme"
    )
    return [
        f"Calibration slope {slope['value']:z.2f} ({slope['lower']:z.2f} to {slope['upper']:z.2f}; "
        f"{reading}). {brier}",
        "",
    ]


def stability(found: Mapping[str, Any]) -> list[str]:
    """How far the refits scatter, and what they select."""
    moved, flipped = (
        found["predictions"][name] for name in ("mean_absolute_difference", "share_flipped")
    )
    lines = [
        f"Over {found['n_refits']} bootstrap refits a patient's probability moves by "
        f"{moved['median']:.2f} (median of patients; at least {moved['quantile_90']:.2f} in the "
        f"tenth that moves most); {flipped['median']:.0%} of refits would decide otherwise (median "
        f"of patients; at least {flipped['quantile_90']:.0%} in the tenth that flips most).",
        "",
    ]
    selection = found["selection"]
    if selection is not None:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in selection["frequency"].items())
        lines += [f"Refits that keep each feature: {shares}.", ""]
    return lines


def subgroups(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Groups of enough patients; the others are counted together."""
    if not rows:
        return []
    lines = [
        "| group | n | responders | AUC of the ensemble | sensitivity | specificity |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        column, n = escaped(row["column"]), row["n_patients"]
        if row["group"] is None:
            lines.append(f"| {column}: groups too small to show | {n} | | | | |")
            continue
        cells = [_between(row[name]) for name in ("auc", "sensitivity", "specificity")]
        group = f"{column}: {escaped(row['group'])}"
        lines.append(f"| {group} | {n} | {row['n_responders']} | {' | '.join(cells)} |")
    return [*lines, ""]

"""`card.md`: what a person should know before believing a classifier, filled from the run."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.proportions import wilson
from models.manifest import Manifest
from training.tripod import tripod_markdown, tripod_table

COVERAGE: Final = (
    "in simulated cohorts of 64 patients, 33 of them treated, nominal 95 % intervals covered the "
    "AUC on fresh patients in 89 to 96 % (docs/honesty.md)."
)
"""As found by `python bench/coverage.py`."""


def write_card(manifest: Manifest, evaluation: Mapping[str, Any]) -> str:
    """The model card as Markdown; numbers are those of the evaluation."""
    definition = evaluation["definition"]
    size = evaluation["sample_size"]
    lines = [
        f"# Responder classifier, {manifest.task.name}",
        "",
        *_warnings(evaluation),
        "## What it answers",
        "",
        f"The probability, {_panels(manifest)}, {_claim(definition)}. No treatment decision may "
        "rest on it. Not a medical device.",
        "",
        "## Who trained it",
        "",
        f"{evaluation['n_patients']} patients, {evaluation['n_responders']} of them responders"
        f"{_left_out(evaluation['not_evaluable'])}. Cohort: "
        f"{manifest.cohort.description.rstrip('.') or 'as read'} "
        f"(SHA-256 `{manifest.cohort.sha256[:12]}`).",
        "",
        *_controls(evaluation["control_responders"]),
        *_notes(evaluation["warnings"]),
        "## How much to believe it",
        "",
        "| what | AUC | 95 % interval | how |",
        "|---|---|---|---|",
        _auc_row("the whole procedure, out of fold", evaluation["auc"]),
        *(_auc_row(f"candidate {n}", c["auc"]) for n, c in evaluation["candidates"].items()),
        *(_auc_row(f"reference model {n}", r["auc"]) for n, r in evaluation["references"].items()),
        "",
        f"Served: {_setting(evaluation['chosen'])}. The intervals of cross-validated AUCs come "
        f"from folds that share their patients: {COVERAGE}",
        "",
        f"Sample size asked for: {size['required']} patients for {size['n_parameters']} candidate "
        f"features; there were {size['actual']}.",
        "",
        *_compared(evaluation["procedure_less"]),
        *_permutation(evaluation["permutation"]),
        *_optimism(evaluation["optimism"]),
        *_in_controls(evaluation["controls"]),
        "## Operating point and calibration",
        "",
        *_operating_point(evaluation["operating_point"]),
        *_calibration(evaluation["calibration"]),
        "",
        "## Stability and groups",
        "",
        *_stability(evaluation["stability"]),
        *_subgroups(evaluation["subgroups"]),
        "## Limits",
        "",
        "- The interval of one patient's probability shows how it moves when the cohort is "
        f"resampled and {evaluation['chosen']['family']} is fitted anew: stability, not coverage; "
        "that another family might have been chosen is not in it.",
        "- Out-of-fold results of one cohort are no validation on another.",
        *_regression_to_the_mean(definition),
        "- Platforms differ; a platform not seen in training is refused or flagged.",
        "",
        "## TRIPOD+AI",
        "",
        *tripod_markdown(tripod_table(manifest, evaluation, manifest.config.get("tripod", {}))),
        "",
    ]
    return "\n".join(lines)


def _warnings(evaluation: Mapping[str, Any]) -> list[str]:
    lines = []
    if evaluation["simulated"]:
        lines += ["**SIMULATED DATA: no patient is behind any number here.**", ""]
    if evaluation["exploratory"]:
        lines += [f"**Exploratory:** {evaluation['exploratory_reason']}.", ""]
    return lines


def _panels(manifest: Manifest) -> str:
    """Which panels the answer comes from."""
    if manifest.task.name == "pretreatment":
        return "from the panel before treatment"
    return (
        f"from the panels before treatment and about month {manifest.task.follow_up_month:g} of it"
    )


def _claim(definition: Mapping[str, Any]) -> str:
    """What the probability is of, and what it must not be mistaken for."""
    if definition["percent"] is not None:
        rule = f"slope improved by at least {definition['percent']:g} %"
    elif definition["points"] is not None:
        rule = f"slope improved by at least {definition['points']:g} points/month"
    else:
        return f"of the outcome that the table calls `{definition['name']}`"
    return (
        f"that a patient is a responder by `{definition['name']}` ({rule} by month "
        f"{definition['horizon_months']:g}) after mesenchymal stem cells. It is not the "
        "probability of benefit"
    )


def _left_out(reasons: Mapping[str, int]) -> str:
    if not reasons:
        return ""
    listed = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in reasons.items())
    return f"; left out: {listed}"


def _controls(controls: Mapping[str, int]) -> list[str]:
    k, n = controls["k"], controls["n"]
    if not n:
        return []
    lower, upper = wilson(k, n)
    return [
        f"Among the controls, who had no cells, {k} of {n} are responders by the same rule "
        f"({k / n:.0%}; Wilson {lower:.0%} to {upper:.0%}).",
        "",
    ]


def _notes(warnings: Sequence[str]) -> list[str]:
    return [*(f"- {warning}" for warning in warnings), ""] if warnings else []


def _regression_to_the_mean(definition: Mapping[str, Any]) -> list[str]:
    if definition["percent"] is None and definition["points"] is None:
        return []
    return [
        "- The outcome depends on the lead-in slope; regression to the mean alone makes some "
        "patients responders. Compare with the lead-in reference model and the controls."
    ]


def _auc_row(what: str, auc: Mapping[str, Any]) -> str:
    interval = f"{auc['lower']:.2f} to {auc['upper']:.2f}"
    return f"| {what} | {auc['value']:.2f} | {interval} | {auc['method']} |"


def _compared(others: Mapping[str, Any]) -> list[str]:
    """The procedure against each other model, fold by fold."""
    lines = ["| the procedure less | difference of AUC | 95 % interval | p |", "|---|---|---|---|"]
    for name, found in others.items():
        difference, p = found["difference"], found["p"]
        interval = f"{difference['lower']:.2f} to {difference['upper']:.2f}"
        shown = "-" if p is None else f"{p:.2g}"
        lines.append(f"| {name} | {difference['value']:.2f} | {interval} | {shown} |")
    return [*lines, ""]


def _permutation(found: Mapping[str, Any] | None) -> list[str]:
    if found is None:
        return ["No permutation test was asked for.", ""]
    return [
        f"Permutation test of the whole procedure: p = {found['p']:.2g} "
        f"({found['n_permutations']} permutations, {found['n_repeats']} draw of folds for each; "
        f"AUC {found['observed_auc']:.2f} against {found['mean_permuted_auc']:.2f} on average "
        "with outcomes dealt at random).",
        "",
    ]


def _optimism(found: Mapping[str, Any] | None) -> list[str]:
    """The bootstrap's view, beside the headline and never instead of it."""
    if found is None:
        return []
    auc, point632 = found["corrected"]["auc"], found["point632"]["auc"]
    if auc["corrected"] is None:
        return []
    lines = [
        f"Secondary, by {found['n_resamples']} bootstrap resamples: apparent AUC "
        f"{auc['apparent']:.2f}, optimism {auc['optimism']:.2f}, corrected {auc['corrected']:.2f}"
    ]
    if point632["point632_plus"] is not None:
        lines[0] += f"; .632+ {point632['point632_plus']:.2f}"
    failures = sum(found["failures"].values())
    lines[0] += f" ({failures} fits could not be judged in full)." if failures else "."
    return [*lines, ""]


def _in_controls(found: Mapping[str, Any]) -> list[str]:
    if found["auc"] is None:
        return [f"AUC among the controls: not available, {found['reason']}.", ""]
    return [
        f"AUC among {found['n_patients']} controls: {_between(found['auc'])}. As good there as "
        "among the treated would mean prognosis, not response to treatment.",
        "",
    ]


def _between(estimate: Mapping[str, Any]) -> str:
    return f"{estimate['value']:.2f} ({estimate['lower']:.2f} to {estimate['upper']:.2f})"


def _stability(found: Mapping[str, Any]) -> list[str]:
    moved, flipped = (
        found["predictions"][name] for name in ("mean_absolute_difference", "share_flipped")
    )
    lines = [
        f"Over {found['n_refits']} bootstrap refits a patient's probability moves by "
        f"{moved['median']:.2f} (median of patients; {moved['quantile_90']:.2f} in the tenth that "
        f"moves most), and {flipped['median']:.0%} of refits would decide otherwise "
        f"({flipped['quantile_90']:.0%} in that tenth).",
        "",
    ]
    selection = found["selection"]
    if selection is not None:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in selection["frequency"].items())
        lines += [f"Refits that keep each feature: {shares}.", ""]
    return lines


def _subgroups(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Groups of enough patients; the others are counted together."""
    if not rows:
        return []
    lines = [
        "| group | n | responders | AUC of the ensemble | sensitivity | specificity |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if row["group"] is None:
            few = f"{row['column']}: smaller groups"
            lines.append(f"| {few} | {row['n_patients']} | too few to show | | | |")
            continue
        cells = [row["auc"], row["sensitivity"], row["specificity"]]
        shown = " | ".join("too few" if cell is None else _between(cell) for cell in cells)
        group = f"{row['column']}: {row['group']}".replace("|", "/")
        lines.append(f"| {group} | {row['n_patients']} | {row['n_responders']} | {shown} |")
    return [*lines, ""]


def _setting(chosen: Mapping[str, Any]) -> str:
    details = ", ".join(
        f"{name.replace('_', ' ')} {value:g}" for name, value in chosen.items() if name != "family"
    )
    return f"{chosen['family']} ({details})"


def _operating_point(point: Mapping[str, Any]) -> list[str]:
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


def _calibration(calibration: Mapping[str, Any]) -> list[str]:
    slope = calibration["slope"]
    brier = (
        f"Brier score {calibration['brier']:.3f}, against {calibration['brier_of_prevalence']:.3f} "
        "for the prevalence alone."
    )
    if slope is None and "classes_separated" in calibration["repeats_without_slope"]:
        return [f"Out of fold the classes are separated: no slope can be judged. {brier}"]
    if slope is None:
        return [f"The out-of-fold probabilities are nearly constant: no slope is judged. {brier}"]
    reading = (
        "0 or below: the probabilities say nothing of the outcome"
        if slope["value"] <= 0
        else "1 is perfect, below 1 too extreme"
    )
    return [
        f"Calibration slope {slope['value']:.2f} ({slope['lower']:.2f} to {slope['upper']:.2f}; "
        f"{reading}). {brier}"
    ]

"""`card.md`: what a person should know before believing a classifier, filled from the run."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.proportions import wilson
from models.manifest import Manifest
from training import card_evidence as evidence
from training.coverage import coverage_sentence
from training.markdown import code, escaped
from training.tripod import tripod_markdown, tripod_table


def write_card(manifest: Manifest, evaluation: Mapping[str, Any]) -> str:
    """The model card as Markdown; numbers are those of the evaluation."""
    size = evaluation["sample_size"]
    lines = [
        f"# Responder classifier, {manifest.task.name}",
        "",
        *_warnings(evaluation),
        "## What it answers",
        "",
        answer(manifest, evaluation),
        "",
        "## Who trained it",
        "",
        f"{evaluation['n_patients']} patients, {evaluation['n_responders']} of them responders"
        f"{_left_out(evaluation['not_evaluable'])}. Cohort: "
        f"{escaped(manifest.cohort.description).rstrip('.') or 'as read'} "
        f"(SHA-256 `{manifest.cohort.sha256[:12]}`).",
        "",
        *in_controls_by_rule(evaluation["control_responders"]),
        *_notes(evaluation["warnings"]),
        "## How much to believe it",
        "",
        "| what | AUC | 95 % interval | how |",
        "|---|---|---|---|",
        _auc_row("the whole procedure, out of fold", evaluation["auc"]),
        *(_auc_row(f"candidate {n}", c["auc"]) for n, c in evaluation["candidates"].items()),
        *(_auc_row(f"reference model {n}", r["auc"]) for n, r in evaluation["references"].items()),
        "",
        f"Served: {setting(evaluation['chosen'])}. {coverage(manifest, evaluation)}",
        "",
        f"Sample size asked for: {size['required']} patients for {size['n_parameters']} candidate "
        f"features; there were {size['actual']}.",
        "",
        *evidence.compared(evaluation["procedure_less"]),
        *evidence.permutation(evaluation["permutation"]),
        *evidence.optimism(evaluation["optimism"]),
        *evidence.in_controls(evaluation["controls"]),
        "## Operating point and calibration",
        "",
        *evidence.operating_point(evaluation["operating_point"]),
        *evidence.calibration(evaluation["calibration"]),
        "## Stability and groups",
        "",
        *evidence.stability(evaluation["stability"]),
        *evidence.subgroups(evaluation["subgroups"]),
        "## Limits",
        "",
        *limits(evaluation),
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


def answer(manifest: Manifest, evaluation: Mapping[str, Any]) -> str:
    """What the probability is of."""
    return (
        f"The probability, {_panels(manifest)}, {_claim(evaluation['definition'])}. No treatment "
        "decision may rest on it. Not a medical device."
    )


def coverage(manifest: Manifest, evaluation: Mapping[str, Any]) -> str:
    """How often intervals like the headline's held the truth in simulations."""
    return (
        "The intervals of cross-validated AUCs come from folds that share their patients: "
        f"{coverage_sentence(evaluation['n_patients'], manifest.task.name)}"
    )


def limits(evaluation: Mapping[str, Any]) -> list[str]:
    """What nothing in the numbers makes up for, one line each."""
    return [
        "- The interval of one patient's probability shows how it moves when the cohort is "
        f"resampled and {evaluation['chosen']['family']} is fitted anew: stability, not coverage; "
        "that another family might have been chosen is not in it.",
        "- Out-of-fold results of one cohort are no validation on another.",
        *_regression_to_the_mean(evaluation["definition"]),
        "- Platforms differ; a platform not seen in training is refused or flagged.",
    ]


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
        return f"of the outcome that the table calls {code(definition['name'])}"
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


def in_controls_by_rule(controls: Mapping[str, int]) -> list[str]:
    """How many controls, who had no cells, meet the same rule."""
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


def setting(chosen: Mapping[str, Any]) -> str:
    """The served family with its setting."""
    details = ", ".join(
        f"{name.replace('_', ' ')} {value:g}" for name, value in chosen.items() if name != "family"
    )
    return f"{chosen['family']} ({details})"

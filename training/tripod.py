"""The TRIPOD+AI table of a run: item, answer, and where the answer comes from.

Items are named in our words after Collins et al. 2024 (BMJ 385:e078378); what the run knows it
answers, what only a person can know is asked for under [tripod] of the configuration and listed
as open until then.
"""

import csv
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, NamedTuple

from models.manifest import Manifest

NOT_AVAILABLE: Final = "not available in the data"
NOT_APPLICABLE: Final = "not applicable: this run develops a model; `validate` evaluates it"


class TripodRow(NamedTuple):
    """One item; `source` is the run, the configuration, or nobody yet."""

    item: str
    topic: str
    answer: str
    source: Literal["run", "config", "open"]


class _Run(NamedTuple):
    manifest: Manifest
    evaluation: Mapping[str, Any]


@cache
def tripod_items() -> dict[str, tuple[str, str]]:
    """Topic of every item and what it asks for, in the checklist's order (27 items in 52 parts).

    Examples
    --------
    >>> len(tripod_items()), tripod_items()["10"][0]
    (52, 'Sample size')
    """
    text = resources.files("training").joinpath("tripod.csv").read_text(encoding="utf-8")
    return {row["item"]: (row["topic"], row["asks"]) for row in csv.DictReader(text.splitlines())}


def tripod_table(
    manifest: Manifest, evaluation: Mapping[str, Any], answers: Mapping[str, str]
) -> list[TripodRow]:
    """Every item with its answer; a person's answer stands beside the run's, never instead."""
    run = _Run(manifest, evaluation)
    rows = []
    for item, (topic, asks) in tripod_items().items():
        known = ANSWERS[item](run) if item in ANSWERS else ""
        said = answers.get(item, "").strip()
        if known or said:
            answer = " ".join(text for text in (known, said) if text)
            rows.append(TripodRow(item, topic, answer, "config" if said else "run"))
        else:
            rows.append(TripodRow(item, topic, f"{NOT_AVAILABLE}; say: {asks}", "open"))
    return rows


def _title(run: _Run) -> str:
    return (
        f"Development of a classifier ({run.manifest.estimator}) of response by "
        f"`{run.manifest.definition.name}`, {run.manifest.task.name}, in people with ALS after "
        "mesenchymal stem cells, with internal validation."
    )


def _source(run: _Run) -> str:
    cohort = run.manifest.cohort
    kind = "SIMULATED cohort" if cohort.simulated else "Cohort"
    return f"{kind}: {cohort.description or 'no description'} (SHA-256 {cohort.sha256[:12]})."


def _outcome(run: _Run) -> str:
    definition = run.manifest.definition
    if definition.percent is not None:
        rule = f"ALSFRS-R slope improved by at least {definition.percent:g} % over the lead-in"
    elif definition.points is not None:
        rule = f"ALSFRS-R slope improved by at least {definition.points:g} points/month"
    else:
        return f"Stated by the table in its column `{definition.name}`."
    return f"{rule}, by month {definition.horizon_months:g} ({definition.source or 'no source'})."


def _predictors(run: _Run) -> str:
    names = ", ".join(analyte.name for analyte in run.manifest.analytes)
    when = "before treatment"
    if run.manifest.task.name == "on_treatment":
        when += f" and about month {run.manifest.task.follow_up_month:g}"
    return f"{names} in CSF, {when}; platforms: {_platforms(run)}."


def _platforms(run: _Run) -> str:
    names = sorted({name for found in run.manifest.platforms.values() for name in found if name})
    return ", ".join(names) or "not recorded"


def _features(run: _Run) -> str:
    listed = ", ".join(f"{feature.name} [{feature.unit}]" for feature in run.manifest.features)
    return f"{listed}; a result below its limit enters as limit/sqrt(2), flagged."


def _sample_size(run: _Run) -> str:
    size = run.evaluation["sample_size"]
    verdict = "enough" if size["actual"] >= size["required"] else "not enough"
    return (
        f"{size['actual']} patients where {size['required']} are needed for "
        f"{size['n_parameters']} candidate features at an anticipated AUC of "
        f"{size['anticipated_auc']:g} (Riley 2020): {verdict}."
    )


def _missing(run: _Run) -> str:
    left_out = run.evaluation["not_evaluable"]
    reasons = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in left_out.items())
    return f"Median imputation learnt inside each fold, flagged. Left out: {reasons or 'nobody'}."


def _model_building(run: _Run) -> str:
    families = ", ".join(run.evaluation["candidates"])
    settings = run.manifest.config["evaluation"]
    return (
        f"Nested cross-validation, {settings['repeats']} x {settings['outer_folds']} outer and "
        f"{settings['inner_folds']} inner folds; family ({families}) and penalty chosen in the "
        f"inner folds; chosen: {run.evaluation['chosen']['family']}."
    )


def _clusters(run: _Run) -> str:
    by = run.manifest.config["evaluation"]["group_by"]
    return f"Folds keep each {by} whole." if by else "Folds do not keep sites whole."


def _flow(run: _Run) -> str:
    evaluation = run.evaluation
    controls = evaluation["control_responders"]
    return (
        f"{evaluation['n_patients']} treated patients analysed, {evaluation['n_responders']} of "
        f"them responders; {sum(evaluation['not_evaluable'].values())} left out; of "
        f"{controls['n']} controls {controls['k']} met the same definition."
    )


def _performance(run: _Run) -> str:
    auc = run.evaluation["auc"]
    return (
        f"AUC {auc['value']:.2f} (95 % interval {auc['lower']:.2f} to {auc['upper']:.2f}, "
        f"{auc['method']}), of the whole procedure, out of fold; calibration and operating point "
        "in evaluation.json."
    )


def _threshold(run: _Run) -> str:
    point = run.manifest.operating_point
    return (
        f"A probability with a bootstrap interval; responder from {point.threshold:.2f} "
        f"({point.rule}, median over repeats)."
    )


def _limits(run: _Run) -> str:
    reason = run.evaluation["exploratory_reason"]
    return f"Exploratory: {reason}." if reason else "Not validated on another cohort."


_Answer = Callable[[_Run], str]

ANSWERS: Final[dict[str, _Answer]] = {
    "1": _title,
    "4": lambda run: "Development with internal validation; `validate` evaluates on new patients.",
    "5a": _source,
    "7": lambda run: (
        "Units, limits and ranges checked by rule; refused rows are listed by `check`."
    ),
    "8a": _outcome,
    "9b": _predictors,
    "10": _sample_size,
    "11": _missing,
    "12a": lambda run: "All patients for development; each held out once per repeat to evaluate.",
    "12b": _features,
    "12c": _model_building,
    "12d": _clusters,
    "12e": lambda run: (
        "AUC within folds with the corrected resampled t interval, calibration slope and "
        "intercept, Brier score, sensitivity and specificity; reference models beside."
    ),
    "12f": lambda run: "None.",
    "12g": lambda run: "Out of fold: no patient's prediction comes from a model that saw them.",
    "13": lambda run: "No resampling of classes; stratified folds.",
    "14": lambda run: "Nothing was done; see the performance in groups.",
    "15": _threshold,
    "16": lambda run: NOT_APPLICABLE,
    "18f": lambda run: "csf-responder, BSD-3-Clause; versions of libraries are in the manifest.",
    "20a": _flow,
    "20c": lambda run: NOT_APPLICABLE,
    "21": lambda run: _flow(run),
    "22": lambda run: "estimator.json (or estimator.ubj) and manifest.json of this bundle.",
    "23a": _performance,
    "24": lambda run: "None.",
    "26": _limits,
    "27a": lambda run: "Missing results are imputed and flagged; implausible ones are refused.",
}
"""What a run can answer of each item."""


def tripod_markdown(rows: list[TripodRow]) -> list[str]:
    """The table for `card.md`, open items last in a list of their own."""
    lines = ["| item | topic | answer | from |", "|---|---|---|---|"]
    lines += [
        f"| {row.item} | {row.topic} | {row.answer.replace('|', '/')} | {row.source} |"
        for row in rows
        if row.source != "open"
    ]
    still_open = [f"{row.item} {row.topic.lower()}" for row in rows if row.source == "open"]
    if still_open:
        lines += ["", f"Open, for a person to answer under `[tripod]`: {'; '.join(still_open)}."]
    return lines

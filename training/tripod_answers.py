"""What a run can answer of each item of TRIPOD+AI, in a sentence.

The checklist itself and a person's answers are in `tripod.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from models.manifest import Manifest
from training.markdown import code, escaped

NOT_APPLICABLE: Final = "not applicable: this run develops a model; `validate` evaluates it"


class Run(NamedTuple):
    """What is known of a run: its manifest, and the evaluation as plain JSON."""

    manifest: Manifest
    evaluation: Mapping[str, Any]


def _title(run: Run) -> str:
    name, stated = code(run.manifest.definition.name), _is_stated(run)
    whom = "" if stated else " in people with ALS after mesenchymal stem cells"
    return (
        f"Development of a classifier ({run.manifest.estimator}, {run.manifest.task.name}) of "
        f"{'the outcome' if stated else 'response by'} {name}{whom}, with internal validation."
    )


def _is_stated(run: Run) -> bool:
    """Whether a table states the outcome, so that nothing is known of cells or slopes."""
    return run.manifest.definition.percent is None and run.manifest.definition.points is None


def _source(run: Run) -> str:
    cohort = run.manifest.cohort
    kind = "SIMULATED cohort" if cohort.simulated else "Cohort"
    described = escaped(cohort.description).rstrip(".") or "no description"
    return f"{kind}: {described} (SHA-256 {cohort.sha256[:12]})."


def _outcome(run: Run) -> str:
    definition = run.manifest.definition
    if definition.percent is not None:
        rule = f"ALSFRS-R slope improved by at least {definition.percent:g} % over the lead-in"
    elif definition.points is not None:
        rule = f"ALSFRS-R slope improved by at least {definition.points:g} points/month"
    else:
        return f"Stated by the table in its column {code(definition.name)}."
    return f"{rule}, by month {definition.horizon_months:g} ({definition.source or 'no source'})."


def _predictors(run: Run) -> str:
    names = ", ".join(escaped(analyte.name) for analyte in run.manifest.analytes)
    when = "at baseline"
    if run.manifest.task.name == "on_treatment":
        when += f" and about month {run.manifest.task.follow_up_month:g}"
    where = "" if _is_stated(run) else " in CSF"
    return f"{names}{where}, {when}; platforms: {_platforms(run)}."


def _platforms(run: Run) -> str:
    names = sorted({name for found in run.manifest.platforms.values() for name in found if name})
    return ", ".join(map(escaped, names)) or "not recorded"


def _features(run: Run) -> str:
    listed = ", ".join(f"{f.name} [{f.unit or 1}]" for f in run.manifest.features)
    if all(analyte.scale == "as_is" for analyte in run.manifest.analytes):
        return f"{escaped(listed)}; values as they were given."
    return f"{escaped(listed)}; a result below its limit enters as limit/sqrt(2), flagged."


def _sample_size(run: Run) -> str:
    size = run.evaluation["sample_size"]
    verdict = "enough" if size["actual"] >= size["required"] else "not enough"
    return (
        f"{size['actual']} patients where {size['required']} are needed for "
        f"{size['n_parameters']} candidate features at an anticipated AUC of "
        f"{size['anticipated_auc']:g} (Riley 2020): {verdict}."
    )


def _missing(run: Run) -> str:
    left_out = run.evaluation["not_evaluable"]
    reasons = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in left_out.items())
    return (
        "Median imputation learnt inside each fold (XGBoost: its own way), flagged. "
        f"Left out: {reasons or 'nobody'}."
    )


def _model_building(run: Run) -> str:
    families = ", ".join(run.evaluation["candidates"])
    settings = run.manifest.config["evaluation"]
    return (
        f"Nested cross-validation, {settings['repeats']} x {settings['outer_folds']} outer and "
        f"{settings['inner_folds']} inner folds; family ({families}) and penalty chosen in the "
        f"inner folds; chosen: {run.evaluation['chosen']['family']}."
    )


def _measures(run: Run) -> str:
    tested = "; a permutation test of the whole procedure" if run.evaluation["permutation"] else ""
    return (
        "AUC within folds with the corrected resampled t interval, calibration slope and "
        "intercept, Brier score, net benefit, sensitivity and specificity; differences from the "
        f"other families and the reference models fold by fold{tested}."
    )


def _imbalance(run: Run) -> str:
    boosted = run.evaluation["chosen"]["family"] == "xgboost"
    after = " Platt calibration in the inner folds." if boosted else " No recalibration."
    return f"No resampling of classes; stratified folds.{after}"


def _clusters(run: Run) -> str:
    by = run.manifest.config["evaluation"]["group_by"]
    return f"Folds keep each {by} whole." if by else "Folds do not keep sites whole."


def _flow(run: Run) -> str:
    evaluation = run.evaluation
    controls = evaluation["control_responders"]
    flow = (
        f"{evaluation['n_patients']} patients trained, {evaluation['n_responders']} of them "
        f"responders; {sum(evaluation['not_evaluable'].values())} left out"
    )
    if not controls["n"]:
        return f"{flow}; no controls."
    return f"{flow}; of {controls['n']} controls {controls['k']} met the same definition."


def _performance(run: Run) -> str:
    auc = run.evaluation["auc"]
    return (
        f"AUC {auc['value']:.2f} (95 % interval {auc['lower']:.2f} to {auc['upper']:.2f}, "
        f"{auc['method']}), of the whole procedure, out of fold; calibration and operating point "
        "in evaluation.json."
    )


def _threshold(run: Run) -> str:
    point = run.manifest.operating_point
    return (
        f"A probability with a bootstrap interval; responder from {point.threshold:.2f} "
        f"({point.rule}, median over repeats)."
    )


def _limits(run: Run) -> str:
    reason = run.evaluation["exploratory_reason"]
    exploratory = f"Exploratory: {reason}. " if reason else ""
    return f"{exploratory}Not validated on another cohort."


_Answer = Callable[[Run], str]

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
    "12e": _measures,
    "12f": lambda run: "None.",
    "12g": lambda run: "Out of fold: no patient's prediction comes from a model that saw them.",
    "13": _imbalance,
    "14": lambda run: "Nothing was done; see the performance in groups.",
    "15": _threshold,
    "16": lambda run: NOT_APPLICABLE,
    "18f": lambda run: "csf-responder, BSD-3-Clause; versions of libraries are in the manifest.",
    "20a": _flow,
    "20c": lambda run: NOT_APPLICABLE,
    "21": _flow,
    "22": lambda run: "estimator.json (or estimator.ubj) and manifest.json of this bundle.",
    "23a": _performance,
    "24": lambda run: "None.",
    "26": _limits,
    "27a": lambda run: "Missing results are imputed and flagged; implausible ones are refused.",
}
"""What a run can answer of each item."""

"""`report.html`: a training run laid out for whoever must judge it, numbers those of the run.

Sentences are the card's, charts those of `charts.evaluation`; here is only their order.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from charts.chart import Figure
from charts.evaluation.plots import plots_of
from charts.report import Block, Notice, Page, Prose, Report, report_html
from models.manifest import Manifest
from training import card_evidence as evidence
from training.card import answer, coverage, in_controls_by_rule, limits, setting
from training.markdown import plain
from training.report_tables import (
    chosen_table,
    features_table,
    optimism_table,
    participants_table,
    tripod_block,
)

Evaluation = Mapping[str, Any]


def write_report(manifest: Manifest, evaluation: Evaluation, bundle_id: str) -> str:
    """The report as one HTML file; without the `plots` extra its tables stand alone.

    Parameters
    ----------
    bundle_id
        Of the bundle that the report will be part of.
    """
    report = training_report(manifest, evaluation, bundle_id)
    figures = (figure for page in report.pages for figure in page.figures())
    pictures = {name: drawn for figure in figures for name, drawn in figure.pictures().items()}
    return report_html(report, pictures)


def training_report(manifest: Manifest, evaluation: Evaluation, bundle_id: str) -> Report:
    """The report's pages, charts not yet drawn."""
    plots = plots_of(evaluation)
    pages = (
        Page("claim", "What it claims", tuple(_claim(manifest, evaluation, plots))),
        Page("cohort", "Who trained it", tuple(_cohort(manifest, evaluation, plots))),
        Page("roc", "Telling responders from others", tuple(_roc(manifest, evaluation, plots))),
        Page("probabilities", "Probabilities", tuple(_probabilities(evaluation, plots))),
        Page("doubts", "Chance, optimism and stability", tuple(_doubts(evaluation, plots))),
        Page("groups", "Groups and controls", tuple(_groups(evaluation, plots))),
        Page("limits", "Limits", tuple(_prose(limits(evaluation)))),
        Page("tripod", "TRIPOD+AI", tuple(tripod_block(manifest, evaluation))),
    )
    simulated = bool(evaluation["simulated"])
    return Report("Training report", simulated, _facts(manifest, evaluation, bundle_id), pages)


def _facts(manifest: Manifest, evaluation: Evaluation, bundle_id: str) -> dict[str, str]:
    cohort = manifest.cohort
    return {
        "Bundle": bundle_id,
        "Task": manifest.task.name,
        "Trained": f"{manifest.created_at:%Y-%m-%d %H:%M} UTC",
        "Patients": f"{evaluation['n_patients']}, {evaluation['n_responders']} responders",
        "Classifier": plain(setting(evaluation["chosen"])),
        "Cohort": cohort.description or "as read",
        "Cohort SHA-256": cohort.sha256,
        "Made by": f"csf-responder {version('csf-responder')}, seed {manifest.config['seed']}; "
        + ", ".join(f"{name} {found}" for name, found in manifest.libraries.items()),
    }


def _claim(
    manifest: Manifest, evaluation: Evaluation, plots: Mapping[str, Figure]
) -> Iterator[Block]:
    if evaluation["exploratory"]:
        yield Notice(f"Exploratory: {evaluation['exploratory_reason']}.")
    yield from _prose([answer(manifest, evaluation)])
    auc = evaluation["auc"]
    yield Prose(
        f"AUC {auc['value']:.2f} ({100 * auc['level']:g} % interval {auc['lower']:.2f} to "
        f"{auc['upper']:.2f}), out of fold, of the whole procedure: of a responder and another "
        "patient, how often the responder gets the higher score. One half is chance."
    )
    yield plots["auc"]


def _cohort(
    manifest: Manifest, evaluation: Evaluation, plots: Mapping[str, Figure]
) -> Iterator[Block]:
    yield participants_table(evaluation)
    yield from _prose(in_controls_by_rule(evaluation["control_responders"]))
    for warning in evaluation["warnings"]:
        yield Notice(plain(warning))
    yield features_table(manifest, evaluation)
    if "responders_at" in plots:
        yield plots["responders_at"]
    else:
        yield Prose("The table states the outcome, so nothing is known of how near its rule is.")
    yield plots["sample_size"]


def _roc(
    manifest: Manifest, evaluation: Evaluation, plots: Mapping[str, Figure]
) -> Iterator[Block]:
    yield plots["roc"]
    yield from _prose([coverage(manifest, evaluation)])
    yield from _present(plots, "auc_differences", "roc_analytes", "roc_pre_vs_post")


def _probabilities(evaluation: Evaluation, plots: Mapping[str, Figure]) -> Iterator[Block]:
    yield from _prose(evidence.operating_point(evaluation["operating_point"]))
    yield from _prose(evidence.calibration(evaluation["calibration"]))
    yield from _present(plots, "calibration", "decision_curve")


def _doubts(evaluation: Evaluation, plots: Mapping[str, Figure]) -> Iterator[Block]:
    yield from _prose(evidence.permutation(evaluation["permutation"]))
    yield from _present(plots, "permutation")
    yield from optimism_table(evaluation)
    yield from _prose(evidence.stability(evaluation["stability"]))
    yield from _present(plots, "contributions", "selection")
    yield chosen_table(evaluation)


def _groups(evaluation: Evaluation, plots: Mapping[str, Figure]) -> Iterator[Block]:
    yield from _prose(evidence.in_controls(evaluation["controls"]))
    if "subgroups" in plots:
        yield plots["subgroups"]
    else:
        yield Prose("No group of patients is large enough to be shown.")


def _present(plots: Mapping[str, Figure], *names: str) -> Iterator[Figure]:
    return (plots[name] for name in names if name in plots)


def _prose(lines: list[str]) -> Iterator[Prose]:
    """The card's paragraphs as plain text, one for each line."""
    return (Prose(plain(line.removeprefix("- "))) for line in lines if line)

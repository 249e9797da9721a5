"""The command `validate`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from models.canonical import readable_json
from models.classifier import load_classifier
from models.known_analytes import known_analytes
from models.options import (
    BundleArgument,
    ConfigOption,
    JsonOption,
    RegistryOption,
    open_registry,
    read_new_patients,
)
from models.validation import validate
from models.validation_store import keep_validation

app = typer.Typer(add_completion=False)


@app.command("validate")
def validate_command(
    bundle_id: BundleArgument,
    folder: Annotated[
        Path | None, typer.Argument(help="A cohort that the bundle has not seen.")
    ] = None,
    config: ConfigOption = None,
    registry: RegistryOption = Path("registry"),
    out: Annotated[
        Path | None, typer.Option(help="Write the validation here, too; never overwrites.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a bundle on new patients, nothing refitted; exit 1 where its claim failed."""
    found = open_registry(registry)
    home = found.folder_of(bundle_id)
    classifier = load_classifier(found.read_folder(home))
    cohort = read_new_patients(folder, config, known_analytes(classifier))
    validation = validate(classifier, cohort, now=datetime.now(UTC))
    if out is not None:
        with out.open("xb") as file:
            file.write(readable_json(validation))
    kept = keep_validation(home, validation)
    if as_json:
        print(json.dumps(validation))
    else:
        print("\n".join(_lines(validation)))
        print(f"Kept as {kept}" if kept else "Not kept: the bundle is in no registry.")
    raise typer.Exit(1 if validation["verdict"] == "failed" else 0)


def _lines(validation: Mapping[str, Any]) -> list[str]:
    """The validation for people."""
    simulated = "SIMULATED DATA. " if validation["simulated"] else ""
    missing = validation["not_evaluable"] | validation["not_answered"]
    left_out = ", ".join(f"{n} {reason}" for reason, n in missing.items())
    lines = [
        f"{simulated}{validation['bundle_id']}, {validation['task']}, on "
        f"{validation['n_patients']} new patients, {validation['n_responders']} responders"
        + (f" (left out: {left_out})." if left_out else "."),
        f"AUC {_interval(validation['auc'])}; claimed {_interval(validation['claimed_auc'])}.",
    ]
    for reference in validation["references"].values():
        lines.append(
            f"The lead-in slope alone reaches {reference['auc']['value']:.2f} "
            "(regression to the mean)."
        )
    lines += [
        _calibration(validation["calibration"]),
        _decisions(validation["operating_point"]),
        _case_mix(validation["case_mix"]),
    ]
    lines.append(f"{validation['verdict'].upper()}: {validation['verdict_reason']}.")
    if validation["exploratory"]:
        lines.append(f"Exploratory: {validation['exploratory_reason']}.")
    return lines


def _calibration(found: Mapping[str, Any]) -> str:
    ratio = f"{found['observed']} responders where {found['expected']:.1f} were expected"
    if found["slope"] is None:
        return f"No calibration slope ({found['without_slope']}); {ratio}."
    return f"Calibration slope {_interval(found['slope'])}; {ratio}."


def _decisions(found: Mapping[str, Any]) -> str:
    claimed = found["claimed"]
    told = [
        f"{name} {_interval(found[name])}, claimed {claimed[name]['value']:.2f}" for name in claimed
    ]
    return f"From a probability of {found['threshold']:.2f}: {'; '.join(told)}."


def _case_mix(found: Mapping[str, Any]) -> str:
    prevalence, score = found["prevalence"], found["score"]
    told = f"Case mix: prevalence {prevalence['new']['value']:.2f}, in training "
    told += f"{prevalence['training']['value']:.2f}"
    if score["training"] is None or score["new"]["mean"] is None:
        return f"{told}."
    sides = [f"{score[side]['mean']:.2f} (SD {score[side]['sd']:.2f})" for side in score]
    return f"{told}; score {sides[0]}, in training {sides[1]}."


def _interval(estimate: Mapping[str, Any]) -> str:
    return f"{estimate['value']:.2f} ({estimate['lower']:.2f} to {estimate['upper']:.2f})"

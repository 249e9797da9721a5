"""The command `models compare`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from models.classifier import load_classifier
from models.comparison import compare_folds, compare_on_patients
from models.known_analytes import known_analytes
from models.options import (
    BundleArgument,
    ConfigOption,
    JsonOption,
    RegistryOption,
    open_registry,
    read_new_patients,
)

app = typer.Typer(add_completion=False)


@app.command()
def compare(
    first: BundleArgument,
    second: BundleArgument,
    folder: Annotated[
        Path | None, typer.Argument(help="A cohort that trained neither; left out: same folds.")
    ] = None,
    config: ConfigOption = None,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Compare two bundles on the same patients: new ones, or fold by fold."""
    found = open_registry(registry)
    bundles = [found.read_folder(found.folder_of(name)) for name in (first, second)]
    if folder is None and config is None:
        comparison = compare_folds(*bundles)
    else:
        a, b = (load_classifier(bundle) for bundle in bundles)
        cohort = read_new_patients(folder, config, known_analytes(a, b))
        comparison = compare_on_patients(a, b, cohort)
    print(json.dumps(comparison) if as_json else "\n".join(_lines(comparison)))


def _lines(comparison: dict[str, Any]) -> list[str]:
    """The comparison for people; differences are first minus second."""
    n, k = comparison["n_patients"], comparison["n_responders"]
    simulated = "SIMULATED DATA. " if comparison["simulated"] else ""
    lines = [f"first:  {_name(comparison['first'])}", f"second: {_name(comparison['second'])}"]
    if comparison["compared_on"] == "same_folds":
        lines.append(
            f"{simulated}Both out of fold on the same {n} patients, {k} responders, in the same "
            f"{comparison['n_folds']} folds."
        )
    else:
        lines.append(f"{simulated}{n} patients answered by both, {k} responders.")
    if not comparison["same_task"]:
        lines.append("Their tasks differ: they look at different panels.")
    lines.append(_difference("AUC", comparison["auc"]))
    if comparison["compared_on"] == "same_patients":
        lines += [
            _difference("Brier score", comparison["brier"]),
            _difference("log-loss", comparison["log_loss"]),
            "Called responder by both {both}, first only {first_only}, second only {second_only}, "
            "neither {neither}.".format(**comparison["decisions"]),
        ]
    return lines


def _name(side: dict[str, Any]) -> str:
    return f"{side['bundle_id']}, {side['task']}"


def _difference(what: str, found: dict[str, Any]) -> str:
    difference = found["difference"]
    p = "no p" if found["p"] is None else f"p {found['p']:.2g}"
    return (
        f"{what} {found['first']:.3f} and {found['second']:.3f}; difference "
        f"{difference['value']:.3f} ({100 * difference['level']:g} % interval "
        f"{difference['lower']:.3f} to {difference['upper']:.3f}, {difference['method']}, {p})."
    )

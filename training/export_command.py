"""The command `models export`; it lives here because only `training` has scikit-learn."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from models.classifier import load_classifier
from models.options import BundleArgument, JsonOption, RegistryOption, open_registry
from training.export import export, write_joblib

app = typer.Typer(add_completion=False)


class Format(StrEnum):
    """What a classifier can be exported as."""

    joblib = "joblib"


@app.command("export")
def export_command(
    bundle_id: BundleArgument,
    out: Annotated[Path, typer.Option(help="The file to write; never overwritten.")],
    output: Annotated[Format, typer.Option("--format", help="Kind of file.")] = Format.joblib,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Write a verified bundle's classifier as a plain scikit-learn object.

    Loading a joblib file runs code: load only files that you trust.
    """
    found = open_registry(registry)
    classifier = load_classifier(found.read_folder(found.folder_of(bundle_id)))
    write_joblib(export(classifier), out)
    if as_json:
        print(json.dumps({"bundle_id": classifier.bundle_id, "format": output, "file": str(out)}))
    else:
        print(f"Wrote {classifier.bundle_id} to {out}. Loading it runs code: trust it first.")

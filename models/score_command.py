"""The command `score`: a file of panels in, a file of predictions out."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from data.analytes import AnalyteTable
from data.number_text import NumberTextError, read_number
from models.classifier import Classifier, load_classifier
from models.options import BundleArgument, JsonOption, RegistryOption, open_registry
from models.scorer import INTERVAL_METHOD, LEVEL
from models.scoring.circumstances import Circumstances
from models.scoring.kinds import PARQUET, SUFFIXES
from models.scoring.score_file import ScoredFile, score_file

app = typer.Typer(add_completion=False)

LimitOption = Annotated[
    list[str] | None, typer.Option(help="Limit of quantification of all rows, as TNF=0.7.")
]


@app.command()
def score(
    bundle_id: BundleArgument,
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, one row per patient.")],
    out: Annotated[Path, typer.Option(help="Predictions, of the same kind; never overwrites.")],
    faults: Annotated[
        Path | None, typer.Option(help="What is wrong with rows; else beside --out.")
    ] = None,
    unit: Annotated[str | None, typer.Option(help="Unit of all results.")] = None,
    platform: Annotated[str | None, typer.Option(help="Assay of all results.")] = None,
    baseline_month: Annotated[float, typer.Option(help="When baseline panels were drawn.")] = 0.0,
    follow_up_month: Annotated[
        float | None, typer.Option(help="When follow-up panels were drawn.")
    ] = None,
    lloq: LimitOption = None,
    uloq: LimitOption = None,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Score every row of a file; exit 1 where a row has faults (the others are scored)."""
    _check_suffixes(file, out)
    found = open_registry(registry)
    bundle = found.read_folder(found.folder_of(bundle_id))
    classifier = load_classifier(bundle, with_booster=False)
    stated = Circumstances(
        unit=unit,
        platform=platform,
        baseline_month=baseline_month,
        follow_up_month=follow_up_month,
        lloq=_limits("--lloq", lloq or [], classifier.analyte_table),
        uloq=_limits("--uloq", uloq or [], classifier.analyte_table),
    )
    faults = faults or out.with_name(f"{out.name}.faults.csv")
    console = Console(stderr=True, quiet=as_json or not sys.stderr.isatty())
    columns = (SpinnerColumn(), TextColumn("{task.completed:,} rows"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        scored = score_file(
            classifier, file, out, faults, stated,
            tell=lambda n_rows: progress.update(task, completed=n_rows),
        )  # fmt: skip
    told = _told(classifier, scored, out, faults)
    print(json.dumps(told) if as_json else "\n".join(_lines(told)))
    raise typer.Exit(1 if scored.n_faulty else 0)


def _check_suffixes(file: Path, out: Path) -> None:
    suffixes = file.suffix.lower(), out.suffix.lower()
    if not set(suffixes) <= set(SUFFIXES):
        raise typer.BadParameter(f"files end with one of {', '.join(SUFFIXES)}")
    if suffixes.count(PARQUET) == 1:
        raise typer.BadParameter("--out must be of the same kind as the file")


def _limits(option: str, given: Sequence[str], analytes: AnalyteTable) -> Mapping[str, float]:
    """Limits of quantification by analyte."""
    limits = {}
    for text in given:
        name, _, number = text.partition("=")
        analyte = analytes.find(name)
        if analyte is None:
            raise typer.BadParameter(f"{option}: {analytes.unknown(name)}")
        try:
            limits[analyte.name] = read_number(number.strip())
        except NumberTextError:
            example = f"{analyte.name}=0.7"
            raise typer.BadParameter(f"{option} is written like {example}") from None
    return limits


def _told(classifier: Classifier, scored: ScoredFile, out: Path, faults: Path) -> dict[str, Any]:
    manifest = classifier.manifest
    return {
        "out": str(out),
        "faults": str(faults) if scored.n_faulty else None,
        "n_rows": scored.n_rows,
        "n_faulty": scored.n_faulty,
        "bundle_id": classifier.bundle_id,
        "task": classifier.task.name,
        "definition": manifest.definition.name,
        "threshold": classifier.threshold,
        "interval": {"level": LEVEL, "method": INTERVAL_METHOD},
        "simulated": manifest.simulated,
        "exploratory": manifest.exploratory,
        "exploratory_reason": manifest.exploratory_reason,
        "warnings": [
            {"column": column, "message": message}
            for column, message in scored.layout.warnings.items()
        ],
    }


def _lines(told: Mapping[str, Any]) -> list[str]:
    """The same for people."""
    lines = [
        f"Warning: column {ascii(found['column'])[1:-1]}: {found['message']}."
        for found in told["warnings"]
    ]
    simulated = "SIMULATED DATA. " if told["simulated"] else ""
    lines.append(
        f"{simulated}{told['n_rows'] - told['n_faulty']} of {told['n_rows']} rows scored by "
        f"{told['bundle_id']} ({told['task']}): {told['out']}."
    )
    if told["faults"] is not None:
        lines.append(f"{told['n_faulty']} rows have faults: {told['faults']}.")
    if told["exploratory"]:
        lines.append(f"Exploratory: {told['exploratory_reason']}.")
    return lines

"""The command `train`."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import track

from data.errors import ConfigError
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task, TaskName
from data.sources.cohort_config import read_config
from data.sources.cohort_source import CohortSource
from models.bundle import REPORT
from models.errors import RegistryError
from models.registry import Registry
from training.config import TrainingConfig
from training.errors import TrainingError
from training.interrupts import finish_whatever_comes
from training.progress import Step, silent
from training.run import Trained, train

app = typer.Typer(add_completion=False)

DEFAULT_REGISTRY = Path("registry")


@app.command("train")
def train_command(
    folder: Annotated[
        Path | None,
        typer.Argument(help=r"The cohort's folder, or one tidy table; left out with \[table]."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="pretreatment or on_treatment.")] = None,
    definition: Annotated[
        str | None, typer.Option(help="Responder definition, by name; oh2018 when left out.")
    ] = None,
    percent: Annotated[
        float | None, typer.Option(help="Least improvement of the slope [%].")
    ] = None,
    horizon: Annotated[float | None, typer.Option(help="Months of follow-up that count.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.", min=0)] = 1,
    permutations: Annotated[
        int | None,
        typer.Option(help="Permutations of the outcomes; 99 when left out.", min=0, max=100_000),
    ] = None,
    optimism_bootstrap: Annotated[
        int | None,
        typer.Option(help="Resamples for optimism; 100 when left out.", min=0, max=100_000),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes; changes only the duration.", min=1)] = 1,
    config: Annotated[Path | None, typer.Option(help="Settings in TOML.")] = None,
    registry: Annotated[
        Path, typer.Option(help="Where bundles live.", envvar="CSF_REGISTRY")
    ] = DEFAULT_REGISTRY,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train a responder classifier and keep it as a bundle; nothing is promoted."""
    settings = read_config(config, TrainingConfig) if config is not None else TrainingConfig()
    settings = _with_counts(settings, permutations, optimism_bootstrap)
    name = _task_name(task, settings)
    try:
        source = CohortSource(folder, settings)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
    cohort = source.read()
    asked = definition is not None or percent is not None or horizon is not None
    rule = define_responder(definition or "oh2018", percent=percent, horizon_months=horizon)
    outcome = source.definition(cohort, rule if asked else None)
    bundles = Registry(registry).bundles
    _check_writable(bundles)
    trained = train(
        cohort,
        Task(name, settings.task.follow_up_month, settings.task.window_months),
        outcome,
        tuple(source.analytes().values()),
        settings,
        seed=seed,
        now=lambda: datetime.now(UTC),
        jobs=jobs,
        progress=silent if as_json else _bar,
    )
    finish_whatever_comes()
    bundles.mkdir(parents=True, exist_ok=True)
    bundle_id = trained.write(bundles)
    report = bundles / bundle_id / REPORT
    where = "" if registry == DEFAULT_REGISTRY else f" --registry {registry}"
    if as_json:
        print(json.dumps({**_as_json(bundle_id, trained.evaluation), "report": str(report)}))
    else:
        print(_summary(trained))
        print(f"Report: {report}")
        print(
            f"Bundle {bundle_id}; serve it after: csf-responder models promote {bundle_id}{where}"
        )


def _with_counts(
    settings: TrainingConfig, permutations: int | None, optimism_bootstrap: int | None
) -> TrainingConfig:
    """The settings, with what the command line says of how often to resample."""
    said = {"permutations": permutations, "optimism_bootstrap": optimism_bootstrap}
    update = {name: count for name, count in said.items() if count is not None}
    evaluation = settings.evaluation.model_copy(update=update)
    return settings.model_copy(update={"evaluation": evaluation})


def _task_name(task: str | None, settings: TrainingConfig) -> TaskName:
    """The task asked for; a wide table says by its columns which one it can be."""
    table = settings.table
    wide = table is not None and table.layout == "wide"
    has_follow_up = table is not None and table.follow_up_columns is not None
    if task is None and wide:
        return "on_treatment" if has_follow_up else "pretreatment"
    if task == "on_treatment" and wide and not has_follow_up:
        raise TrainingError("on_treatment needs follow_up_columns in [table]")
    for name in TASK_NAMES:
        if name == task:
            return name
    raise typer.BadParameter(f"--task must be {' or '.join(TASK_NAMES)}")


def _check_writable(bundles: Path) -> None:
    """Refuse before the work what would fail after it; nothing is made yet."""
    there = next(folder for folder in (bundles, *bundles.absolute().parents) if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise RegistryError(f"the registry {bundles.parent} cannot be written to")


def _bar(steps: Iterable[Step], description: str, total: int) -> Iterable[Step]:
    return track(steps, description, total=total, console=Console(stderr=True))


def _as_json(bundle_id: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    shown = (
        "task", "simulated", "n_patients", "n_responders", "not_evaluable", "chosen", "auc",
        "references", "permutation", "warnings", "exploratory", "exploratory_reason",
    )  # fmt: skip
    return {"bundle_id": bundle_id, **{name: evaluation[name] for name in shown}}


def _summary(trained: Trained) -> str:
    evaluation = trained.evaluation
    auc, lead_in = evaluation["auc"], evaluation["references"].get("lead_in_slope")
    simulated = "SIMULATED DATA. " if evaluation["simulated"] else ""
    seconds = trained.manifest.duration_seconds
    lines = [
        f"{simulated}Trained {evaluation['task']} on {evaluation['n_patients']} patients, "
        f"{evaluation['n_responders']} responders, in {seconds:.0f} s.",
        f"AUC {auc['value']:.2f} (95 % interval {auc['lower']:.2f} to {auc['upper']:.2f}), "
        "out of fold, of the whole procedure.",
    ]
    if lead_in is not None:
        lines.append(
            f"The lead-in slope alone reaches {lead_in['auc']['value']:.2f} "
            "(regression to the mean)."
        )
    permutation = evaluation["permutation"]
    if permutation is not None:
        lines.append(
            f"Permutation test of the whole procedure: p = {permutation['p']:.2g} "
            f"({permutation['n_permutations']} permutations)."
        )
    lines += [f"Note: {_ended(warning)}" for warning in evaluation["warnings"]]
    reason = evaluation["exploratory_reason"]
    believe = f"exploratory, {reason}" if reason else "enough patients for its features"
    lines.append(f"How much to believe it: {believe}; not validated on another cohort.")
    return "\n".join(lines)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith("?") else f"{sentence}."

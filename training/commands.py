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

from data.cohort import Cohort
from data.cohort_folder import read_cohort
from data.outcome import ResponderDefinition, define_responder, stated_outcome
from data.panel import TASK_NAMES, Task, TaskName
from models.errors import RegistryError
from models.registry import Registry
from training.config import TrainingConfig, read_config, table_analytes
from training.errors import TrainingError
from training.labelled_table import read_labelled_table
from training.run import Step, Trained, silent, train

app = typer.Typer(add_completion=False)

DEFAULT_REGISTRY = Path("registry")


@app.command("train")
def train_command(
    folder: Annotated[
        Path | None, typer.Argument(help="The cohort's folder; left out with [table].")
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
    jobs: Annotated[int, typer.Option(help="Processes; changes only the duration.", min=1)] = 1,
    config: Annotated[Path | None, typer.Option(help="Settings in TOML.")] = None,
    registry: Annotated[
        Path, typer.Option(help="Where bundles live.", envvar="CSF_REGISTRY")
    ] = DEFAULT_REGISTRY,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Train a responder classifier and keep it as a bundle; nothing is promoted."""
    settings = read_config(config) if config is not None else TrainingConfig()
    name = _task_name(task, settings)
    rule = {"name": definition, "percent": percent, "horizon_months": horizon}
    cohort, outcome = _read(folder, settings, {k: v for k, v in rule.items() if v is not None})
    bundles = Registry(registry).bundles
    bundles.mkdir(parents=True, exist_ok=True)
    if not os.access(bundles, os.W_OK):
        raise RegistryError(f"the registry {registry} cannot be written to")
    trained = train(
        cohort,
        Task(name, settings.task.follow_up_month, settings.task.window_months),
        outcome,
        table_analytes(settings),
        settings,
        seed=seed,
        now=lambda: datetime.now(UTC),
        jobs=jobs,
        progress=silent if as_json else _bar,
    )
    bundle_id = trained.write(bundles)
    where = "" if registry == DEFAULT_REGISTRY else f" --registry {registry}"
    if as_json:
        print(json.dumps(_as_json(bundle_id, trained.evaluation)))
    else:
        print(_summary(trained))
        print(
            f"Bundle {bundle_id}; serve it after: csf-responder models promote {bundle_id}{where}"
        )


def _read(
    folder: Path | None, settings: TrainingConfig, rule: dict[str, Any]
) -> tuple[Cohort, ResponderDefinition]:
    """The cohort, and what makes a responder in it: a rule over slopes, or what a table states."""
    if settings.table is not None and folder is not None:
        raise typer.BadParameter("give a cohort folder or a [table], not both")
    if settings.table is not None:
        cohort = read_labelled_table(settings)
        stated = stated_outcome(
            settings.table.outcome, horizon_months=settings.table.horizon_months
        )
    elif folder is not None:
        if settings.analytes:
            raise TrainingError("[analytes] declares the columns of a [table]; there is none")
        cohort, stated = read_cohort(folder), stated_outcome("responder")
    else:
        raise typer.BadParameter("give a cohort folder, or a --config with [table]")
    if not cohort.states_outcomes:
        return cohort, define_responder(**rule)
    if rule:
        raise TrainingError(
            "outcomes are stated, so --definition, --percent and --horizon do not apply"
        )
    return cohort, stated


def _task_name(task: str | None, settings: TrainingConfig) -> TaskName:
    """The task asked for; a labelled table says by its columns which one it can be."""
    if task is None and settings.table is not None:
        return "pretreatment" if settings.table.follow_up_columns is None else "on_treatment"
    for name in TASK_NAMES:
        if name == task:
            table = settings.table
            if name == "on_treatment" and table is not None and table.follow_up_columns is None:
                raise TrainingError("on_treatment needs follow_up_columns in [table]")
            return name
    raise typer.BadParameter(f"--task must be {' or '.join(TASK_NAMES)}")


def _bar(steps: Iterable[Step], description: str, total: int) -> Iterable[Step]:
    return track(steps, description, total=total, console=Console(stderr=True))


def _as_json(bundle_id: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    shown = (
        "task", "simulated", "n_patients", "n_responders", "not_evaluable", "chosen", "auc",
        "references", "exploratory", "exploratory_reason",
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
    lines += [f"Note: {warning}." for warning in evaluation["warnings"]]
    reason = evaluation["exploratory_reason"]
    believe = f"exploratory, {reason}" if reason else "enough patients for its features"
    lines.append(f"How much to believe it: {believe}; not validated on another cohort.")
    return "\n".join(lines)

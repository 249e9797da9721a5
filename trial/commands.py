"""The command `trial`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
from rich.console import Console
from rich.progress import Progress

from charts.render import PlotsNotInstalledError
from data.cohort import Cohort
from data.errors import ConfigError
from data.outcome import ResponderDefinition, define_responder
from data.sources.cohort_config import FolderConfig, read_config
from data.sources.declared_analytes import folder_analytes
from data.sources.usable_cohort import read_what_can_be_used
from trial.operating_characteristics import OperatingCharacteristics, simulate_trials
from trial.report import TrialReport, assemble, report_steps, with_simulated_trials
from trial.report_folder import (
    REPORT_FILE,
    RESULTS_FILE,
    Picture,
    check_out,
    drawings,
    write_report,
)
from trial.study import Study, reported_months

app = typer.Typer(add_completion=False)

DEFAULT_OUT: Final = Path("trial-report")
STUDY_SIZE: Final = 64
"""Patients of a simulated trial where no cohort says how many (Oh 2018)."""


@app.command("trial")
def trial_command(
    folder: Annotated[
        Path | None, typer.Argument(help="The cohort's folder; left out to simulate only.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = DEFAULT_OUT,
    months: Annotated[str, typer.Option(help="Visits to report [months].")] = "4,6",
    definition: Annotated[str, typer.Option(help="Responder definition, by name.")] = "oh2018",
    percent: Annotated[
        float | None, typer.Option(help="Least improvement of the slope [%].")
    ] = None,
    horizon: Annotated[float | None, typer.Option(help="Months of follow-up that count.")] = None,
    config: Annotated[
        Path | None, typer.Option(help=r"A TOML with \[analytes] beyond the study's three.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.", min=0)] = 1,
    simulate: Annotated[
        int,
        typer.Option(help="Simulated trials to put the analyses through.", min=0, max=1_000_000),
    ] = 0,
    jobs: Annotated[int, typer.Option(help="Processes; changes only the duration.", min=1)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Redo every analysis of Oh et al. 2018 on a cohort and write the report as a folder."""
    if folder is None and not simulate:
        raise typer.BadParameter("give a cohort's folder, or --simulate N, or both")
    if simulate == 1:
        raise typer.BadParameter("--simulate takes at least 2 trials")
    out = out.resolve()
    check_out(out, folder)
    wanted = _months(months)
    rule = define_responder(definition, percent=percent, horizon_months=horizon)
    study = None if folder is None else _study(folder, config, wanted, rule, seed)
    with Progress(console=Console(stderr=True), disable=as_json) as progress:
        made = _made(study, simulate, seed, jobs, progress)
        pictures = _pictures(made, progress)
    write_report(made, pictures or {}, out)
    print(
        json.dumps(_as_json(made, out))
        if as_json
        else _summary(made, out, drawn=pictures is not None)
    )


def _months(text: str) -> tuple[float, ...]:
    try:
        return reported_months(float(part) for part in text.split(","))
    except (ValueError, ConfigError) as error:
        message = (
            "--months takes visits after month 0, ascending, at least a month apart, as in 4,6"
        )
        raise typer.BadParameter(message) from error


def _study(
    folder: Path,
    config: Path | None,
    months: tuple[float, ...],
    definition: ResponderDefinition,
    seed: int,
) -> Study:
    settings = read_config(config, FolderConfig) if config is not None else FolderConfig()
    analytes = folder_analytes(settings)
    usable = read_what_can_be_used(folder, analytes)
    return Study(
        usable.cohort,
        usable.tables,
        usable.faults,
        months=months,
        definition=definition,
        seed=seed,
        analytes=analytes,
    )


def _made(
    study: Study | None, n_trials: int, seed: int, jobs: int, progress: Progress
) -> TrialReport:
    """The cohort's report, the simulated trials', or one of both."""
    made = None
    if study is not None:
        steps = list(report_steps(study))
        made = assemble(study, [part for _, part in _followed(progress, "Computing", steps)])
        if not n_trials:
            return made
    cohort = None if study is None else study.cohort
    return with_simulated_trials(made, _simulated(n_trials, cohort, seed, jobs, progress))


def _simulated(
    n_trials: int, cohort: Cohort | None, seed: int, jobs: int, progress: Progress
) -> OperatingCharacteristics:
    bar = progress.add_task("Simulating trials", total=n_trials)
    return simulate_trials(
        n_trials,
        n_patients=STUDY_SIZE if cohort is None else len(cohort.patients),
        seed=seed,
        jobs=jobs,
        on_progress=lambda n_done: progress.update(bar, advance=n_done),
    )


Made = TypeVar("Made")


def _followed(
    progress: Progress, doing: str, steps: list[tuple[str, Callable[[], Made]]]
) -> list[tuple[str, Made]]:
    """What each step makes, with a bar that says which one is at work."""
    bar = progress.add_task(doing, total=len(steps))
    made = []
    for name, make in steps:
        progress.update(bar, description=f"{doing}: {name}")
        made.append((name, make()))
        progress.advance(bar)
    progress.update(bar, description=doing)
    return made


def _pictures(made: TrialReport, progress: Progress) -> dict[str, Picture] | None:
    """Every chart drawn; None without the `plots` extra, of which the report then speaks."""
    try:
        return dict(_followed(progress, "Drawing", list(drawings(made.report))))
    except PlotsNotInstalledError:
        return None


def _as_json(made: TrialReport, out: Path) -> dict[str, Any]:
    return {
        "report": str(out / REPORT_FILE),
        "results": str(out / RESULTS_FILE),
        "simulated": made.report.simulated,
        "pages": [page.name for page in made.report.pages],
        "left_out": made.results.get("left_out", []),
        "not_computed": list(made.not_computed()),
    }


def _summary(made: TrialReport, out: Path, *, drawn: bool) -> str:
    simulated = "SIMULATED DATA. " if made.report.simulated else ""
    lines = [
        f"{simulated}{len(made.report.pages)} pages in {out / REPORT_FILE}; "
        f"every number in {out / RESULTS_FILE}."
    ]
    if n_left_out := len(made.results.get("left_out", [])):
        lines.append(f"Left out because of faults, each named on its page: {n_left_out}.")
    lines += [f"Not computed: {reason}" for reason in made.not_computed()]
    if not drawn:
        lines.append("No pictures: they need pip install 'csf-responder[plots]'.")
    return "\n".join(lines)

"""Training in one line, for notebooks and scripts; `train` on the command line does the same."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from data.outcome import ResponderDefinition
from data.panel import Task, TaskName
from data.sources.cohort_source import CohortSource
from training.config import TrainingConfig
from training.progress import Progress, silent
from training.run import Trained, train


def train_folder(
    folder: Path | str,
    task: TaskName = "pretreatment",
    *,
    definition: ResponderDefinition | None = None,
    config: TrainingConfig | None = None,
    seed: int = 1,
    jobs: int = 1,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = silent,
) -> Trained:
    """Train a classifier on a cohort's folder, or on one tidy table.

    Parameters
    ----------
    folder
        As `csf-responder check` accepts it.
    definition
        Who is a responder; left out, `oh2018`, or the outcome that the table states.
    config
        As the TOML of ``train --config``; left out, its defaults.
    seed
        Of all random numbers; the same as on the command line gives the same bundle.

    Returns
    -------
    Trained
        Not yet written: ``trained.plots`` draws it, ``trained.write(Path("registry/bundles"))``
        keeps it.

    Raises
    ------
    CsfError
        The cohort has faults, or cannot be learnt from.
    """
    settings = config or TrainingConfig()
    source = CohortSource(Path(folder), settings)
    cohort = source.read()
    return train(
        cohort,
        Task(task, settings.task.follow_up_month, settings.task.window_months),
        source.definition(cohort, definition),
        tuple(source.analytes().values()),
        settings,
        seed=seed,
        now=now,
        jobs=jobs,
        progress=progress,
    )

"""Champions for the benchmarks, trained quickly: as large as usual, whatever they say."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task, TaskName
from data.simulate import simulate_cohort
from models.registry import Registry
from training.config import CandidatesConfig, EvaluationConfig, TrainingConfig
from training.run import train


def train_champions(registry: Path, family: str, tasks: Sequence[TaskName] = TASK_NAMES) -> None:
    """Champions with the refits that are served by default; their evaluation is cut short."""
    config = TrainingConfig(
        evaluation=EvaluationConfig(repeats=2, permutations=0, optimism_bootstrap=0),
        candidates=CandidatesConfig.model_validate({"families": [family]}),
    )
    found = Registry(registry)
    for task in tasks:
        trained = train(
            simulate_cohort("informative", n=64, seed=1),
            Task(task),
            define_responder(),
            tuple(study_analytes().values()),
            config,
            seed=1,
            now=lambda: datetime.now(UTC),
        )
        bundle_id = trained.write(found.bundles)
        found.promote(bundle_id, by="bench", reason="", now=datetime.now(UTC))

"""What a training run can be told, read from TOML; every setting has the default that is served.

What describes the cohort in the same file is in `data/sources/cohort_config.py`; `docs/data.md`
documents all of it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from data.sources.cohort_config import CohortConfig
from data.sources.table_config import Section
from training.tripod import tripod_items

FamilyName = Literal["ridge", "elastic_net", "xgboost"]


class EvaluationConfig(Section):
    """How the procedure is evaluated and its refits are drawn."""

    repeats: Annotated[int, Field(ge=1, le=1000)] = 20
    outer_folds: Annotated[int, Field(ge=2, le=20)] = 5
    inner_folds: Annotated[int, Field(ge=2, le=20)] = 5
    group_by: Literal["site"] | None = None
    bootstrap_linear: Annotated[int, Field(ge=10, le=10_000)] = 200
    bootstrap_boosted: Annotated[int, Field(ge=10, le=10_000)] = 50
    anticipated_auc: Annotated[float, Field(gt=0.5, lt=1)] = 0.75
    permutations: Annotated[int, Field(ge=0, le=100_000)] = 99
    permutation_repeats: Annotated[int, Field(ge=1, le=100)] = 1
    optimism_bootstrap: Annotated[int, Field(ge=0, le=100_000)] = 100


class CandidatesConfig(Section):
    """Families that may be chosen, in the order of preference, and how boosting is held back."""

    families: Annotated[tuple[FamilyName, ...], Field(min_length=1)] = (
        "ridge",
        "elastic_net",
        "xgboost",
    )
    monotone: bool = False

    @field_validator("families")
    @classmethod
    def _each_once(cls, families: tuple[FamilyName, ...]) -> tuple[FamilyName, ...]:
        if len(set(families)) < len(families):
            raise ValueError("name each family once")
        return families


class TrainingConfig(CohortConfig):
    """The whole file; `tripod` has a person's answers by item of TRIPOD+AI."""

    evaluation: EvaluationConfig = EvaluationConfig()
    candidates: CandidatesConfig = CandidatesConfig()
    tripod: dict[str, str] = Field(default_factory=dict)

    @field_validator("tripod")
    @classmethod
    def _items_exist(cls, answers: dict[str, str]) -> dict[str, str]:
        unknown = set(answers) - set(tripod_items())
        if unknown:
            raise ValueError(f"TRIPOD+AI has no item {min(unknown)}")
        return answers

    def as_manifest(self) -> dict[str, Any]:
        """What a bundle keeps of it: everything but where a table lies on this machine."""
        return self.model_dump(mode="json", exclude={"table": {"path"}})

"""What a training run can be told, read from TOML; every setting has the default that is served.

What describes the cohort in the same file is in `data/sources/cohort_config.py`; `docs/data.md`
documents all of it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from data.sources.cohort_config import CohortConfig
from data.sources.table_config import Section

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
    """The whole file."""

    evaluation: EvaluationConfig = EvaluationConfig()
    candidates: CandidatesConfig = CandidatesConfig()

    def as_manifest(self) -> dict[str, Any]:
        """What a bundle keeps of it: everything but where a table lies on this machine."""
        return self.model_dump(mode="json", exclude={"table": {"path"}})

"""What a training run can be told, read from TOML; every setting has the default that is served.

`docs/data.md` documents the file.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from data.analytes import Analyte, Direction, Scale, spelling, study_analytes
from data.units import AS_IS
from training.errors import TrainingError

FamilyName = Literal["ridge", "elastic_net", "xgboost"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EvaluationConfig(_Section):
    """How the procedure is evaluated and its refits are drawn."""

    repeats: Annotated[int, Field(ge=1, le=1000)] = 20
    outer_folds: Annotated[int, Field(ge=2, le=20)] = 5
    inner_folds: Annotated[int, Field(ge=2, le=20)] = 5
    group_by: Literal["site"] | None = None
    bootstrap_linear: Annotated[int, Field(ge=10, le=10_000)] = 200
    bootstrap_boosted: Annotated[int, Field(ge=10, le=10_000)] = 50
    anticipated_auc: Annotated[float, Field(gt=0.5, lt=1)] = 0.75


class CandidatesConfig(_Section):
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


class TaskConfig(_Section):
    """Which follow-up panel is used."""

    follow_up_month: Annotated[float, Field(gt=0)] = 1.0
    window_months: Annotated[float, Field(ge=0)] = 1.0


class AnalyteConfig(_Section):
    """An analyte beyond the study's three, or another range for one of them."""

    unit: str | None = None
    lower: float | None = None
    upper: float | None = None
    direction: Direction = "higher_is_case"


class TableConfig(_Section):
    """One labelled table, a row per patient, instead of a cohort folder."""

    path: Path
    id: str | None = None
    outcome: str
    positive: str
    unit: str | None = None
    scale: Scale = "concentration"
    platform: str | None = None
    columns: Annotated[dict[str, str], Field(min_length=1)]
    follow_up_columns: dict[str, str] | None = None
    simulated: bool = False
    horizon_months: Annotated[float, Field(gt=0)] | None = None


class TrainingConfig(_Section):
    """The whole file."""

    evaluation: EvaluationConfig = EvaluationConfig()
    candidates: CandidatesConfig = CandidatesConfig()
    task: TaskConfig = TaskConfig()
    analytes: dict[str, AnalyteConfig] = {}
    table: TableConfig | None = None

    def as_manifest(self) -> dict[str, Any]:
        """What a bundle keeps of it: everything but where a table lies on this machine."""
        return self.model_dump(mode="json", exclude={"table": {"path"}})


def read_config(path: Path) -> TrainingConfig:
    """Read a configuration; a table's path is taken relative to the file.

    Raises
    ------
    TrainingError
        Not TOML, or settings that do not exist or do not make sense; all are listed.
    """
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TrainingError(f"there is no configuration file {path.name}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path.name} is not TOML: {error}") from error
    try:
        config = TrainingConfig.model_validate(stored)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors()
        )
        raise TrainingError(f"{path.name}: {wrong}") from error
    if config.table is None:
        return config
    table = config.table.model_copy(update={"path": path.parent / config.table.path})
    return config.model_copy(update={"table": table})


def table_analytes(config: TrainingConfig) -> tuple[Analyte, ...]:
    """The analytes of a labelled table: known ones by name, others as declared.

    Raises
    ------
    TrainingError
        A concentration without a unit, or declarations for analytes that have no column.
    """
    table = config.table
    if table is None:
        return tuple(study_analytes().values())
    unused = sorted(set(config.analytes) - set(table.columns))
    if unused:
        raise TrainingError(f"[analytes] declares {unused[0]}, which has no column in [table]")
    return tuple(
        _table_analyte(name, config.analytes.get(name, AnalyteConfig()), table)
        for name in table.columns
    )


_ANY_NUMBER = (-1e30, 1e30)
_ANY_CONCENTRATION = (1e-9, 1e12)
"""Ranges of declared analytes that state none."""


def _table_analyte(name: str, declared: AnalyteConfig, table: TableConfig) -> Analyte:
    known = study_analytes().find(name)
    if known and table.scale == "concentration" and not declared.model_fields_set:
        return known
    key = known.key if known else _key(name)
    synonyms = known.synonyms if known else ()
    as_is = table.scale == "as_is"
    unit = AS_IS if as_is else declared.unit or table.unit
    if unit is None:
        raise TrainingError(f"{name} needs a unit, in [table] or [analytes], or scale = 'as_is'")
    lowest, highest = _ANY_NUMBER if as_is else _ANY_CONCENTRATION
    return Analyte(
        name=name,
        key=key,
        unit=unit,
        lower=lowest if declared.lower is None else declared.lower,
        upper=highest if declared.upper is None else declared.upper,
        scale=table.scale,
        direction=declared.direction,
        synonyms=synonyms,
    )


def _key(name: str) -> str:
    """A name made fit to stand inside a feature's name: ``IL-6`` becomes ``il6``."""
    letters = "".join(c for c in spelling(name) if c.isascii() and c.isalnum())
    if not letters:
        raise TrainingError("an analyte's name needs letters or digits (a-z, 0-9)")
    return letters if letters[0].isalpha() else f"a{letters}"

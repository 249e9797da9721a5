"""How a cohort is described in TOML: one labelled table, its analytes, which follow-up counts.

The same file may hold training's settings; they are read in `training/config.py` and passed
over here. `docs/data.md` documents the file.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, ValidationError, model_validator

from data.errors import ConfigError
from data.sources.table_config import AnalyteConfig, Section, TableConfig


class TaskConfig(Section):
    """Which follow-up panel is used."""

    follow_up_month: Annotated[float, Field(gt=0)] = 1.0
    window_months: Annotated[float, Field(ge=0)] = 1.0


class CohortConfig(Section):
    """The parts of the file that describe a cohort."""

    task: TaskConfig = TaskConfig()
    analytes: dict[str, AnalyteConfig] = Field(default_factory=dict)
    table: TableConfig | None = None
    evaluation: Any = None
    candidates: Any = None
    tripod: Any = None

    @model_validator(mode="after")
    def _declared_for_a_table(self) -> "CohortConfig":
        table = self.table
        if self.analytes and table is None:
            raise ValueError("[analytes] declares the columns of a [table]; there is none")
        unused = sorted(set(self.analytes) - set(table.columns if table else ()))
        if unused:
            raise ValueError(f"[analytes] declares what [table] has no column of: {unused[0]}")
        horizon = table.horizon_months if table else None
        late = horizon is not None and self.task.follow_up_month > horizon
        if table and table.follow_up_columns is not None and late:
            raise ValueError("follow_up_month is after horizon_months: a result, not a predictor")
        return self


class FolderConfig(CohortConfig):
    """The analytes that a cohort's folder has beyond the study's; nothing else is read."""

    @model_validator(mode="after")
    def _declared_for_a_table(self) -> "FolderConfig":
        others = sorted(self.model_fields_set - {"analytes"})
        if others:
            raise ValueError(f"only [analytes] is read here: leave [{others[0]}] out")
        return self


Config = TypeVar("Config", bound=CohortConfig)


def read_config(path: Path, kind: type[Config]) -> Config:
    """Read a configuration; a table's path is taken relative to the file.

    Raises
    ------
    ConfigError
        Not TOML, or settings that do not exist or do not make sense; all are listed.
    """
    try:
        stored = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {path.name}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path.name} is not TOML: {error}") from error
    try:
        config = kind.model_validate(stored)
    except ValidationError as error:
        raise ConfigError(f"{path.name}: {_listed(error)}") from error
    if config.table is None:
        return config
    table = config.table.model_copy(update={"path": path.parent / config.table.path})
    return config.model_copy(update={"table": table})


_PLAIN: Final = {
    "extra_forbidden": "there is no such setting",
    "missing": "is needed",
    "path_type": "must be text",
}
"""Sentences for what pydantic says to programmers, by its name for the error."""


def _listed(error: ValidationError) -> str:
    """Every setting that is wrong, where it stands and why."""
    found = []
    for detail in error.errors():
        place = ".".join(str(part) for part in detail["loc"])
        sentence = _PLAIN.get(detail["type"], detail["msg"].removeprefix("Value error, "))
        found.append(f"{place}: {sentence}" if place else sentence)
    return "; ".join(found)

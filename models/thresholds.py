"""`promotion.toml`: what a candidate must meet, written into the registry beforehand.

A table for each task; what is not set is not asked for. Only numbers of `evaluation.json` count,
so that nothing can be added to them at the moment of promotion.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import Fault
from data.panel import TaskName
from models.bundle import Bundle
from models.canonical import sha256
from models.errors import RegistryError, ThresholdsError

THRESHOLDS: Final = "promotion.toml"
_MOST_BYTES: Final = 64 * 1024

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class TaskThresholds(_Table):
    """Thresholds of one task; None asks for nothing.

    `auc_lower_at_least` is about the lower limit of the headline AUC, `permutation_p_at_most`
    about the whole procedure's permutation test: a bundle without one misses it.
    """

    auc_lower_at_least: Share | None = None
    permutation_p_at_most: Share | None = None
    patients_at_least: Count | None = None
    responders_at_least: Count | None = None
    non_responders_at_least: Count | None = None
    simulated_allowed: bool = True
    exploratory_allowed: bool = True


class _File(_Table):
    pretreatment: TaskThresholds = TaskThresholds()
    on_treatment: TaskThresholds = TaskThresholds()


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The file's content; `sha256` of its bytes, None where there is no file."""

    by_task: Mapping[TaskName, TaskThresholds]
    sha256: str | None

    def check(self, bundle: Bundle) -> None:
        """Refuse a candidate that misses a threshold of its task.

        Raises
        ------
        ThresholdsError
            With every unmet threshold.
        """
        task = bundle.manifest.task.name
        if faults := list(_unmet(self.by_task[task], bundle.evaluation)):
            raise ThresholdsError(bundle.bundle_id, faults)


def read_thresholds(folder: Path) -> Thresholds:
    """The thresholds in a registry's folder; none are asked for where there is no file.

    Raises
    ------
    RegistryError
        The file cannot be read, or sets something that does not exist.
    """
    try:
        with (folder / THRESHOLDS).open("rb") as file:
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return _thresholds(_File(), None)
    except OSError as error:
        raise RegistryError(f"{THRESHOLDS} cannot be read: {error.strerror}") from error
    try:
        return _thresholds(_File.model_validate(tomllib.loads(content.decode())), sha256(content))
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
        problem = f"{THRESHOLDS}: {place} is no threshold of a task, or cannot have that value"
        raise RegistryError(problem) from None
    except (ValueError, RecursionError):
        raise RegistryError(f"{THRESHOLDS} is not TOML in UTF-8") from None


def _thresholds(file: _File, digest: str | None) -> Thresholds:
    by_task: dict[TaskName, TaskThresholds] = {
        "pretreatment": file.pretreatment,
        "on_treatment": file.on_treatment,
    }
    return Thresholds(by_task, digest)


def _unmet(asked: TaskThresholds, evaluation: Mapping[str, Any]) -> Iterator[Fault]:
    """One fault for each threshold that an evaluation misses."""
    permutation = evaluation.get("permutation")
    n, n_responders = evaluation["n_patients"], evaluation["n_responders"]
    least = (
        ("auc_lower_at_least", "/auc/lower", evaluation["auc"]["lower"]),
        ("patients_at_least", "/n_patients", n),
        ("responders_at_least", "/n_responders", n_responders),
        ("non_responders_at_least", "/n_patients", n - n_responders),
    )
    for name, path, found in least:
        bound = getattr(asked, name)
        if bound is not None and not found >= bound:
            yield _fault(path, name, f"{bound:g}", f"has {found:.6g}")
    p_bound, p = asked.permutation_p_at_most, permutation and permutation["p"]
    if p_bound is not None and (p is None or not p <= p_bound):
        found = "has no permutation test" if p is None else f"has {p:.6g}"
        yield _fault("/permutation/p", "permutation_p_at_most", f"{p_bound:g}", found)
    for what in ("simulated", "exploratory"):
        if evaluation[what] and not getattr(asked, f"{what}_allowed"):
            yield _fault(f"/{what}", f"{what}_allowed", "false", f"is {what}")


def _fault(path: str, name: str, asked: str, found: str) -> Fault:
    return Fault(path, name, f"{THRESHOLDS} asks for {name} = {asked}, the bundle {found}")

"""How one labelled table and its analytes are described: the sections [table] and [analytes].

What contradicts itself in a description is refused here; what does not fit the file, in
`labelled_table.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from data.analytes import Direction, Scale
from data.units import ACCEPTED_UNITS, PICOGRAMS_PER_MILLILITRE

LONGEST_NAME: Final = 64
"""Of an analyte: what the service takes, too."""
LARGEST: Final = 1e12
"""End of any declared range: with 16 digits, rounding of such numbers is still below .001 (our
choice); squares and 32-bit floats of them are finite."""


class Section(BaseModel):
    """A table of the file; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _accepted(unit: str) -> str:
    if unit not in PICOGRAMS_PER_MILLILITRE:
        raise ValueError(f"a unit must be one of {ACCEPTED_UNITS} (case matters)")
    return unit


def _as_words(words: Any) -> Any:
    """One word or several; TOML's `1` and `true` as a table has them."""
    several = words if isinstance(words, list | tuple) else [words]
    return [str(w).lower() if isinstance(w, bool | int) else w for w in several]


def comparable(word: str) -> str:
    """A word as outcomes are compared: without case and outer spaces.

    Examples
    --------
    >>> comparable(" Complete ") == comparable("COMPLETE")
    True
    """
    return word.strip().casefold()


Unit = Annotated[str, AfterValidator(_accepted)]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_words)]
AtLeastOneWord = Annotated[Words, Field(min_length=1)]
Columns = Annotated[dict[str, str], Field(min_length=1)]
Limit = Annotated[float, Field(gt=0, le=LARGEST)]
Level = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
TidyColumn = Literal[
    "analyte", "result", "month", "unit", "lloq", "uloq", "platform", "plate", "cv_percent"
]


class AnalyteConfig(Section):
    """An analyte beyond the study's three, or other facts about one of them.

    `lower` and `upper` are in the analyte's own unit (`unit`), `lloq` and `uloq` in the unit
    that its results are written in.
    """

    unit: Unit | None = None
    scale: Scale | None = None
    lower: Level | None = None
    upper: Level | None = None
    lloq: Limit | None = None
    uloq: Limit | None = None
    direction: Direction | None = None

    @model_validator(mode="after")
    def _limits_in_order(self) -> "AnalyteConfig":
        if self.lloq is not None and self.uloq is not None and self.lloq >= self.uloq:
            raise ValueError("uloq must be above lloq")
        return self


class TableConfig(Section):
    """One labelled table instead of a cohort folder.

    ``wide``: a row per patient, `columns` names each analyte's column. ``tidy``: a row per
    patient, month and analyte, `columns` names each analyte as the table writes it and `names`
    the table's columns by their names in `cytokines.csv`.
    """

    path: Path
    layout: Literal["wide", "tidy"] = "wide"
    id: str | None = None
    outcome: str
    positive: AtLeastOneWord
    negative: AtLeastOneWord | None = None
    not_evaluable: Words = ()
    unit: Unit | None = None
    units: dict[str, Unit] = {}
    scale: Scale = "concentration"
    platform: str | None = None
    columns: Columns
    follow_up_columns: Columns | None = None
    names: dict[TidyColumn, str] = {}
    simulated: bool = False
    horizon_months: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> "TableConfig":
        problems = [*_problems(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def own_columns(self) -> list[str]:
        """The columns of the file that this names, whatever it names them for."""
        named = [self.outcome, *([self.id] if self.id is not None else []), *self.names.values()]
        if self.layout == "wide":
            named += [*self.columns.values(), *(self.follow_up_columns or {}).values()]
        return named


def _problems(table: TableConfig) -> Iterator[str]:
    """What in a description contradicts itself."""
    if not all(len(name) <= LONGEST_NAME and name.isprintable() for name in table.columns):
        yield f"analytes have names of at most {LONGEST_NAME} characters, none of them invisible"
    words = [*table.positive, *(table.negative or ()), *table.not_evaluable]
    shared = _twice(map(comparable, words))
    if shared:
        yield f"positive, negative and not_evaluable must not share a word: {shared}"
    shared = _twice(table.own_columns)
    if shared:
        yield f"every column has one meaning; named twice: {shared}"
    if table.layout == "tidy":
        yield from _tidy_problems(table)
    elif table.names:
        yield 'names belongs to layout = "tidy"'
    later = table.follow_up_columns
    if later is not None and set(later) != set(table.columns):
        yield "columns and follow_up_columns must name the same analytes"
    unknown = sorted(set(table.units) - set(table.columns))
    if unknown:
        yield f"units names what has no column: {', '.join(unknown)}"


def _tidy_problems(table: TableConfig) -> Iterator[str]:
    if table.id is None:
        yield "a tidy table needs id, for a patient has several rows"
    if table.follow_up_columns is not None:
        yield "a tidy table has no follow_up_columns: its months say which panel is which"
    shared = _twice(table.columns.values())
    if shared:
        yield f"two analytes are written alike in the table: {shared}"


def _twice(names: Iterable[str]) -> str:
    return ", ".join(sorted(name for name, n in Counter(names).items() if n > 1))

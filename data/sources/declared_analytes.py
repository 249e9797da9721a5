"""The analytes that a labelled table has, made of what its description says of them."""

from dataclasses import replace
from typing import Final

from data.analytes import Analyte, AnalyteTable, Scale, spelling, study_analytes
from data.errors import ConfigError
from data.sources.cohort_config import CohortConfig, FolderConfig
from data.sources.table_config import LARGEST, AnalyteConfig
from data.units import AS_IS, conversion

_ANY_CONCENTRATION: Final = (1e-9, 1e12)
"""Range of declared concentrations that state none."""


def config_analytes(config: CohortConfig) -> AnalyteTable:
    """The analytes of a cohort: the study's, or those of a labelled table.

    An analyte of the study keeps its name, unit, range and direction where nothing else is
    declared.

    Raises
    ------
    ConfigError
        A concentration without a unit, a unit or limits of what is no concentration, or two
        names of one analyte.
    AnalyteError
        Ranges that do not rise, or names too much alike.
    """
    table = config.table
    if table is None:
        return study_analytes()
    without_unit = [name for name in table.columns if _lacks_unit(name, config)]
    if without_unit:
        raise ConfigError(
            f"{', '.join(without_unit)}: give the unit in [table] or [analytes], or "
            'scale = "as_is" for what is no concentration'
        )
    written: dict[str, str] = {}
    analytes = []
    for name in table.columns:
        analyte = _declared(name, config)
        other = written.setdefault(analyte.name, name)
        if other != name:
            raise ConfigError(f"{other} and {name} are one analyte: keep one of them")
        analytes.append(analyte)
    return AnalyteTable(analytes)


def folder_analytes(config: FolderConfig) -> AnalyteTable:
    """The study's analytes and those that are declared for a cohort's folder.

    Raises
    ------
    ConfigError
        A concentration without a unit, or a unit or limits of what is no concentration.
    AnalyteError
        Ranges that do not rise, or names too much alike.
    """
    study = study_analytes()
    lacking = [
        name
        for name, declared in config.analytes.items()
        if declared.scale != "as_is" and not declared.unit and study.find(name) is None
    ]
    if lacking:
        raise ConfigError(f"{', '.join(lacking)}: give the unit in [analytes]")
    declared = {one.name: one for one in (_declared(name, config) for name in config.analytes)}
    return AnalyteTable(({one.name: one for one in study.values()} | declared).values())


def column_unit(name: str, config: CohortConfig) -> str | None:
    """The unit that a table's results of an analyte are written in; None where it is not said.

    Examples
    --------
    >>> table = {"path": "t.csv", "outcome": "y", "positive": "1", "columns": {"IL-6": "il6"}}
    >>> column_unit("IL-6", CohortConfig.model_validate({"table": table | {"unit": "ng/mL"}}))
    'ng/mL'
    """
    if config.table is None or column_scale(name, config) == "as_is":
        return None
    return config.table.units.get(name) or config.table.unit or declared_of(name, config).unit


def column_scale(name: str, config: CohortConfig) -> Scale:
    """Whether an analyte of a table is a concentration or taken as it is."""
    of_table = config.table.scale if config.table is not None else "concentration"
    return declared_of(name, config).scale or of_table


def declared_of(name: str, config: CohortConfig) -> AnalyteConfig:
    """What `[analytes]` says of an analyte; nothing where it is not there."""
    return config.analytes.get(name, AnalyteConfig())


def _lacks_unit(name: str, config: CohortConfig) -> bool:
    """A wide table has no place of its own for units; a tidy one may have a column."""
    if column_scale(name, config) == "as_is" or column_unit(name, config) is not None:
        return False
    has_column = config.table is not None and config.table.layout == "tidy"
    return not has_column or study_analytes().find(name) is None


def _declared(name: str, config: CohortConfig) -> Analyte:
    declared, known = declared_of(name, config), study_analytes().find(name)
    if column_scale(name, config) == "as_is":
        if declared.lloq or declared.uloq or declared.unit:
            raise ConfigError(f"{name} is taken as it is: leave unit, lloq and uloq out")
        analyte = _taken_as_is(name, known)
    elif known is not None:
        analyte = _in_unit(known, declared.unit or known.unit)
    else:
        unit = declared.unit or column_unit(name, config) or ""
        analyte = Analyte(name, _key(name), unit, *_ANY_CONCENTRATION)
    return replace(
        analyte,
        lower=analyte.lower if declared.lower is None else declared.lower,
        upper=analyte.upper if declared.upper is None else declared.upper,
        direction=declared.direction or analyte.direction,
    )


def _taken_as_is(name: str, known: Analyte | None) -> Analyte:
    """Any number, under the known name and direction where there are such."""
    if known is None:
        return Analyte(name, _key(name), AS_IS, -LARGEST, LARGEST, "as_is")
    return replace(
        known, unit=AS_IS, lower=-LARGEST, upper=LARGEST, scale="as_is", contamination_above=None
    )


def _in_unit(known: Analyte, unit: str) -> Analyte:
    """A known analyte kept in a unit that was declared for it."""
    times, over = conversion(known.unit, to=unit) or (1, 1)
    above = known.contamination_above
    return replace(
        known,
        unit=unit,
        lower=known.lower * times / over,
        upper=known.upper * times / over,
        contamination_above=None if above is None else above * times / over,
    )


def _key(name: str) -> str:
    """A name made fit to stand inside a feature's name: ``IL-6`` becomes ``il6``."""
    letters = "".join(c for c in spelling(name) if c.isascii() and c.isalnum())
    if not letters:
        raise ConfigError("an analyte's name needs letters or digits (a-z, 0-9)")
    return letters if letters[0].isalpha() else f"a{letters}"

"""What the columns of a file of panels mean: one row per patient, read from the header alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from data.errors import Fault, PanelError
from data.tables.table import plain_name
from data.units import ACCEPTED_UNITS
from models.classifier import PANELS, Classifier
from models.scoring.circumstances import FACTS, LIMITS, Circumstances, Meaning

PATIENT_ID: Final = "patient_id"
_OF_ANALYTE = re.compile(r"\s*(baseline|follow[\s_-]*up|lloq|uloq)[\s_.:-]+(\S.*?)\s*", re.I)
_FOLLOW_UP: Final = "follow_up"


@dataclass(frozen=True, slots=True)
class Layout:
    """Names of a file's columns by what they hold.

    Attributes
    ----------
    results
        By panel (0 baseline, 1 follow-up) and canonical analyte.
    facts
        What `Circumstances` are read from, row by row.
    has_follow_up
        Whether the file has results of a follow-up panel, read or not.
    warnings
        By column, what somebody should know about it.
    """

    patient_id: str
    results: Mapping[tuple[int, str], str]
    facts: Mapping[Meaning, str]
    has_follow_up: bool
    warnings: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (self.patient_id, *self.results.values(), *self.facts.values())


def read_layout(classifier: Classifier, header: Sequence[str], stated: Circumstances) -> Layout:
    """What each column of a header means to a classifier.

    Parameters
    ----------
    stated
        What was said for all rows.

    Raises
    ------
    PanelError
        Columns that are needed are missing; two say the same, or a column what was `stated`.
    """
    columns: dict[Meaning, str] = {}
    warnings: dict[str, str] = {}
    faults = []
    for name in header:
        meaning = _meaning(classifier, name)
        if meaning is None:
            warnings[name] = _not_read(classifier, name)
        elif meaning in columns:
            message = "another column holds the same; give each once"
            faults.append(Fault(name, "duplicate_column", message))
        else:
            columns[meaning] = name
    faults += _said_twice(columns, stated)
    faults += _missing(classifier, columns, stated)
    if faults:
        raise PanelError(faults)
    n_panels = 2 if classifier.task.name == "on_treatment" else 1
    results = {}
    for panel, of_panel in enumerate(PANELS[:n_panels]):
        for analyte in classifier.analytes:
            if (of_panel, analyte.name) in columns:
                results[panel, analyte.name] = columns[of_panel, analyte.name]
            else:
                absent = "there is no such column: imputed and flagged in every row"
                warnings[f"{of_panel}_{analyte.name}"] = absent
    return Layout(
        patient_id=columns[PATIENT_ID, ""],
        results=results,
        facts={m: name for m, name in columns.items() if m[0] in FACTS or m[0] in LIMITS},
        has_follow_up=any(meaning[0] == _FOLLOW_UP for meaning in columns),
        warnings=warnings,
    )


def _meaning(classifier: Classifier, name: str) -> Meaning | None:
    """What a column holds; None where nobody reads it."""
    plain = plain_name(name)
    if plain == PATIENT_ID or plain in FACTS:
        return plain, ""
    of_analyte = _OF_ANALYTE.fullmatch(name)
    analyte = classifier.analyte_table.find(of_analyte[2]) if of_analyte else None
    if of_analyte is None or analyte is None:
        return None
    what = of_analyte[1].lower()
    return _FOLLOW_UP if what.startswith("follow") else what, analyte.name


def _not_read(classifier: Classifier, name: str) -> str:
    of_analyte = _OF_ANALYTE.fullmatch(name)
    near = classifier.analyte_table.nearest(of_analyte[2]) if of_analyte else ()
    return "this column is not read" + (
        f"; the nearest known are {', '.join(near)}" if near else ""
    )


def _said_twice(columns: Mapping[Meaning, str], stated: Circumstances) -> Iterator[Fault]:
    for (fact, analyte), name in columns.items():
        said: object = None
        if fact in LIMITS:
            said = getattr(stated, fact).get(analyte)
        elif fact in FACTS:
            said = getattr(stated, fact)
        if said is not None and (fact, said) != ("baseline_month", 0.0):
            message = "this is said for all rows and in a column; say it once"
            yield Fault(name, "said_twice", message)


def _missing(
    classifier: Classifier, columns: Mapping[Meaning, str], stated: Circumstances
) -> Iterator[Fault]:
    on_treatment = classifier.task.name == "on_treatment"
    if (PATIENT_ID, "") not in columns:
        yield Fault(PATIENT_ID, "missing_column", "there must be a column patient_id")
    for panel in PANELS if on_treatment else PANELS[:1]:
        if not any(meaning[0] == panel for meaning in columns):
            names = ", ".join(f"{panel}_{analyte.name}" for analyte in classifier.analytes)
            message = f"there is no result of this panel; name columns like {names}"
            yield Fault(panel, "missing_column", message)
    if on_treatment and stated.follow_up_month is None and (_MONTH, "") not in columns:
        message = "say when the follow-up panels were drawn: --follow-up-month or a column"
        yield Fault(_MONTH, "follow_up_missing", message)
    needs_unit = any(analyte.scale == "concentration" for analyte in classifier.analytes)
    if needs_unit and stated.unit is None and ("unit", "") not in columns:
        message = f"say the unit, --unit or a column, as one of {ACCEPTED_UNITS}"
        yield Fault("unit", "unit_not_accepted", message)


_MONTH: Final = "follow_up_month"

"""The table of how the arms compare before treatment, as trials print it."""

from collections.abc import Iterator, Mapping
from typing import Final

from charts.table import NOTHING, Cell, Column, Table
from data.cohort import ARMS, Arm
from trial.baseline import CategoricalVariable, NumericSummary, NumericVariable
from trial.baseline_cytokines import CytokineVariable
from trial.not_computed import NotComputed
from trial.pages.words import median_quartiles
from trial.participants import ParticipantsResults

Row = Mapping[str, Cell]

_SHOWN: Final = 80
"""Letters of a name or category that a table shows."""


def baseline_table(results: ParticipantsResults) -> Table:
    """Lay out every variable: one row each, of categories one row for each category."""
    columns = (
        Column("variable", "Variable"),
        Column("statistic", "Shown"),
        Column("msc", f"MSC (n = {results.randomised['msc']})"),
        Column("control", f"Control (n = {results.randomised['control']})"),
        Column("standardised_difference", "Standardised difference", "number"),
    )
    cytokines = () if isinstance(results.cytokines, NotComputed) else results.cytokines
    rows = (
        *(row for one in results.numeric for row in _numeric(one)),
        *(row for one in results.categorical for row in _categorical(one)),
        *(row for one in cytokines for row in _cytokine(one)),
    )
    note = (
        "A column of the participants table is numeric where every value is a number and more"
        " than five different ones, or more than half of them, differ; spellings that differ in"
        " case are one category. Cytokines are each patient's last at month 0 or before; a"
        " quartile that rests on a value below its limit is shown as below that limit, and their"
        " standardised difference is of logarithms, with such values at limit/sqrt(2). All digits"
        " are in results.json."
    )
    return Table("baseline", "Before treatment", columns, rows, note)


def short(text: str) -> str:
    """A name or category cut to what a table can show.

    Examples
    --------
    >>> short("limb"), len(short("x" * 1000))
    ('limb', 80)
    """
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _numeric(variable: NumericVariable) -> Iterator[Row]:
    unit = f" [{variable.unit}]" if variable.unit else ""
    name = f"{short(variable.name)}{unit}"
    cells = {arm: _mean_sd(variable.arms[arm]) for arm in ARMS}
    yield _row(name, "mean (SD)", cells, variable.standardised_difference)
    yield from _missing(name, {arm: variable.arms[arm].missing for arm in ARMS})


def _mean_sd(found: NumericSummary) -> str:
    if found.mean is None:
        return NOTHING
    return f"{found.mean:.2f}" if found.sd is None else f"{found.mean:.2f} ({found.sd:.2f})"


def _categorical(variable: CategoricalVariable) -> Iterator[Row]:
    n = {arm: sum(counts[arm] for counts in variable.categories.values()) for arm in ARMS}
    for index, (category, counts) in enumerate(variable.categories.items()):
        cells = {arm: _share(counts[arm], n[arm]) for arm in ARMS}
        difference = variable.standardised_difference if index == 0 else None
        yield _row(f"{short(variable.name)}: {short(category)}", "n (%)", cells, difference)
    yield from _missing(short(variable.name), variable.missing)


def _share(count: int, n: int) -> str:
    return f"{count} ({100 * count / n:.0f} %)" if n else NOTHING


def _cytokine(variable: CytokineVariable) -> Iterator[Row]:
    assay = f", {short(variable.platform)}" if variable.platform else ""
    name = f"{variable.analyte}{assay} [{variable.unit}]"
    cells = {arm: median_quartiles(variable.arms[arm].levels) for arm in ARMS}
    yield _row(name, "median (quartiles)", cells, variable.standardised_difference)
    for bound, counts in (
        ("below limit", {arm: variable.arms[arm].levels.n_below for arm in ARMS}),
        ("above limit", {arm: variable.arms[arm].levels.n_above for arm in ARMS}),
    ):
        if any(counts.values()):
            shares = {arm: _share(counts[arm], variable.arms[arm].levels.n) for arm in ARMS}
            yield _row(f"{name}: {bound}", "n (%)", shares, None)
    yield from _missing(name, {arm: variable.arms[arm].missing for arm in ARMS})


def _missing(name: str, counts: Mapping[Arm, int]) -> Iterator[Row]:
    if any(counts.values()):
        yield _row(f"{name}: missing", "n", {arm: str(counts[arm]) for arm in ARMS}, None)


def _row(
    name: str, statistic: str, cells: Mapping[Arm, str], difference: float | NotComputed | None
) -> Row:
    shown = None if isinstance(difference, NotComputed) else difference
    return {
        "variable": name,
        "statistic": statistic,
        "msc": cells["msc"],
        "control": cells["control"],
        "standardised_difference": shown,
    }

"""Commands about cohorts: `check` and `simulate`."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.cohort_folder import check_cohort, write_cohort
from data.errors import CohortFault
from data.simulate import SCENARIOS, simulate_cohort

app = typer.Typer(add_completion=False)


_NARROWEST = 80
"""Columns of text below which names of rules would be cut."""


class Format(StrEnum):
    """How `check` prints what it found."""

    table = "table"
    csv = "csv"
    json = "json"


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The cohort's folder.")],
    output: Annotated[Format, typer.Option("--format", help="How to print the faults.")] = (
        Format.table
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List every fault of a cohort: file, row, column, rule and what would be right."""
    faults = check_cohort(folder)
    print(_PRINTED[Format.json if as_json else output](faults), end="")
    raise typer.Exit(1 if faults else 0)


def _json(faults: Sequence[CohortFault]) -> str:
    return json.dumps({"faults": [asdict(fault) for fault in faults]}) + "\n"


def _csv(faults: Sequence[CohortFault]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, CohortFault.__slots__, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(fault) for fault in faults)
    return text.getvalue()


def _table(faults: Sequence[CohortFault]) -> str:
    if not faults:
        return "No faults.\n"
    table = Table("file", "row", "column", "rule", "what would be right", box=None)
    for fault in faults:
        row = "" if fault.row is None else str(fault.row)
        table.add_row(fault.file, row, fault.column or "", fault.rule, fault.message)
    width = max(_NARROWEST, Console().width)
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as capture:
        console.print(table)
        console.print(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}.")
    return capture.get()


_PRINTED = {Format.table: _table, Format.csv: _csv, Format.json: _json}


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="Where to write the cohort's tables.")],
    scenario: Annotated[str, typer.Option(help="published, informative or null.")] = "published",
    n: Annotated[int, typer.Option(help="Number of patients, both arms.", min=1)] = 64,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.", min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make up a trial cohort and write it as a folder; it is labelled simulated."""
    if scenario not in SCENARIOS:
        raise typer.BadParameter(f"scenario must be one of {', '.join(SCENARIOS)}")
    cohort = simulate_cohort(scenario, n=n, seed=seed)
    write_cohort(cohort, folder)
    if as_json:
        print(json.dumps({"folder": str(folder), "n": n, "scenario": scenario, "seed": seed}))
    else:
        print(f"Wrote {n} simulated patients (scenario {scenario}, seed {seed}) to {folder}.")

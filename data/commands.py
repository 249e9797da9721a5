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

from data.errors import CohortFault, ConfigError
from data.simulate import SCENARIOS, simulate_cohort
from data.sources.cohort_config import CohortConfig, read_config
from data.sources.cohort_folder import write_cohort
from data.sources.cohort_source import CohortSource, Findings

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
    folder: Annotated[
        Path | None, typer.Argument(help="The cohort's folder, or one tidy table.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help=r"A TOML with \[table] instead.")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print what is found.")] = (
        Format.table
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List every fault of a cohort: file, row, column, rule and what would be right.

    Warnings are listed, too; they refuse nothing.
    """
    if folder is None and config is None:
        raise typer.BadParameter("give a cohort's folder or table, or a --config with [table]")
    settings = read_config(config, CohortConfig) if config is not None else CohortConfig()
    try:
        source = CohortSource(folder, settings)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from error
    findings = source.check()
    print(_PRINTED[Format.json if as_json else output](findings), end="")
    raise typer.Exit(1 if findings.faults else 0)


def _json(findings: Findings) -> str:
    listed = {
        "n_patients": findings.n_patients,
        "faults": [asdict(fault) for fault in findings.faults],
        "warnings": [asdict(warning) for warning in findings.warnings],
    }
    return json.dumps(listed) + "\n"


def _csv(findings: Findings) -> str:
    text = io.StringIO()
    columns = ("severity", *CohortFault.__slots__)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({"severity": "fault", **asdict(fault)} for fault in findings.faults)
    writer.writerows({"severity": "warning", **asdict(found)} for found in findings.warnings)
    return text.getvalue()


def _table(findings: Findings) -> str:
    console = Console(
        width=max(_NARROWEST, Console().width), markup=False, emoji=False, highlight=False
    )
    with console.capture() as capture:
        for found in (findings.faults, findings.warnings):
            if found:
                console.print(_rows(found))
        console.print(
            f"{findings.n_patients} patients: {_count(findings.faults, 'fault')}, "
            f"{_count(findings.warnings, 'warning')}."
        )
    return capture.get()


def _rows(found: Sequence[CohortFault]) -> Table:
    table = Table("file", "row", "column", "rule", "what would be right", box=None)
    for fault in found:
        row = "" if fault.row is None else str(fault.row)
        table.add_row(_shown(fault.file), row, fault.column or "", fault.rule, fault.message)
    return table


def _shown(name: str) -> str:
    """A file's name, in which a terminal finds nothing to obey."""
    return name if name.isprintable() else ascii(name)[1:-1]


def _count(found: Sequence[CohortFault], noun: str) -> str:
    return f"{len(found) or 'no'} {noun}{'' if len(found) == 1 else 's'}"


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

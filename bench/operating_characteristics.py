"""Operating characteristics of the trial report's tests, written into their page of the docs.

SIMULATED DATA: trials of 64 patients whose truth is known, through the functions that
`csf-responder trial --simulate` uses. The tables of docs/operating-characteristics.md are this
command's, everything else there is prose. The same seed gives the same tables.

Usage: python bench/operating_characteristics.py [--trials 10000] [--jobs 2] [--seed 1]
"""

import argparse
import re
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from charts.table import Table
from trial.operating_characteristics import OperatingCharacteristics, simulate_trials
from trial.pages.operating_characteristics_tables import (
    coverage_table,
    differences_table,
    fits_table,
    moments_table,
    responders_table,
)

PAGE = Path(__file__).parents[1] / "docs" / "operating-characteristics.md"
TABLES = re.compile(r"(?<=<!-- tables -->\n).*(?=<!-- end of tables -->)", re.DOTALL)
LAID_OUT = (differences_table, coverage_table, fits_table, responders_table, moments_table)


def markdown(table: Table) -> str:
    """A table with its title and note."""
    header = [column.label for column in table.columns]
    lines = [header, ["---"] * len(header), *([text for _, text in row] for row in table.shown())]
    rows = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return f"### {table.title}\n\n{rows}\n\n{table.note}\n"


def section(results: OperatingCharacteristics) -> str:
    """Everything between the markers."""
    first = (
        f"Simulated data: {results.n_trials} trials of {results.n_patients} patients, scenario"
        f" `{results.scenario}`, seed {results.seed}; the population's values from"
        f" {results.n_large_trials} trials of {results.n_large_patients}.\n"
    )
    return "\n".join((first, *(markdown(laid_out(results)) for laid_out in LAID_OUT)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    start = time.monotonic()
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("Simulating trials", total=asked.trials)
        results = simulate_trials(
            asked.trials,
            seed=asked.seed,
            jobs=asked.jobs,
            on_progress=lambda n_done: progress.update(bar, advance=n_done),
        )
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLES.sub(lambda _: section(results), text), encoding="utf-8")
    for row in results.rows:
        if row.verdict != "compatible":
            print(f"{row.verdict}: {row.name} {row.estimate:.4f} ({row.standard_error:.4f})")
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()

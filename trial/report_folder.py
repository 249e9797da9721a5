"""A report written as a folder: HTML, every number as JSON, figures as SVG and PNG, tables as CSV.

A folder that is there already is replaced only if it is such a report, and only once the new one
is whole.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from charts.chart import Chart, Figure
from charts.render import png, svg
from charts.report import Report, report_html
from data.errors import CsfError
from trial.report import TrialReport

REPORT_FILE: Final = "report.html"
RESULTS_FILE: Final = "results.json"

Picture = tuple[str, bytes]
"""A chart as SVG and as PNG."""


class OutFolderError(CsfError):
    """The folder for a report is somebody else's, or no folder."""


def check_out(out: Path, cohort: Path | None = None) -> None:
    """Refuse, before the work, a place where the report cannot be put.

    Parameters
    ----------
    out
        Resolved, so that it is no symbolic link.
    cohort
        The folder that the report is made from.

    Raises
    ------
    OutFolderError
        A file, a mount, a place that cannot be written to, the cohort's folder or one around it,
        or a folder with any file in it that the report there has not listed as its own.
    """
    if cohort is not None and out in (cohort.resolve(), *cohort.resolve().parents):
        raise OutFolderError(f"{out} holds the cohort; give another folder for the report")
    if out.exists() and not out.is_dir():
        raise OutFolderError(f"{out} is a file; give a folder for the report")
    if out.is_mount():
        raise OutFolderError(f"{out} is a mount; give a folder in it")
    there = next(folder for folder in (out.parent, *out.parents) if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise OutFolderError(f"{there} cannot be written to; give another folder for the report")
    if out.is_dir() and _files(out) - _listed(out):
        raise OutFolderError(
            f"{out} holds other files than a report's; give another folder, or an empty one"
        )


def _files(folder: Path) -> set[str]:
    """All files below a folder; links count as files."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix() for path in found}


def _listed(folder: Path) -> set[str]:
    """The files that the report in a folder calls its own; none where there is no report."""
    try:
        results = json.loads((folder / RESULTS_FILE).read_bytes())
        return set(results["files"])
    except (OSError, ValueError, TypeError, KeyError):
        return set()


def drawings(report: Report) -> Iterator[tuple[str, Callable[[], Picture]]]:
    """Each chart's file name and what draws it.

    Calling it raises `charts.render.PlotsNotInstalledError` without the `plots` extra.
    """
    for name, chart in _charts(report):
        yield name, lambda spec=chart.spec: (svg(spec), png(spec))  # type: ignore[misc]


def _charts(report: Report) -> Iterator[tuple[str, Chart]]:
    figures: Iterator[Figure] = (one for page in report.pages for one in page.figures())
    for figure in figures:
        for chart in figure.charts:
            yield figure.file_name(chart), chart


def write_report(trial_report: TrialReport, pictures: Mapping[str, Picture], out: Path) -> None:
    """Write the folder, whole or not at all.

    Parameters
    ----------
    pictures
        Of each chart by its file name; empty without the `plots` extra. Specifications and
        tables are written in any case.
    """
    check_out(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".report-", dir=out.parent) as scratch:
        made = Path(scratch) / "new"
        _fill(made, trial_report, pictures)
        if out.exists():
            out.rename(Path(scratch) / "old")
        made.rename(out)


def _fill(folder: Path, trial_report: TrialReport, pictures: Mapping[str, Picture]) -> None:
    figures, tables = folder / "figures", folder / "tables"
    for made in (folder, figures, tables):
        made.mkdir()
    report = trial_report.report
    page = report_html(report, {name: drawn for name, (drawn, _) in pictures.items()})
    (folder / REPORT_FILE).write_text(page, encoding="utf-8")
    for name, chart in _charts(report):
        (figures / f"{name}.vl.json").write_text(json.dumps(chart.spec, indent=1) + "\n")
    for name, (drawn, dots) in pictures.items():
        (figures / f"{name}.svg").write_text(drawn, encoding="utf-8")
        (figures / f"{name}.png").write_bytes(dots)
    for table in (table for one in report.pages for table in one.tables()):
        (tables / f"{table.name}.csv").write_text(table.csv(), encoding="utf-8", newline="")
    # By this list the next report knows what it may replace.
    files = sorted({RESULTS_FILE, *_files(folder)})
    results = json.dumps({**trial_report.results, "files": files}, indent=1, allow_nan=False)
    (folder / RESULTS_FILE).write_text(results + "\n", encoding="utf-8")

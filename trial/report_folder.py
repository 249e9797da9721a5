"""A report written as a folder: HTML, every number as JSON, figures as SVG and PNG, tables as CSV.

A folder that is there already is replaced only if it is such a report, and only once the new one
is whole.
"""

import json
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
_OURS: Final = frozenset({REPORT_FILE, RESULTS_FILE, "figures", "tables"})

Picture = tuple[str, bytes]
"""A chart as SVG and as PNG."""


class OutFolderError(CsfError):
    """The folder for a report is somebody else's, or no folder."""


def check_out(out: Path) -> None:
    """Refuse, before the work, a place where the report cannot be put.

    Raises
    ------
    OutFolderError
        A file, or a folder with anything in it that no report of ours has.
    """
    if out.exists() and not out.is_dir():
        raise OutFolderError(f"{out} is a file; give a folder for the report")
    if out.is_dir() and {path.name for path in out.iterdir()} - _OURS:
        raise OutFolderError(
            f"{out} holds other files than a report's; give another folder, or an empty one"
        )


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
    results = json.dumps(trial_report.results, indent=1, allow_nan=False)
    (folder / RESULTS_FILE).write_text(results + "\n", encoding="utf-8")
    for name, chart in _charts(report):
        (figures / f"{name}.vl.json").write_text(json.dumps(chart.spec, indent=1) + "\n")
    for name, (drawn, dots) in pictures.items():
        (figures / f"{name}.svg").write_text(drawn, encoding="utf-8")
        (figures / f"{name}.png").write_bytes(dots)
    for table in (table for one in report.pages for table in one.tables()):
        (tables / f"{table.name}.csv").write_text(table.csv(), encoding="utf-8", newline="")

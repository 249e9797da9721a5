import re

import pytest

from charts.chart import Chart, Figure
from charts.look import rows, spec
from charts.render import svg
from charts.report import Notice, Page, Prose, Report, report_html
from charts.table import Column, Table

TABLE = Table(
    "counts",
    "Counts",
    (Column("arm", "Arm"), Column("n", "n", "integer")),
    ({"arm": "msc", "n": 33},),
)
CHART = Chart(
    "",
    "Two points",
    spec(
        {
            "data": rows([{"x": 0, "y": 1}, {"x": 1, "y": 2}]),
            "mark": "point",
            "encoding": {
                "x": {"field": "x", "type": "quantitative"},
                "y": {"field": "y", "type": "quantitative"},
            },
        }
    ),
)
FIGURE = Figure("points", "Points", "n = 2.", (CHART,), TABLE)


def html_of(*blocks, simulated: bool = True, pictures=None) -> str:
    report = Report("A report", simulated, {"Cohort": "made up"}, (Page("one", "One", blocks),))
    return report_html(report, pictures or {})


def test_a_report_needs_no_other_file() -> None:
    page = html_of(FIGURE, TABLE, pictures={"points": svg(CHART.spec)})
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert "<script" not in page


def test_a_picture_is_inside_the_report() -> None:
    page = html_of(FIGURE, pictures={"points": svg(CHART.spec)})
    assert 'src="data:image/svg+xml;base64,' in page
    assert 'alt="Two points"' in page


def test_a_figure_without_its_picture_keeps_its_numbers() -> None:
    page = html_of(FIGURE)
    assert "plots extra is not installed" in page
    assert ">33</td>" in page


def test_simulated_data_are_called_so_on_every_page() -> None:
    assert html_of(Prose("x")).count("imulated") >= 2
    assert "imulated" not in html_of(Prose("x"), simulated=False).split("</style>")[1]


@pytest.mark.parametrize("block", [Prose, Notice], ids=["prose", "notice"])
def test_text_is_escaped(block) -> None:
    page = html_of(block("<script>alert(1)</script>"))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_cells_and_headings_are_escaped() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    table = Table("t", hostile, (Column("a", hostile),), ({"a": hostile},), note=hostile)
    assert "<img" not in html_of(table)


def test_a_page_lists_the_tables_of_its_figures() -> None:
    page = Page("one", "One", (FIGURE, Prose("x"), TABLE))
    assert [table.name for table in page.tables()] == ["counts", "counts"]

"""A report: pages of prose, tables and figures, as one HTML file that needs no other."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from charts.chart import Figure
from charts.table import Table


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph of plain text."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What could not be computed and why, or what a reader must beware of."""

    text: str


Block = Prose | Notice | Table | Figure


@dataclass(frozen=True, slots=True)
class Page:
    """One part of a report; `name` is its anchor."""

    name: str
    title: str
    blocks: tuple[Block, ...]

    def tables(self) -> Iterator[Table]:
        """Its tables, those of its figures among them."""
        for block in self.blocks:
            if isinstance(block, Table):
                yield block
            elif isinstance(block, Figure):
                yield block.table

    def figures(self) -> Iterator[Figure]:
        """Its figures."""
        return (block for block in self.blocks if isinstance(block, Figure))


@dataclass(frozen=True, slots=True)
class Report:
    """All pages, and what stands above them.

    Attributes
    ----------
    simulated
        Whether every page says that no patient is in it.
    facts
        What it was made from and with, by name.
    """

    title: str
    simulated: bool
    facts: Mapping[str, str]
    pages: tuple[Page, ...]


def report_html(report: Report, pictures: Mapping[str, str]) -> str:
    """The report as one self-contained HTML file.

    Parameters
    ----------
    pictures
        SVG of each chart by its file name (`Figure.file_name`); a chart without one is replaced
        by a sentence, its table stays.
    """
    embedded = {name: _data_uri(drawn) for name, drawn in pictures.items()}
    return _templates().get_template("report.html").render(report=report, pictures=embedded)


def _data_uri(drawn: str) -> str:
    # An image of its own: names inside one drawing cannot meet those of another.
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["figure"] = lambda block: isinstance(block, Figure)
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["notice"] = lambda block: isinstance(block, Notice)
    return environment

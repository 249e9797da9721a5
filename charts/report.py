"""A report: pages of prose, tables and figures, as one HTML file that needs no other."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from charts.chart import Figure
from charts.parts import embedded, templates
from charts.table import Table

_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


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
    css = _css()
    return (
        templates()
        .get_template("report.html")
        .render(
            report=report,
            pictures=embedded(pictures),
            css=css,
            policy=_policy(css),
            kind=lambda block: type(block).__name__.lower(),
        )
    )


def policy_of(html: str) -> str:
    """The content security policy of a report: its own style and pictures, and nothing else.

    Examples
    --------
    >>> policy_of("<html><style>p{}</style></html>")[:40]
    "default-src 'none'; img-src data:; style"
    """
    found = _STYLE.search(html)
    return _policy(found[1] if found else "")


def _policy(css: str) -> str:
    digest = base64.b64encode(sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"


def _css() -> str:
    environment = templates()
    assert environment.loader is not None  # noqa: S101 - it is made with one
    return environment.loader.get_source(environment, "report.css")[0]

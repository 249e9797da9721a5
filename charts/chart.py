"""Charts, and figures made of them: each with its caption and a table of its numbers."""

from dataclasses import dataclass

from charts.look import Spec
from charts.parts import embedded, part
from charts.render import PlotsNotInstalledError, svg
from charts.table import Table


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture.

    Attributes
    ----------
    key
        Ends the name of its files within the figure; empty where the figure has one chart.
    title
        What it shows, in a few words; its text for those who cannot see it.
    spec
        Vega-Lite, data inside; fits a phone's width.
    """

    key: str
    title: str
    spec: Spec


@dataclass(frozen=True, slots=True)
class Figure:
    """One or more charts that are read together.

    Attributes
    ----------
    name
        Name of its files, without the ending.
    caption
        What is drawn, n, and the method of intervals.
    charts
        Side by side where there is room, else one under another.
    table
        The numbers drawn.
    """

    name: str
    title: str
    caption: str
    charts: tuple[Chart, ...]
    table: Table

    def file_name(self, chart: Chart) -> str:
        """Name of a chart's files, without the ending."""
        return f"{self.name}-{chart.key}" if chart.key else self.name

    def pictures(self) -> dict[str, str]:
        """SVG of each chart by its file name; none without the `plots` extra."""
        try:
            return {self.file_name(chart): svg(chart.spec) for chart in self.charts}
        except PlotsNotInstalledError:
            return {}

    def _repr_html_(self) -> str:
        """What a notebook shows: the charts, and their numbers to be unfolded."""
        return part("figure_html", self, embedded(self.pictures()))

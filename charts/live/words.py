"""What all that is drawn of a report shares: its words, and how a count is not told."""

from collections.abc import Mapping
from typing import Any, Final

from analysis.estimate import Estimate
from charts.chart import Chart, Figure
from charts.evaluation.who import plot
from charts.table import Cell, Table

Part = Mapping[str, Any]
"""What a report says of one bundle, plain JSON."""

HIDDEN: Final = "hidden"
SIDES: Final[Mapping[str, tuple[str, str]]] = {
    "in_the_large": ("fewer responders than was stated", "more responders than was stated"),
    "slope": ("probabilities too far apart", "probabilities not far enough apart"),
}
"""What an interval wholly below or above the ideal means."""
ATTENTION: Final[Mapping[str, str]] = {
    "none": "none",
    "notice": "notice: adjusted p below 0.05",
    "alarm": "ALARM: adjusted p below 0.001",
    "too_few": "too few patients",
    "not_tested": "not tested",
}


def live_plot(
    name: str, chart: Chart, table: Table, part: Part, *, how: str, caption: str = ""
) -> Figure:
    """A chart of what a classifier met in use; see `plot`."""
    said = "SIMULATED TRAINING: no patient trained the classifier."
    return plot(name, chart, table, part, how=how, caption=caption, simulated=said)


def estimate(found: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate of a report; limits that came without counts get none."""
    return None if found is None else Estimate(**{"n_cases": 0, "n_controls": 0, **found})


def told(cell: Cell) -> Cell:
    """A count, or the word for one that is hidden.

    Examples
    --------
    >>> told(0), told(None)
    (0, 'hidden')
    """
    return HIDDEN if cell is None else cell


def finding(which: str, side: str) -> str:
    """What the interval of a measure says of its ideal.

    Examples
    --------
    >>> finding("slope", "below")
    'probabilities too far apart'
    """
    if side == "too_few":
        return "too few outcomes to tell"
    if side == "no_difference_shown":
        return "no departure from the ideal is shown, nor excluded"
    return SIDES[which][side == "above"]

"""What every chart of a classifier says of itself: who it rests on, how it was made, simulated."""

from collections.abc import Mapping
from dataclasses import replace
from textwrap import wrap
from typing import Any, Final

from analysis.estimate import Estimate
from charts.chart import Chart, Figure
from charts.table import Table

Evaluation = Mapping[str, Any]
"""The content of a bundle's `evaluation.json`, plain JSON."""

SIMULATED: Final = "SIMULATED DATA: no patient is in it."
_LINE: Final = 54
"""Letters of a subtitle's line, which fit the width of a plot."""


def who(evaluation: Evaluation) -> str:
    """Who trained, in a few words.

    Examples
    --------
    >>> who({"n_patients": 32, "n_responders": 21})
    'n = 32 patients, 21 responders'
    """
    return f"n = {evaluation['n_patients']} patients, {evaluation['n_responders']} responders"


def plot(
    name: str,
    chart: Chart,
    table: Table,
    evaluation: Evaluation,
    *,
    how: str,
    caption: str = "",
    simulated: str = SIMULATED,
) -> Figure:
    """A chart that also stands alone, with its table.

    Parameters
    ----------
    how
        The method, and n where it is another than the training patients'.
    caption
        What else a reader must know; stands below the chart in a report.
    simulated
        What is said where the evaluation is of simulated patients.
    """
    lines = wrap(how, _LINE) + ([simulated] if evaluation["simulated"] else [])
    titled = {
        **chart.spec,
        "title": {"text": wrap(chart.title, _LINE - 6), "subtitle": lines},
        "description": f"{chart.title}. {how}",
    }
    text = f"{how} {caption}".strip()
    return Figure(name, chart.title, text, (replace(chart, spec=titled),), table)


def estimate(found: Mapping[str, Any]) -> Estimate:
    """An estimate as the evaluation has it."""
    return Estimate(**found)


def readable(name: str) -> str:
    """A name of a model, feature or reason for people.

    Examples
    --------
    >>> readable("lead_in_slope")
    'lead in slope'
    """
    return name.replace("_", " ")

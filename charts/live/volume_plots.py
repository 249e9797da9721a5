"""How much one classifier is asked, day by day."""

from collections.abc import Iterator

from charts.chart import Figure
from charts.days_chart import days_chart
from charts.live.words import Part, live_plot, told
from charts.table import Column, Table


def volume_plots(part: Part) -> Iterator[Figure]:
    """Predictions by day; none where every day is hidden.

    Parameters
    ----------
    part
        What the report of volume says of one bundle, and whether it is ``simulated``.
    """
    days = [(one["day"], one["n"]) for one in part["days"] if one["n"]]
    if not days:
        return
    chart = days_chart(days, title="Predictions by day", counted="predictions")
    rows = tuple({"day": one["day"], "n": told(one["n"])} for one in part["days"])
    columns = (Column("day", "Day (UTC)"), Column("n", "Predictions", "integer"))
    hidden = len(part["days"]) - len(days)
    how = f"n = {part['n_predictions']} predictions, voided and superseded ones among them."
    caption = f"{hidden} of {len(part['days'])} days are hidden and not drawn." if hidden else ""
    yield live_plot("days", chart, Table("days", chart.title, columns, rows), part, how=how,
               caption=caption)  # fmt: skip

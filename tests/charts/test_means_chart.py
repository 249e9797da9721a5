import re
import xml.etree.ElementTree as ElementTree

import pytest

from charts.chart import Chart
from charts.means_chart import MeanPoint, means_chart
from charts.render import svg

MEANS = [
    MeanPoint.with_error(arm, month, 37 - month, 0.5)
    for arm in ("msc", "control")
    for month in (-3.0, 0.0, 6.0)
]


def drawn(means: list[MeanPoint], **more) -> Chart:
    return means_chart(means, title="Means", x_title="month", y_title="points", **more)


def test_arms_stand_beside_each_other_at_the_same_time() -> None:
    values = drawn(MEANS).spec["data"]["values"]
    places = {(row["arm"], row["time"]): row["shown_at"] for row in values}
    assert places["msc", 0.0] < 0 < places["control", 0.0]
    assert places["control", 0.0] - places["msc", 0.0] < 0.2


def test_each_mean_has_one_error_on_either_side() -> None:
    values = drawn(MEANS).spec["data"]["values"]
    assert all(row["upper"] - row["mean"] == pytest.approx(0.5) for row in values)
    assert all(row["mean"] - row["lower"] == pytest.approx(0.5) for row in values)


@pytest.mark.parametrize("means", [MEANS, MEANS[:3], MEANS[:1], [MeanPoint("control", 0, 0.0)]])
def test_a_picture_has_a_point_for_each_mean_and_names_the_knot(means: list[MeanPoint]) -> None:
    picture = svg(drawn(means, knot=(0.0, "the knot"), y_line=0.0).spec)
    ElementTree.fromstring(picture)  # noqa: S314
    assert len(re.findall('aria-roledescription="point"', picture)) == len(means)
    assert "the knot" in picture
    assert "NaN" not in picture


@pytest.mark.parametrize(("means", "named"), [(MEANS, 2), (MEANS[:3], 1)])
def test_the_legend_names_the_arms_that_are_drawn(means: list[MeanPoint], named: int) -> None:
    assert len(re.findall(">(?:MSC|Control)<", svg(drawn(means).spec))) == named

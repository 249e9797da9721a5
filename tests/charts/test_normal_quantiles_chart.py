import re

from charts.normal_quantiles_chart import normal_quantiles_chart
from charts.render import svg


def test_both_axes_are_the_same_and_hold_every_point() -> None:
    chart = normal_quantiles_chart([-2, 0, 2], [-1, 0, 5], title="Q", x_title="x", y_title="y")
    line = chart.spec["layer"][0]["encoding"]
    low, high = line["x"]["scale"]["domain"]
    assert line["y"]["scale"] == line["x"]["scale"]
    assert low < -2
    assert high > 5


def test_picture_has_a_point_for_each_quantile() -> None:
    chart = normal_quantiles_chart([-1, 0, 1], [-1.2, 0.1, 1], title="Q", x_title="x", y_title="y")
    assert len(re.findall('aria-roledescription="point"', svg(chart.spec))) == 3

import pytest

from charts.render import svg
from charts.slopes_chart import SlopePoint, slopes_chart

LINES = [("no change", 0.0, 1.0), ("50 % improvement", 0.0, 0.5)]


@pytest.mark.parametrize(
    "points",
    [
        [SlopePoint("msc", -1.0, -0.4), SlopePoint("control", -0.8, -0.9)],
        [SlopePoint("control", 0.0, 0.0)],
    ],
)
def test_points_and_lines_are_drawn(points: list[SlopePoint]) -> None:
    chart = slopes_chart(points, LINES, title="Slopes", x_title="before", y_title="after")
    picture = svg(chart.spec)
    assert "NaN" not in picture
    assert all(label in picture for label, _, _ in LINES)


def test_both_axes_have_one_scale() -> None:
    points = [SlopePoint("msc", -3.0, 0.5)]
    spec = slopes_chart(points, LINES, title="", x_title="", y_title="").spec
    line = spec["layer"][0]["encoding"]
    assert line["x"]["scale"] == line["y"]["scale"]
    assert spec["width"] == spec["height"]

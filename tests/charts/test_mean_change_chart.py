from charts.mean_change_chart import MeanPoint, mean_change_chart
from charts.render import svg

POINTS = [
    MeanPoint("msc", 0, 0.0, None, None),
    MeanPoint("msc", 4, -1.7, -2.6, -0.8),
    MeanPoint("control", 0, 0.0, None, None),
    MeanPoint("control", 4, -4.7, -5.9, -3.4),
]


def drawn(points: list[MeanPoint]) -> str:
    chart = mean_change_chart(points, title="Change", x_title="month", y_title="points")
    return svg(chart.spec)


def test_both_arms_and_their_legend_are_drawn() -> None:
    picture = drawn(POINTS)
    assert picture.count("msc") >= 1
    assert picture.count("control") >= 1
    assert "NaN" not in picture


def test_arms_stand_beside_each_other() -> None:
    values = mean_change_chart(POINTS, title="", x_title="", y_title="").spec["data"]["values"]
    at_4 = {row["arm"]: row["shown_at"] for row in values if row["time"] == 4}
    assert at_4["msc"] < 4 < at_4["control"]


def test_one_arm_without_any_interval_is_drawn() -> None:
    assert "NaN" not in drawn([MeanPoint("control", 0, 0.0, None, None)])

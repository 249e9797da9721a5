from charts.look import ARMS
from charts.render import svg
from charts.sensitivity_chart import ShareCurve, share_chart


def test_arms_differ_in_colour_and_dash() -> None:
    curves = [ShareCurve(arm, [0, 50], [0.8, 0.4]) for arm in ARMS]
    chart = share_chart(curves, title="Responders", x_title="percent", y_title="share", marked=[50])
    encoding = chart.spec["layer"][1]["encoding"]
    assert len(set(encoding["color"]["scale"]["range"])) == 2
    assert len(set(map(tuple, encoding["strokeDash"]["scale"]["range"]))) == 2
    drawn = svg(chart.spec)
    assert all(arm in drawn for arm in ARMS)


def test_every_share_is_drawn_at_its_threshold() -> None:
    curve = ShareCurve("msc", [-50, 0, 50], [1.0, 0.8, 0.4])
    chart = share_chart([curve], title="Responders", x_title="percent", y_title="share")
    values = chart.spec["layer"][1]["data"]["values"]
    assert [(v["threshold"], v["share"]) for v in values] == [(-50, 1.0), (0, 0.8), (50, 0.4)]

from charts.curves_chart import DrawnLine, curves_chart
from charts.render import svg

MODEL = DrawnLine("model", [0.1, 0.5], [0.4, 0.2], [0.3, 0.1], [0.5, 0.3])
NOBODY = DrawnLine("nobody", [0, 1], [0, 0])


def layers(*lines: DrawnLine, has_diagonal: bool = False) -> list[dict]:
    unit = ("a", (0.0, 1.0))
    chart = curves_chart(lines, title="t", x=unit, y=unit, has_diagonal=has_diagonal)
    return list(chart.spec["layer"])


def test_a_band_is_drawn_where_there_are_limits() -> None:
    _, band, lines = layers(MODEL, NOBODY)
    assert {one["label"] for one in band["data"]["values"]} == {"model"}
    assert {one["label"] for one in lines["data"]["values"]} == {"model", "nobody"}


def test_the_diagonal_is_for_agreement_alone() -> None:
    assert layers(MODEL)[0]["data"]["values"] == []
    assert layers(MODEL, has_diagonal=True)[0]["data"]["values"] == [{"from": 0, "to": 1}]


def test_lines_differ_in_colour_and_dash_and_are_named() -> None:
    unit = ("a", (0.0, 1.0))
    drawn = svg(curves_chart([MODEL, NOBODY], title="t", x=unit, y=unit).spec)
    assert ">model<" in drawn
    assert ">nobody<" in drawn
    assert "stroke-dasharray" in drawn

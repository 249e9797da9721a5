from typing import Any

from charts.render import svg
from charts.roc_chart import DrawnBand, DrawnRoc, roc_chart

TNF = DrawnRoc("TNF: AUC 0.75", [1.0, 0.5, 0.0], [0.0, 1.0, 1.0])
MCP1 = DrawnRoc("MCP-1: AUC 0.50", [1.0, 0.0], [0.0, 1.0])
BAND = DrawnBand([0.0, 1.0], [0.5, 0.0], [1.0, 0.5])


def layers(*curves: DrawnRoc, band: DrawnBand | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = roc_chart(curves, title="t", band=band).spec["layer"]
    return found


def test_curve_runs_over_one_minus_specificity_in_the_order_given() -> None:
    *_, lines = layers(TNF)
    points = [(one["x"], one["y"]) for one in lines["data"]["values"]]
    assert points == [(0.0, 0.0), (0.5, 1.0), (1.0, 1.0)]


def test_chance_is_the_diagonal() -> None:
    _, chance, _ = layers(TNF)
    assert chance["data"]["values"] == [{"from": 0, "to": 1}]
    encoding = chance["encoding"]
    assert encoding["x"]["field"] == encoding["y"]["field"] == "from"


def test_band_lies_over_the_same_axis() -> None:
    band, *_ = layers(TNF, band=BAND)
    found = {one["x"]: (one["lower"], one["upper"]) for one in band["data"]["values"]}
    assert found == {1.0: (0.5, 1.0), 0.0: (0.0, 0.5)}


def test_without_a_band_none_is_drawn() -> None:
    band, *_ = layers(TNF)
    assert band["data"]["values"] == []


def test_two_curves_differ_in_colour_and_dash_and_are_named() -> None:
    *_, lines = layers(TNF, MCP1)
    for channel in ("color", "strokeDash"):
        scale = lines["encoding"][channel]["scale"]
        assert scale["domain"] == [TNF.label, MCP1.label]
        assert scale["range"][0] != scale["range"][1]
    drawn = svg(roc_chart([TNF, MCP1], title="t", band=BAND).spec)
    assert TNF.label in drawn
    assert MCP1.label in drawn

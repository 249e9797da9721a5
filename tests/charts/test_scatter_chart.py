from typing import Any

import pytest

from charts.render import svg
from charts.scatter_chart import Dot, DotGroup, scatter_chart

GOOD = DotGroup("good", [Dot(1.2, 0.9), Dot(2.0, 0.7, is_open=True)], ((1.2, 0.9), (2.0, 0.7)))
POOR = DotGroup("poor", [Dot(1.5, 1.1)])


def layers(*groups: DotGroup, **settings: Any) -> list[dict[str, Any]]:
    chart = scatter_chart(groups, title="t", x_title="x", y_title="y", **settings)
    found: list[dict[str, Any]] = chart.spec["layer"]
    return found


def test_groups_differ_in_colour_and_shape_and_are_named() -> None:
    dots = layers(GOOD, POOR)[3]
    for channel in ("color", "shape"):
        first, second = dots["encoding"][channel]["scale"]["range"]
        assert first != second
    drawn = svg(scatter_chart([GOOD, POOR], title="t", x_title="x", y_title="y").spec)
    assert ">good<" in drawn
    assert ">poor<" in drawn


def test_dots_beyond_a_limit_are_open() -> None:
    filled, white = layers(GOOD, POOR)[3:]
    assert len(filled["data"]["values"]) == 3
    assert [one["x"] for one in white["data"]["values"]] == [2.0]


def test_a_group_without_a_line_has_none() -> None:
    lines = layers(GOOD, POOR)[2]["data"]["values"]
    assert {one["label"] for one in lines} == {"good"}


def test_no_change_is_within_both_axes() -> None:
    x_line, y_line, *_ = layers(GOOD, reference=1.0, is_log=True)
    for line, channel in ((x_line, "x"), (y_line, "y")):
        low, high = line["encoding"][channel]["scale"]["domain"]
        assert low < 1 < high


@pytest.mark.parametrize("is_log", [True, False])
def test_one_dot_is_drawn(is_log: bool) -> None:
    group = DotGroup("only", [Dot(1.0, 1.0)])
    chart = scatter_chart([group], title="t", x_title="x", y_title="y", is_log=is_log)
    assert ">only<" in svg(chart.spec)

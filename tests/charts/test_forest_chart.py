from math import inf

import pytest

from charts.forest_chart import ForestRow, forest_chart
from charts.render import svg

ROWS = [ForestRow("Fever", 0.2, 0.1, 0.3), ForestRow("Rash", 0.0, -0.2, 0.2)]


def marks(rows: list[ForestRow], **settings: object) -> list[dict[str, object]]:
    chart = forest_chart(rows, title="t", axis="a", reference=0, **settings)  # type: ignore[arg-type]
    values: list[dict[str, object]] = chart.spec["data"]["values"]
    return values


def test_every_row_is_drawn_in_the_order_given() -> None:
    drawn = svg(forest_chart(ROWS, title="t", axis="MSC less control", reference=0).spec)
    assert drawn.index(">Fever<") < drawn.index(">Rash<")
    assert ">MSC less control<" in drawn


def test_a_row_without_numbers_keeps_its_place() -> None:
    nothing = ForestRow("Nothing", None, None, None)
    drawn = svg(forest_chart([*ROWS, nothing], title="t", axis="a", reference=0).spec)
    assert ">Nothing<" in drawn


def test_two_rows_of_the_same_label_stay_two() -> None:
    found = marks([ROWS[0], ROWS[0]])
    assert len({one["label"] for one in found}) == 2


@pytest.mark.parametrize(
    ("lower", "upper", "beyond"),
    [(-9, 0.1, (True, False)), (-0.1, inf, (False, True)), (-0.1, 0.1, (False, False))],
)
def test_a_limit_beyond_the_axis_ends_in_an_arrow(
    lower: float, upper: float, beyond: tuple[bool, bool]
) -> None:
    (found,) = marks([ForestRow("Fever", 0.0, lower, upper)], drawn=(-1, 1))
    assert (found["beyond_left"], found["beyond_right"]) == beyond
    assert -1 <= float(str(found["from"])) <= float(str(found["to"])) <= 1


def test_shares_have_ticks_that_do_not_touch() -> None:
    rows = [ForestRow("No change", 0.4, 0.1, 0.9)]
    settings = {"drawn": (0.0, 1.0), "is_percent": True}
    chart = forest_chart(rows, title="t", axis="a", reference=0, **settings)  # type: ignore[arg-type]
    drawn = svg(chart.spec)
    assert ">75%<" in drawn
    assert ">80%<" not in drawn


def test_a_ratio_scale_is_as_far_to_the_half_as_to_the_double() -> None:
    rows = [ForestRow("TNF", 1.0, 0.5, 2.0)]
    layers = forest_chart(rows, title="t", axis="a", reference=1, is_log=True).spec["layer"]
    axis = layers[0]["encoding"]["x"]
    low, high = axis["scale"]["domain"]
    assert (axis["scale"]["type"], axis["axis"]["values"]) == ("log", [0.5, 1, 2])
    assert low * high == pytest.approx(1)

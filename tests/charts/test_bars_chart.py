import pytest

from charts.bars_chart import bars_chart, histogram_chart
from charts.render import svg

NEEDED = [("shrinkage", 410.0), ("optimism", 205.0)]


def test_bars_stand_in_the_order_given_with_their_numbers() -> None:
    drawn = svg(bars_chart(NEEDED, title="t", axis="patients", line=97).spec)
    assert drawn.index(">shrinkage<") < drawn.index(">optimism<")
    assert ">410<" in drawn


@pytest.mark.parametrize("line", [97.0, 900.0])
def test_bars_and_line_are_within_the_axis(line: float) -> None:
    first, *_ = bars_chart(NEEDED, title="t", axis="a", line=line).spec["layer"]
    assert first["encoding"]["x"]["scale"]["domain"][1] > max(410, line)


def test_bars_of_nothing_have_an_axis() -> None:
    first, *_ = bars_chart([("none", 0.0)], title="t", axis="a").spec["layer"]
    assert first["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_a_histogram_holds_its_lines_and_counts_whole_ones() -> None:
    chart = histogram_chart([(0.4, 1), (0.42, 2)], 0.02, title="t", axis="AUC",
                            counted="n", lines={"observed": 0.9})  # fmt: skip
    bars, _ = chart.spec["layer"]
    low, high = bars["encoding"]["x"]["scale"]["domain"]
    assert low < 0.4 < 0.9 < high
    assert bars["encoding"]["y"]["axis"]["values"][:3] == [0, 1, 2]

from typing import Any

import pytest

from charts.paired_dots_chart import GROUP_COLOURS, Pair, PairGroup, paired_dots_chart
from charts.render import svg

GOOD = PairGroup("good", [Pair(0.7, 1.2, before_open=True), Pair(2, 3)], (0.7, 1, 2), (1, 2, 3))
POOR = PairGroup("poor", [Pair(1, 0.5)])


def layers(*groups: PairGroup, is_log: bool = True) -> list[dict[str, Any]]:
    chart = paired_dots_chart(groups, title="TNF", axis="TNF [pg/mL]", is_log=is_log)
    found: list[dict[str, Any]] = chart.spec["layer"]
    return found


def values(layer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = layer["data"]["values"]
    return found


def test_each_patient_has_a_line_and_two_dots() -> None:
    lines, dots, *_ = layers(GOOD)
    assert [(one["before"], one["after"]) for one in values(lines)] == [(0.7, 1.2), (2, 3)]
    assert [one["value"] for one in values(dots)] == [0.7, 1.2, 2, 3]


def test_values_beyond_a_limit_are_open() -> None:
    _, dots, *_ = layers(GOOD)
    assert [one["open"] for one in values(dots)] == [True, False, False, False]
    assert dots["encoding"]["fill"]["condition"] == {"test": "datum.open", "value": "white"}


def test_two_groups_stand_apart_with_their_names() -> None:
    _, dots, *_, labels = layers(GOOD, POOR)
    assert {one["colour"] for one in values(dots)} == set(GROUP_COLOURS)
    assert len({one["x"] for one in values(dots)}) == 4
    drawn = svg(paired_dots_chart([GOOD, POOR], title="t", axis="a").spec)
    assert drawn.count(">before<") == drawn.count(">after<") == 2
    assert [one["label"] for one in values(labels)] == ["good", "poor"]


def test_a_group_without_quartiles_has_dots_only() -> None:
    _, dots, bars, medians, _ = layers(POOR)
    assert (len(values(dots)), values(bars), values(medians)) == (2, [], [])


@pytest.mark.parametrize("is_log", [True, False])
def test_the_axis_holds_every_value_also_a_single_one(is_log: bool) -> None:
    same = PairGroup("same", [Pair(5, 5)])
    low, high = layers(same, is_log=is_log)[0]["encoding"]["y"]["scale"]["domain"]
    assert low < 5 < high
    assert svg(paired_dots_chart([same], title="t", axis="a", is_log=is_log).spec)


def test_values_below_zero_are_drawn_on_a_linear_axis() -> None:
    drawn = paired_dots_chart([PairGroup("a", [Pair(-2, 3)])], title="t", axis="a", is_log=False)
    assert ">3<" in svg(drawn.spec) or ">2<" in svg(drawn.spec)

from typing import Any

import pytest

from analysis.kaplan_meier import curve_limits, kaplan_meier
from analysis.survival_times import survival_times
from charts.kaplan_meier_chart import DrawnCurve, kaplan_meier_chart
from charts.look import BLUE
from charts.render import svg


def drawn(label: str, times: list[float], events: list[int]) -> DrawnCurve:
    curve = kaplan_meier(survival_times(times, events))
    return DrawnCurve(label, curve, *curve_limits(curve), BLUE, (1, 0))


def parts(*curves: DrawnCurve) -> tuple[Any, Any, Any, Any]:
    """Rows of the band, of the line, of the censoring marks and of the number at risk."""
    chart = kaplan_meier_chart(curves, title="t", event="alive", time="month")
    plot, below = chart.spec["vconcat"]
    return *(layer["data"]["values"] for layer in plot["layer"]), below["data"]["values"]


def test_the_line_starts_at_1_and_ends_with_follow_up() -> None:
    _, line, _, _ = parts(drawn("MSC", [2, 5, 9], [1, 1, 0]))
    assert [(row["time"], round(row["survival"], 3)) for row in line] == [
        (0, 1),
        (2, 0.667),
        (5, 0.333),
        (9, 0.333),
    ]


def test_the_band_starts_with_the_first_event_and_ends_with_the_last_death() -> None:
    band, *_ = parts(drawn("MSC", [1, 2, 5, 9], [0, 1, 1, 1]))
    assert [row["time"] for row in band] == [2, 5, 9]
    assert band[-1] == {**band[-2], "time": 9}


def test_nobody_dead_has_no_band() -> None:
    band, line, censored, _ = parts(drawn("MSC", [3, 4], [0, 0]))
    assert (band, len(line), len(censored)) == ([], 3, 2)


def test_numbers_at_risk_stand_under_round_months() -> None:
    *_, at_risk = parts(drawn("MSC", [2, 14, 30], [1, 0, 1]), drawn("Control", [6, 7], [0, 1]))
    found = {(row["group"], row["time"]): row["n"] for row in at_risk}
    assert [found["MSC", month] for month in (0, 6, 12, 18, 30)] == [3, 2, 2, 1, 1]
    assert found["Control", 6] == 2


@pytest.mark.parametrize("times", [[0.0, 0.0], [0.2], [700.0, 1.0], [3.0, 90.0]])
def test_any_follow_up_is_drawn_with_few_ticks(times: list[float]) -> None:
    curve = drawn("MSC", times, [1] * len(times))
    chart = kaplan_meier_chart([curve], title="t", event="alive", time="month")
    ticks = chart.spec["vconcat"][0]["layer"][1]["encoding"]["x"]["axis"]["values"]
    assert 2 <= len(ticks) <= 7
    assert ticks[-1] >= max(times)
    assert ">Number at risk<" in svg(chart.spec)

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import CsfError, PanelError
from data.measurement import Measurement
from data.panel import TASK_NAMES, Panel, PanelPair, Task, choose_pair

ON_TREATMENT = Task("on_treatment")


def tnf(platform: str | None = "msd") -> Measurement:
    return Measurement("TNF", 1.5, "none", None, "pg/mL", "1.5", platform)


def mcp1(platform: str | None = "msd") -> Measurement:
    return Measurement("MCP-1", 500.0, "none", None, "pg/mL", "500", platform)


def panel(month: float, *measurements: Measurement) -> Panel:
    return Panel(month, measurements or (tnf(),))


def chosen(*months: float, task: Task = ON_TREATMENT, horizon: float | None = 4) -> object:
    pair = choose_pair("P-1", [panel(month) for month in months], task, horizon_months=horizon)
    return pair and (pair.baseline.month, pair.follow_up and pair.follow_up.month)


def codes(error: PanelError) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in error.faults]


@pytest.mark.parametrize("month", [math.nan, math.inf, -math.inf])
def test_panel_refuses_a_month_that_is_not_finite(month: float) -> None:
    with pytest.raises(PanelError) as caught:
        panel(month)
    assert codes(caught.value) == [("/month", "month_not_finite")]


def test_panel_refuses_to_be_empty() -> None:
    with pytest.raises(PanelError) as caught:
        Panel(0, ())
    assert codes(caught.value) == [("/measurements", "panel_empty")]


def test_panel_refuses_an_analyte_twice_and_says_which_row() -> None:
    with pytest.raises(PanelError) as caught:
        panel(0, tnf(), mcp1(), tnf("other"))
    assert codes(caught.value) == [("/measurements/2/analyte", "duplicate_analyte")]


def test_panel_lists_all_its_faults_at_once() -> None:
    with pytest.raises(PanelError) as caught:
        panel(math.nan, tnf(), tnf(), tnf())
    assert len(caught.value.faults) == 3


def test_panel_finds_a_measurement_by_canonical_name() -> None:
    both = panel(0, tnf(), mcp1())
    assert both.find("MCP-1") == mcp1()
    assert both.find("TGF-b1") is None


def test_pair_refuses_a_baseline_after_treatment_began() -> None:
    with pytest.raises(PanelError) as caught:
        PanelPair("P-1", panel(0.1))
    assert codes(caught.value) == [("/baseline/month", "baseline_after_treatment")]


@pytest.mark.parametrize("month", [0, -1])
def test_pair_refuses_a_follow_up_before_treatment(month: float) -> None:
    with pytest.raises(PanelError) as caught:
        PanelPair("P-1", panel(-1), panel(month))
    assert codes(caught.value) == [("/follow_up/month", "follow_up_before_treatment")]


@pytest.mark.parametrize("other", ["milliplex", None])
def test_pair_refuses_one_analyte_on_two_platforms(other: str | None) -> None:
    with pytest.raises(PanelError) as caught:
        PanelPair("P-1", panel(0, mcp1(), tnf()), panel(1, mcp1(), tnf(other)))
    assert codes(caught.value) == [("/follow_up/measurements/1/platform", "two_platforms")]


def test_pair_allows_different_analytes_on_different_platforms() -> None:
    pair = PanelPair("P-1", panel(0, mcp1(), tnf("x")), panel(1, tnf("x"), mcp1()))
    assert pair.follow_up is not None


def test_pair_lists_all_its_faults_at_once() -> None:
    with pytest.raises(PanelError) as caught:
        PanelPair("P-1", panel(2), panel(-2, tnf("x")))
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize(
    ("months", "window"),
    [
        (0, 1),
        (-1, 1),
        (math.nan, 1),
        (math.inf, 1),
        (1, -0.1),
        (1, math.nan),
        (1, math.inf),
    ],
)
def test_task_refuses_impossible_times(months: float, window: float) -> None:
    with pytest.raises(CsfError, match="must be above 0 and window_months at least 0"):
        Task("on_treatment", months, window)


def test_task_refuses_an_unknown_name() -> None:
    with pytest.raises(CsfError, match="pretreatment, on_treatment"):
        Task("posttreatment")  # type: ignore[arg-type]
    assert TASK_NAMES == ("pretreatment", "on_treatment")


@pytest.mark.parametrize(
    ("months", "baseline"), [((-3, -1, 0), 0), ((-3, -1), -1), ((0.5, -0.5, -2), -0.5)]
)
def test_baseline_is_the_panel_nearest_to_month_0_at_or_before_it(
    months: tuple[float, ...], baseline: float
) -> None:
    assert chosen(*months, task=Task("pretreatment")) == (baseline, None)


def test_pretreatment_never_looks_at_a_follow_up_panel() -> None:
    assert chosen(0, 1, task=Task("pretreatment")) == (0, None)


@pytest.mark.parametrize("name", TASK_NAMES)
def test_no_baseline_gives_no_pair(name: str) -> None:
    assert chosen(0.1, 1, 2, task=Task(name)) is None  # type: ignore[arg-type]
    assert chosen(task=Task(name)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("months", "follow_up"),
    [
        ((0, 0.85, 3), 0.85),
        ((0, 1.5, 1.2), 1.2),
        ((0, 0.5, 1.5), 0.5),
        ((0, 1.5, 0.5), 0.5),
        ((0, 0.6, 1.4), 0.6),  # in binary 1.4 is nearer to 1
        ((0, 1.3, 0.7), 0.7),
        ((0, 2), 2),
    ],
)
def test_follow_up_is_nearest_to_the_tasks_month_and_the_earlier_of_two(
    months: tuple[float, ...], follow_up: float
) -> None:
    assert chosen(*months) == (0, follow_up)


@pytest.mark.parametrize("months", [(0,), (0, 2.01), (-1, 0), (0, 6)])
def test_no_follow_up_within_the_window_gives_no_pair(months: tuple[float, ...]) -> None:
    assert chosen(*months) is None


@pytest.mark.parametrize("month", [0.9, 1.1])
def test_both_ends_of_the_window_belong_to_it(month: float) -> None:
    assert chosen(0, month, task=Task("on_treatment", 1, 0.1)) == (0, month)
    assert chosen(0, month, task=Task("on_treatment", 1, 0.09)) is None


def test_a_wide_window_never_reaches_before_treatment() -> None:
    assert chosen(-1, 0, task=Task("on_treatment", 1, 5)) is None


def test_follow_up_after_the_horizon_is_not_chosen() -> None:
    task = Task("on_treatment", 5, 2)
    assert chosen(0, 4, 5, task=task, horizon=4) == (0, 4)
    assert chosen(0, 4.5, 5, task=task, horizon=4) is None
    assert chosen(0, 4.5, 5, task=task, horizon=None) == (0, 5)


def test_chosen_panels_on_two_platforms_are_refused() -> None:
    with pytest.raises(PanelError, match="two platforms"):
        choose_pair("P-1", [panel(0), panel(1, tnf("x"))], ON_TREATMENT, horizon_months=4)


def test_the_pair_carries_the_patients_id() -> None:
    pair = choose_pair("P-17", [panel(0)], Task("pretreatment"), horizon_months=None)
    assert pair is not None
    assert pair.patient_id == "P-17"


@given(st.lists(st.integers(-50, 80), unique=True, max_size=8), st.randoms())
def test_the_order_of_panels_does_not_matter(tenths: list[int], random: object) -> None:
    months = [tenth / 10 for tenth in tenths]
    shuffled = list(months)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert chosen(*months) == chosen(*shuffled)
    follow_ups = [m for m in months if 0 < m <= 2]
    assert (chosen(*months) is None) == (not follow_ups or min(months) > 0)

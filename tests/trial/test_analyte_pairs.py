from data.cohort import Patient
from data.measurement import Measurement
from data.panel import Panel
from trial.analyte_pairs import (
    AnalytePair,
    analyte_pairs,
    baseline_level,
    follow_up_months,
)
from trial.levels import Level, level_of, summarise_levels

TNF = "TNF"


def patient(*levels: tuple[float, float | str], patient_id: str = "P1") -> Patient:
    """TNF at months; text such as ``<0.7`` or ``NA`` as a laboratory writes it."""
    return Patient(
        patient_id, "msc", panels=tuple(Panel(month, (measured(x),)) for month, x in levels)
    )


def measured(level: float | str) -> Measurement:
    if isinstance(level, float):
        return Measurement(TNF, level, "none", None, "pg/mL", str(level), "a")
    if level == "NA":
        return Measurement(TNF, None, "none", None, "pg/mL", level, "a")
    return Measurement(
        TNF, None, "<" if level[0] == "<" else ">", float(level[1:]), "pg/mL", level, "a"
    )


def only_pair(*levels: tuple[float, float | str], month: float = 1.0) -> AnalytePair | None:
    found = analyte_pairs([patient(*levels)], TNF, month).pairs
    return found[0] if found else None


def test_before_is_the_last_and_after_the_nearest_to_month_1() -> None:
    pair = only_pair((-2.0, 9.0), (0.0, 1.0), (0.4, 8.0), (0.9, 2.0), (1.3, 7.0))
    assert pair is not None
    assert (pair.before.value, pair.after.value, pair.month_after) == (1.0, 2.0, 0.9)


def test_a_missing_result_is_looked_for_in_the_panel_before() -> None:
    pair = only_pair((-1.0, 3.0), (0.0, "NA"), (0.9, "NA"), (1.5, 2.0))
    assert pair is not None
    assert (pair.month_before, pair.month_after) == (-1.0, 1.5)


def test_patients_without_a_pair_are_counted_by_reason() -> None:
    found = analyte_pairs(
        [patient((0.0, 1.0)), patient((1.0, 1.0)), patient((0.0, 1.0), (2.1, 1.0))], TNF, 1.0
    )
    assert found.left_out == {"no_baseline": 1, "no_follow_up": 2}


def test_other_months_take_panels_half_a_month_away() -> None:
    assert only_pair((0.0, 1.0), (4.5, 2.0), month=4.0) is not None
    assert only_pair((0.0, 1.0), (4.6, 2.0), month=4.0) is None


def test_a_panel_after_the_horizon_is_not_taken() -> None:
    one = patient((0.0, 1.0), (3.8, 2.0), (4.1, 3.0))
    (pair,) = analyte_pairs([one], TNF, 4.0, horizon=4.0).pairs
    assert pair.after.value == 2.0


def test_below_both_limits_nothing_changes_whatever_the_limits() -> None:
    pair = only_pair((0.0, "<0.7"), (1.0, "<0.2"))
    assert pair is not None
    assert pair.substituted == (0.7 / 2**0.5, 0.7 / 2**0.5)


def test_above_both_limits_nothing_changes_and_the_lower_one_holds() -> None:
    pair = only_pair((0.0, ">90"), (1.0, ">80"))
    assert pair is not None
    assert pair.substituted == (80.0, 80.0)


def test_below_once_the_limit_over_root_2_stands() -> None:
    pair = only_pair((0.0, "<0.7"), (1.0, 2.0))
    assert pair is not None
    assert pair.substituted == (0.7 / 2**0.5, 2.0)


def test_a_month_with_the_same_pairs_again_is_no_other_follow_up() -> None:
    at_2 = [patient((0.0, 1.0), (1.9, 2.0), patient_id=f"P{i}") for i in range(6)]
    assert follow_up_months(at_2, TNF) == (1.0,)
    both = [patient((0.0, 1.0), (1.0, 2.0), (1.9, 3.0), patient_id=f"P{i}") for i in range(6)]
    assert follow_up_months(both, TNF) == (1.0, 2.0)
    assert follow_up_months(both[:4], TNF) == (1.0,)


def test_baseline_is_the_last_reported_before_treatment() -> None:
    assert baseline_level(patient((-1.0, 3.0), (0.0, "NA"), (1.0, 2.0)), TNF) == Level(3.0, "none")
    assert baseline_level(patient((1.0, 2.0)), TNF) is None


def test_quartiles_that_rest_on_a_limit_say_so() -> None:
    levels = [level_of(measured(x)) for x in ("<0.7", "<0.7", 1.0, 2.0, ">9")]
    found = summarise_levels([level for level in levels if level is not None])
    assert found.quartiles is not None
    assert [quartile.bound for quartile in found.quartiles] == ["<", "none", "none"]
    assert (found.n_below, found.n_above) == (2, 1)


def test_one_level_has_no_spread() -> None:
    found = summarise_levels([Level(2.0, "none")])
    assert (found.n, found.mean, found.sd) == (1, None, None)
    assert summarise_levels([]).quartiles is None

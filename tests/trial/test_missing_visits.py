from dataclasses import replace

import numpy as np
import pytest

from analysis.mean_difference import MeanDifference, two_sample_t
from analysis.rubin import Pooled
from charts.report import Prose
from data.cohort import Arm, Cohort, Patient, Survival
from data.simulate import simulate_cohort
from trial.imputation import ImputationModel, impute_visits
from trial.missing_visits import MissingVisits, MonthWithGaps, analyse_missing_visits
from trial.not_computed import NotComputed
from trial.pages.missing_visits import missing_blocks
from trial.study import Study
from trial.tipping_points import ShiftGrid, TippingPoint
from trial.visits import change_to


def leaving(cohort: Cohort, last: dict[int, float]) -> Cohort:
    """The cohort whose patients at these places are not seen after a month."""
    patients = list(cohort.patients)
    for place, month in last.items():
        kept = tuple(visit for visit in patients[place].visits if visit.month <= month)
        patients[place] = replace(patients[place], visits=kept)
    return replace(cohort, patients=tuple(patients))


COMPLETE = simulate_cohort("published", 64, 1)
GAPS = leaving(COMPLETE, {place: 1.0 + place % 4 for place in range(0, 64, 4)})


@pytest.fixture(scope="module")
def found() -> MissingVisits:
    return analyse_missing_visits(Study(GAPS))


def at(found: MissingVisits, month: float) -> MonthWithGaps:
    [one] = [one for one in found.months if one.month == month]
    return one


def changes(patients: tuple[Patient, ...], month: float) -> list[float]:
    every = (change_to(patient.visits, month) for patient in patients)
    return [change for change in every if change is not None]


def test_complete_cases_are_compared_by_welch(found: MissingVisits) -> None:
    for one in found.months:
        by_hand = two_sample_t(*(changes(GAPS.of_arm(a), one.month) for a in ("msc", "control")))
        assert one.seen == by_hand


def test_everybody_with_a_baseline_is_in_the_imputed_comparison(found: MissingVisits) -> None:
    for one in found.months:
        assert isinstance(one.imputed, Pooled)
        assert one.imputed.estimate.n_cases == len(GAPS.of_arm("msc"))
        assert one.imputed.estimate.n_controls == len(GAPS.of_arm("control"))
        assert 0 < one.imputed.missing_information < 0.6


def test_imputation_comes_nearer_to_what_was_not_seen() -> None:
    """Those who decline fastest leave: seen patients mislead, imputed ones less."""
    months = (6.0,)
    biased, imputed, truth = [], [], []
    for seed in range(6):
        cohort = simulate_cohort("published", 200, seed)
        at_3 = {i: change_to(p.visits, 3) for i, p in enumerate(cohort.patients)}
        steep = {i: 3.0 for i, change in at_3.items() if change is not None and change <= -4}
        one = analyse_missing_visits(Study(leaving(cohort, steep), months=months)).months[0]
        whole = analyse_missing_visits(Study(cohort, months=months)).months[0]
        assert isinstance(one.seen, MeanDifference)
        assert isinstance(one.imputed, Pooled)
        assert isinstance(whole.seen, MeanDifference)
        biased.append(one.seen.difference.value)
        imputed.append(one.imputed.estimate.value)
        truth.append(whole.seen.difference.value)
    apart = abs(np.mean(imputed) - np.mean(truth))
    assert apart < 0.5 * abs(np.mean(biased) - np.mean(truth))


def test_who_was_seen_and_missed_adds_up(found: MissingVisits) -> None:
    for one in found.months:
        for arm, visits in one.arms.items():
            patients = GAPS.of_arm(arm)
            assert visits.randomised == len(patients)
            assert visits.seen + visits.missing == visits.with_baseline
            assert visits.seen == len(changes(patients, one.month))
            assert visits.seen_mean == pytest.approx(np.mean(changes(patients, one.month)))


def test_deaths_among_the_missed_are_counted() -> None:
    patients = list(GAPS.patients)
    for place, months in ((0, 3.0), (4, 30.0)):  # dead before month 4, and long after
        patients[place] = replace(patients[place], survival=Survival(months, event=True))
    arms = analyse_missing_visits(Study(replace(GAPS, patients=tuple(patients)))).months[0].arms
    before = analyse_missing_visits(Study(GAPS)).months[0].arms
    assert sum(a.died for a in arms.values()) == 1 + sum(a.died for a in before.values())


def test_at_the_tipping_point_the_interval_would_end_at_zero(found: MissingVisits) -> None:
    one = at(found, 4.0)
    tipping = one.tipping_points["msc"]
    assert isinstance(tipping, TippingPoint)
    assert tipping.shift is not None
    assert tipping.imputed_change is not None
    assert tipping.tipped_change == pytest.approx(tipping.imputed_change + tipping.shift)
    assert isinstance(one.grid, ShiftGrid)
    no_shift = one.grid.shifts_control.index(0.0)
    for shift, row in zip(one.grid.shifts_msc, one.grid.lower, strict=True):
        assert (row[no_shift] > 0) == (shift > tipping.shift)


def test_no_shift_is_the_imputed_comparison_itself(found: MissingVisits) -> None:
    for one in found.months:
        assert isinstance(one.grid, ShiftGrid)
        assert isinstance(one.imputed, Pooled)
        cell = one.grid.shifts_msc.index(0.0), one.grid.shifts_control.index(0.0)
        assert one.grid.difference[cell[0]][cell[1]] == one.imputed.estimate.value


def test_nobody_missed_is_a_fact_and_no_failure() -> None:
    study = Study(COMPLETE, months=(4.0,))
    found = analyse_missing_visits(study)
    one = found.months[0]
    assert (one.n_missing, one.imputed, one.grid) == (0, None, None)
    assert set(one.tipping_points.values()) == {None}
    assert isinstance(one.seen, MeanDifference)
    said = [block.text for block in missing_blocks(found, study) if isinstance(block, Prose)]
    assert "Month 4: nobody with a baseline was missed." in said


def harmed(cohort: Cohort) -> Cohort:
    """The same patients, each in the other arm."""
    other: dict[Arm, Arm] = {"msc": "control", "control": "msc"}
    patients = tuple(replace(p, arm=other[p.arm]) for p in cohort.patients)
    return replace(cohort, patients=patients)


def test_harm_is_tipped_from_its_own_side(found: MissingVisits) -> None:
    one = at(analyse_missing_visits(Study(harmed(GAPS))), 4.0)
    assert isinstance(one.imputed, Pooled)
    assert one.imputed.estimate.upper < 0
    msc, control = one.tipping_points["msc"], at(found, 4.0).tipping_points["control"]
    assert isinstance(msc, TippingPoint)
    assert isinstance(control, TippingPoint)
    assert msc.shift == pytest.approx(control.shift)  # now MSC must do better
    assert msc.farthest_change == pytest.approx(control.farthest_change)
    assert "points better than imputed" in msc.explanation


def test_the_grid_of_harm_reaches_to_where_it_tips() -> None:
    grid = at(analyse_missing_visits(Study(harmed(GAPS))), 4.0).grid
    assert isinstance(grid, ShiftGrid)
    assert max(grid.shifts_msc) == -min(grid.shifts_control) == 12


def test_an_unclear_difference_has_nothing_to_tip() -> None:
    half = {i: replace(p, arm="msc") for i, p in enumerate(GAPS.of_arm("control")[::2])}
    rest = GAPS.of_arm("control")[1::2]
    study = Study(replace(GAPS, patients=(*half.values(), *rest)), months=(4.0,))
    one = analyse_missing_visits(study).months[0]
    assert isinstance(one.imputed, Pooled)
    assert one.imputed.estimate.lower < 0 < one.imputed.estimate.upper
    explained = [t.explanation for t in one.tipping_points.values() if isinstance(t, TippingPoint)]
    assert "The interval includes 0 without any shift: there is nothing to tip." in explained


def test_the_same_seed_imputes_the_same_and_another_does_not() -> None:
    one, again = (at(analyse_missing_visits(Study(GAPS)), 4.0) for _ in range(2))
    other = at(analyse_missing_visits(Study(GAPS, seed=2)), 4.0)
    assert one == again
    assert one.imputed != other.imputed


def test_a_patient_who_returns_makes_the_pattern_not_monotone() -> None:
    patients = list(COMPLETE.patients)
    kept = tuple(visit for visit in patients[5].visits if visit.month != 4)
    patients[5] = replace(patients[5], visits=kept)
    imputed = impute_visits(Study(replace(COMPLETE, patients=tuple(patients))))
    assert not imputed.model.is_monotone
    seen = change_to(COMPLETE.patients[5].visits, 4)
    assert seen is not None
    drawn = imputed.totals[4.0][:, 5] - imputed.baseline[5]
    assert abs(drawn.mean() - seen) < 3 * drawn.std()
    assert drawn.std() < 2  # the visits beside it tell much


def test_few_patients_are_imputed_by_a_smaller_model() -> None:
    few = replace(GAPS, patients=GAPS.of_arm("msc")[:8] + GAPS.of_arm("control")[:8])
    model = analyse_missing_visits(Study(few)).model
    assert isinstance(model, ImputationModel)
    assert model.visits == (4.0, 6.0)


def test_a_month_that_hardly_anybody_was_seen_at_leaves_the_others() -> None:
    gone = leaving(GAPS, dict.fromkeys(range(3, 64), 5.0))
    found = analyse_missing_visits(Study(gone))
    assert isinstance(at(found, 4.0).imputed, Pooled)
    late = at(found, 6.0).imputed
    assert isinstance(late, NotComputed)
    assert "Too few" in late.not_computed


def test_one_arm_has_no_difference_but_its_visits_are_counted() -> None:
    found = analyse_missing_visits(Study(replace(GAPS, patients=GAPS.of_arm("msc"))))
    one = at(found, 4.0)
    assert isinstance(one.imputed, NotComputed)
    assert "of arm control have a baseline" in one.imputed.not_computed
    assert isinstance(one.seen, NotComputed)
    assert "of arm control were seen at month 4" in one.seen.not_computed
    assert one.arms["msc"].missing > 0
    assert one.arms["control"].randomised == 0


def test_missing_lead_ins_are_imputed_before_the_visits() -> None:
    patients = list(GAPS.patients)
    kept = tuple(visit for visit in patients[1].visits if visit.month >= 0)
    patients[1] = replace(patients[1], visits=kept)
    model = analyse_missing_visits(Study(replace(GAPS, patients=tuple(patients)))).model
    assert isinstance(model, ImputationModel)
    assert "lead_in_slope" in model.predictors
    assert model.n_patients == 64

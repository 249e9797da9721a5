import csv
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.contingency import TwoByTwo, chi_square, fisher_p, risk_difference
from data.cohort import Cohort, Patient, Provenance, Survival
from data.outcome import Visit, define_responder, judge
from data.simulate import simulate_cohort
from trial.deaths import DEATHS_UNKNOWN
from trial.definition_counts import Contrast
from trial.definition_sensitivity import (
    DefinitionResult,
    DefinitionSensitivity,
    analyse_definition_sensitivity,
)
from trial.not_computed import NotComputed
from trial.pages.definition_sensitivity import definition_blocks
from trial.responder_rate import responder_rate
from trial.study import Study
from trial.study_rule import study_rule

REFERENCE = Path(__file__).parents[1] / "reference" / "data"


@pytest.fixture(scope="module")
def found() -> DefinitionSensitivity:
    return analyse_definition_sensitivity(Study(simulate_cohort("published", 64, 1)))


def by_name(
    found: DefinitionSensitivity, name: str, least: float, horizon: float
) -> DefinitionResult:
    [one] = [
        one
        for one in found.published
        if (one.definition.name, one.definition.least, one.definition.horizon_months)
        == (name, least, horizon)
    ]
    return one


def read(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_responders_of_the_reference_cohort_are_those_labelled_in_r() -> None:
    visits: dict[str, list[Visit]] = {}
    for row in read("alsfrs_long"):
        visit = Visit(float(row["month"]), float(row["alsfrsr"]))
        visits.setdefault(row["id"], []).append(visit)
    labels = read("alsfrs_slopes_expected")
    patients = tuple(
        Patient(row["id"], row["arm"].lower(), visits=tuple(visits[row["id"]]))  # type: ignore[arg-type]
        for row in labels
    )
    found = analyse_definition_sensitivity(Study(Cohort(patients, Provenance(simulated=True))))
    at_6 = by_name(found, "oh2018", 50, 6)
    for arm in ("msc", "control"):
        good = sum(row["good"] == "1" for row in labels if row["arm"].lower() == arm)
        assert at_6.arms[arm].responders == good


def test_published_definitions_are_all_there_once(found: DefinitionSensitivity) -> None:
    names = [one.definition.name for one in found.published]
    assert names == ["oh2018"] * 6 + ["petrou2016", "berry2019", "cudkowicz2022"]
    assert found.published[0].definition == found.definition


def test_the_grid_has_every_percent_at_every_horizon_seen(found: DefinitionSensitivity) -> None:
    cells = {(one.definition.percent, one.definition.horizon_months) for one in found.grid}
    assert cells == {(p, h) for p in (25.0, 50.0, 75.0, 100.0) for h in (3.0, 4.0, 5.0, 6.0)}


def test_a_stricter_percent_never_makes_more_responders(found: DefinitionSensitivity) -> None:
    for horizon in (3.0, 4.0, 5.0, 6.0):
        row = [one for one in found.grid if one.definition.horizon_months == horizon]
        for arm in ("msc", "control"):
            counts = [one.arms[arm].responders for one in row]
            assert counts == sorted(counts, reverse=True)


def test_contrasts_are_newcombes_with_the_studys_test(found: DefinitionSensitivity) -> None:
    for one in (*found.published, *found.grid):
        msc, control = one.arms["msc"], one.arms["control"]
        table = TwoByTwo(msc.responders, msc.evaluable, control.responders, control.evaluable)
        assert one.evaluable == Contrast(risk_difference(table), *study_rule(table))
        assert (msc.responders_who_died, control.responders_who_died) == (0, 0)
        everybody = TwoByTwo(msc.responders, msc.randomised, control.responders, control.randomised)
        assert one.all_randomised == Contrast(risk_difference(everybody), *study_rule(everybody))


def test_responders_who_died_by_the_horizon_are_none_among_all_randomised() -> None:
    cohort = simulate_cohort("published", 64, 1)
    died = tuple(
        replace(p, survival=Survival(5.0, event=True)) if p.arm == "msc" else p
        for p in cohort.patients
    )
    found = analyse_definition_sensitivity(Study(replace(cohort, patients=died)))
    at_4, at_6 = (by_name(found, "oh2018", 50, month) for month in (4, 6))
    assert at_4.arms["msc"].responders_who_died == 0
    msc, control = at_6.arms["msc"], at_6.arms["control"]
    assert msc.responders_who_died == msc.responders > 0
    everybody = TwoByTwo(0, msc.randomised, control.responders, control.randomised)
    assert isinstance(at_6.all_randomised, Contrast)
    assert at_6.all_randomised.difference == risk_difference(everybody)


def test_without_a_survival_time_the_page_says_that_deaths_are_unknown() -> None:
    cohort = simulate_cohort("published", 24, 1)
    bare = tuple(replace(p, survival=None) for p in cohort.patients)
    study = Study(replace(cohort, patients=bare))
    found = analyse_definition_sensitivity(study)
    assert found.published[0].arms["msc"].responders_who_died is None
    assert DEATHS_UNKNOWN.not_computed in str(tuple(definition_blocks(found, study)))


@pytest.mark.parametrize(
    ("table", "test"), [(TwoByTwo(22, 32, 5, 27), "chi_square"), (TwoByTwo(8, 32, 1, 27), "fisher")]
)
def test_the_studys_rule_chooses_fisher_where_a_count_is_small(table: TwoByTwo, test: str) -> None:
    p = fisher_p(table) if test == "fisher" else chi_square(table, corrected=False).p
    assert study_rule(table) == (test, p)


def test_label_changes_count_each_patient_once(found: DefinitionSensitivity) -> None:
    cohort = simulate_cohort("published", 64, 1)
    one = by_name(found, "berry2019", 1.5, 4)
    labels = [
        (judge(p.visits, one.definition).responder, judge(p.visits, found.definition).responder)
        for p in cohort.patients
    ]
    changes = one.label_changes
    assert changes.gained == labels.count((True, False))
    assert changes.lost == labels.count((False, True))
    assert changes.newly_evaluable == sum(b is None and a is not None for a, b in labels)
    assert changes.no_longer_evaluable == sum(a is None and b is not None for a, b in labels)
    assert changes.evaluable_by_both == sum(None not in pair for pair in labels)


def test_the_reports_own_definition_changes_no_label(found: DefinitionSensitivity) -> None:
    changes = found.published[0].label_changes
    assert (changes.gained, changes.lost) == (0, 0)
    assert (changes.newly_evaluable, changes.no_longer_evaluable) == (0, 0)


def test_curves_pass_through_the_counts_of_the_definitions(found: DefinitionSensitivity) -> None:
    for curve in found.curves:
        shares = dict(zip(curve.thresholds, curve.shares, strict=True))
        assert list(curve.shares) == sorted(curve.shares, reverse=True)
        for percent in (50.0, 75.0, 100.0):
            arm = by_name(found, "oh2018", percent, curve.horizon_months).arms[curve.arm]
            assert shares[percent] == pytest.approx(arm.responders / arm.evaluable)


def test_one_arm_is_counted_but_not_compared() -> None:
    cohort = simulate_cohort("published", 64, 1)
    alone = analyse_definition_sensitivity(Study(replace(cohort, patients=cohort.of_arm("msc"))))
    first = alone.published[0]
    assert first.arms["msc"].evaluable > 0
    assert isinstance(first.evaluable, NotComputed)
    assert "control" in first.evaluable.not_computed


def test_a_horizon_beyond_the_last_visit_says_where_the_visits_end() -> None:
    found = analyse_definition_sensitivity(Study(simulate_cohort("published", 64, 1)))
    assert by_name(found, "cudkowicz2022", 1.25, 6.5).last_month == 6.0


def test_reasons_why_nobody_can_be_judged_are_counted() -> None:
    flat = [Visit(-1, 40), Visit(0, 40), Visit(4, 38)]
    outcomes = [judge(flat, define_responder()), judge(flat[:1], define_responder())]
    counted = responder_rate(
        [*outcomes, judge([Visit(-1, 41), *flat[1:]], define_responder())], 0.95
    )
    assert counted.not_evaluable == {
        "lead_in_slope_not_negative": 1,
        "too_few_lead_in_visits": 1,
    }
    assert (counted.responders, counted.evaluable) == (1, 1)

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.cox import Cox
from analysis.kaplan_meier import INTERVALS, SurvivalAt
from analysis.log_rank import LogRank
from charts.report import Notice, Page
from charts.table import Table
from data.cohort import Arm, Cohort, Patient, Provenance, Survival
from trial.not_computed import NotComputed
from trial.pages.survival import survival_page
from trial.results import plain
from trial.study import Study
from trial.survival import SurvivalResults, analyse_survival
from trial.survival_comparison import SurvivalComparison

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "expected" / "03_survival.json").read_text())["surv64_arm"]

Row = tuple[Arm, float, bool]
BOTH: list[Row] = [("msc", 3, True), ("msc", 9, False), ("control", 5, True), ("control", 7, True)]


def study_of(rows: list[Row], **settings: Any) -> Study:
    patients = tuple(
        Patient(f"P{index}", arm, survival=Survival(months, event))
        for index, (arm, months, event) in enumerate(rows)
    )
    return Study(Cohort(patients, Provenance(simulated=True)), **settings)


def surv64() -> Study:
    rows = csv.DictReader((REFERENCE / "data" / "surv64.csv").read_text().splitlines())
    return study_of([(r["arm"], float(r["time"]), r["event"] == "1") for r in rows])  # type: ignore[misc]


def analysed(study: Study) -> SurvivalResults:
    results = analyse_survival(study)
    assert isinstance(results, SurvivalResults)
    return results


def compared(results: SurvivalResults) -> SurvivalComparison:
    assert isinstance(results.comparison, SurvivalComparison)
    return results.comparison


def page_of(study: Study) -> Page:
    return survival_page(analyse_survival(study), study)


def notices(page: Page) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, Notice))


def test_arms_are_those_of_r() -> None:
    results = analysed(surv64())
    for place, interval in enumerate(INTERVALS):
        for wanted in R["km_median"][interval.replace("_", "-")]:
            (arm,) = (one for one in results.arms if one.arm == wanted["group"][2:])
            median = arm.medians[place]
            assert (arm.n_patients, arm.n_events) == (wanted["records"], wanted["events"])
            assert (median.interval, median.time) == (interval, wanted["median"])
            assert (median.lower, median.upper) == (wanted["lcl"], wanted["ucl"])


@pytest.mark.parametrize("interval", INTERVALS)
def test_survival_every_year_is_that_of_r(interval: str) -> None:
    results = analysed(surv64())
    found: dict[Any, SurvivalAt] = {
        (arm.arm, at.time, at.interval): at for arm in results.arms for at in arm.at
    }
    for wanted in R["km_at"][interval.replace("_", "-")]:
        at = found[wanted["group"][2:], wanted["time"], interval]
        assert at.survival == pytest.approx(wanted["surv"], abs=1e-8)
        assert (at.lower, at.upper) == pytest.approx((wanted["lcl"], wanted["ucl"]), abs=1e-8)


def test_comparison_of_the_arms_is_that_of_r() -> None:
    found = compared(analysed(surv64()))
    assert isinstance(found.log_rank, LogRank)
    assert found.log_rank.p == pytest.approx(R["logrank"]["p"], abs=1e-8)
    assert isinstance(found.peto_peto, LogRank)
    assert found.peto_peto.p == pytest.approx(R["peto_peto_rho1"]["p"], abs=1e-8)
    assert isinstance(found.cox, Cox)
    limits = [*found.cox.hazard_ratios, *found.cox.lower, *found.cox.upper]
    wanted = [R["cox_efron"]["hr"], *R["cox_efron"]["hr_ci95"]]
    assert limits == pytest.approx(wanted, abs=1e-6)
    assert not isinstance(found.proportional_hazards, NotComputed)
    assert found.proportional_hazards.overall.p == pytest.approx(R["cox_zph_km"]["p"], abs=1e-8)


def test_tau_is_the_smaller_of_the_longest_follow_ups() -> None:
    results = analysed(study_of(BOTH))
    assert results.tau == 7
    difference = compared(results).restricted_mean_difference
    assert not isinstance(difference, NotComputed)
    assert difference.difference.value == pytest.approx((3 + 7) / 2 - (5 + 7) / 2)


def test_the_level_asked_for_is_that_of_every_interval() -> None:
    results = analysed(replace(surv64(), level=0.8))
    found = compared(results)
    assert isinstance(found.cox, Cox)
    assert not isinstance(found.restricted_mean_difference, NotComputed)
    levels = {found.cox.level, found.restricted_mean_difference.difference.level}
    levels |= {median.level for arm in results.arms for median in arm.medians}
    assert levels | {at.level for arm in results.arms for at in arm.at} == {0.8}


def test_results_are_plain_json() -> None:
    written = json.loads(json.dumps(plain(analysed(surv64())), allow_nan=False))
    assert written["arms"][0]["curve"]["survival"][0] < 1
    assert written["comparison"]["cox"]["names"] == ["arm msc"]


def test_the_page_shows_curves_tests_and_effects() -> None:
    page = page_of(surv64())
    assert [figure.name for figure in page.figures()] == ["survival"]
    rows = {table.name: len(table.rows) for table in page.tables()}
    assert rows["survival-tests"] == 6
    assert rows["survival-effects"] == 5
    assert notices(page) == ""


def test_one_arm_has_a_curve_and_no_comparison() -> None:
    page = page_of(study_of([row for row in BOTH if row[0] == "msc"]))
    assert "of arm msc only" in notices(page)
    assert next(table.name for table in page.tables()) == "survival-curves"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(arm, months, False) for arm, months, _ in BOTH], "None of the 4 patients had the event"),
        ([(arm, m, arm == "msc") for arm, m, _ in BOTH], "Cox model, Proportional hazards: not"),
        ([(arm, 4, True) for arm, _, _ in BOTH], "all had the event at once"),
        ([(arm, 0, True) for arm, _, _ in BOTH], "Follow-up of an arm ends at month 0"),
        ([("msc", 3, True), ("control", 5, True)], "Proportional hazards"),
        ([("msc", 3, True), ("control", 2, False)], "all of one group"),
    ],
)
def test_what_cannot_be_compared_is_said_and_the_curves_stand(rows: list[Row], said: str) -> None:
    page = page_of(study_of(rows))
    assert said in notices(page)
    assert len(list(page.figures())) == 1
    assert all(table.rows for table in page.tables() if isinstance(table, Table))


def test_an_arm_without_events_is_named() -> None:
    text = notices(page_of(study_of([(arm, m, arm == "msc") for arm, m, _ in BOTH])))
    assert "Nobody of arm control had the event: its curve stays at 100 %" in text


CROSSING: list[Row] = [
    *(("msc", 1 + n / 10, True) for n in range(12)),
    *(("msc", 40 + n, True) for n in range(20)),
    *(("control", 8 + n, True) for n in range(30)),
]


def test_hazards_that_are_not_proportional_are_said_to_be_so() -> None:
    found = compared(analysed(study_of(CROSSING)))
    assert not isinstance(found.proportional_hazards, NotComputed)
    assert found.proportional_hazards.overall.p < 0.001
    text = notices(page_of(study_of(CROSSING)))
    assert "The hazards are not proportional" in text
    assert "not from the hazard ratio or the log-rank p" in text
    assert "not proportional" not in notices(page_of(surv64()))


def test_a_hazard_ratio_and_means_that_disagree_are_named() -> None:
    """Of all follow-up both favour the treated; of the first 29 months only the ratio does."""
    for longest, disagree in ((59, False), (29, True)):
        rows: list[Row] = [(arm, min(m, longest), m <= longest) for arm, m, _ in CROSSING]
        found = compared(analysed(study_of(rows)))
        assert isinstance(found.cox, Cox)
        assert not isinstance(found.restricted_mean_difference, NotComputed)
        assert found.cox.hazard_ratios[0] < 1
        assert (found.restricted_mean_difference.difference.value < 0) == disagree
        assert ("favours one arm" in notices(page_of(study_of(rows)))) == disagree


LATE: list[Row] = [
    *(("msc", months, True) for months in (3, 6, 9)),
    ("msc", 12, False),
    *(("control", months, True) for months in (15, 20)),
    ("control", 30, False),
]


def test_events_after_tau_give_a_mean_no_precision() -> None:
    results = analysed(study_of(LATE))
    msc, control = results.arms
    assert not isinstance(msc.restricted_mean, NotComputed)
    assert (results.tau, msc.restricted_mean.n_events, control.n_events) == (12, 3, 2)
    reason = "Nobody of arm control had the event before month 12"
    for found in (control.restricted_mean, compared(results).restricted_mean_difference):
        assert isinstance(found, NotComputed)
        assert found.not_computed.startswith(reason)
    text = notices(page_of(study_of(LATE)))
    assert f"{reason}: its curve stays at 100 % so long" in text
    assert f"Difference of restricted means: not computed. {reason}" in text


def test_restricted_means_count_the_events_before_tau() -> None:
    rows: list[Row] = [*LATE, ("control", 5, True)]
    page = page_of(study_of(rows))
    (effects,) = (table for table in page.tables() if table.name == "survival-effects")
    counts = {str(row["measure"]): row["n"] for row in effects.rows}
    assert counts["Restricted mean, Control [months]"] == "4 (1)"
    assert counts["Difference of restricted means, MSC less control [months]"] == "4 (3) v 4 (1)"


def test_patients_without_a_time_are_counted() -> None:
    study = study_of(BOTH)
    more = (*study.cohort.patients, Patient("Q", "control"))
    page = page_of(replace(study, cohort=replace(study.cohort, patients=more)))
    assert "No survival time is known of 1 of 3 of arm control" in notices(page)


def test_no_times_at_all_leave_a_page_that_says_so() -> None:
    page = page_of(Study(Cohort((Patient("P", "msc"),), Provenance(simulated=True))))
    assert notices(page) == "No survival time is known of any patient."


def test_ten_years_are_read_year_by_year_and_fifty_are_not() -> None:
    months = [analysed(study_of([("msc", longest, True)])).months for longest in (120, 600)]
    assert (len(months[0]), months[0][:3]) == (12, (4, 6, 12))
    assert len(months[1]) == 12

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analysis.estimate import Estimate
from data.cohort import Arm, Cohort, Patient, Provenance
from data.outcome import Visit
from data.simulate import simulate_cohort
from trial.arm_comparison import ArmComparison
from trial.efficacy import EfficacyResults, analyse_efficacy
from trial.not_computed import NotComputed
from trial.pages.efficacy import efficacy_page
from trial.participants import analyse_participants
from trial.study import Study

DATA = Path(__file__).parents[1] / "reference" / "data"


@cache
def reference() -> Study:
    """The 64 simulated patients whose numbers R worked out."""
    visits: dict[tuple[str, Arm], list[Visit]] = {}
    for row in csv.DictReader((DATA / "alsfrs_long.csv").read_text().splitlines()):
        arm: Arm = "msc" if row["arm"] == "msc" else "control"
        visit = Visit(float(row["month"]), float(row["alsfrsr"]))
        visits.setdefault((row["id"], arm), []).append(visit)
    patients = (Patient(i, arm, visits=tuple(made)) for (i, arm), made in visits.items())
    return Study(Cohort(tuple(patients), Provenance(simulated=True)))


@cache
def analysed() -> EfficacyResults:
    return analyse_efficacy(reference())


def limits(found: object) -> list[float]:
    assert isinstance(found, Estimate)
    return [found.lower, found.upper]


def comparison(month: float) -> ArmComparison:
    (found,) = (one.comparison for one in analysed().changes if one.month == month)
    return found


@pytest.mark.parametrize("month", [4, 6])
def test_changes_by_student_and_welch_are_those_of_r(
    month: int, expected: Callable[[str], Any]
) -> None:
    wanted, found = expected("05_lmm")[f"change_month_{month}"], comparison(month)
    assert [found.arms["msc"].n, found.arms["control"].n] == [wanted["n_msc"], wanted["n_control"]]
    assert found.arms["msc"].mean == pytest.approx(wanted["mean_msc"], abs=1e-9)
    for method, test in (("student", found.student), ("welch", found.welch)):
        assert not isinstance(test, NotComputed)
        r = wanted[method]
        assert test.difference.value == pytest.approx(wanted["diff"], abs=1e-9)
        assert [test.t, test.df, test.p] == pytest.approx([r["t"], r["df"], r["p"]], rel=1e-9)
        assert limits(test.difference) == pytest.approx(r["ci95"], abs=1e-9)


@pytest.mark.parametrize("month", [4, 6])
def test_changes_adjusted_for_baseline_are_those_of_r(
    month: int, expected: Callable[[str], Any]
) -> None:
    wanted = expected("05_lmm")[f"change_month_{month}"]["ancova"]
    found = comparison(month).adjusted[0].ancova
    assert not isinstance(found, NotComputed)
    test = found.comparison
    assert [test.difference.value, test.standard_error, test.p] == pytest.approx(
        [wanted["estimate"], wanted["se"], wanted["p"]], abs=1e-9
    )
    assert limits(test.difference) == pytest.approx(wanted["ci95"], abs=1e-9)
    for mean, r in zip(
        (found.adjusted_first, found.adjusted_second), wanted["lsmeans"], strict=True
    ):
        assert mean.value == pytest.approx(r["emmean"], abs=1e-9)
        assert limits(mean) == pytest.approx([r["lower.CL"], r["upper.CL"]], abs=1e-9)


def test_slopes_and_labels_of_every_patient_are_those_of_r() -> None:
    rows = csv.DictReader((DATA / "alsfrs_slopes_expected.csv").read_text().splitlines())
    judged = analysed().judged[-1]
    assert judged.definition.horizon_months == 6
    for row, found in zip(rows, judged.patients, strict=True):
        assert found.patient_id == row["id"]
        assert found.lead_in_slope == pytest.approx(float(row["slope_pre"]), abs=1e-10)
        assert found.follow_up_slope == pytest.approx(float(row["slope_post"]), abs=1e-10)
        if found.improvement is not None:
            assert found.improvement == pytest.approx(float(row["improvement_pct"]), abs=1e-8)
        assert bool(found.responder) == (row["good"] == "1")


def test_responders_of_r_are_counted_among_the_evaluable(expected: Callable[[str], Any]) -> None:
    wanted = expected("05_lmm")["responder_counts"]
    (count,) = (
        one
        for one in analysed().responders
        if (one.definition.percent, one.definition.horizon_months) == (50, 6)
    )
    assert count.arms["msc"].responders == wanted["msc_good"]
    assert count.arms["control"].responders == wanted["control_good"]


def test_a_flat_lead_in_is_not_evaluable_whichever_way_it_is_rounded() -> None:
    rows = csv.DictReader((DATA / "alsfrs_slopes_expected.csv").read_text().splitlines())
    flat = [row["id"] for row in rows if float(row["slope_pre"]) > -1e-9]
    found = analysed().judged[-1].not_evaluable["lead_in_slope_not_negative"]
    assert sorted(flat) == sorted(found["msc"] + found["control"])


def test_slope_change_is_the_difference_of_the_slopes_of_those_who_have_both() -> None:
    judged, found = analysed().judged[-1], analysed().slope_changes[-1].comparison
    both = [
        one.follow_up_slope - one.lead_in_slope
        for one in judged.patients
        if one.arm == "msc" and one.follow_up_slope is not None and one.lead_in_slope is not None
    ]
    assert found.arms["msc"].n == len(both)
    assert found.arms["msc"].mean == pytest.approx(sum(both) / len(both))


def test_the_figure_ends_at_the_mean_of_the_table() -> None:
    for one in analysed().mean_changes:
        if one.month in (4, 6):
            summary = comparison(one.month).arms[one.arm]
            assert (one.n, one.mean) == (summary.n, summary.mean)
            assert isinstance(one.interval, Estimate)
            assert one.interval.value == pytest.approx(summary.mean)


def test_exchanging_the_arms_changes_the_sign_only() -> None:
    study = Study(simulate_cohort("published", 24, 5))
    exchanged = tuple(
        replace(p, arm="control" if p.arm == "msc" else "msc") for p in study.cohort.patients
    )
    there = analyse_efficacy(replace(study, cohort=replace(study.cohort, patients=exchanged)))
    for here, back in zip(analyse_efficacy(study).changes, there.changes, strict=True):
        assert not isinstance(here.comparison.welch, NotComputed)
        assert not isinstance(back.comparison.welch, NotComputed)
        assert limits(back.comparison.welch.difference)[::-1] == pytest.approx(
            [-limit for limit in limits(here.comparison.welch.difference)]
        )


def test_the_level_asked_for_is_the_level_of_every_interval() -> None:
    narrow = analyse_efficacy(Study(simulate_cohort("published", 16, 5), level=0.8))
    for one in narrow.changes:
        assert not isinstance(one.comparison.welch, NotComputed)
        assert one.comparison.welch.difference.level == 0.8
    assert all(
        one.interval.level == 0.8
        for one in narrow.mean_changes
        if isinstance(one.interval, Estimate)
    )


def bad(name: str) -> Study:
    """Cohorts that leave something uncomputable."""
    whole = simulate_cohort("published", 14, 2)
    last = {"no follow-up": 0.0, "one later visit": 1.0, "nothing at month 6": 5.0}
    patients = whole.patients
    if name == "one arm":
        patients = whole.of_arm("msc")
    elif name in last:
        patients = tuple(
            replace(p, visits=tuple(v for v in p.visits if v.month <= last[name])) for p in patients
        )
    elif name == "no lead-in":
        patients = tuple(
            replace(p, visits=tuple(v for v in p.visits if v.month >= 0)) for p in patients
        )
    elif name == "one visit each":
        patients = tuple(replace(p, visits=p.visits[3:4]) for p in patients)
    elif name == "all the same":
        course = tuple(Visit(month, 40) for month in (-2, -1, 0, 2, 4, 6))
        patients = tuple(replace(p, visits=course) for p in patients)
    elif name == "two patients":
        patients = (whole.of_arm("msc")[0], whole.of_arm("control")[0])
    else:
        patients = ()
    return Study(Cohort(patients, whole.provenance))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("one arm", "0 of arm control have"),
        ("no follow-up", "Figure 2A is not drawn"),
        (
            "one later visit",
            "computed of: ALSFRS-R change to 4 months [points]; ALSFRS-R change to 6",
        ),
        ("nothing at month 6", "computed of: ALSFRS-R change to 6 months [points]. The arms"),
        ("no lead-in", "fewer than two visits at month 0 or before"),
        ("one visit each", "Figure 2A is not drawn"),
        ("all the same", "within each arm all patients have the same value"),
        ("two patients", "at least 2 patients of each"),
        ("nobody", "no patient of arm msc or control is evaluable"),
    ],
)
def test_what_cannot_be_computed_is_said_and_the_rest_stands(name: str, reason: str) -> None:
    study = bad(name)
    page = efficacy_page(analyse_efficacy(study), study)
    assert reason in str(page)
    assert {"table-3", "responders"} <= {table.name for table in page.tables()}


@pytest.mark.parametrize("name", ["one arm", "all the same", "two patients", "nobody"])
def test_reasons_name_no_argument_of_a_function(name: str) -> None:
    results = analyse_efficacy(bad(name)), analyse_participants(bad(name))
    said = str(results)
    assert "not_computed" in said
    assert not any(word in said for word in ("n_first", "must differ", "pairs are needed"))

from dataclasses import replace

import pytest

from data.cohort import ARMS, Arm, Cohort, Patient, Provenance
from data.measurement import Measurement
from data.outcome import Visit
from data.panel import Panel
from data.simulate import simulate_cohort
from trial.baseline_cytokines import CytokineVariable, baseline_cytokines
from trial.not_computed import NotComputed
from trial.pages.participants import participants_page
from trial.participants import Flow, ParticipantsResults, analyse_participants
from trial.study import Study

LEAD_IN = (Visit(-2, 42), Visit(-1, 41), Visit(0, 40))


def patient(number: int, arm: Arm, *visits: Visit, **facts: object) -> Patient:
    return Patient(f"P-{number}", arm, visits=visits, **facts)  # type: ignore[arg-type]


def study(*patients: Patient) -> Study:
    return Study(Cohort(patients, Provenance(simulated=True)))


def flow(results: ParticipantsResults) -> Flow:
    assert isinstance(results.flow, Flow)
    return results.flow


def text(results: ParticipantsResults, of: Study) -> str:
    return str(participants_page(results, of))


def tnf(number: int, arm: Arm, result: float | None, limit: float | None = None) -> Patient:
    comparator = "none" if limit is None else "<"
    measured = Measurement("TNF", result, comparator, limit, "pg/mL", "")  # type: ignore[arg-type]
    return patient(number, arm, panels=(Panel(0, (measured,)),))


def test_everybody_is_at_one_place_of_each_stage() -> None:
    cohort = simulate_cohort("published", 200, 3)
    found = flow(analyse_participants(Study(cohort)))
    for arm in ARMS:
        n = len(cohort.of_arm(arm))
        assert found.with_baseline[arm] + len(found.without_baseline[arm]) == n
        left = found.full_analysis_set[arm] + len(found.without_later_value[arm])
        assert left == found.with_baseline[arm]
        assert all(visit.seen[arm] + visit.missing[arm] == n for visit in found.visits)


def test_full_analysis_set_needs_a_baseline_and_a_later_value() -> None:
    found = flow(
        analyse_participants(
            study(
                patient(1, "msc", *LEAD_IN, Visit(2, 39)),
                patient(2, "msc", *LEAD_IN),
                patient(3, "msc", Visit(-2, 42), Visit(2, 39)),
                patient(4, "control"),
            )
        )
    )
    assert found.full_analysis_set == {"msc": 1, "control": 0}
    assert found.without_later_value["msc"] == ("P-2",)
    assert found.without_baseline == {"msc": ("P-3",), "control": ("P-4",)}


def test_evaluable_patients_are_counted_by_horizon() -> None:
    late = patient(1, "msc", *LEAD_IN, Visit(5, 39))
    rising = patient(2, "msc", Visit(-2, 40), Visit(0, 41), Visit(2, 41))
    found = flow(analyse_participants(study(late, rising)))
    assert found.evaluable == {4.0: {"msc": 0, "control": 0}, 6.0: {"msc": 1, "control": 0}}


def test_missing_tables_leave_their_parts_out_only() -> None:
    whole = Study(simulate_cohort("published", 20, 1))
    bare = replace(whole, tables=frozenset({"participants"}))
    found = analyse_participants(bare)
    assert isinstance(found.flow, NotComputed)
    assert isinstance(found.cytokines, NotComputed)
    assert [one.name for one in found.numeric] == ["age"]
    assert "There is no table alsfrs_r" in text(found, bare)


@pytest.mark.parametrize("arm", ["msc", "control"])
def test_one_arm_alone_is_described(arm: Arm) -> None:
    whole = simulate_cohort("published", 40, 1)
    alone = Study(Cohort(whole.of_arm(arm), whole.provenance))
    found = analyse_participants(alone)
    assert isinstance(found.numeric[0].standardised_difference, NotComputed)
    assert "nothing in this report compares arms" in text(found, alone)


def test_nobody_at_all_is_a_page_too() -> None:
    nobody = study()
    assert "There is no patient of arm msc" in text(analyse_participants(nobody), nobody)


def test_one_patient_without_any_value_is_a_page_too() -> None:
    alone = study(patient(1, "control"))
    assert "P-1" in text(analyse_participants(alone), alone)


def one_cytokine(*patients: Patient) -> CytokineVariable:
    (found,) = baseline_cytokines(patients, study().analytes)
    return found


def test_a_quartile_that_rests_on_a_censored_value_says_so() -> None:
    below = [tnf(i, "msc", None, 0.7) for i in range(3)]
    found = one_cytokine(*below, *(tnf(i, "msc", float(i)) for i in range(3, 8))).arms["msc"].levels
    assert (found.n, found.n_below) == (8, 3)
    assert found.quartiles is not None
    assert [quartile.bound for quartile in found.quartiles] == ["<", "none", "none"]
    assert found.quartiles[1].value == 3.5


def test_cytokines_that_are_all_censored_have_no_number() -> None:
    found = one_cytokine(*(tnf(i, "msc", None, 0.7) for i in range(4)))
    quartiles = found.arms["msc"].levels.quartiles
    assert quartiles is not None
    assert all((q.value, q.bound) == (0.7, "<") for q in quartiles)
    assert isinstance(found.standardised_difference, NotComputed)


def test_platforms_are_not_pooled() -> None:
    measured = Measurement("TNF", 1.0, "none", None, "pg/mL", "1.0")
    patients = [
        patient(i, "msc", panels=(Panel(0, (replace(measured, platform=name),)),))
        for i, name in enumerate(("milliplex", "msd"))
    ]
    found = baseline_cytokines(patients, study().analytes)
    assert [one.platform for one in found] == ["milliplex", "msd"]
    assert [one.arms["msc"].levels.n for one in found] == [1, 1]


def test_a_panel_after_treatment_is_no_baseline() -> None:
    measured = Measurement("TNF", 1.0, "none", None, "pg/mL", "1.0")
    later = patient(1, "msc", panels=(Panel(1, (measured,)),))
    assert baseline_cytokines([later], study().analytes) == ()


def test_names_and_categories_are_cut_to_what_a_table_can_show() -> None:
    long = [patient(i, "msc", covariates={"n" * 500: "c" * 9000}) for i in range(3)]
    page = participants_page(analyse_participants(study(*long)), study(*long))
    cells = [str(cell) for table in page.tables() for row in table.rows for cell in row.values()]
    assert max(map(len, cells)) < 200

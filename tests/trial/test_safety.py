import csv
import json
from pathlib import Path
from typing import Any

import pytest

from charts.report import Notice, Page, Prose
from data.cohort import ARMS, AdverseEvent, Arm, Cohort, Patient, Provenance
from data.errors import CohortFault
from data.simulate import simulate_cohort
from trial.event_risk import EventRisk, RiskComparison
from trial.not_computed import NotComputed
from trial.pages.safety import safety_page
from trial.results import plain
from trial.safety import SafetyResults, analyse_safety
from trial.study import Study

REFERENCE = Path(__file__).parents[1] / "reference"
ROWS = list(csv.DictReader((REFERENCE / "data" / "ae.csv").read_text().splitlines()))
EXPECTED = json.loads((REFERENCE / "expected" / "08_ae_clustered.json").read_text())["ae"]


def event(term: str, grade: int = 1, *, serious: bool = False, related: bool = False) -> Any:
    return AdverseEvent(term, grade, serious, related)


def study_of(msc: list[list[Any]], control: list[list[Any]]) -> Study:
    patients = tuple(
        Patient(f"{arm}-{index}", arm, adverse_events=tuple(events))
        for arm, of_arm in zip(ARMS, (msc, control), strict=True)
        for index, events in enumerate(of_arm)
    )
    return Study(Cohort(patients, Provenance(simulated=True)))


def published() -> Study:
    """Patients of whom as many have each term as in `ae.csv`."""
    terms = [row for row in ROWS if " AE" not in row["term"]]
    counts = {row["term"]: row for row in ROWS}

    def of_arm(arm: Arm) -> list[list[Any]]:
        n, n_any = (int(counts["Any AE"][f"{arm}_{what}"]) for what in ("N", "n"))
        n_serious = int(counts["Serious AE"][f"{arm}_n"])
        return [
            [event(row["term"]) for row in terms if index < int(row[f"{arm}_n"])]
            + [event("Other", serious=index < n_serious)] * (index < n_any)
            for index in range(n)
        ]

    return study_of(of_arm("msc"), of_arm("control"))


def page_of(study: Study) -> Page:
    return safety_page(analyse_safety(study), study)


def notices(page: Page) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, Notice))


def risk_of(results: SafetyResults, name: str) -> EventRisk:
    risks = (*results.kinds, *(term.risk for term in results.terms))
    (found,) = (risk for risk in risks if risk.name == name)
    return found


@pytest.mark.parametrize("wanted", EXPECTED, ids=[row["term"] for row in EXPECTED])
def test_every_row_is_that_of_r(wanted: dict[str, Any]) -> None:
    named = {"Any AE": "Any adverse event", "Serious AE": "Any serious"}
    risk = risk_of(analyse_safety(published()), named.get(wanted["term"], wanted["term"]))
    found = risk.comparison
    assert isinstance(found, RiskComparison)
    shares = [100 * arm.risk.value for arm in risk.arms if arm.risk is not None]
    assert shares == pytest.approx([wanted["pct_msc"], wanted["pct_control"]], abs=1e-9)
    assert found.fisher_p == pytest.approx(wanted["fisher_p"], abs=1e-9)
    limits = (found.difference.lower, found.difference.upper)
    assert found.difference.value == pytest.approx(wanted["risk_diff"], abs=1e-9)
    assert limits == pytest.approx(wanted["risk_diff_newcombe_ci95"], abs=1e-9)
    assert found.odds_ratio.value == pytest.approx(wanted["cond_or_precise"], abs=1e-8)


def test_patients_are_counted_once_and_events_each_time() -> None:
    results = analyse_safety(study_of([[event("Fever"), event("Fever")], []], [[event("Fever")]]))
    msc, control = risk_of(results, "Fever").arms
    assert (msc.n_patients, msc.n_with, msc.n_events) == (2, 1, 2)
    assert (control.n_patients, control.n_with, control.n_events) == (1, 1, 1)


def test_kinds_are_counted_by_event_not_by_patient() -> None:
    both = [event("Fever", serious=True), event("Rash", 3, related=True)]
    results = analyse_safety(study_of([both], [[]]))
    assert [kind.arms[0].n_with for kind in results.kinds] == [1, 1, 1, 0, 1]
    fever, rash = results.terms
    assert (fever.n_serious["msc"], fever.n_related["msc"], rash.n_severe["msc"]) == (1, 0, 1)


def test_a_patient_stands_once_among_grades_with_the_worst() -> None:
    results = analyse_safety(study_of([[event("Fever", 1), event("Rash", 4)]], [[event("Rash")]]))
    found = {(one.arm, one.grade): (one.n_with_worst, one.n_events) for one in results.grades}
    assert (found["msc", 1], found["msc", 4], found["control", 1]) == ((0, 1), (1, 1), (1, 1))
    assert len(found) == 10


def test_spellings_of_one_term_are_one_term_and_are_named() -> None:
    spelt = ["Back pain", "back  PAIN", " Back pain"]
    study = study_of([[event(term)] for term in spelt], [[]])
    (term,) = analyse_safety(study).terms
    assert (term.risk.name, term.spellings) == ("Back pain", ("Back pain", "back PAIN"))
    assert term.risk.arms[0].n_with == 3
    assert "Back pain = back PAIN" in notices(page_of(study))


def test_terms_that_most_patients_had_come_first() -> None:
    study = study_of([[event("Rash")] * 5, [event("Fever")]], [[event("fever")], [event("Ache")]])
    assert [term.risk.name for term in analyse_safety(study).terms] == ["Fever", "Rash", "Ache"]


def test_several_comparisons_are_not_claimed_to_be_one() -> None:
    text = notices(page_of(published()))
    assert "5 terms are compared without adjustment" in text
    assert "at most about one in twenty" in text


def test_one_term_alone_is_no_several_comparisons() -> None:
    text = notices(page_of(study_of([[event("Fever")], []], [[event("Fever")]])))
    assert "A small p here" in text
    assert "without adjustment" not in text


def test_related_events_of_one_arm_alone_are_counted_and_not_compared() -> None:
    study = study_of([[event("Fever", related=True)], []], [[event("Fever")]])
    results, page = analyse_safety(study), page_of(study)
    for name in ("Any related to treatment", "Any serious and related"):
        assert risk_of(results, name).comparison is None
    assert [arm.n_with for arm in risk_of(results, "Any related to treatment").arms] == [1, 0]
    prose = " ".join(block.text for block in page.blocks if isinstance(block, Prose))
    assert "related to treatment are counted and not compared" in prose
    (figure,) = page.figures()
    assert not [row for row in figure.table.rows if "related" in str(row["event"])]


def test_related_events_of_controls_are_compared() -> None:
    study = study_of([[event("Fever", related=True)]], [[event("Fever", related=True)]])
    found = risk_of(analyse_safety(study), "Any related to treatment").comparison
    assert isinstance(found, RiskComparison)


@pytest.mark.parametrize("arm", ARMS)
def test_one_arm_is_counted_and_not_compared(arm: Arm) -> None:
    with_fever: list[list[Any]] = [[event("Fever")], []]
    study = study_of(with_fever, []) if arm == "msc" else study_of([], with_fever)
    results, page = analyse_safety(study), page_of(study)
    assert isinstance(results.kinds[0].comparison, NotComputed)
    assert sum(one.n_with for one in results.kinds[0].arms) == 1
    assert "so arms are not compared" in notices(page)
    assert list(page.figures()) == []


def test_no_events_leave_a_page_that_says_so() -> None:
    page = page_of(study_of([[], []], [[]]))
    assert notices(page) == (
        "There is no adverse event that could be counted (2 of arm msc and 1 of arm control)."
    )


def test_more_terms_than_the_figure_holds_are_all_in_the_table() -> None:
    many = [event(f"Term {number}") for number in range(30)]
    page = page_of(study_of([many], [[]]))
    (figure,) = page.figures()
    assert "the 20 most frequent of 30 terms" in figure.caption
    by_term = next(table for table in page.tables() if table.name == "adverse-events-by-term")
    assert (len(figure.table.rows), len(by_term.rows)) == (23, 30)


def test_results_are_plain_json() -> None:
    written = json.loads(json.dumps(plain(analyse_safety(published())), allow_nan=False))
    assert written["terms"][1]["risk"]["arms"][0]["risk"]["method"] == "wilson"


def test_arms_are_not_compared_where_rows_are_left_out() -> None:
    cohort = simulate_cohort("published", 64, 1)
    fault = CohortFault("adverse_events.csv", 4, "grade", "not_a_number", "grade must be a number")
    results = analyse_safety(Study(cohort, left_out=(fault,)))
    assert all(isinstance(one.comparison, NotComputed) for one in results.kinds)
    assert all(isinstance(one.risk.comparison, NotComputed) for one in results.terms)
    said = [getattr(block, "text", "") for block in safety_page(results, Study(cohort)).blocks]
    assert any("every count here is too small" in text for text in said)

import json
from dataclasses import replace

import pytest

from charts.report import report_html
from data.errors import CohortFault
from data.simulate import simulate_cohort
from trial.not_computed import NotComputed
from trial.report import PARTS, TrialReport, assemble, report_steps
from trial.results import plain
from trial.study import ALL_TABLES, Study

PARTICIPANT = CohortFault("participants.csv", 4, "arm", "unknown_arm", "arm must be msc or control")
EVENT = CohortFault("Adverse Events.csv", 9, "grade", "grade_range", "grade must be 1 to 5")


def report_of(**study) -> TrialReport:
    asked = Study(simulate_cohort("published", 24, 3), **study)
    return assemble(asked, [make() for _, make in report_steps(asked)])


@pytest.fixture(scope="module")
def whole() -> TrialReport:
    return report_of()


def text_of(made: TrialReport, page: str) -> str:
    return " ".join(
        getattr(block, "text", "") for one in made.report.pages if one.name == page
        for block in one.blocks
    )  # fmt: skip


def test_every_part_has_its_page_and_its_results(whole: TrialReport) -> None:
    names = [part.name for part in PARTS]
    assert [page.name for page in whole.report.pages] == names
    assert set(names) < set(whole.results)


def test_results_are_json_as_they_stand(whole: TrialReport) -> None:
    assert json.loads(json.dumps(whole.results, allow_nan=False)) == whole.results


def test_the_same_cohort_and_seed_give_the_same_report(whole: TrialReport) -> None:
    again = report_of()
    assert again.results == whole.results
    assert report_html(again.report, {}) == report_html(whole.report, {})


def test_file_names_are_unique_and_plain(whole: TrialReport) -> None:
    for page in whole.report.pages:
        tables = [table.name for table in page.tables()]
        charts = [one.file_name(chart) for one in page.figures() for chart in one.charts]
        assert len(set(tables)) == len(tables)
        assert len(set(charts)) == len(charts)
        assert all(name.replace("-", "").replace(".", "").isalnum() for name in tables + charts)


@pytest.mark.parametrize("table", sorted(ALL_TABLES - {"participants"}))
def test_a_missing_table_leaves_its_pages_out_and_the_rest_stands(table: str) -> None:
    made = report_of(tables=ALL_TABLES - {table})
    missing = {part.name for part in PARTS if part.table == table}
    for name in missing:
        assert f"no table {table}" in text_of(made, name)
        assert "not_computed" in made.results[name]
    others = {part.name for part in PARTS} - missing
    assert not any(set(made.results[name]) == {"not_computed"} for name in others)


def test_a_participants_fault_is_named_once_and_said_on_every_page() -> None:
    made = report_of(left_out=(PARTICIPANT,))
    assert "participants.csv row 4, arm" in text_of(made, "participants")
    for page in made.report.pages[1:]:
        assert "own row has a fault (1 fault" in text_of(made, page.name)


def test_faults_are_found_whatever_a_tables_file_is_called() -> None:
    made = report_of(left_out=(EVENT,))
    assert "row 9, grade" in text_of(made, "safety")
    assert "row 9" not in text_of(made, "survival")


def test_a_number_that_stops_one_part_leaves_the_others(monkeypatch) -> None:
    broken = replace(PARTS[1], analyse=lambda study: 1 / 0)
    monkeypatch.setattr("trial.report.PARTS", (PARTS[0], broken, *PARTS[2:]))
    made = report_of()
    assert "could not be computed" in made.results["efficacy"]["not_computed"]
    assert "headline" in made.results["mixed_model"]


def test_reasons_are_collected_once() -> None:
    twice = plain({"a": NotComputed("No."), "b": [NotComputed("No."), NotComputed("Neither.")]})
    made = TrialReport(twice, report_of(tables=frozenset({"participants"})).report)
    assert list(made.not_computed()) == ["No.", "Neither."]

"""The page of cytokines on simulated cohorts, and on cohorts that lack something."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from charts.render import svg
from charts.report import Notice, Page, Prose
from charts.table import Table
from data.cohort import Cohort, Patient
from data.measurement import Measurement
from data.panel import Panel
from data.simulate import simulate_cohort
from trial.before_after import BeforeAfter
from trial.biomarkers import BiomarkersResults, analyse_biomarkers
from trial.pages.biomarkers import biomarkers_page
from trial.study import Study


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate_cohort("published", 64, 1)


@pytest.fixture(scope="module")
def results(cohort: Cohort) -> BiomarkersResults:
    found = analyse_biomarkers(Study(cohort))
    assert isinstance(found, BiomarkersResults)
    return found


@pytest.fixture(scope="module")
def page(cohort: Cohort, results: BiomarkersResults) -> Page:
    return biomarkers_page(results, Study(cohort))


def page_of(study: Study) -> Page:
    return biomarkers_page(analyse_biomarkers(study), study)


def notices(page: Page) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, Notice))


def table(page: Page, name: str) -> Table:
    (found,) = (one for one in page.tables() if one.name == name)
    return found


def with_panels(cohort: Cohort, change: Callable[[Patient], tuple[Panel, ...]]) -> Cohort:
    return replace(cohort, patients=tuple(replace(p, panels=change(p)) for p in cohort.patients))


def with_measured(cohort: Cohort, change: Callable[[Patient, Measurement], Measurement]) -> Cohort:
    def panels(patient: Patient) -> tuple[Panel, ...]:
        return tuple(
            Panel(p.month, tuple(change(patient, m) for m in p.measurements))
            for p in patient.panels
        )

    return with_panels(cohort, panels)


def test_every_name_of_a_table_and_of_a_chart_is_its_own(page: Page) -> None:
    tables = [one.name for one in page.tables()]
    charts = [figure.file_name(chart) for figure in page.figures() for chart in figure.charts]
    assert len(set(tables)) == len(tables)
    assert len(set(charts)) == len(charts)
    assert len(charts) >= 16


def test_every_chart_is_drawn_with_its_title(page: Page) -> None:
    for figure in page.figures():
        for chart in figure.charts:
            assert chart.title.split(":")[0].split(" (")[0] in svg(chart.spec)


def test_roc_curves_are_said_not_to_classify_responders(page: Page) -> None:
    assert "NOT a classifier of responders" in notices(page)
    captions = [figure.caption for figure in page.figures() if "ROC" in figure.title]
    assert len(captions) == 1
    assert captions[0].startswith("It is not a responder classifier")


def test_table_shows_the_ratio_that_was_computed(page: Page, results: BiomarkersResults) -> None:
    arm = results.before_after["msc"]
    assert isinstance(arm, BeforeAfter)
    rows = table(page, "cytokines-msc-month-1-change").rows
    wanted = [one.log.ratio for one in arm.follow_ups[0].analytes.values()]  # type: ignore[union-attr]
    assert [row["ratio"] for row in rows] == wanted


def test_figures_table_holds_every_dot(page: Page) -> None:
    rows = table(page, "cytokines-msc-month-1-figure").rows
    assert len(rows) == 3 * 33
    assert "<0.7" in {row["before"] for row in rows}


def test_both_horizons_have_their_groups_and_correlations(page: Page) -> None:
    names = {one.name for one in page.tables()}
    for month in (4, 6):
        assert f"responders-month-{month}-cytokines" in names
        assert f"responders-month-{month}-co-change-1-difference" in names


def test_significant_in_one_group_only_is_said_to_be_no_difference(page: Page) -> None:
    assert "does not show that the groups differ" in notices(page)


def test_controls_with_panels_stand_apart(cohort: Cohort) -> None:
    def panels(patient: Patient) -> tuple[Panel, ...]:
        first = patient.panels[0]
        return (first, Panel(1.0, first.measurements)) if patient.arm == "control" else ()

    found = page_of(Study(with_panels(cohort, panels)))
    titles = [figure.title for figure in found.figures()]
    assert titles[0] == "Figure 3A. Before and after, Control, second injection (month 1)"
    assert len(titles) == 2
    assert "Not measured in treated patients: TNF, MCP-1, TGF-b1." in notices(found)


def test_several_platforms_are_named(cohort: Cohort) -> None:
    msc = [patient.patient_id for patient in cohort.of_arm("msc")]

    def measured(patient: Patient, found: Measurement) -> Measurement:
        return replace(found, platform="msd") if patient.patient_id in msc[:5] else found

    found = notices(page_of(Study(with_measured(cohort, measured))))
    assert "MCP-1 was measured on several platforms in arm msc (milliplex: 28, msd: 5" in found


def test_constant_levels_say_what_cannot_be_computed(cohort: Cohort) -> None:
    def measured(_: Patient, found: Measurement) -> Measurement:
        return replace(found, value=30.0, comparator="none", limit=None)

    found = page_of(Study(with_measured(cohort, measured)))
    assert "TNF, paired t test of logarithms" in notices(found)
    assert "Good less poor responders (x: change of TGF-b1" in notices(found)
    assert all(svg(chart.spec) for figure in found.figures() for chart in figure.charts)


def test_baselines_alone_are_still_compared_between_groups(cohort: Cohort) -> None:
    found = page_of(Study(with_panels(cohort, lambda patient: patient.panels[:1])))
    assert "No patient of arm msc has a cytokine measured both" in notices(found)
    rows = table(found, "responders-month-4-cytokines").rows
    assert [row["n_good"] for row in rows if row["quantity"] == "baseline"] == [21, 21, 21]


def test_an_empty_group_is_said_once_for_each_horizon(cohort: Cohort) -> None:
    nobody = replace(cohort, patients=tuple(replace(p, visits=()) for p in cohort.of_arm("msc")))
    found = page_of(Study(nobody))
    empty = [b for b in found.blocks if isinstance(b, Notice) and "is empty" in b.text]
    assert len(empty) == 2
    reasons = [b.text for b in found.blocks if isinstance(b, Prose) and "not evaluable" in b.text]
    assert "33 (fewer than two visits at month 0 or before)" in reasons[0]


def test_unknown_responders_leave_the_levels(cohort: Cohort) -> None:
    found = page_of(Study(cohort, tables=frozenset({"participants", "cytokines"})))
    assert "Who responded is not known" in notices(found)
    assert len(list(found.figures())) == 2


def test_no_result_at_all_is_the_whole_page(cohort: Cohort) -> None:
    found = page_of(Study(with_panels(cohort, lambda _: ())))
    assert found.blocks == (Notice("The table cytokines holds no result of any patient."),)

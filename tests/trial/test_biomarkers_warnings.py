"""What the page of cytokines warns of: arms not compared, limits, few patients, deaths."""

from dataclasses import replace

import pytest

from charts.render import svg
from charts.report import Notice, Page, Prose
from charts.table import Table
from data.cohort import Cohort, Patient, Survival
from data.panel import Panel
from data.simulate import simulate_cohort
from trial.biomarkers import BiomarkersResults, analyse_biomarkers
from trial.not_computed import NotComputed
from trial.pages.biomarkers import biomarkers_page
from trial.study import Study


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return simulate_cohort("informative", 64, 1)


@pytest.fixture(scope="module")
def page(cohort: Cohort) -> Page:
    return biomarkers_page(analyse_biomarkers(Study(cohort)), Study(cohort))


@pytest.fixture(scope="module")
def both_arms(cohort: Cohort) -> tuple[BiomarkersResults, Page]:
    """Controls have a second panel, too: that of another control at baseline."""
    controls = cohort.of_arm("control")
    others = {
        one.patient_id: other
        for one, other in zip(controls, (*controls[1:], controls[0]), strict=True)
    }

    def with_second(patient: Patient) -> Patient:
        if patient.arm == "msc":
            return patient
        second = Panel(0.85, others[patient.patient_id].panels[0].measurements)
        return replace(patient, panels=(patient.panels[0], second))

    study = Study(replace(cohort, patients=tuple(map(with_second, cohort.patients))))
    found = analyse_biomarkers(study)
    assert isinstance(found, BiomarkersResults)
    return found, biomarkers_page(found, study)


def texts(page: Page, kind: type[Notice] | type[Prose]) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, kind))


def table(page: Page, name: str) -> Table:
    (found,) = (one for one in page.tables() if one.name == name)
    return found


def test_where_controls_have_panels_the_arms_comparison_leads(
    both_arms: tuple[BiomarkersResults, Page],
) -> None:
    results, page = both_arms
    assert not isinstance(results.changes_by_arm, NotComputed)
    analytes = results.changes_by_arm[0].analytes.values()
    first = next(iter(page.tables()))
    assert first.name == "cytokines-by-arm-month-1-change"
    assert [row["welch"] for row in first.rows] == [one.ratio for one in analytes]
    assert [row["ancova"] for row in first.rows] == [one.ancova_ratio for one in analytes]
    assert "Nothing here separates treatment from time" not in texts(page, Prose)


def test_the_arms_charts_share_their_axis_and_are_drawn(
    both_arms: tuple[BiomarkersResults, Page],
) -> None:
    figure = next(iter(both_arms[1].figures()))
    scales = [chart.spec["layer"][0]["encoding"]["x"]["scale"] for chart in figure.charts]
    assert len(scales) == 2
    assert scales[0] == scales[1]
    assert all(">TGF-b1<" in svg(chart.spec) for chart in figure.charts)


def test_names_of_tables_stay_their_own_with_both_arms(
    both_arms: tuple[BiomarkersResults, Page],
) -> None:
    names = [one.name for one in both_arms[1].tables()]
    assert len(set(names)) == len(names)


def test_where_controls_have_none_nothing_separates_treatment_from_time(page: Page) -> None:
    assert "Nothing here separates treatment from time" in texts(page, Prose)
    assert not any("by-arm" in one.name for one in page.tables())


def test_platforms_that_differ_between_arms_warn_of_the_adjustment(cohort: Cohort) -> None:
    def moved(patient: Patient) -> Patient:
        panels = tuple(
            Panel(month, tuple(replace(m, platform="msd") for m in patient.panels[0].measurements))
            for month in (0.0, 1.0)
        )
        return patient if patient.arm == "msc" else replace(patient, panels=panels)

    study = Study(replace(cohort, patients=tuple(map(moved, cohort.patients))))
    found = texts(biomarkers_page(analyse_biomarkers(study), study), Notice)
    assert "TNF, MCP-1, TGF-b1: the arms together were measured on several platforms" in found


def test_pairs_of_which_no_change_is_seen_are_told_by_group(page: Page) -> None:
    found = texts(page, Notice)
    assert "8 of 21 pairs of good responders, 0 of 11 of poor responders" in found
    assert "ratio 1.31 (0.70 to 2.43) so" in found
    assert "1.01 (0.48 to 2.14) of pairs with a measured baseline" in found
    rows = table(page, "responders-month-4-limits").rows
    assert [row["first_unseen"] for row in rows] == ["8 of 21", "0 of 21"]


def test_limits_hardly_matter_only_to_the_ratio_of_all_treated(page: Page) -> None:
    rows = table(page, "cytokines-msc-month-1-limits").rows
    assert any("it hardly matters to this ratio" in str(row["sentence"]) for row in rows)
    assert "hardly matters" not in texts(page, Notice)


@pytest.mark.parametrize("n", [64, 24])
def test_width_of_an_area_is_that_of_the_patients_at_hand(n: int) -> None:
    study = Study(simulate_cohort("informative", n, 1), months=(4.0,))
    found = analyse_biomarkers(study)
    assert isinstance(found, BiomarkersResults)
    assert not isinstance(found.good_versus_poor, NotComputed)
    n_good, n_poor = found.good_versus_poor[0].n_good, found.good_versus_poor[0].n_poor
    # Hanley and McNeil 1982, equation 1, at an area of .70.
    spread = 0.7 * 0.3 + (n_good - 1) * (0.7 / 1.3 - 0.49) + (n_poor - 1) * (0.98 / 1.7 - 0.49)
    width = f"{1.959964 * (spread / (n_good * n_poor)) ** 0.5:.2f}"
    assert f"an interval of about {width}" in texts(biomarkers_page(found, study), Notice)


def test_good_responders_who_died_are_counted_and_told(cohort: Cohort, page: Page) -> None:
    died = {
        patient.patient_id: replace(patient, survival=Survival(3.0, event=True))
        for patient in cohort.of_arm("msc")
        if patient.outcome(Study(cohort).definition).responder
    }
    dead = tuple(died.get(p.patient_id, p) for p in cohort.patients)
    study = Study(replace(cohort, patients=dead), months=(4.0,))
    found = biomarkers_page(analyse_biomarkers(study), study)
    assert f"{len(died)} of the {len(died)} good responders had died" in texts(found, Notice)
    assert "By then 0 good and 0 poor responders had died" in texts(page, Prose)


def test_deaths_that_are_not_known_are_not_called_none(cohort: Cohort) -> None:
    study = Study(
        replace(cohort, patients=tuple(replace(p, survival=None) for p in cohort.patients))
    )
    found = texts(biomarkers_page(analyse_biomarkers(study), study), Prose)
    assert "Who of them had died by then is not known" in found


def test_a_patient_who_decides_a_correlation_is_named(page: Page) -> None:
    found = texts(page, Notice)
    assert "Differences, as the study: one patient decides" in found
    assert "Correlation in good responders -0.62 (p 0.003), without SIM-020 -0.42" in found


def test_what_the_interval_of_a_correlation_assumes_is_said(page: Page) -> None:
    for what in ("correlation", "difference"):
        assert "bivariate normal" in table(page, f"responders-month-4-co-change-1-{what}").note

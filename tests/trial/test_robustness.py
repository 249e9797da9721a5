import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from charts.chart import Figure
from charts.render import svg
from charts.report import Notice, Page
from data.cohort import Cohort
from data.outcome import Visit, define_responder
from data.simulate import simulate_cohort
from trial.pages.robustness import robustness_page
from trial.results import plain
from trial.robustness import analyse_robustness
from trial.study import Study

COHORT = simulate_cohort("published", 64, 4)


def laid_out(study: Study) -> Page:
    """The page, after its numbers went through JSON and its tables through CSV."""
    results = analyse_robustness(study)
    json.dumps(plain(results), allow_nan=False)
    page = robustness_page(results, study)
    names = [table.name for table in page.tables()]
    assert len(names) == len(set(names))
    for table in page.tables():
        n_columns = len(table.csv().splitlines()[0].split(","))
        assert n_columns >= len(table.columns)
    return page


def notices(page: Page) -> str:
    return " ".join(block.text for block in page.blocks if isinstance(block, Notice))


def with_visits(change: Callable[[tuple[Visit, ...]], tuple[Visit, ...]]) -> Cohort:
    patients = tuple(replace(p, visits=change(p.visits)) for p in COHORT.patients)
    return replace(COHORT, patients=patients)


def test_every_chart_of_the_page_can_be_drawn() -> None:
    figures = list(laid_out(Study(COHORT)).figures())
    assert [figure.name for figure in figures] == [
        "regression-to-mean-month-4",
        "regression-to-mean-month-6",
        "responder-definitions",
        "responder-curves",
        "tipping-points",
    ]
    for figure in figures:
        assert isinstance(figure, Figure)
        assert figure.table.rows
        for chart in figure.charts:
            assert svg(chart.spec).startswith("<svg")


def test_the_definitions_own_horizon_is_looked_at_beside_the_months_reported() -> None:
    study = Study(COHORT, definition=define_responder("oh2018", horizon_months=5))
    assert list(analyse_robustness(study).regression_to_mean) == [4.0, 5.0, 6.0]


@pytest.mark.parametrize(
    ("cohort", "said"),
    [
        (replace(COHORT, patients=COHORT.of_arm("msc")), "no patient of arm control"),
        (replace(COHORT, patients=COHORT.of_arm("control")), "no patient of arm msc"),
        (with_visits(lambda visits: ()), "nobody of arm msc or control can be judged"),
        (with_visits(lambda visits: visits[:1]), "three visits at month 0 or before"),
        (with_visits(lambda visits: tuple(v for v in visits if v.month >= 0)), "three visits"),
        (with_visits(lambda visits: tuple(v for v in visits if v.month <= 0)), "month 4"),
        (with_visits(lambda visits: tuple(Visit(v.month, 40) for v in visits)), "no error"),
        (replace(COHORT, patients=COHORT.patients[:1]), "Fewer than two patients of arm"),
        (replace(COHORT, patients=()), "No patient has an ALSFRS-R total at month 0"),
    ],
)
def test_what_cannot_be_computed_is_said_and_the_rest_stands(cohort: Cohort, said: str) -> None:
    page = laid_out(Study(cohort))
    assert said in notices(page)
    assert "Definitions." in " ".join(getattr(block, "text", "") for block in page.blocks)


def test_outcomes_that_the_table_states_are_set_aside_and_it_says_so() -> None:
    stated = tuple(replace(p, responder=bool(i % 2)) for i, p in enumerate(COHORT.patients))
    page = laid_out(Study(replace(COHORT, patients=stated)))
    assert "states outcomes" in notices(page)


def test_the_page_repeats_no_patient() -> None:
    page = laid_out(Study(COHORT))
    text = " ".join(getattr(b, "text", "") for b in page.blocks)
    text += " ".join(table.csv() for table in page.tables())
    assert not [p.patient_id for p in COHORT.patients if p.patient_id in text]

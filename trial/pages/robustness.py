"""The page of robustness: chance improvement, definitions, missing visits."""

from charts.report import Notice, Page
from trial.pages.definition_sensitivity import definition_blocks
from trial.pages.missing_visits import missing_blocks
from trial.pages.regression_to_mean import regression_blocks
from trial.robustness import RobustnessResults
from trial.study import Study


def robustness_page(results: RobustnessResults, study: Study) -> Page:
    """Lay out how robust the result is."""
    stated = (
        Notice(
            "The participants' table states outcomes. They follow from no slope, so this page"
            " judges by ALSFRS-R alone."
        ),
    )
    return Page(
        "robustness",
        "Robustness",
        (
            *(stated if study.cohort.states_outcomes else ()),
            *regression_blocks(results.regression_to_mean, study),
            *definition_blocks(results.definition_sensitivity, study),
            *missing_blocks(results.missing_visits, study),
        ),
    )

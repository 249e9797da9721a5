"""How robust the study's result is: to chance improvement, to definitions, to missing visits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from trial.definition_sensitivity import DefinitionSensitivity, analyse_definition_sensitivity
from trial.missing_visits import MissingVisits, analyse_missing_visits
from trial.regression_to_mean import RegressionToMean, analyse_regression_to_mean
from trial.study import Study


@dataclass(frozen=True, slots=True)
class RobustnessResults:
    """Everything of the robustness page.

    Attributes
    ----------
    regression_to_mean
        By horizon of the report's definition: its own, and each month reported.
    """

    regression_to_mean: Mapping[float, RegressionToMean]
    definition_sensitivity: DefinitionSensitivity
    missing_visits: MissingVisits


def analyse_robustness(study: Study) -> RobustnessResults:
    """Everything of the robustness page."""
    own = study.definition.horizon_months or study.months[0]
    return RobustnessResults(
        {
            horizon: analyse_regression_to_mean(
                study, replace(study.definition, horizon_months=horizon)
            )
            for horizon in sorted({float(own), *study.months})
        },
        analyse_definition_sensitivity(study),
        analyse_missing_visits(study),
    )

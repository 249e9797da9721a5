from collections.abc import Callable

import pytest

from data.cohort import Cohort
from training.card import write_card
from training.run import Trained


@pytest.fixture(scope="module")
def trained(cohort: Cohort, train_quickly: Callable[..., Trained]) -> Trained:
    return train_quickly(cohort, "on_treatment")


def test_the_card_says_simulated_exploratory_and_not_a_medical_device(trained: Trained) -> None:
    card = write_card(trained.manifest, trained.evaluation)
    assert "SIMULATED DATA" in card
    assert "**Exploratory:** 32 patients" in card
    assert "Not a medical device" in card
    assert "not the probability of benefit" in card


def test_the_cards_numbers_are_those_of_the_evaluation(trained: Trained) -> None:
    card = write_card(trained.manifest, trained.evaluation)
    auc = trained.evaluation["auc"]
    row = f"| {auc['value']:.2f} | {auc['lower']:.2f} to {auc['upper']:.2f} |"
    assert f"the whole procedure, out of fold {row}" in card
    controls = trained.evaluation["control_responders"]
    assert f"{controls['k']} of {controls['n']} are responders by the same rule" in card


def test_a_stated_outcome_claims_nothing_about_cells_or_slopes(trained: Trained) -> None:
    stated = {"name": "relapse", "percent": None, "points": None, "horizon_months": None}
    card = write_card(trained.manifest, {**trained.evaluation, "definition": stated})
    assert "of the outcome that the table calls `relapse`" in card
    assert "lead-in slope;" not in card
    assert "stem cells" not in card

from collections.abc import Callable

import pytest

from data.cohort import Cohort
from training.card import write_card
from training.card_evidence import compared
from training.coverage import coverage_sentence
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


def test_the_card_quotes_permutations_optimism_stability_and_coverage(trained: Trained) -> None:
    card = write_card(trained.manifest, trained.evaluation)
    evaluation = trained.evaluation
    assert f"p = {evaluation['permutation']['p']:.2g} (2 permutations" in card
    assert f"corrected {evaluation['optimism']['corrected']['auc']['corrected']:.2f}" in card
    moved = evaluation["stability"]["predictions"]["mean_absolute_difference"]["median"]
    assert f"moves by {moved:.2f}" in card
    assert coverage_sentence(evaluation["n_patients"], "on_treatment") in card


def test_what_was_not_asked_for_is_said_or_left_out(trained: Trained) -> None:
    without = {**trained.evaluation, "permutation": None, "optimism": None}
    card = write_card(trained.manifest, without)
    assert "No permutation test was asked for." in card
    assert "Secondary, by" not in card


def test_names_of_groups_cannot_break_the_card(trained: Trained) -> None:
    (row,) = [r for r in trained.evaluation["subgroups"] if r["group"] == "male"]
    hostile = {**row, "column": "a|b", "group": "<b>x</b> [y](z) `"}
    card = write_card(trained.manifest, {**trained.evaluation, "subgroups": [hostile]})
    (line,) = [line for line in card.splitlines() if line.startswith(r"| a\|b: \<b\>x")]
    assert line.count("|") - line.count(r"\|") == 7
    assert r"\[y\](z) \`" in line


def test_a_stated_outcome_claims_nothing_about_cells_or_slopes(trained: Trained) -> None:
    stated = {"name": "relapse", "percent": None, "points": None, "horizon_months": None}
    card = write_card(trained.manifest, {**trained.evaluation, "definition": stated})
    assert "of the outcome that the table calls `relapse`" in card
    assert "lead-in slope;" not in card
    assert "stem cells" not in card.split("## TRIPOD")[0]


def test_a_difference_that_rounds_to_nothing_has_no_sign() -> None:
    difference = {"value": -0.001, "lower": -0.02, "upper": 0.02}
    (*_, row, _) = compared({"ridge": {"difference": difference, "p": 0.9}})
    assert row == "| ridge | 0.00 | -0.02 to 0.02 | 0.9 |"

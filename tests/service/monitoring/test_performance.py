"""Predictions against outcomes told later: numbers, who counts, what is hidden."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from analysis.auc_interval import auc_interval
from analysis.brier_interval import brier_interval
from analysis.proportions import wilson
from models.performance import calibration
from models.registry import Registry
from service.monitoring.shapes import PerformanceAnswer

EVERY_OTHER = [n % 2 == 0 for n in range(40)]


def answers_of(client: Any, ids: list[str]) -> list[Any]:
    return [client.get(f"/v1/predictions/{prediction_id}").json() for prediction_id in ids]


def counts(value: Any) -> Iterator[int]:
    """Every whole number of an answer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from counts(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


def test_live_numbers_are_those_of_the_analyses(client: Any, look: Any, post: Any, tell: Any):
    ids = post(40)
    tell(ids, EVERY_OTHER)
    answers = answers_of(client, ids)
    score = np.array([answer["score"] for answer in answers])
    probability = np.array([answer["probability"] for answer in answers])
    (part,) = look("performance")["bundles"]
    found, y = part["estimates"], np.array(EVERY_OTHER)
    assert found["auc"]["live"] == auc_interval(score, y, direction="higher_is_case").as_dict()
    assert found["calibration"]["brier"]["live"] == brier_interval(probability, y).as_dict()
    slope = calibration(probability, y)["slope"]
    assert found["calibration"]["slope"]["live"] == pytest.approx(slope)
    called = np.array([answer["responder"] for answer in answers])
    sensitivity = found["operating_point"]["sensitivity"]["live"]
    k = int((called & y).sum())
    assert (sensitivity["lower"], sensitivity["upper"]) == wilson(k, 20)
    assert (part["n_judged"], part["n_cases"], part["n_controls"]) == (40, 20, 20)


def test_training_stands_beside(look: Any, post: Any, tell: Any, linear_registry: Registry) -> None:
    tell(post(40), EVERY_OTHER)
    (part,) = look("performance")["bundles"]
    bundle = linear_registry.read(part["bundle_id"])
    found = part["estimates"]
    assert found["auc"]["training"] == bundle.evaluation["auc"]
    stored = bundle.manifest.operating_point
    point = found["operating_point"]
    assert point["specificity"]["training"] == stored.specificity.model_dump()
    assert found["calibration"]["brier"]["training"] == bundle.evaluation["calibration"]["brier"]


def test_answer_has_the_documented_shape(client: Any, look: Any, post: Any, tell: Any) -> None:
    PerformanceAnswer.model_validate(look("performance"))
    tell(post(40), EVERY_OTHER)
    PerformanceAnswer.model_validate(look("performance"))


def test_scores_that_fail_here_are_said_to_be_worse(client: Any, look: Any, post: Any, tell: Any):
    ids = post(60)
    probability = [answer["probability"] for answer in answers_of(client, ids)]
    tell(ids, (np.array(probability) < np.median(probability)).tolist())
    (part,) = look("performance")["bundles"]
    auc = part["estimates"]["auc"]
    assert (auc["finding"], auc["live"]["value"]) == ("worse", 0.0)
    assert auc["difference"]["upper"] < 0
    assert "not a validation" in auc["sentence"]


@pytest.mark.parametrize("n_cases", [0, 4, 36, 40])
def test_class_below_five_hides_both_classes_and_all_that_rests_on_them(
    look: Any, post: Any, tell: Any, n_cases: int
) -> None:
    tell(post(40), [n < n_cases for n in range(40)])
    (part,) = look("performance")["bundles"]
    assert (part["n_judged"], part["n_cases"], part["n_controls"]) == (40, None, None)
    found = part["estimates"]
    assert (found["roc"], found["auc"]["live"], found["auc"]["finding"]) == (None, None, "too_few")
    assert found["calibration"]["in_the_large"]["live"] is None
    assert found["operating_point"]["sensitivity"]["live"] is None


def test_slope_of_few_is_not_told(look: Any, post: Any, tell: Any) -> None:
    tell(post(16), [n < 6 for n in range(16)])
    (part,) = look("performance")["bundles"]
    found = part["estimates"]["calibration"]
    assert found["observed_over_expected"]["n_cases"] == 6
    assert (found["slope"]["live"], found["without_slope"]) == (None, "too_few")
    assert found["in_the_large"]["live"] is None
    assert part["estimates"]["roc"]["n_patients"] == 16


def test_few_predictions_are_hidden_wherever_they_would_stand(look: Any, post: Any, tell: Any):
    tell(post(4), [True, False, True, False])
    (part,) = look("performance")["bundles"]
    ours = {name: value for name, value in part.items() if name not in ("estimates", "definition")}
    assert not [n for n in counts(ours) if 0 < n < 5]
    assert (part["n_judged"], part["selection"]["mean_probability_judged"]) == (None, None)


def test_each_patient_counts_once_with_the_last_prediction(
    client: Any, look: Any, post: Any, tell: Any
) -> None:
    tell(post(20), [True] * 20)
    tell(post(20, shift=0.1), EVERY_OTHER[:20])
    (part,) = look("performance")["bundles"]
    assert (part["n_judged"], part["n_cases"], part["left_out"]["repeated"]) == (20, 10, 20)


def test_voided_and_superseded_do_not_count_and_erased_do(
    client: Any, look: Any, post: Any, tell: Any, request_body: Any
) -> None:
    ids = post(40)
    tell(ids, EVERY_OTHER)
    for prediction_id in ids[:5]:
        client.ask("POST", f"/v1/predictions/{prediction_id}/void")
    for prediction_id in ids[5:10]:
        client.post("/v1/predictions", request_body | {"supersedes": prediction_id})
    for prediction_id in ids[10:16]:
        client.ask("DELETE", f"/v1/predictions/{prediction_id}/input")
    (part,) = look("performance")["bundles"]
    assert (part["n_judged"], part["n_erased"]) == (30, 6)


def test_panels_of_the_horizon_are_no_predictions(look: Any, post: Any, tell: Any) -> None:
    tell(post(20, follow_up_month=4), EVERY_OTHER[:20])
    (part,) = look("performance")["bundles"]
    assert (part["n_judged"], part["left_out"]["concurrent"]) == (0, 20)
    assert part["estimates"]["auc"]["finding"] == "too_few"


def test_those_still_waiting_stand_beside_the_judged(look: Any, post: Any, tell: Any) -> None:
    ids = post(40)
    tell(ids[:20], EVERY_OTHER[:20])
    (part,) = look("performance")["bundles"]
    assert (part["n_judged"], part["selection"]["n_waiting"]) == (20, 20)
    assert 0 < part["selection"]["mean_probability_waiting"] < 1


def test_bundles_are_not_pooled_and_can_be_asked_for(look: Any, post: Any, tell: Any) -> None:
    tell(post(20), EVERY_OTHER[:20])
    tell(post(20, task="pretreatment", follow_up=None, follow_up_month=None), EVERY_OTHER[:20])
    parts = look("performance")["bundles"]
    assert [part["n_judged"] for part in parts] == [20, 20]
    (other,) = look("performance", "task=on_treatment")["bundles"]
    (one,) = look("performance", f"bundle_id={other['bundle_id']}")["bundles"]
    assert one == other
    assert one in parts
    assert {part["task"] for part in parts} == {"pretreatment", "on_treatment"}


def test_nothing_recorded_is_an_empty_report(look: Any) -> None:
    found = look("performance")
    assert (found["bundles"], found["n_bundles"], found["since"]) == ([], 0, None)


def test_bundle_that_is_gone_leaves_its_counts(client: Any, look: Any, post: Any, tell: Any):
    tell(post(20), EVERY_OTHER[:20])
    (before,) = look("performance")["bundles"]
    client.app.state.champions = type(client.app.state.champions)({})
    client.app.state.registry = Registry(client.app.state.registry.folder / "gone")
    (part,) = look("performance")["bundles"]
    PerformanceAnswer.model_validate(look("performance"))
    assert (part["readable"], part["champion"], part["estimates"]) == (False, False, None)
    assert part["n_judged"] == before["n_judged"]


def test_curve_of_many_has_at_most_201_points_and_both_ends(look: Any, post: Any, tell: Any):
    n = 300
    tell(post(n), [number % 3 == 0 for number in range(n)])
    (part,) = look("performance")["bundles"]
    points = part["estimates"]["roc"]["points"]
    assert len(points) == 201
    assert (points[0]["sensitivity"], points[-1]["sensitivity"]) == (0, 1)


def test_only_the_newest_are_looked_at_and_that_is_said(
    look: Any, post: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.monitoring.performance.MOST_ANSWERS", 10)
    for n, is_cut in ((10, False), (1, True)):
        post(n, prefix=f"{n}")
        report = look("performance")
        (part,) = report["bundles"]
        assert (report["is_cut"], part["selection"]["n_waiting"]) == (is_cut, 10)

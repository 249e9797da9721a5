"""The whole run: same content for same input, whatever the jobs; what the bundle says is true."""

import math
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR
from pathlib import Path

import numpy as np
import pytest

from data.analytes import study_analytes
from data.cohort import Cohort
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task
from models.bundle import read_bundle
from models.classifier import load_classifier
from models.registry import Registry
from training.config import EvaluationConfig, TrainingConfig
from training.run import Trained, _two_digits, train

Train = Callable[..., Trained]


def test_two_runs_and_two_jobs_give_the_same_content(cohort: Cohort, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    config = TrainingConfig(
        evaluation=EvaluationConfig(
            repeats=2,
            bootstrap_linear=30,
            bootstrap_boosted=20,
            permutations=6,
            optimism_bootstrap=6,
        ),
    )
    contents = set()
    for jobs in (1, 2, 1):
        trained = train(
            cohort,
            Task("on_treatment"),
            define_responder(),
            tuple(study_analytes().values()),
            config,
            seed=7,
            now=lambda: datetime.now(UTC),
            jobs=jobs,
        )
        bundle_id = trained.write(tmp_path / str(len(list(tmp_path.iterdir()))))
        (folder,) = tmp_path.glob(f"*/{bundle_id}")
        contents.add(read_bundle(folder).content_sha256)
    assert len(contents) == 1


def test_another_seed_gives_other_content(
    cohort: Cohort, train_quickly: Train, tmp_path: Path
) -> None:
    first = train_quickly(cohort, "pretreatment")
    other = train_quickly(cohort, "pretreatment", seed=2)
    assert first.write(tmp_path)[-12:] != other.write(tmp_path)[-12:]


@pytest.mark.parametrize("task", TASK_NAMES)
def test_evaluation_has_everything_that_others_rely_on(
    linear_registry: Registry, task: str
) -> None:
    evaluation = linear_registry.read(linear_registry.champions()[task]).evaluation
    assert set(evaluation) >= {
        "format", "simulated", "task", "definition", "n_patients", "n_responders",
        "not_evaluable", "control_responders", "chosen", "auc", "candidates", "references",
        "roc", "calibration", "operating_point", "sample_size", "exploratory",
        "exploratory_reason", "procedure_less", "auc_otherwise", "decision_curve", "subgroups",
        "stability", "controls", "permutation", "optimism", "case_mix", "folds",
    }  # fmt: skip
    assert evaluation["simulated"] is True
    assert evaluation["exploratory"] is True
    assert f"where {evaluation['sample_size']['required']} are" in evaluation["exploratory_reason"]
    assert set(evaluation["references"]) == {"prevalence", "lead_in_slope"}


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_drawn_roc_has_the_cross_validated_area(linear_registry: Registry, task: str) -> None:
    evaluation = linear_registry.read(linear_registry.champions()[task]).evaluation
    model = evaluation["roc"][0]
    assert (model["score"], model["points"][0]["threshold"]) == ("model", None)
    x = [1 - point["specificity"] for point in model["points"]]
    y = [point["sensitivity"] for point in model["points"]]
    assert np.trapezoid(y, x) == pytest.approx(evaluation["auc"]["value"], abs=1e-12)


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_two_roc_families_stand_apart_with_their_own_n_and_method(
    linear_registry: Registry, task: str
) -> None:
    curves = linear_registry.read(linear_registry.champions()[task]).evaluation["roc"]
    methods = {(curve["family"], curve["auc"]["method"]) for curve in curves}
    assert methods == {
        ("responder_vs_nonresponder", "corrected_resampled_t"),
        ("responder_vs_nonresponder", "logit_delong"),
        ("pre_vs_post", "obuchowski_logit"),
    }
    before_after = [curve for curve in curves if curve["family"] == "pre_vs_post"]
    assert [curve["score"] for curve in before_after] == ["TNF", "MCP-1", "TGF-b1"]


def test_no_patients_value_or_id_stands_in_a_bundle(
    cohort: Cohort, train_quickly: Train, tmp_path: Path
) -> None:
    bundle_id = train_quickly(cohort, "on_treatment").write(tmp_path)
    folder = tmp_path / bundle_id
    text = "".join(
        (folder / name).read_text() for name in sorted(path.name for path in folder.iterdir())
    )
    assert not [p.patient_id for p in cohort.patients if p.patient_id in text]
    standing_alone = r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])"
    numbers = {float(found) for found in re.findall(standing_alone, text)}
    values = {
        measured.value
        for patient in cohort.of_arm("msc")
        for panel in patient.panels
        for measured in panel.measurements
        if measured.value is not None and len(repr(measured.value)) > 4
    }
    features = {math.log(value) for value in values}
    assert len(values) > 70
    assert not numbers & (values | features)


def test_training_ranges_are_rounded_outwards_to_two_digits() -> None:
    assert _two_digits(514.9, ROUND_FLOOR) == 510
    assert _two_digits(514.9, ROUND_CEILING) == 520
    assert _two_digits(-0.0314, ROUND_FLOOR) == -0.032
    assert _two_digits(0.0, ROUND_CEILING) == 0


def test_a_level_that_has_two_digits_already_is_not_published_either() -> None:
    assert _two_digits(60.0, ROUND_FLOOR) == 59
    assert _two_digits(510.0, ROUND_CEILING) == 520


@pytest.mark.parametrize("family", ["ridge", "elastic_net", "xgboost"])
def test_a_written_bundle_answers_as_the_fit_in_memory(
    cohort: Cohort, train_quickly: Train, tmp_path: Path, family: str
) -> None:
    trained = train_quickly(cohort, "pretreatment", family)
    bundle = read_bundle(tmp_path / trained.write(tmp_path))
    features = np.array([[x if x is not None else np.nan for x in row.features]
                         for row in trained.manifest.golden_rows])  # fmt: skip
    loaded = load_classifier(bundle).estimator
    for found, expected in zip(
        loaded.terms(features), trained.estimator.terms(features), strict=True
    ):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(
        loaded.refit_scores(features), trained.estimator.refit_scores(features)
    )


def test_the_same_content_at_another_time_has_another_id(
    cohort: Cohort, train_quickly: Train, tmp_path: Path
) -> None:
    first = train_quickly(cohort, "pretreatment")
    later = train_quickly(
        cohort, "pretreatment", start=first.manifest.created_at + timedelta(days=1)
    )
    ids = [trained.write(tmp_path) for trained in (first, later)]
    assert ids[0] != ids[1]
    assert ids[0][-12:] == ids[1][-12:]

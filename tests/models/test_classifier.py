import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.analytes import study_analytes
from data.measurement import Measurement, read_measurement
from data.panel import Panel, PanelPair, TaskName
from models.bundle import Bundle
from models.classifier import Classifier, library_version, load_classifier
from models.errors import BundleError
from models.registry import Registry

LEVELS = {"TNF": 1.1, "MCP-1": 512.0, "TGF-b1": 61.0}


def measure(analyte: str, result: Any, platform: str | None = "milliplex") -> Measurement:
    return read_measurement(study_analytes(), analyte, result, unit="pg/mL", platform=platform)


def panel(month: float = 0, platform: str | None = "milliplex", **results: Any) -> Panel:
    """A panel with every analyte; keywords replace results (`MCP1` for MCP-1)."""
    given = {name: results.get(name.replace("-", ""), level) for name, level in LEVELS.items()}
    return Panel(month, tuple(measure(name, result, platform) for name, result in given.items()))


def load(registry: Registry, task: TaskName) -> Classifier:
    return load_classifier(registry.read(registry.champion(task)))


@pytest.fixture
def before(linear_registry: Registry) -> Classifier:
    """The pretreatment champion."""
    return load(linear_registry, "pretreatment")


@pytest.fixture
def during(linear_registry: Registry) -> Classifier:
    """The on-treatment champion."""
    return load(linear_registry, "on_treatment")


def codes(classifier: Classifier, baseline: Panel, follow_up: Panel | None = None) -> list[str]:
    return [fault.code for fault in classifier.faults(baseline, follow_up)]


def flags(classifier: Classifier, baseline: Panel, follow_up: Panel | None = None) -> list[str]:
    pair = PanelPair("P", baseline, follow_up)
    of_cells = [flag.code for flag in classifier.predict_pairs([pair]).cell_flags]
    return of_cells + [flag.code for flag in classifier.pair_flags(pair)]


def test_no_pairs_have_no_answers(champion: Classifier) -> None:
    predictions = champion.predict_pairs([])
    assert predictions.scores.terms.shape == (0, len(champion.features))
    assert predictions.cell_flags == ()


def with_library(bundle: Bundle, name: str, version: str) -> dict[str, str]:
    return bundle.manifest.libraries | {name: version}


def test_other_major_version_of_a_scoring_library_is_refused(
    champion: Classifier, rewritten: Callable[..., Bundle]
) -> None:
    name = "numpy" if champion.bundle.booster is None else "xgboost"
    libraries = with_library(champion.bundle, name, "99.0.0")
    with pytest.raises(BundleError, match=f"major version of {name}"):
        load_classifier(rewritten(champion.bundle, libraries=libraries))


def test_other_minor_version_is_accepted_while_golden_rows_agree(
    champion: Classifier, rewritten: Callable[..., Bundle]
) -> None:
    major = library_version("numpy").split(".")[0]
    libraries = with_library(champion.bundle, "numpy", f"{major}.999.0")
    assert load_classifier(rewritten(champion.bundle, libraries=libraries))


def test_versions_of_training_libraries_do_not_matter(
    champion: Classifier, rewritten: Callable[..., Bundle]
) -> None:
    libraries = with_library(champion.bundle, "scikit-learn", "99.0")
    assert load_classifier(rewritten(champion.bundle, libraries=libraries))


@pytest.mark.parametrize("field", ["score", "lower", "upper"])
def test_golden_row_that_is_off_is_refused(
    champion: Classifier, rewritten: Callable[..., Bundle], field: str
) -> None:
    first, *rest = champion.manifest.golden_rows
    tolerance = 1e-9 if champion.bundle.booster is None else 1e-6
    for factor, refused in ((0.5, False), (2, True)):
        moved = first.model_copy(update={field: getattr(first, field) + factor * tolerance})
        bundle = rewritten(champion.bundle, golden_rows=(moved, *rest))
        if refused:
            with pytest.raises(BundleError, match="golden rows"):
                load_classifier(bundle)
        else:
            load_classifier(bundle)


def test_bundle_without_golden_rows_is_refused(
    champion: Classifier, rewritten: Callable[..., Bundle]
) -> None:
    with pytest.raises(BundleError, match="golden rows"):
        load_classifier(rewritten(champion.bundle, golden_rows=()))


@pytest.mark.parametrize(
    "change", [{"kind": "pickle"}, {"format": 2}, {"refits": {}}, {"refits": 1}]
)
def test_estimator_that_cannot_be_read_is_refused(champion: Classifier, change: Any) -> None:
    bundle = champion.bundle
    estimator = json.loads(json.dumps(dict(bundle.estimator))) | change
    with pytest.raises(BundleError, match="estimator"):
        load_classifier(replace(bundle, estimator=estimator))


def test_responder_is_a_probability_at_or_above_the_threshold(champion: Classifier) -> None:
    levels = np.random.default_rng(1).lognormal(size=(200, 3)) * list(LEVELS.values())
    results = [dict(zip(("TNF", "MCP1", "TGFb1"), row, strict=True)) for row in levels.tolist()]
    pairs = [PanelPair("P", panel(**row), panel(1)) for row in results]
    predictions = champion.predict_pairs(pairs)
    at_or_above = predictions.scores.probability >= champion.threshold
    assert (predictions.responder == at_or_above).all()
    assert len(set(at_or_above.tolist())) == 2


def test_panel_without_any_result_is_refused(before: Classifier) -> None:
    nothing = panel(TNF="NA", MCP1="***", TGFb1=None)
    assert codes(before, nothing) == ["nothing_reported"]
    assert codes(before, panel(TNF="NA", MCP1="***")) == []


def test_missing_result_is_flagged_whether_said_or_left_out(before: Classifier) -> None:
    left_out = Panel(0, tuple(measure(name, LEVELS[name]) for name in ("TNF", "MCP-1")))
    assert flags(before, panel(TGFb1="NA")) == flags(before, left_out) == ["imputed_missing"]


@pytest.mark.parametrize("platform", ["luminex", "Milliplex 2", None])
def test_platform_not_seen_in_training_is_refused_before_treatment(
    before: Classifier, platform: str | None
) -> None:
    assert codes(before, panel(platform=platform)) == ["unknown_platform"] * 3
    assert "milliplex" in before.faults(panel(platform=platform), None)[0].message


def test_platform_not_seen_in_training_is_flagged_on_treatment(during: Classifier) -> None:
    pair = panel(platform="luminex"), panel(1, platform="luminex")
    assert codes(during, *pair) == []
    assert flags(during, *pair) == ["unknown_platform"] * 3


def test_cohort_without_platforms_accepts_any(
    before: Classifier, rewritten: Callable[..., Bundle]
) -> None:
    classifier = load_classifier(rewritten(before.bundle, platforms={}))
    assert codes(classifier, panel(platform="luminex")) == []


def test_on_treatment_needs_the_follow_up(during: Classifier) -> None:
    assert codes(during, panel()) == ["follow_up_missing"]


@pytest.mark.parametrize(
    ("month", "found"),
    [
        (1, []),
        (2, []),
        (2.5, ["outside_follow_up_window"]),
        (4, ["outside_follow_up_window", "concurrent_not_a_prediction"]),
    ],
)
def test_month_of_the_follow_up_is_flagged(
    during: Classifier, month: float, found: list[str]
) -> None:
    assert codes(during, panel(), panel(month)) == []
    assert flags(during, panel(), panel(month)) == found


def test_follow_up_after_the_horizon_is_refused(during: Classifier) -> None:
    assert codes(during, panel(), panel(4.01)) == ["follow_up_after_horizon"]


@pytest.mark.parametrize(("month", "lead"), [(0, 4), (-2, 6), (1, 3), (4, 0)])
def test_lead_is_counted_to_the_horizon(during: Classifier, month: float, lead: float) -> None:
    assert during.lead_months(month) == lead


def test_follow_up_that_pretreatment_does_not_use_is_said(before: Classifier) -> None:
    assert flags(before, panel(), panel(1)) == ["follow_up_not_used"]


def test_pretreatment_answers_the_same_whatever_the_follow_up(before: Classifier) -> None:
    pairs = [PanelPair("P", panel(), follow_up) for follow_up in (None, panel(1, MCP1=9000))]
    scores = before.predict_pairs(pairs).scores
    assert scores.score[0] == scores.score[1]


@pytest.mark.parametrize(
    ("result", "found"),
    [
        ("<0.7", ["below_lloq"]),
        (">400", ["above_uloq", "outside_training_range"]),
        (">0.9", ["above_uloq"]),
        ("*1.2", ["extrapolated"]),
        ("NA", ["imputed_missing"]),
        (450, ["outside_training_range"]),
        ("*450", ["extrapolated", "outside_training_range"]),
        (1.1, []),
    ],
)
def test_each_kind_of_result_has_its_flag(
    before: Classifier, result: Any, found: list[str]
) -> None:
    assert flags(before, panel(TNF=result)) == found


def test_high_tgf_is_flagged_as_possible_blood(before: Classifier) -> None:
    assert "possible_blood_contamination" in flags(before, panel(TGFb1=1500))


def test_flags_point_at_their_row_panel_and_analyte(during: Classifier) -> None:
    pairs = [PanelPair("P", panel(), panel(1)), PanelPair("Q", panel(), panel(1, MCP1="<20"))]
    (flag,) = during.predict_pairs(pairs).cell_flags
    assert (flag.row, flag.panel, during.analytes[flag.analyte].name) == (1, 1, "MCP-1")


def test_training_range_does_not_publish_a_patients_level(before: Classifier, cohort: Any) -> None:
    written = {r.lower for r in before.manifest.training_ranges}
    written |= {r.upper for r in before.manifest.training_ranges}
    levels = {m.value for p in cohort.patients for each in p.panels for m in each.measurements}
    assert not written & {level for level in levels if level and level != float(f"{level:.2g}")}


def test_library_that_is_not_installed_is_named() -> None:
    with pytest.raises(ValueError, match="no-such-library"):
        library_version("no-such-library")


def test_models_never_import_training_libraries() -> None:
    folder = Path(__file__).parents[2] / "models"
    text = "".join(path.read_text() for path in folder.glob("*.py"))
    assert "import sklearn" not in text
    assert "import pandas" not in text

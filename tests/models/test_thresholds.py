import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.canonical import sha256
from models.errors import RegistryError, ThresholdsError
from models.registry import Registry
from models.thresholds import THRESHOLDS, read_thresholds

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def registry(linear_registry: Registry, tmp_path: Path) -> Registry:
    """Both tasks' bundles, nothing promoted."""
    shutil.copytree(linear_registry.bundles, tmp_path / "bundles")
    return Registry(tmp_path)


@pytest.fixture
def candidate(linear_registry: Registry) -> str:
    return linear_registry.champion("on_treatment")


def promote(registry: Registry, bundle_id: str, thresholds: str) -> list[str]:
    """The unmet thresholds, none after a promotion."""
    (registry.folder / THRESHOLDS).write_text(f"[on_treatment]\n{thresholds}\n")
    try:
        registry.promote(bundle_id, by="tests", reason="", now=NOON)
    except ThresholdsError as error:
        assert registry.champions() == {}
        assert registry.history() == []
        return [fault.code for fault in error.faults]
    return []


def evaluated(registry: Registry, bundle_id: str) -> dict[str, float]:
    evaluation = registry.read(bundle_id).evaluation
    n, k = evaluation["n_patients"], evaluation["n_responders"]
    return {
        "auc_lower_at_least": evaluation["auc"]["lower"],
        "permutation_p_at_most": evaluation["permutation"]["p"],
        "patients_at_least": n,
        "responders_at_least": k,
        "non_responders_at_least": n - k,
    }


@pytest.mark.parametrize(
    "name",
    [
        "auc_lower_at_least",
        "permutation_p_at_most",
        "patients_at_least",
        "responders_at_least",
        "non_responders_at_least",
    ],
)
def test_a_number_just_met_is_met_and_just_missed_is_named(
    registry: Registry, candidate: str, name: str
) -> None:
    found = evaluated(registry, candidate)[name]
    step = 1 if isinstance(found, int) else 1e-9
    missed = found - step if name.endswith("at_most") else found + step
    assert promote(registry, candidate, f"{name} = {missed!r}") == [name]
    assert promote(registry, candidate, f"{name} = {found!r}") == []


def test_every_unmet_threshold_is_named_at_once(registry: Registry, candidate: str) -> None:
    asked = "auc_lower_at_least = 1\npermutation_p_at_most = 0\npatients_at_least = 1000"
    unmet = promote(registry, candidate, asked + "\nsimulated_allowed = false")
    assert unmet == [
        "auc_lower_at_least", "patients_at_least", "permutation_p_at_most", "simulated_allowed"
    ]  # fmt: skip


def test_refusal_says_what_was_asked_and_what_was_found(registry: Registry, candidate: str) -> None:
    (registry.folder / THRESHOLDS).write_text("[on_treatment]\npatients_at_least = 1000")
    with pytest.raises(ThresholdsError) as refused:
        registry.promote(candidate, by="tests", reason="", now=NOON)
    found = evaluated(registry, candidate)["patients_at_least"]
    assert str(refused.value) == (
        f"bundle {candidate} is not promoted: promotion.toml asks for "
        f"patients_at_least = 1000, the bundle has {found}"
    )


def test_simulated_and_exploratory_may_be_kept_out(registry: Registry, candidate: str) -> None:
    assert promote(registry, candidate, "exploratory_allowed = false") == ["exploratory_allowed"]
    assert promote(registry, candidate, "simulated_allowed = false") == ["simulated_allowed"]
    assert promote(registry, candidate, "simulated_allowed = true") == []


def test_bundle_without_permutation_test_misses_a_threshold_on_it(
    registry: Registry, candidate: str
) -> None:
    bundle = registry.read(candidate)
    (registry.folder / THRESHOLDS).write_text("[on_treatment]\npermutation_p_at_most = 1.0")
    without = replace(bundle, evaluation={**bundle.evaluation, "permutation": None})
    with pytest.raises(ThresholdsError, match="no permutation test"):
        read_thresholds(registry.folder).check(without)


def test_thresholds_of_the_other_task_are_not_asked(registry: Registry, candidate: str) -> None:
    (registry.folder / THRESHOLDS).write_text("[pretreatment]\nauc_lower_at_least = 1")
    assert registry.promote(candidate, by="tests", reason="", now=NOON).task == "on_treatment"


def test_history_names_the_thresholds_that_were_met(registry: Registry, candidate: str) -> None:
    promote(registry, candidate, "patients_at_least = 5")
    content = (registry.folder / THRESHOLDS).read_bytes()
    assert registry.history()[-1].thresholds_sha256 == sha256(content)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"[on_treatment]\nauc_at_least = 0.5", "on_treatment.auc_at_least"),
        (b"[on_treatment]\nauc_lower_at_least = 1.5", "on_treatment.auc_lower_at_least"),
        (b"[on_treatment]\nauc_lower_at_least = nan", "on_treatment.auc_lower_at_least"),
        (b"[on_treatment]\npatients_at_least = '9'", "on_treatment.patients_at_least"),
        (b"[treatment]", "treatment"),
        (b"on_treatment = 1", "on_treatment"),
        (b"[on_treatment", "not TOML"),
        (b"\xff", "not TOML"),
    ],
)
def test_file_that_sets_no_threshold_stops_every_promotion(
    registry: Registry, candidate: str, content: bytes, named: str
) -> None:
    (registry.folder / THRESHOLDS).write_bytes(content)
    with pytest.raises(RegistryError, match=named):
        registry.promote(candidate, by="tests", reason="", now=NOON)
    assert registry.champions() == {}


def test_rollback_asks_for_no_threshold(registry: Registry, candidate: str, rewritten) -> None:
    promoted = registry.read(candidate)
    later = rewritten(promoted, created_at=promoted.manifest.created_at.replace(year=2027))
    folder = registry.folder / later.bundle_id
    shutil.copytree(folder, registry.bundles / later.bundle_id)
    for bundle_id in (candidate, later.bundle_id):
        registry.promote(bundle_id, by="tests", reason="", now=NOON)
    (registry.folder / THRESHOLDS).write_text("[on_treatment]\npatients_at_least = 1000")
    change = registry.rollback("on_treatment", by="tests", reason="", now=NOON)
    assert (change.bundle_id, change.thresholds_sha256) == (candidate, None)

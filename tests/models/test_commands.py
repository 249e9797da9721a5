"""`csf-responder models ...`, run as a data scientist runs it."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.cohort import Cohort
from models.bundle import read_bundle
from models.classifier import load_classifier
from models.registry import Registry
from models.validation import validate
from models.validation_store import keep_validation

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path, linear_registry: Registry, cohort, train_quickly) -> Registry:
    """A copy with a second pretreatment bundle that is not promoted."""
    shutil.copytree(linear_registry.folder, tmp_path / "registry")
    registry = Registry(tmp_path / "registry")
    first = registry.read(registry.champions()["pretreatment"])
    start = first.manifest.created_at + timedelta(days=1)
    train_quickly(cohort, "pretreatment", start=start).write(registry.bundles)
    return registry


def models(registry: Registry, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "csf_responder", "models", *arguments]
    return subprocess.run(
        command, cwd=registry.folder.parent, capture_output=True, text=True, check=False
    )


def test_list_marks_champions_and_names_damaged_bundles(registry: Registry) -> None:
    damaged = registry.bundles / registry.bundle_ids()[-1] / "card.md"
    damaged.write_text("believe it")
    rows = json.loads(models(registry, "list", "--json").stdout)["bundles"]
    assert [row.get("champion") for row in rows] == [True, True, None]
    assert "card.md" in rows[2]["damaged"]
    shown = models(registry, "list").stdout
    assert all(bundle_id in shown for bundle_id in registry.bundle_ids())


def test_promote_and_rollback_move_the_champion_and_write_history(registry: Registry) -> None:
    old, new = registry.champions()["pretreatment"], registry.bundle_ids()[-1]
    assert models(registry, "promote", new, "--reason", "newer").returncode == 0
    assert registry.champions()["pretreatment"] == new
    assert models(registry, "rollback", "pretreatment").returncode == 0
    assert registry.champions()["pretreatment"] == old
    last = registry.history()[-2:]
    assert [(c.action, c.bundle_id, c.predecessor) for c in last] == [
        ("promotion", new, old), ("rollback", old, new)
    ]  # fmt: skip
    assert last[0].reason == "newer"


def test_show_prints_the_card_and_as_json_everything(registry: Registry) -> None:
    assert "# Responder classifier" in models(registry, "show", "champion:on_treatment").stdout
    shown = json.loads(models(registry, "show", registry.bundle_ids()[0], "--json").stdout)
    assert set(shown) == {"manifest", "evaluation", "validations", "report"}


def test_show_says_where_the_report_is(registry: Registry) -> None:
    bundle_id = registry.bundle_ids()[0]
    assert (registry.bundles / bundle_id / "report.html").is_file()
    report = f"registry/bundles/{bundle_id}/report.html"
    assert f"With charts: {report}\n" in models(registry, "show", bundle_id).stdout
    shown = json.loads(models(registry, "show", bundle_id, "--json").stdout)
    assert shown["report"] == report


def test_validations_stand_under_the_card_and_in_the_list(
    registry: Registry, new_cohort: Cohort
) -> None:
    bundle = registry.bundles / registry.champion("on_treatment")
    validation = validate(load_classifier(read_bundle(bundle)), new_cohort, now=NOON)
    path = keep_validation(bundle, validation)
    assert path is not None
    shown = models(registry, "show", bundle.name).stdout
    assert f"SIMULATED DATA, {validation['verdict']}: {validation['verdict_reason']}" in shown
    listed = models(registry, "list").stdout
    assert max(map(len, listed.splitlines())) <= 80
    assert listed.count(" S E F") == 1
    path.write_bytes(b"{}")
    assert "DAMAGED validation" in models(registry, "show", bundle.name).stdout
    rows = json.loads(models(registry, "list", "--json").stdout)["bundles"]
    assert {row["bundle_id"]: row["validation"] for row in rows}[bundle.name] == "damaged"


def test_a_bundle_may_be_named_by_its_folder(registry: Registry) -> None:
    folder = registry.bundles / registry.bundle_ids()[0]
    assert models(registry, "verify", str(folder)).stdout.strip() == f"Intact: {folder.name}"
    (folder / "card.md").write_text("believe it")
    assert "card.md" in models(registry, "verify", str(folder)).stderr


def test_verify_accepts_an_intact_bundle_and_names_what_changed(registry: Registry) -> None:
    bundle_id = registry.bundle_ids()[0]
    assert models(registry, "verify", bundle_id).stdout.strip() == f"Intact: {bundle_id}"
    path = registry.bundles / bundle_id / "evaluation.json"
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.9", 1))
    refused = models(registry, "verify", bundle_id)
    assert refused.returncode == 1
    assert "evaluation.json" in refused.stderr


@pytest.mark.parametrize("bundle_id", ["../../etc", "20260102T120000Z-000000000000", "champion:x"])
def test_a_bundle_that_is_not_there_is_refused(registry: Registry, bundle_id: str) -> None:
    refused = models(registry, "promote", bundle_id)
    assert refused.returncode == 1
    assert "no bundle with this id" in refused.stderr


def test_nothing_to_roll_back_to_is_one_sentence(registry: Registry) -> None:
    refused = models(registry, "rollback", "on_treatment")
    assert refused.returncode == 1
    assert "nothing to bring back" in refused.stderr


def test_signed_bundles_only_where_a_public_key_is_set(
    registry: Registry, private_key: Path, public_key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CSF_PUBLIC_KEY_FILE", str(public_key_file))
    new = registry.bundle_ids()[-1]
    for command in ("verify", "show", "promote"):
        refused = models(registry, command, new)
        assert refused.returncode == 1
        assert "manifest.sig is missing" in refused.stderr
    assert models(registry, "sign", new, "--key", str(private_key)).stdout == f"Signed: {new}\n"
    for command in ("verify", "show", "promote"):
        assert models(registry, command, new).returncode == 0
    rows = json.loads(models(registry, "list", "--json").stdout)["bundles"]
    assert ["damaged" in row for row in rows] == [True, True, False]


def test_key_that_others_may_read_signs_nothing(registry: Registry, private_key: Path) -> None:
    private_key.chmod(0o644)
    refused = models(registry, "sign", registry.bundle_ids()[-1], "--key", str(private_key))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Refused: others may read or change the private key file")


def test_unmet_thresholds_are_each_named_and_exit_1(registry: Registry) -> None:
    asked = "[pretreatment]\nauc_lower_at_least = 1\npatients_at_least = 1000\n"
    (registry.folder / "promotion.toml").write_text(asked)
    before = registry.champions()
    refused = models(registry, "promote", registry.bundle_ids()[-1], "--json")
    assert refused.returncode == 1
    faults = json.loads(refused.stdout)["faults"]
    assert [fault["code"] for fault in faults] == ["auc_lower_at_least", "patients_at_least"]
    assert registry.champions() == before

import json
import shutil
from pathlib import Path

import pytest

from models.canonical import sha256
from models.errors import RegistryError
from models.registry import Registry
from models.validation_store import keep_validation, read_validation, validations_of


@pytest.fixture
def bundle(linear_registry: Registry, tmp_path: Path) -> Path:
    """A bundle's folder in a registry of its own."""
    bundle_id = linear_registry.champion("on_treatment")
    there = tmp_path / "registry" / "bundles" / bundle_id
    return Path(shutil.copytree(linear_registry.bundles / bundle_id, there))


def validation(bundle: Path, second: int = 0, verdict: str = "confirmed") -> dict:
    at = f"2026-03-04T12:00:{second:02}Z"
    return {
        "format": 1, "bundle_id": bundle.name, "validated_at": at, "simulated": True,
        "verdict": verdict, "verdict_reason": "made up",
    }  # fmt: skip


def test_validations_are_kept_under_time_and_digest_newest_last(bundle: Path) -> None:
    for second in (7, 3):
        path = keep_validation(bundle, validation(bundle, second))
    assert path is not None
    assert path.parent.parent == bundle.parents[1] / "validations" / bundle.name
    kept = validations_of(bundle)
    assert [found.validation_id[:16] for found in kept] == ["20260304T120003Z", "20260304T120007Z"]
    assert kept[1].content == validation(bundle, 7)
    assert path.parent.name == kept[0].validation_id


def test_the_bundle_itself_is_not_touched(bundle: Path) -> None:
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    keep_validation(bundle, validation(bundle))
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
    assert Registry(bundle.parents[1]).bundle_ids() == [bundle.name]


def test_two_of_one_second_are_both_kept_and_the_same_one_once(bundle: Path) -> None:
    for verdict in ("confirmed", "failed", "failed"):
        keep_validation(bundle, validation(bundle, verdict=verdict))
    found = {kept.content["verdict"] for kept in validations_of(bundle) if kept.content}
    assert (len(validations_of(bundle)), found) == (2, {"confirmed", "failed"})


def test_a_changed_byte_is_refused_by_name_and_not_overwritten(bundle: Path) -> None:
    path = keep_validation(bundle, validation(bundle, verdict="failed"))
    assert path is not None
    changed = path.read_bytes().replace(b"failed", b"passed")
    path.write_bytes(changed)
    with pytest.raises(RegistryError, match=r"validation\.json was changed"):
        read_validation(path.parent)
    (kept,) = validations_of(bundle)
    assert (kept.content, kept.problem is not None) == (None, True)
    with pytest.raises(RegistryError, match="was changed"):
        keep_validation(bundle, validation(bundle, verdict="failed"))
    assert path.read_bytes() == changed


def test_a_missing_file_a_link_and_another_bundles_validation_are_refused(bundle: Path) -> None:
    path = keep_validation(bundle, validation(bundle))
    assert path is not None
    other = path.parents[1].with_name("20260102T120000Z-0123456789ab") / path.parent.name
    shutil.copytree(path.parent, other)
    with pytest.raises(RegistryError, match="another format or bundle"):
        read_validation(other)
    moved = path.rename(path.with_name("elsewhere.json"))
    with pytest.raises(RegistryError, match="not a plain file"):
        read_validation(path.parent)
    path.symlink_to(moved)
    with pytest.raises(RegistryError, match="not a plain file"):
        read_validation(path.parent)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff"])
def test_what_is_no_validation_is_named_though_its_digest_fits(
    bundle: Path, content: bytes
) -> None:
    name = f"20260304T120000Z-{sha256(content)[:12]}"
    folder = bundle.parents[1] / "validations" / bundle.name / name
    folder.mkdir(parents=True)
    (folder / "validation.json").write_bytes(content)
    with pytest.raises(RegistryError, match="is no validation"):
        read_validation(folder)


def test_a_bundle_outside_a_registry_has_nowhere_to_keep_it(bundle: Path, tmp_path: Path) -> None:
    alone = bundle.rename(tmp_path / bundle.name)
    assert keep_validation(alone, validation(alone)) is None
    assert validations_of(alone) == []
    assert not list(tmp_path.rglob("validation.json"))


def test_a_validation_of_another_bundle_is_not_kept_here(bundle: Path) -> None:
    stranger = json.loads(json.dumps(validation(bundle))) | {"bundle_id": "20260102T120000Z-ab"}
    with pytest.raises(RegistryError, match="that it is of"):
        keep_validation(bundle, stranger)

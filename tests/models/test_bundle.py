import json
import os
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import models.bundle
from models.bundle import is_bundle_id, read_bundle, write_bundle
from models.bundle_files import MAX_FILE_BYTES
from models.canonical import canonical_json, readable_json, sha256
from models.digests import DIGESTS
from models.errors import BundleError
from models.registry import Registry

FLIPS_PER_FILE = 60
FILES = ("card.md", DIGESTS, "estimator.json", "estimator.ubj", "evaluation.json", "manifest.json")


def restate(folder: Path, **changes: object) -> None:
    """Change entries of `digests.json`, leaving it as this project would write it."""
    stated = json.loads((folder / DIGESTS).read_bytes()) | changes
    del stated["listed_sha256"]
    stated["listed_sha256"] = sha256(canonical_json(stated))
    (folder / DIGESTS).write_bytes(readable_json(stated))


def rewrite(folder: Path, name: str, content: bytes) -> None:
    """Change a file and its digest alike."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / DIGESTS).read_bytes())["files"]
    restate(folder, files=files | {name: sha256(content)})


@pytest.fixture
def no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be parsed."""

    def loads(content: bytes) -> object:
        pytest.fail("parsed before it was verified")

    monkeypatch.setattr(models.bundle, "json", SimpleNamespace(loads=loads))


@pytest.mark.parametrize("name", [name for name in FILES if name != DIGESTS])
@pytest.mark.usefixtures("no_parsing")
def test_changed_byte_is_refused_with_its_file(bundle_copy: Path, name: str) -> None:
    path = bundle_copy / name
    if not path.exists():
        assert name == "estimator.ubj"
        return
    intact = path.read_bytes()
    rng = np.random.default_rng(1)
    offsets = np.linspace(0, len(intact) - 1, FLIPS_PER_FILE).astype(int)
    for number, offset in enumerate(offsets.tolist()):
        changed = bytearray(intact)
        changed[offset] ^= 1 << (number % 8) if number % 2 else int(rng.integers(1, 256))
        path.write_bytes(changed)
        with pytest.raises(BundleError, match=name.replace(".", r"\.")):
            read_bundle(bundle_copy)


def test_every_bit_of_the_digests_counts(bundle_copy: Path) -> None:
    path = bundle_copy / DIGESTS
    intact = path.read_bytes()
    for bit in range(0, 8 * len(intact), 7):
        changed = bytearray(intact)
        changed[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(changed)
        with pytest.raises(BundleError, match=r"digests\.json"):
            read_bundle(bundle_copy)


@pytest.mark.parametrize("name", [name for name in FILES if name != "estimator.ubj"])
def test_cut_or_missing_file_is_refused_with_its_name(bundle_copy: Path, name: str) -> None:
    content = (bundle_copy / name).read_bytes()
    for left in (b"", content[:-1]):
        (bundle_copy / name).write_bytes(left)
        with pytest.raises(BundleError, match=name):
            read_bundle(bundle_copy)
    (bundle_copy / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(bundle_copy)


def test_file_that_does_not_belong_is_refused(bundle_copy: Path) -> None:
    (bundle_copy / "extra.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(BundleError, match=r"extra\.pkl"):
        read_bundle(bundle_copy)


def test_folder_and_symlink_are_not_files_of_a_bundle(bundle_copy: Path, tmp_path: Path) -> None:
    card = bundle_copy / "card.md"
    moved = shutil.move(card, tmp_path / "elsewhere.md")
    card.symlink_to(moved)
    with pytest.raises(BundleError, match=r"card\.md is not a plain file"):
        read_bundle(bundle_copy)
    card.unlink()
    card.mkdir()
    with pytest.raises(BundleError, match=r"card\.md is not a plain file"):
        read_bundle(bundle_copy)


def test_pipe_is_not_waited_for(bundle_copy: Path) -> None:
    (bundle_copy / "card.md").unlink()
    os.mkfifo(bundle_copy / "card.md")
    with pytest.raises(BundleError, match=r"card\.md is not a plain file"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("names", [["odd\nname"], ["\udc80"], [f"{n}.md" for n in range(40)]])
def test_files_that_no_bundle_has_are_refused_unnamed(bundle_copy: Path, names: list[str]) -> None:
    for name in names:
        (bundle_copy / name).write_bytes(b"")
    with pytest.raises(BundleError, match="files in its folder that no bundle has"):
        read_bundle(bundle_copy)


def test_list_of_the_first_release_is_read(bundle_copy: Path) -> None:
    stated = json.loads((bundle_copy / DIGESTS).read_bytes())
    del stated["listed_sha256"]
    (bundle_copy / DIGESTS).write_bytes(readable_json(stated))
    assert read_bundle(bundle_copy).content_sha256 == stated["content_sha256"]


@pytest.mark.parametrize("content", [b"[" + b"[]," * 2_000_001, b"[]", b"NaN", b'{"a": NaN}'])
def test_content_that_no_bundle_has_is_refused(bundle_copy: Path, content: bytes) -> None:
    for name in ("estimator.json", "evaluation.json"):
        rewrite(bundle_copy, name, content)
        with pytest.raises(BundleError, match="format is not one"):
            read_bundle(bundle_copy)


def test_bundle_that_would_not_be_read_is_not_written(
    linear_registry: Registry, tmp_path: Path
) -> None:
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    estimator = {"values": [0] * 4_000_001}
    with pytest.raises(BundleError, match="fewer refits"):
        write_bundle(
            tmp_path, bundle.manifest, evaluation={}, estimator=estimator, booster=None, card=""
        )
    assert list(tmp_path.iterdir()) == []


def test_oversized_file_is_refused_unread(bundle_copy: Path) -> None:
    with (bundle_copy / "card.md").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(BundleError, match=r"card\.md is larger"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("respell", [bytes.strip, lambda b: b.replace(b": ", b":"), bytes.upper])
def test_digests_in_another_spelling_are_refused(
    bundle_copy: Path, respell: Callable[[bytes], bytes]
) -> None:
    path = bundle_copy / DIGESTS
    path.write_bytes(respell(path.read_bytes()))
    with pytest.raises(BundleError, match=r"digests\.json"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("content", ["[]", "null", '{"files":[],"content_sha256":""}', "\udc80"])
def test_digests_with_another_meaning_are_refused(bundle_copy: Path, content: str) -> None:
    (bundle_copy / DIGESTS).write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(BundleError, match=r"digests\.json"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("listed", [["card.md"], "card.md", [["card.md", 1]], {"card.md": None}])
def test_digests_that_are_no_table_are_refused(bundle_copy: Path, listed: object) -> None:
    restate(bundle_copy, files=listed)
    with pytest.raises(BundleError, match=r"digests\.json"):
        read_bundle(bundle_copy)


def test_other_format_number_is_refused(bundle_copy: Path) -> None:
    restate(bundle_copy, format=0)
    with pytest.raises(BundleError, match="format that is not read"):
        read_bundle(bundle_copy)


def test_manifest_of_an_other_format_is_refused(bundle_copy: Path) -> None:
    manifest = json.loads((bundle_copy / "manifest.json").read_bytes()) | {"format": 0}
    rewrite(bundle_copy, "manifest.json", readable_json(manifest))
    with pytest.raises(BundleError, match="format is not one"):
        read_bundle(bundle_copy)


def test_changed_content_with_fitting_digests_does_not_fit_its_id(bundle_copy: Path) -> None:
    evaluation = json.loads((bundle_copy / "evaluation.json").read_bytes())
    evaluation["auc"]["value"] = 0.99
    rewrite(bundle_copy, "evaluation.json", readable_json(evaluation))
    with pytest.raises(BundleError, match="does not fit the content"):
        read_bundle(bundle_copy)


@pytest.mark.parametrize("change", [lambda i: "2020" + i[4:], lambda i: i[:-1] + "0"])
def test_id_that_does_not_fit_the_content_is_refused(
    bundle_copy: Path, change: Callable[[str], str]
) -> None:
    renamed = bundle_copy.rename(bundle_copy.with_name(change(bundle_copy.name)))
    with pytest.raises(BundleError, match="id"):
        read_bundle(renamed)


def test_bundle_in_a_folder_of_another_name_is_read(bundle_copy: Path) -> None:
    exported = bundle_copy.rename(bundle_copy.with_name("exported"))
    assert read_bundle(exported).content_sha256


def test_bundle_reads_back_what_was_written(registry_of_kind: Registry, tmp_path: Path) -> None:
    bundle = registry_of_kind.read(registry_of_kind.champion("on_treatment"))
    again = write_bundle(
        tmp_path,
        bundle.manifest,
        evaluation=bundle.evaluation,
        estimator=bundle.estimator,
        booster=bundle.booster,
        card=bundle.card,
        report=lambda bundle_id: bundle.report or "",
    )
    assert read_bundle(tmp_path / again) == bundle
    assert again == bundle.bundle_id


def test_content_does_not_depend_on_the_time(registry_of_kind: Registry, rewritten) -> None:
    bundle = registry_of_kind.read(registry_of_kind.champion("on_treatment"))
    later = bundle.manifest.created_at + timedelta(days=1)
    copied = rewritten(bundle, created_at=later, duration_seconds=1e6)
    assert copied.content_sha256 == bundle.content_sha256
    assert copied.bundle_id != bundle.bundle_id


def test_id_states_utc_whatever_the_zone(linear_registry: Registry, rewritten) -> None:
    bundle = linear_registry.read(linear_registry.champion("on_treatment"))
    seoul = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=9)))
    assert rewritten(bundle, created_at=seoul).bundle_id.startswith("20260101T180000Z-")
    same = rewritten(bundle, created_at=seoul.astimezone(UTC))
    assert same.bundle_id.startswith("20260101T180000Z-")


@pytest.mark.parametrize(
    "text", ["", "..", "20260102T120000Z-XYZ", "20260102T120000Z-0123456789ab\n", "/etc/passwd"]
)
def test_text_of_another_form_is_no_bundle_id(text: str) -> None:
    assert not is_bundle_id(text)


def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no such folder"):
        read_bundle(tmp_path / "20260102T120000Z-0123456789ab")


def test_no_file_of_a_bundle_is_a_pickle_or_names_a_class_of_ours(bundle_copy: Path) -> None:
    for path in bundle_copy.iterdir():
        content = path.read_bytes()
        assert not content.startswith((b"\x80", b"PK"))
        assert not re.search(rb"\b(models|training|sklearn)\.[a-z_]+", content)

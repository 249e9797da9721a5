"""One classifier as one tamper-evident folder: written whole, read only when every digest fits.

`content_sha256` covers the fitted parameters, the manifest and the evaluation without times:
the same cohort, config and seed give the same. No pickle, no class of ours in any file.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from models.canonical import canonical_json, readable_json, sha256
from models.durable import create_folder
from models.errors import BundleError
from models.manifest import TIMES, Manifest

DIGESTS: Final = "digests.json"
MANIFEST: Final = "manifest.json"
EVALUATION: Final = "evaluation.json"
ESTIMATOR: Final = "estimator.json"
BOOSTER: Final = "estimator.ubj"
CARD: Final = "card.md"
NEEDED: Final = (MANIFEST, EVALUATION, ESTIMATOR, CARD)
MAX_FILE_BYTES: Final = 64 * 2**20
"""No file of a bundle is anywhere near this large; a larger one is refused unread."""

BUNDLE_FORMAT: Final = 1
_BUNDLE_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The verified content of a bundle's folder.

    `estimator` and `evaluation` are parsed JSON, `booster` XGBoost's bytes or None.
    """

    bundle_id: str
    manifest: Manifest
    evaluation: Mapping[str, Any]
    estimator: Mapping[str, Any]
    booster: bytes | None
    card: str
    content_sha256: str


def is_bundle_id(text: str) -> bool:
    """Whether a text has the form of a bundle id: UTC time, dash, 12 digits of the content.

    Examples
    --------
    >>> is_bundle_id("20261122T153000Z-0123456789ab"), is_bundle_id("../etc")
    (True, False)
    """
    return _BUNDLE_ID.fullmatch(text) is not None


def content_sha256(
    manifest: Mapping[str, Any],
    evaluation: Mapping[str, Any],
    estimator: Mapping[str, Any],
    booster: bytes | None,
) -> str:
    """Digest of what a bundle says, whenever it was made."""
    timeless = {key: value for key, value in manifest.items() if key not in TIMES}
    content = {
        "manifest": timeless,
        "evaluation": evaluation,
        "estimator": estimator,
        "booster_sha256": None if booster is None else sha256(booster),
    }
    return sha256(canonical_json(content))


def write_bundle(
    folder: Path,
    manifest: Manifest,
    *,
    evaluation: Mapping[str, Any],
    estimator: Mapping[str, Any],
    booster: bytes | None,
    card: str,
) -> str:
    """Write a bundle below `folder` in one step and give its id.

    Writing the same content again within the same second changes nothing.
    """
    stored_manifest = manifest.model_dump(mode="json")
    content = content_sha256(stored_manifest, evaluation, estimator, booster)
    files = {
        MANIFEST: readable_json(stored_manifest),
        EVALUATION: readable_json(evaluation),
        ESTIMATOR: canonical_json(estimator) + b"\n",
        CARD: card.encode(),
    }
    if booster is not None:
        files[BOOSTER] = booster
    files[DIGESTS] = _digests(files, content)
    bundle_id = _bundle_id(manifest, content)
    if not (folder / bundle_id).exists():
        create_folder(folder / bundle_id, files)
    return bundle_id


def _digests(files: Mapping[str, bytes], content: str) -> bytes:
    digests = {name: sha256(bytes_) for name, bytes_ in files.items()}
    listed = {"format": BUNDLE_FORMAT, "files": digests, "content_sha256": content}
    return readable_json(listed)


def _bundle_id(manifest: Manifest, content: str) -> str:
    return f"{manifest.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{content[:12]}"


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle: all bytes once, digests first, then the same bytes are parsed.

    Raises
    ------
    BundleError
        Naming the file that is missing, too large, changed, unlisted or unreadable.
    """
    bundle_id = folder.name
    files = {name: _read_file(folder, name) for name in _listed_names(folder)}
    content = _verify(bundle_id, files)
    try:
        manifest_json = json.loads(files[MANIFEST])
        evaluation = json.loads(files[EVALUATION])
        estimator = json.loads(files[ESTIMATOR])
        manifest = Manifest.model_validate_json(files[MANIFEST])
        card = files[CARD].decode()
    except (ValueError, ValidationError, RecursionError) as error:
        raise BundleError(bundle_id, "its format is not one that is read here") from error
    booster = files.get(BOOSTER)
    found = content_sha256(manifest_json, evaluation, estimator, booster)
    id_fits = not is_bundle_id(bundle_id) or bundle_id == _bundle_id(manifest, found)
    if found != content or not id_fits:
        raise BundleError(bundle_id, f"{DIGESTS} does not fit the content or the bundle's id")
    return Bundle(bundle_id, manifest, evaluation, estimator, booster, card, content)


def _listed_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise BundleError(folder.name, "no such folder")
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise BundleError(folder.name, f"cannot be read: {error.strerror}") from error


def _read_file(folder: Path, name: str) -> bytes:
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise BundleError(folder.name, f"{name} is not a plain file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BundleError(folder.name, f"{name} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise BundleError(folder.name, f"{name} is larger than any file of a bundle")
    return content


def _verify(bundle_id: str, files: Mapping[str, bytes]) -> str:
    """Check every file against the digests; the content digest that they state."""
    if DIGESTS not in files:
        raise BundleError(bundle_id, f"{DIGESTS} is missing")
    try:
        stated = json.loads(files[DIGESTS])
        digests, content = stated["files"], stated["content_sha256"]
        intact = readable_json(stated) == files[DIGESTS]
        names = set(dict(digests))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BundleError(bundle_id, f"{DIGESTS} is damaged") from error
    if stated.get("format") != BUNDLE_FORMAT:
        raise BundleError(bundle_id, f"{DIGESTS} has a format that is not read here")
    if not intact or not isinstance(content, str):
        raise BundleError(bundle_id, f"{DIGESTS} is damaged")
    for name in sorted(names | set(NEEDED)):
        if name not in files:
            raise BundleError(bundle_id, f"{name} is missing, which {DIGESTS} lists or all have")
        if name not in digests or sha256(files[name]) != digests[name]:
            raise BundleError(bundle_id, f"{name} or its line in {DIGESTS} was changed")
    extra = sorted(set(files) - names - {DIGESTS})
    if extra:
        raise BundleError(bundle_id, f"{extra[0]} does not belong to it: {DIGESTS} lacks it")
    return content

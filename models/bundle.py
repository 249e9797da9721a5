"""One classifier as one tamper-evident folder: written whole, read only when every byte fits.

`content_sha256` covers the fitted parameters, the manifest and the evaluation without times:
the same cohort, config and seed give the same. No pickle, no class of ours in any file.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from models.bundle_files import MAX_FILE_BYTES, read_files
from models.canonical import canonical_json, readable_json, sha256
from models.digests import DIGESTS, check_digests, list_digests
from models.durable import create_folder, replace_file
from models.errors import BundleError
from models.manifest import TIMES, Manifest
from models.signature import SIGNATURE, PublicKeys, sign

MANIFEST: Final = "manifest.json"
EVALUATION: Final = "evaluation.json"
ESTIMATOR: Final = "estimator.json"
BOOSTER: Final = "estimator.ubj"
CARD: Final = "card.md"
REPORT: Final = "report.html"
PARSED: Final = (MANIFEST, EVALUATION, ESTIMATOR)
NEEDED: Final = (*PARSED, CARD)
MAX_VALUES: Final = 4_000_000
"""Of one JSON file, counted by its commas and brackets: some 600 MB at the very worst."""

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
    evaluation_sha256: str
    """Of the file, as `digests.json` has it."""
    report: str | None = None
    """HTML; None of a bundle that was made before there were reports."""


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
    report: Callable[[str], str] | None = None,
) -> str:
    """Write a bundle below `folder` in one step and give its id.

    Writing the same content again within the same second changes nothing.

    Parameters
    ----------
    report
        Makes `report.html` of the bundle's id; like the card, no part of the content's digest.

    Raises
    ------
    BundleError
        It is larger than what `read_bundle` reads.
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
    bundle_id = _bundle_id(manifest, content)
    if report is not None:
        files[REPORT] = report(bundle_id).encode()
    if max(map(len, files.values())) > MAX_FILE_BYTES or _too_many_values(files[ESTIMATOR]):
        raise BundleError(bundle_id, "it would be too large to be read: ask for fewer refits")
    files[DIGESTS] = list_digests(files, content)
    if not (folder / bundle_id).exists():
        create_folder(folder / bundle_id, files)
    return bundle_id


def _bundle_id(manifest: Manifest, content: str) -> str:
    return f"{manifest.created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{content[:12]}"


def read_bundle(folder: Path, public_keys: PublicKeys | None = None) -> Bundle:
    """Read a bundle: all bytes once; signature and digests first, then those bytes are parsed.

    Parameters
    ----------
    public_keys
        One of them must have signed it; left out, signatures are not looked at.

    Raises
    ------
    BundleError
        Naming the file that is missing, too large, changed, unlisted, unsigned or unreadable.
    """
    files = read_files(folder)
    if public_keys is not None:
        _check_signature(folder.name, files, public_keys)
    return _bundle(folder.name, files)


def sign_bundle(folder: Path, private_key_file: Path) -> Bundle:
    """Put `manifest.sig` beside the files of an intact bundle, instead of one that is there.

    Raises
    ------
    BundleError, SigningKeyError
        Nothing is written then.
    """
    files = read_files(folder)
    bundle = _bundle(folder.name, files)
    replace_file(folder / SIGNATURE, sign(files[DIGESTS], private_key_file))
    return bundle


def _check_signature(bundle_id: str, files: Mapping[str, bytes], public_keys: PublicKeys) -> None:
    if SIGNATURE not in files:
        raise BundleError(bundle_id, f"{SIGNATURE} is missing: only signed bundles are used here")
    if not public_keys.accept(files[SIGNATURE], files.get(DIGESTS, b"")):
        problem = f"{SIGNATURE} is not of a key accepted here, or not of this {DIGESTS}"
        raise BundleError(bundle_id, problem)


def _bundle(bundle_id: str, files: Mapping[str, bytes]) -> Bundle:
    """What intact files say; not one is parsed before all are checked."""
    content = check_digests(bundle_id, files, needed=NEEDED, beside={SIGNATURE})
    try:
        manifest_json, evaluation, estimator = (_parse(files[name]) for name in PARSED)
        manifest = Manifest.model_validate_json(files[MANIFEST])
        card = files[CARD].decode()
        report = files[REPORT].decode() if REPORT in files else None
        found = content_sha256(manifest_json, evaluation, estimator, files.get(BOOSTER))
    except (ValueError, ValidationError, RecursionError) as error:
        raise BundleError(bundle_id, "its format is not one that is read here") from error
    id_fits = not is_bundle_id(bundle_id) or bundle_id == _bundle_id(manifest, found)
    if found != content or not id_fits:
        raise BundleError(bundle_id, f"{DIGESTS} does not fit the content or the bundle's id")
    return Bundle(
        bundle_id=bundle_id,
        manifest=manifest,
        evaluation=evaluation,
        estimator=estimator,
        booster=files.get(BOOSTER),
        card=card,
        content_sha256=content,
        evaluation_sha256=sha256(files[EVALUATION]),
        report=report,
    )


def _parse(content: bytes) -> dict[str, Any]:
    """A JSON object of no more values than a bundle has, so that it stays small in memory.

    Raises
    ------
    ValueError
        It is none, or has more.
    """
    if _too_many_values(content):
        raise ValueError("more values than any bundle has")
    parsed = json.loads(content)
    if not isinstance(parsed, dict):
        raise ValueError("an object is needed")
    return parsed


def _too_many_values(content: bytes) -> bool:
    return sum(map(content.count, (b",", b"[", b"{"))) > MAX_VALUES

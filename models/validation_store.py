"""Where validations of a bundle are kept: in its registry, for good, each under its digest.

`REGISTRY/validations/<bundle_id>/<time>-<12 hex of the file's SHA-256>/validation.json`. The
bundle's own folder is not touched: its digests refuse whatever they do not list.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from models.bundle import is_bundle_id
from models.bundle_files import MAX_FILE_BYTES
from models.canonical import readable_json, sha256
from models.durable import create_folder, sync_folder
from models.errors import RegistryError

BUNDLES: Final = "bundles"
VALIDATIONS: Final = "validations"
VALIDATION: Final = "validation.json"
VALIDATION_FORMAT: Final = 1
TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
NEEDED: Final = frozenset({"validated_at", "simulated", "verdict", "verdict_reason"})
"""What every reader of a validation may count on."""


@dataclass(frozen=True, slots=True)
class KeptValidation:
    """One validation as it is kept; `problem` says why `content` is None."""

    validation_id: str
    content: Mapping[str, Any] | None
    problem: str | None = None


def keep_validation(bundle: Path, validation: Mapping[str, Any]) -> Path | None:
    """Write a validation beside its bundle's registry entry and give the file's path.

    Nothing is overwritten; keeping the same validation again changes nothing.

    Parameters
    ----------
    bundle
        The bundle's folder. One that lies in no registry has nowhere to keep it: None.

    Raises
    ------
    RegistryError
        The validation is of another bundle, or a damaged one of its name is there.
    """
    home = _home(bundle)
    if home is None:
        return None
    if validation["bundle_id"] != bundle.name:
        raise RegistryError("a validation is kept with the bundle that it is of")
    content = readable_json(validation)
    at = datetime.strptime(str(validation["validated_at"]), TIME).replace(tzinfo=UTC)
    folder = home / f"{at:%Y%m%dT%H%M%SZ}-{sha256(content)[:12]}"
    if folder.exists():
        read_validation(folder)
    else:
        create_folder(folder, {VALIDATION: content})
        sync_folder(home.parent)
        sync_folder(home.parent.parent)
    return folder / VALIDATION


def validations_of(bundle: Path) -> list[KeptValidation]:
    """All validations of a bundle's folder, newest last; a damaged one says what is wrong."""
    home = _home(bundle)
    if home is None or not home.is_dir():
        return []
    names = sorted(path.name for path in home.iterdir() if is_bundle_id(path.name))
    return [_kept(home / name) for name in names]


def read_validation(folder: Path) -> Mapping[str, Any]:
    """Read a validation whose bytes still fit the name of its folder.

    Raises
    ------
    RegistryError
        They do not, or are none of a validation.
    """
    what = f"validation {folder.name}"
    path = folder / VALIDATION
    if path.is_symlink() or not path.is_file():
        raise RegistryError(f"{what}: {VALIDATION} is not a plain file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise RegistryError(f"{what}: {VALIDATION} cannot be read: {error.strerror}") from error
    if sha256(content)[:12] != folder.name[-12:]:
        raise RegistryError(f"{what}: {VALIDATION} was changed")
    try:
        validation = dict(json.loads(content))
    except (ValueError, TypeError, RecursionError) as error:
        raise RegistryError(f"{what}: {VALIDATION} is no validation") from error
    if not validation.keys() >= NEEDED:
        raise RegistryError(f"{what}: {VALIDATION} is no validation")
    known = validation.get("format") == VALIDATION_FORMAT
    if not known or validation.get("bundle_id") != folder.parent.name:
        raise RegistryError(f"{what}: {VALIDATION} is of another format or bundle")
    return validation


def _home(bundle: Path) -> Path | None:
    """Where a bundle's validations are; None for a folder that is in no registry."""
    if bundle.parent.name != BUNDLES or not is_bundle_id(bundle.name):
        return None
    return bundle.parent.parent / VALIDATIONS / bundle.name


def _kept(folder: Path) -> KeptValidation:
    try:
        return KeptValidation(folder.name, read_validation(folder))
    except RegistryError as error:
        return KeptValidation(folder.name, None, str(error))

"""`cohort.json`: whether a cohort is simulated, and what it is."""

import json
from pathlib import Path
from typing import Any, Final

from data.cohort import Provenance
from data.errors import CohortFault

PROVENANCE_FILE: Final = "cohort.json"
_MAX_BYTES: Final = 64 << 10


def read_provenance(folder: Path, faults: list[CohortFault]) -> Provenance:
    """What the file (its name in any case) states; a cohort without it counts as real."""
    path = next((p for p in sorted(folder.iterdir()) if p.name.lower() == PROVENANCE_FILE), None)
    if path is None:
        return Provenance(simulated=False)
    stated = _stated(path)
    if stated is None:
        message = 'must be a JSON object like {"simulated": false, "description": "..."}'
        faults.append(CohortFault(path.name, None, None, "not_provenance", message))
        return Provenance(simulated=False)
    return stated


def _stated(path: Path) -> Provenance | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        read = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_repeats)
        simulated, description = read["simulated"], read.get("description", "")
        # A lone surrogate, which JSON can spell, cannot be written into a card.
        description.encode()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if isinstance(simulated, bool) and isinstance(description, str) and len(content) <= _MAX_BYTES:
        return Provenance(simulated, description)
    return None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are said once; ValueError where one is repeated."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError
    return dict(pairs)

"""`aliases.json`: the champion of each task, the one file that says what is served."""

import json
from pathlib import Path
from typing import Any, Final

from data.panel import TASK_NAMES, TaskName
from models.bundle import is_bundle_id
from models.canonical import canonical_json
from models.durable import replace_file
from models.errors import RegistryError

ALIASES: Final = "aliases.json"
ALIASES_FORMAT: Final = 1

Champions = dict[TaskName, str]

UNREADABLE_JSON: Final = (ValueError, KeyError, TypeError, RecursionError)
"""What comes of JSON that is none of ours."""


def read_aliases(folder: Path) -> Champions:
    """The champions in a registry's folder; none where there is no alias file.

    Raises
    ------
    RegistryError
        The alias file is damaged.
    """
    try:
        content = (folder / ALIASES).read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RegistryError(f"{ALIASES} cannot be read: {error.strerror}") from error
    try:
        stored = json.loads(content)
        found_format, champions = stored["format"], checked_champions(stored["champion"])
    except UNREADABLE_JSON as error:
        raise RegistryError(
            f"{ALIASES} is damaged; without it the next promotion starts from the history"
        ) from error
    if found_format != ALIASES_FORMAT:
        raise RegistryError(f"{ALIASES} has a format that is not read here")
    return champions


def write_aliases(folder: Path, champions: Champions) -> None:
    """Put other champions in force in one step."""
    stored = {"format": ALIASES_FORMAT, "champion": champions}
    replace_file(folder / ALIASES, canonical_json(stored) + b"\n")


def checked_champions(champions: Any) -> Champions:
    """Champions as they were stored.

    Raises
    ------
    TypeError, ValueError
        They are no table from tasks to bundle ids.
    """
    if not isinstance(champions, dict) or not champions.keys() <= set(TASK_NAMES):
        raise TypeError("champions are a table by task")
    if not all(isinstance(b, str) and is_bundle_id(b) for b in champions.values()):
        raise ValueError("champions are bundle ids")
    return dict(champions)

"""`history.jsonl`: one line for every promotion and rollback, who did it and why, never changed.

A crash while a line is added leaves it without its end; such a line never happened.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from data.panel import TaskName
from models.aliases import UNREADABLE_JSON, Champions, checked_champions
from models.canonical import canonical_json
from models.durable import append_line, replace_file
from models.errors import RegistryError

HISTORY: Final = "history.jsonl"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history.

    `predecessor` is the champion before, None for a task's first; `champions` all champions
    after the change. `evaluation_sha256` is that of the bundle's `evaluation.json`,
    `thresholds_sha256` that of the `promotion.toml` it met (None: none was there, or a
    rollback); lines of release 0.1.0 have neither.
    """

    at: str
    action: Literal["promotion", "rollback"]
    task: TaskName
    bundle_id: str
    predecessor: str | None
    by: str
    reason: str
    champions: Champions
    evaluation_sha256: str | None = None
    thresholds_sha256: str | None = None


def read_history(folder: Path) -> list[Change]:
    """Every promotion and rollback of a registry's folder, oldest first.

    Raises
    ------
    RegistryError
        A line cannot be read.
    """
    try:
        lines = _whole_lines((folder / HISTORY).read_bytes()).splitlines()
        changes = [Change(**json.loads(line)) for line in lines]
        for change in changes:
            checked_champions(change.champions)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RegistryError(f"{HISTORY} cannot be read: {error.strerror}") from error
    except UNREADABLE_JSON as error:
        raise RegistryError(f"{HISTORY} is damaged") from error
    return changes


def write_change(folder: Path, change: Change) -> None:
    """Add a line and wait until it is on disk."""
    append_line(folder / HISTORY, canonical_json(asdict(change)))


def drop_torn_line(folder: Path) -> None:
    """Make room for the next line."""
    path = folder / HISTORY
    content = path.read_bytes() if path.is_file() else b""
    if len(whole := _whole_lines(content)) < len(content):
        replace_file(path, whole)


def predecessor(history: Sequence[Change], task: TaskName, champion: str) -> str:
    """The champion that `champion` replaced when it was promoted.

    Raises
    ------
    RegistryError
        It replaced none.
    """
    for change in reversed(history):
        promoted = (change.task, change.action, change.bundle_id) == (task, "promotion", champion)
        if promoted and change.predecessor not in (None, champion):
            return str(change.predecessor)
    raise RegistryError(f"the champion of {task} replaced no other: there is nothing to bring back")


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]

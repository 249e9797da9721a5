"""Changing champions: one writer at a time, the history first, then the alias file.

What a crash leaves half done is finished by the next writer, so that a change is one step with
its record.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from data.errors import CsfError
from models.aliases import read_aliases, write_aliases
from models.bundle import Bundle
from models.durable import file_lock
from models.errors import RegistryError
from models.history import HISTORY, Change, drop_torn_line, read_history, write_change


@contextmanager
def writing(folder: Path, load: Callable[[str], object]) -> Iterator[None]:
    """One writer at a time, after finishing what a crashed one left.

    Parameters
    ----------
    folder
        The registry's; made where it is not there.
    load
        Refuses the id of a bundle that cannot answer.

    Raises
    ------
    RegistryError
        Others write for too long, a file of the registry is damaged, or the history names a
        bundle that cannot answer: somebody edited it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / ".lock"):
        drop_torn_line(folder)
        _finish_last_change(folder, load)
        yield


def change_champion(
    folder: Path,
    action: Literal["promotion", "rollback"],
    bundle: Bundle,
    *,
    by: str,
    reason: str,
    now: datetime,
    thresholds_sha256: str | None = None,
) -> Change:
    """Make a bundle the champion of its task, within `writing`."""
    champions, task = read_aliases(folder), bundle.manifest.task.name
    change = Change(
        at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        action=action,
        task=task,
        bundle_id=bundle.bundle_id,
        predecessor=champions.get(task),
        by=by,
        reason=reason,
        champions={**champions, task: bundle.bundle_id},
        evaluation_sha256=bundle.evaluation_sha256,
        thresholds_sha256=thresholds_sha256,
    )
    write_change(folder, change)
    write_aliases(folder, change.champions)
    return change


def _finish_last_change(folder: Path, load: Callable[[str], object]) -> None:
    """Bring the alias file to what the history says, if a crash left it behind."""
    history, present = read_history(folder), read_aliases(folder)
    if not history or history[-1].champions == present:
        return
    for bundle_id in set(history[-1].champions.values()) - set(present.values()):
        try:
            load(bundle_id)
        except CsfError as error:
            raise RegistryError(f"{HISTORY} ends with {bundle_id}, not usable: {error}") from error
    write_aliases(folder, history[-1].champions)

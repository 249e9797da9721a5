"""A folder of bundles, the champion of each task, and a written history of who changed it.

The history is written before the alias file: what a crash leaves half done is finished by the
next writer, so that promotion and rollback are one step with its record.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from data.errors import CsfError
from data.panel import TASK_NAMES, TaskName
from models.bundle import MANIFEST, Bundle, is_bundle_id, read_bundle
from models.canonical import canonical_json
from models.classifier import load_classifier
from models.durable import append_line, replace_file
from models.errors import NoChampionError, RegistryError, UnknownBundleError

ALIASES: Final = "aliases.json"
HISTORY: Final = "history.jsonl"
ALIASES_FORMAT: Final = 1

Champions = dict[TaskName, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history.

    `predecessor` is the champion before, None for a task's first; `champions` all champions
    after the change.
    """

    at: str
    action: Literal["promotion", "rollback"]
    task: TaskName
    bundle_id: str
    predecessor: str | None
    by: str
    reason: str
    champions: Champions


class Registry:
    """A registry in a folder; the folder is made by the first write."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise RegistryError(f"the registry {folder} is a file; it must be a folder")
        self.folder = folder
        self.bundles = folder / "bundles"

    def bundle_ids(self) -> list[str]:
        """Ids of all bundles, oldest first."""
        if not self.bundles.is_dir():
            return []
        try:
            names = [path.name for path in self.bundles.iterdir() if _is_own_folder(path)]
        except OSError as error:
            raise RegistryError(f"the bundles cannot be listed: {error.strerror}") from error
        return sorted(name for name in names if is_bundle_id(name))

    def read(self, bundle_id: str) -> Bundle:
        """Read and verify one bundle.

        Raises
        ------
        UnknownBundleError
            There is none with this id.
        BundleError
            It is damaged.
        """
        return read_bundle(self._own_folder(bundle_id))

    def folder_of(self, name: str) -> Path:
        """The folder of the bundle that a person names; it is not read here.

        Parameters
        ----------
        name
            A bundle id, ``champion:TASK``, or the path of a bundle's folder anywhere.

        Raises
        ------
        NoChampionError, UnknownBundleError
            There is none.
        """
        if not is_bundle_id(name) and (Path(name) / MANIFEST).is_file():
            return Path(name).resolve()
        for task in TASK_NAMES:
            if name == f"champion:{task}":
                name = self.champion(task)
        return self._own_folder(name)

    def _own_folder(self, bundle_id: str) -> Path:
        """The folder of a bundle of this registry."""
        if not is_bundle_id(bundle_id) or not _is_own_folder(self.bundles / bundle_id):
            raise UnknownBundleError("no bundle with this id is in the registry")
        return self.bundles / bundle_id

    def champions(self) -> Champions:
        """The promoted bundle of each task that has one.

        Raises
        ------
        RegistryError
            The alias file is damaged.
        """
        path = self.folder / ALIASES
        if not path.is_file():
            return {}
        try:
            stored = json.loads(path.read_bytes())
            found_format, champions = stored["format"], _checked(stored["champion"])
        except _UNREADABLE as error:
            raise RegistryError(
                f"{ALIASES} is damaged; without it the next promotion starts from {HISTORY}"
            ) from error
        if found_format != ALIASES_FORMAT:
            raise RegistryError(f"{ALIASES} has a format that is not read here")
        return champions

    def champion(self, task: TaskName) -> str:
        """The promoted bundle of a task.

        Raises
        ------
        NoChampionError
            None was promoted.
        """
        champions = self.champions()
        if task not in champions:
            raise NoChampionError(task)
        return champions[task]

    def history(self) -> list[Change]:
        """Every promotion and rollback, oldest first.

        Raises
        ------
        RegistryError
            A line of the history cannot be read.
        """
        path = self.folder / HISTORY
        if not path.is_file():
            return []
        try:
            changes = [Change(**json.loads(line)) for line in _whole_lines(path).splitlines()]
            for change in changes:
                _checked(change.champions)
        except _UNREADABLE as error:
            raise RegistryError(f"{HISTORY} is damaged") from error
        return changes

    def promote(self, bundle_id: str, *, by: str, reason: str, now: datetime) -> Change:
        """Make a bundle the champion of its task; it must be one that can answer here.

        Raises
        ------
        UnknownBundleError, BundleError
            Nothing is changed then.
        """
        task = load_classifier(self.read(bundle_id)).task.name
        with self._writing():
            return self._change("promotion", task, bundle_id, by=by, reason=reason, now=now)

    def rollback(self, task: TaskName, *, by: str, reason: str, now: datetime) -> Change:
        """Bring back the champion that the present one replaced.

        Raises
        ------
        NoChampionError
            The task has no champion.
        RegistryError
            The present champion replaced none.
        BundleError
            The one before cannot answer here any more; nothing is changed.
        """
        with self._writing():
            champion = self.champion(task)
            before = _predecessor(self.history(), task, champion)
            load_classifier(self.read(before))
            return self._change("rollback", task, before, by=by, reason=reason, now=now)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, after finishing what a crashed one left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._drop_torn_line()
            self._finish_last_change()
            yield
        finally:
            os.close(descriptor)

    def _finish_last_change(self) -> None:
        """Bring the alias file to what the history says, if a crash left it behind.

        Raises
        ------
        RegistryError
            The history names a bundle that cannot answer: somebody edited it.
        """
        history = self.history()
        present = self.champions() if (self.folder / ALIASES).is_file() else {}
        if not history or history[-1].champions == present:
            return
        for bundle_id in set(history[-1].champions.values()) - set(present.values()):
            try:
                load_classifier(self.read(bundle_id))
            except CsfError as error:
                raise RegistryError(
                    f"{HISTORY} ends with {bundle_id}, not usable: {error}"
                ) from error
        self._write_aliases(history[-1].champions)

    def _drop_torn_line(self) -> None:
        """Make room for the next line."""
        path = self.folder / HISTORY
        if path.is_file() and len(whole := _whole_lines(path)) < path.stat().st_size:
            replace_file(path, whole)

    def _change(
        self,
        action: Literal["promotion", "rollback"],
        task: TaskName,
        bundle_id: str,
        *,
        by: str,
        reason: str,
        now: datetime,
    ) -> Change:
        champions = self.champions()
        change = Change(
            at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            action=action,
            task=task,
            bundle_id=bundle_id,
            predecessor=champions.get(task),
            by=by,
            reason=reason,
            champions={**champions, task: bundle_id},
        )
        append_line(self.folder / HISTORY, canonical_json(_as_json(change)))
        self._write_aliases(change.champions)
        return change

    def _write_aliases(self, champions: Champions) -> None:
        stored = {"format": ALIASES_FORMAT, "champion": champions}
        replace_file(self.folder / ALIASES, canonical_json(stored) + b"\n")


_UNREADABLE: Final = (ValueError, KeyError, TypeError, RecursionError)


def _checked(champions: Any) -> Champions:
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


def _whole_lines(path: Path) -> bytes:
    """A crash while appending leaves a last line without its end: it never happened."""
    content = path.read_bytes()
    return content[: content.rfind(b"\n") + 1]


def _is_own_folder(path: Path) -> bool:
    """A folder of the registry itself, not a link out of it."""
    return path.is_dir() and not path.is_symlink()


def _as_json(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in change.__slots__}


def _predecessor(history: list[Change], task: TaskName, champion: str) -> str:
    """The champion that `champion` replaced when it was promoted."""
    for change in reversed(history):
        promoted = (change.task, change.action, change.bundle_id) == (task, "promotion", champion)
        if promoted and change.predecessor not in (None, champion):
            return str(change.predecessor)
    raise RegistryError(f"the champion of {task} replaced no other: there is nothing to bring back")

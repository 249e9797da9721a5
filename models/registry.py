"""A folder of bundles with the champion of each task and the history of who changed it."""

from datetime import datetime
from pathlib import Path
from typing import Final

from data.panel import TASK_NAMES, TaskName
from models.aliases import Champions, read_aliases
from models.bundle import BOOSTER, MANIFEST, Bundle, is_bundle_id, read_bundle
from models.changing import change_champion, writing
from models.classifier import Classifier, load_classifier
from models.errors import NoChampionError, RegistryError, UnknownBundleError
from models.history import Change, predecessor, read_history
from models.probation import Probation
from models.signature import PublicKeys
from models.thresholds import read_thresholds

BUNDLES: Final = "bundles"
TRIED: Final = "tried"
"""Empty files that say which boosters passed their probation on this kind of machine."""


class Registry:
    """A registry in a folder; the folder is made by the first write.

    Parameters
    ----------
    public_keys
        Left out, bundles need no signature.
    """

    def __init__(self, folder: Path, *, public_keys: PublicKeys | None = None) -> None:
        if folder.exists() and not folder.is_dir():
            raise RegistryError(f"the registry {folder} is a file; it must be a folder")
        self.folder = folder
        self.bundles = folder / BUNDLES
        self.public_keys = public_keys
        self._probation = Probation(folder / TRIED)

    def bundle_ids(self) -> list[str]:
        """Ids of all bundles, oldest first."""
        if not self.bundles.is_dir():
            return []
        try:
            names = [path.name for path in self.bundles.iterdir() if _is_own_folder(path)]
        except OSError as error:
            raise RegistryError(f"the bundles cannot be listed: {error.strerror}") from error
        return sorted(name for name in names if is_bundle_id(name))

    def has_boosters(self) -> bool:
        """Whether some bundle needs XGBoost."""
        return next(self.bundles.glob(f"*/{BOOSTER}"), None) is not None

    def read(self, bundle_id: str) -> Bundle:
        """Read and verify one bundle.

        Raises
        ------
        UnknownBundleError
            There is none with this id.
        BundleError
            It is damaged.
        """
        return self.read_folder(self._own_folder(bundle_id))

    def load(self, bundle_id: str) -> Classifier:
        """Read and verify one bundle and make it answer.

        Raises
        ------
        UnknownBundleError
            There is none with this id.
        BundleError
            It is damaged, or cannot answer here.
        """
        return load_classifier(self.read(bundle_id), self._probation)

    def read_folder(self, folder: Path) -> Bundle:
        """Read and verify the bundle in a folder, anywhere; the same keys must have signed it."""
        return read_bundle(folder, self.public_keys)

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
        return read_aliases(self.folder)

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
        return read_history(self.folder)

    def promote(self, bundle_id: str, *, by: str, reason: str, now: datetime) -> Change:
        """Make a bundle the champion of its task.

        It must be one that can answer here and that meets the thresholds of `promotion.toml`.

        Raises
        ------
        UnknownBundleError, BundleError, ThresholdsError, RegistryError
            Nothing is changed then.
        """
        bundle = self.load(bundle_id).bundle
        thresholds = read_thresholds(self.folder)
        thresholds.check(bundle)
        with writing(self.folder, self.load):
            return change_champion(
                self.folder, "promotion", bundle,
                by=by, reason=reason, now=now, thresholds_sha256=thresholds.sha256,
            )  # fmt: skip

    def rollback(self, task: TaskName, *, by: str, reason: str, now: datetime) -> Change:
        """Bring back the champion that the present one replaced; no threshold stands in the way.

        Raises
        ------
        NoChampionError
            The task has no champion.
        RegistryError
            The present champion replaced none.
        BundleError
            The one before cannot answer here any more; nothing is changed.
        """
        with writing(self.folder, self.load):
            champion = self.champion(task)
            before = self.load(predecessor(self.history(), task, champion)).bundle
            return change_champion(self.folder, "rollback", before, by=by, reason=reason, now=now)


def _is_own_folder(path: Path) -> bool:
    """A folder of the registry itself, not a link out of it."""
    return path.is_dir() and not path.is_symlink()

"""The classifiers that answer: the champion of each task, loaded and checked together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data.errors import CsfError
from data.panel import TASK_NAMES, TaskName
from models.classifier import Classifier
from models.errors import NoChampionError, RegistryError, UnknownBundleError
from models.registry import Registry


@dataclass(frozen=True, slots=True)
class Champions:
    """One classifier per task; a request takes this object once and answers with it throughout.

    `problems` says, in sentences, why it is not all that the registry has in force: a champion
    there that cannot be used, or a registry that cannot be read. What was served before stays;
    where nothing was, requests for the task get the error in `unusable`.
    """

    by_task: Mapping[TaskName, Classifier]
    problems: tuple[str, ...] = ()
    unusable: Mapping[TaskName, CsfError] = field(default_factory=dict)

    def of(self, task: TaskName) -> Classifier:
        """The champion of a task.

        Raises
        ------
        NoChampionError
            None was promoted when this was loaded.
        BundleError, RegistryError
            It could not be loaded, and none was served before.
        """
        if task in self.by_task:
            return self.by_task[task]
        if task in self.unusable:
            raise self.unusable[task].with_traceback(None)
        raise NoChampionError(task)

    @property
    def ids(self) -> dict[TaskName, str]:
        """The bundle that answers for each task."""
        return {task: classifier.bundle_id for task, classifier in self.by_task.items()}


def load_champions(registry: Registry) -> Champions:
    """Load every champion of a registry.

    Raises
    ------
    BundleError, RegistryError
        One of them is damaged or does not fit; nothing is served then.
    """
    loaded = follow(registry, Champions({}))
    for error in loaded.unusable.values():
        raise error
    return loaded


def follow(registry: Registry, served: Champions) -> Champions:
    """What to serve now: the champions in force, and for one that cannot be used what was served.

    A task whose champion is the same keeps its classifier; the file of champions is never an
    order to stop serving a task.
    """
    try:
        in_force = registry.champions()
    except RegistryError as error:
        return Champions(served.by_task, (str(error),), dict.fromkeys(TASK_NAMES, error))
    by_task, unusable = dict(served.by_task), {}
    for task, bundle_id in in_force.items():
        if served.ids.get(task) == bundle_id:
            continue
        try:
            by_task[task] = _of_task(registry, bundle_id, task)
        except (CsfError, OSError, MemoryError) as error:
            unusable[task] = _ours(error)
    problems = [str(error) for error in unusable.values()]
    problems += [
        f"the registry has lost the champion of {task}"
        for task in served.by_task
        if task not in in_force
    ]
    return Champions(MappingProxyType(by_task), tuple(problems), unusable)


def _of_task(registry: Registry, bundle_id: str, task: TaskName) -> Classifier:
    classifier = registry.load(bundle_id)
    if classifier.task.name != task:
        raise RegistryError(f"the champion of {task} is a bundle of another task")
    return classifier


def _ours(error: CsfError | OSError | MemoryError) -> CsfError:
    if isinstance(error, UnknownBundleError):  # not for whoever asks for a prediction to mend
        return RegistryError(str(error))
    if isinstance(error, CsfError):
        return error
    if isinstance(error, OSError):
        return RegistryError(f"the registry cannot be read: {error.strerror}")
    return RegistryError("there is not enough memory to load a champion")

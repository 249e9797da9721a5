"""The classifiers that answer: the champion of each task, loaded and checked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data.errors import CsfError
from data.panel import TaskName
from models.classifier import Classifier
from models.errors import NoChampionError, RegistryError
from models.registry import Registry


@dataclass(frozen=True, slots=True)
class Champions:
    """One classifier per task; a request takes this object once and answers with it throughout.

    `problems` says, in sentences, why it is not all that the registry has in force: a champion
    there that cannot be used, or a registry that cannot be read. What was served before stays.
    """

    by_task: Mapping[TaskName, Classifier]
    problems: tuple[str, ...] = ()

    def of(self, task: TaskName) -> Classifier:
        """The champion of a task.

        Raises
        ------
        NoChampionError
            None was promoted when this was loaded.
        """
        if task not in self.by_task:
            raise NoChampionError(task)
        return self.by_task[task]

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
    loaded = {task: registry.load(bundle_id) for task, bundle_id in registry.champions().items()}
    return Champions(MappingProxyType(loaded))


def follow(registry: Registry, served: Champions) -> Champions:
    """What to serve now: the champions in force, and for one that cannot be used what was served.

    A task whose champion is the same keeps its classifier; the file of champions is never an
    order to stop serving a task.
    """
    try:
        in_force = registry.champions()
    except RegistryError as error:
        return Champions(served.by_task, (str(error),))
    by_task, problems = dict(served.by_task), []
    for task, bundle_id in in_force.items():
        if served.ids.get(task) == bundle_id:
            continue
        try:
            classifier = registry.load(bundle_id)
            if classifier.task.name != task:
                raise RegistryError(f"the champion of {task} is a bundle of another task")
            by_task[task] = classifier
        except (CsfError, OSError, MemoryError) as error:
            problems.append(_sentence(error))
    problems += [
        f"the registry has lost the champion of {task}"
        for task in served.by_task
        if task not in in_force
    ]
    return Champions(MappingProxyType(by_task), tuple(problems))


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the registry cannot be read: {error.strerror}"
    return str(error) or "there is not enough memory to load a champion"

"""The classifiers that answer: the champion of each task, loaded and checked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data.panel import TaskName
from models.classifier import Classifier, load_classifier
from models.errors import NoChampionError
from models.registry import Registry


@dataclass(frozen=True, slots=True)
class Champions:
    """One classifier per task; a request takes one of them and answers with it throughout."""

    by_task: Mapping[TaskName, Classifier]

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


def load_champions(registry: Registry) -> Champions:
    """Load every champion of a registry.

    Raises
    ------
    BundleError, RegistryError
        One of them is damaged or does not fit; nothing is served then.
    """
    loaded = {
        task: load_classifier(registry.read(bundle_id))
        for task, bundle_id in registry.champions().items()
    }
    return Champions(MappingProxyType(loaded))

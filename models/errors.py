"""What can be wrong with a bundle or a registry."""

from data.errors import CsfError


class BundleError(CsfError):
    """A bundle is damaged, unreadable or does not fit the libraries that are installed."""

    def __init__(self, bundle: str, problem: str) -> None:
        self.bundle, self.problem = bundle, problem
        super().__init__(f"bundle {bundle}: {problem}")


class RegistryError(CsfError):
    """A registry cannot do what was asked of it."""


class UnknownBundleError(RegistryError):
    """No bundle with this id is in the registry."""


class NoChampionError(RegistryError):
    """No bundle was promoted for this task."""

    def __init__(self, task: str) -> None:
        self.task = task
        super().__init__(f"no bundle is promoted for the task {task}")


class EvaluationError(CsfError):
    """A classifier cannot be validated on this cohort, or two cannot be compared on it."""

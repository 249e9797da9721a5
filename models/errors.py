"""What can be wrong with a bundle or a registry."""

from collections.abc import Iterable

from data.errors import CsfError, Fault, FaultsError


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


class SigningKeyError(CsfError):
    """A key file cannot be used for signatures of bundles."""


class ThresholdsError(FaultsError):
    """A candidate misses thresholds that were set for promotion; nothing is changed.

    Each fault's path points into `evaluation.json`, its code is the threshold's name.
    """

    def __init__(self, bundle: str, faults: Iterable[Fault]) -> None:
        self.bundle = bundle
        super().__init__(faults)

    def __str__(self) -> str:
        unmet = "; ".join(fault.message for fault in self.faults)
        return f"bundle {self.bundle} is not promoted: {unmet}"


class EvaluationError(CsfError):
    """A classifier cannot be validated on this cohort, or two cannot be compared on it."""

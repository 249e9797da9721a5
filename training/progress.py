"""Watching long work go by."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

Step = TypeVar("Step")


class Progress(Protocol):
    """Watches long work go by: gives every step on, and may draw a bar meanwhile."""

    def __call__(self, steps: Iterable[Step], description: str, total: int) -> Iterable[Step]:
        """Give on `steps`, `total` of them."""


def silent(steps: Iterable[Step], description: str, total: int) -> Iterable[Step]:
    """No bar."""
    return steps

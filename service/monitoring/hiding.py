"""Counts that are too small to be told: from 1 to 4 none is, nor what would give it away."""

from collections.abc import Mapping
from typing import Final, TypeVar

LEAST_SHOWN: Final = 5
"""Patients or predictions below whom a count is hidden; nobody at all is told."""

Name = TypeVar("Name")


def shown(n: int) -> int | None:
    """A count, or None where it is hidden.

    Examples
    --------
    >>> shown(0), shown(4), shown(5)
    (0, None, 5)
    """
    return None if is_small(n) else n


def is_small(n: int) -> bool:
    """Whether a count is one that is hidden."""
    return 0 < n < LEAST_SHOWN


def shown_part(k: int, n: int) -> int | None:
    """Those of a group that have something, hidden also where those without it would be.

    Examples
    --------
    >>> shown_part(0, 9), shown_part(6, 9), shown_part(5, 10)
    (0, None, 5)
    """
    return None if is_small(k) or is_small(n - k) or n < LEAST_SHOWN else k


def shown_parts(counts: Mapping[Name, int]) -> dict[Name, int | None]:
    """Counts whose sum is told elsewhere: what is hidden cannot be had by subtraction.

    Where all that is hidden adds up to fewer than five, or is one count alone, the smallest that
    is left goes, too.

    Examples
    --------
    >>> shown_parts({"a": 2, "b": 7, "c": 30, "d": 0})
    {'a': None, 'b': None, 'c': 30, 'd': 0}
    """
    hidden = {name for name, n in counts.items() if is_small(n)}
    while hidden and (len(hidden) < 2 or sum(counts[name] for name in hidden) < LEAST_SHOWN):
        left = [name for name, n in counts.items() if n and name not in hidden]
        if not left:
            break
        hidden.add(min(left, key=lambda name: counts[name]))
    return {name: None if name in hidden else n for name, n in counts.items()}

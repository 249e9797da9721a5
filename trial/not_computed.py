"""What takes the place of a number that could not be computed: the reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from analysis.errors import AnalysisError
from data.errors import CsfError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class NotComputed:
    """Why there is no result here, as a whole sentence."""

    not_computed: str


def computed(function: Callable[[], Result]) -> Result | NotComputed:
    """What a function gives, or the sentence of the error with which it refuses.

    Examples
    --------
    >>> from analysis.summary import summarise
    >>> computed(lambda: summarise([1.0, 3.0]).mean)
    2.0
    >>> computed(lambda: summarise([]))
    NotComputed(not_computed='At least 2 patients are needed; there are 0.')
    """
    try:
        return function()
    except (AnalysisError, CsfError) as error:
        return NotComputed(str(error))

"""What takes the place of a number that needs values to differ, where they are all the same."""

from collections.abc import Callable
from typing import TypeVar

from analysis.errors import AnalysisError, NoSpreadError
from trial.not_computed import NotComputed, computed

Result = TypeVar("Result")


def computed_with_spread(
    function: Callable[[], Result], without_spread: str
) -> Result | NotComputed:
    """As `computed`, with a reason of its own where values that are divided by do not differ.

    Examples
    --------
    >>> from analysis.mean_difference import two_sample_t
    >>> computed_with_spread(
    ...     lambda: two_sample_t([1, 1], [2, 2], variances="unequal", level=0.95),
    ...     "All changes of an arm are the same.",
    ... )
    NotComputed(not_computed='All changes of an arm are the same.')
    """

    def checked() -> Result:
        try:
            return function()
        except NoSpreadError as error:
            raise AnalysisError(without_spread) from error

    return computed(checked)

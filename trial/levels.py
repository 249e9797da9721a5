"""Levels of an analyte as they are known, and what is printed of several.

A level below its limit stays one; where a method cannot do without a number it is limit/sqrt(2)
(Hornung and Reed 1990), above its limit the limit, as in the features of a classifier.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.summary import quartiles, summarise
from data.measurement import Measurement

Bound = Literal["none", "<", ">"]


@dataclass(frozen=True, slots=True)
class Level:
    """One result.

    Attributes
    ----------
    value
        Measured, or the limit that it lies beyond [the analyte's unit].
    bound
        ``<`` below that limit, ``>`` above it, ``none`` measured.
    """

    value: float
    bound: Bound

    @property
    def substituted(self) -> float:
        """A number in its place: limit/sqrt(2) below a limit, the limit above one."""
        return self.value / math.sqrt(2) if self.bound == "<" else self.value


@dataclass(frozen=True, slots=True)
class Quartile:
    """A quartile [unit of the levels].

    Attributes
    ----------
    bound
        ``<`` where it rests on a level below its limit, so that it lies at or below `value`;
        ``>`` in the same way; else ``none``.
    """

    value: float
    bound: Bound


@dataclass(frozen=True, slots=True)
class LevelSummary:
    """Levels of several patients.

    Attributes
    ----------
    mean, sd
        With numbers in the place of levels beyond a limit (`Level.substituted`); None of fewer
        than two patients.
    quartiles
        Lower, median, upper, with levels beyond a limit at it; None without patients.
    """

    n: int
    n_below: int
    n_above: int
    mean: float | None
    sd: float | None
    quartiles: tuple[Quartile, Quartile, Quartile] | None


def level_of(measured: Measurement) -> Level | None:
    """The level that a laboratory reported; None where it reported nothing.

    Examples
    --------
    >>> level_of(Measurement("TNF", None, "<", 0.7, "pg/mL", "<0.7"))
    Level(value=0.7, bound='<')
    >>> level_of(Measurement("TNF", None, "none", None, "pg/mL", "NA")) is None
    True
    """
    if measured.comparator == "<" or measured.comparator == ">":
        return None if measured.limit is None else Level(measured.limit, measured.comparator)
    return None if measured.value is None else Level(measured.value, "none")


def summarise_levels(levels: Sequence[Level]) -> LevelSummary:
    """Count, mean, spread and quartiles.

    Examples
    --------
    >>> found = summarise_levels([Level(0.7, "<"), Level(0.7, "<"), Level(2.0, "none")])
    >>> found.n_below, found.quartiles[1]
    (2, Quartile(value=0.7, bound='<'))
    """
    several = summarise([level.substituted for level in levels]) if len(levels) > 1 else None
    return LevelSummary(
        n=len(levels),
        n_below=sum(level.bound == "<" for level in levels),
        n_above=sum(level.bound == ">" for level in levels),
        mean=several.mean if several else None,
        sd=several.sd if several else None,
        quartiles=_quartiles(levels) if levels else None,
    )


def _quartiles(levels: Sequence[Level]) -> tuple[Quartile, Quartile, Quartile]:
    at_limit = quartiles([level.value for level in levels])
    # Moved out without end, levels beyond a limit move just the quartiles that rest on them.
    low, high = (
        quartiles([far if level.bound == bound else level.value for level in levels])
        for bound, far in (("<", -1e300), (">", 1e300))
    )
    lower, median, upper = (
        Quartile(value, "<" if below != value else ">" if above != value else "none")
        for value, below, above in zip(at_limit, low, high, strict=True)
    )
    return lower, median, upper

"""What of many comparisons deserves attention: one written rule with a known false alarm rate.

Where nothing has drifted, at most 5 % of reports on one bundle give a notice of anything and at
most 0.1 % an alarm (Holm's correction over all that one report tests). Looking again is another
chance: the rate is for each look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from analysis.multiplicity import adjust

Attention = Literal["too_few", "not_tested", "none", "notice", "alarm"]

NOTICE: Final = 0.05
ALARM: Final = 0.001
"""Adjusted p below which there is a notice, and an alarm."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A test among others: its own p, the one adjusted for all of them, and what that deserves."""

    p: float | None
    p_adjusted: float | None
    attention: Attention


def judge_together(p_values: Sequence[float | None]) -> list[Judgement]:
    """Judge all tests of one report.

    Parameters
    ----------
    p_values
        None where nothing could be tested.

    Examples
    --------
    >>> [found.attention for found in judge_together([0.9, 0.0001, None])]
    ['none', 'alarm', 'not_tested']
    """
    adjusted = iter(adjust([p for p in p_values if p is not None], method="holm").tolist())
    return [
        Judgement(None, None, "not_tested") if p is None else _judgement(p, next(adjusted))
        for p in p_values
    ]


def loudest(judgements: Sequence[Judgement]) -> Attention:
    """What a report as a whole deserves."""
    found = {judgement.attention for judgement in judgements}
    order: tuple[Attention, ...] = ("alarm", "notice", "none")
    return next((attention for attention in order if attention in found), "too_few")


def _judgement(p: float, p_adjusted: float) -> Judgement:
    attention: Attention = "none"
    if p_adjusted < NOTICE:
        attention = "alarm" if p_adjusted < ALARM else "notice"
    return Judgement(p, p_adjusted, attention)

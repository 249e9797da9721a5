"""Live estimates beside training's: their difference, and what can be said of it.

Nothing is tested against a fixed number: training's estimate is uncertain, too, and the interval
of the difference has both.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

from analysis.estimate import Estimate
from analysis.mover import difference_of_estimates

Finding = Literal["too_few", "not_compared", "no_difference_shown", "worse", "better"]
LEAST_OF_EACH: Final = 100
"""Responders and non-responders that a validation needs (Collins 2016, Stat Med 35:214; Vergouwe
2005, J Clin Epidemiol 58:475)."""


def beside(
    live: Mapping[str, Any] | None, training: Mapping[str, Any] | None, *, what: str
) -> dict[str, Any]:
    """A live estimate beside training's.

    Parameters
    ----------
    live, training
        Estimates as JSON, of which more is better; None where there is none.
    what
        Its name in a sentence.

    Returns
    -------
    `live`, `training`, `difference` (live less training), `finding` and its `sentence`.
    """
    both = {"live": live, "training": training}
    if live is None or training is None:
        finding: Finding = "too_few" if live is None else "not_compared"
        sentence = _SENTENCES[finding].format(what=what)
        return {**both, "difference": None, "finding": finding, "sentence": sentence}
    difference = difference_of_estimates(Estimate(**live), Estimate(**training))
    finding = _finding(difference)
    sentence = _SENTENCES[finding].format(what=what) + _caution(live)
    found = {**difference.as_dict(), "n_cases": live["n_cases"], "n_controls": live["n_controls"]}
    return {**both, "difference": found, "finding": finding, "sentence": sentence}


def beside_ideal(
    live: Mapping[str, Any] | None, training: Mapping[str, Any] | None, ideal: float
) -> dict[str, Any]:
    """A live estimate that is best at one value, beside training's.

    Returns
    -------
    `live`, `training`, `ideal`, and `finding`: ``too_few``, or on which side of the ideal the whole
    interval lies: ``below``, ``above``; ``no_difference_shown`` where it holds the ideal.
    """
    finding = "too_few"
    if live is not None:
        below, above = live["upper"] < ideal, live["lower"] > ideal
        finding = "below" if below else "above" if above else "no_difference_shown"
    return {"live": live, "training": training, "ideal": ideal, "finding": finding}


def _finding(difference: Estimate) -> Finding:
    if difference.upper < 0:
        return "worse"
    return "better" if difference.lower > 0 else "no_difference_shown"


_SENTENCES: Final[dict[Finding, str]] = {
    "too_few": "too few outcomes to tell the {what}",
    "not_compared": "the bundle says nothing of the {what} in training",
    "worse": "the {what} is lower than in training, by more than chance explains",
    "better": "the {what} is higher than in training, by more than chance explains",
    "no_difference_shown": "no difference of the {what} from training is shown, nor excluded",
}


def _caution(live: Mapping[str, Any]) -> str:
    """What keeps few patients from being taken for many."""
    if min(live["n_cases"], live["n_controls"]) >= LEAST_OF_EACH:
        return ""
    return f"; fewer than {LEAST_OF_EACH} responders or non-responders: not a validation"

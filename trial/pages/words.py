"""Words that several pages share: of arms, responder definitions, reasons and levels."""

from collections.abc import Mapping
from typing import Final

from charts.table import NOTHING
from data.cohort import Arm
from data.outcome import ResponderDefinition
from trial.levels import LevelSummary, Quartile

ARM_NAMES: Final[Mapping[Arm, str]] = {"msc": "MSC", "control": "Control"}

NOT_EVALUABLE: Final[Mapping[str, str]] = {
    "too_few_lead_in_visits": "fewer than two visits at month 0 or before",
    "too_few_follow_up_visits": "fewer than two visits from month 0 up to the horizon",
    "lead_in_slope_not_negative": "lead-in slope of 0 or above, so there is no decline to improve",
    "outcome_not_stated": "no outcome stated",
}
"""Why a patient can be no responder and no non-responder, by the code of `data.outcome`."""


def rule(definition: ResponderDefinition) -> str:
    """A definition as it stands in a sentence.

    Examples
    --------
    >>> from data.outcome import define_responder
    >>> rule(define_responder("oh2018"))
    'oh2018 (at least 50 % to month 4)'
    >>> rule(define_responder("cudkowicz2022"))
    'cudkowicz2022 (at least 1.25 points/month to month 6.5)'
    """
    unit = "%" if definition.percent is not None else "points/month"
    return (
        f"{definition.name} (at least {definition.least:g} {unit}"
        f" to month {definition.horizon_months:g})"
    )


def median_quartiles(summary: LevelSummary) -> str:
    """Median and quartiles as text, those that rest on a level beyond a limit marked.

    Examples
    --------
    >>> from trial.levels import Level, summarise_levels
    >>> median_quartiles(summarise_levels([Level(0.7, "<"), Level(1.2, "none"), Level(3, "none")]))
    '1.20 (<0.95 to 2.10)'
    """
    if summary.quartiles is None:
        return NOTHING
    lower, median, upper = map(_quartile, summary.quartiles)
    return f"{median} ({lower} to {upper})"


def _quartile(quartile: Quartile) -> str:
    if quartile.bound != "none":
        return f"{quartile.bound}{quartile.value:g}"
    return three_digits(quartile.value)


def three_digits(value: float) -> str:
    """Three digits, without an exponent.

    Examples
    --------
    >>> three_digits(0.42735), three_digits(1.4), three_digits(101.2), three_digits(12345.6)
    ('0.427', '1.40', '101', '12346')
    """
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:#.3g}"

"""Words that several pages share: the arms' names and a responder definition in a sentence."""

from collections.abc import Mapping
from typing import Final

from data.cohort import Arm
from data.outcome import ResponderDefinition

ARM_NAMES: Final[Mapping[Arm, str]] = {"msc": "MSC", "control": "Control"}


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

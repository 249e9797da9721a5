"""Which results are plain: numbers that no rule about results changes or refuses."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from data.analytes import Analyte


class PlainRule(NamedTuple):
    """What makes a number of an analyte plain, with nothing about it to convert or to censor.

    Attributes
    ----------
    position
        The analyte's place among the classifier's.
    unit, lower, upper
        Its own unit, and its plausible range in it.
    platforms
        Those that training knows, as they are compared; None is a platform without a name.
    """

    position: int
    unit: str
    lower: float
    upper: float
    platforms: Set[str | None]


def plain_rules(
    analytes: Sequence[Analyte], platforms: Mapping[str, Sequence[str]]
) -> dict[str, PlainRule]:
    """The rules of concentrations, by each name that an analyte goes by as it is written.

    Parameters
    ----------
    platforms
        By analyte, as a manifest lists them.

    Examples
    --------
    >>> from data.analytes import study_analytes
    >>> rules = plain_rules(list(study_analytes().values()), {"MCP-1": ["milliplex"]})
    >>> rules["CCL2"].position, rules["MCP-1"].unit, sorted(rules["MCP-1"].platforms)
    (1, 'pg/mL', ['milliplex'])
    """
    rules: dict[str, PlainRule] = {}
    for position, analyte in enumerate(analytes):
        known = frozenset(name or None for name in platforms.get(analyte.name, ()))
        rule = PlainRule(position, analyte.unit, analyte.lower, analyte.upper, known)
        if analyte.scale == "concentration":
            rules |= dict.fromkeys((analyte.name, *analyte.synonyms), rule)
    return rules

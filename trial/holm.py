"""P values of several analytes, adjusted for being several."""

from collections.abc import Mapping

from analysis.multiplicity import adjust
from analysis.rank_sum import RankSum
from analysis.signed_rank import SignedRank


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """P values by name, adjusted for being several.

    Examples
    --------
    >>> holm({"TNF": 0.01, "MCP-1": 0.04})
    {'TNF': 0.02, 'MCP-1': 0.04}
    """
    adjusted = adjust(list(p_values.values()), method="holm").tolist()
    return dict(zip(p_values, adjusted, strict=True))


def exact_or_normal(ranks: SignedRank | RankSum) -> float:
    """The exact p of a rank test, or the normal one where the patients are too many for it."""
    return ranks.p_normal_corrected if ranks.p_exact is None else ranks.p_exact

"""The study's rule for testing two proportions: chi-square, or Fisher where a count is small."""

from typing import Final, Literal

from analysis.contingency import TwoByTwo, chi_square, fisher_p

LEAST_EXPECTED: Final = 5.0
"""With a smaller expected count Fisher's test takes the place of chi-square (Oh 2018; Cochran
1954)."""


def study_rule(table: TwoByTwo) -> tuple[Literal["chi_square", "fisher"], float]:
    """Test two proportions: which test it was, and its two-sided p.

    Chi-square is without continuity correction.

    Examples
    --------
    >>> test, p = study_rule(TwoByTwo(8, 32, 1, 27))
    >>> test, round(p, 3)
    ('fisher', 0.031)
    """
    usual = chi_square(table, corrected=False)
    if usual.smallest_expected < LEAST_EXPECTED:
        return "fisher", fisher_p(table)
    return "chi_square", usual.p

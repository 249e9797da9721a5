"""Responders of both arms compared: the study's rule for the test, and two intervals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from analysis.contingency import TwoByTwo, chi_square, fisher_p, risk_difference
from analysis.estimate import Estimate
from analysis.exact_risk_difference import exact_risk_difference
from data.cohort import ARMS, Arm
from trial.not_computed import NotComputed, computed
from trial.study_rule import study_rule


@dataclass(frozen=True, slots=True)
class Responders:
    """How many of the evaluable patients of one arm are responders."""

    responders: int
    evaluable: int


@dataclass(frozen=True, slots=True)
class ResponderTest:
    """Proportions of responders compared; differences are MSC less control.

    Attributes
    ----------
    test, p
        By the study's rule (`trial.study_rule`).
    exact
        Unconditional exact interval (Chan and Zhang 1999).
    newcombe
        Score interval, beside it.
    """

    test: Literal["chi_square", "fisher"]
    p: float
    smallest_expected: float
    p_chi_square: float
    p_fisher: float
    exact: Estimate | NotComputed
    newcombe: Estimate


def compare_responders(
    counts: Mapping[Arm, Responders], *, level: float
) -> ResponderTest | NotComputed:
    """Compare both arms' responders.

    Examples
    --------
    >>> published = {"msc": Responders(8, 32), "control": Responders(1, 27)}
    >>> found = compare_responders(published, level=0.95)
    >>> found.test, round(found.p, 3)
    ('fisher', 0.031)
    """
    empty = [arm for arm in ARMS if counts[arm].evaluable == 0]
    if empty:
        return NotComputed(
            f"The arms cannot be compared: no patient of arm {' or '.join(empty)} is evaluable."
        )
    msc, control = (counts[arm] for arm in ARMS)
    table = TwoByTwo(msc.responders, msc.evaluable, control.responders, control.evaluable)
    usual = chi_square(table, corrected=False)
    test, p = study_rule(table)
    return ResponderTest(
        test=test,
        p=p,
        smallest_expected=usual.smallest_expected,
        p_chi_square=usual.p,
        p_fisher=fisher_p(table),
        exact=_exact(table, level),
        newcombe=risk_difference(table, level=level),
    )


def _exact(table: TwoByTwo, level: float) -> Estimate | NotComputed:
    found = computed(lambda: exact_risk_difference(table, level=level))
    if isinstance(found, NotComputed):
        return NotComputed(f"No exact interval of a difference in responders. {found.not_computed}")
    return found

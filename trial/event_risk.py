"""How many patients of each arm had an event of some kind, and the arms' difference in risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.contingency import TwoByTwo, fisher_p, risk_difference
from analysis.estimate import Estimate
from analysis.odds_ratio import OddsRatio, odds_ratio
from analysis.proportions import wilson
from data.cohort import ARMS, AdverseEvent, Arm
from trial.not_computed import NotComputed


@dataclass(frozen=True, slots=True)
class EventOfPatient:
    """An adverse event, and whose it is."""

    arm: Arm
    patient_id: str
    event: AdverseEvent


@dataclass(frozen=True, slots=True)
class ArmRisk:
    """How many patients of an arm had an event of some kind.

    Attributes
    ----------
    n_patients
        All of the arm: who had no event counts, too.
    n_with
        Patients with at least one such event.
    n_events
        Such events; a patient may have several.
    risk
        Share of patients with at least one, with Wilson's interval; None in an empty arm.
    """

    arm: Arm
    n_patients: int
    n_with: int
    n_events: int
    risk: Estimate | None


@dataclass(frozen=True, slots=True)
class RiskComparison:
    """Risk in the treated arm against the control arm.

    Attributes
    ----------
    difference
        Treated less control, Newcombe's interval; above 0 when more of the treated had it.
    odds_ratio
        Conditional, with the exact interval; above 1 when more of the treated had it.
    fisher_p
        Two-sided, not adjusted for the number of comparisons.
    """

    difference: Estimate
    odds_ratio: OddsRatio
    fisher_p: float


@dataclass(frozen=True, slots=True)
class EventRisk:
    """One kind of event in both arms.

    Attributes
    ----------
    comparison
        None where the arms are counted and, on purpose, not compared.
    """

    name: str
    arms: tuple[ArmRisk, ...]
    comparison: RiskComparison | NotComputed | None


def event_risk(
    name: str, events: Sequence[EventOfPatient], n_patients: Mapping[Arm, int], *, level: float
) -> EventRisk:
    """Count patients with one kind of event and compare the arms.

    Parameters
    ----------
    name
        Of the kind.
    events
        All of this kind.
    n_patients
        All patients of each arm.
    level
        Of the intervals.

    Examples
    --------
    >>> fever = EventOfPatient("msc", "P1", AdverseEvent("Fever", 1, False, True))
    >>> found = event_risk("Fever", [fever, fever], {"msc": 33, "control": 31}, level=0.95)
    >>> found.arms[0].n_with, found.arms[0].n_events, round(found.comparison.fisher_p, 6)
    (1, 2, 1.0)
    """
    arms = tuple(_arm_risk(arm, events, n_patients[arm], level) for arm in ARMS)
    return EventRisk(name, arms, _comparison(*arms, level=level))


def _arm_risk(arm: Arm, events: Sequence[EventOfPatient], n: int, level: float) -> ArmRisk:
    of_arm = [one for one in events if one.arm == arm]
    n_with = len({one.patient_id for one in of_arm})
    risk = None
    if n:
        limits = wilson(n_with, n, level=level)
        risk = Estimate(n_with / n, *limits, level, "wilson", n_with, n - n_with)
    return ArmRisk(arm, n, n_with, len(of_arm), risk)


def _comparison(
    treated: ArmRisk, control: ArmRisk, *, level: float
) -> RiskComparison | NotComputed:
    for one in (treated, control):
        if one.n_patients == 0:
            return NotComputed(f"There is no patient of arm {one.arm}, so arms are not compared.")
    table = TwoByTwo(treated.n_with, treated.n_patients, control.n_with, control.n_patients)
    return RiskComparison(
        risk_difference(table, level=level), odds_ratio(table, level=level), fisher_p(table)
    )

"""Both arms' responders under one definition: counted, and their shares compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.contingency import TwoByTwo, risk_difference
from analysis.estimate import Estimate
from data.cohort import ARMS, Arm, Patient
from data.outcome import Outcome
from trial.deaths import deaths_are_known, died_by
from trial.not_computed import NotComputed
from trial.study_rule import study_rule


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """One arm's patients under one definition.

    Attributes
    ----------
    responders_who_died
        Responders by their visits who died, or had a tracheostomy, by the horizon; None where no
        survival time is known.
    """

    responders: int
    responders_who_died: int | None
    evaluable: int
    randomised: int
    not_evaluable: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Share of responders, MSC less control: Newcombe's interval; p by the study's rule."""

    difference: Estimate
    test: Literal["chi_square", "fisher"]
    p: float


def count_arms(
    patients: Sequence[Patient], outcomes: Sequence[Outcome], horizon: float
) -> Mapping[Arm, ArmCounts]:
    """Count both arms.

    Parameters
    ----------
    outcomes
        One for each patient.
    horizon
        Month up to which deaths count.
    """
    is_known = deaths_are_known(patients)
    judged = list(zip(patients, outcomes, strict=True))
    return {
        arm: _counts([(p, one) for p, one in judged if p.arm == arm], horizon, is_known=is_known)
        for arm in ARMS
    }


def _counts(
    judged: Sequence[tuple[Patient, Outcome]], horizon: float, *, is_known: bool
) -> ArmCounts:
    responders = [patient for patient, one in judged if one.responder]
    reasons = Counter(str(one.not_evaluable) for _, one in judged if one.responder is None)
    return ArmCounts(
        len(responders),
        sum(died_by(patient, horizon) for patient in responders) if is_known else None,
        sum(one.responder is not None for _, one in judged),
        len(judged),
        dict(sorted(reasons.items())),
    )


def contrast_evaluable(arms: Mapping[Arm, ArmCounts], level: float) -> Contrast | NotComputed:
    """Responders among evaluable patients, by visits alone."""
    return _contrast({arm: (one.responders, one.evaluable) for arm, one in arms.items()}, level)


def contrast_all_randomised(arms: Mapping[Arm, ArmCounts], level: float) -> Contrast | NotComputed:
    """Responders among all patients, where those known to have died by the horizon are none."""
    counts = {
        arm: (one.responders - (one.responders_who_died or 0), one.randomised)
        for arm, one in arms.items()
    }
    return _contrast(counts, level)


def _contrast(counts: Mapping[Arm, tuple[int, int]], level: float) -> Contrast | NotComputed:
    empty = [arm for arm in ARMS if counts[arm][1] == 0]
    if empty:
        return NotComputed(
            f"The arms cannot be compared: nobody of arm {' or '.join(empty)} can be judged."
        )
    table = TwoByTwo(*counts["msc"], *counts["control"])
    return Contrast(risk_difference(table, level=level), *study_rule(table))

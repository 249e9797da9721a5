"""The slopes measured in one arm, the errors behind them, and how lead-in and follow-up agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis.checks import Vector
from analysis.slope_errors import ErrorVariance, SlopeErrors, error_variance, slope_errors
from analysis.true_slopes import NormalTruth, normal_truth, true_covariance
from data.cohort import Arm, Patient
from data.errors import CsfError, DefinitionError
from data.outcome import ResponderDefinition, judge

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class MeasuredSlopes:
    """Slopes of the patients of one arm who have both, evaluable or not.

    Attributes
    ----------
    before, after
        Shape (n_patients,) [points/month].
    errors
        From each patient's own visits.
    error_variance
        Of one ALSFRS-R total [points^2].
    """

    arm: Arm
    before: Vector
    after: Vector
    errors: tuple[SlopeErrors, ...]
    error_variance: float

    def error(self, name: Literal["before", "after", "shared"]) -> Vector:
        """Variance or covariance of each patient's errors [points^2/month^2]."""
        return np.array([self.error_variance * getattr(one, name) for one in self.errors])

    def true_slopes(self) -> tuple[NormalTruth, NormalTruth]:
        """Normal true slopes before and after.

        Raises
        ------
        CsfError
            Fewer than two patients.
        """
        if self.before.size < 2:
            raise CsfError(
                f"Fewer than two patients of arm {self.arm} have both a lead-in and a follow-up"
                " slope, so nothing can be expected of them."
            )
        return (
            normal_truth(self.before, self.error("before")),
            normal_truth(self.after, self.error("after")),
        )

    def true_correlation(self) -> float | None:
        """Of the true slopes, within -1 and 1; None where errors explain all spread of either."""
        before, after = self.true_slopes()
        if before.sd == 0 or after.sd == 0:
            return None
        covariance = true_covariance(self.before, self.after, self.error("shared"))
        return min(max(covariance / (before.sd * after.sd), -1.0), 1.0)

    def correlation_if_unchanged(self) -> float | None:
        """Of measured slopes, if the true ones did not change: below 1 by the errors alone."""
        sd = self.true_slopes()[0].sd
        shared = float(self.error("shared").mean())
        spread = self._spread(sd)
        return (sd**2 + shared) / spread if spread > 0 else None

    def correlation_behind(self, measured: float) -> float:
        """The correlation of true slopes behind a measured one, if mean and SD do not change.

        Raises
        ------
        CsfError
            No correlation of true slopes leads to the measured one.
        """
        sd = self.true_slopes()[0].sd
        covariance = measured * self._spread(sd) - float(self.error("shared").mean())
        if sd == 0:
            raise CsfError(
                f"Lead-in slopes of arm {self.arm} spread no more than errors explain, so there is"
                " no spread of true slopes to correlate."
            )
        if abs(covariance) > sd**2 * (1 + _ROUNDING):
            raise CsfError(
                f"Even if no true slope of arm {self.arm} changed, errors would leave measured ones"
                f" a correlation of {self.correlation_if_unchanged():.2f}, so no correlation of"
                f" true slopes leads to {measured:g}."
            )
        return min(max(covariance / sd**2, -1.0), 1.0)

    def _spread(self, sd: float) -> float:
        """Product of the SDs of measured slopes, the true ones' SD being `sd` on both sides."""
        before, after = float(self.error("before").mean()), float(self.error("after").mean())
        return float(np.sqrt((sd**2 + before) * (sd**2 + after)))


def measure_slopes(
    arm: Arm, patients: Sequence[Patient], definition: ResponderDefinition, variance: float
) -> MeasuredSlopes:
    """Lead-in and follow-up slopes to the definition's horizon.

    Parameters
    ----------
    variance
        Of one ALSFRS-R total about its patient's line [points^2].

    Raises
    ------
    DefinitionError
        A definition that is not over slopes.
    """
    if definition.horizon_months is None:
        raise DefinitionError("regression to the mean needs a definition over slopes")
    found = []
    for patient in patients:
        months = [visit.month for visit in patient.visits]
        errors = slope_errors(months, definition.horizon_months)
        if errors is not None:
            outcome = judge(patient.visits, definition)
            found.append((outcome.lead_in_slope, outcome.follow_up_slope, errors))
    return MeasuredSlopes(
        arm,
        np.array([before for before, _, _ in found], dtype=np.float64),
        np.array([after for _, after, _ in found], dtype=np.float64),
        tuple(errors for _, _, errors in found),
        variance,
    )


def lead_in_error(patients: Sequence[Patient]) -> ErrorVariance:
    """Variance of one ALSFRS-R total about its patient's own lead-in line.

    Raises
    ------
    CsfError
        Nobody has three visits at month 0 or before.
    """
    lead_ins = [[visit for visit in one.visits if visit.month <= 0] for one in patients]
    if not any(len(visits) > 2 for visits in lead_ins):
        raise CsfError(
            "Nobody has three visits at month 0 or before, so the error of an ALSFRS-R total is not"
            " known."
        )
    return error_variance(
        [[visit.month for visit in visits] for visits in lead_ins],
        [[visit.total for visit in visits] for visits in lead_ins],
    )

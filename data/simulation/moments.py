"""What Oh 2018 prints of ALSFRS-R, and what the simulator makes of it."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.cohort import Arm
from data.outcome import slopes
from data.simulation.alsfrs import MONTHS, improvement_percent


class Moment(NamedTuple):
    """One published number of one arm.

    Attributes
    ----------
    measure
        A key of `alsfrs_moments`.
    published
        Oh 2018, Table 3.
    achieved
        The simulator's value in the population, printed by `scripts/calibrate_simulator.py`.
    """

    measure: str
    arm: Arm
    published: float
    achieved: float


MOMENTS: Final = (
    Moment("change_4_mean", "msc", -1.69, -1.692),
    Moment("change_4_mean", "control", -4.67, -4.67),
    Moment("change_6_mean", "msc", -3.10, -3.102),
    Moment("change_6_mean", "control", -6.48, -6.479),
    Moment("change_4_sd", "msc", 2.51, 2.548),
    Moment("change_4_sd", "control", 3.25, 3.308),
    Moment("change_6_sd", "msc", 3.51, 3.653),
    Moment("change_6_sd", "control", 4.53, 4.499),
    Moment("slope_change_4_mean", "msc", 1.13, 1.13),
    Moment("slope_change_4_mean", "control", 0.03, 0.043),
    Moment("slope_change_6_mean", "msc", 1.08, 1.039),
    Moment("slope_change_6_mean", "control", 0.16, 0.125),
    Moment("slope_change_4_sd", "msc", 1.33, 1.393),
    Moment("slope_change_4_sd", "control", 1.33, 1.368),
    Moment("slope_change_6_sd", "msc", 1.34, 1.372),
    Moment("slope_change_6_sd", "control", 1.46, 1.32),
    Moment("responders_50_4", "msc", 22 / 32, 0.697),
    Moment("responders_50_4", "control", 5 / 27, 0.214),
    Moment("responders_75_4", "msc", 18 / 32, 0.536),
    Moment("responders_75_4", "control", 2 / 27, 0.089),
    Moment("responders_100_4", "msc", 13 / 32, 0.333),
    Moment("responders_100_4", "control", 1 / 27, 0.03),
    Moment("responders_50_6", "msc", 20 / 32, 0.654),
    Moment("responders_50_6", "control", 6 / 27, 0.215),
    Moment("responders_75_6", "msc", 17 / 32, 0.481),
    Moment("responders_75_6", "control", 3 / 27, 0.096),
    Moment("responders_100_6", "msc", 8 / 32, 0.18),
    Moment("responders_100_6", "control", 1 / 27, 0.038),
)
"""Every moment the trajectories were fitted to. Mean changes are met; not met together are the
rest: SDs come within .15, mean slope changes within .05, responder rates at 50 % within .03, at
75 % within .06, at 100 % within .08 (too few MSC patients stop declining altogether)."""


def alsfrs_moments(alsfrs_r: NDArray[np.float64]) -> dict[str, float]:
    """Table 3 of one arm: changes [points], slope changes [points/month], responder rates.

    Changes are of patients seen at that month; slopes of those with a visit after month 0;
    rates of those evaluable. `not_evaluable` is the share of followed patients without a
    label; `slope_correlation` that of lead-in and 6-month slopes; `lead_in_slope_mean` their
    mean [points/month].

    Parameters
    ----------
    alsfrs_r
        Shape (n_patients, n_visits), visits at `MONTHS`.
    """
    months = np.array(MONTHS)
    before = slopes(months[months <= 0], alsfrs_r[:, months <= 0])
    found = {"lead_in_slope_mean": float(before.mean())}
    for horizon in (4, 6):
        kept = (months >= 0) & (months <= horizon)
        after = slopes(months[kept], alsfrs_r[:, kept])
        change = alsfrs_r[:, MONTHS.index(horizon)] - alsfrs_r[:, MONTHS.index(0)]
        percent = improvement_percent(alsfrs_r, horizon_months=horizon)
        followed, evaluable = ~np.isnan(after), ~np.isnan(percent)
        found |= {
            f"change_{horizon}_mean": float(np.nanmean(change)),
            f"change_{horizon}_sd": float(np.nanstd(change)),
            f"slope_change_{horizon}_mean": float(np.nanmean(after - before)),
            f"slope_change_{horizon}_sd": float(np.nanstd(after - before)),
        }
        for least in (50, 75, 100):
            reached = percent[evaluable] >= least * (1 - 1e-9)
            found[f"responders_{least}_{horizon}"] = float(reached.mean())
        found["not_evaluable"] = 1 - float(evaluable.sum() / followed.sum())
        found["slope_correlation"] = float(np.corrcoef(before[followed], after[followed])[0, 1])
    return found

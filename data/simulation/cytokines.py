"""CSF cytokine levels of simulated patients, and how far each scenario ties them to response.

Levels are drawn *after* the trajectories, given who responded: a device of the simulator,
not a claim that response drives cytokines.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Scenario = Literal["published", "informative", "null"]
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)

ANALYTES: Final = ("TNF", "MCP-1", "TGF-b1")
"""Order of the last axis of every array of levels; names as in `analytes.csv`."""
PANEL_MONTHS: Final = (0.0, 0.85)
"""CSF is drawn at both injections, 26 days apart (assumed: the paper does not print it)."""
LLOQ: Final = (0.7, 0.0, 19.0)
"""Below these a laboratory reports ``<limit`` [pg/mL]: Milliplex TNF; assumed TGF-b1; none for
MCP-1, which is never near its limit."""

MEDIAN: Final = (1.3, 500.0, 60.0)
"""At baseline [pg/mL]. TNF: Femiano 2024; MCP-1: between Gille 2019 and Klappe 2024; TGF-b1:
assumed, no figure for CSF is public."""
LOG_SD: Final = (1.0, 0.27, 0.5)
"""Of what the assay reads, so measurement error is part of it. TNF: Femiano 2024; MCP-1:
Klappe 2024; TGF-b1: assumed."""
WITHIN_PERSON: Final = (0.7, 0.75, 0.6)
"""Correlation of log levels read at the two months (assumed for MCP-1 and TGF-b1)."""
MEASUREMENT_CV: Final = (0.15, 0.10, 0.12)
"""Coefficient of variation of one reading (assumed, within the usual 10-15 %)."""
TREATMENT_LOG_CHANGE: Final = (-0.40, -0.10, 0.25)
"""Mean log change under treatment: TNF and MCP-1 fall, TGF-b1 rises (directions Oh 2018,
Figure 3A; sizes assumed, none is public)."""

_GOOD_DIRECTION: Final = (-1.0, -1.0, 1.0)
_SHARE_GOOD: Final = 22 / 32  # Oh 2018, Table 3; keeps overall means where they are

POPULATION_AUC: Final = {"pretreatment": 0.65, "on_treatment": 0.75}
"""`informative`: AUC of the best model in the population of MSC patients, label `oh2018` at
50 % and 4 months; a logistic model is the best. In `null` it is .5. In `published` it is .5 at
baseline and for every model without interactions; on treatment, boosted trees reach .66 from
the correlation that only good responders have (`scripts/calibrate_simulator.py`)."""


@dataclass(frozen=True, slots=True)
class Link:
    """How cytokines depend on response in MSC patients; all 0 means not at all.

    Attributes
    ----------
    good_correlation, other_correlation
        Correlation of the log changes of TGF-b1 and MCP-1, as read, in good responders and
        in all others.
    baseline_shift
        Good minus poor responders' mean log level at baseline, in `LOG_SD`: TNF and MCP-1
        lower by this, TGF-b1 higher.
    follow_up_shift
        The same at follow-up, beyond what the baseline shift leads one to expect.
    """

    good_correlation: float = 0.0
    other_correlation: float = 0.0
    baseline_shift: float = 0.0
    follow_up_shift: float = 0.0


LINKS: Final[dict[Scenario, Link]] = {
    "published": Link(good_correlation=-0.5),
    "informative": Link(
        good_correlation=-0.5,
        other_correlation=-0.5,
        baseline_shift=0.319,
        follow_up_shift=0.386,
    ),
    "null": Link(),
}
"""Effects of each scenario. -.5 in good responders: Oh 2018, Figure 3B (the printed R2 is not
public). `informative` has it in poor responders too: were it 0 there, trees would reach .80
where a logistic model reaches .76, so the contrast and a linear best model cannot both be had.
The shifts are assumed and found by `scripts/calibrate_simulator.py --fit`."""


@dataclass(frozen=True, slots=True)
class Levels:
    """CSF levels, shape (n_patients, 2 months, 3 analytes) [pg/mL], no limit applied.

    Attributes
    ----------
    true
        What is in the CSF.
    read
        What the assay reads: `true` with measurement error.
    """

    true: NDArray[np.float64]
    read: NDArray[np.float64]


def simulate_levels(
    link: Link,
    *,
    good: NDArray[np.bool_],
    poor: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Levels:
    """Levels at `PANEL_MONTHS`, the second under treatment.

    Parameters
    ----------
    link
        How levels depend on response, see `LINKS`.
    good, poor
        Shape (n_patients,): good and poor responders. Patients who are neither (controls, not
        evaluable) lie between the two: they get no shift, and `other_correlation`.

    Examples
    --------
    >>> nobody = np.zeros(2, bool)
    >>> simulate_levels(
    ...     LINKS["null"], good=nobody, poor=nobody, rng=np.random.default_rng(1)
    ... ).read.shape
    (2, 2, 3)
    """
    sd, rho = np.array(LOG_SD), np.array(WITHIN_PERSON)
    error_sd = np.sqrt(np.log1p(np.square(MEASUREMENT_CV)))
    true_sd = np.sqrt(sd**2 - error_sd**2)
    true_rho = rho * sd**2 / true_sd**2
    innovation_sd = true_sd * np.sqrt(1 - true_rho**2)
    shift = (np.where(good, 1 - _SHARE_GOOD, 0.0) - np.where(poor, _SHARE_GOOD, 0.0))[:, None]
    shift = shift * (sd * _GOOD_DIRECTION)

    before = true_sd * rng.standard_normal((len(good), 3))
    change = innovation_sd * _innovations(link, good, innovation_sd, rng)
    log_true = np.empty((len(good), 2, 3))
    log_true[:, 0] = np.log(MEDIAN) + before + link.baseline_shift * shift
    log_true[:, 1] = np.log(MEDIAN) + TREATMENT_LOG_CHANGE + true_rho * before + change
    log_true[:, 1] += (rho * link.baseline_shift + link.follow_up_shift) * shift
    error = error_sd * rng.standard_normal(log_true.shape)
    return Levels(true=np.exp(log_true), read=np.exp(log_true + error))


def _innovations(
    link: Link,
    good: NDArray[np.bool_],
    innovation_sd: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """What is new at follow-up, standard normal, shape (n_patients, 3).

    The link is a correlation of changes *as read*; the innovations of MCP-1 and TGF-b1 must
    correlate more, because error and the way back to the mean dilute them. Only the joint
    distribution of the two depends on the group, never that of one.
    """
    change_sd = np.array(LOG_SD) * np.sqrt(2 - 2 * np.array(WITHIN_PERSON))
    undilute = (change_sd[1] * change_sd[2]) / (innovation_sd[1] * innovation_sd[2])
    wanted = np.where(good, link.good_correlation, link.other_correlation) * undilute
    z = rng.standard_normal((len(good), 3))
    z[:, 2] = wanted * z[:, 1] + np.sqrt(1 - wanted**2) * z[:, 2]
    return z

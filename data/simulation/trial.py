"""A whole simulated trial as arrays, for any number of patients."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import CsfError
from data.simulation.alsfrs import (
    MONTHS,
    improvement_percent,
    is_good_responder,
    simulate_alsfrs,
)
from data.simulation.background import Background, simulate_background
from data.simulation.cytokines import (
    LINKS,
    LLOQ,
    PANEL_MONTHS,
    SCENARIOS,
    Link,
    Scenario,
    simulate_levels,
)

_MSC_SHARE = 33 / 64  # Oh 2018: 33 patients with MSC, 31 controls


@dataclass(frozen=True, slots=True)
class SimulatedTrial:
    """One simulated trial; arrays with one row per patient. No patient is in it.

    Attributes
    ----------
    scenario
        Which of `SCENARIOS`.
    is_msc
        Shape (n_patients,).
    months
        Shape (n_visits,) visits [months]; 0 = first injection.
    alsfrs_r
        Shape (n_patients, n_visits) totals, integers 0-48; NaN after a patient has left.
    improvement
        Shape (n_patients,) slope improvement to 4 months [%] (`oh2018`); NaN where it is not
        evaluable: lead-in slope not below 0, or no visit after month 0.
    responder
        Shape (n_patients,): improvement of at least 50 %; False where not evaluable.
    panel_months
        Shape (2,) [months].
    levels, true_levels
        Shape (n_patients, 2, 3) [pg/mL], order `ANALYTES`: what the assay reads with no
        limit applied, and the same without measurement error. NaN where there is no panel:
        the follow-up of controls, who had no injection, and of patients who had left.
    lloq
        Shape (3,) lower limits of quantification [pg/mL]; 0 for none.
    background
        Site, age, sex, onset, survival, adverse events.
    """

    scenario: Scenario
    is_msc: NDArray[np.bool_]
    months: NDArray[np.float64]
    alsfrs_r: NDArray[np.float64]
    improvement: NDArray[np.float64]
    responder: NDArray[np.bool_]
    panel_months: NDArray[np.float64]
    levels: NDArray[np.float64]
    true_levels: NDArray[np.float64]
    lloq: NDArray[np.float64]
    background: Background

    @property
    def evaluable(self) -> NDArray[np.bool_]:
        """Shape (n_patients,): whether `responder` is a judgement."""
        return ~np.isnan(self.improvement)

    def __len__(self) -> int:
        return len(self.is_msc)


def simulate_trial(
    scenario: Scenario, n: int, rng: np.random.Generator, *, link: Link | None = None
) -> SimulatedTrial:
    """A trial of `n` patients, 33:31 to MSC and control, in random order.

    The same generator state gives the same trajectories in every scenario. Controls have a
    baseline panel (assumed: the study's controls had no injection, so perhaps no CSF); their
    cytokines carry no information on their course in any scenario.

    Parameters
    ----------
    scenario
        ``published``, ``informative`` or ``null``.
    n
        Patients, at least 2.
    rng
        Source of all randomness.
    link
        How cytokines depend on response, in place of the scenario's own.

    Raises
    ------
    CsfError
        Unknown scenario, or fewer than 2 patients.

    Source
    ------
    Moments: Oh 2018, Table 3 (see `data/simulation/moments.py`); levels: `simulate_cytokines`.

    Examples
    --------
    >>> trial = simulate_trial("published", 64, np.random.default_rng(1))
    >>> int(trial.is_msc.sum()), trial.alsfrs_r.shape, trial.levels.shape
    (33, (64, 10), (64, 2, 3))
    """
    if scenario not in SCENARIOS:
        raise CsfError(f"a scenario is one of {', '.join(SCENARIOS)}")
    if n < 2:
        raise CsfError("a simulated trial has at least 2 patients, one for each arm")
    is_msc = rng.permutation(n) < round(n * _MSC_SHARE)
    alsfrs_r = simulate_alsfrs(is_msc, rng)
    improvement = improvement_percent(alsfrs_r)
    responder = is_good_responder(improvement)
    levels = simulate_levels(
        LINKS[scenario] if link is None else link,
        good=responder & is_msc,
        poor=~responder & is_msc & ~np.isnan(improvement),
        rng=rng,
    )
    followed = is_msc & ~np.isnan(alsfrs_r[:, MONTHS.index(1.0)])
    levels.read[~followed, 1] = levels.true[~followed, 1] = np.nan
    return SimulatedTrial(
        scenario=scenario,
        is_msc=is_msc,
        months=np.array(MONTHS),
        alsfrs_r=alsfrs_r,
        improvement=improvement,
        responder=responder,
        panel_months=np.array(PANEL_MONTHS),
        levels=levels.read,
        true_levels=levels.true,
        lloq=np.array(LLOQ),
        background=simulate_background(is_msc, rng),
    )

"""Simulated cohorts: a trial's arrays written down as laboratories and sites report them.

`simulate_trial` gives the arrays, `simulate_cohort` the same as a `Cohort`. No individual CSF
cytokine data of people with ALS is public; whatever is made here says that it is simulated.
"""

from typing import Final

import numpy as np

from data.cohort import AdverseEvent, Cohort, Patient, Provenance, Survival
from data.errors import CsfError
from data.measurement import Measurement
from data.outcome import Visit
from data.panel import Panel
from data.simulation.background import ADVERSE_EVENT_TERMS, SITES
from data.simulation.cytokines import ANALYTES, POPULATION_AUC, SCENARIOS, Scenario
from data.simulation.trial import SimulatedTrial, simulate_trial

__all__ = [
    "POPULATION_AUC",
    "SCENARIOS",
    "Scenario",
    "SimulatedTrial",
    "cohort_of_trial",
    "simulate_cohort",
    "simulate_trial",
]

PLATFORM: Final = "milliplex"
"""All simulated specimens are measured on one platform."""
_DECIMALS: Final = (2, 1, 1)
_UNIT: Final = "pg/mL"
_PATIENTS_PER_PLATE: Final = 16


def simulate_cohort(scenario: Scenario, n: int, seed: int) -> Cohort:
    """A simulated cohort; the same scenario, n and seed give the same one.

    Raises
    ------
    CsfError
        Unknown scenario, fewer than 2 patients, or a negative seed.

    Examples
    --------
    >>> cohort = simulate_cohort("informative", 64, 1)
    >>> len(cohort.of_arm("msc")), len(cohort.of_arm("control"))
    (33, 31)
    >>> cohort.provenance.description
    'Simulated cohort, scenario informative, n = 64, seed = 1. No patient is in it.'
    """
    if seed < 0:
        raise CsfError("a seed is 0 or above")
    trial = simulate_trial(scenario, n, np.random.default_rng(seed))
    return cohort_of_trial(
        trial,
        f"Simulated cohort, scenario {scenario}, n = {n}, seed = {seed}. No patient is in it.",
    )


def cohort_of_trial(trial: SimulatedTrial, description: str) -> Cohort:
    """The cohort that a trial's sites and laboratory would report; always marked simulated.

    Levels below a limit become ``<limit``; both panels of a patient are on one plate.
    """
    width = max(3, len(str(len(trial))))
    patients = tuple(
        Patient(
            patient_id=f"SIM-{index + 1:0{width}}",
            arm="msc" if trial.is_msc[index] else "control",
            panels=_panels(trial, index),
            visits=_visits(trial, index),
            site=SITES[trial.background.site[index]],
            covariates=_covariates(trial, index),
            survival=Survival(
                float(trial.background.survival_months[index]),
                bool(trial.background.survival_event[index]),
            ),
            adverse_events=_adverse_events(trial, index),
        )
        for index in range(len(trial))
    )
    return Cohort(patients, Provenance(simulated=True, description=description))


def _panels(trial: SimulatedTrial, index: int) -> tuple[Panel, ...]:
    plate = f"plate-{1 + index // _PATIENTS_PER_PLATE}"
    limits = trial.lloq.tolist()
    return tuple(
        Panel(
            month,
            tuple(
                _measurement(*reported, plate)
                for reported in zip(ANALYTES, levels, limits, _DECIMALS, strict=True)
            ),
        )
        for month, levels in zip(
            trial.panel_months.tolist(), trial.levels[index].tolist(), strict=True
        )
        if not np.isnan(levels[0])
    )


def _measurement(analyte: str, level: float, lloq: float, decimals: int, plate: str) -> Measurement:
    if level < lloq:
        return Measurement(
            analyte, None, "<", lloq, _UNIT, f"<{lloq:g}", platform=PLATFORM, plate=plate
        )
    raw = f"{level:.{decimals}f}"
    return Measurement(
        analyte, float(raw), "none", None, _UNIT, raw, platform=PLATFORM, plate=plate
    )


def _visits(trial: SimulatedTrial, index: int) -> tuple[Visit, ...]:
    return tuple(
        Visit(month, total)
        for month, total in zip(trial.months.tolist(), trial.alsfrs_r[index].tolist(), strict=True)
        if not np.isnan(total)
    )


def _covariates(trial: SimulatedTrial, index: int) -> dict[str, str]:
    background = trial.background
    return {
        "age": str(background.age[index]),
        "sex": "female" if background.is_female[index] else "male",
        "onset_region": "bulbar" if background.is_bulbar_onset[index] else "limb",
    }


def _adverse_events(trial: SimulatedTrial, index: int) -> tuple[AdverseEvent, ...]:
    related = bool(trial.is_msc[index])
    grades = trial.background.adverse_event_grade[index].tolist()
    return tuple(
        AdverseEvent(kind.term, grade, kind.serious, related and kind.by_injection)
        for kind, grade in zip(ADVERSE_EVENT_TERMS, grades, strict=True)
        if grade > 0
    )

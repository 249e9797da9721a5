"""Cytokines before treatment, by arm, with values below a limit counted as what they are."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.analytes import AnalyteTable
from data.cohort import ARMS, Arm, Patient
from data.measurement import Measurement
from trial.baseline import mean_difference
from trial.levels import Level, LevelSummary, level_of, summarise_levels
from trial.not_computed import NotComputed


@dataclass(frozen=True, slots=True)
class CytokineSummary:
    """One analyte in one arm; `missing` are its patients without a result."""

    missing: int
    levels: LevelSummary


@dataclass(frozen=True, slots=True)
class CytokineVariable:
    """An analyte at baseline.

    Attributes
    ----------
    platform
        Its assay, where more than one was used; they are never pooled.
    standardised_difference
        MSC less control, of logarithms with values below a limit at limit/sqrt(2), or of the
        numbers themselves for analytes that hold no concentrations.
    """

    analyte: str
    unit: str
    platform: str | None
    arms: Mapping[Arm, CytokineSummary]
    standardised_difference: float | NotComputed


def baseline_cytokines(
    patients: Sequence[Patient], analytes: AnalyteTable
) -> tuple[CytokineVariable, ...]:
    """Each analyte measured at month 0 or before: of each patient the last result there is."""
    found = {p.patient_id: _last_results(p) for p in patients}
    kinds = dict.fromkeys((m.analyte, m.platform) for results in found.values() for m in results)
    names = [analyte for analyte, _ in kinds]
    return tuple(
        _variable(
            patients,
            {
                i: one
                for i, results in found.items()
                for one in results
                if (one.analyte, one.platform) == kind
            },
            platform=kind[1] if names.count(kind[0]) > 1 else None,
            is_log=(known := analytes.find(kind[0])) is None or known.scale != "as_is",
        )
        for kind in kinds
    )


def _last_results(patient: Patient) -> list[Measurement]:
    """The last result of each analyte at month 0 or before."""
    last: dict[str, Measurement] = {}
    for panel in sorted(patient.panels, key=lambda panel: panel.month):
        if panel.month <= 0:
            reported = (m for m in panel.measurements if "not_reported" not in m.flags)
            last |= {measurement.analyte: measurement for measurement in reported}
    return list(last.values())


def _variable(
    patients: Sequence[Patient],
    results: Mapping[str, Measurement],
    *,
    platform: str | None,
    is_log: bool,
) -> CytokineVariable:
    one = next(iter(results.values()))
    known = {i: level for i, measured in results.items() if (level := level_of(measured))}
    of_arm = {arm: [known.get(p.patient_id) for p in patients if p.arm == arm] for arm in ARMS}
    present = {arm: [level for level in of_arm[arm] if level is not None] for arm in ARMS}
    scaled = {arm: [_scaled(level, is_log=is_log) for level in present[arm]] for arm in ARMS}
    return CytokineVariable(
        one.analyte,
        one.unit,
        platform,
        {arm: _summary(present[arm], of_arm[arm].count(None)) for arm in ARMS},
        mean_difference(scaled["msc"], scaled["control"]),
    )


def _summary(results: Sequence[Level], missing: int) -> CytokineSummary:
    return CytokineSummary(missing, summarise_levels(results))


def _scaled(level: Level, *, is_log: bool) -> float:
    return math.log(level.substituted) if is_log else level.value

"""Whether baseline and follow-up look swapped: a change against the study's direction.

In all treated patients, or at one site or on one plate where the others change as in the study.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte, study_analytes
from data.cohort import Cohort, Patient
from data.errors import CohortFault
from data.panel import Panel

LEAST_PATIENTS: Final = 5
ALL_P: Final = 0.025
"""One-sided, against no change: so often a cohort that does not change at all is suspected."""
GROUP_P: Final = 0.05
AGAINST_OTHERS_P: Final = 0.001
"""A group is suspected where both hold; strict, for there may be many groups (our choice)."""

Changes = NDArray[np.float64]


def swapped_panels(cohort: Cohort) -> Iterator[CohortFault]:
    """At most one suspicion: everybody's panels, or those of a site or a plate."""
    changes = _mean_changes(cohort.of_arm("msc"))
    message = "the change runs against the study's: are baseline and follow-up swapped?"
    everybody = np.array(list(changes.values()))
    if p_below_zero(everybody) <= ALL_P:
        yield _suspected(message)
        return
    for name, group in _groups(cohort.of_arm("msc")):
        members = [patient_id for patient_id in changes if group.get(patient_id) is not None]
        for value in sorted({group[patient_id] for patient_id in members}):
            inside = np.array([changes[i] for i in members if group[i] == value])
            outside = np.array([changes[i] for i in members if group[i] != value])
            if p_below_zero(inside) <= GROUP_P and p_below(inside, outside) <= AGAINST_OTHERS_P:
                yield _suspected(f"at one {name} {message}")
                return


def _suspected(message: str) -> CohortFault:
    return CohortFault("cytokines", None, "month", "suspected_swapped", message)


def _groups(patients: Sequence[Patient]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Site and plate of each patient who has one."""
    yield "site", {p.patient_id: p.site for p in patients if p.site}
    plates = {}
    for patient in patients:
        used = {measured.plate or "" for panel in patient.panels for measured in panel.measurements}
        if len(used) == 1 and "" not in used:
            plates[patient.patient_id] = used.pop()
    yield "plate", plates


def p_below_zero(changes: Changes) -> float:
    """One-sided p value of a mean below 0 (Student); 1 where too few can tell.

    Examples
    --------
    >>> round(p_below_zero(np.array([-1.0, -2, -1, -2, -1.5])), 4)
    0.0013
    """
    if len(changes) < LEAST_PATIENTS:
        return 1.0
    variance = float(changes.var(ddof=1)) / len(changes)
    return _p(float(changes.mean()), variance, len(changes) - 1)


def p_below(inside: Changes, outside: Changes) -> float:
    """One-sided p value of a mean below that of others (Welch)."""
    if min(len(inside), len(outside)) < LEAST_PATIENTS:
        return 1.0
    parts = [float(found.var(ddof=1)) / len(found) for found in (inside, outside)]
    variance = sum(parts)
    shares = [
        part**2 / (len(found) - 1) for part, found in zip(parts, (inside, outside), strict=True)
    ]
    freedom = variance**2 / sum(shares) if sum(shares) > 0 else math.inf
    return _p(float(inside.mean() - outside.mean()), variance, freedom)


def _p(difference: float, variance: float, freedom: float) -> float:
    # Here, for SciPy takes longer to import than the rest of the command's help.
    from scipy.special import stdtr

    if variance > 0:
        return float(stdtr(min(freedom, 1e9), difference / math.sqrt(variance)))
    return 0.0 if difference < 0 else 1.0


def _mean_changes(patients: Sequence[Patient]) -> dict[str, float]:
    """Each patient's mean log-ratio over analytes in units of its spread, the study's way up."""
    ratios = {p.patient_id: found for p in patients if (found := _log_ratios(p))}
    names = sorted({name for found in ratios.values() for name in found})
    table = np.array([[found.get(name, np.nan) for name in names] for found in ratios.values()])
    if not names:
        return {}
    known = ~np.isnan(table)
    spread = np.sqrt(np.nansum(table**2, axis=0) / known.sum(axis=0))
    scaled = np.where(known, table, 0.0) / np.where(spread > 0, spread, 1.0)
    return dict(zip(ratios, map(float, scaled.sum(axis=1) / known.sum(axis=1)), strict=True))


def _log_ratios(patient: Patient) -> dict[str, float]:
    """Log-ratio of the first panel after treatment to the last before, positive as in the study."""
    before = [panel for panel in patient.panels if panel.month <= 0]
    after = [panel for panel in patient.panels if panel.month > 0]
    if not before or not after:
        return {}
    ratios = {}
    for analyte in study_analytes().values():
        first, then = _level(before[-1], analyte), _level(after[0], analyte)
        if first is not None and then is not None:
            sign = 1 if analyte.direction == "higher_is_case" else -1
            ratios[analyte.name] = sign * math.log(then / first)
    return ratios


def _level(panel: Panel, analyte: Analyte) -> float | None:
    measured = panel.find(analyte.name)
    if measured is None or measured.unit != analyte.unit:
        return None
    return measured.value if measured.limit is None else measured.limit / math.sqrt(2)
